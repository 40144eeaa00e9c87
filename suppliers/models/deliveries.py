"""What came, what went back, what was billed later. These rows are never changed: a mistake gets its opposite."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from boutique.triggers import append_only
from inventory.models import OfPlaces, StockMovement, amount, pieces
from skus.models import money
from suppliers.models.orders import PurchaseLine, PurchaseOrder


class OfOrders(OfPlaces):
    place = "order__location"


class OfOrder(models.Model):
    """Something that happened to an order, on a day of its place."""

    note = models.CharField(max_length=1000, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    business_date = models.DateField()

    objects = OfOrders.as_manager()

    class Meta:
        abstract = True

    @property
    def updated_at(self):
        """It never changes again."""
        return self.at


# ------------------------------------------------------------------------------------------------ what came


class Receipt(OfOrder):
    """One delivery of an order, or the opposite of what was booked of one by mistake."""

    order = models.ForeignKey(PurchaseOrder, models.PROTECT, related_name="receipts", db_index=False)
    number = models.PositiveIntegerField()  # the order's first, second, third
    value = amount()
    is_reversal = models.BooleanField(default=False)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["order", "number"], name="receipt_number_once")]
        triggers = append_only("receipts")

    def __str__(self):
        return f"{self.order} delivery {self.number}"


class ReceiptLine(models.Model):
    """What of one line came, and at which cost: good pieces, and beside them those that were refused."""

    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="lines", db_index=False)
    line = models.ForeignKey(PurchaseLine, models.PROTECT, related_name="receipts")
    quantity = pieces()
    rejected = pieces(default=0)
    replace = models.BooleanField(default=False)  # the supplier sends others for the rejected
    unit_cost = money()
    value = amount()
    movement = models.OneToOneField(StockMovement, models.PROTECT, null=True, related_name="+")
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversed_by")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["receipt", "line"], name="receipt_line_once"),
            models.CheckConstraint(
                condition=Q(quantity__gte=0, rejected__gte=0, reverses=None)
                | Q(quantity__lt=0, rejected=0, reverses__isnull=False),
                name="receipt_line_comes_or_is_reversed",
            ),
            models.CheckConstraint(condition=~Q(quantity=0, rejected=0), name="receipt_line_of_something"),
            models.CheckConstraint(
                condition=Q(quantity=0, movement=None) | (~Q(quantity=0) & Q(movement__isnull=False)),
                name="receipt_line_is_in_the_ledger",
            ),
        ]
        triggers = append_only("receipt_lines")

    def __str__(self):
        return f"{self.quantity} of {self.line}"


# ------------------------------------------------------------------------------------------------ what went back


class SupplierReturn(OfOrder):
    """Goods that went back to their supplier. Its note is the reason."""

    order = models.ForeignKey(PurchaseOrder, models.PROTECT, related_name="returns")
    value = amount()

    class Meta:
        ordering = ["-id"]
        verbose_name = "return to a supplier"
        verbose_name_plural = "returns to suppliers"
        triggers = append_only("supplier_returns")

    def __str__(self):
        return f"{self.order} return of {self.business_date}"


class ReturnLine(models.Model):
    """So many of the pieces that one delivery brought, at what they cost then."""

    supplier_return = models.ForeignKey(SupplierReturn, models.PROTECT, related_name="lines")
    receipt_line = models.ForeignKey(ReceiptLine, models.PROTECT, related_name="returns")
    quantity = pieces()
    value = amount()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="return_line_of_something"),
            models.CheckConstraint(condition=Q(value__gte=0), name="return_line_value_not_negative"),
        ]
        triggers = append_only("return_lines")

    def __str__(self):
        return f"{self.quantity} of {self.receipt_line}"


# ------------------------------------------------------------------------------------------------ billed later


class PurchaseCost(OfOrder):
    """Freight, duty or another price, known after the goods were received; a credit is below nothing."""

    order = models.ForeignKey(PurchaseOrder, models.PROTECT, related_name="costs")
    amount = amount()

    class Meta:
        ordering = ["-id"]
        verbose_name = "later cost"
        constraints = [models.CheckConstraint(condition=~Q(amount=0), name="purchase_cost_of_something")]
        triggers = append_only("purchase_costs")

    def __str__(self):
        return f"{self.order} {self.amount}"


class PurchaseCostLine(models.Model):
    """One line's share: what falls on goods that are still here, and what on those that are gone."""

    cost = models.ForeignKey(PurchaseCost, models.PROTECT, related_name="lines")
    line = models.ForeignKey(PurchaseLine, models.PROTECT, related_name="costs")
    stocked = amount()
    expensed = amount()
    amount = amount()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount=F("stocked") + F("expensed")), name="purchase_cost_line_adds_up")
        ]
        triggers = append_only("purchase_cost_lines")

    def __str__(self):
        return f"{self.amount} on {self.line}"
