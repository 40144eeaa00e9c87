from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Greatest, Round

from accounts.models import Location
from boutique.documents import Document, known, stepwise
from inventory.models import OfPlaces, PaperQuerySet, amount, pieces
from skus.models import MOST_MONEY, Sku, money
from suppliers.models.suppliers import Supplier, SupplierSku

# Which states may follow which. Backwards only where a delivery that was booked by mistake is reversed.
STEPS = {
    "draft": ["sent", "cancelled"],
    "sent": ["partly_received", "received", "cancelled"],
    "partly_received": ["sent", "received", "closed"],
    "received": ["sent", "partly_received", "closed", "cancelled"],
}
AWAITED = ["sent", "partly_received"]


class PurchaseOrderQuerySet(PaperQuerySet):
    def named(self):
        return self.select_related("supplier", "location", "created_by")

    def awaited(self):
        """Something of them is still to come."""
        return self.filter(status__in=AWAITED)

    def overdue(self, today):
        """Still awaited, though the day they were to come has passed."""
        return self.awaited().filter(expected_on__lt=today)

    def found_by(self, text):
        """By its number, by words of its note, or by those of its supplier's name."""
        by_supplier = Q()
        for word in text.split():
            by_supplier &= Q(supplier__name__icontains=word)
        return super().found_by(text) | self.filter(by_supplier)


class PurchaseOrder(Document):
    """What is ordered from a supplier for a place: a draft, sent, received in parts."""

    PREFIX = "PO"

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        SENT = "sent", "Sent"
        PARTLY_RECEIVED = "partly_received", "Partly received"
        RECEIVED = "received", "Received"
        CLOSED = "closed", "Closed short"
        CANCELLED = "cancelled", "Cancelled"

    supplier = models.ForeignKey(Supplier, models.PROTECT, related_name="orders", db_index=False)
    location = models.ForeignKey(Location, models.PROTECT, related_name="purchase_orders", db_index=False)
    expected_on = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=1000, blank=True)
    status = models.CharField(max_length=20, choices=Status, default=Status.DRAFT)
    # Bought over the counter: ordered and received in one step, so that it says nothing of how they deliver.
    at_once = models.BooleanField(default=False, editable=False)
    sent_at = models.DateTimeField(null=True, editable=False)
    # The day, where the goods come, on which the last of it came, or on which it was clear that no more would.
    finished_on = models.DateField(null=True, editable=False)

    objects = PurchaseOrderQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = "purchase order"
        permissions = [
            ("send_purchaseorder", "Can send orders to suppliers"),
            ("receive_purchaseorder", "Can receive what was ordered"),
            ("close_purchaseorder", "Can close orders of which the rest will not come"),
            ("cancel_purchaseorder", "Can cancel orders"),
            ("return_purchaseorder", "Can send goods back to their supplier"),
        ]
        constraints = [
            known(STEPS, "purchase_order_status_known"),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "cancelled"]) | Q(sent_at__isnull=False),
                name="purchase_order_sent_before_received",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["received", "closed", "cancelled"], finished_on__isnull=False)
                | Q(status__in=["draft", *AWAITED], finished_on=None),
                name="purchase_order_finished_on_a_day",
            ),
        ]
        indexes = [
            models.Index(fields=["supplier", "id"], name="purchase_order_by_supplier"),
            models.Index(fields=["location", "id"], name="purchase_order_by_place"),
            models.Index(fields=["status", "id"], name="purchase_order_by_status"),
            models.Index(fields=["expected_on"], condition=Q(status__in=AWAITED), name="purchase_order_awaited"),
        ]
        triggers = stepwise("suppliers_purchaseorder", "PO", STEPS)

    @property
    def is_overdue(self):
        """Its day is over where the goods are to come."""
        return self.status in AWAITED and self.expected_on is not None and self.expected_on < self.location.today


class PurchaseLineQuerySet(OfPlaces):
    place = "order__location"

    def with_goods(self):
        """With the words for what is ordered."""
        return self.select_related("sku__product").defer("sku__search", "sku__product__search")

    def with_codes(self):
        """With what the supplier calls it."""
        prices = SupplierSku.objects.filter(supplier=OuterRef("order__supplier"), sku=OuterRef("sku"))
        return self.annotate(supplier_code=Coalesce(Subquery(prices.values("supplier_code")), Value("")))

    def awaited(self):
        """What is ordered and has not come: rows of `sku`, `location` and `coming`."""
        rows = self.filter(order__status__in=AWAITED, outstanding__gt=0).order_by()
        return rows.annotate(location=F("order__location"), coming=F("outstanding")).values("sku", "location", "coming")


class PurchaseLine(models.Model):
    """So much of one SKU at a price, and what has become of it."""

    order = models.ForeignKey(PurchaseOrder, models.CASCADE, related_name="lines", db_index=False)
    sku = models.ForeignKey(Sku, models.PROTECT, related_name="purchase_lines", db_index=False)
    ordered = pieces()
    unit_cost = money()
    total = models.GeneratedField(
        expression=Round(F("ordered") * F("unit_cost"), 2, output_field=amount()),
        output_field=amount(),
        db_persist=True,
    )
    # Counters over the rows of its receipts and returns.
    received = pieces(default=0)
    rejected = pieces(default=0)
    replaced = pieces(default=0)  # of the rejected: the supplier sends others
    returned = pieces(default=0)
    closed = pieces(default=0)  # will not come
    tolerance = models.DecimalField(max_digits=5, decimal_places=2, default=0)  # percent that may come too much
    outstanding = models.GeneratedField(
        expression=Greatest(
            F("ordered") - F("received") - F("rejected") + F("replaced") - F("closed"), 0, output_field=pieces()
        ),
        output_field=pieces(),
        db_persist=True,
    )

    objects = PurchaseLineQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["order", "sku"], name="purchase_line_sku_once"),
            models.CheckConstraint(condition=Q(ordered__gt=0), name="purchase_line_of_something"),
            models.CheckConstraint(
                condition=Q(unit_cost__gte=0, unit_cost__lte=MOST_MONEY), name="purchase_line_cost_possible"
            ),
            models.CheckConstraint(
                condition=Q(received__gte=0, rejected__gte=0, replaced__gte=0, closed__gte=0),
                name="purchase_line_not_negative",
            ),
            models.CheckConstraint(condition=Q(replaced__lte=F("rejected")), name="purchase_line_replaces_rejected"),
            models.CheckConstraint(
                condition=Q(returned__gte=0, returned__lte=F("received")), name="purchase_line_returned_of_received"
            ),
            models.CheckConstraint(
                condition=Q(received__lte=F("ordered") * (100 + F("tolerance")) / 100 - F("rejected") + F("replaced")),
                name="purchase_line_not_over_received",
            ),
        ]
        # Who asks what is to come asks by SKU, and reads the place off the order.
        indexes = [
            models.Index(fields=["sku", "order"], condition=Q(outstanding__gt=0), name="purchase_line_outstanding"),
            models.Index(fields=["sku", "id"], name="purchase_line_by_sku"),
        ]

    def __str__(self):
        return f"{self.ordered} {self.sku}"

    @property
    def kept(self):
        """Came, and did not go back."""
        return self.received - self.returned


def outstanding():
    """What is ordered and has not come: rows of `sku`, `location` and `coming`. See settings.INCOMING."""
    return PurchaseLine.objects.awaited()
