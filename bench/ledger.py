"""A year of a house's ledger, made by the database itself; beside the large one a small one, as with the catalogue.

No row went through the door, for ten million would take a night. But each is what the door would have written: levels
and movements add up to the cent (tests/test_bench.py asks check_ledger), and moments rise with the ids.

Every shelf walks round a cycle of steps, from a place of its own: sold, sold, promised, issued, … bought again. As a
cycle ends where it began, what lies on a shelf after any of its movements can be said without adding up those before.
"""

import contextlib
import functools
import os
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from bench import catalogue, shop
from bench.run import show_progress
from inventory.models.lookups import NARROWEST

FEW_SKUS, FEW_MOVEMENTS = 2500, 100_000  # 10,000 levels
PLACES, PEOPLE = 4, 20
TABLES = ("inventory_stocklevel", "inventory_stockmovement")
WATCHED = ("inventory_lowstockthreshold", "inventory_alert")
YEAR = timedelta(days=365)
USUAL = 0.8  # of all movements fall on all shelves alike; the rest on few, and on SKU 1 most of all


def many():
    return int(os.environ["BENCH_MOVEMENTS"])


@functools.cache
def large():
    """Its places."""
    catalogue.large()
    return fill(catalogue.many(), many(), "large ledger")


@functools.cache
def small():
    catalogue.small()
    with connection.cursor() as cursor:
        copies = [statement for table in (*TABLES, *WATCHED) for statement in copying(cursor, table, "small")]
        cursor.execute("SET search_path TO small, public")
        for statement in copies:
            cursor.execute(statement)
    places = fill(FEW_SKUS, FEW_MOVEMENTS, "small ledger")
    with connection.cursor() as cursor:
        cursor.execute("RESET search_path")
    return places


def copying(cursor, table, schema):
    """What makes the same table once more, with all that a write there has to pay for."""
    yield f"CREATE TABLE {schema}.{table} (LIKE public.{table} INCLUDING ALL)"
    for name, definition in foreign_keys(cursor, table):
        yield f'ALTER TABLE {schema}.{table} ADD CONSTRAINT "{name}" {definition}'
    cursor.execute(
        "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal", [table]
    )
    for (definition,) in cursor.fetchall():
        yield definition.replace(f" ON public.{table} ", f" ON {schema}.{table} ")


def foreign_keys(cursor, table):
    # By the names as the search path finds them: the copy's then lead to the small catalogue.
    query = (
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'"
    )
    cursor.execute(query, [table])
    return cursor.fetchall()


