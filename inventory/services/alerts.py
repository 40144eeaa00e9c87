"""Alerts: opened and resolved by what the shelf says, whatever moved it; acknowledged by a person.

`judge` is given levels whose locks are held. Nothing else opens or resolves an alert of a level, so that a level is low
exactly as long as it has an open one.
"""

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Max, Min, Q
from django.utils import timezone

from inventory.models import OF_THRESHOLDS, Alert, AlertKind, StockLevel
from inventory.tasks import tell
from skus.models import Sku

SKUS_AT_ONCE = 2000


def wanted(level):
    """The kinds of alert that a level of `to_be_judged` should have open."""
    kinds = set()
    if level.reserved > level.on_hand:
        kinds.add(AlertKind.SHORTAGE)
    if level.is_unsure or AlertKind.RECOUNT in open_on(level):
        kinds.add(AlertKind.RECOUNT)  # until somebody has counted it
    if level.threshold is not None:
        if level.available <= 0:
            kinds.add(AlertKind.OUT_OF_STOCK)
        # A shelf that empties at one stroke was never low; one that is low stays so until there is enough again.
        if level.available <= level.threshold and (level.available > 0 or AlertKind.LOW_STOCK in open_on(level)):
            kinds.add(AlertKind.LOW_STOCK)
    return kinds


def open_on(level):
    return set(level.open_alerts or ())


def judge(levels, *, at=None, thresholds_moved=False):
    """Opens and resolves what the state of these levels asks for; the caller holds their locks.

    Where nothing changes that is no statement at all; else one, and one for the news of what has opened. What is short
    is looked at each time, for the documents that wait for it.
    """
    rows = []
    for level in levels:
        kinds, before = wanted(level), open_on(level)
        if kinds != before or AlertKind.SHORTAGE in kinds or thresholds_moved:
            rows += [(level, kind, kind in kinds) for kind in sorted(kinds | before)]
    if rows:
        spread(written(rows, at or timezone.now()))


# Of each level and kind in question: is it to be open? The documents are those that still hold goods of the level, the
# eldest promise first.
WRITE = """
WITH judged AS MATERIALIZED (
    SELECT given.*, CASE WHEN given.kind = 'shortage' AND given.is_open THEN (
        SELECT array_agg(holder.document ORDER BY holder.since) FROM (
            SELECT movement.document, min(movement.id) AS since
            FROM inventory_stockmovement movement
            WHERE movement.sku_id = given.sku_id AND movement.location_id = given.location_id
                AND movement.reserved_change <> 0
            GROUP BY movement.document HAVING sum(movement.reserved_change) > 0
        ) holder
    ) END AS orders
    FROM unnest(
        %(levels)s::bigint[], %(skus)s::bigint[], %(places)s::bigint[], %(kinds)s::text[], %(open)s::boolean[],
        %(thresholds)s::numeric[]
    ) AS given(level_id, sku_id, location_id, kind, is_open, threshold)
), already_open AS (
    UPDATE inventory_alert alert SET
        resolved_at = CASE WHEN judged.is_open THEN NULL ELSE %(at)s END, updated_at = %(at)s,
        threshold = coalesce(judged.threshold, alert.threshold), orders = coalesce(judged.orders, alert.orders)
    FROM judged
    WHERE alert.level_id = judged.level_id AND alert.kind = judged.kind AND alert.resolved_at IS NULL AND (
        NOT judged.is_open OR alert.threshold IS DISTINCT FROM judged.threshold
        OR alert.orders <> coalesce(judged.orders, alert.orders)
    )
)
INSERT INTO inventory_alert
    (level_id, location_id, kind, threshold, orders, opened_at, updated_at, document, acknowledged_note)
SELECT level_id, location_id, kind, threshold, coalesce(orders, '{}'), %(at)s, %(at)s, '', '' FROM judged
WHERE is_open AND NOT EXISTS (
    SELECT FROM inventory_alert alert
    WHERE alert.level_id = judged.level_id AND alert.kind = judged.kind AND alert.resolved_at IS NULL
)
-- Should a lock ever be forgotten, there is one alert all the same.
ON CONFLICT (level_id, kind) WHERE resolved_at IS NULL DO NOTHING
RETURNING id
"""


