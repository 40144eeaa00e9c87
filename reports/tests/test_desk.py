"""The start page of the admin: the dashboard's figures, each in front of the rows that it counts."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import roles
from accounts.roles import Role
from accounts.tests.factories import UserFactory
from alterations.tests.factories import taken_in
from forecasting.services.history import monday_of
from forecasting.tests.factories import ForecastFactory
from inventory.services import requesting
from inventory.services.ledger import plain
from inventory.services.lines import Goods
from orders.services import returning, selling
from orders.services.returning import Back
from orders.tests.factories import goods, on_shelf, ordered, sold
from reports import desk as pages
from reports.services import dashboards
from skus.admin.shown import amount

pytestmark = pytest.mark.django_db
START = reverse("admin:index")


@pytest.fixture
def dress(store, owner):
    return on_shelf(store, price="90.00", quantity=30, by=owner, name="Red dress")


@pytest.fixture
def desk(at_desk, manager):
    return at_desk(manager)


def sold_on(days_ago, sku, place, quantity, by):
    """A till brings in what it sold that day."""
    paid = sku.product.base_price * quantity
    wanted = selling.Wanted(
        location=place,
        lines=[goods(sku, quantity)],
        payments=[selling.Tender(method="card", amount=paid)],
        client_id=f"till-{days_ago}-{sku.pk}",
        occurred_at=timezone.now() - timedelta(days=days_ago),
    )
    (outcome,) = selling.sell_all([wanted], by=by)
    assert outcome.result == "created"


def tiles(answer):
    return {tile["title"]: tile for row in ("main", "waiting") for tile in answer.context[row]}


def rows_behind(desk, tile):
    answer = desk.get(tile["link"])
    assert answer.status_code == 200, tile["link"]  # a filter that is not there leads elsewhere
    return answer.context["cl"].result_count


def test_today_stands_beside_last_week_and_the_forecast(desk, dress, store, owner):
    sold_on(7, dress, store, 1, owner)
    sold(store, goods(dress, 2), by=owner)
    today = timezone.localdate()
    ForecastFactory(sku=dress, location=store, start=monday_of(today) - timedelta(days=7), mean=[99.0, 14.0])

    found = tiles(desk.get(START))

    assert found["Sold today"]["number"] == "180.00\u00a0EUR"
    assert found["Sold today"]["note"] == f"+100\u00a0% against 90.00\u00a0EUR last {today:%A}"
    assert "green" in found["Sold today"]["colour"]
    # All of the past was sold on this day of the week, so all of this week's is expected today.
    assert found["Pieces sold today"]["number"] == "2"
    assert found["Pieces sold today"]["note"] == f"1 sale; 1 last {today:%A}; 14.0 expected by the forecast"


def test_without_a_past_the_desk_is_as_quiet_as_the_shop(desk, store):
    found = tiles(desk.get(START))

    assert found["Sold today"]["number"] == "0.00\u00a0EUR"
    assert "No forecast yet" in found["Pieces sold today"]["note"]
    assert {found[title]["number"] for title in ("Open orders", "Overdue alterations", "Open alerts")} == {0}


def test_a_forecast_without_a_past_spreads_over_the_week():
    day = {"units": Decimal(0)}

    assert pages.share([day] * 29) == Decimal(1) / 7


def test_each_number_leads_to_as_many_rows(desk, dress, store, other_store, owner, viewer):
    for by, place in ((owner, store), (owner, other_store)):
        ordered(place, by=by)
        taken_in(place, by=by)
    late = ordered(store, by=owner)
    type(late).objects.filter(pk=late.pk).update(delivery_date=timezone.localdate() - timedelta(days=3))
    requesting.ask(location=store, lines=[Goods(sku=dress, quantity=Decimal(1))], by=viewer)
    sold(store, goods(dress), by=owner)
    sold(store, goods(dress, 28), by=owner)

    found = tiles(desk.get(START))

    waiting = {title: found[title]["number"] for title, *_more in pages.LISTS.values()}
    assert waiting == {
        "Open orders": 2,
        "Overdue orders": 1,
        "Open alterations": 1,
        "Overdue alterations": 0,
        "Open alerts": waiting["Open alerts"],
        "Pending requests": 1,
    }
    assert {title: rows_behind(desk, found[title]) for title in waiting} == waiting
    assert rows_behind(desk, found["Sold today"]) == 2
    assert rows_behind(desk, found["Pieces sold today"]) == 2
    assert rows_behind(desk, found[f"Sold in {pages.DAYS} days"]) == 2


def test_what_came_back_stands_beside_what_was_sold_and_the_numbers_stay_those_of_the_rows(
    at_desk, dress, store, other_store, owner
):
    first = sold(store, goods(dress, 3), by=owner)
    sold(store, goods(dress), by=owner)
    returning.take_back_by(
        sale=first,
        lines=[Back(line=first.lines.get().pk, quantity=Decimal(2))],
        by=owner,
        reason="Too small.",
        method=None,
    )

    desk = at_desk(owner)
    answer = desk.get(START)
    found = tiles(answer)

    for title in ("Sold today", f"Sold in {pages.DAYS} days"):
        behind = desk.get(found[title]["link"]).context["cl"].queryset
        assert found[title]["number"] == amount(sum(sale.total for sale in behind)) == "360.00\u00a0EUR"
        assert found[title]["note"].endswith("; 180.00\u00a0EUR came back")
    moved = desk.get(found["Pieces sold today"]["link"]).context["cl"].queryset
    assert found["Pieces sold today"]["number"] == plain(-sum(row.on_hand_change for row in moved)) == "4"
    (here,) = [row for row in answer.context["places"] if row["name"] == store.name]
    assert here["paid"] == "360.00\u00a0EUR"


def test_the_desk_says_what_the_dashboard_of_the_api_says(desk, as_, dress, store, manager, owner):
    sold_on(3, dress, store, 2, owner)
    sold(store, goods(dress), by=owner)

    found, api = tiles(desk.get(START)), as_(manager).get(f"dashboard/store/?days={pages.DAYS}").json()

    assert found[f"Sold in {pages.DAYS} days"]["number"] == f"{api['sales']['net']}\u00a0EUR" == "270.00\u00a0EUR"
    assert found["Stock value"]["number"] == f"{float(api['stock_value']):,.2f}\u00a0EUR"


def test_another_place_is_not_on_the_desk(desk, dress, other_store, owner):
    elsewhere = on_shelf(other_store, price="500.00", by=owner, name="Blue coat")
    sold(other_store, goods(elsewhere), by=owner)

    answer = desk.get(START)

    assert tiles(answer)["Sold today"]["number"] == "0.00\u00a0EUR"
    assert "Blue coat" not in answer.text
    assert answer.context["places"] == []


def test_the_owner_compares_places(at_desk, dress, store, other_store, owner):
    sold(store, goods(dress), by=owner)

    found = {row["name"]: row for row in at_desk(owner).get(START).context["places"]}

    assert found[store.name]["paid"] == "90.00\u00a0EUR"
    assert found[other_store.name]["paid"] == "0.00\u00a0EUR"
    assert rows_behind(at_desk(owner), {"link": found[store.name]["sales_address"]}) == 1


def test_what_stock_is_worth_is_seen_by_those_who_see_costs(desk, dress, monkeypatch):
    assert tiles(desk.get(START))["Stock value"]["number"] == "1,200.00\u00a0EUR"

    left = roles.PERMISSIONS[Role.MANAGER] - {"inventory.view_cost"}
    monkeypatch.setitem(roles.PERMISSIONS, Role.MANAGER, left)
    answer = desk.get(START)
    assert tiles(answer)["Pieces in stock"]["number"] == "30"
    assert "1,200.00" not in answer.text


def test_who_may_see_no_figures_or_works_nowhere_has_a_plain_start_page(at_desk, manager, monkeypatch):
    assert "main" not in at_desk(UserFactory(role=Role.MANAGER)).get(START).context

    left = roles.PERMISSIONS[Role.MANAGER] - {"reports.view_dashboard"}
    monkeypatch.setitem(roles.PERMISSIONS, Role.MANAGER, left)
    assert "main" not in at_desk(manager).get(START).context


def test_the_figures_cost_as_much_for_many_as_for_few(desk, rf, dress, store, manager, owner, monkeypatch):
    monkeypatch.setattr(pages.admin, "desk", lambda request, context: context)
    request = rf.get(START)
    request.user = manager
    sold(store, goods(dress), by=owner)

    def statements():
        with CaptureQueriesContext(connection) as asked:
            found = pages.start(request, {})
            assert [*found["main"], *found["waiting"]]
        return len(asked)

    statements()  # where one works is known from now on
    few = statements()
    for number in range(3):
        other = on_shelf(store, by=owner)
        sold(store, goods(other), by=UserFactory(role=Role.MANAGER, places=[store]))
        ordered(store, by=owner)
        sold_on(number + 1, other, store, 1, owner)

    assert statements() == few <= 13


def test_the_charts_have_a_point_for_each_day(desk, dress, store, owner):
    sold(store, goods(dress), by=owner)

    curve, moves = list(pages.charts(trend_of(desk)))

    assert [line["label"] for line in moves["lines"]] == ["In", "Out"]
    assert len(curve["lines"][0]["data"]) == pages.DAYS
    assert (curve["lines"][0]["data"][-1], moves["lines"][1]["data"][-1]) == (90.0, 1.0)


def trend_of(desk):
    places = tuple(pages.seen_by(desk.get(START).context["user"]))
    today = pages.latest_today(places)
    asked = pages.AskedByTime(places=places, after=today - pages.DAY * (pages.DAYS - 1), before=today)
    return dashboards.overview(asked)["trend"]
