"""One thing under the scanner: what it is, how much of it lies here, and what is done with it."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import TextChoices

from boutique.errors import Forbidden, Invalid, RuleError, line_error
from inventory.models import StockAdjustment, StockCount, StockLevel, StockMovement
from inventory.services import adjusting, counting
from skus.models import Sku
from skus.services import lookup

ONE = Decimal(1)


class Action(TextChoices):
    LOOK_UP = "look_up", "Look up"
    RECEIVE = "receive", "Receive"
    REMOVE = "remove", "Remove"
    COUNT = "count", "Count"


class NoOpenCount(RuleError):
    code = "no_open_count"
    title = "Nothing is being counted"


@dataclass(frozen=True, kw_only=True)
class Scanned:
    """What was found, and what the shelf held before and after. None where nothing moved, or nobody may know."""

    found: dict
    before: Decimal | None = None
    after: Decimal | None = None
    document: str = ""
    is_blind: bool = False


@transaction.atomic
def scan(*, code, action, location, by, quantity=None, reason=None):
    found = lookup.find(code, by=by)
    if action == Action.LOOK_UP:
        return Scanned(found=found)
    if found["kind"] != "sku":
        raise Invalid("This is no SKU.", errors=[line_error("code", "invalid", "This code stands for no SKU.")])
    sku = Sku.objects.select_related("product").get(pk=found["sku"])
    if action == Action.COUNT:
        return count(sku, location, quantity, by, found)
    return adjust(sku, location, ONE if quantity is None else quantity, action, reason, by, found)


def adjust(sku, location, quantity, action, reason, by, found):
    """One piece at a time, or more: found, or taken away for a reason."""
    if not by.has_perm("inventory.adjust_stock"):
        raise Forbidden("Your role does not allow you to change stock. Receive the delivery or transfer it came with.")
    if reason is None and action == Action.REMOVE:
        text = "Say why it is taken away: damage, loss or correction."
        raise Invalid(text, errors=[line_error("reason", "required", text)])
    change = quantity if action == Action.RECEIVE else -quantity
    line = adjusting.Correction(sku=sku, change=change)
    try:
        adjustment, (movement,) = adjusting.adjust(
            location=location, reason=reason or StockAdjustment.Reason.FOUND, lines=[line], by=by
        )
    except RuleError as refusal:
        raise renamed(refusal) from None
    before = movement.on_hand_after - movement.on_hand_change
    return Scanned(found=found, before=before, after=movement.on_hand_after, document=adjustment.number)


def count(sku, location, quantity, by, found):
    """On the count that is open for it here; without one, who may post counts it at once."""
    line = counting.Counted(sku=sku, counted=quantity)
    try:
        if opened := open_count(sku, location):
            counting.add_lines(count=opened, lines=[line], by=by)
            there = None if opened.blind else on_hand(sku, location)
            return Scanned(found=found, before=there, after=there, document=opened.number, is_blind=opened.blind)
        if not by.has_perm("inventory.post_stockcount"):
            raise NoOpenCount(f"No count of {sku} is open in {location}. Open one first (stock-counts/).")
        return count_at_once(sku, location, line, by, found)
    except RuleError as refusal:
        raise renamed(refusal) from None


def count_at_once(sku, location, line, by, found):
    made = counting.start(location=location, scope={"skus": [sku]}, by=by)
    counting.add_lines(count=made, lines=[line], by=by)
    counting.post(count=made, by=by)
    posted = StockMovement.objects.filter(document=made.number).first()
    after = posted.on_hand_after if posted else line.counted
    before = after - posted.on_hand_change if posted else after
    return Scanned(found=found, before=before, after=after, document=made.number)


def open_count(sku, location):
    counts = StockCount.objects.filter(location=location, status=StockCount.Status.OPEN).order_by("-pk")
    return next((one for one in counts if one.in_scope().filter(pk=sku.pk).exists()), None)


def on_hand(sku, location):
    return StockLevel.objects.filter(sku=sku, location=location).values_list("on_hand", flat=True).first() or Decimal(0)


NAMES = {"change": "quantity", "counted": "quantity", "sku": "code"}


def renamed(refusal):
    """What a service says of its one line, said of the fields of a scan."""
    for error in refusal.errors:
        lines, _dot, name = error["field"].rpartition(".")
        if lines:
            error["field"] = NAMES.get(name, name)
    return refusal


def actions(found, by):
    """What this person can do with it."""
    if found["kind"] != "sku":
        return []
    offered = [Action.LOOK_UP]
    if by.has_perm("inventory.adjust_stock"):
        offered += [Action.RECEIVE, Action.REMOVE]
    if by.has_perm("inventory.count_stock"):
        offered.append(Action.COUNT)
    return [action.value for action in offered]
