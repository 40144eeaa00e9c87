"""Runs: what they forecast, who may start and stop them, and what happens when a worker dies in the middle."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django_tasks_db.models import DBTaskResult

from accounts.tests.factories import LocationFactory, UserFactory
from boutique.errors import Forbidden, IllegalTransition, Invalid
from forecasting import tasks
from forecasting.models import Forecast, ForecastChunk, ForecastRun, RunPlace
from forecasting.services import reckoning, runs
from forecasting.tests.factories import (
    FinishedRunFactory,
    ForecastFactory,
    ForecastRunFactory,
    goods_in,
    goods_sold,
    sold_weekly,
    this_monday,
)
from inventory.services import ledger
from skus.tests.factories import ProductFactory, SkuFactory
from suppliers.tests.factories import SupplierSkuFactory
from tests.threads import at_once, errors_of

pytestmark = pytest.mark.django_db


def forecast(by, *places, weeks=4):
    """A run, done here and now."""
    run = runs.start(by=by, locations=places, horizon_weeks=weeks)
    runs.work(run.pk)
    return ForecastRun.objects.with_progress().get(pk=run.pk)


def refusal(act):
    with pytest.raises(Exception) as refused:  # noqa: PT011 (each test says which)
        act()
    return refused.value


# ------------------------------------------------------------------------------------------------ what it says


def test_eight_usual_weeks(store, owner):
    dress = SkuFactory()
    sold_weekly(dress, store, [4, 6, 5, 7, 3, 5, 6, 4], owner)

    run = forecast(owner, store)

    told = Forecast.objects.get()
    assert (run.status, run.series, run.progress) == ("done", 1, 1.0)
    assert (told.sku, told.location, told.run, told.start) == (dress, store, run, this_monday())
    assert told.mean == pytest.approx([5.0] * 4, abs=0.5)
    assert told.history == [4, 6, 5, 7, 3, 5, 6, 4]
    assert told.weeks_known == 8
    for half, near, wide in zip(*told.quantiles.values(), strict=True):
        assert 0 <= half <= near <= wide
    assert told.reorder_point <= told.target
    assert "8 weeks are known" in told.reason


def test_weeks_without_stock_are_not_taken_for_weeks_without_demand(store, owner):
    dress = SkuFactory()
    goods_in(dress, store, 12, 8, owner)
    goods_sold(dress, store, 6, 8, owner)
    goods_sold(dress, store, 6, 7, owner, day=6)
    goods_in(dress, store, 100, 4, owner)
    for week in (4, 3, 2, 1):
        goods_sold(dress, store, 6, week, owner)

    forecast(owner, store)

    told = Forecast.objects.get()
    assert told.mean == pytest.approx([6.0] * 4, abs=0.3)
    assert told.history == [6, 6, None, None, 6, 6, 6, 6]
    assert told.days_open == [7, 7, 0, 0, 7, 7, 7, 7]
    assert "in 2 of the last 8 there was nothing to sell" in told.reason


def test_odd_histories_have_forecasts_too(store, owner):
    once, never, all_at_once, returned, absent = (SkuFactory() for _sku in range(5))
    sold_weekly(once, store, [1, 0, 0, 0, 0, 0], owner)
    sold_weekly(never, store, [0, 0, 0, 0, 0, 0], owner)
    sold_weekly(all_at_once, store, [0, 0, 0, 90, 0, 0], owner)
    sold_weekly(returned, store, [2, -9, 0, 0, 0, 0], owner)
    ledger.expect(location=store, skus=[absent])

    run = forecast(owner, store)

    told = {row.sku: row for row in Forecast.objects.all()}
    assert run.series == len(told) == 5
    assert told[absent].weeks_known == 0
    assert told[absent].history == []
    for row in told.values():
        assert len(row.mean) == 4
        assert all(number == number and 0 <= number < 1000 for number in row.mean)
    assert max(told[never].mean) < 0.5
    assert max(told[returned].mean) < 0.5


def test_cloth_is_forecast_by_the_metre(store, owner):
    silk, dress = SkuFactory(product=ProductFactory(unit="metre")), SkuFactory()
    sold_weekly(silk, store, [2.5, 3.25, 2.75, 3.5, 2.5, 3, 2.75, 3.25], owner)
    sold_weekly(dress, store, [4, 6, 5, 7, 3, 5, 6, 4], owner)

    forecast(owner, store)

    of_silk, of_dress = Forecast.objects.get(sku=silk), Forecast.objects.get(sku=dress)
    assert of_silk.mean == pytest.approx([2.94] * 4, abs=0.3)
    assert of_silk.history[:2] == [2.5, 3.25]
    assert 3 < of_silk.quantiles["0.95"][0] < 9
    assert all(number == int(number) for number in of_dress.quantiles["0.95"])


def test_lead_time_review_and_service_level_are_those_of_the_supplier_and_the_category(store, owner):
    dress = SkuFactory()
    sold_weekly(dress, store, [4, 6, 5, 7, 3, 5, 6, 4], owner)
    SupplierSkuFactory(sku=dress, lead_time_days=28)

    forecast(owner, store)

    told = Forecast.objects.get()
    assert (told.lead_days, told.review_days, str(told.service_level)) == (28, 7, "0.950")
    assert told.expected == pytest.approx(25, abs=2.5)
    assert told.reorder_point > 20


def test_ten_years_are_cut_to_the_last_five(store, owner):
    dress = SkuFactory()
    goods_in(dress, store, 100, 520, owner)
    goods_sold(dress, store, 1, 519, owner)
    goods_sold(dress, store, 2, 1, owner)

    run = forecast(owner, store)

    told = Forecast.objects.get()
    assert run.parameters["history_weeks"] == 260
    assert told.weeks_known == 260
    assert len(told.history) == 52


def test_products_with_all_their_sizes_stay_in_one_piece(store, owner, monkeypatch):
    monkeypatch.setattr(runs, "MOST_SERIES", 3)
    for _product in range(3):
        product = ProductFactory()
        for size in "SM":
            goods_in(SkuFactory(product=product, size=size), store, 1, 2, owner)

    run = forecast(owner, store)

    chunks = list(run.chunks.values_list("number", "series"))
    assert chunks == [(1, 2), (2, 2), (3, 2)]
    assert Forecast.objects.count() == 6


def test_the_next_run_takes_the_place_of_the_one_before(store, owner):
    dress, coat = SkuFactory(), SkuFactory()
    sold_weekly(dress, store, [4, 6], owner)
    sold_weekly(coat, store, [4, 6], owner)
    forecast(owner, store)
    ids = set(Forecast.objects.values_list("pk", flat=True))
    type(coat).objects.filter(pk=coat.pk).update(is_active=False)

    again = forecast(owner, store, weeks=2)

    told = Forecast.objects.get()
    assert told.pk in ids
    assert (told.sku, told.run, len(told.mean)) == (dress, again, 2)


def test_a_place_without_goods_has_a_run_of_nothing(store, owner):
    run = forecast(owner, store)

    assert (run.status, run.series, run.progress, run.accuracy["wql"]) == ("done", 0, 1.0, None)


# ------------------------------------------------------------------------------------------------ starting, stopping


def test_one_run_at_a_time_for_a_place(store, other_store, owner):
    first = runs.start(by=owner, locations=[store])

    refused = refusal(lambda: runs.start(by=owner, locations=[store, other_store]))

    assert isinstance(refused, runs.AlreadyRunning)
    assert refused.extra == {"run": first.pk}
    assert f"run {first.pk}" in refused.detail
    assert "CENTRE" in refused.detail
    runs.start(by=owner, locations=[other_store])
    runs.work(first.pk)
    runs.start(by=owner, locations=[store])


@pytest.mark.django_db(transaction=True)
def test_two_who_start_at_once_start_one(store, owner):
    outcomes = at_once(*[lambda: runs.start(by=owner, locations=[store])] * 4)

    assert errors_of(outcomes) == [runs.AlreadyRunning] * 3
    assert ForecastRun.objects.count() == 1
    assert RunPlace.objects.count() == 1


def test_what_cannot_be_started(store, manager, owner):
    closed = LocationFactory(is_active=False)
    homeless = UserFactory(role="manager")

    for act in (
        lambda: runs.start(by=owner, locations=[store], horizon_weeks=0),
        lambda: runs.start(by=owner, locations=[store], horizon_weeks=1000),
        lambda: runs.start(by=owner, locations=[closed]),
        lambda: runs.start(by=homeless),
    ):
        assert isinstance(refusal(act), Invalid)
    assert not ForecastRun.objects.exists()


def test_without_places_it_is_about_all_of_ones_own(store, other_store, manager, owner):
    LocationFactory(is_active=False)

    mine = runs.start(by=manager)
    runs.cancel(run=mine, by=manager)
    all_of_them = runs.start(by=owner)

    assert [place.code for place in mine.locations.all()] == ["CENTRE"]
    assert {place.code for place in all_of_them.locations.all()} >= {"CENTRE", "HARBOUR"}
    assert not all_of_them.locations.filter(kind="transit").exists()


def test_cancelling_keeps_what_is_reckoned_and_frees_the_places(store, owner, monkeypatch):
    monkeypatch.setattr(runs, "MOST_SERIES", 1)
    for _sku in range(2):
        sold_weekly(SkuFactory(), store, [1, 2], owner)
    run = runs.start(by=owner, locations=[store])
    runs.plan(run.pk)
    runs.do_next(run.pk)

    run = runs.cancel(run=run, by=owner)

    assert (run.status, Forecast.objects.count()) == ("cancelled", 1)
    assert runs.do_next(run.pk) is False
    runs.work(run.pk)
    run.refresh_from_db()
    assert (run.status, Forecast.objects.count()) == ("cancelled", 1)
    assert isinstance(refusal(lambda: runs.cancel(run=run, by=owner)), IllegalTransition)
    runs.start(by=owner, locations=[store])


def test_a_run_that_is_cancelled_while_a_piece_is_reckoned_writes_nothing_more(store, owner, monkeypatch):
    sold_weekly(SkuFactory(), store, [1, 2], owner)
    run = runs.start(by=owner, locations=[store])
    reckon = reckoning.reckon

    def and_meanwhile(*args):
        runs.cancel(run=run, by=owner)
        return reckon(*args)

    monkeypatch.setattr(reckoning, "reckon", and_meanwhile)
    runs.work(run.pk)

    assert ForecastRun.objects.get().status == "cancelled"
    assert not Forecast.objects.exists()


def test_whoever_works_in_all_its_places_cancels_it(store, other_store, manager, owner):
    run = runs.start(by=owner, locations=[store, other_store])

    refused = refusal(lambda: runs.cancel(run=run, by=manager))

    assert isinstance(refused, Forbidden)
    assert ForecastRun.objects.get().is_open


# ------------------------------------------------------------------------------------------------ workers


def pieces_of(store, owner, monkeypatch, number=3):
    monkeypatch.setattr(runs, "MOST_SERIES", 1)
    with transaction.atomic():
        for _sku in range(number):
            sold_weekly(SkuFactory(), store, [1, 2], owner)
    return runs.start(by=owner, locations=[store])


def test_a_worker_killed_in_the_middle_leaves_nothing_half_and_the_next_goes_on(store, owner, monkeypatch):
    run = pieces_of(store, owner, monkeypatch)
    write, written = reckoning.write, []

    def killed_at_the_second(chunk, reckoned):
        sums = write(chunk, reckoned)
        written.append(chunk.number)
        if len(written) == 2:
            raise KeyboardInterrupt
        return sums

    monkeypatch.setattr(reckoning, "write", killed_at_the_second)
    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        runs.work(run.pk)
    # The whole test is one transaction here: what its worker committed before is done again by hand.
    monkeypatch.setattr(reckoning, "write", write)
    runs.plan(run.pk)
    runs.do_next(run.pk)
    assert ForecastRun.objects.with_progress().get().progress == pytest.approx(1 / 3, abs=0.001)

    runs.work(run.pk)

    run.refresh_from_db()
    assert run.status == "done"
    assert Forecast.objects.count() == 3
    assert ForecastChunk.objects.filter(run=run, done_at=None).count() == 0


@pytest.mark.django_db(transaction=True)
def test_several_workers_share_a_run_and_a_dead_one_leaves_its_piece_to_the_others(store, owner, monkeypatch):
    run = pieces_of(store, owner, monkeypatch, number=6)
    runs.plan(run.pk)
    write, once = reckoning.write, []

    def dies_once(chunk, reckoned):
        sums = write(chunk, reckoned)
        if not once:
            once.append(chunk.number)
            connection.close()  # as a killed process would
            raise SystemError
        return sums

    monkeypatch.setattr(reckoning, "write", dies_once)
    outcomes = at_once(*[lambda: runs.work(run.pk)] * 3)
    runs.work(run.pk)

    run.refresh_from_db()
    assert len(errors_of(outcomes)) == 1
    assert (run.status, run.series) == ("done", 6)
    assert Forecast.objects.filter(run=run).count() == 6
    assert not run.places.filter(is_open=True).exists()


def test_a_piece_that_somebody_is_busy_with_is_left_to_them(store, owner, monkeypatch):
    run = pieces_of(store, owner, monkeypatch, number=2)
    runs.plan(run.pk)
    ForecastChunk.objects.filter(number=1).update(done_at=this_moment())

    runs.finish(run.pk)

    run.refresh_from_db()
    assert run.status == "running"  # one piece is still to come


def this_moment():
    from django.utils import timezone

    return timezone.now()


def test_the_task_of_a_run_does_all_of_it(store, owner):
    sold_weekly(SkuFactory(), store, [1, 2], owner)
    runs.start(by=owner, locations=[store])

    task = DBTaskResult.objects.get(task_path="forecasting.tasks.carry_out")
    tasks.carry_out.call(type("Context", (), {"attempt": 1})(), *task.task_result.args)

    assert ForecastRun.objects.get().status == "done"


def test_a_run_that_fails_again_and_again_is_given_up(store, owner, monkeypatch):
    run = runs.start(by=owner, locations=[store])
    monkeypatch.setattr(runs, "plan", lambda pk: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        tasks.carry_out.call(type("Context", (), {"attempt": 1})(), run.pk)
    assert ForecastRun.objects.get().is_open
    with pytest.raises(tasks.GiveUp):
        tasks.carry_out.call(type("Context", (), {"attempt": 5})(), run.pk)

    run.refresh_from_db()
    # What went wrong in words may name tables and rows: those are for the log.
    assert run.status == "failed"
    assert run.failure == "It failed 5 times (ZeroDivisionError). The log of the worker says why."
    runs.start(by=owner, locations=[store])


def test_a_run_left_lying_is_taken_up(store, owner):
    run = runs.start(by=owner, locations=[store])
    DBTaskResult.objects.all().delete()

    runs.take_up()
    assert not DBTaskResult.objects.exists()  # it has only just begun
    ForecastRun.objects.filter(pk=run.pk).update(updated_at=this_moment() - 2 * runs.LEFT_LYING)
    runs.take_up()

    assert DBTaskResult.objects.get().task_path == "forecasting.tasks.carry_out"


def test_once_a_week_all_places_are_forecast(store, other_store, owner, settings):
    run = runs.start(by=owner, locations=[store])
    runs.work(run.pk)

    weekly = runs.start_weekly()
    assert [place.code for place in weekly.locations.all()] == ["HARBOUR"]
    assert weekly.created_by is None
    assert runs.start_weekly() is None

    runs.work(weekly.pk)
    ForecastRun.objects.update(start=this_monday() - timedelta(weeks=1))
    settings.BOUTIQUE_FORECAST_WEEKLY = False
    tasks.start_weekly_run.call()
    assert not ForecastRun.objects.open().exists()
    settings.BOUTIQUE_FORECAST_WEEKLY = True
    tasks.start_weekly_run.call()
    assert ForecastRun.objects.open().get().places.count() == 2


def test_old_runs_are_forgotten_unless_a_forecast_comes_from_them(store):
    long_ago = this_moment() - 2 * runs.KEPT_FOR
    used, unused, recent = FinishedRunFactory(), FinishedRunFactory(), FinishedRunFactory()
    waiting = ForecastRunFactory(places=[store])
    ForecastFactory(run=used)
    ForecastRun.objects.filter(pk__in=[used.pk, unused.pk]).update(finished_at=long_ago)

    tasks.forget_old_runs.call()

    assert set(ForecastRun.objects.values_list("pk", flat=True)) == {used.pk, recent.pk, waiting.pk}


# ------------------------------------------------------------------------------------------------ the command


def test_the_command_forecasts_a_place(store, other_store, owner, capsys):
    sold_weekly(SkuFactory(), store, [1, 2], owner)
    sold_weekly(SkuFactory(), other_store, [1, 2], owner)

    call_command("forecast", location=["centre"], horizon=3, jobs=1)

    told = Forecast.objects.get()
    assert (told.location, len(told.mean)) == (store, 3)
    assert "1 series" in capsys.readouterr().out


def test_the_command_goes_on_with_what_was_stopped(store, owner, monkeypatch):
    run = pieces_of(store, owner, monkeypatch)
    runs.plan(run.pk)
    runs.do_next(run.pk)

    call_command("forecast", location=["CENTRE"], jobs=1)

    assert ForecastRun.objects.get().status == "done"
    assert Forecast.objects.filter(run=run).count() == 3


def test_what_the_command_refuses(store, other_store, owner):
    runs.start(by=owner, locations=[store, other_store])

    for options in (
        {"location": ["NOWHERE"]},
        {"horizon": 0, "location": ["CENTRE"]},
        {"jobs": 0},
        {"location": ["CENTRE"]},
    ):
        with pytest.raises(CommandError):
            call_command("forecast", **({"jobs": 1} | options))
    assert ForecastRun.objects.count() == 1
