"""`python -m bench.forecast_runs`: what a forecast run costs, database included; two years of a shop that sells daily.

The run is that of `manage.py forecast`, in a process of its own, as a worker would do it. The second run finds the rows
of the first, and writes over them.
"""

import argparse
import multiprocessing
import resource
import sys
import time

from bench.__main__ import between, make_surroundings

BUDGET_SECONDS, BUDGET_MB = 20, 400  # of 5,000 series over 104 weeks
PLACES = 2


def main():
    parser = argparse.ArgumentParser(prog="python -m bench.forecast_runs", description=__doc__)
    parser.add_argument("--series", type=between(100, 1_000_000), default=5000, help="SKU × place (%(default)s)")
    parser.add_argument("--weeks", type=between(2, 520), default=104, help="of history (%(default)s)")
    parser.add_argument("--runs", type=between(1, 20), default=2, help="how often (%(default)s)")
    parser.add_argument("--forgetful", action="store_true", help="PostgreSQL without fsync")
    parser.add_argument("--check", action="store_true", help="exit with 1 where a run is over its budget")
    options = parser.parse_args()
    make_surroundings(argparse.Namespace(workers=2, threads=None, skus=10_000, movements=100_000))

    import django

    django.setup()
    from bench import server
    from boutique import postgres

    with postgres.running(durable=not options.forgetful), server.own_database():
        moved = fill(options.series, options.weeks)
        print(f"{options.series:,} series over {options.weeks} weeks, {moved:,} movements")
        broken = [measured(options) for _run in range(options.runs)]
    sys.exit(1 if options.check and any(broken) else 0)


def measured(options):
    """True if it took more than it may."""
    from django.db import connection

    from bench import processes, server

    database = server.postmaster()
    connection.close()
    ends, answers = multiprocessing.Pipe(duplex=False)
    before = processes.cpu_seconds(database) if database else 0
    process = multiprocessing.get_context("spawn").Process(target=forecast, args=(answers,))
    process.start()
    answers.close()  # the last end of it is theirs: should they fail, we are not left waiting
    told, seconds, peak, lasted = ends.recv()
    process.join()
    theirs = processes.cpu_seconds(database) - before if database else 0
    print(
        f"{seconds:.1f} s of CPU in Python and {theirs:.1f} in PostgreSQL, {lasted:.1f} s, peak {peak:.0f} MB. {told}"
    )
    usual = options.series <= 5000 and options.weeks <= 104
    return usual and (seconds + theirs > BUDGET_SECONDS or peak > BUDGET_MB)


def forecast(answers):
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    began = time.monotonic()
    call_command("forecast", jobs=1, stdout=(told := Told()))
    connection.close()  # so that PostgreSQL has counted what its process took
    used = resource.getrusage(resource.RUSAGE_SELF)
    unit = 1024 if sys.platform == "linux" else 1024 * 1024
    answers.send((told.words, used.ru_utime + used.ru_stime, used.ru_maxrss / unit, time.monotonic() - began))


class Told:
    """What a command prints."""

    words = ""

    def write(self, words):
        self.words += words.strip()


def fill(series, weeks):
    """Two places, in which each shelf is filled every eighth week and sells at its own pace until it is empty."""
    from django.db import connection, transaction

    from bench import catalogue, shop

    skus = -(-series // PLACES)
    catalogue.fill(-(-skus // catalogue.PER_PRODUCT) * catalogue.PER_PRODUCT)
    places, by = [shop.place() for _place in range(PLACES)], shop.person()
    words = {"places": [place.pk for place in places], "skus": skus, "weeks": weeks, "by": by.pk}
    # In a transaction of its own: tables with rows that wait for their triggers are not altered.
    triggers("DISABLE")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        for statement in (SHELVES, STEPS, MOVEMENTS, LEVELS):
            cursor.execute(statement, words)
        cursor.execute("SELECT count(*) FROM inventory_stockmovement")
        (moved,) = cursor.fetchone()
    triggers("ENABLE")
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        for table in ("inventory_stockmovement", "inventory_stocklevel"):
            cursor.execute(f"VACUUM ANALYZE {table}")
        cursor.execute("RESET statement_timeout")
    return moved


def triggers(verb):
    from django.db import connection

    with connection.cursor() as cursor:
        for table in ("inventory_stockmovement", "inventory_stocklevel"):
            cursor.execute(f"ALTER TABLE {table} {verb} TRIGGER USER")


# A shelf wants to sell one to three pieces on as many days of a hundred as its pace says; it is filled each eighth
# week.
# What it wants beyond what lies there is lost: the lowest that the sum of all wishes came to is added to it.
STEPS = """
    CREATE TEMP TABLE step AS
    SELECT *, row_number() OVER (PARTITION BY sku_id, location_id ORDER BY day, reason) AS sequence
    FROM (
        SELECT *, there - coalesce(lag(there) OVER (PARTITION BY sku_id, location_id ORDER BY day, reason), 0) AS change
        FROM (
            SELECT *, wished - least(0, min(wished) OVER along) AS there
            FROM (
                SELECT *, sum(wish) OVER (PARTITION BY sku_id, location_id ORDER BY day, reason) AS wished
                FROM (
                    SELECT sku_id, location_id, day, 'purchase' AS reason, 2 + pace * 11 / 10 AS wish
                    FROM shelf CROSS JOIN generate_series(0, 7 * %(weeks)s - 1, 56) day
                    UNION ALL
                    SELECT sku_id, location_id, day, 'sale', -1 - abs(hashint8(day * 7919 + sku_id)) %% 3
                    FROM shelf CROSS JOIN generate_series(1, 7 * %(weeks)s - 1) day
                    WHERE abs(hashint8(sku_id * 1009 + location_id * 17 + day * 104729)) %% 100 < pace
                ) wishes
            ) summed
            WINDOW along AS (PARTITION BY sku_id, location_id ORDER BY day, reason)
        ) levelled
    ) stepped WHERE change <> 0"""
SHELVES = """
    CREATE TEMP TABLE shelf AS SELECT sku_id, location_id, (sku_id * 13 + location_id) %% 31 AS pace
    FROM generate_series(1, %(skus)s) sku_id, unnest(%(places)s::bigint[]) location_id"""
MOVEMENTS = """
    INSERT INTO inventory_stockmovement (sku_id, location_id, sequence, reason, on_hand_change, reserved_change,
        on_hand_after, reserved_after, unit_cost, value_change, value_after, document, note, recorded_by_id,
        occurred_at, business_date, recorded_at)
    SELECT sku_id, location_id, sequence, reason, change, 0, there, 0, 1, change, there,
        'DAY-' || day || '-' || location_id, '', %(by)s, made_at, made_at::date, made_at
    FROM (
        SELECT *, date_trunc('week', now()) - make_interval(weeks => %(weeks)s) + make_interval(days => day) AS made_at
        FROM step
    ) made ORDER BY day, location_id, sku_id"""
LEVELS = """
    INSERT INTO inventory_stocklevel (sku_id, location_id, on_hand, reserved, value, average_cost, version, created_at,
        updated_at)
    SELECT DISTINCT ON (sku_id, location_id) sku_id, location_id, there, 0, there, 1, sequence, now(), now()
    FROM step ORDER BY sku_id, location_id, sequence DESC"""


if __name__ == "__main__":
    main()
