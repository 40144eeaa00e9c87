"""Somebody asks a place for goods: they are held at once, and leave when somebody else says yes."""

from django.db import transaction
from django.utils import timezone

from boutique.documents import Move, begin, by_somebody_else, move_on, opened
from boutique.errors import Forbidden
from inventory.models import Reason, StockRequest, StockRequestLine
from inventory.services import ledger
from inventory.services.lines import for_the_ledger, refuse_unfit

Status = StockRequest.Status


def by_the_asker(asked, by):
    if asked.created_by_id != by.pk:
        raise Forbidden("Only who asked takes it back. Reject it instead.")


MOVES = {
    "approve": Move(of=[Status.REQUESTED], needs="inventory.decide_stockrequest", rule=by_somebody_else),
    "reject": Move(of=[Status.REQUESTED], needs="inventory.decide_stockrequest", rule=by_somebody_else),
    "cancel": Move(of=[Status.REQUESTED], needs="inventory.cancel_stockrequest", rule=by_the_asker),
}


@transaction.atomic
def ask(*, location, lines, by, note=""):
    """The goods are held from now on: nobody else may have them."""
    refuse_unfit(lines, location)
    asked = StockRequest.objects.create(location=location, note=note, created_by=by, updated_by=by)
    StockRequestLine.objects.bulk_create(
        StockRequestLine(request=asked, sku=line.sku, quantity=line.quantity) for line in lines
    )
    opened(asked, by, note=note)
    ledger.reserve(location=location, lines=for_the_ledger(lines), document=asked.number, by=by, note=note)
    return asked


@transaction.atomic
def approve(*, asked, by, note=""):
    """Yes: the goods leave."""
    asked = begin(asked, "approve", by, MOVES)
    decide(asked, Status.APPROVED, by, "approved", note)
    ledger.issue(**held_for(asked), reason=Reason.REQUEST, by=by, note=note)
    return asked


@transaction.atomic
def reject(*, asked, by, note=""):
    """No: the goods are free again."""
    asked = begin(asked, "reject", by, MOVES)
    decide(asked, Status.REJECTED, by, "rejected", note)
    ledger.release(**held_for(asked), by=by, note=note)
    return asked


@transaction.atomic
def cancel(*, asked, by, note=""):
    """Taken back by who asked."""
    asked = begin(asked, "cancel", by, MOVES)
    move_on(asked, Status.CANCELLED, by, kind="cancelled", note=note)
    ledger.release(**held_for(asked), by=by, note=note)
    return asked


def decide(asked, status, by, kind, note):
    asked.decided_by, asked.decided_at = by, timezone.now()
    move_on(asked, status, by, kind=kind, note=note)


def held_for(asked):
    lines = asked.lines.select_related("sku__product").defer("sku__search", "sku__product__search")
    return {"location": asked.location, "lines": for_the_ledger(lines.order_by("pk")), "document": asked.number}
