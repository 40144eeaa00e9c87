"""Goods on their way from one place to another: asked for, approved, shipped, received, closed.

What is shipped stands on the road until it arrives, with its value; what never arrives is lost on the road. So all
pieces of a transfer are always somewhere in the ledger.
"""

from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.models import Location
from boutique.documents import Move, begin, by_somebody_else, move_on, opened
from boutique.errors import Forbidden, RuleError, line_error
from boutique.models import rewrite
from inventory.models import Reason, Transfer, TransferLine
from inventory.services import ledger
from inventory.services.lines import refuse_unfit
from skus.models import Sku

Status = Transfer.Status
ZERO = Decimal(0)


class OverReceipt(RuleError):
    code = "over_receipt"
    title = "More than was sent"


def works_in(by, place):
    return by.has_perm("accounts.see_all_places") or place.pk in by.location_ids


def at_the_source(transfer, by):
    if not works_in(by, transfer.source):
        raise Forbidden(f"The goods leave {transfer.source}: whoever works there ships them.")


def at_the_destination(transfer, by):
    if not works_in(by, transfer.destination):
        raise Forbidden(f"The goods go to {transfer.destination}: whoever works there receives them.")


def by_the_asker(transfer, by):
    if transfer.created_by_id != by.pk and not by.has_perm("inventory.decide_transfer"):
        raise Forbidden("Whoever asked for it cancels it, or the owner.")


ON_THE_ROAD = [Status.SHIPPED, Status.PARTLY_RECEIVED]
MOVES = {
    "approve": Move(of=[Status.REQUESTED], needs="inventory.decide_transfer", rule=by_somebody_else),
    "reject": Move(of=[Status.REQUESTED], needs="inventory.decide_transfer", rule=by_somebody_else),
    "ship": Move(of=[Status.APPROVED], needs="inventory.ship_transfer", rule=at_the_source),
    "receive": Move(of=ON_THE_ROAD, needs="inventory.receive_transfer", rule=at_the_destination),
    "close": Move(of=ON_THE_ROAD, needs="inventory.close_transfer", rule=at_the_destination),
    "cancel": Move(of=[Status.REQUESTED, Status.APPROVED], needs="inventory.cancel_transfer", rule=by_the_asker),
}


@dataclass(frozen=True, kw_only=True)
class Shipped:
    """So many pieces of a SKU were put on the road."""

    sku: Sku
    shipped: Decimal


@dataclass(frozen=True, kw_only=True)
class Arrived:
    """What came out of the box: good pieces, damaged ones beside them, and whether it may be more than was sent."""

    sku: Sku
    received: Decimal
    damaged: Decimal = ZERO
    extra: bool = False

    @property
    def all(self):
        return self.received + self.damaged


# ------------------------------------------------------------------------------------------------ asking, deciding


@transaction.atomic
def ask(*, source, destination, lines, by, note=""):
    """Asks for goods of one place in another. An owner's own transfer needs nobody else's word."""
    refuse_places(source, destination, by)
    refuse_unfit(lines, source)
    transfer = Transfer.objects.create(source=source, destination=destination, note=note, created_by=by, updated_by=by)
    TransferLine.objects.bulk_create(
        TransferLine(transfer=transfer, sku=line.sku, quantity=line.quantity) for line in lines
    )
    opened(transfer, by, note=note)
    if by.has_perm("inventory.decide_transfer"):
        transfer.approved_when_made = True
        decide(transfer, Status.APPROVED, by, kind="approved")
    return transfer


def refuse_places(source, destination, by):
    if not (works_in(by, source) or works_in(by, destination)):
        raise Location.DoesNotExist  # somebody else's places are not there
    if source == destination:
        text = "The goods are there already. Name another place."
        ledger.refuse([line_error("destination", "invalid", text)])
    ledger.refuse(
        line_error(name, "inactive", f"{place} has closed.")
        for name, place in (("source", source), ("destination", destination))
        if not place.is_active
    )


@transaction.atomic
def approve(*, transfer, by, note="", ship=False):
    """Says yes. With `ship`, the goods go on their way at once."""
    transfer = begin(transfer, "approve", by, MOVES)
    decide(transfer, Status.APPROVED, by, kind="approved", note=note)
    return send(transfer, by) if ship else transfer


