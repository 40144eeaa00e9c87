"""What `make bench` counts and computes, and one short run of it: real server, real PostgreSQL."""

import contextlib
import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Count
from django.utils import timezone

from bench import catalogue, figures, forecasts, ledger, processes, registry, run, shop
from bench.cases import accounts
from bench.cases import forecasting as studies
from boutique import postgres
from inventory.models import StockLevel, StockMovement
from inventory.services import checking
from inventory.services import ledger as door
from skus import gtin, sizes
from skus.models import Product, Sku
from skus.services import catalogue as by_hand
from skus.services import search, variants

linux = pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")


@pytest.fixture
def place():
    folder = Path(tempfile.mkdtemp(prefix="boutique bench "))
    folder.chmod(0o755)  # PostgreSQL's own user walks through it when we are root
    yield folder
    postgres.Server(folder / "bench").stop()
    shutil.rmtree(folder)


def bench(place, *words, **options):
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return subprocess.Popen(
        [sys.executable, "-m", "bench", "--forgetful", *words],
        cwd=postgres.BASE_DIR,
        env=environment | {"BOUTIQUE_DATA": str(place)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        **options,
    )


def seen(milliseconds, *, cpu=0.1, statements=(2,), seconds=1.0):
    latencies = [each / 1000 for each in milliseconds]
    return figures.Round(seconds, latencies, set(statements), web_cpu=cpu, database_cpu=0.0)


def a_case(**budget):
    limits = {"queries": None, "ratio": None, "as_slow_as": None} | budget
    return registry.Case(name="dress", app="skus", prepare=lambda client: None, **limits)


# ------------------------------------------------------------------------------------------------ a run


@pytest.mark.slow
@linux
def test_a_run_measures_the_case_and_the_floor_and_keeps_the_promised_statements(place):
    found = place / "found.json"

    with bench(
        place, "--only", "authentication", "profile", "empty-list", "--seconds", "1", "--json", found
    ) as running:
        said, _ = running.communicate(timeout=120)

    assert running.returncode == 0, said
    measured = json.loads(found.read_text())
    cases = {case["name"]: case for case in measured["cases"]}
    assert cases["authentication"]["queries_max"] == 1
    assert cases["profile"]["queries_max"] <= 2
    assert cases["empty-list"]["queries_max"] <= 4
    for case in cases.values():
        assert case["queries_min"] == case["queries_max"]
        assert case["requests"] >= 10
        assert 0 < case["p50_ms"] <= case["p95_ms"] <= case["p99_ms"]
        assert case["cpu_ms"] > 0
        assert case["ratio"] > 1
    assert measured["floor"]["queries_max"] == 0
    assert measured["server"]["worker_mb"] > 20
    assert measured["server"]["start_cpu_seconds"] > 0
    for word in ("profile", "floor", "CPU ms", "fsync off"):
        assert word in said
    assert not postgres.Server(place / "bench").answers()


@pytest.mark.slow
@linux
def test_ctrl_c_leaves_nothing_running(place):
    with bench(place, "--only", "no-token", "--seconds", "60") as running:
        give_up_at = time.monotonic() + 60
        while len(our_processes(place)) < 3:  # the master and its two workers
            assert time.monotonic() < give_up_at
            time.sleep(0.1)
        time.sleep(1)
        os.killpg(running.pid, signal.SIGINT)
        said, _ = running.communicate(timeout=90)

    assert running.returncode == 128 + signal.SIGINT, said
    assert our_processes(place) == []
    assert not postgres.Server(place / "bench").answers()


def test_a_ctrl_c_that_was_swallowed_ends_it_before_the_next_round(monkeypatch):
    monkeypatch.setattr(signal, "getsignal", {signal.SIGINT: signal.SIG_IGN}.get)

    with pytest.raises(SystemExit) as ended:
        run.one_round(clients=None, web=None, name="no-token", seconds=60)

    assert ended.value.code == 130


def our_processes(place):
    """The web server's: PostgreSQL is not told of the data folder by the environment."""
    found = []
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if f"BOUTIQUE_DATA={place}/bench".encode() in (folder / "environ").read_bytes():
                found.append(folder.name)
    return found


@pytest.mark.slow
def test_a_case_that_does_not_exist_is_named_before_anything_starts(place):
    with bench(place, "--only", "no-such-case") as running:
        said, _ = running.communicate(timeout=60)

    assert running.returncode == 1
    assert "There is no case no-such-case" in said
    assert not (place / "bench" / "postgres").exists()


# ------------------------------------------------------------------------------------------------ catalogues


@pytest.fixture
def emptied(transactional_db):
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS small CASCADE; RESET search_path")


def test_a_catalogue_that_the_database_fills_is_as_if_it_had_been_entered(emptied):
    catalogue.fill(40)

    gown = by_hand.add_product(name="Gown", base_price=1, by=None)
    variants.add_sku(product=gown, size="M", by=None)  # the identities go on behind what was put in
    skus = list(Sku.objects.with_barcode().select_related("product"))
    assert len(skus) == 41
    for sku in skus:
        assert sku.size_order == sizes.worn_order(sku.size)
        assert (sku.is_active, sku.archived_with_product) == (True, False)
        assert sku.size in sku.product.sizes
        assert sku.colour in ["", *sku.product.colours]
        assert gtin.is_gtin(sku.primary_value)
        assert gtin.is_own(sku.primary_value)
    before = documents(Product), documents(Sku)
    assert [len(found) for found in before] == [5, 41]
    search.refresh_products(list(before[0]))
    assert (documents(Product), documents(Sku)) == before
    assert [sku.product.name for sku in Sku.objects.found_by("zari3")] == ["Gown Cotton Zari3"] * 10


def documents(model):
    return dict(model.objects.exclude(search=None).values_list("pk", "search"))


def test_the_small_catalogue_lies_beside_the_large_one(emptied, monkeypatch):
    monkeypatch.setattr(catalogue, "FEW", 20)
    catalogue.small.__wrapped__()
    catalogue.fill(30)

    assert Sku.objects.count() == 30
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(search), count(DISTINCT product_id) FROM small.skus_sku")
        assert cursor.fetchone() == (20, 20, 2)
    assert len(catalogue.barcode_of(7, schema="small")) == len(catalogue.barcode_of(7)) == 13


# ------------------------------------------------------------------------------------------------ the ledger it fills


@pytest.fixture
def house(transactional_db):
    """200 SKUs in 2 places with 5,000 movements of a year."""
    catalogue.fill(200)
    return ledger.fill(200, 5000, "test", places=2)


def test_the_ledger_that_the_bench_fills_adds_up(house):
    assert list(checking.differences()) == []
    assert StockMovement.objects.count() == 5000
    assert StockLevel.objects.count() == 400
    assert StockMovement.objects.filter(recorded_at__gt=timezone.now()).count() == 0


def test_the_ledger_that_the_bench_fills_is_guarded_like_any_other(house):
    with pytest.raises(DatabaseError), transaction.atomic():
        StockMovement.objects.filter(sequence=1).update(note="rewritten")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = 'inventory_stockmovement'::regclass AND contype = 'f'"
        )
        assert len(cursor.fetchall()) == 4
        cursor.execute("SELECT indexname FROM pg_indexes WHERE tablename = 'inventory_stockmovement'")
        indexes = {name for (name,) in cursor.fetchall()}
    assert {"movement_sequence_once", "movement_by_sku", "movement_reversed_once"} <= indexes


