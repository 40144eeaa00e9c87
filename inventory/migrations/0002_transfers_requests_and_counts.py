import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from boutique.laying_out import at_once


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_accountevent_account_log_is_not_emptied"),
        ("inventory", "0001_initial"),
        ("skus", "0002_own_numbers"),
    ]

    operations = [
        migrations.CreateModel(
            name="StockCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("blind", models.BooleanField(default=False)),
                ("note", models.CharField(blank=True, max_length=1000)),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "Open"), ("posted", "Posted"), ("cancelled", "Cancelled")],
                        default="open",
                        max_length=20,
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="skus.category"
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "location",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stock_counts",
                        to="accounts.location",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="skus.product"
                    ),
                ),
                (
                    "updated_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "permissions": [
                    ("count_stock", "Can count stock"),
                    ("post_stockcount", "Can see what a count found to differ, and post or cancel it"),
                ],
            },
        ),
        migrations.CreateModel(
            name="CountedSku",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "count",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="inventory.stockcount",
                    ),
                ),
                (
                    "sku",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="skus.sku"),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("count", "sku"), name="counted_sku_once")],
            },
        ),
        migrations.AddField(
            model_name="stockcount",
            name="skus",
            field=models.ManyToManyField(related_name="+", through="inventory.CountedSku", to="skus.sku"),
        ),
        migrations.CreateModel(
            name="CountLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("counted", models.DecimalField(decimal_places=3, max_digits=12)),
                ("expected", models.DecimalField(decimal_places=3, max_digits=12)),
                (
                    "variance",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.expressions.CombinedExpression(
                            models.F("counted"), "-", models.F("expected")
                        ),
                        output_field=models.DecimalField(decimal_places=3, max_digits=12),
                    ),
                ),
                ("counted_at", models.DateTimeField()),
                (
                    "counted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "open_in",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.location",
                    ),
                ),
                (
                    "sku",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="count_lines",
                        to="skus.sku",
                    ),
                ),
                (
                    "count",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="inventory.stockcount",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("count", "sku"), name="count_line_sku_once"),
                    models.UniqueConstraint(
                        fields=("sku", "open_in"),
                        name="count_line_on_one_open_count",
                        violation_error_message="Another open count of this place has counted one of these already.",
                    ),
                    models.CheckConstraint(condition=models.Q(("counted__gte", 0)), name="count_line_not_negative"),
                ],
            },
        ),
        migrations.CreateModel(
            name="StockRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("note", models.CharField(blank=True, max_length=1000)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("requested", "Requested"),
                            ("approved", "Approved: the goods left"),
                            ("rejected", "Rejected"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="requested",
                        max_length=20,
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "location",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stock_requests",
                        to="accounts.location",
                    ),
                ),
                (
                    "updated_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "permissions": [
                    ("decide_stockrequest", "Can approve and reject stock requests"),
                    ("cancel_stockrequest", "Can take back what they asked for"),
                ],
                "indexes": [
                    models.Index(fields=["location", "id"], name="stock_request_by_place"),
                    models.Index(fields=["status", "id"], name="stock_request_by_status"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["approved", "cancelled", "rejected", "requested"])),
                        name="stock_request_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decided_at", None), ("decided_by", None), ("status__in", ["requested", "cancelled"])
                            ),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                ("status__in", ["approved", "rejected"]),
                            ),
                            _connector="OR",
                        ),
                        name="stock_request_decided_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by", None),
                            models.Q(("decided_by", models.F("created_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="stock_request_decided_by_another",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StockRequestLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("quantity", models.DecimalField(decimal_places=3, max_digits=12)),
                (
                    "request",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="inventory.stockrequest",
                    ),
                ),
                (
                    "sku",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="request_lines", to="skus.sku"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("request", "sku"), name="stock_request_line_sku_once"),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)), name="stock_request_line_of_something"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Transfer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("note", models.CharField(blank=True, max_length=1000)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("requested", "Requested"),
                            ("approved", "Approved"),
                            ("shipped", "On the road"),
                            ("partly_received", "Partly received"),
                            ("received", "Received"),
                            ("closed", "Closed short"),
                            ("rejected", "Rejected"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="requested",
                        max_length=20,
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True)),
                ("approved_when_made", models.BooleanField(default=False, editable=False)),
                (
                    "created_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "destination",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers_in",
                        to="accounts.location",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers_out",
                        to="accounts.location",
                    ),
                ),
                (
                    "updated_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "permissions": [
                    ("decide_transfer", "Can approve and reject transfers"),
                    ("ship_transfer", "Can send goods on their way"),
                    ("receive_transfer", "Can receive goods from other places"),
                    ("close_transfer", "Can close what did not arrive"),
                    ("cancel_transfer", "Can cancel a transfer"),
                ],
                "indexes": [
                    models.Index(fields=["source", "id"], name="transfer_by_source"),
                    models.Index(fields=["destination", "id"], name="transfer_by_destination"),
                    models.Index(fields=["status", "id"], name="transfer_by_status"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                [
                                    "approved",
                                    "cancelled",
                                    "closed",
                                    "partly_received",
                                    "received",
                                    "rejected",
                                    "requested",
                                    "shipped",
                                ],
                            )
                        ),
                        name="transfer_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source", models.F("destination")), _negated=True),
                        name="transfer_goes_somewhere",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("decided_by", None)),
                            models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="transfer_decider_and_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["requested", "cancelled"]), ("decided_by__isnull", False), _connector="OR"
                        ),
                        name="transfer_decided_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by", None),
                            models.Q(("decided_by", models.F("created_by")), _negated=True),
                            ("approved_when_made", True),
                            _connector="OR",
                        ),
                        name="transfer_decided_by_another",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TransferLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("quantity", models.DecimalField(decimal_places=3, max_digits=12)),
                ("shipped", models.DecimalField(decimal_places=3, default=0, max_digits=12)),
                ("received", models.DecimalField(decimal_places=3, default=0, max_digits=12)),
                ("damaged", models.DecimalField(decimal_places=3, default=0, max_digits=12)),
                ("extra", models.DecimalField(decimal_places=3, default=0, max_digits=12)),
                ("closed", models.DecimalField(decimal_places=3, default=0, max_digits=12)),
                ("shipped_value", models.DecimalField(decimal_places=2, default=0, max_digits=18)),
                ("arrived_value", models.DecimalField(decimal_places=2, default=0, max_digits=18)),
                (
                    "outstanding",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("shipped"), "-", models.F("received")
                                    ),
                                    "-",
                                    models.F("damaged"),
                                ),
                                "+",
                                models.F("extra"),
                            ),
                            "-",
                            models.F("closed"),
                        ),
                        output_field=models.DecimalField(decimal_places=3, max_digits=12),
                    ),
                ),
                (
                    "sku",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfer_lines",
                        to="skus.sku",
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="inventory.transfer",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("outstanding__gt", 0)), fields=["sku"], name="transfer_line_on_the_road"
                    ),
                    models.Index(fields=["sku", "transfer"], name="transfer_line_by_sku"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("transfer", "sku"), name="transfer_line_sku_once"),
                    models.CheckConstraint(condition=models.Q(("quantity__gt", 0)), name="transfer_line_of_something"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closed__gte", 0), ("damaged__gte", 0), ("extra__gte", 0), ("received__gte", 0)
                        ),
                        name="transfer_line_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("shipped__gte", 0), ("shipped__lte", models.F("quantity"))),
                        name="transfer_line_shipped_as_asked",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("outstanding__gte", 0)), name="transfer_line_all_accounted_for"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "extra__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("received"), "+", models.F("damaged")
                                ),
                            )
                        ),
                        name="transfer_line_extra_has_arrived",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="stockcount",
            index=models.Index(fields=["location", "id"], name="stock_count_by_place"),
        ),
        migrations.AddIndex(
            model_name="stockcount",
            index=models.Index(fields=["status", "id"], name="stock_count_by_status"),
        ),
        migrations.AddConstraint(
            model_name="stockcount",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["cancelled", "open", "posted"])), name="stock_count_status_known"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="stockcount",
            trigger=pgtrigger.compiler.Trigger(
                name="stockcount_goes_step_by_step",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."status", \':\', NEW."status") = ANY(\'{open:posted,open:cancelled}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."status" IS DISTINCT FROM NEW."status") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "status" from "%" to "%" on table %\', OLD."status", NEW."status", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="9f7eb7c6756b27c4fbb4b63c132c4e0a3229dfe1",
                    operation="UPDATE",
                    pgid="pgtrigger_stockcount_goes_step_by_step_62202",
                    table="inventory_stockcount",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="stockcount",
            trigger=pgtrigger.compiler.Trigger(
                name="stockcount_has_a_timeline",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    func="\nPERFORM 1 FROM inventory_stockcount document WHERE document.id = NEW.id AND document.status IS DISTINCT FROM (\n    SELECT after FROM boutique_documentevent\n    WHERE document = 'CNT-' || lpad(NEW.id::text, greatest(6, length(NEW.id::text)), '0') AND after <> ''\n    ORDER BY id DESC LIMIT 1\n);\nIF FOUND THEN\n    RAISE EXCEPTION 'the timeline of inventory_stockcount % does not know its state', NEW.id USING ERRCODE = 'restrict_violation';\nEND IF;\nRETURN NULL;\n",
                    hash="c382a4acae62ccf79607fb6c9de0010bc473122d",
                    operation='INSERT OR UPDATE OF "status"',
                    pgid="pgtrigger_stockcount_has_a_timeline_17ed2",
                    table="inventory_stockcount",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="stockrequest",
            trigger=pgtrigger.compiler.Trigger(
                name="stockrequest_goes_step_by_step",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."status", \':\', NEW."status") = ANY(\'{requested:approved,requested:rejected,requested:cancelled}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."status" IS DISTINCT FROM NEW."status") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "status" from "%" to "%" on table %\', OLD."status", NEW."status", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="6223e623bd928d2fa066f3c59dad7dd0fedc1bb7",
                    operation="UPDATE",
                    pgid="pgtrigger_stockrequest_goes_step_by_step_720b7",
                    table="inventory_stockrequest",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="stockrequest",
            trigger=pgtrigger.compiler.Trigger(
                name="stockrequest_has_a_timeline",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    func="\nPERFORM 1 FROM inventory_stockrequest document WHERE document.id = NEW.id AND document.status IS DISTINCT FROM (\n    SELECT after FROM boutique_documentevent\n    WHERE document = 'REQ-' || lpad(NEW.id::text, greatest(6, length(NEW.id::text)), '0') AND after <> ''\n    ORDER BY id DESC LIMIT 1\n);\nIF FOUND THEN\n    RAISE EXCEPTION 'the timeline of inventory_stockrequest % does not know its state', NEW.id USING ERRCODE = 'restrict_violation';\nEND IF;\nRETURN NULL;\n",
                    hash="02ac81dfbbed3a2c1a583e56d8c19454d2accb0a",
                    operation='INSERT OR UPDATE OF "status"',
                    pgid="pgtrigger_stockrequest_has_a_timeline_a718d",
                    table="inventory_stockrequest",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="transfer",
            trigger=pgtrigger.compiler.Trigger(
                name="transfer_goes_step_by_step",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."status", \':\', NEW."status") = ANY(\'{requested:approved,requested:rejected,requested:cancelled,approved:shipped,approved:cancelled,shipped:partly_received,shipped:received,shipped:closed,partly_received:received,partly_received:closed}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."status" IS DISTINCT FROM NEW."status") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "status" from "%" to "%" on table %\', OLD."status", NEW."status", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="152a250e3183d1ba2fd295d793f1aedb90d28c3a",
                    operation="UPDATE",
                    pgid="pgtrigger_transfer_goes_step_by_step_1af11",
                    table="inventory_transfer",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="transfer",
            trigger=pgtrigger.compiler.Trigger(
                name="transfer_has_a_timeline",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    func="\nPERFORM 1 FROM inventory_transfer document WHERE document.id = NEW.id AND document.status IS DISTINCT FROM (\n    SELECT after FROM boutique_documentevent\n    WHERE document = 'TRF-' || lpad(NEW.id::text, greatest(6, length(NEW.id::text)), '0') AND after <> ''\n    ORDER BY id DESC LIMIT 1\n);\nIF FOUND THEN\n    RAISE EXCEPTION 'the timeline of inventory_transfer % does not know its state', NEW.id USING ERRCODE = 'restrict_violation';\nEND IF;\nRETURN NULL;\n",
                    hash="3821f3a418e4586ec175d94557f62620b83d602e",
                    operation='INSERT OR UPDATE OF "status"',
                    pgid="pgtrigger_transfer_has_a_timeline_87b20",
                    table="inventory_transfer",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
    ]
    operations = list(at_once(operations))
