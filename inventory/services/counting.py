"""Counting a place while it goes on selling.

Each line remembers what the book said at the moment it was counted. What is posted is the difference between the two,
so that sales before and after that moment are not counted twice.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from boutique.documents import Move, begin, move_on, note_down, opened
from boutique.errors import RuleError, line_error
from inventory.models import CountLine, Reason, StockCount, StockLevel, StockMovement
from inventory.services import alerts, ledger
from skus.models import Sku
from skus.services import lookup

Status = StockCount.Status
MOVES = {
    "lines": Move(of=[Status.OPEN], needs="inventory.count_stock"),
    "post": Move(of=[Status.OPEN], needs="inventory.post_stockcount"),
    "cancel": Move(of=[Status.OPEN], needs="inventory.post_stockcount"),
}


class NothingCounted(RuleError):
    code = "nothing_counted"
    title = "Nothing was counted"


class PutRightSince(RuleError):
    code = "book_moved"
    title = "The book was put right since"


@dataclass(frozen=True, kw_only=True)
class Counted:
    """So many of a SKU, or of what a barcode stands for, were there at a moment; now, if none is said."""

    counted: Decimal
    sku: Sku | None = None
    barcode: str = ""
    counted_at: datetime | None = None


@transaction.atomic
def start(*, location, by, scope=None, blind=False, note=""):
    """Opens a count of a place; `scope` narrows it to a category, a product, or some SKUs."""
    scope = dict(scope or {})
    skus = scope.pop("skus", ())
    if not location.is_active:
        ledger.refuse([line_error("location", "inactive", f"{location} has closed.")])
    count = StockCount.objects.create(location=location, blind=blind, note=note, created_by=by, updated_by=by, **scope)
    count.skus.set(skus)
    opened(count, by, note=note)
    return count


@transaction.atomic
def add_lines(*, count, lines, by):
    """Notes what was counted. A SKU that is counted again has its new figure; several people may count at once."""
    count = begin(count, "lines", by, MOVES)
    skus = skus_of(lines)
    lock_shelves(count, skus)
    ledger.refuse(errors_in(lines, skus, count))
    written = write(lines, skus, count, by)
    count.updated_by = by
    count.save()  # whoever has read the count since is told that there is more of it
    note_down(count, by, kind="counted", changes={"lines": written})
    return count


def lock_shelves(count, skus):
    """A sale or another count that is about to commit is in the book before the figure is held against it."""
    ledger.expect(location=count.location, skus=list(skus.values()))
    ledger.locked({(sku.pk, count.location_id) for sku in skus.values()})


def skus_of(lines):
    """The SKU of each line, by its number; without those whose barcode nobody knows."""
    owners = lookup.owners({line.barcode for line in lines if line.sku is None})
    rows = Sku.objects.select_related("product").defer("search", "product__search")
    known = rows.in_bulk({pk for pk in owners.values() if pk})
    found = {index: line.sku or known.get(owners.get(line.barcode)) for index, line in enumerate(lines)}
    return {index: sku for index, sku in found.items() if sku}


# ------------------------------------------------------------------------------------------------ what is wrong


def errors_in(lines, skus, count):
    ids = {sku.pk for sku in skus.values()}
    in_scope = set(count.in_scope().filter(pk__in=ids).values_list("pk", flat=True))
    elsewhere = CountLine.objects.filter(open_in=count.location_id, sku__in=ids).exclude(count=count.pk)
    counts = {line.sku_id: line.count for line in elsewhere.select_related("count")}
    corrected = counted_since(lines, skus, count)
    now, first = timezone.now(), {}
    for index, line in enumerate(lines):
        path, sku = f"lines.{index}", skus.get(index)
        if line.counted_at and not count.created_at <= line.counted_at <= now:
            text = "Lies before the count was opened." if line.counted_at < now else "Lies in the future."
            yield line_error(f"{path}.counted_at", "invalid", text)
        if sku is None:
            yield line_error(f"{path}.barcode", "not_found", lookup.why_unknown(line.barcode))
            continue
        name = f"{path}.{'sku' if line.sku else 'barcode'}"
        if sku.pk in first:
            yield line_error(name, "duplicate", f"{sku} stands on line {first[sku.pk] + 1} already.")
        elif sku.pk not in in_scope:
            yield line_error(name, "out_of_scope", f"{sku} is not part of this count.")
        elif sku.pk in counts:
            yield line_error(
                name, "duplicate", f"{sku} is being counted on {counts[sku.pk]}. Post or cancel that first."
            )
        elif index in corrected:
            yield line_error(name, "duplicate", f"{sku} was counted and posted since then. Count it again.")
        elif error := ledger.out_of_use(sku, count.location, name):
            yield error | {"field": name}
        if error := ledger.wrong_quantity(line.counted, sku, f"{path}.counted"):
            yield error
        first.setdefault(sku.pk, index)


def counted_since(lines, skus, count):
    """Lines counted before another count of the same shelf was posted: their difference is in the book already."""
    earlier = {index: line.counted_at for index, line in enumerate(lines) if line.counted_at and index in skus}
    if not earlier:
        return set()
    posted = StockMovement.objects.filter(
        location=count.location_id,
        sku__in={skus[index].pk for index in earlier},
        reason=Reason.COUNT,
        recorded_at__gt=min(earlier.values()),
    )
    last = {}
    for sku, at in posted.order_by("sequence").values_list("sku", "recorded_at"):
        last[sku] = at
    return {index for index, at in earlier.items() if last.get(skus[index].pk, at) > at}


# ------------------------------------------------------------------------------------------------ writing

# What the book says now, or said at the moment that a line names. An older figure does not replace a newer one.
WRITE = """
INSERT INTO inventory_countline (count_id, sku_id, open_in_id, counted, expected, counted_at, counted_by_id)
SELECT %(count)s, new.sku_id, %(location)s, new.counted,
    CASE WHEN new.at IS NULL THEN coalesce(level.on_hand, 0) ELSE coalesce((
        SELECT on_hand_after FROM inventory_stockmovement movement
        WHERE movement.sku_id = new.sku_id AND movement.location_id = %(location)s AND movement.recorded_at <= new.at
        ORDER BY sequence DESC LIMIT 1
    ), 0) END,
    coalesce(new.at, %(now)s), %(by)s
