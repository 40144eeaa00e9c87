import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from boutique.triggers import append_only
from inventory.models import OfPlaces, amount
from orders.models.orders import PAYMENTS_ADD_UP, RETURN_ADDS_UP, Order, at_the_end

# Nothing goes back by card that did not come by card.
BY_TENDER = """
PERFORM 1 FROM orders_payment payment JOIN orders_order document ON document.id = payment.order_id
WHERE payment.order_id = NEW.order_id AND payment.method = NEW.method AND document.channel = 'counter'
HAVING sum(CASE kind WHEN 'payment' THEN amount ELSE -amount END) < 0;
IF FOUND THEN
    RAISE EXCEPTION 'more goes back by % than came', NEW.method USING ERRCODE = 'restrict_violation';
END IF;
RETURN NULL;
"""


class PaymentQuerySet(OfPlaces):
    place = "order__location"


class Payment(models.Model):
    """Money that came in for an order, or went back. Never edited: a mistake is a refund."""

    class Kind(models.TextChoices):
        PAYMENT = "payment", "Payment"
        REFUND = "refund", "Refund"

    class Method(models.TextChoices):
        CASH = "cash", "Cash"
        CARD = "card", "Card"
        TRANSFER = "transfer", "Bank transfer"
        OTHER = "other", "Other"

    order = models.ForeignKey(Order, models.PROTECT, related_name="payments", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PAYMENT)
    method = models.CharField(max_length=10, choices=Method)
    amount = amount()
    reference = models.CharField(max_length=100, blank=True)
    sale_return = models.ForeignKey(
        "orders.SaleReturn", models.PROTECT, null=True, related_name="refunds", db_index=False
    )
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        permissions = [("refund_payment", "Can pay money back")]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_of_something"),
            models.CheckConstraint(condition=Q(kind__in=["payment", "refund"]), name="payment_kind_known"),
            models.CheckConstraint(
                condition=Q(sale_return=None) | Q(kind="refund"), name="payment_of_a_return_is_a_refund"
            ),
            # The same slip, noted down twice. Only cards and banks give numbers that are nobody else's.
            models.UniqueConstraint(
                fields=["order", "reference", "kind", "method"],  # the refusal names the first that is no other row
                condition=Q(method__in=["card", "transfer"]) & ~Q(reference=""),
                name="payment_reference_once",
            ),
        ]
        indexes = [
            models.Index(fields=["order", "id"], name="payment_by_order"),
            models.Index(fields=["sale_return"], name="payment_by_return", condition=Q(sale_return__isnull=False)),
            models.Index(fields=["by", "id"], name="payment_by_person"),
            models.Index(fields=["at", "id"], name="payment_by_moment"),
        ]
        triggers = [
            *append_only("payments"),
            at_the_end("refunds_by_the_tenders_they_came_by", pgtrigger.Insert, BY_TENDER),
            at_the_end(
                "refunds_of_returns_add_up", pgtrigger.Insert, RETURN_ADDS_UP.format(sale_return="NEW.sale_return_id")
            ),
            at_the_end("payments_add_up", pgtrigger.Insert, PAYMENTS_ADD_UP.format(order="NEW.order_id")),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} of {self.amount}"

    @property
    def updated_at(self):
        """It never changes again."""
        return self.at
