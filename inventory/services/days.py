"""The totals of days: what is over an hour old is kept added up, what came later is added up when asked.

The rows of a book are never changed, and none of them is on its way for an hour (`NEVER_LONGER`): so below the newest
id of an hour ago nothing will ever be added. A job puts what lies between the last such id and this one into the totals
of its days, which may be long ago, and remembers how far it came. Whoever asks reads the totals and the rows behind
them in one statement, so that they see all of it once, whatever the job does meanwhile. Selling knows nothing of this.

Totals may be thrown away, if the rows of `Settled` go with them: answers stay the same, and the job begins anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from inventory.models.days import Settled
from inventory.models.stock import NEVER_LONGER

AT_ONCE = 200_000  # ids


@dataclass(frozen=True, kw_only=True)
class Book:
    """Rows that stay, and the table that keeps the totals of their days."""

    name: str
    origin: str  # the table whose ids count
    recorded: str  # its column that says when a row was written
    totals: str  # the table of totals
    keys: Sequence[str]  # for what there is one: the place, the day, and what else
    rows: str  # the statement that gives each row's `id`, its keys, and what it `adds`
    adds: Sequence[str]


MOVEMENTS = Book(
    name="movements",
    origin="inventory_stockmovement",
    recorded="recorded_at",
    totals="inventory_stockday",
    keys=["location_id", "business_date", "person_id"],
    rows="""SELECT id, location_id, business_date, recorded_by_id AS person_id, 1 AS movements,
        greatest(on_hand_change, 0) AS came_in, greatest(-on_hand_change, 0) AS went_out
        FROM inventory_stockmovement""",
    adds=["movements", "came_in", "went_out"],
)
# What all movements of a place add up to is what lies there; to add up its shelves takes longer the more there are.
SHELVES = Book(
    name="shelves",
    origin="inventory_stockmovement",
    recorded="recorded_at",
    totals="inventory_stocktotal",
    keys=["location_id"],
    rows="""SELECT id, location_id, on_hand_change AS on_hand, reserved_change AS reserved, value_change AS value
        FROM inventory_stockmovement""",
    adds=["on_hand", "reserved", "value"],
)


def settle_movements():
    settle(MOVEMENTS)
    settle(SHELVES)


# ------------------------------------------------------------------------------------------------ keeping


def settle(book, until=None):
    """Puts all that cannot change any more into the totals of its days; a step at a time, however much there is."""
    until = until or timezone.now() - NEVER_LONGER
    while settle_step(book, until):
        pass


@transaction.atomic
def settle_step(book, until):
    Settled.objects.get_or_create(book=book.name)
    mark = Settled.objects.select_for_update().get(book=book.name)
    with connection.cursor() as cursor:
        cursor.execute(NEWEST.format(book=book), {"since": mark.upto, "until": until})
        newest = (cursor.fetchone() or [mark.upto])[0]
        upto = min(newest, mark.upto + AT_ONCE)
        cursor.execute(add_up(book), {"since": mark.upto, "upto": upto})
    mark.upto = upto
    mark.save()
    return upto < newest


NEWEST = """
SELECT id FROM {book.origin} WHERE id > %(since)s AND {book.recorded} < %(until)s ORDER BY id DESC LIMIT 1"""


def add_up(book):
    keys, adds = ", ".join(book.keys), ", ".join(book.adds)
    sums = ", ".join(f"sum({column})" for column in book.adds)
    more = ", ".join(f"{column} = {book.totals}.{column} + excluded.{column}" for column in book.adds)
    return f"""
        INSERT INTO {book.totals} ({keys}, {adds})
        SELECT {keys}, {sums} FROM ({book.rows}) listed WHERE id > %(since)s AND id <= %(upto)s GROUP BY {keys}
        ON CONFLICT ({keys}) DO UPDATE SET {more}"""  # noqa: S608 (constants of ours)


def differences():
    """See settings.BOOKS."""
    yield from compared([MOVEMENTS])
    yield from compared([SHELVES])


def compared(books):
    """Where the totals are not what their rows add up to."""
    keys, adds = books[0].keys, books[0].adds
    columns, of = ", ".join([*keys, *adds]), ", ".join(keys)
    kept = ", ".join([*keys, *(f"-{column}" for column in adds)])
    parts = [f"SELECT {columns} FROM ({book.rows}) listed WHERE id <= {upto(book)}" for book in books]  # noqa: S608
    every = " UNION ALL ".join([*parts, f"SELECT {kept} FROM {books[0].totals}"])  # noqa: S608 (constants of ours)
    wrong = " OR ".join(f"sum({column}) <> 0" for column in adds)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {of} FROM ({every}) every GROUP BY {of} HAVING {wrong}")  # noqa: S608
        for row in cursor:
            said = ", ".join(f"{key} {value}" for key, value in zip(keys, row, strict=True))
            yield f"{books[0].totals}: {said} is not what its rows add up to"


def upto(book):
    """As the statement finds it in which this stands."""
    return f"coalesce((SELECT upto FROM inventory_settled WHERE book = '{book.name}'), 0)"  # noqa: S608


# ------------------------------------------------------------------------------------------------ asking


def added_up(books, *groups, **period):
    """The totals of these days and places: for each group of keys a list of rows. `books` keep theirs in one table.

    Beside the keys of its books there are `period`, the first day of each `by` (day, week, month), and `is_now`: on
    the day `since` or later.
    """
    keys = list(dict.fromkeys(key for group in groups for key in group))
    sums = ", ".join(f"sum({column}) AS {column}" for column in books[0].adds)
    query = f"""
        SELECT {", ".join(keys)}, {sums}, grouping({", ".join(keys)}) AS grouped
        FROM ({days_of(books)}) listed
        GROUP BY GROUPING SETS ({", ".join(f"({', '.join(group)})" for group in groups)})"""  # noqa: S608
    found = asked(query, books, **period)
    return [[row for row in found if row["grouped"] == left_out(group, keys)] for group in groups]


def left_out(group, keys):
    """PostgreSQL's number of a grouping: a bit for each key that it does not group by, the last key's the lowest."""
    return sum(1 << place for place, key in enumerate(reversed(keys)) if key not in group)


def totals_of(books, first="after", last="before"):
    """The statement of the totals of these places and days, and of all rows that are not in them yet."""
    columns = ", ".join([*books[0].keys, *books[0].adds])
    chosen = "location_id = ANY(%(places)s)"
    if "business_date" in books[0].keys:
        chosen += f" AND business_date BETWEEN %({first})s AND %({last})s"
    parts = [f"SELECT {columns} FROM {books[0].totals} WHERE {chosen}"]  # noqa: S608 (constants of ours)
    # How far the totals go is said twice: as the planner can reckon with it, and as it is in this very statement.
    parts += [
        f"SELECT {columns} FROM ({book.rows}) later WHERE {chosen} AND id > %({book.name})s AND id > {upto(book)}"  # noqa: S608
        for book in books
    ]
    return " UNION ALL ".join(parts)


def days_of(books):
    """The same, with the words of `added_up` for a day."""
    return f"""
        SELECT *, business_date >= %(since)s AS is_now, date_trunc(%(by)s, business_date)::date AS period
        FROM ({totals_of(books)}) every"""  # noqa: S608


def there(*, places):
    """What lies in each of these places: pieces, promises, value."""
    query = f"""
        SELECT location_id, sum(on_hand) AS on_hand, sum(reserved) AS reserved, sum(value) AS value
        FROM ({totals_of([SHELVES])}) listed GROUP BY location_id"""  # noqa: S608 (constants of ours)
    return asked(query, [SHELVES], places=places)


def asked(query, books, **words):
    words = {"by": "day", "since": words.get("after")} | words
    marks = dict.fromkeys((book.name for book in books), 0)
    marks |= dict(Settled.objects.filter(book__in=marks).values_list("book", "upto"))
    with connection.cursor() as cursor:
        cursor.execute(query, words | marks)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]
