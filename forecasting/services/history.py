"""What was wanted of each SKU in each place, week by week, as the ledger tells it.

Wanted is what left for customers: sales, orders that were handed over, requests, material of alterations; what came
back counts against it. A day on which nothing was left to sell says nothing of demand. Such days are unknown and not
zero, and a week of nothing else is unknown altogether. So are days before a SKU came, and days on which the place was
closed.

numpy is imported in the functions: only workers and commands have it in memory.
"""

import io
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from django.db import connection

from inventory.models import Reason

WANTED = [Reason.SALE, Reason.CUSTOMER_RETURN, Reason.ORDER, Reason.REQUEST, Reason.ALTERATION]
# Comes in without saying that somebody keeps book: what an imported sale needed is found with it.
NO_DELIVERY = [Reason.FOUND, Reason.CUSTOMER_RETURN, Reason.REVERSAL]
MOST_WEEKS = 260
# On a day of the week with so many lines, none at all means a closed door.
BUSY = 8

# Every shelf there is, and those that somebody wants filled.
SHELVES = """
SELECT level.sku_id, level.location_id FROM inventory_stocklevel level WHERE level.location_id = ANY(%(places)s)
UNION
SELECT wanted.sku_id, wanted.location_id FROM inventory_lowstockthreshold wanted
WHERE wanted.sku_id IS NOT NULL AND wanted.location_id = ANY(%(places)s)
"""

# With the day of its first movement: whether it was there before the weeks that are looked at.
SERIES = f"""
SELECT shelf.sku_id, shelf.location_id, sku.product_id, product.category_id, sku.size, sku.colour, first.business_date,
    coalesce(level.on_hand - level.reserved, 0) <= 0, product.unit = 'piece'
FROM ({SHELVES}) shelf
JOIN skus_sku sku ON sku.id = shelf.sku_id AND sku.is_active
JOIN skus_product product ON product.id = sku.product_id AND product.is_active
LEFT JOIN inventory_stocklevel level ON level.sku_id = shelf.sku_id AND level.location_id = shelf.location_id
LEFT JOIN inventory_stockmovement first ON first.sku_id = shelf.sku_id AND first.location_id = shelf.location_id
    AND first.sequence = 1
WHERE sku.product_id BETWEEN %(first)s AND %(last)s
ORDER BY sku.product_id, shelf.sku_id, shelf.location_id
"""  # noqa: S608 (put together from what stands in this file)

# One row for each movement of these shelves: what was wanted, in thousandths, and until which day what it left was all
# there was. The flags: something was left to sell (1); it is the first, and something was there before it (2); goods
# were delivered (4). Each column is four bytes wide, as `moved` reads them without looking at each.
MOVED = """
SELECT (shelf.number - 1)::int4, movement.business_date - %(first)s,
    coalesce(lead(movement.business_date) OVER along, %(end)s) - %(first)s,
    (CASE WHEN reason = ANY(%(wanted)s) THEN -1000 * on_hand_change ELSE 0 END)::int4,
    (on_hand_after > reserved_after)::int4 + 4 * (on_hand_change > 0 AND reason <> ALL(%(no_delivery)s))::int4
        + 2 * (lag(sequence) OVER along IS NULL
            AND on_hand_after - on_hand_change > reserved_after - reserved_change)::int4
FROM unnest(%(skus)s::bigint[], %(places)s::bigint[]) WITH ORDINALITY AS shelf(sku_id, location_id, number)
JOIN inventory_stockmovement movement
    ON movement.sku_id = shelf.sku_id AND movement.location_id = shelf.location_id
WHERE movement.business_date >= %(first)s AND movement.business_date < %(end)s
WINDOW along AS (PARTITION BY shelf.number ORDER BY movement.business_date, movement.sequence)
"""
LEFT_TO_SELL, THERE_BEFORE, DELIVERED = 1, 2, 4
COLUMNS = ("number", "day", "until", "wanted", "flags")
# How PostgreSQL's binary COPY begins, ends, and frames each column of a row.
HEAD, TAIL = 19, 2

