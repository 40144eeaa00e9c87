import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import boutique.media


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_accountevent_account_log_is_not_emptied"),
        ("orders", "0001_initial"),
        ("skus", "0002_own_numbers"),
    ]

    operations = [
        migrations.CreateModel(
            name="Order",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "channel",
                    models.CharField(
                        choices=[("custom", "Custom order"), ("counter", "Sale over the counter")],
                        default="custom",
                        max_length=10,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("confirmed", "Confirmed"),
                            ("in_progress", "In progress"),
                            ("fitting", "Fitting"),
                            ("ready", "Ready"),
                            ("completed", "Completed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="pending",
                        max_length=20,
                    ),
                ),
                ("delivery_date", models.DateField(null=True)),
                ("note", models.TextField(blank=True, max_length=5000)),
                ("cut_to", models.JSONField(blank=True, default=dict)),
                ("fitted_at", models.DateTimeField(editable=False, null=True)),
                ("prices_include_tax", models.BooleanField()),
                ("subtotal", models.DecimalField(decimal_places=2, default=0, max_digits=18)),
                ("discount", models.DecimalField(decimal_places=2, default=0, max_digits=18)),
                ("tax", models.DecimalField(decimal_places=2, default=0, max_digits=18)),
                ("total", models.DecimalField(decimal_places=2, default=0, max_digits=18)),
                ("received", models.DecimalField(decimal_places=2, default=0, max_digits=18)),
                ("refunded", models.DecimalField(decimal_places=2, default=0, max_digits=18)),
                (
                    "paid",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.expressions.CombinedExpression(
                            models.F("received"), "-", models.F("refunded")
                        ),
                        output_field=models.DecimalField(decimal_places=2, max_digits=18),
                    ),
                ),
                (
                    "balance",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.expressions.CombinedExpression(
                            models.F("total"),
                            "-",
                            django.db.models.expressions.CombinedExpression(
                                models.F("received"), "-", models.F("refunded")
                            ),
                        ),
                        output_field=models.DecimalField(decimal_places=2, max_digits=18),
                    ),
                ),
                (
                    "payment_status",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(received=models.F("refunded"), refunded__gt=0, then=models.Value("refunded")),
                            models.When(
                                then=models.Value("overpaid"),
                                total__lt=django.db.models.expressions.CombinedExpression(
                                    models.F("received"), "-", models.F("refunded")
                                ),
                            ),
                            models.When(
                                then=models.Value("paid"),
                                total=django.db.models.expressions.CombinedExpression(
                                    models.F("received"), "-", models.F("refunded")
                                ),
                            ),
                            models.When(received__gt=models.F("refunded"), then=models.Value("partly_paid")),
                            default=models.Value("unpaid"),
                            output_field=models.CharField(max_length=20),
                        ),
                        output_field=models.CharField(
                            choices=[
                                ("unpaid", "Unpaid"),
                                ("partly_paid", "Partly paid"),
                                ("paid", "Paid"),
                                ("overpaid", "Overpaid"),
                                ("refunded", "Refunded"),
                            ],
                            max_length=20,
                        ),
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
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="orders",
                        to="orders.customer",
                    ),
                ),
                (
                    "location",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="orders",
                        to="accounts.location",
                    ),
                ),
                (
                    "measurement",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="orders",
                        to="orders.measurementset",
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
                    ("move_order", "Can move orders on"),
                    ("cancel_order", "Can cancel orders"),
                    ("cancel_paid_order", "Can cancel orders that were paid for, in part or whole"),
                    ("release_unpaid", "Can hand over what is not paid yet"),
                    ("override_price", "Can sell at other prices than the catalogue's, and give large discounts"),
                ],
                "indexes": [
                    models.Index(fields=["channel", "id"], name="order_by_channel"),
                    models.Index(fields=["customer", "id"], name="order_by_customer"),
                    models.Index(
                        condition=models.Q(("channel", "custom")), fields=["location", "id"], name="order_by_place"
                    ),
                    models.Index(
                        condition=models.Q(("channel", "custom")), fields=["status", "id"], name="order_by_status"
                    ),
                    models.Index(
                        condition=models.Q(("channel", "custom")),
                        fields=["payment_status", "id"],
                        name="order_by_payment",
                    ),
                    models.Index(
                        condition=models.Q(("channel", "custom")),
                        fields=["delivery_date", "id"],
                        name="order_by_delivery",
                    ),
                    models.Index(
                        condition=models.Q(("channel", "custom")), fields=["total", "id"], name="order_by_total"
                    ),
                    models.Index(
                        condition=models.Q(("channel", "custom")), fields=["created_at", "id"], name="order_by_age"
                    ),
                    models.Index(
                        condition=models.Q(("status__in", ["pending", "confirmed", "in_progress", "fitting", "ready"])),
                        fields=["delivery_date", "id"],
                        name="order_open_by_delivery",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                ["cancelled", "completed", "confirmed", "fitting", "in_progress", "pending", "ready"],
                            )
                        ),
                        name="order_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("channel", "counter"), ("status__in", ["completed", "cancelled"])),
                            models.Q(
                                ("channel", "custom"), ("customer__isnull", False), ("delivery_date__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="order_of_its_channel",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("discount__gte", 0),
                            ("subtotal__gte", 0),
                            ("tax__gte", 0),
                            ("total__gte", 0),
                            ("discount__lte", models.F("subtotal")),
                        ),
                        name="order_amounts_possible",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("prices_include_tax", True),
                                (
                                    "total",
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("subtotal"), "-", models.F("discount")
                                    ),
                                ),
                            ),
                            models.Q(
                                ("prices_include_tax", False),
                                (
                                    "total",
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("subtotal"), "-", models.F("discount")
                                        ),
                                        "+",
                                        models.F("tax"),
                                    ),
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="order_total_adds_up",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("refunded__gte", 0), ("refunded__lte", models.F("received"))),
                        name="order_refunds_what_was_paid",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OrderLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                ("description", models.CharField(max_length=500)),
                ("size", models.CharField(blank=True, max_length=40)),
                ("quantity", models.DecimalField(decimal_places=3, max_digits=12)),
                (
                    "unit_price",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=12,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(1000000),
                        ],
                    ),
                ),
                ("discount", models.DecimalField(decimal_places=2, default=0, max_digits=18)),
                ("share", models.DecimalField(decimal_places=2, default=0, max_digits=18)),
                ("tax_rate", models.DecimalField(decimal_places=2, default=0, max_digits=5)),
                ("net", models.DecimalField(decimal_places=2, max_digits=18)),
                ("tax", models.DecimalField(decimal_places=2, max_digits=18)),
                ("total", models.DecimalField(decimal_places=2, max_digits=18)),
                ("backorder", models.BooleanField(default=False)),
                ("returned", models.DecimalField(decimal_places=3, default=0, max_digits=12)),
                (
                    "order",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="orders.order",
                    ),
                ),
                (
                    "sku",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="order_lines",
                        to="skus.sku",
                    ),
                ),
            ],
            options={
                "ordering": ["position", "id"],
                "indexes": [models.Index(fields=["order", "position", "id"], name="order_line_in_order")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("quantity__gt", 0)), name="order_line_of_something"),
                    models.CheckConstraint(
                        condition=models.Q(("description", ""), _negated=True), name="order_line_says_what"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("discount__gte", 0),
                            ("net__gte", 0),
                            ("share__gte", 0),
                            ("tax__gte", 0),
                            ("unit_price__gte", 0),
                        ),
                        name="order_line_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("unit_price__lte", 1000000)), name="order_line_price_possible"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("tax_rate__gte", 0), ("tax_rate__lte", 100)), name="order_line_tax_possible"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "total",
                                django.db.models.expressions.CombinedExpression(models.F("net"), "+", models.F("tax")),
                            )
                        ),
                        name="order_line_adds_up",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("backorder", False), ("sku__isnull", False), _connector="OR"),
                        name="order_line_waits_for_goods",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("returned__gte", 0), ("returned__lte", models.F("quantity"))),
                        name="order_line_returned_of_sold",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Payment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("payment", "Payment"), ("refund", "Refund")], default="payment", max_length=10
                    ),
                ),
                (
                    "method",
                    models.CharField(
                        choices=[("cash", "Cash"), ("card", "Card"), ("transfer", "Bank transfer"), ("other", "Other")],
                        max_length=10,
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=2, max_digits=18)),
                ("reference", models.CharField(blank=True, max_length=100)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="orders.order",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "permissions": [("refund_payment", "Can pay money back")],
                "indexes": [
                    models.Index(fields=["order", "id"], name="payment_by_order"),
                    models.Index(fields=["by", "id"], name="payment_by_person"),
                    models.Index(fields=["at", "id"], name="payment_by_moment"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="payment_of_something"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["payment", "refund"])), name="payment_kind_known"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("method__in", ["card", "transfer"]), models.Q(("reference", ""), _negated=True)
                        ),
                        fields=("order", "reference", "kind", "method"),
                        name="payment_reference_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StyleImage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("image", boutique.media.StoredName(blank=True, editable=False, folder="styles", max_length=200)),
                ("description", models.CharField(blank=True, max_length=500)),
                ("deleted_at", models.DateTimeField(editable=False, null=True)),
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
                    "deleted_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="images",
                        to="orders.order",
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
                "verbose_name": "style image",
                "ordering": ["id"],
                "permissions": [("delete_any_styleimage", "Can take down style images that others put up")],
                "indexes": [models.Index(fields=["order", "id"], name="style_image_by_order")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("deleted_at", None), ("deleted_by", None)),
                            models.Q(("deleted_at__isnull", False), ("deleted_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="style_image_deleted_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("image", ""), _negated=True), ("deleted_at__isnull", False), _connector="OR"
                        ),
                        name="style_image_shown_has_a_file",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="order_goes_step_by_step",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."status", \':\', NEW."status") = ANY(\'{pending:confirmed,pending:in_progress,pending:cancelled,confirmed:in_progress,confirmed:cancelled,in_progress:fitting,in_progress:ready,in_progress:completed,in_progress:cancelled,fitting:in_progress,fitting:ready,fitting:cancelled,ready:fitting,ready:completed,ready:cancelled}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."status" IS DISTINCT FROM NEW."status") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "status" from "%" to "%" on table %\', OLD."status", NEW."status", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="66e84795d3fd9bb205f6e374351deada0918dcfc",
                    operation="UPDATE",
                    pgid="pgtrigger_order_goes_step_by_step_93532",
                    table="orders_order",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="order_has_a_timeline",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    func="\nPERFORM 1 FROM orders_order document WHERE document.id = NEW.id AND document.status IS DISTINCT FROM (\n    SELECT after FROM boutique_documentevent\n    WHERE document = (CASE NEW.channel WHEN 'counter' THEN 'SALE' ELSE 'ORD' END) || '-' || lpad(NEW.id::text, greatest(6, length(NEW.id::text)), '0') AND after <> ''\n    ORDER BY id DESC LIMIT 1\n);\nIF FOUND THEN\n    RAISE EXCEPTION 'the timeline of orders_order % does not know its state', NEW.id USING ERRCODE = 'restrict_violation';\nEND IF;\nRETURN NULL;\n",
                    hash="94b7add9580aec3e87c1c2dee3b251a50f43639e",
                    operation='INSERT OR UPDATE OF "status"',
                    pgid="pgtrigger_order_has_a_timeline_748f5",
                    table="orders_order",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="order_is_the_sum_of_its_lines",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    func="\nPERFORM 1 FROM orders_order document LEFT JOIN LATERAL (\n    SELECT\n        sum(round(quantity * unit_price, 2) - line.discount) AS subtotal, sum(share) AS share,\n        sum(line.tax) AS tax, sum(line.total) AS total,\n        bool_and(\n            CASE WHEN document.prices_include_tax THEN line.total ELSE net END\n                = round(quantity * unit_price, 2) - line.discount - share\n            -- Half up to the cent, without a division that would have to be rounded itself.\n            AND base.paid * tax_rate >= (line.tax - 0.005) * base.percent\n            AND base.paid * tax_rate < (line.tax + 0.005) * base.percent\n        ) AS is_right\n    FROM orders_orderline line CROSS JOIN LATERAL (\n        SELECT CASE WHEN document.prices_include_tax THEN line.total ELSE line.net END AS paid,\n            CASE WHEN document.prices_include_tax THEN 100 + tax_rate ELSE 100 END AS percent\n    ) base\n    WHERE line.order_id = document.id\n) lines ON true\nWHERE document.id = NEW.id AND (\n    document.subtotal <> coalesce(lines.subtotal, 0) OR document.discount <> coalesce(lines.share, 0)\n    OR document.tax <> coalesce(lines.tax, 0) OR document.total <> coalesce(lines.total, 0)\n    OR NOT coalesce(lines.is_right, true)\n);\nIF FOUND THEN\n    RAISE EXCEPTION 'order % is not the sum of its lines', NEW.id USING ERRCODE = 'restrict_violation';\nEND IF;\nRETURN NULL;\n",
                    hash="fd62ad394f2cd77555685503c9066ffcd592b41e",
                    operation='INSERT OR UPDATE OF "subtotal", "discount", "tax", "total", "prices_include_tax"',
                    pgid="pgtrigger_order_is_the_sum_of_its_lines_c5f76",
                    table="orders_order",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="order_is_the_sum_of_its_payments",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    func="\nPERFORM 1 FROM orders_order document LEFT JOIN LATERAL (\n    SELECT sum(amount) FILTER (WHERE kind = 'payment') AS received,\n        sum(amount) FILTER (WHERE kind = 'refund') AS refunded\n    FROM orders_payment WHERE order_id = document.id\n) payments ON true\nWHERE document.id = NEW.id AND (\n    document.received <> coalesce(payments.received, 0) OR document.refunded <> coalesce(payments.refunded, 0)\n);\nIF FOUND THEN\n    RAISE EXCEPTION 'order % is not the sum of its payments', NEW.id USING ERRCODE = 'restrict_violation';\nEND IF;\nRETURN NULL;\n",
                    hash="982607fc06c0ea2adbc863aa15a44adcff09c333",
                    operation='INSERT OR UPDATE OF "received", "refunded"',
                    pgid="pgtrigger_order_is_the_sum_of_its_payments_4765d",
                    table="orders_order",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="order_closed_holds_nothing",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    func="\nPERFORM 1 FROM orders_order document JOIN inventory_stockmovement movement ON movement.document = (\n    CASE document.channel WHEN 'counter' THEN 'SALE' ELSE 'ORD' END || '-'\n    || lpad(document.id::text, greatest(6, length(document.id::text)), '0')\n)\nWHERE document.id = NEW.id AND document.status IN ('completed', 'cancelled')\nGROUP BY movement.sku_id, movement.location_id HAVING sum(movement.reserved_change) <> 0 LIMIT 1;\nIF FOUND THEN\n    RAISE EXCEPTION 'order % is closed and still holds goods', NEW.id USING ERRCODE = 'restrict_violation';\nEND IF;\nRETURN NULL;\n",
                    hash="ecd8f6ded5bf7f9d8cb233ae0e69294573d0b911",
                    operation='UPDATE OF "status"',
                    pgid="pgtrigger_order_closed_holds_nothing_273e4",
                    table="orders_order",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="order_is_not_paid_too_much",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.received > OLD.received AND NEW.received - NEW.refunded > NEW.total)",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="adf73ab392a87a43d05cda712117461d548281bc",
                    operation="UPDATE",
                    pgid="pgtrigger_order_is_not_paid_too_much_db309",
                    table="orders_order",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="order_is_not_paid_too_much_at_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.received - NEW.refunded > NEW.total)",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot insert rows from % table', TG_TABLE_NAME;",
                    hash="e94b153f1834bb36dc378ab541620891a70d5ad5",
                    operation="INSERT",
                    pgid="pgtrigger_order_is_not_paid_too_much_at_once_35317",
                    table="orders_order",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="order_once_begun_is_agreed",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.status NOT IN ('pending', 'confirmed') AND (NEW.subtotal, NEW.discount, NEW.tax, NEW.total) IS DISTINCT FROM (OLD.subtotal, OLD.discount, OLD.tax, OLD.total))",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="9724f02e49e60fca677bbe4c39c97d42777bb918",
                    operation="UPDATE",
                    pgid="pgtrigger_order_once_begun_is_agreed_c5dc4",
                    table="orders_order",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="order_stays_whose_it_is",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."channel" IS DISTINCT FROM (NEW."channel") OR OLD."customer_id" IS DISTINCT FROM (NEW."customer_id") OR OLD."location_id" IS DISTINCT FROM (NEW."location_id") OR OLD."prices_include_tax" IS DISTINCT FROM (NEW."prices_include_tax") OR OLD."created_by_id" IS DISTINCT FROM (NEW."created_by_id"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="decd00516d559833dee0a3ea5a52b81cfe4728d5",
                    operation="UPDATE",
                    pgid="pgtrigger_order_stays_whose_it_is_39d42",
                    table="orders_order",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="order_is_not_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="5f9c1ba3e7128043dd7afe74b516c9c22e6efc1c",
                    operation="DELETE",
                    pgid="pgtrigger_order_is_not_deleted_6e648",
                    table="orders_order",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="orderline",
            trigger=pgtrigger.compiler.Trigger(
                name="order_lines_once_begun_are_agreed",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nPERFORM 1 FROM orders_order document\nWHERE document.id = coalesce(NEW.order_id, OLD.order_id) AND (\n    CASE document.channel WHEN 'counter' THEN TG_OP <> 'INSERT' ELSE document.status NOT IN ('pending', 'confirmed') END\n);\nIF FOUND AND NOT (\n    -- Whoever is forgotten may be named there.\n    TG_OP = 'UPDATE' AND NEW.sku_id IS NULL AND NEW.description = 'Work'\n    AND to_jsonb(NEW) - 'description' = to_jsonb(OLD) - 'description'\n) THEN\n    RAISE EXCEPTION 'the lines of this order are agreed' USING ERRCODE = 'restrict_violation';\nEND IF;\nIF TG_OP = 'DELETE' THEN\n    RETURN OLD;\nEND IF;\nRETURN NEW;\n",
                    hash="9bd6028ba45a484fc67a72d5e86c9984d3182a93",
                    operation='INSERT OR DELETE OR UPDATE OF "order_id", "position", "sku_id", "description", "size", "quantity", "unit_price", "discount", "share", "tax_rate", "net", "tax", "total", "backorder"',
                    pgid="pgtrigger_order_lines_once_begun_are_agreed_20bd1",
                    table="orders_orderline",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="orderline",
            trigger=pgtrigger.compiler.Trigger(
                name="order_lines_add_up",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    func="\nPERFORM 1 FROM orders_order document LEFT JOIN LATERAL (\n    SELECT\n        sum(round(quantity * unit_price, 2) - line.discount) AS subtotal, sum(share) AS share,\n        sum(line.tax) AS tax, sum(line.total) AS total,\n        bool_and(\n            CASE WHEN document.prices_include_tax THEN line.total ELSE net END\n                = round(quantity * unit_price, 2) - line.discount - share\n            -- Half up to the cent, without a division that would have to be rounded itself.\n            AND base.paid * tax_rate >= (line.tax - 0.005) * base.percent\n            AND base.paid * tax_rate < (line.tax + 0.005) * base.percent\n        ) AS is_right\n    FROM orders_orderline line CROSS JOIN LATERAL (\n        SELECT CASE WHEN document.prices_include_tax THEN line.total ELSE line.net END AS paid,\n            CASE WHEN document.prices_include_tax THEN 100 + tax_rate ELSE 100 END AS percent\n    ) base\n    WHERE line.order_id = document.id\n) lines ON true\nWHERE document.id = coalesce(NEW.order_id, OLD.order_id) AND (\n    document.subtotal <> coalesce(lines.subtotal, 0) OR document.discount <> coalesce(lines.share, 0)\n    OR document.tax <> coalesce(lines.tax, 0) OR document.total <> coalesce(lines.total, 0)\n    OR NOT coalesce(lines.is_right, true)\n);\nIF FOUND THEN\n    RAISE EXCEPTION 'order % is not the sum of its lines', coalesce(NEW.order_id, OLD.order_id) USING ERRCODE = 'restrict_violation';\nEND IF;\nRETURN NULL;\n",
                    hash="0c19b7fd832268801476e574b987f1e70fe045f5",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_order_lines_add_up_6974c",
                    table="orders_orderline",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="payment",
            trigger=pgtrigger.compiler.Trigger(
                name="payments_is_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="8fcfae522227d9888c3364c993e68752f937da12",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_payments_is_append_only_5d8d2",
                    table="orders_payment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="payment",
            trigger=pgtrigger.compiler.Trigger(
                name="payments_is_not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nIF current_setting('boutique.may_truncate', true) IS DISTINCT FROM 'on' THEN\n    RAISE EXCEPTION 'the rows of % stay', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';\nEND IF;\nRETURN NULL;\n",
                    hash="0a7ebc5bbfb2a0a6c79218ee1e1ecba656cee57b",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_payments_is_not_emptied_2fdec",
                    table="orders_payment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="payment",
            trigger=pgtrigger.compiler.Trigger(
                name="payments_add_up",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    func="\nPERFORM 1 FROM orders_order document LEFT JOIN LATERAL (\n    SELECT sum(amount) FILTER (WHERE kind = 'payment') AS received,\n        sum(amount) FILTER (WHERE kind = 'refund') AS refunded\n    FROM orders_payment WHERE order_id = document.id\n) payments ON true\nWHERE document.id = NEW.order_id AND (\n    document.received <> coalesce(payments.received, 0) OR document.refunded <> coalesce(payments.refunded, 0)\n);\nIF FOUND THEN\n    RAISE EXCEPTION 'order % is not the sum of its payments', NEW.order_id USING ERRCODE = 'restrict_violation';\nEND IF;\nRETURN NULL;\n",
                    hash="575c93b44f23c18a380d5bf86f5950a81aa0200a",
                    operation="INSERT",
                    pgid="pgtrigger_payments_add_up_739cc",
                    table="orders_payment",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
    ]
