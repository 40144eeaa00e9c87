"""Adding the whole ledger up again and comparing it with what the shelves say."""

from collections import defaultdict
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Max, Min

from boutique.documents import sql_number
from inventory.models import Reason, StockAdjustment, StockLevel
from inventory.services import alerts, ledger
from skus.models import Sku

SKUS_AT_ONCE, STEPS = 2000, 50  # few SKUs may have a long history too: at least so many steps

# Each level of these SKUs as it stands, beside what its movements add up to. One pass over the ledger in the order of
# its own index, so that neither memory nor a sort grows with history.
COMPARED = """
WITH chained AS (
    SELECT sku_id, location_id, sequence, on_hand_change, reserved_change, value_change,
        on_hand_after, reserved_after, value_after,
        lag(on_hand_after, 1, 0) OVER shelf AS on_hand_before,
        lag(reserved_after, 1, 0) OVER shelf AS reserved_before,
        lag(value_after, 1, 0) OVER shelf AS value_before,
        row_number() OVER shelf AS place
    FROM inventory_stockmovement WHERE sku_id BETWEEN %(first)s AND %(last)s
    WINDOW shelf AS (PARTITION BY sku_id, location_id ORDER BY sequence)
), added AS (
    SELECT sku_id, location_id, count(*) AS version, max(sequence) AS last_sequence,
        sum(on_hand_change) AS on_hand, sum(reserved_change) AS reserved, sum(value_change) AS value,
        count(*) FILTER (WHERE sequence <> place OR on_hand_after <> on_hand_before + on_hand_change
            OR reserved_after <> reserved_before + reserved_change OR value_after <> value_before + value_change
        ) AS broken
    FROM chained GROUP BY sku_id, location_id
)
SELECT sku.code, place.code, coalesce(level.sku_id, added.sku_id), coalesce(level.location_id, added.location_id),
    coalesce(added.on_hand, 0), level.on_hand, coalesce(added.reserved, 0), level.reserved,
    coalesce(added.value, 0), level.value, coalesce(added.last_sequence, 0), level.version, coalesce(added.broken, 0),
    CASE WHEN level.on_hand > 0 THEN round(level.value / level.on_hand, 4) ELSE level.average_cost END,
    level.average_cost
FROM (SELECT * FROM inventory_stocklevel WHERE sku_id BETWEEN %(first)s AND %(last)s) level
FULL JOIN added ON added.sku_id = level.sku_id AND added.location_id = level.location_id
JOIN skus_sku sku ON sku.id = coalesce(level.sku_id, added.sku_id)
JOIN accounts_location place ON place.id = coalesce(level.location_id, added.location_id)
WHERE level.id IS NULL OR level.on_hand <> coalesce(added.on_hand, 0) OR level.reserved <> coalesce(added.reserved, 0)
    OR level.value <> coalesce(added.value, 0) OR level.version <> coalesce(added.last_sequence, 0)
    OR added.broken > 0 OR (level.on_hand > 0 AND abs(level.average_cost - level.value / level.on_hand) > 0.0001)
ORDER BY sku.code, place.code
"""

# What documents hold, by their own movements: never less than nothing.
OVERDRAWN = """
SELECT sku.code, place.code, movement.sku_id, movement.location_id, movement.document, sum(movement.reserved_change)
FROM inventory_stockmovement movement
JOIN skus_sku sku ON sku.id = movement.sku_id
JOIN accounts_location place ON place.id = movement.location_id
WHERE movement.reserved_change <> 0 AND movement.sku_id BETWEEN %(first)s AND %(last)s
GROUP BY sku.code, place.code, movement.sku_id, movement.location_id, movement.document
HAVING sum(movement.reserved_change) < 0
ORDER BY sku.code, place.code, movement.document
"""


# What stands on the road is what transfers have sent and nobody has received.
ON_THE_ROAD = """
SELECT sku.code, 'the road', 'on hand', coalesce(sent.pieces, 0), coalesce(road.on_hand, 0)
FROM (SELECT sku_id, sum(outstanding) AS pieces FROM inventory_transferline WHERE outstanding > 0 GROUP BY sku_id) sent
FULL JOIN (
    SELECT level.sku_id, level.on_hand FROM inventory_stocklevel level
    JOIN accounts_location place ON place.id = level.location_id WHERE place.kind = 'transit' AND level.on_hand > 0
) road ON road.sku_id = sent.sku_id
JOIN skus_sku sku ON sku.id = coalesce(sent.sku_id, road.sku_id)
WHERE sent.pieces IS DISTINCT FROM road.on_hand
"""
# What stock requests hold is what those ask for that nobody has decided.
ASKED_FOR = f"""
SELECT sku.code, coalesce(asked.document, held.document), 'held', coalesce(asked.pieces, 0), coalesce(held.pieces, 0)
FROM (
    SELECT {sql_number("REQ", "request.id")} AS document, sku_id, quantity AS pieces
    FROM inventory_stockrequestline line JOIN inventory_stockrequest request ON request.id = line.request_id
    WHERE request.status = 'requested'
) asked
FULL JOIN (
    SELECT document, sku_id, sum(reserved_change) AS pieces FROM inventory_stockmovement
    WHERE reserved_change <> 0 AND document LIKE 'REQ-%' GROUP BY document, sku_id HAVING sum(reserved_change) <> 0
) held ON held.document = asked.document AND held.sku_id = asked.sku_id
JOIN skus_sku sku ON sku.id = coalesce(asked.sku_id, held.sku_id)
WHERE asked.pieces IS DISTINCT FROM held.pieces
"""  # noqa: S608 (constants of ours)


