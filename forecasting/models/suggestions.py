"""What to buy, to move to another store, or to mark down."""

from decimal import ROUND_HALF_UP, Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Location
from boutique.models import Record
from inventory.models import OfPlaces, pieces
from skus.models import Category, Sku, money
from suppliers.models import Supplier

CENT = Decimal("0.01")


class ServiceLevel(Record):
    """How seldom goods of a category may run out between two deliveries, and how often somebody looks what to buy."""

    # Nothing: what holds for all categories that have none of their own, nor one above them.
    category = models.ForeignKey(
        Category, models.CASCADE, null=True, blank=True, related_name="service_levels", db_index=False
    )
    level = models.DecimalField(
        max_digits=4, decimal_places=3, help_text="0.95: in 95 of 100 cases there is enough until the next delivery."
    )
    review_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Empty: as often as for everything else."
    )

    class Meta:
        ordering = ["category__name", "id"]
        verbose_name = "service level"
        constraints = [
            models.UniqueConstraint(
                fields=["category"],
                nulls_distinct=False,
                name="service_level_once",
                violation_error_message="There is a service level for this category already.",
            ),
            models.CheckConstraint(
                condition=Q(level__gte=Decimal("0.5"), level__lte=Decimal("0.995")),
                name="service_level_possible",
                violation_error_message="Between 0.5 and 0.995.",
            ),
            models.CheckConstraint(
                condition=Q(review_days=None) | Q(review_days__gte=1, review_days__lte=365),
                name="service_level_review_possible",
                violation_error_message="Between 1 and 365 days.",
            ),
        ]

    def __str__(self):
        return str(self.category or "All categories")


class SuggestionQuerySet(OfPlaces):
    def open(self):
        return self.filter(status=ReorderSuggestion.Status.OPEN)

    def with_labels(self):
        return self.select_related("sku__product", "location", "supplier", "source").defer(
            "sku__search", "sku__product__search"
        )

    def found_by(self, text):
        return self.filter(sku__in=Sku.objects.found_by(text))


class ReorderSuggestion(Record):
    """So much of a SKU should be bought, brought from another place, or marked down; a person decides."""

    class Kind(models.TextChoices):
        PURCHASE = "purchase", "Buy"
        TRANSFER = "transfer", "Bring from another place"
        MARKDOWN = "markdown", "Mark down"

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        ACCEPTED = "accepted", "Accepted"
        DISMISSED = "dismissed", "Dismissed"
        LAPSED = "lapsed", "No longer needed"

    kind = models.CharField(max_length=10, choices=Kind)
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    sku = models.ForeignKey(Sku, models.CASCADE, related_name="suggestions")
    location = models.ForeignKey(Location, models.CASCADE, related_name="suggestions", db_index=False)
    supplier = models.ForeignKey(Supplier, models.CASCADE, null=True, blank=True, related_name="+")
    source = models.ForeignKey(Location, models.CASCADE, null=True, blank=True, related_name="+")
    quantity = pieces()
    unit_cost = money(null=True, blank=True)
    on_hand = pieces()
    reserved = pieces()
    incoming = pieces()  # ordered, and on the road
    drafts = pieces()  # in orders and transfers that are not on their way
    position = pieces()
    reorder_point = pieces()
    target = pieces()
    arithmetic = models.TextField()
    document = models.CharField(max_length=40, blank=True)  # what accepting it made
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    objects = SuggestionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = "reorder suggestion"
        permissions = [
            ("accept_reordersuggestion", "Can turn suggestions into orders and transfers"),
            ("dismiss_reordersuggestion", "Can dismiss suggestions"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["sku", "location"], condition=Q(status="open"), name="suggestion_one_open_per_shelf"
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="suggestion_of_something"),
            models.CheckConstraint(
                condition=Q(position=F("on_hand") - F("reserved") + F("incoming") + F("drafts")),
                name="suggestion_position_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(kind="transfer", source__isnull=False) & ~Q(source=F("location"))
                | ~Q(kind="transfer") & Q(source=None),
                name="suggestion_transfer_has_source",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["open", "lapsed"], decided_by=None, decided_at=None)
                | Q(status__in=["accepted", "dismissed"], decided_by__isnull=False, decided_at__isnull=False),
                name="suggestion_decided_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["location", "id"], name="suggestion_by_place"),
            models.Index(fields=["location", "id"], condition=Q(status="open"), name="suggestion_open_by_place"),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.sku}, {self.location}"

    @property
    def total_cost(self):
        return None if self.unit_cost is None else (self.quantity * self.unit_cost).quantize(CENT, ROUND_HALF_UP)
