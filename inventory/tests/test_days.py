"""Totals of days: whoever asks sees each movement once, before, while and after it is put into them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from inventory.models import Settled, StockDay, StockLevel, StockMovement, StockTotal
from inventory.services import days, ledger
from inventory.services.days import MOVEMENTS, settle, settle_movements
from inventory.tests.factories import line, received
from skus.tests.factories import SkuFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def moved(place):
    (rows,) = days.added_up(
        [MOVEMENTS], ("business_date",), places=[place.pk], after=NOON.date(), before=NOON.date() + timedelta(days=9)
    )
    return {str(row["business_date"]): (row["movements"], row["came_in"], row["went_out"]) for row in rows}


def sell(sku, place, quantity, by, **more):
    ledger.sell(location=place, lines=[line(sku, quantity)], document="SALE-000001", by=by, **more)


def test_only_what_is_over_an_hour_old_is_settled(store, clerk):
    dress = SkuFactory()
    with time_machine.travel(NOON, tick=False) as clock:
        received(dress, store, 10, by=clerk)
        clock.shift(timedelta(minutes=59))
        sell(dress, store, 2, clerk)
        before = moved(store)

        settle_movements()
        assert not StockDay.objects.exists()
        clock.shift(timedelta(minutes=2))
        settle_movements()
        half = moved(store)
        assert [(day.movements, day.came_in, day.went_out) for day in StockDay.objects.all()] == [(1, 10, 0)]
        clock.shift(timedelta(hours=1))
        settle_movements()

    assert before == half == moved(store) == {"2026-03-10": (2, Decimal(10), Decimal(2))}
    (day,) = StockDay.objects.all()
    assert (day.movements, day.came_in, day.went_out, day.person) == (2, 10, 2, clerk)


def test_what_is_told_late_goes_into_its_own_day_and_nothing_twice(store, clerk, monkeypatch):
    monkeypatch.setattr(days, "AT_ONCE", 1)
    dress = SkuFactory()
    with time_machine.travel(NOON, tick=False) as clock:
        received(dress, store, 10, by=clerk)
        clock.shift(timedelta(days=2))
        settle_movements()
        sell(dress, store, 1, clerk, occurred_at=NOON)
        sell(dress, store, 2, clerk)
        told = moved(store)
        clock.shift(timedelta(hours=2))
        settle_movements()
        settle_movements()

    assert (
        told == moved(store) == {"2026-03-10": (2, Decimal(10), Decimal(1)), "2026-03-12": (1, Decimal(0), Decimal(2))}
    )
    assert Settled.objects.get(book="movements").upto == StockMovement.objects.latest("pk").pk
    assert StockDay.objects.count() == 2


def test_whoever_asks_while_days_are_settled_sees_everything_once(store, clerk):
    dress, interruptions = SkuFactory(), iter([True])
    with time_machine.travel(NOON, tick=False):
        received(dress, store, 10, by=clerk)

    def settling_in_between(execute, query, *rest):
        if "GROUPING SETS" in query and next(interruptions, False):
            settle_movements()
        return execute(query, *rest)

    with connection.execute_wrapper(settling_in_between):
        told = moved(store)

    assert StockDay.objects.exists()
    assert told == moved(store) == {"2026-03-10": (1, Decimal(10), Decimal(0))}


def test_the_books_are_compared_with_the_totals(store, clerk):
    dress = SkuFactory()
    with time_machine.travel(NOON, tick=False):
        received(dress, store, 10, by=clerk)
    assert list(days.differences()) == []
    settle_movements()
    assert list(days.differences()) == []

    StockDay.objects.update(came_in=11)
    StockTotal.objects.update(value=0)

    of_day, of_place = days.differences()
    assert f"location_id {store.pk}, business_date 2026-03-10" in of_day
    assert f"location_id {store.pk}" in of_place


def test_what_lies_there_is_the_sum_of_its_shelves(store, other_store, clerk):
    for settled in (False, True):
        for place, quantity in ((store, 10), (other_store, 7)):
            with time_machine.travel(NOON, tick=False):
                received(SkuFactory(), place, quantity, by=clerk)
        if settled:
            settle_movements()
        shelves = StockLevel.objects.order_by().values("location_id")
        sums = shelves.annotate(on_hand=Sum("on_hand"), reserved=Sum("reserved"), value=Sum("value"))
        told = days.there(places=[store.pk, other_store.pk])
        assert sorted(told, key=lambda row: row["location_id"]) == list(sums.order_by("location_id"))


def test_thrown_away_totals_come_back_the_same(store, clerk):
    dress = SkuFactory()
    received(dress, store, 10, by=clerk)
    settle(MOVEMENTS, timezone.now() + timedelta(seconds=1))
    kept = list(StockDay.objects.values("location", "business_date", "person", "movements", "came_in", "went_out"))
    StockDay.objects.all().delete()
    Settled.objects.all().delete()

    settle(MOVEMENTS, timezone.now() + timedelta(seconds=1))

    again = list(StockDay.objects.values("location", "business_date", "person", "movements", "came_in", "went_out"))
    assert again == kept
    assert len(kept) == 1
