"""What was wanted, as the ledger tells it: returns count against it, and days without stock say nothing."""

import math
from datetime import timedelta

import pytest

from accounts.tests.factories import LocationFactory
from forecasting.services import history
from forecasting.tests.factories import goods_back, goods_in, goods_sold, sold_weekly, this_monday
from inventory.services import ledger
from inventory.tests.factories import line
from skus.tests.factories import SkuFactory

pytestmark = pytest.mark.django_db


def told(*places, weeks, closed=None):
    shelves = history.shelves_of([place.pk for place in places], 1, 2**62)
    return history.read(shelves, this_monday(), weeks, closed or {})


def wanted(place, weeks, closed=None):
    """Of the only series: what was wanted, None where nobody knows."""
    (row,) = told(place, weeks=weeks, closed=closed).wanted
    return [None if math.isnan(number) else number for number in row.tolist()]


def days_open(place, weeks, closed=None):
    (row,) = told(place, weeks=weeks, closed=closed).days_open
    return row.tolist()


def test_sales_less_returns_week_by_week(store, owner):
    sold_weekly(SkuFactory(), store, [4, 6, 5, 7, 3, 5, 6, 4], owner)

    assert wanted(store, 8) == [4, 6, 5, 7, 3, 5, 6, 4]


def test_what_came_back_counts_against_the_week_and_then_against_those_before(store, owner):
    dress = SkuFactory()
    goods_in(dress, store, 50, 4, owner)
    goods_sold(dress, store, 5, 4, owner)
    goods_sold(dress, store, 2, 3, owner)
    goods_back(dress, store, 1, 3, owner)
    goods_back(dress, store, 3, 2, owner)

    assert wanted(store, 4) == [3, 0, 0, 0]


def test_more_that_came_back_than_was_ever_sold_is_no_demand_below_nothing(store, owner):
    dress = SkuFactory()
    goods_in(dress, store, 50, 3, owner)
    goods_sold(dress, store, 1, 3, owner)
    goods_back(dress, store, 7, 2, owner)

    assert wanted(store, 3) == [0, 0, 0]


def test_weeks_without_stock_are_unknown_and_not_zero(store, owner):
    dress = SkuFactory()
    goods_in(dress, store, 12, 8, owner)
    goods_sold(dress, store, 6, 8, owner)
    goods_sold(dress, store, 6, 7, owner, day=6)
    goods_in(dress, store, 100, 4, owner)
    for week in (4, 3, 2, 1):
        goods_sold(dress, store, 6, week, owner)

    assert wanted(store, 8) == [6, 6, None, None, 6, 6, 6, 6]
    assert days_open(store, 8) == [7, 7, 0, 0, 7, 7, 7, 7]


def test_a_week_counts_the_days_on_which_something_could_be_sold(store, owner):
    dress = SkuFactory()
    goods_in(dress, store, 3, 3, owner)
    goods_sold(dress, store, 3, 3, owner, day=1)  # Monday and Tuesday
    goods_in(dress, store, 9, 2, owner, day=5)  # Saturday and Sunday

    assert days_open(store, 3) == [2, 2, 7]
    assert wanted(store, 3) == [3, 0, 0]


def test_what_is_promised_to_others_cannot_be_sold(store, owner):
    dress = SkuFactory()
    goods_in(dress, store, 2, 3, owner)
    ledger._post(
        [ledger.Change(line=line(dress, 2), location=store, reason="reservation", reserved=line(dress, 2).quantity)],
        ledger.Paper(document="ORD-000001", by=owner, occurred_at=history_moment(3, 3)),
    )

    assert days_open(store, 3) == [4, 0, 0]


def history_moment(weeks, day):
    from forecasting.tests.factories import weeks_ago

    return weeks_ago(weeks, day)


def test_weeks_before_it_came_are_unknown(store, owner):
    dress = SkuFactory()
    goods_in(dress, store, 5, 2, owner)
    goods_sold(dress, store, 1, 1, owner)

    assert wanted(store, 5) == [None, None, None, 0, 1]


def test_imported_sales_are_known_though_the_book_had_no_stock_then(store, owner):
    dress = SkuFactory()
    for week in (6, 4, 3):
        ledger.sell(
            location=store,
            lines=[line(dress, 2)],
            document="SALE-000001",
            by=owner,
            found=True,
            occurred_at=history_moment(week, 2),
        )
    goods_in(dress, store, 1, 2, owner)
    goods_sold(dress, store, 1, 2, owner, day=0)

    assert wanted(store, 6) == [2, 0, 2, 2, 1, None]


def test_what_lay_there_before_the_weeks_that_are_looked_at_is_known(store, other_store, owner):
    dress, coat = SkuFactory(), SkuFactory()
    goods_in(dress, store, 5, 9, owner)  # and nothing since
    goods_in(coat, store, 5, 9, owner)
    goods_sold(coat, store, 5, 8, owner)  # sold out before
    goods_in(coat, store, 5, 1, owner, day=3)

    rows = told(store, weeks=4).days_open.tolist()

    assert rows == [[7, 7, 7, 7], [0, 0, 0, 4]]


def test_nothing_known_at_all(store, owner):
    dress = SkuFactory()
    ledger.expect(location=store, skus=[dress])

    assert wanted(store, 3) == [None, None, None]


def test_one_sale_ever_and_all_in_one_day(store, owner):
    dress = SkuFactory()
    goods_in(dress, store, 40, 3, owner)
    for _customer in range(3):
        goods_sold(dress, store, 10, 2, owner, day=4)

    assert wanted(store, 3) == [0, 30, 0]


def test_this_week_is_not_over_and_does_not_count(store, owner):
    dress = SkuFactory()
    goods_in(dress, store, 40, 2, owner)
    ledger.sell(location=store, lines=[line(dress, 9)], document="SALE-000001", by=owner)

    assert wanted(store, 2) == [0, 0]


def test_a_closed_day_on_which_there_is_always_much_to_do_is_unknown(store, owner):
    dress = SkuFactory()
    goods_in(dress, store, 500, 5, owner)
    for week in (5, 4, 3, 1):
        for _customer in range(9):
            goods_sold(dress, store, 1, week, owner, day=5)

    days = history.closed_days(store.pk, this_monday(), 5)

    assert days == [this_monday() - timedelta(days=9)]  # the Saturday of the week before last
    assert days_open(store, 5, {store.pk: days}) == [7, 7, 7, 6, 7]
    assert history.closed_days(LocationFactory().pk, this_monday(), 5) == []


def test_slow_days_are_not_taken_for_closed_ones(store, owner):
    sold_weekly(SkuFactory(), store, [3, 0, 2, 0, 3], owner)

    assert history.closed_days(store.pk, this_monday(), 5) == []


def test_archived_goods_have_no_series(store, owner):
    sold_weekly(SkuFactory(is_active=True), store, [1, 2], owner)
    gone = SkuFactory()
    sold_weekly(gone, store, [1, 2], owner)
    type(gone).objects.filter(pk=gone.pk).update(is_active=False)

    assert len(told(store, weeks=2).shelves) == 1
