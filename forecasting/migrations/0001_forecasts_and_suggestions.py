from decimal import Decimal

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from boutique.laying_out import at_once


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0002_accountevent_account_log_is_not_emptied"),
        ("accounts", "__first__"),
        ("skus", "0002_own_numbers"),
        ("suppliers", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ForecastRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("horizon_weeks", models.PositiveSmallIntegerField()),
                ("start", models.DateField()),
                ("parameters", models.JSONField(default=dict)),
                ("series", models.PositiveIntegerField(default=0)),
                ("accuracy", models.JSONField(default=dict)),
                ("failure", models.TextField(blank=True)),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
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
                "verbose_name": "forecast run",
                "ordering": ["-id"],
                "permissions": [("cancel_forecastrun", "Can cancel a forecast run")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("horizon_weeks__gte", 1), ("horizon_weeks__lte", 52)),
                        name="forecast_run_horizon_possible",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("finished_at", None), ("status__in", ["queued", "running"])),
                            models.Q(("finished_at__isnull", False), ("status__in", ["done", "failed", "cancelled"])),
                            _connector="OR",
                        ),
                        name="forecast_run_finished_or_not",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status__in", ["running", "done"]), _negated=True),
                            ("started_at__isnull", False),
                            _connector="OR",
                        ),
                        name="forecast_run_started_before_done",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RunPlace",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_open", models.BooleanField(default=True)),
                (
                    "closed_days",
                    django.contrib.postgres.fields.ArrayField(base_field=models.DateField(), default=list, size=None),
                ),
                (
                    "location",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.location"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="places", to="forecasting.forecastrun"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("run", "location"), name="run_place_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("is_open", True)), fields=("location",), name="run_place_one_open_run"
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="forecastrun",
            name="locations",
            field=models.ManyToManyField(
                related_name="forecast_runs", through="forecasting.RunPlace", to="accounts.location"
            ),
        ),
        migrations.CreateModel(
            name="ServiceLevel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "level",
                    models.DecimalField(
                        decimal_places=3,
                        help_text="0.95: in 95 of 100 cases there is enough until the next delivery.",
                        max_digits=4,
                    ),
                ),
                (
                    "review_days",
                    models.PositiveSmallIntegerField(
                        blank=True, help_text="Empty: as often as for everything else.", null=True
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="service_levels",
                        to="skus.category",
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
                "verbose_name": "service level",
                "ordering": ["category__name", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("category",),
                        name="service_level_once",
                        nulls_distinct=False,
                        violation_error_message="There is a service level for this category already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("level__gte", Decimal("0.5")), ("level__lte", Decimal("0.995"))),
                        name="service_level_possible",
                        violation_error_message="Between 0.5 and 0.995.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("review_days", None),
                            models.Q(("review_days__gte", 1), ("review_days__lte", 365)),
                            _connector="OR",
                        ),
                        name="service_level_review_possible",
                        violation_error_message="Between 1 and 365 days.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ForecastChunk",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("first_product", models.BigIntegerField()),
                ("last_product", models.BigIntegerField()),
                ("series", models.PositiveIntegerField()),
                ("done_at", models.DateTimeField(null=True)),
                ("accuracy", models.JSONField(default=dict)),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="chunks",
                        to="forecasting.forecastrun",
                    ),
                ),
            ],
            options={
                "ordering": ["run", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("run", "number"), name="forecast_chunk_once"),
                    models.CheckConstraint(
                        condition=models.Q(("last_product__gte", models.F("first_product"))),
                        name="forecast_chunk_has_range",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Forecast",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("period", models.CharField(choices=[("week", "Week")], default="week", max_length=4)),
                ("start", models.DateField()),
                ("mean", django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), size=None)),
                ("quantiles", models.JSONField()),
                ("method", models.CharField(max_length=60)),
                ("demand_class", models.CharField(max_length=20)),
                ("weeks_known", models.PositiveSmallIntegerField()),
                ("accuracy", models.JSONField(default=dict)),
                ("reason", models.TextField()),
                (
                    "history",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.FloatField(null=True), default=list, size=None
                    ),
                ),
                (
                    "days_open",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(), default=list, size=None
                    ),
                ),
                ("lead_days", models.PositiveSmallIntegerField()),
                ("review_days", models.PositiveSmallIntegerField()),
                ("service_level", models.DecimalField(decimal_places=3, max_digits=4)),
                ("expected", models.FloatField()),
                ("reorder_point", models.FloatField()),
                ("target", models.FloatField()),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "location",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="forecasts",
                        to="accounts.location",
                    ),
                ),
                (
                    "sku",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="forecasts",
                        to="skus.sku",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="forecasts",
                        to="forecasting.forecastrun",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["location", "id"], name="forecast_by_place")],
                "constraints": [
                    models.UniqueConstraint(fields=("sku", "location"), name="forecast_once"),
                    models.CheckConstraint(condition=models.Q(("mean__len__gte", 1)), name="forecast_of_some_weeks"),
                    models.CheckConstraint(
                        condition=models.Q(("expected__gte", 0), ("reorder_point__gte", 0), ("target__gte", 0)),
                        name="forecast_not_negative",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReorderSuggestion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("purchase", "Buy"),
                            ("transfer", "Bring from another place"),
                            ("markdown", "Mark down"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("accepted", "Accepted"),
                            ("dismissed", "Dismissed"),
                            ("lapsed", "No longer needed"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("quantity", models.DecimalField(decimal_places=3, max_digits=12)),
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
                ("on_hand", models.DecimalField(decimal_places=3, max_digits=12)),
                ("reserved", models.DecimalField(decimal_places=3, max_digits=12)),
                ("incoming", models.DecimalField(decimal_places=3, max_digits=12)),
                ("drafts", models.DecimalField(decimal_places=3, max_digits=12)),
                ("position", models.DecimalField(decimal_places=3, max_digits=12)),
                ("reorder_point", models.DecimalField(decimal_places=3, max_digits=12)),
                ("target", models.DecimalField(decimal_places=3, max_digits=12)),
                ("arithmetic", models.TextField()),
                ("document", models.CharField(blank=True, max_length=40)),
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
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="suggestions",
                        to="accounts.location",
                    ),
                ),
                (
                    "sku",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="suggestions", to="skus.sku"
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.location",
                    ),
                ),
                (
                    "supplier",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
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
                "verbose_name": "reorder suggestion",
                "ordering": ["-id"],
                "permissions": [
                    ("accept_reordersuggestion", "Can turn suggestions into orders and transfers"),
                    ("dismiss_reordersuggestion", "Can dismiss suggestions"),
                ],
                "indexes": [
                    models.Index(fields=["location", "id"], name="suggestion_by_place"),
                    models.Index(
                        condition=models.Q(("status", "open")),
                        fields=["location", "id"],
                        name="suggestion_open_by_place",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "open")),
                        fields=("sku", "location"),
                        name="suggestion_one_open_per_shelf",
                    ),
                    models.CheckConstraint(condition=models.Q(("quantity__gt", 0)), name="suggestion_of_something"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "position",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("on_hand"), "-", models.F("reserved")
                                        ),
                                        "+",
                                        models.F("incoming"),
                                    ),
                                    "+",
                                    models.F("drafts"),
                                ),
                            )
                        ),
                        name="suggestion_position_adds_up",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("kind", "transfer"),
                                ("source__isnull", False),
                                models.Q(("source", models.F("location")), _negated=True),
                            ),
                            models.Q(models.Q(("kind", "transfer"), _negated=True), ("source", None)),
                            _connector="OR",
                        ),
                        name="suggestion_transfer_has_source",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("decided_by", None), ("status__in", ["open", "lapsed"])),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                ("status__in", ["accepted", "dismissed"]),
                            ),
                            _connector="OR",
                        ),
                        name="suggestion_decided_by_somebody",
                    ),
                ],
            },
        ),
    ]
    operations = list(at_once(operations))
