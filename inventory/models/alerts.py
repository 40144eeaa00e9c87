"""From where on there is too little of something, and who is told that it has come to that."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Location
from boutique.models import Record
from inventory.models import coming
from inventory.models.stock import OfPlaces, StockLevel, pieces
from skus.models import Product, Sku


class ThresholdQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Those for everywhere concern everybody; those for one place whoever works there."""
        if user.has_perm("accounts.see_all_places"):
            return self
        return self.filter(Q(location=None) | Q(location__in=user.location_ids))

    def with_labels(self):
        return self.select_related("sku__product", "product", "location", "created_by").defer(
            "sku__search", "sku__product__search", "product__search"
        )

    def found_by(self, text):
        """By the words of their SKU, or of their product."""
        return self.filter(Q(sku__in=Sku.objects.found_by(text)) | Q(product__in=Product.objects.found_by(text)))


class LowStockThreshold(Record):
    """How little of a SKU, or of each SKU of a product, is too little; everywhere or in one place."""

    sku = models.ForeignKey(Sku, models.CASCADE, null=True, blank=True, related_name="thresholds", db_index=False)
    product = models.ForeignKey(
        Product, models.CASCADE, null=True, blank=True, related_name="thresholds", db_index=False
    )
    location = models.ForeignKey(Location, models.CASCADE, null=True, blank=True, related_name="thresholds")
    threshold = pieces()
    # For whoever reckons when and how much to buy.
    reorder_point = pieces(null=True, blank=True)
    target = pieces(null=True, blank=True)

    objects = ThresholdQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = "threshold"
        constraints = [
            models.CheckConstraint(
                condition=Q(sku=None, product__isnull=False) | Q(sku__isnull=False, product=None),
                name="threshold_of_sku_or_product",
            ),
            models.UniqueConstraint(
                fields=["sku", "location"],
                condition=Q(sku__isnull=False),
                nulls_distinct=False,
                name="threshold_once_per_sku",
                violation_error_message="There is a threshold of this SKU for this place already.",
            ),
            models.UniqueConstraint(
                fields=["product", "location"],
                condition=Q(product__isnull=False),
                nulls_distinct=False,
                name="threshold_once_per_product",
                violation_error_message="There is a threshold of this product for this place already.",
            ),
            models.CheckConstraint(condition=Q(threshold__gte=0), name="threshold_not_negative"),
            models.CheckConstraint(
                condition=Q(reorder_point=None) | Q(reorder_point__gte=0), name="threshold_reorder_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(target=None) | Q(target__gte=F("threshold")), name="threshold_target_not_below_it"
            ),
        ]

    def __str__(self):
        where = self.location.code if self.location else "everywhere"
        return f"{self.sku or self.product}, {where}"

    @property
    def of_product(self):
        return self.product or self.sku.product


class AlertKind(models.TextChoices):
    """What is wrong."""

    LOW_STOCK = "low_stock", "Low stock"
    OUT_OF_STOCK = "out_of_stock", "Out of stock"
    SHORTAGE = "shortage", "Shortage"
    OVERDUE = "overdue", "Overdue"
    RECOUNT = "recount", "To be counted"  # something was sold that the book did not know


OF_THRESHOLDS = [AlertKind.LOW_STOCK, AlertKind.OUT_OF_STOCK]


class AlertQuerySet(OfPlaces):
    def open(self):
        """What somebody has to do something about. Of what is archived, or in a closed place, nothing runs low."""
        still_sold = Q(level__sku__is_active=True, location__is_active=True)
        return self.filter(still_sold | ~Q(kind__in=OF_THRESHOLDS), resolved_at=None)

    def with_labels(self):
        return self.select_related("level__sku__product", "location", "acknowledged_by").defer(
            "level__sku__search", "level__sku__product__search"
        )

    def with_incoming(self):
        return self.annotate(incoming=coming.incoming(sku="level__sku"))

    def found_by(self, text):
        """By the number of a document, or by the words of the SKU."""
        number = text.strip().upper()
        of_document = Q(document=number) | Q(orders__contains=[number])
        return self.filter(of_document | Q(level__sku__in=Sku.objects.found_by(text)))

    def unacknowledged(self):
        return self.filter(acknowledged_at=None)

    def of_low_levels(self):
        """A level is low as long as it has one of these."""
        return self.filter(kind__in=OF_THRESHOLDS, resolved_at=None)


class Alert(models.Model):
    """Something that somebody should look at: a shelf that runs low, a promise that cannot be kept, a late document."""

    level = models.ForeignKey(StockLevel, models.PROTECT, null=True, related_name="alerts")
    location = models.ForeignKey(Location, models.PROTECT, related_name="alerts", db_index=False)
    kind = models.CharField(max_length=12, choices=AlertKind)
    document = models.CharField(max_length=40, blank=True)
    threshold = pieces(null=True)
    orders = ArrayField(models.CharField(max_length=40), default=list)
    opened_at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_note = models.CharField(max_length=1000, blank=True)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        permissions = [
            ("acknowledge_alert", "Can acknowledge an alert"),
            ("receive_alerts", "Gets letters about the alerts of their places"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=AlertKind.values), name="alert_has_kind"),
            models.CheckConstraint(
                condition=Q(kind="overdue", level=None) & ~Q(document="")
                | ~Q(kind="overdue") & Q(level__isnull=False, document=""),
                name="alert_of_level_or_document",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=OF_THRESHOLDS, threshold__isnull=False)
                | ~Q(kind__in=OF_THRESHOLDS) & Q(threshold=None),
                name="alert_of_threshold_names_it",
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_by=None, acknowledged_at=None, acknowledged_note="")
                | Q(acknowledged_by__isnull=False, acknowledged_at__isnull=False),
                name="alert_acknowledged_by_somebody",
            ),
            models.UniqueConstraint(fields=["level", "kind"], condition=Q(resolved_at=None), name="alert_open_once"),
            models.UniqueConstraint(
                fields=["document"], condition=Q(kind="overdue", resolved_at=None), name="alert_overdue_once"
            ),
        ]
        indexes = [
            models.Index(fields=["location", "id"], name="alert_by_place"),
            models.Index(fields=["location", "id"], condition=Q(resolved_at=None), name="alert_open_by_place"),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.document or self.level}"

    @property
    def sku(self):
        return self.level and self.level.sku

    @property
    def is_open(self):
        return self.resolved_at is None
