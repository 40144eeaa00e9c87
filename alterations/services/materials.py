"""Buttons, zips and cloth for a garment, taken from the shelf of its ticket's place.

What was used is what the ledger says: its movements name the ticket, and in their note the garment.
"""

from django.db import transaction
from django.db.models import Sum

from alterations.services import ticketing
from boutique.documents import note_down
from boutique.errors import IllegalTransition, RuleError, line_error
from inventory.models import Reason, StockMovement
from inventory.services import ledger
from inventory.services.lines import for_the_ledger, refuse_unfit


class MoreThanUsed(RuleError):
    code = "return_exceeds_used"
    title = "More than was taken"


@transaction.atomic
def use(*, garment, lines, by):
    """Taken for this garment: all of it, or nothing where something is short."""
    ticket, garment = ticketing.both_locked(garment)
    if not garment.is_open:
        raise IllegalTransition(garment.number, garment.get_status_display().lower(), [])
    refuse_unfit(lines, ticket.location)
    ledger.sell(
        location=ticket.location,
        lines=for_the_ledger(lines),
        document=ticket.number,
        by=by,
        reason=Reason.ALTERATION,
        note=garment.number,
    )
    return told(garment, lines, by, kind="materials_used")


@transaction.atomic
def bring_back(*, garment, lines, by):
    """What was not needed lies on the shelf again: no more than was taken for this garment."""
    ticket, garment = ticketing.both_locked(garment)
    refuse_unfit(lines, ticket.location)
    used = {row["sku"]: row["quantity"] for row in used_for([garment])[garment.pk]}
    text = "So much was not taken for this garment."
    errors = [
        line_error(f"lines.{index}.quantity", MoreThanUsed.code, text, used=str(used.get(line.sku.pk, 0)))
        for index, line in enumerate(lines)
        if line.quantity > used.get(line.sku.pk, 0)
    ]
    if errors:
        raise MoreThanUsed(text, errors=errors)
    ledger.take_back(
        location=ticket.location,
        lines=for_the_ledger(lines),
        document=ticket.number,
        by=by,
        reason=Reason.ALTERATION,
        note=garment.number,
    )
    return told(garment, lines, by, kind="materials_returned")


def told(garment, lines, by, *, kind):
    garment.updated_by = by
    garment.save()
    goods = [{"sku": line.sku.pk, "quantity": ledger.plain(line.quantity)} for line in lines]
    note_down(garment, by, kind=kind, changes={"materials": goods})
    return garment


def used_for(garments):
    """What each of these garments took and did not bring back: one query. {garment: [{sku, sku_code, quantity}]}"""
    numbers = {garment.number: garment.pk for garment in garments}
    moved = StockMovement.objects.filter(
        document__in={garment.ticket.number for garment in garments}, note__in=numbers, reason=Reason.ALTERATION
    )
    sums = moved.order_by("sku__code").values("note", "sku", "sku__code").annotate(used=-Sum("on_hand_change"))
    used = {pk: [] for pk in numbers.values()}
    for row in sums:
        if row["used"]:
            used[numbers[row["note"]]].append(
                {"sku": row["sku"], "sku_code": row["sku__code"], "quantity": row["used"]}
            )
    return used