@transaction.atomic
def reject(*, transfer, by, note=""):
    transfer = begin(transfer, "reject", by, MOVES)
    decide(transfer, Status.REJECTED, by, kind="rejected", note=note)
    return transfer


def decide(transfer, status, by, *, kind, note=""):
    transfer.decided_by, transfer.decided_at = by, timezone.now()
    move_on(transfer, status, by, kind=kind, note=note)


@transaction.atomic
def cancel(*, transfer, by, note=""):
    """Before anything has left."""
    transfer = begin(transfer, "cancel", by, MOVES)
    move_on(transfer, Status.CANCELLED, by, kind="cancelled", note=note)
    return transfer


# ------------------------------------------------------------------------------------------------ on the road


@transaction.atomic
def ship(*, transfer, by, lines=None, note=""):
    """The goods leave their place: all that was asked for, or what `lines` say."""
    return send(begin(transfer, "ship", by, MOVES), by, lines, note)


def send(transfer, by, lines=None, note=""):
    own = lines_of(transfer)
    if lines is None:
        lines = [Shipped(sku=line.sku, shipped=line.quantity) for line in own.values()]
    refuse_unshippable(lines, own)
    sent = [line for line in lines if line.shipped]
    movements = ledger.ship(
        source=transfer.source,
        lines=[
            ledger.Line(sku=line.sku, quantity=line.shipped, path=f"lines.{index}.shipped")
            for index, line in enumerate(lines)
            if line.shipped
        ],
        document=transfer.number,
        by=by,
        note=note,
    )
    ledger.expect(location=transfer.destination, skus=[line.sku for line in sent])
    # Two movements for each line: out of the place, onto the road.
    for line, onto_the_road in zip(sent, movements[1::2], strict=True):
        own[line.sku.pk].shipped = line.shipped
        own[line.sku.pk].shipped_value = onto_the_road.value_change
    rewrite(own.values(), ["shipped", "shipped_value"])
    move_on(transfer, Status.SHIPPED, by, kind="shipped", note=note)
    return transfer


def lines_of(transfer):
    lines = transfer.lines.select_related("sku__product").defer("sku__search", "sku__product__search")
    return {line.sku_id: line for line in lines.order_by("pk")}


def refuse_unshippable(lines, own):
    errors = [*unknown(lines, own)]
    for index, line in enumerate(lines):
        asked = own[line.sku.pk].quantity if line.sku.pk in own else None
        if asked is not None and line.shipped > asked:
            text = f"{ledger.plain(asked)} were asked for, no more."
            errors.append(line_error(f"lines.{index}.shipped", "invalid", text))
    ledger.refuse(errors)
    if not any(line.shipped for line in lines):
        ledger.refuse([line_error("lines", "invalid", "Nothing is put on the road. Cancel the transfer instead.")])


def unknown(lines, own):
    """SKUs that the transfer is not about, and those named twice."""
    seen = set()
    for index, line in enumerate(lines):
        if line.sku.pk not in own:
            text = f"{line.sku} is not part of this transfer."
            yield line_error(f"lines.{index}.sku", "not_found", text)
        elif line.sku.pk in seen:
            yield line_error(f"lines.{index}.sku", "duplicate", f"{line.sku} stands here twice. Put it on one line.")
        seen.add(line.sku.pk)


# ------------------------------------------------------------------------------------------------ arriving


@transaction.atomic
def receive(*, transfer, lines, by, note=""):
    """A delivery, or a part of it. Damaged pieces are written off where they arrive, extra ones are found there."""
    transfer = begin(transfer, "receive", by, MOVES)
    own = lines_of(transfer)
    refuse_unreceivable(lines, own)
    arrive(transfer, lines, own, by, note)
    write_off_damaged(transfer, lines, by, note)
    for line in lines:
        mine = own[line.sku.pk]
        mine.extra += beyond(line, mine)
        mine.received += line.received
        mine.damaged += line.damaged
    rewrite(own.values(), ["received", "damaged", "extra", "arrived_value"])
    is_all = not transfer.lines.aggregate(left=Sum("outstanding"))["left"]
    move_on(transfer, Status.RECEIVED if is_all else Status.PARTLY_RECEIVED, by, kind="received", note=note)
    return transfer


