"""Running a piece of work in one transaction, again if the database had to break a tie."""

import random
import time

from django.db import OperationalError, connection, transaction

TRIES = 3
SERIALIZATION_FAILURE, DEADLOCK = "40001", "40P01"


def sqlstate(error):
    """PostgreSQL's code of a Django database error; empty when the connection itself was lost."""
    return getattr(error.__cause__, "pgcode", None) or ""


def in_one_transaction(work):
    """The one place that repeats work after a deadlock or a serialization failure; `work` must be safe to repeat."""
    if connection.in_atomic_block:
        with transaction.atomic():
            return work()  # after a deadlock the outermost transaction is lost: only its owner may repeat
    for attempt in range(1, TRIES + 1):
        try:
            with transaction.atomic():
                return work()
        except OperationalError as error:
            if sqlstate(error) not in (SERIALIZATION_FAILURE, DEADLOCK) or attempt == TRIES:
                raise
            time.sleep(random.uniform(0.01, 0.05) * attempt)  # noqa: S311 (jitter, not a secret)
    raise AssertionError("unreachable")
