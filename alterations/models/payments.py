import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from alterations.models.tickets import PAYMENTS_ADD_UP, Ticket
from boutique.triggers import append_only
from inventory.models import OfPlaces, amount
from orders.models import Payment
from orders.models.orders import at_the_end


class TicketPaymentQuerySet(OfPlaces):
    place = "ticket__location"


class TicketPayment(models.Model):
    """Money that came in for a ticket, or went back. Never edited: a mistake is a refund."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="payments", db_index=False)
    kind = models.CharField(max_length=10, choices=Payment.Kind, default=Payment.Kind.PAYMENT)
    method = models.CharField(max_length=10, choices=Payment.Method)
    amount = amount()
    reference = models.CharField(max_length=100, blank=True)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)

    objects = TicketPaymentQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = "payment of a ticket"
        verbose_name_plural = "payments of tickets"
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="ticket_payment_of_something"),
            models.CheckConstraint(condition=Q(kind__in=["payment", "refund"]), name="ticket_payment_kind_known"),
            # The same slip, noted down twice: as with orders.
            models.UniqueConstraint(
                fields=["ticket", "reference", "kind", "method"],
                condition=Q(method__in=["card", "transfer"]) & ~Q(reference=""),
                name="ticket_payment_reference_once",
            ),
        ]
        indexes = [
            models.Index(fields=["ticket", "id"], name="ticket_payment_by_ticket"),
            models.Index(fields=["by", "at"], name="ticket_payment_by_person"),
            models.Index(fields=["at", "id"], name="ticket_payment_by_moment"),
        ]
        triggers = [
            *append_only("ticket_payments"),
            at_the_end("ticket_payments_add_up", pgtrigger.Insert, PAYMENTS_ADD_UP.format(ticket="NEW.ticket_id")),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} of {self.amount}"

    @property
    def updated_at(self):
        """It never changes again."""
        return self.at