def beyond(line, mine):
    """So many pieces more than were still on the road."""
    return max(line.all - left(mine), ZERO)


def left(mine):
    """Still on the road. Counted here: the database counts its own only when the row is written."""
    return mine.shipped - mine.received - mine.damaged + mine.extra - mine.closed


def refuse_unreceivable(lines, own):
    if not lines:
        ledger.refuse([line_error("lines", "required", "Say what came.")])
    errors = [*unknown(lines, own)]
    for index, line in enumerate(lines):
        for name in ("received", "damaged"):
            if error := ledger.wrong_quantity(getattr(line, name), line.sku, f"lines.{index}.{name}"):
                errors.append(error)
        if not line.all:
            errors.append(
                line_error(f"lines.{index}.received", "min_value", "More than nothing, or leave the line out.")
            )
    ledger.refuse(errors)
    too_many = [
        line_error(
            f"lines.{index}.received",
            OverReceipt.code,
            f"{ledger.plain(left(own[line.sku.pk]))} are on the road, {ledger.plain(line.all)} came. "
            "Say extra: true if that is so.",
            sku=line.sku.pk,
            outstanding=ledger.plain(left(own[line.sku.pk])),
            received=ledger.plain(line.all),
        )
        for index, line in enumerate(lines)
        if beyond(line, own[line.sku.pk]) and not line.extra
    ]
    if too_many:
        raise OverReceipt(f"{len(too_many)} of {len(lines)} lines are more than was sent.", errors=too_many)


def arrive(transfer, lines, own, by, note):
    known, found = [], []
    for index, line in enumerate(lines):
        mine, more = own[line.sku.pk], beyond(line, own[line.sku.pk])
        path = f"lines.{index}.received"
        if sent := line.all - more:
            known.append(ledger.Line(sku=line.sku, quantity=sent, value=value_of(sent, mine), path=path))
        if more:
            found.append(ledger.Line(sku=line.sku, quantity=more, path=path))
    paper = {"document": transfer.number, "by": by, "note": note}
    movements = ledger.arrive(destination=transfer.destination, lines=known, **paper)
    for into_the_place in movements[1::2]:
        own[into_the_place.sku_id].arrived_value += into_the_place.value_change
    ledger.receive(location=transfer.destination, lines=found, reason=Reason.FOUND, **paper)


def value_of(quantity, mine):
    """What these pieces are worth of all that were sent: each its share, the last ones the rest, to the cent."""
    rest = max(mine.shipped_value - mine.arrived_value, ZERO)
    if quantity == left(mine):
        return rest
    return min(ledger.rounded(mine.shipped_value * quantity / mine.shipped), rest)


def write_off_damaged(transfer, lines, by, note):
    ledger.adjust(
        location=transfer.destination,
        lines=[
            ledger.Line(sku=line.sku, quantity=-line.damaged, path=f"lines.{index}.damaged")
            for index, line in enumerate(lines)
            if line.damaged
        ],
        reason=Reason.DAMAGE,
        document=transfer.number,
        by=by,
        note=note,
    )


@transaction.atomic
def close(*, transfer, reason, by, to_source=False):
    """The rest will not arrive: it was lost on the road, or lies at the source again."""
    transfer = begin(transfer, "close", by, MOVES)
    own = lines_of(transfer)
    rest = [
        ledger.Line(sku=mine.sku, quantity=left(mine), value=value_of(left(mine), mine))
        for mine in own.values()
        if left(mine)
    ]
    paper = {"document": transfer.number, "by": by, "note": reason}
    if to_source:
        ledger.arrive(destination=transfer.source, lines=rest, **paper)
    else:
        lost = [ledger.Line(sku=line.sku, quantity=-line.quantity, value=line.value) for line in rest]
        ledger.adjust(location=ledger.road(), lines=lost, reason=Reason.LOSS, **paper)
    for mine in own.values():
        mine.closed += left(mine)
    rewrite(own.values(), ["closed"])
    move_on(transfer, Status.CLOSED, by, kind="closed", note=reason, changes={"to_source": to_source})
    return transfer