SOLD_ON = """
SELECT business_date, count(*) FROM inventory_stockmovement
WHERE location_id = %s AND reason = ANY(%s) AND business_date >= %s AND business_date < %s GROUP BY business_date
"""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Of which SKU in which place a series tells."""

    sku: int
    location: int
    product: int
    category: int | None
    size: str
    colour: str
    first_day: date | None
    is_empty: bool
    is_by_the_piece: bool


@dataclass(frozen=True)
class Histories:
    """Week by week, the oldest first, one row for each shelf: `wanted` (NaN: unknown), on how many days something could
    be sold (`days_open`), and in which week it `began`."""

    shelves: list
    wanted: object
    days_open: object
    began: object


def monday_of(day):
    return day - timedelta(days=day.weekday())


def shelves_of(places, first_product, last_product):
    with connection.cursor() as cursor:
        cursor.execute(SERIES, {"places": list(places), "first": first_product, "last": last_product})
        return [Shelf(*row) for row in cursor.fetchall()]


def closed_days(location, start, weeks):
    """Days without a single sale, where on such a day of the week there are always many."""
    first = start - timedelta(weeks=weeks)
    with connection.cursor() as cursor:
        cursor.execute(SOLD_ON, [location, [str(reason) for reason in WANTED], first, start])
        sold = Counter(dict(cursor.fetchall()))
    if not sold:
        return []
    opened = min(sold)
    days = [opened + timedelta(days=number) for number in range((start - opened).days)]
    by_weekday = defaultdict(list)
    for day in days:
        by_weekday[day.weekday()].append(sold[day])
    busy = {weekday for weekday, lines in by_weekday.items() if median(lines) >= BUSY}
    return [day for day in days if day.weekday() in busy and not sold[day]]


def read(shelves, start, weeks, closed):
    """The histories of these shelves up to the day before `start`. `closed`: days by place."""
    import numpy as np

    first, days = start - timedelta(weeks=weeks), weeks * 7
    rows = moved(shelves, first, start)
    number, day, flags = rows["number"], rows["day"], rows["flags"]
    wanted = rows["wanted"] / 1000
    born_before = np.array([bool(shelf.first_day and shelf.first_day < first) for shelf in shelves], dtype=bool)
    on_sale_from = first_of(number, day, len(shelves), none=days)
    delivered = flags & DELIVERED > 0
    kept_from = first_of(number[delivered], day[delivered], len(shelves), none=days)
    on_sale_from[born_before] = kept_from[born_before] = 0

    is_open = with_stock(rows, born_before, [shelf.is_empty for shelf in shelves], days)
    calendar = np.arange(days)
    is_open |= calendar < kept_from[:, None]  # before anybody kept book, sales alone are known
    is_open &= calendar >= on_sale_from[:, None]
    is_open &= ~shut(shelves, first, days, closed)
    is_open[number[wanted > 0], day[wanted > 0]] = True
    days_open = is_open.reshape(len(shelves), weeks, 7).sum(axis=2)

    sums = np.bincount(number * weeks + day // 7, weights=wanted, minlength=len(shelves) * weeks)
    sums = returned_earlier(sums.reshape(len(shelves), weeks))
    known = np.where(days_open > 0, sums, np.nan)
    return Histories(shelves=shelves, wanted=known, days_open=days_open, began=on_sale_from // 7)


def moved(shelves, first, end):
    """The columns of MOVED, as arrays: of a hundred thousand rows, Python would make a million objects."""
    import numpy as np

    told = {
        "skus": [shelf.sku for shelf in shelves],
        "places": [shelf.location for shelf in shelves],
        "first": first,
        "end": end,
        "wanted": [str(reason) for reason in WANTED],
        "no_delivery": [str(reason) for reason in NO_DELIVERY],
    }
    sent = io.BytesIO()
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY ({cursor.mogrify(MOVED, told).decode()}) TO STDOUT (FORMAT binary)", sent)
    row = [("width", ">i2"), *((kind, ">i4") for name in COLUMNS for kind in (f"width of {name}", name))]
    rows = np.frombuffer(sent.getbuffer()[HEAD:-TAIL], dtype=row)
    return {name: rows[name].astype(np.int64) for name in COLUMNS}


def with_stock(rows, born_before, is_empty, days):
    """Which days of which shelf had something to sell, be it for an hour."""
    import numpy as np

    number, day, flags = rows["number"], rows["day"], rows["flags"]
    left = flags & LEFT_TO_SELL > 0
    there = (flags & THERE_BEFORE > 0) & born_before[number]
    untouched = np.bincount(number, minlength=len(born_before)) == 0
    asleep = np.flatnonzero(born_before & untouched & ~np.array(is_empty, dtype=bool))
    spans = [
        # To the day of the next movement, and that day too: it began with what was left.
        (number[left], day[left], np.minimum(rows["until"][left] + 1, days)),
        (number[there], np.zeros_like(day[there]), day[there] + 1),
        (asleep, np.zeros_like(asleep), np.full_like(asleep, days)),
    ]
    return inside(spans, len(born_before), days)


def first_of(number, day, shelves, none):
    import numpy as np

    first = np.full(shelves, none, dtype=np.int64)
    np.minimum.at(first, number, day)
    return first


def inside(spans, shelves, days):
    """Which days of which shelf lie in one of these (shelf, from, until)."""
    import numpy as np

    width = days + 1
    steps = np.zeros(shelves * width, dtype=np.int32)
    for number, begin, end in spans:
        steps += np.bincount(number * width + begin, minlength=steps.size).astype(np.int32)
        steps -= np.bincount(number * width + end, minlength=steps.size).astype(np.int32)
    return np.cumsum(steps.reshape(shelves, width), axis=1)[:, :days] > 0


def shut(shelves, first, days, closed):
    """Which days of which shelf the door of its place was closed."""
    import numpy as np

    by_place = {}
    for place, dates in closed.items():
        by_place[place] = np.zeros(days, dtype=bool)
        offsets = [(day - first).days for day in dates]
        by_place[place][[offset for offset in offsets if 0 <= offset < days]] = True
    never = np.zeros(days, dtype=bool)
    return np.array([by_place.get(shelf.location, never) for shelf in shelves], dtype=bool).reshape(-1, days)


def returned_earlier(sums):
    """A week in which more came back than went out says that less was wanted in the weeks before."""
    import numpy as np

    for week in range(sums.shape[1] - 1, 0, -1):
        owed = np.minimum(sums[:, week], 0)
        sums[:, week] -= owed
        sums[:, week - 1] += owed
    if sums.shape[1]:
        sums[:, 0] = np.maximum(sums[:, 0], 0)
    return sums
