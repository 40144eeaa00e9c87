"""What suppliers bring: deliveries in parts, goods that are refused or go back, and deliveries booked by mistake."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from boutique.documents import begin, locked_again, move_on, note_down
from boutique.errors import Forbidden, RuleError, line_error
from boutique.models import rewrite
from inventory.models import Reason, amount, pieces
from inventory.services import alerts, ledger
from suppliers.models import PurchaseLine, Receipt, ReceiptLine, ReturnLine, SupplierReturn
from suppliers.services import costing, ordering
from suppliers.services.ordering import MOVES, Status, lines_of

ZERO = Decimal(0)
HUNDRED = Decimal(100)


class OverReceipt(RuleError):
    code = "over_receipt"
    title = "More than was ordered"


class ReturnExceedsReceived(RuleError):
    code = "return_exceeds_received"
    title = "More than was received"


class WentBack(RuleError):
    code = "not_reversible"
    title = "Not to be reversed"


@dataclass(frozen=True, kw_only=True)
class Came:
    """What of one line came: good pieces, refused ones beside them, and whether others are sent for those."""

    line: PurchaseLine
    quantity: Decimal
    rejected: Decimal = ZERO
    replace: bool = False
    unit_cost: Decimal | None = None  # where the supplier's bill says another than the order

    @property
    def all(self):
        return self.quantity + self.rejected


@dataclass(frozen=True, kw_only=True)
class SentBack:
    line: PurchaseLine
    quantity: Decimal


# ------------------------------------------------------------------------------------------------ deliveries


@transaction.atomic
def receive(*, order, lines, by, note=""):
    """A delivery, or a part of it. The good pieces are stock at what they cost; the state follows from the lines."""
    order = begin(order, "receive", by, MOVES)
    own = lines_of(order)
    refuse_unreceivable(lines, own, by)
    return take_in(order, lines, own, by, note)


@transaction.atomic
def buy(*, supplier, location, lines, by, note="", occurred_at=None):
    """Orders and receives in one step: what was bought over the counter, now or `occurred_at` (history brought in)."""
    order = ordering.draft(supplier=supplier, location=location, lines=lines, note=note, at_once=True, by=by)
    order = ordering.send(order=order, by=by)
    own = lines_of(order)
    all_of_it = [Came(line=line, quantity=line.ordered) for line in own.values()]
    return take_in(order, all_of_it, own, by, note, occurred_at)


def take_in(order, lines, own, by, note, occurred_at=None):
    at = occurred_at or timezone.now()
    costs = [own[came.line.pk].unit_cost if came.unit_cost is None else came.unit_cost for came in lines]
    good = [
        ledger.Line(sku=own[came.line.pk].sku, quantity=came.quantity, unit_cost=cost, path=f"lines.{index}.quantity")
        for index, (came, cost) in enumerate(zip(lines, costs, strict=True))
        if came.quantity
    ]
    # What was sent before its SKU was archived, or its place closed, arrives all the same.
    paper = {"document": order.number, "by": by, "note": note, "is_arrival": not order.at_once}
    movements = iter(ledger.receive(location=order.location, lines=good, occurred_at=occurred_at, **paper))
    posted = [next(movements) if came.quantity else None for came in lines]
    write_receipt(
        order,
        [
            ReceiptLine(
                line=came.line,
                quantity=came.quantity,
                rejected=came.rejected,
                replace=came.replace,
                unit_cost=cost,
                value=movement.value_change if movement else ZERO,
                movement=movement,
            )
            for came, cost, movement in zip(lines, costs, posted, strict=True)
        ],
        by,
        note,
        at=at,
    )
    return settle(order, by, kind="received", note=note, at=at)


ADD_UP = """
UPDATE suppliers_purchaseline line SET
    received = line.received + came.quantity, rejected = line.rejected + came.rejected,
    replaced = line.replaced + CASE WHEN came.replace THEN came.rejected ELSE 0 END,
    tolerance = greatest(line.tolerance, %s)
FROM suppliers_receiptline came WHERE came.receipt_id = %s AND came.line_id = line.id
"""


def write_receipt(order, rows, by, note, *, at, is_reversal=False):
    """The delivery and its lines, and the counters of the order's own lines after them."""
    receipt = Receipt.objects.create(
        order=order,
        number=order.receipts.count() + 1,
        value=sum(row.value for row in rows),
        is_reversal=is_reversal,
        note=note,
        at=at,
        by=by,
        business_date=ledger.business_date(at, order.location),
    )
    for row in rows:
        row.receipt = receipt
    ReceiptLine.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute(ADD_UP, [settings.BOUTIQUE_OVER_RECEIPT_PERCENT, receipt.pk])
    return receipt