@dataclass(frozen=True)
class Difference:
    """One thing that does not add up: what the ledger says, and what was found."""

    sku: str
    place: str
    what: str
    expected: object
    found: object
    key: tuple = ()

    def __str__(self):
        return f"{self.sku} in {self.place}: {self.what} expected {self.expected}, found {self.found}"


def differences(progress=lambda done, total: None):
    """Every difference, a range of SKUs at a time. `progress` is told how many of how many SKUs are done."""
    bounds = Sku.objects.aggregate(first=Min("pk"), last=Max("pk"))
    if bounds["first"] is None:
        return
    first, last = bounds["first"], bounds["last"]
    step = max(1, min(SKUS_AT_ONCE, (last - first) // STEPS))
    for start in range(first, last + 1, step):
        end = min(start + step - 1, last)
        yield from differences_between(start, end)
        progress(end - first + 1, last - first + 1)


@transaction.atomic
def differences_between(first, last):
    found = []
    with connection.cursor() as cursor:
        # Sums over years of history may take longer than a request. A sale in between disturbs nothing: a statement
        # sees its level and its movements, or neither.
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(COMPARED, {"first": first, "last": last})
        for row in cursor.fetchall():
            found += compared(*row)
        cursor.execute(OVERDRAWN, {"first": first, "last": last})
        for sku, place, *key, document, held in cursor.fetchall():
            found.append(Difference(sku, place, f"held by {document}", "0 or more", ledger.plain(held), tuple(key)))
    for level in alerts.misjudged(first, last):
        key, (expected, there) = (level.sku_id, level.location_id), (alerts.wanted(level), alerts.open_on(level))
        found.append(Difference(level.sku.code, level.location.code, "alerts", listed(expected), listed(there), key))
    return found


@transaction.atomic
def of_documents():
    """Where transfers and stock requests and the ledger do not agree."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        for question in (ON_THE_ROAD, ASKED_FOR):
            cursor.execute(question)
            for sku, where, what, expected, found in cursor.fetchall():
                yield Difference(sku, where, what, ledger.plain(expected), ledger.plain(found))


def listed(kinds):
    return " and ".join(sorted(kinds)) or "none"


def compared(sku, place, sku_id, location_id, *figures):
    key = (sku_id, location_id)
    on_hand, reserved, value, version = (figures[at : at + 2] for at in (0, 2, 4, 6))
    broken, average, kept_average = figures[8:]
    if on_hand[1] is None:
        yield Difference(sku, place, "level", f"on hand {ledger.plain(on_hand[0])}", "none", key)
        return
    for what, (expected, there) in (("on hand", on_hand), ("reserved", reserved), ("value", value)):
        if expected != there:
            yield Difference(sku, place, what, ledger.plain(expected), ledger.plain(there), key)
    if version[0] != version[1]:
        yield Difference(sku, place, "version", version[0], version[1], key)
    if broken:
        yield Difference(sku, place, "movements that do not follow the one before", 0, broken, key)
    if abs(average - kept_average) > ledger.FINE:
        yield Difference(sku, place, "average cost", average, kept_average, key)


@transaction.atomic
def repair(found, *, by):
    """Posts what is needed for ledger and shelves to agree again, as one adjustment for each place; the movements.

    A ledger whose own rows contradict each other can only be shown: nothing in it is ever rewritten.
    """
    by_place = defaultdict(dict)
    for difference in found:
        sku, location = difference.key
        by_place[location][sku] = None
    posted = []
    for location, skus in sorted(by_place.items()):
        adjustment = StockAdjustment.objects.create(
            location_id=location,
            reason=Reason.CORRECTION,
            note="Repaired by check_ledger.",
            created_by=by,
            updated_by=by,
        )
        movements = [ledger.reconcile(sku, location, document=adjustment.number, by=by) for sku in sorted(skus)]
        posted += [movement for movement in movements if movement]
        alerts.judge(alerts.locked(StockLevel.objects.on_shelves().filter(location=location, sku__in=skus)))
        if not any(movements):
            adjustment.delete()
    return posted
