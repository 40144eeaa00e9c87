"""Money for a ticket, taken and paid back as for an order: all of it goes through here."""

from django.db import transaction

from alterations.models import Ticket, TicketPayment
from boutique.documents import locked_again, note_down
from boutique.errors import IllegalTransition
from orders.models import Payment
from orders.services import tills
from orders.services.paying import refuse_beyond_paid, refuse_overpayment, refuse_refunding


@transaction.atomic
def pay(*, ticket, method, amount, by, kind=Payment.Kind.PAYMENT, reference=""):
    """Takes a payment, never more than is due; or pays back, never more than was paid."""
    if kind == Payment.Kind.REFUND:
        return refund(ticket=ticket, method=method, amount=amount, by=by, reference=reference)
    ticket = locked_again(ticket)
    if ticket.status == Ticket.Status.CANCELLED and ticket.balance <= 0:
        raise IllegalTransition(ticket.number, "cancelled", [], because="nothing is due")
    refuse_overpayment(ticket, amount)
    ticket.received += amount
    return note(ticket, Payment.Kind.PAYMENT, by, method=method, amount=amount, reference=reference)


@transaction.atomic
def refund(*, ticket, method, amount, by, reference=""):
    refuse_refunding(by)
    ticket = locked_again(ticket)
    refuse_beyond_paid(ticket, amount)
    ticket.refunded += amount
    return note(ticket, Payment.Kind.REFUND, by, method=method, amount=amount, reference=reference)


def note(ticket, kind, by, **money):
    ticket.updated_by = by
    ticket.save()
    payment = TicketPayment.objects.create(ticket=ticket, kind=kind, by=by, **money)
    told = {"payment": payment.pk, "amount": str(payment.amount), "method": payment.method}
    note_down(ticket, by, kind=kind, changes=told)
    tills.record([taking(payment)], by=by)
    return payment


def taking(payment):
    """What the till of the place is told of it."""
    return tills.Taking(
        location=payment.ticket.location,
        document=payment.ticket.number,
        kind=payment.kind,
        method=payment.method,
        amount=payment.amount,
        at=payment.at,
    )