def test_the_year_that_the_bench_makes_up_could_be_a_houses(house):
    in_order = list(StockMovement.objects.order_by("id").values_list("recorded_at", flat=True))
    assert in_order == sorted(in_order)
    assert in_order[-1] - in_order[0] > timedelta(days=360)
    reasons = dict(StockMovement.objects.order_by().values_list("reason").annotate(Count("id")))
    assert reasons["sale"] > 5 * reasons["damage"]
    assert reasons["opening"] == 400
    of_best_seller = StockMovement.objects.filter(sku=1).count()
    assert of_best_seller > 3 * 5000 / 200
    assert StockLevel.objects.filter(reserved__gt=0).exists()
    held = StockMovement.objects.filter(reason="reservation").first().document
    assert StockMovement.objects.filter(document=held).count() <= 2


def test_stock_that_the_bench_filled_goes_on_through_the_door(house):
    level = StockLevel.objects.filter(on_hand__gt=0, reserved=0).select_related("sku__product", "location").first()
    line = door.Line(sku=level.sku, quantity=Decimal(1))
    with transaction.atomic():
        door.sell(location=level.location, lines=[line], document="SALE-1", by=shop.person())
    assert list(checking.differences()) == []


# ------------------------------------------------------------------------------------------------ figures


def test_a_percentile_is_a_value_that_was_seen():
    hundred = list(range(1, 101))

    assert [figures.percentile(hundred, share) for share in (0.5, 0.95, 0.99)] == [50, 95, 99]
    assert figures.percentile([7], 0.99) == 7
    assert figures.percentile([3, 1, 2], 0.5) == 2


def test_cpu_is_divided_by_the_requests_of_its_round_and_one_bad_round_does_not_count():
    rounds = [seen([5] * 10, cpu=0.05), seen([5] * 20, cpu=0.10), seen([5] * 10, cpu=9)]

    assert figures.figures(rounds)["cpu_ms"] == pytest.approx(5)


