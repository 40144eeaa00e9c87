import pgtrigger
from django.db import models
from django.db.models import Q

from accounts.models import Location
from boutique.documents import Document, known, stepwise
from inventory.models import PaperQuerySet, pieces
from orders.models.customers import Customer
from orders.models.orders import Order, zero_amount
from skus.models import MOST_MONEY, Sku, money

STEPS = {"held": ["sold", "discarded", "expired"]}


class BasketQuerySet(PaperQuerySet):
    def held(self):
        return self.filter(status=Basket.Status.HELD)

    def named(self):
        return self.select_related("location", "customer", "created_by").defer(
            "customer__search", "customer__search_by_name"
        )

    def found_by(self, text):
        """By its number, or by all of these words in its label or note."""
        in_label = Q()
        for word in text.split():
            in_label &= Q(label__icontains=word)
        return super().found_by(text) | self.filter(in_label)


class Basket(Document):
    """Goods put aside at the counter while somebody else is served. It reserves nothing."""

    class Status(models.TextChoices):
        HELD = "held", "Held"
        SOLD = "sold", "Sold"
        DISCARDED = "discarded", "Discarded"
        EXPIRED = "expired", "Expired"

    PREFIX = "HOLD"

    location = models.ForeignKey(Location, models.PROTECT, related_name="baskets", db_index=False)
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="baskets")
    status = models.CharField(max_length=10, choices=Status, default=Status.HELD)
    label = models.CharField(max_length=60, blank=True)  # how the counter knows it again: blue coat, back at five
    note = models.TextField(blank=True, max_length=1000)
    discount = zero_amount()
    sale = models.OneToOneField(Order, models.PROTECT, null=True, related_name="basket")

    objects = BasketQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            known(STEPS, "basket_status_known"),
            models.CheckConstraint(
                condition=Q(status="sold", sale__isnull=False) | (~Q(status="sold") & Q(sale=None)),
                name="basket_sold_has_a_sale",
            ),
            models.CheckConstraint(condition=Q(discount__gte=0), name="basket_discount_not_negative"),
        ]
        indexes = [
            models.Index(fields=["location", "id"], name="basket_by_place"),
            models.Index(fields=["updated_at"], name="basket_held_by_age", condition=Q(status="held")),
        ]
        triggers = [
            *stepwise("orders_basket", "HOLD", STEPS),
            pgtrigger.ReadOnly(name="basket_stays_where_it_is", fields=["location", "created_by"]),
            pgtrigger.Protect(name="basket_is_not_deleted", operation=pgtrigger.Delete),
        ]


class BasketLine(models.Model):
    """So much of one SKU. Without a price of its own it is sold at the catalogue's, as it is by then."""

    basket = models.ForeignKey(Basket, models.CASCADE, related_name="lines", db_index=False)
    position = models.PositiveSmallIntegerField()
    sku = models.ForeignKey(Sku, models.PROTECT, related_name="basket_lines")
    quantity = pieces()
    unit_price = money(null=True)
    discount = zero_amount()

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["basket", "sku"], name="basket_line_once_per_sku"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="basket_line_of_something"),
            models.CheckConstraint(
                condition=Q(discount__gte=0) & (Q(unit_price=None) | Q(unit_price__gte=0, unit_price__lte=MOST_MONEY)),
                name="basket_line_not_negative",
            ),
        ]
        indexes = [models.Index(fields=["basket", "position", "id"], name="basket_line_in_order")]

    def __str__(self):
        return f"{self.quantity} of {self.sku_id}"
