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
    days: str  # the table of totals
    subject: str  # what it keeps them for, beside the place and the day
    rows: str  # the statement that gives each row's `id`, place, day, subject, and what it `adds`
    adds: Sequence[str]

    @property
    def keys(self):
        return ["location_id", "business_date", self.subject]


MOVEMENTS = Book(
    name="movements",
    origin="inventory_stockmovement",
    recorded="recorded_at",
    days="inventory_stockday",
    subject="person_id",
    rows="""SELECT id, location_id, business_date, recorded_by_id AS person_id, 1 AS movements,
        greatest(on_hand_change, 0) AS came_in, greatest(-on_hand_change, 0) AS went_out
        FROM inventory_stockmovement""",
    adds=["movements", "came_in", "went_out"],
)


def settle_movements():
    settle(MOVEMENTS)


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
    more = ", ".join(f"{column} = {book.days}.{column} + excluded.{column}" for column in book.adds)
    return f"""
        INSERT INTO {book.days} ({keys}, {adds})
        SELECT {keys}, {sums} FROM ({book.rows}) listed WHERE id > %(since)s AND id <= %(upto)s GROUP BY {keys}
        ON CONFLICT ({keys}) DO UPDATE SET {more}"""  # noqa: S608 (constants of ours)


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


def days_of(books):
    """The statement of the totals of these days, and of all rows that are not in them yet."""
    columns = ", ".join([*books[0].keys, *books[0].adds])
    chosen = "location_id = ANY(%(places)s) AND business_date BETWEEN %(after)s AND %(before)s"
    parts = [f"SELECT {columns} FROM {books[0].days} WHERE {chosen}"]  # noqa: S608 (constants of ours)
    # How far the totals go is said twice: as the planner can reckon with it, and as it is in this very statement.
    parts += [
        f"""SELECT {columns} FROM ({book.rows}) later WHERE {chosen} AND id > %({book.name})s
            AND id > coalesce((SELECT upto FROM inventory_settled WHERE book = '{book.name}'), 0)"""  # noqa: S608
        for book in books
    ]
    every = " UNION ALL ".join(parts)
    return f"""
        SELECT *, business_date >= %(since)s AS is_now, date_trunc(%(by)s, business_date)::date AS period
        FROM ({every}) every"""  # noqa: S608


def asked(query, books, *, places, after, before, since=None, by="day", **more):
    words = {"places": places, "after": after, "before": before, "since": since or after, "by": by} | more
    marks = dict.fromkeys((book.name for book in books), 0)
    marks |= dict(Settled.objects.filter(book__in=marks).values_list("book", "upto"))
    with connection.cursor() as cursor:
        cursor.execute(query, words | marks)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]
