import pgtrigger
from django.db import models
from django.db.models import F, Q

from accounts.models import Location
from boutique.documents import Document
from boutique.triggers import append_only
from inventory.models import OfPlaces, amount, pieces
from orders.models.orders import (
    PREFIXES,
    RETURN_ADDS_UP,
    RETURNED_ADDS_UP,
    Order,
    OrderLine,
    OrderQuerySet,
    at_the_end,
)


class SaleReturnQuerySet(OfPlaces):
    def named(self):
        return self.select_related("location", "sale", "created_by").defer("sale__cut_to")


class SaleReturn(Document):
    """What came back of a sale, and what was paid back for it."""

    PREFIX = "RET"

    sale = models.ForeignKey(Order, models.PROTECT, related_name="returns", db_index=False)
    location = models.ForeignKey(Location, models.PROTECT, related_name="sale_returns", db_index=False)
    # What was taken in its stead, where it was exchanged.
    exchanged_for = models.OneToOneField(Order, models.PROTECT, null=True, related_name="exchange_of")
    occurred_at = models.DateTimeField(editable=False)
    business_date = models.DateField(editable=False)
    tax = amount(default=0)
    total = amount(default=0)
    reason = models.TextField(blank=True, max_length=1000)

    objects = SaleReturnQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        permissions = [("exchange_sale", "Can exchange what was sold")]
        constraints = [
            models.CheckConstraint(condition=Q(tax__gte=0, total__gte=F("tax")), name="sale_return_amounts_possible"),
        ]
        indexes = [
            models.Index(fields=["sale", "id"], name="sale_return_by_sale"),
            models.Index(fields=["location", "business_date", "id"], name="sale_return_by_day"),
        ]
        triggers = [
            pgtrigger.Protect(name="sale_return_is_not_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="sale_return_stays",
                fields=[
                    "sale",
                    "location",
                    "exchanged_for",
                    "occurred_at",
                    "business_date",
                    "tax",
                    "total",
                    "created_by",
                ],
            ),
            at_the_end("sale_return_adds_up", pgtrigger.Insert, RETURN_ADDS_UP.format(sale_return="NEW.id")),
        ]


class SaleReturnLine(models.Model):
    """So many pieces of one line, what was paid for them, and whether they lie on the shelf again."""

    sale_return = models.ForeignKey(SaleReturn, models.PROTECT, related_name="lines", db_index=False)
    # The database protects it. Django would read all lines of a custom order that is changed to see whether they are.
    line = models.ForeignKey(OrderLine, models.DO_NOTHING, related_name="returns", db_index=False)
    quantity = pieces()
    restock = models.BooleanField()
    net = amount()
    tax = amount()
    value = amount(default=0)  # what they were worth when they left, and are on the shelf again

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["sale_return", "line"], name="sale_return_line_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="sale_return_line_of_something"),
            models.CheckConstraint(
                condition=Q(net__gte=0, tax__gte=0, value__gte=0), name="sale_return_line_not_negative"
            ),
        ]
        indexes = [models.Index(fields=["line", "id"], name="sale_return_by_line")]
        triggers = [
            *append_only("sale_return_lines"),
            at_the_end(
                "sale_return_lines_add_up",
                pgtrigger.Insert,
                RETURN_ADDS_UP.format(sale_return="NEW.sale_return_id"),
            ),
            at_the_end("returns_are_counted", pgtrigger.Insert, RETURNED_ADDS_UP.format(line="NEW.line_id")),
        ]

    def __str__(self):
        return f"{self.quantity} of {self.line}"

    @property
    def total(self):
        return self.net + self.tax


class SaleQuerySet(OrderQuerySet):
    def found_by(self, text):
        """Or by the name that its till gave it."""
        return super().found_by(text) | self.filter(client_id=text.strip())


class SaleManager(models.Manager.from_queryset(SaleQuerySet)):
    def get_queryset(self):
        return super().get_queryset().sales()


class Sale(Order):
    """An order that was completed at once, over the counter: the same rows, with a page of their own."""

    PREFIX = PREFIXES["counter"]

    objects = SaleManager()

    class Meta:
        proxy = True
        ordering = ["-id"]
