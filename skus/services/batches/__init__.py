"""Some hundred rows of an import at once, in a number of statements that is always the same.

Three steps, in this order: everything is looked up and locked (`finding`), every row is judged (`judging`), the good
ones are written (`writing`). A step sees of the rows only those that the steps before found nothing wrong with.
"""

from dataclasses import dataclass, field, replace

from django.db import DataError, IntegrityError, connection, transaction

from boutique.errors import Duplicate
from skus.services.batches.finding import find
from skus.services.batches.judging import judge, said_by
from skus.services.batches.writing import write

PATIENCE = "15min"


@dataclass
class Tally:
    """What became of the rows so far."""

    most_errors: int
    rows_done: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    errors: list = field(default_factory=list)

    def add(self, rows):
        """The tally with these rows too."""
        tally = replace(self, errors=list(self.errors))
        tally.count(rows)
        return tally

    def count(self, rows):
        for row in rows:
            self.rows_done += 1
            self.rejected += bool(row.errors)
            self.created += row.is_new and not row.errors
            self.updated += row.is_changed and not row.is_new and not row.errors
            self.errors += row.errors[: self.most_errors - len(self.errors)]
        self.unchanged = self.rows_done - self.rejected - self.created - self.updated


def settle(rows, firsts, by):
    """Writes the good ones of these rows and says of the others what is wrong with them.

    What only the database finds (somebody was quicker, two letters it takes for one) is hunted down by halving.
    """
    for row in rows:
        row.afresh()
    try:
        with transaction.atomic():
            settle_at_once(rows, firsts, by)
    except (IntegrityError, DataError, Duplicate):
        if len(rows) > 1:
            middle = len(rows) // 2
            settle(rows[:middle], firsts, by)
            settle(rows[middle:], firsts, by)
            return
        rows[0].afresh()
        rows[0].wrong("", "refused", "Something else in the catalogue stands against this row. Look it up there.")


def settle_at_once(rows, firsts, by):
    found = find(rows, by)
    judge(rows, found, firsts, by)
    write(rows, found, by)
    # Only now: what a rejected row says, a later one may say again.
    firsts.note(said_by(rows))


def recall(rows, firsts, by):
    """What these rows said when they were written, an earlier time: only noted, for those that come after them."""
    with transaction.atomic():
        found = find(rows, by)
        judge(rows, found, firsts, by)
    firsts.note(said_by(rows))


def lock_imports(*, patiently):
    """One batch at a time, in the whole house: two imports of the same file neither repeat nor block each other.

    To be had before anything else is locked. Patiently, as nobody sits and waits, it outlasts an import that is long.
    """
    with connection.cursor() as cursor:
        if patiently:
            cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'; SET LOCAL statement_timeout = 0")
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('skus.imports', 0))")
        if patiently:
            cursor.execute("SET LOCAL lock_timeout TO DEFAULT; SET LOCAL statement_timeout TO DEFAULT")
