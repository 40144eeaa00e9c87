"""Putting the book right: adjusting, assigning first stock, reversing."""

from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from boutique.errors import Duplicate, Forbidden, Invalid, RuleError, line_error
from inventory.models import Reason, StockAdjustment, StockMovement
from inventory.services import alerts, ledger
from inventory.services.lines import refuse_twice
from skus.models import Sku

UP = {StockAdjustment.Reason.OPENING, StockAdjustment.Reason.FOUND}
DOWN = {StockAdjustment.Reason.DAMAGE, StockAdjustment.Reason.LOSS}
REVERSIBLE = {
    Reason.OPENING,
    Reason.PURCHASE,
    Reason.DAMAGE,
    Reason.LOSS,
    Reason.FOUND,
    Reason.COUNT,
    Reason.CORRECTION,
}


class BookMoved(RuleError):
    code = "book_moved"
    title = "The book has moved"


class AlreadyStocked(Duplicate):
    pass


class NotReversible(RuleError):
    code = "not_reversible"
    title = "Not to be reversed"


@dataclass(frozen=True, kw_only=True)
class Correction:
    """A difference, or what was counted where the book was seen to say `expected`."""

    sku: Sku
    change: Decimal | None = None
    counted: Decimal | None = None
    expected: Decimal | None = None
    unit_cost: Decimal | None = None


@transaction.atomic
def adjust(*, location, reason, lines, by, note=""):
    """Returns the adjustment and its movements; a counted line that agrees with the book has none."""
    refuse_twice(lines)
    adjustment = StockAdjustment.objects.create(
        location=location, reason=reason, note=note, created_by=by, updated_by=by
    )
    levels = {}
    if any(line.counted is not None for line in lines):
        # All that are there, at once and in one order: some of them are looked at before the door opens.
        levels = ledger.locked({(line.sku.pk, location.pk) for line in lines})
    differences = [*changed(lines, reason), *counted(lines, reason, location, levels)]
    movements = ledger.adjust(
        location=location, lines=differences, reason=reason, document=adjustment.number, by=by, note=note
    )
    if seen := [line.sku.pk for line in lines if line.counted is not None]:
        alerts.counted(location=location, skus=seen)
    return adjustment, movements


@transaction.atomic
def assign(*, location, lines, by, note="", path="lines.{}"):
    """The first stock of these SKUs in this place, at what it cost. A second time it is an adjustment or a purchase."""
    refuse_twice(lines)
    adjustment = StockAdjustment.objects.create(
        location=location, reason=StockAdjustment.Reason.OPENING, note=note, created_by=by, updated_by=by
    )
    movements = ledger.receive(
        location=location,
        lines=[
            ledger.Line(
                sku=line.sku, quantity=line.change, unit_cost=line.unit_cost, path=f"{path.format(index)}.quantity"
            )
            for index, line in enumerate(lines)
        ],
        document=adjustment.number,
        by=by,
        reason=Reason.OPENING,
        note=note,
    )
    # Looked at under the lock: the door numbers the movements of a level from 1.
    if later := [index for index, movement in enumerate(movements) if movement.sequence > 1]:
        raise AlreadyStocked(
            f"{len(later)} of these already have stock here, or had. Adjust it, or buy more.",
            errors=[
                line_error(f"{path.format(index)}.sku", "duplicate", f"{lines[index].sku} was stocked here before.")
                for index in later
            ],
        )
    return adjustment, movements


@transaction.atomic
def open_stock(*, sku, entries, by):
    """A new SKU comes with what lies of it where."""
    if entries and not by.has_perm("inventory.adjust_stock"):
        raise Forbidden("Your role does not allow you to assign first stock.")
    refuse_places_twice(entries)
    for index, entry in enumerate(entries):
        line = Correction(sku=sku, change=entry["quantity"], unit_cost=entry["unit_cost"])
        assign(location=entry["location"], lines=[line], by=by, path=f"opening_stock.{index}")


