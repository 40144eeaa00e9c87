"""The work of the sewing room: who finished what and when, and why garments were worked on again.

A garment is done on the day it was finished last, in the place of its ticket. What came back to the bench counts on the
day it was sent back, what came back under warranty on the day it was taken in.
"""

from django.db.models import TextChoices

from alterations.models import Cause
from alterations.models.tickets import SHOP_CAUSES
from boutique.documents import sql_number
from reports.services.papers import Report, apart, column, key, number, percent, quantity, rows_of
from reports.services.statements import PLACES


class WorkGroup(TextChoices):
    TAILOR = "tailor", "Tailor"
    CAUSE = "cause", "Cause"


DONE = """
done AS (
    SELECT garment.tailor_id, garment.id, garment.minutes_taken,
        (SELECT coalesce(sum(minutes), 0) FROM alterations_garmentservice WHERE garment_id = garment.id) AS minutes,
        (garment.finished_at AT TIME ZONE places.timezone)::date <= ticket.promised_on AS is_on_time
    FROM alterations_garment garment JOIN alterations_ticket ticket ON ticket.id = garment.ticket_id
    JOIN places ON places.id = ticket.location_id
    WHERE garment.status IN ('quality_check', 'ready', 'collected')
        AND garment.finished_at >= places.began AND garment.finished_at < places.ended
)"""
AGAIN = f"""
again AS (
    SELECT garment.tailor_id, garment.id, event.changes->>'cause' AS cause, false AS is_warranty
    FROM alterations_garment garment JOIN alterations_ticket ticket ON ticket.id = garment.ticket_id
    JOIN places ON places.id = ticket.location_id
    JOIN boutique_documentevent event ON event.kind = 'rework' AND event.document
        = {sql_number("GAR", "garment.id")}
    WHERE garment.reworks > 0 AND event.at >= places.began AND event.at < places.ended
    UNION ALL
    SELECT original.tailor_id, garment.id, garment.cause, true
    FROM alterations_garment garment JOIN alterations_ticket ticket ON ticket.id = garment.ticket_id
    JOIN places ON places.id = ticket.location_id
    JOIN alterations_garment original ON original.id = garment.warranty_of_id
    WHERE garment.status <> 'cancelled' AND garment.created_at >= places.began AND garment.created_at < places.ended
)"""
BY_TAILOR = f"""
WITH {PLACES}, {DONE}, {AGAIN},
facts AS (
    SELECT tailor_id, id, minutes, minutes_taken, is_on_time, NULL AS cause, NULL::boolean AS is_warranty FROM done
    UNION ALL
    SELECT tailor_id, NULL, NULL, NULL, NULL, cause, is_warranty FROM again
)
SELECT facts.tailor_id AS tailor, trim(person.first_name || ' ' || person.last_name) AS tailor_name,
    grouping(facts.tailor_id) = 1 AS is_total,
    count(facts.id) AS garments, coalesce(sum(facts.minutes), 0)::bigint AS minutes,
    coalesce(sum(facts.minutes_taken), 0)::bigint AS minutes_taken,
    count(*) FILTER (WHERE is_on_time) AS on_time, count(*) FILTER (WHERE NOT is_on_time) AS late,
    count(*) FILTER (WHERE NOT is_warranty) AS reworks, count(*) FILTER (WHERE is_warranty) AS warranties,
    {{by_cause}}
FROM facts LEFT JOIN accounts_user person ON person.id = facts.tailor_id
GROUP BY GROUPING SETS ((facts.tailor_id, person.first_name, person.last_name), ())
ORDER BY is_total, garments DESC, tailor_name, tailor
"""
BY_CAUSE = f"""
WITH {PLACES}, {AGAIN}
SELECT cause, grouping(cause) = 1 AS is_total, count(*) FILTER (WHERE NOT is_warranty) AS reworks,
    count(*) FILTER (WHERE is_warranty) AS warranties, count(*) AS total, count(DISTINCT tailor_id) AS tailors
FROM again GROUP BY GROUPING SETS ((cause), ()) ORDER BY is_total, total DESC, cause
"""


def alterations(asked):
    return by_cause(asked) if asked.group_by == WorkGroup.CAUSE else by_tailor(asked)


def by_tailor(asked):
    counted = ", ".join(f"count(*) FILTER (WHERE cause = '{cause}') AS {cause}" for cause in Cause.values)
    rows = rows_of(BY_TAILOR.format(by_cause=counted), asked)
    for row in rows:
        row["on_time_percent"] = percent(row["on_time"], row["on_time"] + row["late"])
        row["tailor_name"] = row["tailor_name"] or (None if row["is_total"] else "Nobody yet")
    figures = [
        number("garments"),
        number("minutes", "Minutes agreed"),
        number("minutes_taken"),
        number("on_time"),
        number("late"),
        quantity("on_time_percent", "On time %"),
        number("reworks", "Sent back"),
        number("warranties", "Under warranty"),
        *(number(cause.value, str(cause.label)) for cause in Cause),
    ]
    columns = [key("tailor"), column("tailor_name", label="Tailor"), *figures]
    return report(
        asked, WorkGroup.TAILOR, columns, rows, {"kind": "bars", "labels": "tailor_name", "values": "garments"}
    )


def by_cause(asked):
    rows = rows_of(BY_CAUSE, asked)
    for row in rows:
        cause = row["cause"]
        row["cause_name"] = cause and str(Cause(cause).label)
        row["is_ours"] = None if cause is None else cause in SHOP_CAUSES
    columns = [
        column("cause"),
        column("cause_name", label="Why"),
        column("is_ours", "boolean", "The house's fault"),
        number("reworks", "Sent back"),
        number("warranties", "Under warranty"),
        number("total"),
        number("tailors"),
    ]
    return report(asked, WorkGroup.CAUSE, columns, rows, {"kind": "bars", "labels": "cause_name", "values": "total"})


def report(asked, group_by, columns, rows, chart):
    rows, totals = apart(rows)
    return Report(
        title=f"Alterations by {group_by.label.lower()}",
        asked=asked,
        columns=columns,
        rows=rows,
        totals={one.name: totals[one.name] for one in columns if one.is_number and one.on_paper},
        chart=chart,
    )
