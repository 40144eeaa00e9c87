"""Money for an order: taken, and paid back. Rows are added and stay; a mistake is a refund."""

from django.db import transaction

from boutique.documents import locked_again, note_down
from boutique.errors import Forbidden, IllegalTransition, RuleError, line_error
from orders.models import Order, Payment
from orders.services import ordering, tills


class Overpayment(RuleError):
    code = "overpayment"
    title = "More than is due"


class RefundExceedsPaid(RuleError):
    code = "refund_exceeds_paid"
    title = "More than was paid"


@transaction.atomic
def pay(*, order, method, amount, by, kind=Payment.Kind.PAYMENT, reference=""):
    """Takes a payment, never more than is due; or pays back, never more than was paid."""
    if kind == Payment.Kind.REFUND:
        return refund(order=order, method=method, amount=amount, by=by, reference=reference)
    order = locked_again(order)
    if order.status == Order.Status.CANCELLED:
        raise IllegalTransition(order.number, "cancelled", ordering.allowed(order, by), because="nothing is due")
    refuse_overpayment(order, amount)
    order.received += amount
    return note(order, Payment.Kind.PAYMENT, by, method=method, amount=amount, reference=reference)


@transaction.atomic
def refund(*, order, method, amount, by, reference=""):
    refuse_refunding(by)
    order = locked_again(order)
    refuse_beyond_paid(order, amount)
    order.refunded += amount
    return note(order, Payment.Kind.REFUND, by, method=method, amount=amount, reference=reference)


def note(order, kind, by, **money):
    order.updated_by = by
    order.save()
    payment = Payment.objects.create(order=order, kind=kind, by=by, **money)
    told = {"payment": payment.pk, "amount": str(payment.amount), "method": payment.method}
    note_down(order, by, kind=kind, changes=told)
    tills.record([taking(payment)], by=by)
    return payment


def taking(payment, session=None):
    """What its till is told of a payment for an order, or of money paid back."""
    order = payment.order
    return tills.Taking(
        location=order.location,
        document=order.number,
        kind=payment.kind,
        method=payment.method,
        amount=payment.amount,
        at=payment.at,
        payment=payment,
        session=session,
    )


# ------------------------------------------------------------------------------------------------ of any paper


def refuse_overpayment(paper, amount):
    if amount > paper.balance:
        due = max(paper.balance, 0)
        text = f"{due} are due, no more."
        raise Overpayment(text, errors=[line_error("amount", Overpayment.code, text, balance=str(paper.balance))])


def refuse_refunding(by):
    if not by.has_perm("orders.refund_payment"):
        raise Forbidden("Your role does not allow you to pay money back. Ask a manager.")


def refuse_beyond_paid(paper, amount):
    if amount > paper.paid:
        text = f"{paper.paid} were paid, no more can be paid back."
        errors = [line_error("amount", RefundExceedsPaid.code, text, paid=str(paper.paid))]
        raise RefundExceedsPaid(text, errors=errors)
