"""Counting attempts across processes, for what a stranger may try only so often."""

import contextlib
import ipaddress
from datetime import timedelta

from django.db import connection
from django.utils import timezone
from rest_framework.throttling import BaseThrottle

from boutique.errors import Throttled
from boutique.models import Attempts

LONGEST_BLOCK = timedelta(minutes=15)
QUIET = timedelta(hours=1)  # after this long without a block, the next one is short again

# One statement, so that a hundred tries at once are counted one by one. A blocked subject's tries do not
# lengthen its block: nobody can be locked out for ever.
COUNT = """
INSERT INTO boutique_attempts AS seen (kind, subject, count, window_began_at, blocks)
VALUES (%(kind)s, %(subject)s, 1, now(), 0)
ON CONFLICT (kind, subject) DO UPDATE SET
    count = CASE WHEN seen.blocked_until > now() THEN seen.count
                 WHEN seen.blocked_until IS NOT NULL OR seen.window_began_at < now() - %(window)s THEN 1
                 ELSE seen.count + 1 END,
    window_began_at = CASE WHEN seen.blocked_until > now() THEN seen.window_began_at
                 WHEN seen.blocked_until IS NOT NULL OR seen.window_began_at < now() - %(window)s THEN now()
                 ELSE seen.window_began_at END,
    blocks = CASE WHEN seen.window_began_at < now() - %(quiet)s THEN 0
                 WHEN seen.blocked_until IS NULL AND seen.window_began_at >= now() - %(window)s
                      AND seen.count >= %(limit)s THEN least(seen.blocks + 1, 10)
                 ELSE seen.blocks END,
    blocked_until = CASE WHEN seen.blocked_until > now() THEN seen.blocked_until
                 WHEN seen.blocked_until IS NULL AND seen.window_began_at >= now() - %(window)s
                      AND seen.count >= %(limit)s
                 THEN now() + least(%(window)s * power(2, seen.blocks)::int, %(longest)s)
                 ELSE NULL END
RETURNING ceil(extract(epoch FROM blocked_until - now()))::int
"""


def address_of(request):
    """The network address, through as many proxies as NUM_PROXIES says and no more."""
    said, direct = BaseThrottle().get_ident(request) or "", request.META.get("REMOTE_ADDR", "")
    for spelled in (said, said.rpartition(":")[0].strip("[]"), direct):  # some proxies add the port
        with contextlib.suppress(ValueError):
            return str(ipaddress.ip_address(spelled))
    return None  # a socket has none


def count(kind, subject, *, limit, window):
    """One more attempt; raises Throttled beyond `limit` within `window`, each time for twice as long."""
    figures = {
        "kind": kind,
        "subject": subject[:400],
        "limit": limit,
        "window": window,
        "quiet": QUIET,
        "longest": max(LONGEST_BLOCK, window),
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNT, figures)
        (seconds,) = cursor.fetchone()
    if seconds is not None:
        wait = max(seconds, 1)
        raise Throttled(f"Too many attempts. Try again in {wait} seconds.", retry_after=wait)


def forget(kind, subject):
    """The attempt succeeded: start counting anew."""
    Attempts.objects.filter(kind=kind, subject=subject[:400]).delete()


def forget_old():
    """A subject that has been quiet for a day starts anew."""
    return Attempts.objects.filter(window_began_at__lt=timezone.now() - timedelta(days=1)).delete()[0]
