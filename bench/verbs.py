"""`python -m bench.verbs`: what the ledger's verbs cost without HTTP, beside pgbench sending the same SQL.

On 10,000 SKUs in one place: several clients, each its own process, sell any three of them, then all sell the same one.
In turns with them pgbench does the same. It cannot compute what a movement says, so its insert reads it from the level.
"""

import argparse
import multiprocessing
import random
import re
import subprocess
import tempfile
import time
from decimal import Decimal
from pathlib import Path
from statistics import median

from bench.__main__ import between, make_surroundings

SKUS, PILE, ROUNDS = 10_000, 90_000, 5
SALE = """
\\set a random(1, {skus})
\\set b random(1, {skus})
\\set c random(1, {skus})
BEGIN;
{lock};
UPDATE inventory_stocklevel SET on_hand = on_hand - 1, value = value - average_cost, version = version + 1,
    updated_at = now() WHERE location_id = {place} AND sku_id IN (:a, :b, :c);
INSERT INTO inventory_stockmovement (sku_id, location_id, sequence, reason, on_hand_change, reserved_change,
    on_hand_after, reserved_after, unit_cost, value_change, value_after, document, note, recorded_by_id, occurred_at,
    business_date, recorded_at)
    SELECT sku_id, location_id, version, 'sale', -1, 0, on_hand, reserved, average_cost, -average_cost, value,
        'S-1', '', {by}, now(), now()::date, now()
    FROM inventory_stocklevel WHERE location_id = {place} AND sku_id IN (:a, :b, :c) RETURNING id;
COMMIT;
"""


def main():
    parser = argparse.ArgumentParser(prog="python -m bench.verbs", description=__doc__)
    parser.add_argument("--seconds", type=between(0.5, 60, float), default=3, help="for each round (%(default)s)")
    parser.add_argument("--clients", type=between(1, 32), default=4, help="that sell at once (%(default)s)")
    parser.add_argument("--forgetful", action="store_true", help="PostgreSQL without fsync")
    options = parser.parse_args()
    make_surroundings(argparse.Namespace(workers=2, threads=None, skus=SKUS, movements=100_000))

    import django

    django.setup()
    from bench import server
    from boutique import postgres

    with postgres.running(durable=not options.forgetful), server.own_database():
        measure(options)


def measure(options):
    from django.db import connection

    from bench import catalogue, shop
    from skus.models import Sku

    catalogue.fill(SKUS)
    place, other, by = shop.place(), shop.place(), shop.person()
    skus = list(Sku.objects.select_related("product").order_by("pk"))
    stock(skus, place, by)
    statements(skus, place, other, by)  # after it no level is new
    sent = statements(skus, place, other, by)
    for name, (count, _) in sent.items():
        print(f"{name:<20}{count}")
    documents(skus, place, other)
    lock = sent["sell 3"][1]
    for name, some in (("any of 10,000", skus), ("the same one", skus[:1])):
        script = SALE.format(skus=len(some), lock=lock, place=place.pk, by=by.pk)
        ours, theirs = [], []
        for _ in range(ROUNDS):
            connection.close()
            ours.append(sales(some, place, by, options))
            theirs.append(pgbench(script, options))
        share = median(mine / its for mine, its in zip(ours, theirs, strict=True))
        print(f"sell, {name}: {median(ours):,.0f} per second; pgbench {median(theirs):,.0f}; ratio {share:.2f}")
    check()


def stock(skus, place, by):
    """So much that it never runs out."""
    from django.db import connection, transaction

    from inventory.services import ledger

    for start in range(0, len(skus), 500):
        lines = [line(sku, PILE, unit_cost=Decimal(20)) for sku in skus[start : start + 500]]
        with transaction.atomic():
            ledger.receive(location=place, lines=lines, document="PO-1", by=by)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def line(sku, quantity=1, **more):
    from inventory.services import ledger

    return ledger.Line(sku=sku, quantity=Decimal(quantity), **more)