def settle(order, by, *, kind, at, note=""):
    """The state that the lines make. A closed order stays closed."""
    # What was bought over the counter and taken back is not awaited: nobody will bring it.
    if order.status == Status.CLOSED or (order.at_once and kind == "reversed"):
        ordering.give_up_the_rest(order)
    sums = order.lines.aggregate(left=Sum("outstanding"), came=Sum(F("received") + F("rejected") - F("replaced")))
    if order.status == Status.CLOSED:
        status = Status.CLOSED
    elif order.at_once and kind == "reversed":
        status = Status.CLOSED if sums["came"] else Status.CANCELLED
    elif not sums["left"]:
        status = Status.RECEIVED
    else:
        status = Status.PARTLY_RECEIVED if sums["came"] else Status.SENT
    is_done = status in (Status.RECEIVED, Status.CLOSED, Status.CANCELLED)
    today = ledger.business_date(at, order.location)
    order.finished_on = (order.finished_on or today) if is_done else None
    if is_done:
        alerts.no_longer_overdue(document=order.number)
    move_on(order, status, by, kind=kind, note=note)
    return order


# ------------------------------------------------------------------------------------------------ what is refused


def refuse_unreceivable(lines, own, by):
    refuse_costs(lines, by)
    refuse_nothing(lines)
    ledger.refuse([*strangers(lines, own), *wrong_pieces(lines, own)])
    too_many = [
        over(came, own[came.line.pk], f"lines.{index}.quantity")
        for index, came in enumerate(lines)
        if came.all > most_of(own[came.line.pk])
    ]
    if too_many:
        raise OverReceipt(f"{len(too_many)} of {len(lines)} lines are more than was ordered.", errors=too_many)


def refuse_nothing(lines):
    if not lines:
        ledger.refuse([line_error("lines", "required", "Name one line at least.")])


def refuse_costs(lines, by):
    named = [index for index, came in enumerate(lines) if came.unit_cost is not None]
    if named and not by.has_perm("inventory.view_cost"):
        text = "What goods cost is said by whoever runs the store. Leave this out."
        errors = [line_error(f"lines.{index}.unit_cost", "permission_denied", text) for index in named]
        raise Forbidden(text, errors=errors)


def strangers(lines, own):
    """Lines of other orders, and those named twice."""
    seen = set()
    for index, told in enumerate(lines):
        if told.line.pk not in own:
            yield line_error(f"lines.{index}.line", "not_found", "This is no line of this order.")
        elif told.line.pk in seen:
            yield line_error(f"lines.{index}.line", "duplicate", "This line stands here twice. Put it on one line.")
        seen.add(told.line.pk)


def wrong_pieces(lines, own):
    for index, came in enumerate(lines):
        sku = own[came.line.pk].sku if came.line.pk in own else None
        for name in ("quantity", "rejected") if sku else ():
            if error := ledger.wrong_quantity(getattr(came, name), sku, f"lines.{index}.{name}"):
                yield error
        if not came.all:
            yield line_error(f"lines.{index}.quantity", "min_value", "More than nothing, or leave the line out.")


def most_of(line):
    """So much of it may still come. What is refused and sent anew is still to come."""
    allowed = line.ordered * (HUNDRED + settings.BOUTIQUE_OVER_RECEIPT_PERCENT) / HUNDRED
    return allowed - line.received - line.rejected + line.replaced


def over(came, line, path):
    waited = ledger.plain(line.outstanding)
    return line_error(
        path,
        OverReceipt.code,
        f"{ledger.plain(came.all)} came, {waited} of {ledger.plain(line.ordered)} are still to come.",
        sku=line.sku_id,
        ordered=ledger.plain(line.ordered),
        received=ledger.plain(line.received),
        outstanding=waited,
        came=ledger.plain(came.all),
    )


# ------------------------------------------------------------------------------------------------ back to the supplier


@transaction.atomic
def give_back(*, order, lines, reason, by):
    """Goods go back, at what they cost when they came: those of the newest delivery first."""
    order = begin(order, "return", by, MOVES)
    own = lines_of(order)
    refuse_unreturnable(lines, own)
    taken = [shares(told.quantity, there) for told, there in zip(lines, still_here(lines), strict=True)]
    lower_by_credits(taken, lines, own)
    ledger.sell(
        location=order.location,
        lines=[
            ledger.Line(
                sku=own[told.line.pk].sku,
                quantity=told.quantity,
                value=sum(share.value for share in taken[index]),
                path=f"lines.{index}.quantity",
            )
            for index, told in enumerate(lines)
        ],
        reason=Reason.SUPPLIER_RETURN,
        document=order.number,
        by=by,
        note=reason,
    )
    write_return(order, [share for some in taken for share in some], by, reason)
    for told in lines:
        own[told.line.pk].returned += told.quantity
    rewrite([own[told.line.pk] for told in lines], ["returned"])
    order.updated_by = by
    order.save()
    note_down(order, by, kind="returned", note=reason)
    return order