def fill(skus, movements, name, places=PLACES):
    """As many movements as asked for, or a little less; at least one for each of these SKUs in each place."""
    levels = skus * places
    rounds = max(int(movements * USUAL / levels), 1)
    slots = max(movements // rounds, levels)
    where = [shop.place() for _ in range(places)]
    words = {
        "levels": levels,
        "more": slots - levels,
        "slots": slots,
        "rounds": rounds,
        "places": [place.pk for place in where],
        "zones": [place.timezone for place in where],
        "people": [shop.person(places=where).pk for _ in range(PEOPLE)],
        "start": timezone.now() - YEAR,
        "tick": YEAR / (slots * rounds),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0")
        cursor.execute("SET LOCAL work_mem = '256MB'; SET LOCAL maintenance_work_mem = '512MB'")
        with unguarded(cursor, name):
            for statement in (STEPS, SLOTS, "ANALYZE slot"):
                cursor.execute(statement, words)
            for number in range(rounds):
                show_progress(f"{name}: {slots * number:,} of {slots * rounds:,} movements")
                cursor.execute(MOVEMENTS, words | {"round": number})
            cursor.execute(LEVELS, words | {"round": rounds - 1})
            cursor.execute("DROP TABLE slot, step")
        for statement in (THRESHOLDS, ALERTS):
            cursor.execute(statement, words)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        for table in (*TABLES, *WATCHED):
            cursor.execute(f"VACUUM ANALYZE {table}")
        cursor.execute("RESET statement_timeout")
    show_progress("")
    return where


@contextlib.contextmanager
def unguarded(cursor, name):
    """Without triggers, foreign keys and indexes for as long as it lasts; putting them back checks all rows at once."""
    again = []
    for table in TABLES:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        kept = [(key, definition) for key, definition in foreign_keys(cursor, table)]
        cursor.execute(UNIQUE, [table])
        kept = cursor.fetchall() + kept
        for key, definition in kept:
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{key}"')
            again.append(f'ALTER TABLE {table} ADD CONSTRAINT "{key}" {definition}')
        cursor.execute(INDEXES, [table])
        for index, definition in cursor.fetchall():
            cursor.execute(f"DROP INDEX {index}")
            again.append(definition)
    yield
    for number, statement in enumerate(again):
        show_progress(f"{name}: index or key {number + 1} of {len(again)}")
        cursor.execute(statement)
    for table in TABLES:
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


UNIQUE = "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'u'"
INDEXES = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
    WHERE indrelid = %s::regclass AND NOT indisprimary"""

# What one step does to the shelf, in its own unit of 1 to 3 pieces, and how much more or less there is after it than
# when the cycle began: between 5 less and 1 more. Before a shelf's first step, 6 are there.
STEPS = """
    CREATE TEMP TABLE step AS
    SELECT number, reason, on_hand, reserved, there, promised,
        row_number() OVER (PARTITION BY promised ORDER BY number) - 1 AS start
    FROM (
        SELECT number - 1 AS number, reason, on_hand, reserved,
            sum(on_hand) OVER so_far AS there, sum(reserved) OVER so_far AS promised
        FROM unnest(
            '{sale,sale,reservation,order,sale,customer_return,sale,purchase,sale,reservation,
              release,sale,sale,damage,sale,purchase,sale,found,reservation,order}'::text[],
            '{-1,-2,0,-1,-1,1,-1,6,-1,0,0,-1,-1,-1,-2,6,-1,1,0,-1}'::int[],
            '{0,0,1,-1,0,0,0,0,0,1,-1,0,0,0,0,0,0,0,1,-1}'::int[]
        ) WITH ORDINALITY AS listed(reason, on_hand, reserved, number)
        WINDOW so_far AS (ORDER BY number)
    ) listed"""

# The order in which all shelves have their turns, the same in each round: some have several in each.
SLOTS = """
    CREATE TEMP TABLE slot AS
    SELECT turn.*, first.there AS began_at, first.number AS began,
        row_number() OVER (PARTITION BY level ORDER BY visit) AS nth, count(*) OVER (PARTITION BY level) AS turns,
        min(visit) OVER (PARTITION BY level) AS first_visit,
        level / cardinality(%(places)s) + 1 AS sku_id, level %% 3 + 1 AS pieces,
        (%(places)s)[level %% cardinality(%(places)s) + 1] AS location_id,
        (%(zones)s)[level %% cardinality(%(places)s) + 1] AS zone,
        round((1000 + level / cardinality(%(places)s) * 37 %% 9000) / 100.0, 2) AS cost
    FROM (
        SELECT level, row_number() OVER (ORDER BY hashint8(level * 31 + which), level, which) - 1 AS visit
        FROM (
            SELECT level, 0 AS which FROM generate_series(0, %(levels)s - 1) level
            UNION ALL
            SELECT floor(%(levels)s * power((extra - 0.5) / %(more)s, 4))::bigint, extra
            FROM generate_series(1, %(more)s) extra
        ) listed
    ) turn
    JOIN step first ON first.promised = 0
        AND first.start = level * 7 %% (SELECT count(*) FROM step WHERE promised = 0)"""

# One turn of each slot. Goods of many lines share the paper of their place and minute.
MADE = """
    SELECT *, made_at - CASE WHEN chance %% 25 = 0 THEN interval '5 hours' ELSE interval '0' END AS occurred_at,
        CASE WHEN sequence = 1 THEN 'opening' WHEN usual_reason <> 'damage' THEN usual_reason
            WHEN chance %% 50 = 0 THEN 'loss' WHEN chance %% 50 = 1 THEN 'correction'
            WHEN chance %% 50 = 2 THEN 'supplier_return' ELSE 'damage' END AS reason,
        CASE WHEN sequence = 1 THEN 'ADJ-' || location_id || '-' || number / 2000
            WHEN usual_reason = 'sale' THEN 'S-' || location_id || '-' || number / 16
            WHEN usual_reason = 'purchase' THEN 'PO-' || location_id || '-' || number / 500
            WHEN usual_reason = 'reservation' THEN 'ORD-' || level || '-' || sequence
            WHEN usual_reason IN ('order', 'release') THEN 'ORD-' || level || '-' || sequence - 1
            WHEN usual_reason = 'customer_return' THEN 'RET-' || number ELSE 'ADJ-' || number END AS document,
        -- The last of them only makes corrections.
        (%(people)s)[CASE WHEN usual_reason = 'damage' AND chance %% 50 = 1 THEN cardinality(%(people)s)
            ELSE chance %% (cardinality(%(people)s) - 1) + 1 END] AS recorded_by_id
    FROM (
        SELECT slot.*, step.reason AS usual_reason, abs(hashint8(slots.number)::bigint) AS chance, slots.number,
            %(start)s + slots.number * %(tick)s AS made_at, sequence,
            pieces * CASE WHEN sequence = 1 THEN 6 ELSE step.on_hand END AS on_hand,
            pieces * CASE WHEN sequence = 1 THEN 0 ELSE step.reserved END AS reserved,
            pieces * (6 + step.there - slot.began_at) AS on_hand_after, pieces * step.promised AS reserved_after
        FROM slot
        CROSS JOIN LATERAL (
            SELECT %(round)s::bigint * %(slots)s + visit AS number, %(round)s * turns + nth AS sequence
        ) slots
        JOIN step ON step.number = (began + sequence - 1) %% (SELECT count(*) FROM step)
    ) turned"""
MOVEMENTS = f"""
    INSERT INTO inventory_stockmovement (sku_id, location_id, sequence, reason, on_hand_change, reserved_change,
        on_hand_after, reserved_after, unit_cost, value_change, value_after, document, note, recorded_by_id,
        occurred_at, business_date, recorded_at)
    SELECT sku_id, location_id, sequence, reason, on_hand, reserved,
        on_hand_after, reserved_after, CASE WHEN on_hand <> 0 THEN cost END, on_hand * cost, on_hand_after * cost,
        document, '', recorded_by_id, occurred_at, (occurred_at AT TIME ZONE zone)::date, made_at
    FROM ({MADE}) made ORDER BY number"""  # noqa: S608 (constants of ours)
LEVELS = f"""
    INSERT INTO inventory_stocklevel (sku_id, location_id, on_hand, reserved, value, average_cost, version, created_at,
        updated_at)
    SELECT sku_id, location_id, on_hand_after, reserved_after, on_hand_after * cost, cost, sequence,
        %(start)s + first_visit * %(tick)s, made_at
    FROM ({MADE}) made WHERE nth = turns ORDER BY sku_id %% 1009, number"""  # noqa: S608

# Of each second SKU, and of some of those for one place in particular.
THRESHOLDS = """
    INSERT INTO inventory_lowstockthreshold (sku_id, location_id, threshold, created_at, updated_at)
    SELECT DISTINCT sku_id, place.id, CASE WHEN place.id IS NULL THEN 2 ELSE 4 END, now(), now()
    FROM inventory_stocklevel JOIN unnest(ARRAY[NULL, (%(places)s)[1]]) place(id) ON place.id IS NULL OR sku_id %% 6 = 0
    WHERE sku_id %% 2 = 0"""
# What the door would have opened.
ALERTS = f"""
    INSERT INTO inventory_alert (level_id, location_id, kind, threshold, orders, opened_at, updated_at, document,
        acknowledged_note)
    SELECT id, location_id, CASE WHEN available <= 0 THEN 'out_of_stock' ELSE 'low_stock' END, threshold, '{{}}', now(),
        now(), '', ''
    FROM (
        SELECT level.id, level.location_id, on_hand - reserved AS available,
            {NARROWEST.format(sku="level.sku_id", product="sku.product_id", location="level.location_id")} AS threshold
        FROM inventory_stocklevel level JOIN skus_sku sku ON sku.id = level.sku_id
    ) judged WHERE available <= threshold"""  # noqa: S608 (constants of ours)
