"""What is billed after the goods were received: freight, duty, another price, a credit.

Nothing that was written is written anew. The amount is spread over what came and was kept; what falls on goods that are
still here raises their value today, what falls on those that are gone is an expense of today.
"""

from decimal import ROUND_DOWN, Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from boutique.documents import begin, note_down
from boutique.errors import RuleError, line_error
from inventory.models import Reason
from inventory.services import ledger
from suppliers.models import PurchaseCost, PurchaseCostLine, ReceiptLine, ReturnLine
from suppliers.services.ordering import MOVES, lines_of

ZERO = Decimal(0)


class NothingKept(RuleError):
    code = "nothing_received"
    title = "Nothing to spread it over"


class CreditTooLarge(RuleError):
    code = "credit_exceeds_cost"
    title = "More than the goods cost"


@transaction.atomic
def add_cost(*, order, amount, by, note="", lines=None):
    """Spreads an amount over what was received, by value; or as `lines` say, pairs of a line and its share."""
    order = begin(order, "costs", by, MOVES)
    if not amount:
        ledger.refuse([line_error("amount", "invalid", "More or less than nothing.")])
    own = {pk: line for pk, line in lines_of(order).items() if line.kept}
    if not own:
        raise NothingKept(f"Nothing of {order} is here or was sold: it all went back, or never came.")
    values = values_of(own)
    parts = spread(amount, own, values) if lines is None else as_told(amount, lines, own)
    refuse_too_large(parts, own, values)
    shares = [PurchaseCostLine(line=own[pk], amount=part) for pk, part in parts.items() if part]
    put_on_shelves(order, shares, by, note)
    write_cost(order, amount, shares, by, note)
    order.updated_by = by
    order.save()
    note_down(order, by, kind="cost_added", note=note)
    return order


# ------------------------------------------------------------------------------------------------ whose share


def values_of(own):
    """What is kept of each line has cost, with what was billed for it before."""
    came = sums(ReceiptLine.objects.filter(line__in=own), "line", "value")
    went = sums(ReturnLine.objects.filter(receipt_line__line__in=own), "receipt_line__line", "value")
    on_top = on_top_of(own)
    return {pk: came.get(pk, ZERO) - went.get(pk, ZERO) + on_top.get(pk, ZERO) for pk in own}


def on_top_of(lines):
    """What was billed or credited later for each of these lines, in all."""
    return sums(PurchaseCostLine.objects.filter(line__in=lines), "line", "amount")


def sums(rows, by, what):
    return dict(rows.order_by().values(by).annotate(total=Sum(what)).values_list(by, "total"))


def spread(amount, own, values):
    """By value, to the cent. The cents that are left go one each to whom rounding took most.

    Goods that cost nothing share by pieces.
    """
    weights = values if sum(values.values()) > 0 else {pk: line.kept for pk, line in own.items()}
    total = sum(weights.values())
    exact = {pk: amount * weight / total for pk, weight in weights.items()}
    parts = {pk: part.quantize(ledger.CENT, ROUND_DOWN) for pk, part in exact.items()}
    cent = ledger.CENT.copy_sign(amount)
    left = int((amount - sum(parts.values())) / cent)
    for pk in sorted(exact, key=lambda pk: (-abs(exact[pk] - parts[pk]), -weights[pk], pk))[:left]:
        parts[pk] += cent
    return parts


def as_told(amount, lines, own):
    errors, parts = [], {}
    for index, (line, part) in enumerate(lines):
        if line.pk not in own:
            text = "Nothing of this line is here or was sold, or it is of another order."
            errors.append(line_error(f"lines.{index}.line", "not_found", text))
        elif line.pk in parts:
            errors.append(line_error(f"lines.{index}.line", "duplicate", "This line stands here twice."))
        parts[line.pk] = part
    if not errors and sum(parts.values()) != amount:
        text = f"The shares add up to {sum(parts.values())}, not to {amount}."
        errors.append(line_error("lines", "invalid", text))
    ledger.refuse(errors)
    return parts


def refuse_too_large(parts, own, values):
    """Of goods that cost 500 nobody gives back 600."""
    errors = [
        line_error("amount", CreditTooLarge.code, f"For {own[pk].sku} {values[pk]} was paid, {-part} would come back.")
        for pk, part in parts.items()
        if part < 0 and values[pk] + part < 0
    ]
    if errors:
        raise CreditTooLarge("The credit is more than was paid for the goods.", errors=errors)


# ------------------------------------------------------------------------------------------------ here, or gone


def put_on_shelves(order, shares, by, note):
    """Pieces of one kind are all alike: of those that came, as many are still here as the shelf has."""
    place = order.location_id
    levels = ledger.lock_levels({(share.line.sku_id, place) for share in shares})
    for share in shares:
        level, kept = levels[share.line.sku_id, place], share.line.kept
        stocked = ledger.rounded(share.amount * min(level.on_hand, kept) / kept)
        # A shelf of cheaper goods may be worth less than the credit: the rest was earned with those that are gone.
        share.stocked = max(stocked, -level.value)
        share.expensed = share.amount - share.stocked
    ledger.revalue(
        location=order.location,
        lines=[ledger.Line(sku=share.line.sku, quantity=ZERO, value=share.stocked, path="amount") for share in shares],
        document=order.number,
        by=by,
        reason=Reason.PURCHASE,
        note=note,
    )


def write_cost(order, amount, shares, by, note):
    now = timezone.now()
    cost = PurchaseCost.objects.create(
        order=order,
        amount=amount,
        note=note,
        at=now,
        by=by,
        business_date=ledger.business_date(now, order.location),
    )
    for share in shares:
        share.cost = cost
    PurchaseCostLine.objects.bulk_create(shares)
