"""Goods that are promised to an order. What it holds is what its own movements add up to; nothing else remembers it.

Lines that may wait (backorder) hold what there is when they are written down, and the rest when somebody asks again.
"""

from collections import defaultdict
from decimal import Decimal

from inventory.models import StockMovement
from inventory.services import ledger
from skus.models import Sku

ZERO = Decimal(0)


def with_held(orders):
    """Each of these orders with what the shelves hold for it: one query for all of them."""
    by_number = defaultdict(dict)
    numbers = [order.number for order in orders if order.is_open]
    for number, sku, quantity in StockMovement.objects.held_by_each(numbers) if numbers else ():
        by_number[number][sku] = quantity
    for order in orders:
        order.held = by_number[order.number]
    return orders


def held_by(order):
    return {row["sku"]: row["held"] for row in StockMovement.objects.held(order.number)}


def shared_out(lines, held):
    """How much of each line is held. Lines that may not wait come first."""
    left, parts = dict(held), {}
    for index in sorted(range(len(lines)), key=lambda index: lines[index].backorder):
        line = lines[index]
        parts[index] = min(line.quantity, left.get(line.sku_id, ZERO)) if line.sku_id else ZERO
        if parts[index]:
            left[line.sku_id] -= parts[index]
    return [parts[index] for index in range(len(lines))], {sku: rest for sku, rest in left.items() if rest}


def lacking(lines, parts, *, waiting):
    """What is still to be held of the lines that may wait, or of those that may not: lines of the ledger."""
    return [
        ledger.Line(sku=line.sku, quantity=line.quantity - part, path=f"lines.{index}.quantity")
        for index, (line, part) in enumerate(zip(lines, parts, strict=True))
        if line.sku_id and line.backorder == waiting and line.quantity > part
    ]


def settle(order, lines, by, *, held=None, is_due=False):
    """Holds what the lines ask for and lets go of the rest: the differences only. True if anything moved.

    If it `is_due`, no line may wait any longer.
    """
    held = held_by(order) if held is None else held
    parts, surplus = shared_out(lines, held)
    firm, waiting = lacking(lines, parts, waiting=False), lacking(lines, parts, waiting=True)
    if is_due:
        firm, waiting = sorted([*firm, *waiting], key=lambda line: int(line.path.split(".")[1])), []
    wanted = {line.sku.pk for line in [*firm, *waiting]}
    levels = {}
    if waiting or (surplus and wanted):
        # All of them, at once and in one order, before the first is touched.
        levels = ledger.locked({(sku, order.location_id) for sku in [*surplus, *wanted]})
    to_hold = [*firm, *there_is(waiting, firm, levels, order.location_id)]
    if surplus:
        let_go(order, surplus, by)
    if to_hold:
        ledger.reserve(location=order.location, lines=to_hold, document=order.number, by=by)
    return bool(surplus or to_hold)


def waits(order, lines):
    """Is there anything it does not hold yet?"""
    parts, _surplus = shared_out(lines, held_by(order))
    return any(line.sku_id and part < line.quantity for line, part in zip(lines, parts, strict=True))


def there_is(waiting, firm, levels, place):
    """As much of what may wait as the shelves have, once the lines that may not have had theirs."""
    left = {sku: level.available for (sku, location), level in levels.items() if location == place}
    for line in firm:
        if line.sku.pk in left:
            left[line.sku.pk] -= line.quantity
    for line in waiting:
        some = min(line.quantity, left.get(line.sku.pk, ZERO))
        if some > 0:
            left[line.sku.pk] -= some
            yield ledger.Line(sku=line.sku, quantity=some, path=line.path)


def let_go(order, quantities, by):
    skus = Sku.objects.in_bulk(quantities)
    lines = [ledger.Line(sku=skus[sku], quantity=quantity) for sku, quantity in quantities.items()]
    ledger.release(location=order.location, lines=lines, document=order.number, by=by)


def let_all_go(order, by):
    if held := held_by(order):
        let_go(order, held, by)


def hand_over(order, lines, by):
    """The goods leave; what was still to be waited for must be there by now."""
    settle(order, lines, by, is_due=True)
    goods = [
        ledger.Line(sku=line.sku, quantity=line.quantity, path=f"lines.{index}.quantity")
        for index, line in enumerate(lines)
        if line.sku_id
    ]
    ledger.issue(location=order.location, lines=goods, document=order.number, by=by)
