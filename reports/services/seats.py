"""How many papers one person may have made at once: they take seconds of a processor."""

from contextlib import contextmanager

from django.db import Error, connection

from boutique.errors import Throttled

SEATS = 2
ONE_OF_OURS = 0x5EA7  # tells these locks from others


@contextmanager
def taken(person):
    """Until it ends, one of the person's seats is theirs. PostgreSQL gives it back whatever becomes of the process.

    The session holds it, not a transaction: while a paper is drawn, none is open.
    """
    seat = next((seat for seat in range(SEATS) if is_free(person, seat)), None)
    if seat is None:
        text = f"{SEATS} papers are being made for you already. Ask again when one of them is there."
        raise Throttled(text, retry_after=2)
    try:
        yield
    finally:
        give_back(person, seat)


def is_free(person, seat):
    """And taken, if it was."""
    return asked("SELECT pg_try_advisory_lock(%s, %s)", person, seat)


def give_back(person, seat):
    try:
        asked("SELECT pg_advisory_unlock(%s, %s)", person, seat)
    except Error:
        connection.close()  # and with the session goes its lock


def asked(statement, person, seat):
    with connection.cursor() as cursor:
        cursor.execute(statement, [ONE_OF_OURS, person.pk * SEATS + seat])
        return cursor.fetchone()[0]
