import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import alterations.models.tailors
import alterations.models.tickets
import boutique.media


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0002_accountevent_account_log_is_not_emptied"),
        ("accounts", "__first__"),
        ("orders", "0002_orders_payments_and_style_images"),
        ("skus", "0002_own_numbers"),
    ]

    operations = [
        migrations.CreateModel(
            name="AlterationService",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "code",
                    models.CharField(
                        max_length=40,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[a-z0-9][a-z0-9_]*\\Z", "Small letters, digits and _ only."
                            )
                        ],
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("description", models.TextField(blank=True, max_length=2000)),
                (
                    "garment_types",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("trs", "Trousers"),
                                ("jns", "Jeans"),
                                ("skt", "Skirt"),
                                ("sht", "Shirt"),
                                ("bls", "Blouse, top"),
                                ("drs", "Dress"),
                                ("gwn", "Evening gown"),
                                ("brd", "Bridal gown"),
                                ("jkt", "Jacket"),
                                ("wst", "Waistcoat"),
                                ("cot", "Coat"),
                                ("knt", "Knitwear"),
                                ("lhg", "Lehenga"),
                                ("sre", "Saree"),
                                ("krt", "Kurta, sherwani"),
                            ],
                            max_length=3,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("minutes", models.PositiveSmallIntegerField()),
                (
                    "price",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=12,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(1000000),
                        ],
                    ),
                ),
                ("price_from", models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True)),
                ("price_to", models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True)),
                ("skill", models.PositiveSmallIntegerField(default=1)),
                ("needs_fitting", models.BooleanField(default=False)),
                ("min_days", models.PositiveSmallIntegerField(default=0)),
                (
                    "keywords",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60), blank=True, default=list, size=None
                    ),
                ),
                (
                    "seam",
                    models.CharField(
                        blank=True,
                        max_length=30,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[a-z0-9][a-z0-9_]*\\Z", "Small letters, digits and _ only."
                            )
                        ],
                    ),
                ),
                (
                    "direction",
                    models.CharField(
                        blank=True,
                        max_length=30,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[a-z0-9][a-z0-9_]*\\Z", "Small letters, digits and _ only."
                            )
                        ],
                    ),
                ),
                (
                    "swallows",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), blank=True, default=list, size=None
                    ),
                ),
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
                "verbose_name": "service",
                "ordering": ["code"],
                "constraints": [
                    models.UniqueConstraint(fields=("code",), name="alteration_service_code_once"),
                    models.CheckConstraint(
                        condition=models.Q(("minutes__gte", 1), ("minutes__lte", 6000)), name="service_takes_time"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("price__gte", 0), ("price__lte", 1000000)), name="service_price_possible"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("skill__gte", 1), ("skill__lte", 5)), name="service_skill_one_to_five"
                    ),
                    models.CheckConstraint(condition=models.Q(("min_days__lte", 365)), name="service_days_possible"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Ticket",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("partly_ready", "Partly ready"),
                            ("ready", "Ready"),
                            ("closed", "Closed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="open",
                        max_length=20,
                    ),
                ),
                ("promised_on", models.DateField(null=True)),
                ("is_rush", models.BooleanField(default=False)),
                ("note", models.TextField(blank=True, max_length=5000)),
                (
                    "claim_code",
                    models.CharField(default=alterations.models.tickets.claim_code, editable=False, max_length=12),
                ),
                ("estimate", models.DecimalField(decimal_places=2, default=0, max_digits=18)),
                ("subtotal", models.DecimalField(decimal_places=2, default=0, max_digits=18)),
                ("rush_fee", models.DecimalField(decimal_places=2, default=0, max_digits=18)),
                ("received", models.DecimalField(decimal_places=2, default=0, max_digits=18)),
                ("refunded", models.DecimalField(decimal_places=2, default=0, max_digits=18)),
                (
                    "total",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.expressions.CombinedExpression(
                            models.F("subtotal"), "+", models.F("rush_fee")
                        ),
                        output_field=models.DecimalField(decimal_places=2, max_digits=18),
                    ),
                ),
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
                            django.db.models.expressions.CombinedExpression(
                                models.F("subtotal"), "+", models.F("rush_fee")
                            ),
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
                                received__gt=django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("subtotal"), "+", models.F("rush_fee")
                                    ),
                                    "+",
                                    models.F("refunded"),
                                ),
                                then=models.Value("overpaid"),
                            ),
                            models.When(
                                received=django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("subtotal"), "+", models.F("rush_fee")
                                    ),
                                    "+",
                                    models.F("refunded"),
                                ),
                                then=models.Value("paid"),
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tickets",
                        to="orders.customer",
                    ),
                ),
                (
                    "location",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tickets",
                        to="accounts.location",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tickets",
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
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["customer", "id"], name="ticket_by_customer"),
                    models.Index(fields=["location", "id"], name="ticket_by_place"),
                    models.Index(fields=["status", "id"], name="ticket_by_status"),
                    models.Index(
                        condition=models.Q(("status__in", ["open", "partly_ready", "ready"])),
                        fields=["promised_on", "id"],
                        name="ticket_open_by_day",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("claim_code",), name="ticket_claim_code_once"),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["open", "partly_ready", "ready", "closed", "cancelled"])),
                        name="ticket_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rush_fee__gte", 0), ("subtotal__gte", 0)), name="ticket_amounts_possible"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("is_rush", True), ("rush_fee", 0), _connector="OR"),
                        name="ticket_rush_costs_once_rushed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("refunded__gte", 0), ("refunded__lte", models.F("received"))),
                        name="ticket_refunds_what_was_paid",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Garment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "ticket",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="garments",
                        to="alterations.ticket",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "garment_type",
                    models.CharField(
                        choices=[
                            ("trs", "Trousers"),
                            ("jns", "Jeans"),
                            ("skt", "Skirt"),
                            ("sht", "Shirt"),
                            ("bls", "Blouse, top"),
                            ("drs", "Dress"),
                            ("gwn", "Evening gown"),
                            ("brd", "Bridal gown"),
                            ("jkt", "Jacket"),
                            ("wst", "Waistcoat"),
                            ("cot", "Coat"),
                            ("knt", "Knitwear"),
                            ("lhg", "Lehenga"),
                            ("sre", "Saree"),
                            ("krt", "Kurta, sherwani"),
                        ],
                        max_length=3,
                    ),
                ),
                ("description", models.CharField(blank=True, max_length=500)),
                ("colour", models.CharField(blank=True, max_length=60)),
                (
                    "fabrics",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("lined", "Lined"),
                                ("silk", "Silk, satin, chiffon"),
                                ("lace", "Lace, tulle, layers"),
                                ("beads", "Beads, sequins, embroidery"),
                                ("velvet", "Velvet, corduroy"),
                                ("leather", "Leather, suede, coated"),
                                ("knit", "Knit, jersey"),
                                ("heavy_denim", "Denim over 12 oz"),
                                ("checks", "Checks, stripes to match"),
                                ("vintage", "Vintage or weak cloth"),
                            ],
                            max_length=20,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("issue", models.TextField(blank=True, max_length=5000)),
                (
                    "tag_code",
                    models.CharField(default=alterations.models.tickets.tag_code, editable=False, max_length=12),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("received", "Received"),
                            ("pinned", "Pinned"),
                            ("assigned", "Assigned"),
                            ("in_progress", "In progress"),
                            ("on_hold", "On hold"),
                            ("quality_check", "Quality check"),
                            ("ready", "Ready"),
                            ("collected", "Collected"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="received",
                        max_length=20,
                    ),
                ),
                ("held_from", models.CharField(blank=True, max_length=20)),
                ("waited_in", models.CharField(default="received", editable=False, max_length=20)),
                ("started_at", models.DateTimeField(editable=False, null=True)),
                ("finished_at", models.DateTimeField(editable=False, null=True)),
                ("collected_at", models.DateTimeField(editable=False, null=True)),
                ("minutes_taken", models.PositiveIntegerField(null=True)),
                ("reworks", models.PositiveSmallIntegerField(default=0)),
                ("shop_reworks", models.PositiveSmallIntegerField(default=0)),
                ("cancel_fee", models.DecimalField(decimal_places=2, default=0, max_digits=18)),
                (
                    "cause",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("measurement_error", "Measured wrongly"),
                            ("pinning_error", "Pinned wrongly"),
                            ("sewing_error", "Sewn wrongly"),
                            ("design_error", "Designed wrongly"),
                            ("transport", "Damaged on the way"),
                            ("cloth_behaviour", "The cloth gave way"),
                            ("customer_changed_mind", "The customer wants it otherwise"),
                            ("body_changed", "The body has changed"),
                        ],
                        max_length=30,
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
                    "sku",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="skus.sku"
                    ),
                ),
                (
                    "tailor",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="garments",
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
                (
                    "warranty_of",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="warranties",
                        to="alterations.garment",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "permissions": [
                    ("assign_garment", "Can give garments to tailors"),
                    ("pin_garment", "Can pin garments"),
                    ("work_garment", "Can start, hold, resume, finish and decline the work on garments"),
                    ("check_garment", "Can pass garments, or send them back to the bench"),
                    ("collect_garment", "Can hand garments over"),
                    ("cancel_garment", "Can give garments back unaltered"),
                    ("cancel_begun_garment", "Can give garments back that are being worked on"),
                    ("issue_material", "Can take buttons, zips and cloth from the shelf for a garment"),
                ],
                "indexes": [
                    models.Index(fields=["ticket", "id"], name="garment_by_ticket"),
                    models.Index(fields=["tailor", "status", "id"], name="garment_by_tailor"),
                    models.Index(
                        condition=models.Q(
                            ("status__in", ["received", "pinned", "assigned", "in_progress", "on_hold"])
                        ),
                        fields=["status", "id"],
                        name="garment_to_do",
                    ),
                    models.Index(
                        condition=models.Q(("warranty_of__isnull", False)),
                        fields=["warranty_of"],
                        name="garment_warranties",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                [
                                    "assigned",
                                    "cancelled",
                                    "collected",
                                    "in_progress",
                                    "on_hold",
                                    "pinned",
                                    "quality_check",
                                    "ready",
                                    "received",
                                ],
                            )
                        ),
                        name="garment_status_known",
                    ),
                    models.UniqueConstraint(fields=("tag_code",), name="garment_tag_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                (
                                    "held_from__in",
                                    ["received", "pinned", "assigned", "in_progress", "quality_check", "ready"],
                                ),
                                ("status", "on_hold"),
                            ),
                            models.Q(models.Q(("status", "on_hold"), _negated=True), ("held_from", "")),
                            _connector="OR",
                        ),
                        name="garment_held_from_somewhere",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status__in", ["assigned", "in_progress", "quality_check"]), _negated=True),
                            ("tailor__isnull", False),
                            _connector="OR",
                        ),
                        name="garment_at_work_has_a_tailor",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status__in", ["received", "pinned"]), _negated=True),
                            ("tailor", None),
                            _connector="OR",
                        ),
                        name="garment_waiting_has_no_tailor",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("collected_at__isnull", False), ("status", "collected")),
                            models.Q(models.Q(("status", "collected"), _negated=True), ("collected_at", None)),
                            _connector="OR",
                        ),
                        name="garment_collected_at_a_moment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("cancel_fee", 0), models.Q(("cancel_fee__gt", 0), ("status", "cancelled")), _connector="OR"
                        ),
                        name="garment_fee_once_cancelled",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("cause", ""), ("warranty_of", None)),
                            models.Q(("warranty_of__isnull", False), models.Q(("cause", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="garment_warranty_has_a_cause",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("shop_reworks__lte", models.F("reworks"))), name="garment_reworks_possible"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ["collected", "cancelled"]), _negated=True),
                        fields=("warranty_of",),
                        name="garment_one_warranty_at_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Bench",
            fields=[
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="bench",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "minutes_by_day",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(),
                        default=alterations.models.tailors.working_week,
                        size=7,
                    ),
                ),
                ("skills", models.JSONField(blank=True, default=dict)),
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
                "verbose_name": "tailor",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("minutes_by_day__len", 7)), name="bench_has_a_week")
                ],
            },
        ),
        migrations.CreateModel(
            name="GarmentImage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("image", boutique.media.StoredName(blank=True, editable=False, folder="alterations", max_length=200)),
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
                    "garment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="images",
                        to="alterations.garment",
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
                "verbose_name": "photo of a garment",
                "verbose_name_plural": "photos of garments",
                "ordering": ["id"],
                "permissions": [("delete_any_garmentimage", "Can take down photos that others put up")],
                "indexes": [models.Index(fields=["garment", "id"], name="garment_image_by_garment")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("deleted_at", None), ("deleted_by", None)),
                            models.Q(("deleted_at__isnull", False), ("deleted_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="garment_image_deleted_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("image", ""), _negated=True), ("deleted_at__isnull", False), _connector="OR"
                        ),
                        name="garment_image_shown_has_a_file",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GarmentService",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=40)),
                ("name", models.CharField(max_length=200)),
                ("skill", models.PositiveSmallIntegerField()),
                ("needs_fitting", models.BooleanField()),
                ("min_days", models.PositiveSmallIntegerField(default=0)),
                ("quantity", models.DecimalField(decimal_places=3, default=1, max_digits=12)),
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
                ("factor", models.DecimalField(decimal_places=2, default=1, max_digits=4)),
                ("minutes", models.PositiveIntegerField()),
                ("total", models.DecimalField(decimal_places=2, max_digits=18)),
                ("is_own_price", models.BooleanField(default=False)),
                ("is_free", models.BooleanField(default=False)),
                ("note", models.CharField(blank=True, max_length=500)),
                (
                    "garment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="services",
                        to="alterations.garment",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="alterations.alterationservice",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "indexes": [models.Index(fields=["garment", "id"], name="garment_service_in_order")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)), name="garment_service_of_something"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("total__gte", 0), ("unit_price__gte", 0), ("unit_price__lte", 1000000)),
                        name="garment_service_price",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("factor__gte", 1), ("factor__lte", "2.50")), name="garment_service_factor"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("is_free", False), ("total", 0), _connector="OR"),
                        name="garment_service_free_is_free",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ServicePrice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "price",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=12,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(1000000),
                        ],
                    ),
                ),
                ("starts_on", models.DateField()),
                ("at", models.DateTimeField(auto_now_add=True)),
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
                    "location",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.location"
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="prices",
                        to="alterations.alterationservice",
                    ),
                ),
            ],
            options={
                "ordering": ["-starts_on", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("service", "location", "starts_on"),
                        name="service_price_once_a_day",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("price__gte", 0), ("price__lte", 1000000)), name="dated_price_possible"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "outcome",
                    models.CharField(
                        choices=[("queued", "On its way"), ("sent", "Sent"), ("failed", "Not sent")],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("settled_at", models.DateTimeField(null=True)),
                ("problem", models.CharField(blank=True, max_length=200)),
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
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="notices", to="alterations.ticket"
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", "queued"), ("settled_at", None)),
                            models.Q(models.Q(("outcome", "queued"), _negated=True), ("settled_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="notice_settled_at_a_moment",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TicketPayment",
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
                    "ticket",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="alterations.ticket",
                    ),
                ),
            ],
            options={
                "verbose_name": "payment of a ticket",
                "verbose_name_plural": "payments of tickets",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["ticket", "id"], name="ticket_payment_by_ticket"),
                    models.Index(fields=["by", "at"], name="ticket_payment_by_person"),
                    models.Index(fields=["at", "id"], name="ticket_payment_by_moment"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="ticket_payment_of_something"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["payment", "refund"])), name="ticket_payment_kind_known"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("method__in", ["card", "transfer"]), models.Q(("reference", ""), _negated=True)
                        ),
                        fields=("ticket", "reference", "kind", "method"),
                        name="ticket_payment_reference_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TimeOff",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first_day", models.DateField()),
                ("last_day", models.DateField()),
                (
                    "bench",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="time_off",
                        to="alterations.bench",
                    ),
                ),
            ],
            options={
                "ordering": ["first_day", "id"],
                "indexes": [models.Index(fields=["bench", "first_day"], name="time_off_by_tailor")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("last_day__gte", models.F("first_day"))), name="time_off_in_order"
                    )
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="alterationservice",
            trigger=pgtrigger.compiler.Trigger(
                name="service_code_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."code" IS DISTINCT FROM (NEW."code"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="5c888295e0c75a60628dc7f50d654f14aea72d0e",
                    operation="UPDATE",
                    pgid="pgtrigger_service_code_stays_05266",
                    table="alterations_alterationservice",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="garmentservice",
            trigger=pgtrigger.compiler.Trigger(
                name="garment_lines_add_up",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    func="\nPERFORM 1 FROM alterations_ticket ticket\nJOIN alterations_garment mine ON mine.ticket_id = ticket.id CROSS JOIN LATERAL (\nSELECT coalesce(sum(CASE WHEN garment.status = 'cancelled' THEN garment.cancel_fee ELSE work.total END), 0) AS subtotal,\n    CASE\n        WHEN count(*) = count(*) FILTER (WHERE garment.status = 'cancelled') AND count(*) > 0 THEN 'cancelled'\n        WHEN count(*) = count(*) FILTER (WHERE garment.status IN ('collected', 'cancelled')) AND count(*) > 0\n            THEN 'closed'\n        WHEN count(*) = count(*) FILTER (WHERE garment.status IN ('ready', 'collected', 'cancelled')) AND count(*) > 0\n            THEN 'ready'\n        WHEN count(*) FILTER (WHERE garment.status IN ('ready', 'collected')) > 0 THEN 'partly_ready'\n        ELSE 'open'\n    END AS status\nFROM alterations_garment garment\nLEFT JOIN LATERAL (\n    SELECT coalesce(sum(line.total), 0) AS total FROM alterations_garmentservice line WHERE line.garment_id = garment.id\n) work ON true\nWHERE garment.ticket_id = ticket.id\n) made\nWHERE mine.id = coalesce(NEW.garment_id, OLD.garment_id) AND ticket.subtotal <> made.subtotal;\nIF FOUND THEN\n    RAISE EXCEPTION 'the ticket of this garment is not the sum of its lines' USING ERRCODE = 'restrict_violation';\nEND IF;\nRETURN NULL;\n",
                    hash="fb775ac506f4f2446fae2fc639e7c35b18e36684",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_garment_lines_add_up_74451",
                    table="alterations_garmentservice",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="serviceprice",
            trigger=pgtrigger.compiler.Trigger(
                name="service_prices_is_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="8af0b4ec82608bfb89e64e4ea57754c325b12e14",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_service_prices_is_append_only_99df7",
                    table="alterations_serviceprice",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="serviceprice",
            trigger=pgtrigger.compiler.Trigger(
                name="service_prices_is_not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nIF current_setting('boutique.may_truncate', true) IS DISTINCT FROM 'on' THEN\n    RAISE EXCEPTION 'the rows of % stay', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';\nEND IF;\nRETURN NULL;\n",
                    hash="25e5252336fbdd6063436e8a8dff800747e7fc83",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_service_prices_is_not_emptied_63129",
                    table="alterations_serviceprice",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ticket",
            trigger=pgtrigger.compiler.Trigger(
                name="ticket_is_what_its_garments_make_it",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    func="\nPERFORM 1 FROM alterations_ticket ticket CROSS JOIN LATERAL (\nSELECT coalesce(sum(CASE WHEN garment.status = 'cancelled' THEN garment.cancel_fee ELSE work.total END), 0) AS subtotal,\n    CASE\n        WHEN count(*) = count(*) FILTER (WHERE garment.status = 'cancelled') AND count(*) > 0 THEN 'cancelled'\n        WHEN count(*) = count(*) FILTER (WHERE garment.status IN ('collected', 'cancelled')) AND count(*) > 0\n            THEN 'closed'\n        WHEN count(*) = count(*) FILTER (WHERE garment.status IN ('ready', 'collected', 'cancelled')) AND count(*) > 0\n            THEN 'ready'\n        WHEN count(*) FILTER (WHERE garment.status IN ('ready', 'collected')) > 0 THEN 'partly_ready'\n        ELSE 'open'\n    END AS status\nFROM alterations_garment garment\nLEFT JOIN LATERAL (\n    SELECT coalesce(sum(line.total), 0) AS total FROM alterations_garmentservice line WHERE line.garment_id = garment.id\n) work ON true\nWHERE garment.ticket_id = ticket.id\n) made\nWHERE ticket.id = NEW.id AND (ticket.status <> made.status OR ticket.subtotal <> made.subtotal);\nIF FOUND THEN\n    RAISE EXCEPTION 'ticket % is not what its garments make it', NEW.id USING ERRCODE = 'restrict_violation';\nEND IF;\nRETURN NULL;\n",
                    hash="3cb1062a0311a3e2861cf823c43bfd042e76af32",
                    operation='INSERT OR UPDATE OF "status", "subtotal"',
                    pgid="pgtrigger_ticket_is_what_its_garments_make_it_8563a",
                    table="alterations_ticket",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ticket",
            trigger=pgtrigger.compiler.Trigger(
                name="ticket_is_the_sum_of_its_payments",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    func="\nPERFORM 1 FROM alterations_ticket ticket LEFT JOIN LATERAL (\n    SELECT sum(amount) FILTER (WHERE kind = 'payment') AS received,\n        sum(amount) FILTER (WHERE kind = 'refund') AS refunded\n    FROM alterations_ticketpayment WHERE ticket_id = ticket.id\n) payments ON true\nWHERE ticket.id = NEW.id AND (\n    ticket.received <> coalesce(payments.received, 0) OR ticket.refunded <> coalesce(payments.refunded, 0)\n);\nIF FOUND THEN\n    RAISE EXCEPTION 'ticket % is not the sum of its payments', NEW.id USING ERRCODE = 'restrict_violation';\nEND IF;\nRETURN NULL;\n",
                    hash="a2e483faf3ec748d8c722f72e00da470a1cfa9c6",
                    operation='INSERT OR UPDATE OF "received", "refunded"',
                    pgid="pgtrigger_ticket_is_the_sum_of_its_payments_ede2a",
                    table="alterations_ticket",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ticket",
            trigger=pgtrigger.compiler.Trigger(
                name="ticket_is_not_paid_too_much",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.received > OLD.received AND NEW.received - NEW.refunded > NEW.subtotal + NEW.rush_fee)",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="76289c08f77f4ecabe0517f7f6c72ced84344dc7",
                    operation="UPDATE",
                    pgid="pgtrigger_ticket_is_not_paid_too_much_0003e",
                    table="alterations_ticket",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ticket",
            trigger=pgtrigger.compiler.Trigger(
                name="ticket_stays_whose_it_is",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."customer_id" IS DISTINCT FROM (NEW."customer_id") OR OLD."location_id" IS DISTINCT FROM (NEW."location_id") OR OLD."claim_code" IS DISTINCT FROM (NEW."claim_code") OR OLD."created_by_id" IS DISTINCT FROM (NEW."created_by_id"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="f9740cf1f8ab34e8b9fc8a3a02dde7f79085947e",
                    operation="UPDATE",
                    pgid="pgtrigger_ticket_stays_whose_it_is_2ffa0",
                    table="alterations_ticket",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ticket",
            trigger=pgtrigger.compiler.Trigger(
                name="ticket_is_not_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="d8efb631f10325764d6c28926a45de5971de006d",
                    operation="DELETE",
                    pgid="pgtrigger_ticket_is_not_deleted_9ce55",
                    table="alterations_ticket",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="garment",
            trigger=pgtrigger.compiler.Trigger(
                name="garment_goes_step_by_step",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."status", \':\', NEW."status") = ANY(\'{received:pinned,received:assigned,received:on_hold,received:cancelled,pinned:assigned,pinned:on_hold,pinned:cancelled,assigned:in_progress,assigned:received,assigned:pinned,assigned:on_hold,assigned:cancelled,in_progress:quality_check,in_progress:on_hold,in_progress:cancelled,quality_check:ready,quality_check:in_progress,quality_check:on_hold,quality_check:cancelled,ready:collected,ready:in_progress,ready:on_hold,ready:cancelled,on_hold:received,on_hold:pinned,on_hold:assigned,on_hold:in_progress,on_hold:quality_check,on_hold:ready,on_hold:cancelled}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."status" IS DISTINCT FROM NEW."status") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "status" from "%" to "%" on table %\', OLD."status", NEW."status", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="b88daf0cf417be3243fe0c678058f11f5e5fbaa8",
                    operation="UPDATE",
                    pgid="pgtrigger_garment_goes_step_by_step_078c0",
                    table="alterations_garment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="garment",
            trigger=pgtrigger.compiler.Trigger(
                name="garment_has_a_timeline",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    func="\nPERFORM 1 FROM alterations_garment document WHERE document.id = NEW.id AND document.status IS DISTINCT FROM (\n    SELECT after FROM boutique_documentevent\n    WHERE document = 'GAR-' || lpad(NEW.id::text, greatest(6, length(NEW.id::text)), '0') AND after <> ''\n    ORDER BY id DESC LIMIT 1\n);\nIF FOUND THEN\n    RAISE EXCEPTION 'the timeline of alterations_garment % does not know its state', NEW.id USING ERRCODE = 'restrict_violation';\nEND IF;\nRETURN NULL;\n",
                    hash="89aa758f9fcdddc6a283bda34ceca9ba99d89089",
                    operation='INSERT OR UPDATE OF "status"',
                    pgid="pgtrigger_garment_has_a_timeline_00cfa",
                    table="alterations_garment",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="garment",
            trigger=pgtrigger.compiler.Trigger(
                name="garments_make_their_ticket",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    func="\nPERFORM 1 FROM alterations_ticket ticket CROSS JOIN LATERAL (\nSELECT coalesce(sum(CASE WHEN garment.status = 'cancelled' THEN garment.cancel_fee ELSE work.total END), 0) AS subtotal,\n    CASE\n        WHEN count(*) = count(*) FILTER (WHERE garment.status = 'cancelled') AND count(*) > 0 THEN 'cancelled'\n        WHEN count(*) = count(*) FILTER (WHERE garment.status IN ('collected', 'cancelled')) AND count(*) > 0\n            THEN 'closed'\n        WHEN count(*) = count(*) FILTER (WHERE garment.status IN ('ready', 'collected', 'cancelled')) AND count(*) > 0\n            THEN 'ready'\n        WHEN count(*) FILTER (WHERE garment.status IN ('ready', 'collected')) > 0 THEN 'partly_ready'\n        ELSE 'open'\n    END AS status\nFROM alterations_garment garment\nLEFT JOIN LATERAL (\n    SELECT coalesce(sum(line.total), 0) AS total FROM alterations_garmentservice line WHERE line.garment_id = garment.id\n) work ON true\nWHERE garment.ticket_id = ticket.id\n) made\nWHERE ticket.id = NEW.ticket_id AND (ticket.status <> made.status OR ticket.subtotal <> made.subtotal);\nIF FOUND THEN\n    RAISE EXCEPTION 'ticket % is not what its garments make it', NEW.ticket_id USING ERRCODE = 'restrict_violation';\nEND IF;\nRETURN NULL;\n",
                    hash="c0a2ce17185709de19020b0544b42c09183a481b",
                    operation='INSERT OR UPDATE OF "status", "cancel_fee"',
                    pgid="pgtrigger_garments_make_their_ticket_e7d82",
                    table="alterations_garment",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="garment",
            trigger=pgtrigger.compiler.Trigger(
                name="garment_stays_what_it_is",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."ticket_id" IS DISTINCT FROM (NEW."ticket_id") OR OLD."tag_code" IS DISTINCT FROM (NEW."tag_code") OR OLD."warranty_of_id" IS DISTINCT FROM (NEW."warranty_of_id") OR OLD."cause" IS DISTINCT FROM (NEW."cause") OR OLD."created_by_id" IS DISTINCT FROM (NEW."created_by_id"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="32c384c625277f60959784da61bd85bf09909c48",
                    operation="UPDATE",
                    pgid="pgtrigger_garment_stays_what_it_is_23674",
                    table="alterations_garment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="garment",
            trigger=pgtrigger.compiler.Trigger(
                name="garment_is_not_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="ea7720805ccc0dc98e5e5c965222b9fb4045aae4",
                    operation="DELETE",
                    pgid="pgtrigger_garment_is_not_deleted_c4210",
                    table="alterations_garment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ticketpayment",
            trigger=pgtrigger.compiler.Trigger(
                name="ticket_payments_is_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="de3cf850fe210cb85468410c82b18e020c198f24",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_ticket_payments_is_append_only_74dc3",
                    table="alterations_ticketpayment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ticketpayment",
            trigger=pgtrigger.compiler.Trigger(
                name="ticket_payments_is_not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nIF current_setting('boutique.may_truncate', true) IS DISTINCT FROM 'on' THEN\n    RAISE EXCEPTION 'the rows of % stay', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';\nEND IF;\nRETURN NULL;\n",
                    hash="e433c4be4352c8dc45a0e18832fbcffb674bb23c",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_ticket_payments_is_not_emptied_95139",
                    table="alterations_ticketpayment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ticketpayment",
            trigger=pgtrigger.compiler.Trigger(
                name="ticket_payments_add_up",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    func="\nPERFORM 1 FROM alterations_ticket ticket LEFT JOIN LATERAL (\n    SELECT sum(amount) FILTER (WHERE kind = 'payment') AS received,\n        sum(amount) FILTER (WHERE kind = 'refund') AS refunded\n    FROM alterations_ticketpayment WHERE ticket_id = ticket.id\n) payments ON true\nWHERE ticket.id = NEW.ticket_id AND (\n    ticket.received <> coalesce(payments.received, 0) OR ticket.refunded <> coalesce(payments.refunded, 0)\n);\nIF FOUND THEN\n    RAISE EXCEPTION 'ticket % is not the sum of its payments', NEW.ticket_id USING ERRCODE = 'restrict_violation';\nEND IF;\nRETURN NULL;\n",
                    hash="7270bde2e4f0669571f47babed8349b573321aba",
                    operation="INSERT",
                    pgid="pgtrigger_ticket_payments_add_up_00b48",
                    table="alterations_ticketpayment",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
    ]
