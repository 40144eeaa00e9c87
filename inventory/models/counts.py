from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Location
from boutique.documents import Document, known, stepwise
from inventory.models.stock import PaperQuerySet, pieces
from skus.models import Category, Product, Sku

# Which states may follow which.
STEPS = {"open": ["posted", "cancelled"]}


class StockCountQuerySet(PaperQuerySet):
    def named(self):
        return self.select_related("location", "category", "product", "created_by")


class StockCount(Document):
    """A place is counted, all of it or a part, while it goes on selling."""

    PREFIX = "CNT"

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        POSTED = "posted", "Posted"
        CANCELLED = "cancelled", "Cancelled"

    location = models.ForeignKey(Location, models.PROTECT, related_name="stock_counts", db_index=False)
    # What is counted: each of these narrows it down, none of them is all there is.
    category = models.ForeignKey(Category, models.PROTECT, null=True, related_name="+")
    product = models.ForeignKey(Product, models.PROTECT, null=True, related_name="+")
    skus = models.ManyToManyField(Sku, related_name="+")
    blind = models.BooleanField(default=False)
    note = models.CharField(max_length=1000, blank=True)
    status = models.CharField(max_length=20, choices=Status, default=Status.OPEN)

    objects = StockCountQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        permissions = [
            ("count_stock", "Can count stock"),
            ("post_stockcount", "Can see what a count found to differ, and post or cancel it"),
        ]
        constraints = [known(STEPS, "stock_count_status_known")]
        indexes = [
            models.Index(fields=["location", "id"], name="stock_count_by_place"),
            models.Index(fields=["status", "id"], name="stock_count_by_status"),
        ]
        triggers = stepwise("inventory_stockcount", "CNT", STEPS)

    @property
    def is_open(self):
        return self.status == self.Status.OPEN

    def in_scope(self):
        """The SKUs that it is about."""
        skus = Sku.objects.all()
        if self.category_id:
            skus = skus.filter(product__category__in=Category.objects.within(self.category_id))
        if self.product_id:
            skus = skus.filter(product=self.product_id)
        named = self.skus.through.objects.filter(stockcount=self.pk)
        return skus.filter(pk__in=named.values("sku")) if named.exists() else skus


class CountLine(models.Model):
    """What was counted of one SKU, and what the book said at that moment."""

    count = models.ForeignKey(StockCount, models.CASCADE, related_name="lines", db_index=False)
    sku = models.ForeignKey(Sku, models.PROTECT, related_name="count_lines", db_index=False)
    # The place, as long as the count is open: a SKU on two open counts there would have its difference posted twice.
    open_in = models.ForeignKey(Location, models.PROTECT, null=True, related_name="+", db_index=False)
    counted = pieces()
    expected = pieces()
    variance = models.GeneratedField(expression=F("counted") - F("expected"), output_field=pieces(), db_persist=True)
    counted_at = models.DateTimeField()
    counted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["count", "sku"], name="count_line_sku_once"),
            models.UniqueConstraint(
                fields=["sku", "open_in"],
                name="count_line_on_one_open_count",
                violation_error_message="Another open count of this place has counted one of these already.",
            ),
            models.CheckConstraint(condition=Q(counted__gte=0), name="count_line_not_negative"),
        ]

    def __str__(self):
        return f"{self.counted} {self.sku}"