def test_postgresqls_cpu_belongs_to_the_request():
    one = figures.Round(1, [0.005] * 10, {1}, web_cpu=0.04, database_cpu=0.02)

    assert one.cpu_ms == pytest.approx(6)
    assert figures.figures([one])["database_cpu_ms"] == pytest.approx(2)


def test_the_ratio_compares_neighbours_so_that_a_slow_minute_cancels_out():
    dress = [seen([1] * 10, cpu=0.06), seen([1] * 10, cpu=0.6), seen([1] * 10, cpu=0.06)]
    floors = [seen([1] * 10, cpu=0.01), seen([1] * 10, cpu=0.1), seen([1] * 10, cpu=0.01)]

    assert figures.ratios(dress, floors) == pytest.approx([6, 6, 6])


def test_a_round_too_short_for_the_clock_gives_no_ratio():
    assert figures.ratios([seen([1], cpu=0.01)], [seen([1], cpu=0)]) == []


def test_without_proc_there_is_no_cpu_but_everything_else():
    one = figures.Round(1, [0.005], {1})
    found = figures.figures_of_case(a_case(ratio=1), {"dress": [one], "floor": [one]})

    assert (found["cpu_ms"], found["ratio"], found["broken"]) == (None, None, [])
    assert found["p50_ms"] == 5
    assert "–" in figures.line(found)


def verdict(case, statements=(2,), cpu=0.1, **others):
    around = {"dress": [seen([5], statements=statements, cpu=cpu)], "floor": [seen([5], cpu=0.01)], **others}
    return figures.figures_of_case(case, around)["broken"]


def test_budgets_that_are_kept_are_not_mentioned():
    assert verdict(a_case(queries=2, ratio=10.1)) == []


def test_a_statement_too_many_breaks_the_budget():
    assert verdict(a_case(queries=1)) == ["2 queries, the budget is 1"]


def test_a_number_of_statements_that_varies_breaks_the_budget_whatever_it_is():
    assert verdict(a_case(), statements=(2, 3)) == ["2 to 3 queries: the number must not vary"]


def test_a_ratio_above_the_budget_breaks_it():
    assert verdict(a_case(ratio=9)) == ["10.0 × floor, the budget is 9"]


@pytest.mark.parametrize(("twin_ms", "differs"), [(5.9, False), (4.2, False), (6.1, True), (4.1, True)])
def test_a_case_that_must_be_as_slow_as_another_may_differ_by_a_fifth(twin_ms, differs):
    broken = verdict(a_case(as_slow_as="suit"), suit=[seen([twin_ms])])

    assert bool(broken) == differs


@pytest.mark.parametrize(("cpu", "breaks"), [(0.14, False), (0.16, True)])
def test_a_case_with_more_rows_may_cost_so_much_more_than_the_one_with_few(cpu, breaks):
    few = seen([5], cpu=0.1)

    broken = verdict(a_case(grown_from="few", growth=1.5), cpu=cpu, few=[few])

    assert broken == (["1.60 × the CPU of few, the budget is 1.5"] if breaks else [])


def test_a_broken_budget_fails_the_run_only_where_that_is_asked_for():
    kept, broken = {"broken": []}, {"broken": ["2 queries, the budget is 1"]}
    good = {"cases": [kept], "studies": [kept]}
    bad, worse = {"cases": [kept, broken], "studies": []}, {"cases": [], "studies": [broken]}

    assert [run.exit_code(said, check=True) for said in (good, bad, worse)] == [0, 1, 1]
    assert run.exit_code(bad, check=False) == 0


# ------------------------------------------------------------------------------------------------ processes


def test_a_programs_name_may_hold_brackets_and_spaces(tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "PROC", tmp_path)
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "stat").write_text("7 (a) b) S 3 7 7 0 -1 4 0 0 0 0 150 50 25 25 20 0 1 0 99\n")

    assert processes.parent_of(7) == 3
    assert processes.cpu_seconds(7) == 250 / processes.TICKS


@linux
def test_the_cpu_of_a_server_includes_children_that_live_and_that_have_ended():
    burn = "import sys, time\nwhile time.process_time() < 0.4: pass\nsys.stdin.read()"
    server = f"""if True:
        import subprocess, sys
        burn = [sys.executable, "-c", {burn!r}]
        subprocess.run(burn, stdin=subprocess.DEVNULL)
        subprocess.Popen(burn, stdin=subprocess.PIPE).wait()
    """

    with subprocess.Popen([sys.executable, "-c", server], stdin=subprocess.PIPE) as process:
        try:
            give_up_at = time.monotonic() + 20
            while processes.cpu_seconds(process.pid) < 0.6:
                assert time.monotonic() < give_up_at
                time.sleep(0.05)
            assert len(processes.children_of(process.pid)) == 1
        finally:
            process.kill()


