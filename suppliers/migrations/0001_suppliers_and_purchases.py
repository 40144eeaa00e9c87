import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.math
import pgtrigger.compiler
import pgtrigger.migrations
import phonenumber_field.modelfields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0002_accountevent_account_log_is_not_emptied"),
        ("inventory", "0002_transfers_requests_and_counts"),
        ("skus", "0002_own_numbers"),
    ]

    operations = [
        migrations.CreateModel(
            name="PurchaseOrder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("expected_on", models.DateField(blank=True, null=True)),
                ("note", models.CharField(blank=True, max_length=1000)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("sent", "Sent"),
                            ("partly_received", "Partly received"),
                            ("received", "Received"),
                            ("closed", "Closed short"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="draft",
                        max_length=20,
                    ),
                ),
                ("at_once", models.BooleanField(default=False, editable=False)),
                ("sent_at", models.DateTimeField(editable=False, null=True)),
                ("finished_on", models.DateField(editable=False, null=True)),
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
                        related_name="purchase_orders",
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
                "verbose_name": "purchase order",
                "ordering": ["-id"],
                "permissions": [
                    ("send_purchaseorder", "Can send orders to suppliers"),
                    ("receive_purchaseorder", "Can receive what was ordered"),
                    ("close_purchaseorder", "Can close orders of which the rest will not come"),
                    ("cancel_purchaseorder", "Can cancel orders"),
                    ("return_purchaseorder", "Can send goods back to their supplier"),
                ],
            },
        ),
        migrations.CreateModel(
            name="PurchaseLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ordered", models.DecimalField(decimal_places=3, max_digits=12)),
                (
                    "unit_cost",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=12,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(1000000),
                        ],
                    ),
                ),
                (
                    "total",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.math.Round(
                            django.db.models.expressions.CombinedExpression(
                                models.F("ordered"), "*", models.F("unit_cost")
                            ),
                            2,
                            output_field=models.DecimalField(decimal_places=2, max_digits=18),
                        ),
                        output_field=models.DecimalField(decimal_places=2, max_digits=18),
                    ),
                ),
                ("received", models.DecimalField(decimal_places=3, default=0, max_digits=12)),
                ("rejected", models.DecimalField(decimal_places=3, default=0, max_digits=12)),
                ("replaced", models.DecimalField(decimal_places=3, default=0, max_digits=12)),
                ("returned", models.DecimalField(decimal_places=3, default=0, max_digits=12)),
                ("closed", models.DecimalField(decimal_places=3, default=0, max_digits=12)),
                ("tolerance", models.DecimalField(decimal_places=2, default=0, max_digits=5)),
                (
                    "outstanding",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.comparison.Greatest(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("ordered"), "-", models.F("received")
                                        ),
                                        "-",
                                        models.F("rejected"),
                                    ),
                                    "+",
                                    models.F("replaced"),
                                ),
                                "-",
                                models.F("closed"),
                            ),
                            0,
                            output_field=models.DecimalField(decimal_places=3, max_digits=12),
                        ),
                        output_field=models.DecimalField(decimal_places=3, max_digits=12),
                    ),
                ),
                (
                    "sku",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="purchase_lines",
                        to="skus.sku",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="suppliers.purchaseorder",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("outstanding__gt", 0)),
                        fields=["sku", "order"],
                        name="purchase_line_outstanding",
                    ),
                    models.Index(fields=["sku", "id"], name="purchase_line_by_sku"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("order", "sku"), name="purchase_line_sku_once"),
                    models.CheckConstraint(condition=models.Q(("ordered__gt", 0)), name="purchase_line_of_something"),
                    models.CheckConstraint(
                        condition=models.Q(("unit_cost__gte", 0), ("unit_cost__lte", 1000000)),
                        name="purchase_line_cost_possible",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closed__gte", 0), ("received__gte", 0), ("rejected__gte", 0), ("replaced__gte", 0)
                        ),
                        name="purchase_line_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("replaced__lte", models.F("rejected"))),
                        name="purchase_line_replaces_rejected",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("returned__gte", 0), ("returned__lte", models.F("received"))),
                        name="purchase_line_returned_of_received",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "received__lte",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            django.db.models.expressions.CombinedExpression(
                                                models.F("ordered"),
                                                "*",
                                                django.db.models.expressions.CombinedExpression(
                                                    models.Value(100), "+", models.F("tolerance")
                                                ),
                                            ),
                                            "/",
                                            models.Value(100),
                                        ),
                                        "-",
                                        models.F("rejected"),
                                    ),
                                    "+",
                                    models.F("replaced"),
                                ),
                            )
                        ),
                        name="purchase_line_not_over_received",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PurchaseCost",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("note", models.CharField(blank=True, max_length=1000)),
                ("at", models.DateTimeField()),
                ("business_date", models.DateField()),
                ("amount", models.DecimalField(decimal_places=2, max_digits=18)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="costs", to="suppliers.purchaseorder"
                    ),
                ),
            ],
            options={
                "verbose_name": "later cost",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount", 0), _negated=True), name="purchase_cost_of_something"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Receipt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("note", models.CharField(blank=True, max_length=1000)),
                ("at", models.DateTimeField()),
                ("business_date", models.DateField()),
                ("number", models.PositiveIntegerField()),
                ("value", models.DecimalField(decimal_places=2, max_digits=18)),
                ("is_reversal", models.BooleanField(default=False)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="receipts",
                        to="suppliers.purchaseorder",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [models.UniqueConstraint(fields=("order", "number"), name="receipt_number_once")],
            },
        ),
        migrations.CreateModel(
            name="ReceiptLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("quantity", models.DecimalField(decimal_places=3, max_digits=12)),
                ("rejected", models.DecimalField(decimal_places=3, default=0, max_digits=12)),
                ("replace", models.BooleanField(default=False)),
                (
                    "unit_cost",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=12,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(1000000),
                        ],
                    ),
                ),
                ("value", models.DecimalField(decimal_places=2, max_digits=18)),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="receipts",
                        to="suppliers.purchaseline",
                    ),
                ),
                (
                    "movement",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.stockmovement",
                    ),
                ),
                (
                    "receipt",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="suppliers.receipt",
                    ),
                ),
                (
                    "reverses",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversed_by",
                        to="suppliers.receiptline",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("receipt", "line"), name="receipt_line_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("quantity__gte", 0), ("rejected__gte", 0), ("reverses", None)),
                            models.Q(("quantity__lt", 0), ("rejected", 0), ("reverses__isnull", False)),
                            _connector="OR",
                        ),
                        name="receipt_line_comes_or_is_reversed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quantity", 0), ("rejected", 0), _negated=True),
                        name="receipt_line_of_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("movement", None), ("quantity", 0)),
                            models.Q(models.Q(("quantity", 0), _negated=True), ("movement__isnull", False)),
                            _connector="OR",
                        ),
                        name="receipt_line_is_in_the_ledger",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Supplier",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("name", models.CharField(max_length=200)),
                ("contact_name", models.CharField(blank=True, max_length=120)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("phone", phonenumber_field.modelfields.PhoneNumberField(blank=True, max_length=128, region=None)),
                ("address", models.TextField(blank=True, max_length=500)),
                (
                    "lead_time_days",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, validators=[django.core.validators.MaxValueValidator(1000)]
                    ),
                ),
                ("payment_terms", models.CharField(blank=True, max_length=200)),
                ("is_active", models.BooleanField(default=True)),
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
                "ordering": ["name", "id"],
                "permissions": [("view_contact", "Sees how suppliers are reached, and on which terms they sell")],
                "indexes": [models.Index(fields=["name", "id"], name="supplier_by_name")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("name", ""), _negated=True), name="supplier_has_name"),
                    models.CheckConstraint(
                        condition=models.Q(("lead_time_days", None), ("lead_time_days__lte", 1000), _connector="OR"),
                        name="supplier_lead_time_possible",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="purchaseorder",
            name="supplier",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="orders",
                to="suppliers.supplier",
            ),
        ),
        migrations.CreateModel(
            name="SupplierReturn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("note", models.CharField(blank=True, max_length=1000)),
                ("at", models.DateTimeField()),
                ("business_date", models.DateField()),
                ("value", models.DecimalField(decimal_places=2, max_digits=18)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="returns",
                        to="suppliers.purchaseorder",
                    ),
                ),
            ],
            options={
                "verbose_name": "return to a supplier",
                "verbose_name_plural": "returns to suppliers",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="ReturnLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("quantity", models.DecimalField(decimal_places=3, max_digits=12)),
                ("value", models.DecimalField(decimal_places=2, max_digits=18)),
                (
                    "receipt_line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="returns", to="suppliers.receiptline"
                    ),
                ),
                (
                    "supplier_return",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="suppliers.supplierreturn"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("quantity__gt", 0)), name="return_line_of_something"),
                    models.CheckConstraint(
                        condition=models.Q(("value__gte", 0)), name="return_line_value_not_negative"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SupplierSku",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("supplier_code", models.CharField(blank=True, max_length=60)),
                (
                    "unit_cost",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=12,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(1000000),
                        ],
                    ),
                ),
                ("pack_size", models.DecimalField(decimal_places=3, default=1, max_digits=12)),
                ("minimum_order", models.DecimalField(decimal_places=3, default=0, max_digits=12)),
                (
                    "lead_time_days",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Empty: as long as the supplier needs for everything else.",
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(1000)],
                    ),
                ),
                ("is_preferred", models.BooleanField(default=False)),
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
                    "sku",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="suppliers", to="skus.sku"
                    ),
                ),
                (
                    "supplier",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="prices",
                        to="suppliers.supplier",
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
                "verbose_name": "supplier's price",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("supplier", "sku"),
                        name="supplier_sku_once",
                        violation_error_message="This supplier has this SKU already. Change what is there.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_preferred", True)), fields=("sku",), name="supplier_sku_one_preferred"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("unit_cost", None),
                            models.Q(("unit_cost__gte", 0), ("unit_cost__lte", 1000000)),
                            _connector="OR",
                        ),
                        name="supplier_sku_cost_possible",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("pack_size__gt", 0)), name="supplier_sku_pack_of_something"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("minimum_order__gte", 0)), name="supplier_sku_minimum_possible"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("lead_time_days", None), ("lead_time_days__lte", 1000), _connector="OR"),
                        name="supplier_sku_lead_time_possible",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PurchaseCostLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stocked", models.DecimalField(decimal_places=2, max_digits=18)),
                ("expensed", models.DecimalField(decimal_places=2, max_digits=18)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=18)),
                (
                    "cost",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="suppliers.purchasecost"
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="costs", to="suppliers.purchaseline"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "amount",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("stocked"), "+", models.F("expensed")
                                ),
                            )
                        ),
                        name="purchase_cost_line_adds_up",
                    )
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="purchasecostline",
            trigger=pgtrigger.compiler.Trigger(
                name="purchase_cost_lines_is_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="5501b7a9698b1944b186e91a628b27e38ebe849f",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_purchase_cost_lines_is_append_only_53184",
                    table="suppliers_purchasecostline",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="purchasecostline",
            trigger=pgtrigger.compiler.Trigger(
                name="purchase_cost_lines_is_not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nIF current_setting('boutique.may_truncate', true) IS DISTINCT FROM 'on' THEN\n    RAISE EXCEPTION 'the rows of % stay', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';\nEND IF;\nRETURN NULL;\n",
                    hash="ae680a07f16b93f998fb246af480a14e0e67d012",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_purchase_cost_lines_is_not_emptied_d610f",
                    table="suppliers_purchasecostline",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="purchasecost",
            trigger=pgtrigger.compiler.Trigger(
                name="purchase_costs_is_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="ffb2eb93cd4e94aeaefd458aa1ebe668a91eebd7",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_purchase_costs_is_append_only_cdfd0",
                    table="suppliers_purchasecost",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="purchasecost",
            trigger=pgtrigger.compiler.Trigger(
                name="purchase_costs_is_not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nIF current_setting('boutique.may_truncate', true) IS DISTINCT FROM 'on' THEN\n    RAISE EXCEPTION 'the rows of % stay', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';\nEND IF;\nRETURN NULL;\n",
                    hash="ad97801f3412c04de6ecd68b1bae285110383397",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_purchase_costs_is_not_emptied_b205c",
                    table="suppliers_purchasecost",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="receipt",
            trigger=pgtrigger.compiler.Trigger(
                name="receipts_is_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="7a7b721e14acd6064dfa8f31b9f9facb16a3e984",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_receipts_is_append_only_bdd24",
                    table="suppliers_receipt",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="receipt",
            trigger=pgtrigger.compiler.Trigger(
                name="receipts_is_not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nIF current_setting('boutique.may_truncate', true) IS DISTINCT FROM 'on' THEN\n    RAISE EXCEPTION 'the rows of % stay', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';\nEND IF;\nRETURN NULL;\n",
                    hash="eea74fbc92f84af90a5c77c0f6433f723034bac5",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_receipts_is_not_emptied_ee263",
                    table="suppliers_receipt",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="receiptline",
            trigger=pgtrigger.compiler.Trigger(
                name="receipt_lines_is_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="1e06adac46962a2b9f753c1f90e5710fcc7c2de6",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_receipt_lines_is_append_only_fa653",
                    table="suppliers_receiptline",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="receiptline",
            trigger=pgtrigger.compiler.Trigger(
                name="receipt_lines_is_not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nIF current_setting('boutique.may_truncate', true) IS DISTINCT FROM 'on' THEN\n    RAISE EXCEPTION 'the rows of % stay', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';\nEND IF;\nRETURN NULL;\n",
                    hash="5ef769c9ef8141238b69bd6bb625dbe90faf3a09",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_receipt_lines_is_not_emptied_af82e",
                    table="suppliers_receiptline",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="purchaseorder",
            index=models.Index(fields=["supplier", "id"], name="purchase_order_by_supplier"),
        ),
        migrations.AddIndex(
            model_name="purchaseorder",
            index=models.Index(fields=["location", "id"], name="purchase_order_by_place"),
        ),
        migrations.AddIndex(
            model_name="purchaseorder",
            index=models.Index(fields=["status", "id"], name="purchase_order_by_status"),
        ),
        migrations.AddIndex(
            model_name="purchaseorder",
            index=models.Index(
                condition=models.Q(("status__in", ["sent", "partly_received"])),
                fields=["expected_on"],
                name="purchase_order_awaited",
            ),
        ),
        migrations.AddConstraint(
            model_name="purchaseorder",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ["cancelled", "closed", "draft", "partly_received", "received", "sent"])
                ),
                name="purchase_order_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="purchaseorder",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["draft", "cancelled"]), ("sent_at__isnull", False), _connector="OR"),
                name="purchase_order_sent_before_received",
            ),
        ),
        migrations.AddConstraint(
            model_name="purchaseorder",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("finished_on__isnull", False), ("status__in", ["received", "closed", "cancelled"])),
                    models.Q(("finished_on", None), ("status__in", ["draft", "sent", "partly_received"])),
                    _connector="OR",
                ),
                name="purchase_order_finished_on_a_day",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="purchaseorder",
            trigger=pgtrigger.compiler.Trigger(
                name="purchaseorder_goes_step_by_step",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."status", \':\', NEW."status") = ANY(\'{draft:sent,draft:cancelled,sent:partly_received,sent:received,sent:cancelled,partly_received:sent,partly_received:received,partly_received:closed,received:sent,received:partly_received}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."status" IS DISTINCT FROM NEW."status") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "status" from "%" to "%" on table %\', OLD."status", NEW."status", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="0cbb17886a9ff32ab014ea9e695f31d2e6538608",
                    operation="UPDATE",
                    pgid="pgtrigger_purchaseorder_goes_step_by_step_a1d6a",
                    table="suppliers_purchaseorder",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="purchaseorder",
            trigger=pgtrigger.compiler.Trigger(
                name="purchaseorder_has_a_timeline",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    func="\nPERFORM 1 FROM suppliers_purchaseorder document WHERE document.id = NEW.id AND document.status IS DISTINCT FROM (\n    SELECT after FROM boutique_documentevent\n    WHERE document = 'PO-' || lpad(NEW.id::text, greatest(6, length(NEW.id::text)), '0') AND after <> ''\n    ORDER BY id DESC LIMIT 1\n);\nIF FOUND THEN\n    RAISE EXCEPTION 'the timeline of suppliers_purchaseorder % does not know its state', NEW.id USING ERRCODE = 'restrict_violation';\nEND IF;\nRETURN NULL;\n",
                    hash="614eab66e3b38d087959603a2167713b6728b547",
                    operation='INSERT OR UPDATE OF "status"',
                    pgid="pgtrigger_purchaseorder_has_a_timeline_40d35",
                    table="suppliers_purchaseorder",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="supplierreturn",
            trigger=pgtrigger.compiler.Trigger(
                name="supplier_returns_is_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="6bceae7cc8f57150964b81df51c35b9459c0c5b0",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_supplier_returns_is_append_only_26a07",
                    table="suppliers_supplierreturn",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="supplierreturn",
            trigger=pgtrigger.compiler.Trigger(
                name="supplier_returns_is_not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nIF current_setting('boutique.may_truncate', true) IS DISTINCT FROM 'on' THEN\n    RAISE EXCEPTION 'the rows of % stay', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';\nEND IF;\nRETURN NULL;\n",
                    hash="2adefdd6b8992607e0158a67b1deabc1ebed360b",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_supplier_returns_is_not_emptied_e84a4",
                    table="suppliers_supplierreturn",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="returnline",
            trigger=pgtrigger.compiler.Trigger(
                name="return_lines_is_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="1eb67cf1a9537f08075153e586f3df70889d2a77",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_return_lines_is_append_only_dff8d",
                    table="suppliers_returnline",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="returnline",
            trigger=pgtrigger.compiler.Trigger(
                name="return_lines_is_not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nIF current_setting('boutique.may_truncate', true) IS DISTINCT FROM 'on' THEN\n    RAISE EXCEPTION 'the rows of % stay', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';\nEND IF;\nRETURN NULL;\n",
                    hash="8971126ab8782e244ebf866f7e7af60a7d2311f3",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_return_lines_is_not_emptied_998af",
                    table="suppliers_returnline",
                    when="BEFORE",
                ),
            ),
        ),
    ]
