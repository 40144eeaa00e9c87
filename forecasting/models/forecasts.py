"""What will sell: one forecast for each SKU and place, always the newest."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.utils import timezone

from accounts.models import Location
from forecasting.models.runs import ForecastRun
from inventory.models import OfPlaces
from skus.models import Sku

# One of the weeks of an array that begins with `start`; null before and after them.
OF_WEEK = "(forecasting_forecast.mean)[(%s::date - forecasting_forecast.start) / 7 + 1]"


class ForecastQuerySet(OfPlaces):
    def with_labels(self):
        return self.select_related("sku__product", "location").defer("sku__search", "sku__product__search")

    def found_by(self, text):
        return self.filter(sku__in=Sku.objects.found_by(text))

    def expected_in(self, week):
        """How many pieces all of them expect in the week of this Monday; None where none of them reaches so far."""
        of_week = RawSQL(OF_WEEK, [week], output_field=models.FloatField())  # noqa: S611 (constant of ours)
        return self.aggregate(pieces=models.Sum(of_week))["pieces"]


class Forecast(models.Model):
    """How much of a SKU will sell in a place, week by week, and how sure that is."""

    class Period(models.TextChoices):
        WEEK = "week", "Week"

    sku = models.ForeignKey(Sku, models.CASCADE, related_name="forecasts", db_index=False)
    location = models.ForeignKey(Location, models.CASCADE, related_name="forecasts", db_index=False)
    run = models.ForeignKey(ForecastRun, models.PROTECT, related_name="forecasts")
    period = models.CharField(max_length=4, choices=Period, default=Period.WEEK)
    start = models.DateField()
    mean = ArrayField(models.FloatField())
    quantiles = models.JSONField()  # {"0.5": [...], "0.8": [...], "0.95": [...]}
    method = models.CharField(max_length=60)
    demand_class = models.CharField(max_length=20)
    weeks_known = models.PositiveSmallIntegerField()  # of its history, those in which it could be sold
    accuracy = models.JSONField(default=dict)
    reason = models.TextField()
    # The last weeks before `start`, as they were reckoned with: null where it could not be sold, and so nobody knows.
    history = ArrayField(models.FloatField(null=True), default=list)
    days_open = ArrayField(models.PositiveSmallIntegerField(), default=list)  # of each of these weeks, with stock
    # What buying it reckons with: until goods ordered after the next review would be here.
    lead_days = models.PositiveSmallIntegerField()
    review_days = models.PositiveSmallIntegerField()
    service_level = models.DecimalField(max_digits=4, decimal_places=3)
    expected = models.FloatField()  # in lead time and review period together
    reorder_point = models.FloatField()
    target = models.FloatField()
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = ForecastQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["sku", "location"], name="forecast_once"),
            models.CheckConstraint(condition=Q(mean__len__gte=1), name="forecast_of_some_weeks"),
            models.CheckConstraint(
                condition=Q(reorder_point__gte=0, target__gte=0, expected__gte=0), name="forecast_not_negative"
            ),
        ]
        indexes = [models.Index(fields=["location", "id"], name="forecast_by_place")]

    def __str__(self):
        return f"{self.sku}, {self.location}"