@transaction.atomic
def reverse(*, movement, by, note=""):
    """The opposite movement, linked; for adjustments and receipts. What was sold is undone by its document."""
    if not is_reversible(movement):
        said = movement.get_reason_display().lower()
        raise NotReversible(f"A {said} is undone by its document {movement.document}, not by hand.")
    # Documents are locked before shelves.
    owners = [import_string(path)(movement, by=by, note=note) for path in settings.REVERSALS]
    # The level first, as everywhere; two who reverse the same movement then see each other's.
    ledger.lock_levels({(movement.sku_id, movement.location_id)})
    if StockMovement.objects.filter(reverses=movement).exists():
        raise Duplicate("This movement was reversed already.")
    opposite = ledger.reverse(movement=movement, document=movement.document, by=by, note=note, path="movement")
    for take_out in filter(None, owners):
        take_out(opposite)
    return opposite


def is_reversible(movement):
    """An adjustment or a receipt, and no part of a sale that found its goods, nor a mere change of value."""
    if movement.reason not in REVERSIBLE or movement.on_hand_change * movement.value_change < 0:
        return False
    is_own = movement.reason not in StockAdjustment.Reason.values or movement.document.startswith("ADJ-")
    return movement.on_hand_change != 0 and is_own


# ------------------------------------------------------------------------------------------------ lines


def refuse_places_twice(entries):
    places, errors = set(), []
    for index, entry in enumerate(entries):
        if entry["location"].pk in places:
            text = f"{entry['location']} stands here already."
            errors.append(line_error(f"opening_stock.{index}.location", "duplicate", text))
        places.add(entry["location"].pk)
    if errors:
        raise Invalid(errors[0]["message"], errors=errors)


def changed(lines, reason):
    errors = []
    for index, line in enumerate(lines):
        if line.change is None:
            continue
        if text := wrong_way(line.change, reason):
            errors.append(line_error(f"lines.{index}.change", "invalid", text))
        elif line.change < 0 and line.unit_cost is not None:
            text = "What leaves, leaves at the cost it stands at. Leave this out."
            errors.append(line_error(f"lines.{index}.unit_cost", "invalid", text))
        yield difference(line, line.change, f"lines.{index}.change")
    if errors:
        raise Invalid(errors[0]["message"], errors=errors)


def counted(lines, reason, location, levels):
    """What was counted, as a difference to the book, which may not have moved since it was looked at."""
    wrong, moved = [], []
    for index, line in enumerate(lines):
        if line.counted is None:
            continue
        level = levels.get((line.sku.pk, location.pk))
        on_hand = level.on_hand if level else Decimal(0)
        if on_hand != line.expected:
            text = f"The book says {ledger.plain(on_hand)} by now, not {ledger.plain(line.expected)}. Count again."
            params = {"on_hand": ledger.plain(on_hand), "expected": ledger.plain(line.expected)}
            moved.append(line_error(f"lines.{index}.expected", BookMoved.code, text, **params))
        elif line.counted != on_hand:
            if text := wrong_way(line.counted - on_hand, reason):
                wrong.append(line_error(f"lines.{index}.counted", "invalid", text))
            yield difference(line, line.counted - on_hand, f"lines.{index}.counted")
    if moved:
        raise BookMoved("The book moved while you counted.", errors=[*moved, *wrong])
    if wrong:
        raise Invalid(wrong[0]["message"], errors=wrong)


def difference(line, quantity, path):
    return ledger.Line(sku=line.sku, quantity=quantity, unit_cost=line.unit_cost, path=path)


def wrong_way(quantity, reason):
    if quantity == 0:
        return "A change of nothing."
    if reason in UP and quantity < 0:
        return f"What is {StockAdjustment.Reason(reason).label.lower()} is more than before, not less."
    if reason in DOWN and quantity > 0:
        return f"{StockAdjustment.Reason(reason).label} makes it less, not more."
    return ""
