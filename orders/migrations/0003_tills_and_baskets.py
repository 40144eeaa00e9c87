import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_accountevent_account_log_is_not_emptied"),
        ("accounts", "__first__"),
        ("orders", "0002_orders_payments_and_style_images"),
        ("skus", "0002_own_numbers"),
    ]

    operations = [
        migrations.CreateModel(
            name="Basket",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("held", "Held"),
                            ("sold", "Sold"),
                            ("discarded", "Discarded"),
                            ("expired", "Expired"),
                        ],
                        default="held",
                        max_length=10,
                    ),
                ),
                ("label", models.CharField(blank=True, max_length=60)),
                ("note", models.TextField(blank=True, max_length=1000)),
                ("discount", models.DecimalField(decimal_places=2, default=0, max_digits=18)),
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
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="baskets",
                        to="orders.customer",
                    ),
                ),
                (
                    "location",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="baskets",
                        to="accounts.location",
                    ),
                ),
                (
                    "sale",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="basket", to="orders.order"
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
                "indexes": [
                    models.Index(fields=["location", "id"], name="basket_by_place"),
                    models.Index(
                        condition=models.Q(("status", "held")), fields=["updated_at"], name="basket_held_by_age"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["discarded", "expired", "held", "sold"])),
                        name="basket_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sale__isnull", False), ("status", "sold")),
                            models.Q(models.Q(("status", "sold"), _negated=True), ("sale", None)),
                            _connector="OR",
                        ),
                        name="basket_sold_has_a_sale",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("discount__gte", 0)), name="basket_discount_not_negative"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BasketLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                ("quantity", models.DecimalField(decimal_places=3, max_digits=12)),
                (
                    "unit_price",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=12,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(1000000),
                        ],
                    ),
                ),
                ("discount", models.DecimalField(decimal_places=2, default=0, max_digits=18)),
                (
                    "basket",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="orders.basket",
                    ),
                ),
                (
                    "sku",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="basket_lines", to="skus.sku"
                    ),
                ),
            ],
            options={
                "ordering": ["position", "id"],
                "indexes": [models.Index(fields=["basket", "position", "id"], name="basket_line_in_order")],
                "constraints": [
                    models.UniqueConstraint(fields=("basket", "sku"), name="basket_line_once_per_sku"),
                    models.CheckConstraint(condition=models.Q(("quantity__gt", 0)), name="basket_line_of_something"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("discount__gte", 0),
                            models.Q(
                                ("unit_price", None),
                                models.Q(("unit_price__gte", 0), ("unit_price__lte", 1000000)),
                                _connector="OR",
                            ),
                        ),
                        name="basket_line_not_negative",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TillSession",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("register", models.CharField(default="1", max_length=20)),
                (
                    "status",
                    models.CharField(choices=[("open", "Open"), ("closed", "Closed")], default="open", max_length=10),
                ),
                ("opened_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("business_date", models.DateField(editable=False)),
                ("opening_cash", models.DecimalField(decimal_places=2, max_digits=18)),
                ("closed_at", models.DateTimeField(editable=False, null=True)),
                ("expected", models.DecimalField(decimal_places=2, max_digits=18, null=True)),
                ("counted", models.DecimalField(decimal_places=2, max_digits=18, null=True)),
                (
                    "variance",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.expressions.CombinedExpression(
                            models.F("counted"), "-", models.F("expected")
                        ),
                        output_field=models.DecimalField(decimal_places=2, max_digits=18),
                    ),
                ),
                ("denominations", models.JSONField(blank=True, default=list)),
                ("note", models.TextField(blank=True, max_length=1000)),
                (
                    "closed_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                        related_name="till_sessions",
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
                "verbose_name": "till session",
                "ordering": ["-id"],
                "permissions": [
                    ("open_tillsession", "Can open a till"),
                    ("close_tillsession", "Can close their own till"),
                    ("manage_tillsession", "Can see what is expected before the count, and act on the tills of others"),
                ],
                "indexes": [
                    models.Index(fields=["location", "id"], name="till_session_by_place"),
                    models.Index(condition=models.Q(("status", "open")), fields=["location"], name="till_session_open"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["closed", "open"])), name="till_session_status_known"
                    ),
                    models.UniqueConstraint(
                        models.F("location"),
                        django.db.models.functions.text.Lower("register"),
                        condition=models.Q(("status", "open")),
                        name="till_session_one_open",
                        violation_error_message="This till is open already. Close it first, or name another register.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("closed_at", None),
                                ("closed_by", None),
                                ("counted", None),
                                ("expected", None),
                                ("status", "open"),
                            ),
                            models.Q(
                                ("closed_at__isnull", False),
                                ("closed_by__isnull", False),
                                ("counted__isnull", False),
                                ("expected__isnull", False),
                                ("status", "closed"),
                            ),
                            _connector="OR",
                        ),
                        name="till_session_closed_is_counted",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("counted", None),
                            ("counted", models.F("expected")),
                            models.Q(("note", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="till_session_variance_is_told",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("opening_cash__gte", 0), models.Q(("counted", None), ("counted__gte", 0), _connector="OR")
                        ),
                        name="till_session_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("register", ""), _negated=True), name="till_session_has_a_register"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TillEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("payment", "Payment"),
                            ("refund", "Refund"),
                            ("cash_in", "Cash in"),
                            ("cash_out", "Cash out"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "method",
                    models.CharField(
                        choices=[("cash", "Cash"), ("card", "Card"), ("transfer", "Bank transfer"), ("other", "Other")],
                        default="cash",
                        max_length=10,
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=2, max_digits=18)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("document", models.CharField(blank=True, max_length=40)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("business_date", models.DateField()),
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
                    "payment",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="till_entry",
                        to="orders.payment",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="orders.tillsession",
                    ),
                ),
            ],
            options={
                "verbose_name": "row of a till",
                "verbose_name_plural": "rows of tills",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["session", "id"], name="till_entry_by_session"),
                    models.Index(fields=["by", "id"], name="till_entry_by_person"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="till_entry_of_something"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("document", ""),
                                ("kind__in", ["cash_in", "cash_out"]),
                                ("method", "cash"),
                                ("payment", None),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            models.Q(
                                ("kind__in", ["payment", "refund"]),
                                ("reason", ""),
                                models.Q(("document", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="till_entry_of_its_kind",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="basket",
            trigger=pgtrigger.compiler.Trigger(
                name="basket_goes_step_by_step",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."status", \':\', NEW."status") = ANY(\'{held:sold,held:discarded,held:expired}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."status" IS DISTINCT FROM NEW."status") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "status" from "%" to "%" on table %\', OLD."status", NEW."status", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="49324b6bf9eacfe7a04254df6e2e92c88348e623",
                    operation="UPDATE",
                    pgid="pgtrigger_basket_goes_step_by_step_70df2",
                    table="orders_basket",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="basket",
            trigger=pgtrigger.compiler.Trigger(
                name="basket_has_a_timeline",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    func="\nPERFORM 1 FROM orders_basket document WHERE document.id = NEW.id AND document.status IS DISTINCT FROM (\n    SELECT after FROM boutique_documentevent\n    WHERE document = 'HOLD-' || lpad(NEW.id::text, greatest(6, length(NEW.id::text)), '0') AND after <> ''\n    ORDER BY id DESC LIMIT 1\n);\nIF FOUND THEN\n    RAISE EXCEPTION 'the timeline of orders_basket % does not know its state', NEW.id USING ERRCODE = 'restrict_violation';\nEND IF;\nRETURN NULL;\n",
                    hash="8da6c54a322dce09160469ba18f1a7b46c116e57",
                    operation='INSERT OR UPDATE OF "status"',
                    pgid="pgtrigger_basket_has_a_timeline_16f4d",
                    table="orders_basket",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="basket",
            trigger=pgtrigger.compiler.Trigger(
                name="basket_stays_where_it_is",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."location_id" IS DISTINCT FROM (NEW."location_id") OR OLD."created_by_id" IS DISTINCT FROM (NEW."created_by_id"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="ab29bc5240b3e97017223b64e6d29f4328464e8c",
                    operation="UPDATE",
                    pgid="pgtrigger_basket_stays_where_it_is_25ed0",
                    table="orders_basket",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="basket",
            trigger=pgtrigger.compiler.Trigger(
                name="basket_is_not_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="0c22ef35c1b8260fe2f97fe6aa000613c54d9530",
                    operation="DELETE",
                    pgid="pgtrigger_basket_is_not_deleted_8ff74",
                    table="orders_basket",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="tillsession",
            trigger=pgtrigger.compiler.Trigger(
                name="tillsession_goes_step_by_step",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."status", \':\', NEW."status") = ANY(\'{open:closed}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."status" IS DISTINCT FROM NEW."status") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "status" from "%" to "%" on table %\', OLD."status", NEW."status", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="5ff3941e2bdfed6103395bb38528b71349241f3b",
                    operation="UPDATE",
                    pgid="pgtrigger_tillsession_goes_step_by_step_415b9",
                    table="orders_tillsession",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="tillsession",
            trigger=pgtrigger.compiler.Trigger(
                name="tillsession_has_a_timeline",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    func="\nPERFORM 1 FROM orders_tillsession document WHERE document.id = NEW.id AND document.status IS DISTINCT FROM (\n    SELECT after FROM boutique_documentevent\n    WHERE document = 'TILL-' || lpad(NEW.id::text, greatest(6, length(NEW.id::text)), '0') AND after <> ''\n    ORDER BY id DESC LIMIT 1\n);\nIF FOUND THEN\n    RAISE EXCEPTION 'the timeline of orders_tillsession % does not know its state', NEW.id USING ERRCODE = 'restrict_violation';\nEND IF;\nRETURN NULL;\n",
                    hash="c9f5cea322f2a53af7ebec3f1c9a767560ed2cc7",
                    operation='INSERT OR UPDATE OF "status"',
                    pgid="pgtrigger_tillsession_has_a_timeline_5bbd8",
                    table="orders_tillsession",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="tillsession",
            trigger=pgtrigger.compiler.Trigger(
                name="till_session_expects_its_rows",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.status = 'closed')",
                    func="\nIF NEW.expected IS DISTINCT FROM NEW.opening_cash + (\n    SELECT coalesce(sum(CASE WHEN method <> 'cash' THEN 0 WHEN kind IN ('cash_in', 'payment') THEN amount ELSE -amount END), 0) FROM orders_tillentry WHERE session_id = NEW.id\n) THEN\n    RAISE EXCEPTION 'till session % expects something else than its rows', NEW.id USING ERRCODE = 'restrict_violation';\nEND IF;\nRETURN NEW;\n",
                    hash="0e478398328c1ee74cc2cd147b6f35e67267fc8c",
                    operation='UPDATE OF "status", "expected"',
                    pgid="pgtrigger_till_session_expects_its_rows_d6015",
                    table="orders_tillsession",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="tillsession",
            trigger=pgtrigger.compiler.Trigger(
                name="till_session_once_closed_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.status = 'closed')",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="ea32ed617a9afecfa3fce5b6275d92ea9bd17f44",
                    operation="UPDATE",
                    pgid="pgtrigger_till_session_once_closed_stays_de280",
                    table="orders_tillsession",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="tillsession",
            trigger=pgtrigger.compiler.Trigger(
                name="till_session_stays_where_it_is",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."location_id" IS DISTINCT FROM (NEW."location_id") OR OLD."register" IS DISTINCT FROM (NEW."register") OR OLD."opened_at" IS DISTINCT FROM (NEW."opened_at") OR OLD."business_date" IS DISTINCT FROM (NEW."business_date") OR OLD."opening_cash" IS DISTINCT FROM (NEW."opening_cash") OR OLD."created_by_id" IS DISTINCT FROM (NEW."created_by_id"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="37fc26d1756586bb3c9926b2be785c31809f53e9",
                    operation="UPDATE",
                    pgid="pgtrigger_till_session_stays_where_it_is_05d04",
                    table="orders_tillsession",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="tillsession",
            trigger=pgtrigger.compiler.Trigger(
                name="till_session_is_not_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="34951eeb88b9a23b6a98c4ebc36799d195c05ccb",
                    operation="DELETE",
                    pgid="pgtrigger_till_session_is_not_deleted_14a65",
                    table="orders_tillsession",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="tillentry",
            trigger=pgtrigger.compiler.Trigger(
                name="till_entries_is_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="445ddeafaeb7234abc6993791584cf0153759026",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_till_entries_is_append_only_78073",
                    table="orders_tillentry",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="tillentry",
            trigger=pgtrigger.compiler.Trigger(
                name="till_entries_is_not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nIF current_setting('boutique.may_truncate', true) IS DISTINCT FROM 'on' THEN\n    RAISE EXCEPTION 'the rows of % stay', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';\nEND IF;\nRETURN NULL;\n",
                    hash="e424b3fb5d099325f05bc7aa8e183f0bc089261e",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_till_entries_is_not_emptied_a3837",
                    table="orders_tillentry",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="tillentry",
            trigger=pgtrigger.compiler.Trigger(
                name="till_entry_into_an_open_till",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nPERFORM 1 FROM orders_tillsession WHERE id = NEW.session_id AND status = 'open' FOR SHARE;\nIF NOT FOUND THEN\n    RAISE EXCEPTION 'till session % is closed', NEW.session_id USING ERRCODE = 'restrict_violation';\nEND IF;\nRETURN NEW;\n",
                    hash="7df36f2c306b7f79e63362c41f83f1afdebd13ad",
                    operation="INSERT",
                    pgid="pgtrigger_till_entry_into_an_open_till_d5945",
                    table="orders_tillentry",
                    when="BEFORE",
                ),
            ),
        ),
    ]
