"""How many papers one person may have made at once: they take seconds of a processor."""

from contextlib import contextmanager

from django.db import connection, transaction

from boutique.errors import Throttled

SEATS = 2
ONE_OF_OURS = 0x5EA7  # tells these locks from others


@contextmanager
def taken(person):
    """Until it ends, one of the person's seats is theirs. PostgreSQL gives it back whatever becomes of the process."""
    with transaction.atomic():
        if not any(is_free(person, seat) for seat in range(SEATS)):
            text = f"{SEATS} papers are being made for you already. Ask again when one of them is there."
            raise Throttled(text, retry_after=2)
        yield


def is_free(person, seat):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [ONE_OF_OURS, person.pk * SEATS + seat])
        return cursor.fetchone()[0]
