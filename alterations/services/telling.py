"""The customer is told by e-mail how their ticket stands. A task sends the letter and writes down what came of it."""

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from alterations.models import Notice
from boutique import mail
from boutique.documents import locked_again, note_down
from boutique.errors import RuleError
from orders.services.customers import still_known


class NoAddress(RuleError):
    code = "no_address"
    title = "Nowhere to write to"


@transaction.atomic
def notify(*, ticket, by):
    """Notes a letter, and leaves the ticket as it is."""
    from alterations.tasks import deliver_notice

    ticket = locked_again(ticket)
    still_known(ticket.customer)
    if not settings.BOUTIQUE_CUSTOMER_MAIL:
        raise NoAddress("The house writes no letters to customers (BOUTIQUE_CUSTOMER_MAIL). Call them.")
    if not ticket.customer.email:
        raise NoAddress(f"{ticket.customer} gave no e-mail address. Call them.")
    notice = Notice.objects.create(ticket=ticket, by=by)
    ticket.updated_by = by
    ticket.save()
    note_down(ticket, by, kind="notice_queued", changes={"notice": notice.pk})
    deliver_notice.enqueue(notice.pk)
    return ticket


def deliver(pk, *, number):
    """Sends it once. An error is written down and raised again, so that the task is tried again later."""
    notice = Notice.objects.select_related("ticket__customer", "ticket__location", "by").get(pk=pk)
    if notice.outcome == Notice.Outcome.SENT:
        return
    address = notice.ticket.customer.email
    if not address:
        settled(notice, Notice.Outcome.FAILED, problem="There is no address any more.")
        return
    try:
        mail.written("alterations/ready", [address], words_of(notice.ticket), number=number).send()
    except Exception as error:
        settled(notice, Notice.Outcome.FAILED, problem=type(error).__name__)
        raise
    settled(notice, Notice.Outcome.SENT)


@transaction.atomic
def settled(notice, outcome, *, problem=""):
    notice.outcome, notice.settled_at, notice.problem = outcome, timezone.now(), problem[:200]
    notice.save()
    changes = {"notice": notice.pk} | ({"problem": problem} if problem else {})
    note_down(notice.ticket, notice.by, kind=f"notice_{outcome}", changes=changes)


def words_of(ticket):
    due = ticket.balance
    return {
        "name": ticket.customer.name,
        "number": ticket.number,
        "place": ticket.location.name,
        "is_ready": ticket.status == ticket.Status.READY,
        "day": str(ticket.promised_on or ""),
        "balance": f"{due} {settings.BOUTIQUE_CURRENCY}" if due > 0 else "",
    }