def write_return(order, shares, by, reason):
    now = timezone.now()
    back = SupplierReturn.objects.create(
        order=order,
        value=sum(share.value for share in shares),
        note=reason,
        at=now,
        by=by,
        business_date=ledger.business_date(now, order.location),
    )
    for share in shares:
        share.supplier_return = back
    ReturnLine.objects.bulk_create(shares)


def refuse_unreturnable(lines, own):
    refuse_nothing(lines)
    errors = [*strangers(lines, own)]
    for index, told in enumerate(lines):
        if told.line.pk in own:
            error = ledger.wrong_quantity(told.quantity, own[told.line.pk].sku, f"lines.{index}.quantity")
            errors += [error] if error else []
    ledger.refuse(errors)
    too_many = [
        line_error(
            f"lines.{index}.quantity",
            ReturnExceedsReceived.code,
            f"{ledger.plain(own[told.line.pk].kept)} came and did not go back, {ledger.plain(told.quantity)} asked.",
            sku=own[told.line.pk].sku_id,
            received=ledger.plain(own[told.line.pk].received),
            returned=ledger.plain(own[told.line.pk].returned),
        )
        for index, told in enumerate(lines)
        if told.quantity > own[told.line.pk].kept
    ]
    if too_many:
        raise ReturnExceedsReceived("So many were never received.", errors=too_many)


def still_here(lines):
    """Of each line, what its deliveries brought and what of that has gone back, the newest first."""
    by_line = defaultdict(list)
    rows = (
        ReceiptLine.objects.filter(line__in=[told.line.pk for told in lines], quantity__gt=0, reversed_by=None)
        .annotate(
            gone=Coalesce(Sum("returns__quantity"), 0, output_field=pieces()),
            gone_value=Coalesce(Sum("returns__value"), 0, output_field=amount()),
        )
        .order_by("-pk")
    )
    for row in rows:
        by_line[row.line_id].append(row)
    return [by_line[told.line.pk] for told in lines]


def shares(quantity, deliveries):
    """How many pieces of which delivery, and their value: the last of a delivery take the rest of it, to the cent."""
    found = []
    for came in deliveries:
        here = came.quantity - came.gone
        taken = min(here, quantity)
        if taken <= 0:
            continue
        rest = came.value - came.gone_value
        value = rest if taken == here else min(ledger.rounded(came.value * taken / came.quantity), rest)
        found.append(ReturnLine(receipt_line=came, quantity=taken, value=value))
        quantity -= taken
    return found


def lower_by_credits(taken, lines, own):
    """What was credited later was not paid: pieces go back at what they cost in the end, the last at all the rest."""
    credited = {pk for pk, on_top in costing.on_top_of(own).items() if on_top < 0}
    values = costing.values_of({pk: own[pk] for pk in credited})
    for told, back in zip(lines, taken, strict=True):
        if told.line.pk not in credited:
            continue
        rest, kept = max(values[told.line.pk], ZERO), own[told.line.pk].kept
        for share in back:
            share.value = rest if share.quantity == kept else ledger.rounded(rest * share.quantity / kept)
            rest, kept = rest - share.value, kept - share.quantity


# ------------------------------------------------------------------------------------------------ booked by mistake


def reversing(movement, *, by, note=""):
    """A delivery that is reversed in the ledger never came: its goods are awaited again.

    Locks the order, and answers what is to be called with the opposite movement; None for what is no delivery. See
    settings.REVERSALS.
    """
    came = ReceiptLine.objects.select_related("receipt__order").filter(movement=movement).first()
    if came is None:
        return None
    order = locked_again(came.receipt.order)
    lines_of(order)
    if costing.on_top_of([came.line_id]).get(came.line_id):
        text = f"Later costs were put on these ({order}). Book their opposite first (costs/)."
        raise WentBack(text, errors=[line_error("movement", WentBack.code, text)])
    if came.returns.exists():
        text = f"Some of these went back to {order.supplier} already ({order})."
        raise WentBack(text, errors=[line_error("movement", WentBack.code, text)])
    return partial(take_out_again, order, came, by=by, note=note)


def take_out_again(order, came, opposite, *, by, note):
    """Its opposite stands beside the delivery, and the order is what its lines make it."""
    opposite_line = ReceiptLine(
        line_id=came.line_id,
        quantity=-came.quantity,
        unit_cost=came.unit_cost,
        value=-came.value,
        movement=opposite,
        reverses=came,
    )
    now = timezone.now()
    write_receipt(order, [opposite_line], by, note, at=now, is_reversal=True)
    settle(order, by, kind="reversed", note=note, at=now)
