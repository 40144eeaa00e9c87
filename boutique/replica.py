"""The lists of the API are read from a copy of the database, where DATABASE_REPLICA_URL names one.

A copy is a moment behind. So only a GET of many rows goes there, and not from whoever has just written: their session
notes when, in the row that every request reads on the primary anyway. Who is asking, one row by its id, whatever is
read in a transaction, all that is asked in SQL of our own (dashboards, reports, totals of forecasts), and all of the
admin stay on the primary. A copy that is away is done without.
"""

import time
from contextlib import contextmanager
from contextvars import ContextVar

import structlog
from django.conf import settings
from django.db import Error, connections
from django.utils import timezone

log = structlog.get_logger(__name__)

ALIAS = "replica"
TRIED_AGAIN_AFTER = 10  # seconds
reads_there = ContextVar("reads_there", default=False)


class Router:
    def db_for_read(self, model, **hints):
        return ALIAS if reads_there.get() and not connections["default"].in_atomic_block else "default"

    def db_for_write(self, model, **hints):
        return "default"

    def allow_relation(self, one, other, **hints):
        return True

    def allow_migrate(self, db, app_label, **hints):
        return db == "default"


class Away:
    until = 0.0


@contextmanager
def chosen_anew():
    """What one request chose is not the next one's."""
    token = reads_there.set(False)
    try:
        yield
    finally:
        reads_there.reset(token)


def read_there(sign_in):
    """From here on, rows come from the copy, unless this session may miss there what it wrote."""
    if ALIAS in connections and sign_in is not None and not wrote_lately(sign_in) and answers():
        reads_there.set(True)


def wrote_lately(sign_in):
    return sign_in.wrote_at is not None and timezone.now() - sign_in.wrote_at < settings.REPLICA_LAG


def note_write(sign_in):
    """After the commit, before the answer: whoever knows of their write will read it. What is committed is done, and is
    answered so even where this cannot be noted."""
    if ALIAS in connections and sign_in is not None:
        try:
            type(sign_in).objects.filter(pk=sign_in.pk).update(wrote_at=timezone.now())
        except Error as error:
            log.warning("write not noted", error=str(error)[:200])


def answers():
    if time.monotonic() < Away.until:
        return False
    copy = connections[ALIAS]
    try:
        copy.close_if_health_check_failed()
        copy.ensure_connection()
    except Error as error:
        Away.until = time.monotonic() + TRIED_AGAIN_AFTER
        log.warning("replica away", error=str(error)[:200])
        return False
    return True