FROM unnest(%(skus)s::bigint[], %(counted)s::numeric[], %(at)s::timestamptz[]) AS new(sku_id, counted, at)
LEFT JOIN inventory_stocklevel level ON level.sku_id = new.sku_id AND level.location_id = %(location)s
ORDER BY new.sku_id -- always in one order: two people who count the same things never wait crosswise
ON CONFLICT (count_id, sku_id) DO UPDATE SET
    counted = excluded.counted, expected = excluded.expected, counted_at = excluded.counted_at,
    counted_by_id = excluded.counted_by_id
WHERE inventory_countline.counted_at <= excluded.counted_at
"""


def write(lines, skus, count, by):
    words = {
        "count": count.pk,
        "location": count.location_id,
        "now": timezone.now(),
        "by": by.pk,
        "skus": [skus[index].pk for index in range(len(lines))],
        "counted": [line.counted for line in lines],
        "at": [line.counted_at for line in lines],
    }
    with connection.cursor() as cursor:
        cursor.execute(WRITE, words)
        return cursor.rowcount


# ------------------------------------------------------------------------------------------------ the end of it


@transaction.atomic
def post(*, count, by, note=""):
    """What differed goes into the book: each line by its own difference, whatever was sold since."""
    count = begin(count, "post", by, MOVES)
    all_lines = count.lines.count()
    if not all_lines:
        raise NothingCounted("Nothing has been counted yet: there is nothing to post.")
    refuse_put_right(count)
    differing = count.lines.exclude(variance=0).order_by("pk").values_list("sku", "variance")
    # The door reads the SKUs itself.
    lines = [ledger.Line(sku=Sku(pk=sku), quantity=variance, path="lines") for sku, variance in differing]
    ledger.count(location=count.location, lines=lines, document=count.number, by=by, note=note or count.note)
    alerts.counted(location=count.location, skus=count.lines.values("sku"))
    close(count, Status.POSTED, by, "posted", note, {"lines": all_lines, "differing": len(lines)})
    return count


def refuse_put_right(count):
    """Somebody corrected the book of a shelf since it was counted: posted too, the difference would be in it twice."""
    put_right = StockMovement.objects.filter(
        location=count.location_id,
        sku=OuterRef("sku"),
        reason__in=[Reason.CORRECTION, Reason.REVERSAL],
        recorded_at__gt=OuterRef("counted_at"),
    )
    lines = count.lines.filter(Exists(put_right)).select_related("sku").order_by("pk")
    if lines:
        raise PutRightSince(
            f"The book of {len(lines)} SKUs was put right since they were counted. Count them again, then post.",
            errors=[
                line_error("lines", PutRightSince.code, f"{line.sku} was put right since.", sku=line.sku_id)
                for line in lines
            ],
        )


@transaction.atomic
def cancel(*, count, by, note=""):
    """Nothing of it goes into the book."""
    count = begin(count, "cancel", by, MOVES)
    close(count, Status.CANCELLED, by, "cancelled", note, {})
    return count


def close(count, status, by, kind, note, changes):
    count.lines.update(open_in=None)
    move_on(count, status, by, kind=kind, note=note, changes=changes)


def uncounted(count):
    """Shelves of its scope on which something should lie, and which nobody has counted."""
    shelves = StockLevel.objects.filter(location=count.location_id, sku__in=count.in_scope(), on_hand__gt=0)
    return shelves.exclude(Exists(count.lines.filter(sku=OuterRef("sku"))))