def written(rows, at):
    """The ids of the alerts that have opened."""
    levels = [level for level, _kind, _is_open in rows]
    with connection.cursor() as cursor:
        cursor.execute(
            WRITE,
            {
                "levels": [level.pk for level in levels],
                "skus": [level.sku_id for level in levels],
                "places": [level.location_id for level in levels],
                "kinds": [kind for _level, kind, _is_open in rows],
                "open": [is_open for _level, _kind, is_open in rows],
                "thresholds": [level.threshold if kind in OF_THRESHOLDS else None for level, kind, _ in rows],
                "at": at,
            },
        )
        return [pk for (pk,) in cursor.fetchall()]


def spread(opened):
    """News of what has just opened: a letter, if the shop wants one at once."""
    if opened and settings.BOUTIQUE_ALERT_MAIL == "now":
        tell.enqueue(sorted(opened))


def locked(levels):
    """These levels, locked in the order in which everybody locks them, and read once the locks are had."""
    rows = levels.select_for_update(no_key=True, of=("self",)).order_by("pk")
    ids = list(rows.values_list("pk", flat=True))
    return StockLevel.objects.to_be_judged().filter(pk__in=ids)


def judge_all():
    """Looks at all shelves once more; how many were judged wrongly.

    There are some only after somebody got round the door, or set a threshold in the moment when the first goods came.
    """
    bounds, found = Sku.objects.aggregate(first=Min("pk"), last=Max("pk")), 0
    if bounds["first"] is None:
        return found
    for first in range(bounds["first"], bounds["last"] + 1, SKUS_AT_ONCE):
        with transaction.atomic():
            wrong = [level.pk for level in misjudged(first, first + SKUS_AT_ONCE - 1)]
            judge(locked(StockLevel.objects.filter(pk__in=wrong)))
        found += len(wrong)
    return found


def misjudged(first, last):
    """The levels of these SKUs whose open alerts are not what their state asks for."""
    in_question = Q(threshold__isnull=False) | Q(open_alerts__isnull=False) | Q(reserved__gt=F("on_hand"))
    levels = StockLevel.objects.on_shelves().to_be_judged().filter(in_question, sku__gte=first, sku__lte=last)
    shown = levels.select_related("sku", "location").only("on_hand", "reserved", "sku__code", "location__code")
    return [level for level in shown if wanted(level) != open_on(level)]


def counted(*, location, skus):
    """Somebody has looked how much there is of these: nothing is unsure any more."""
    now = timezone.now()
    unsure = Alert.objects.filter(kind=AlertKind.RECOUNT, resolved_at=None)
    unsure.filter(level__location=location, level__sku__in=skus).update(resolved_at=now, updated_at=now)


# ------------------------------------------------------------------------------------------------ documents


@transaction.atomic
def overdue(*, document, location):
    """A document is late. Called by whoever it belongs to, as often as they like: it opens one alert."""
    late = {"kind": AlertKind.OVERDUE, "document": document, "resolved_at": None}
    alert, is_new = Alert.objects.get_or_create(**late, defaults={"location": location})
    if is_new:
        spread([alert.pk])
    return alert


@transaction.atomic
def no_longer_overdue(*, document):
    """It was done, cancelled, or given another day."""
    now = timezone.now()
    late = Alert.objects.filter(kind=AlertKind.OVERDUE, document=document, resolved_at=None)
    late.update(resolved_at=now, updated_at=now)


# ------------------------------------------------------------------------------------------------ people


@transaction.atomic
def acknowledge(*, alert, by, note=""):
    """Somebody has seen it, and sees to it; open it is until its cause is gone. Of two who say so the first stays."""
    alert = Alert.objects.select_for_update(no_key=True).get(pk=alert.pk)
    if alert.acknowledged_at is None:
        alert.acknowledged_by, alert.acknowledged_note = by, note
        alert.acknowledged_at = alert.updated_at = timezone.now()
        alert.save(update_fields=["acknowledged_by", "acknowledged_note", "acknowledged_at", "updated_at"])
    return alert
