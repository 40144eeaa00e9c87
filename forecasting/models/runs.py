"""A run reckons all forecasts of some places anew: piece by piece, on as many workers as there are."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Location
from boutique.models import Record


class ForecastRunQuerySet(models.QuerySet):
    def visible_to(self, user):
        """People see the runs that were about a place they work in."""
        if user.has_perm("accounts.see_all_places"):
            return self
        return self.filter(Exists(RunPlace.objects.filter(run=OuterRef("pk"), location__in=user.location_ids)))

    def open(self):
        return self.filter(status__in=ForecastRun.OPEN)

    def with_progress(self):
        """How many of its series are done."""
        done = ForecastChunk.objects.filter(run=OuterRef("pk"), done_at__isnull=False).order_by().values("run")
        return self.annotate(series_done=Coalesce(Subquery(done.annotate(sum=Sum("series")).values("sum")), 0))


class ForecastRun(Record):
    """The forecasts of some places are made anew: asked for by somebody, or by the clock."""

    class Status(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    OPEN = [Status.QUEUED, Status.RUNNING]

    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    locations = models.ManyToManyField(Location, through="RunPlace", related_name="forecast_runs")
    horizon_weeks = models.PositiveSmallIntegerField()
    # The first day that is forecast, a Monday. Set once, so that whoever goes on after midnight reckons the same.
    start = models.DateField()
    parameters = models.JSONField(default=dict)
    series = models.PositiveIntegerField(default=0)
    accuracy = models.JSONField(default=dict)
    failure = models.TextField(blank=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = ForecastRunQuerySet.as_manager()

    series_done = 0  # see with_progress

    class Meta:
        ordering = ["-id"]
        verbose_name = "forecast run"
        permissions = [("cancel_forecastrun", "Can cancel a forecast run")]
        constraints = [
            models.CheckConstraint(
                condition=Q(horizon_weeks__gte=1, horizon_weeks__lte=52), name="forecast_run_horizon_possible"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["queued", "running"], finished_at=None)
                | Q(status__in=["done", "failed", "cancelled"], finished_at__isnull=False),
                name="forecast_run_finished_or_not",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["running", "done"]) | Q(started_at__isnull=False),
                name="forecast_run_started_before_done",
            ),
        ]

    def __str__(self):
        return f"Forecast run {self.pk}"

    @property
    def is_open(self):
        return self.status in self.OPEN

    @property
    def progress(self):
        """From 0 to 1; of rows that came `with_progress`."""
        if self.status == self.Status.DONE:
            return 1.0
        return round(self.series_done / self.series, 3) if self.series else 0.0

    @property
    def seconds(self):
        if self.started_at is None:
            return None
        return round(((self.finished_at or timezone.now()) - self.started_at).total_seconds(), 1)


class RunPlace(models.Model):
    """One of the places a run is about. Of a place, one run is open at a time."""

    run = models.ForeignKey(ForecastRun, models.CASCADE, related_name="places")
    location = models.ForeignKey(Location, models.CASCADE, related_name="+")
    is_open = models.BooleanField(default=True)
    # Days on which nothing was sold at all, where on such a day of the week something always is.
    closed_days = ArrayField(models.DateField(), default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "location"], name="run_place_once"),
            models.UniqueConstraint(fields=["location"], condition=Q(is_open=True), name="run_place_one_open_run"),
        ]

    def __str__(self):
        return f"{self.run}, {self.location}"


class ForecastChunk(models.Model):
    """A piece of a run: the series of some products in all its places. A worker does it in one transaction."""

    run = models.ForeignKey(ForecastRun, models.CASCADE, related_name="chunks", db_index=False)
    number = models.PositiveIntegerField()
    first_product = models.BigIntegerField()
    last_product = models.BigIntegerField()
    series = models.PositiveIntegerField()
    done_at = models.DateTimeField(null=True)
    accuracy = models.JSONField(default=dict)

    class Meta:
        ordering = ["run", "number"]
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="forecast_chunk_once"),
            models.CheckConstraint(condition=Q(last_product__gte=F("first_product")), name="forecast_chunk_has_range"),
        ]

    def __str__(self):
        return f"{self.run}, part {self.number}"