def statements(skus, place, other, by):
    """How many statements each verb takes, and the text of the first, by verb and number of lines."""
    from inventory.services import ledger

    found = {}
    for many in (1, 3, 50):
        goods = {"lines": [line(sku) for sku in skus[:many]], "document": "ORD-1", "by": by}
        here = goods | {"location": place}
        for name, verb, words in (
            ("receive", ledger.receive, here),
            ("sell", ledger.sell, here),
            ("reserve", ledger.reserve, here),
            ("issue", ledger.issue, here),
            ("ship", ledger.ship, goods | {"source": place}),
            ("arrive", ledger.arrive, goods | {"destination": other}),
        ):
            sent = counted(verb, words)
            found[f"{name} {many}"] = len(sent), re.sub(r'"sku_id" IN \([^)]*\)', '"sku_id" IN (:a, :b, :c)', sent[0])
    return found


def documents(skus, place, other):
    """What whole documents take: statements, and seconds of CPU in this process."""
    from accounts.roles import Role
    from bench import shop
    from inventory.services import counting, transferring
    from inventory.services.lines import Goods

    by = shop.person(Role.ADMIN)
    for many in (1, 500):
        goods = [Goods(sku=sku, quantity=Decimal(3)) for sku in skus[:many]]
        transfer = timed(f"transfer {many}: ask", transferring.ask, source=place, destination=other, lines=goods, by=by)
        timed(f"transfer {many}: ship", transferring.ship, transfer=transfer, by=by)
        came = [transferring.Arrived(sku=sku, received=Decimal(2), damaged=Decimal(1)) for sku in skus[:many]]
        timed(f"transfer {many}: receive", transferring.receive, transfer=transfer, lines=came, by=by)
    for many in (1, 5000):
        count = counting.start(location=place, by=by)
        lines = [counting.Counted(sku=sku, counted=Decimal(PILE - 100)) for sku in skus[:many]]
        timed(f"count {many}: note", counting.add_lines, count=count, lines=lines, by=by)
        timed(f"count {many}: post", counting.post, count=count, by=by)


def timed(name, verb, **words):
    from django.db import connection

    statements = []

    def note(execute, sql, params, many, context):
        statements.append(sql)
        return execute(sql, params, many, context)

    began = time.process_time()
    with connection.execute_wrapper(note):
        made = verb(**words)
    print(f"{name:<28}{len(statements):>4} statements{time.process_time() - began:>8.2f} s of CPU")
    return made


def counted(verb, words):
    from django.db import connection, transaction

    sent = []

    def note(execute, sql, params, many, context):
        sent.append(context["cursor"].mogrify(sql, params).decode() if params else sql)
        return execute(sql, params, many, context)

    with transaction.atomic(), connection.execute_wrapper(note):
        verb(**words)
    return sent


def sales(skus, place, by, options):
    """Of all clients, in a second."""
    forked = multiprocessing.get_context("fork")  # so that the goods need not be packed and sent
    rates = forked.SimpleQueue()
    clients = [
        forked.Process(target=sell, args=(skus, place, by, options.seconds, number, rates))
        for number in range(options.clients)
    ]
    for client in clients:
        client.start()
    found = [rates.get() for _ in clients]
    for client in clients:
        client.join()
    return sum(found)


def sell(skus, place, by, seconds, number, rates):
    from django.db import connection, transaction

    from inventory.services import ledger

    chance, done = random.Random(number), 0  # noqa: S311 (no secret)
    connection.ensure_connection()
    began = time.perf_counter()
    while time.perf_counter() < began + seconds:
        lines = [line(sku) for sku in chance.sample(skus, min(3, len(skus)))]
        with transaction.atomic():
            ledger.sell(location=place, lines=lines, document="S-1", by=by)
        done += 1
    rates.put(done / (time.perf_counter() - began))
    connection.close()


def pgbench(script, options):
    from django.db import connection

    from boutique import postgres

    where = connection.settings_dict
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sale.sql"
        path.write_text(script)
        words = ["-n", "-M", "simple", "-c", options.clients, "-j", 2, "-T", max(round(options.seconds), 1), "-f", path]
        words += ["-h", where["HOST"], "-p", where["PORT"], "-U", where["USER"], where["NAME"]]
        said = subprocess.run(
            [postgres.Server(postgres.data_dir()).binaries / "pgbench", *map(str, words)],
            capture_output=True,
            text=True,
            check=True,
        )
    return float(re.search(r"tps = ([0-9.]+)", said.stdout)[1])


def check():
    from inventory.services import checking

    print(f"check_ledger: {sum(1 for _ in checking.differences())} differences")


if __name__ == "__main__":
    main()