# ------------------------------------------------------------------------------------------------ cases


def test_cases_are_chosen_by_name_or_app(monkeypatch):
    dress, suit = a_case(), dataclasses.replace(a_case(), name="suit", app="orders")
    hems = registry.Study("hems", "orders", measure=lambda: None)
    monkeypatch.setattr(registry, "CASES", {"dress": dress, "suit": suit})
    monkeypatch.setattr(registry, "STUDIES", {"hems": hems})

    assert registry.chosen(None) == [dress, suit, hems]
    assert registry.chosen(["orders"]) == [suit, hems]
    assert registry.chosen(["dress"]) == [dress]
    with pytest.raises(SystemExit, match="no case hat"):
        registry.chosen(["dress", "hat"])


def test_every_case_says_what_it_does_and_fits_the_table():
    assert "sign-in" in registry.CASES
    for case in registry.CASES.values():
        assert case.words, case.name
        assert len(case.name) < figures.NAME
        assert case.as_slow_as is None or case.as_slow_as in registry.CASES
    assert registry.CASES["sign-in"].prepare is accounts.sign_in


# ------------------------------------------------------------------------------------------------ studies


def test_a_study_says_its_lines_its_figures_and_what_it_broke(capsys):
    def measure():
        """How long hems are."""
        yield "hem 3 cm"
        yield registry.Found([{"hem": 3}], ["3 cm, the budget is 2"])

    said = run.studied(registry.Study("hems", "orders", measure))

    assert said == {"name": "hems", "app": "orders", "figures": [{"hem": 3}], "broken": ["3 cm, the budget is 2"]}
    assert capsys.readouterr().out.splitlines() == [
        "",
        "hems: How long hems are.",
        "hem 3 cm",
        "Over budget: hems: 3 cm, the budget is 2.",
    ]


def test_the_sets_are_the_wide_files_of_the_folder_or_a_shop_made_up(tmp_path, monkeypatch):
    header = ",".join(["series_id", *(f"w{week}" for week in range(60))])
    (tmp_path / "shop.csv").write_text("\n".join([header, *(f"{name}{',1' * 60}" for name in ("hat", "tie"))]))
    (tmp_path / "items.csv").write_text("series_id,style\nhat,A\n")
    monkeypatch.setenv("BENCH_DATA", str(tmp_path))
    found = forecasts.sets()
    monkeypatch.setattr(forecasts, "folder", lambda: None)

    assert [(name, history.shape, season) for name, history, season in found] == [("shop", (2, 60), 52)]
    assert [(name, history.shape) for name, history, _season in forecasts.sets()] == [("made-up-shop", (600, 112))]


def test_a_made_up_shop_is_forecast_within_the_budgets_and_replayed(monkeypatch):
    monkeypatch.setattr(forecasts, "folder", lambda: None)
    monkeypatch.setattr(forecasts, "others", lambda cut: ({}, {}))

    judged = forecasts.judged(next(forecasts.cuts()))
    [(_name, fill, cover)] = forecasts.replayed()

    assert 300 < judged.series <= 600
    assert judged.wql < 0.45
    assert judged.total < 0.3
    assert 0.88 <= judged.coverage <= 0.98
    assert 0.92 < fill < 1
    assert 1 < cover < 6


def test_the_best_of_the_others_is_found_on_the_same_series(monkeypatch):
    came = np.full((3, forecasts.HORIZON), 4.0)
    cut = forecasts.Cut("shop", np.tile([3.0, 5.0], (3, 25)), came, 52)
    right, wrong = (np.full((3, 1 + forecasts.HORIZON, 5), amount) for amount in (8.0, 9.0))
    right[:, 0], wrong[:, 0] = 4 * 8.0, 4 * 9.0
    monkeypatch.setattr(forecasts, "others", lambda cut: ({"bad": wrong, "good": right}, {"bad": 1.0, "good": 2.0}))

    judged = forecasts.judged(cut)

    assert (judged.best, judged.series, judged.others_per_second) == ("good", 3, 1.5)
    assert judged.ratio == pytest.approx(judged.wql / 0.37)
    assert judged.total_ratio < 1


def test_broken_budgets_of_forecasts_are_named():
    fine = forecasts.Judged("shop", 9, 0.4, 0.3, "SES", 0.9, 0.9, 0.8, 0.95, 5000, 100)
    poor = dataclasses.replace(fine, name="other", ratio=1.1, coverage=0.8, per_second=10)

    assert list(studies.broken([fine], 0.9, 0.9)) == []
    assert [text.partition(":")[0] for text in studies.broken([poor], 1.1, 1.1)] == [
        "the loss is 1.100 of the best other's, over 0.93",
        "the loss of the total is 1.100 of the best other's, over 1.0",
        "other",
        "other",
        "other",
    ]
