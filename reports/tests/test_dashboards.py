"""What the dashboards say is what the lists say, for the same places and days; whatever of it is settled already."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Location
from accounts.roles import Role
from accounts.tests.factories import LocationFactory, UserFactory
from alterations.models import Ticket
from alterations.tests.factories import taken_in
from inventory import tasks as stock_tasks
from inventory.models import Settled
from inventory.services import days as stock_days
from inventory.services import requesting, thresholds, transferring
from inventory.services.lines import Goods
from orders import tasks as sales_tasks
from orders.models import Order
from orders.services import days as sales_days
from orders.tests.factories import brought_back, goods, on_shelf, ordered, sold
from reports.services.asking import points

pytestmark = pytest.mark.django_db

BOOKS = [
    stock_days.MOVEMENTS,
    stock_days.SHELVES,
    *sales_days.PAID_BOOKS,
    *sales_days.PRODUCT_BOOKS,
    *sales_days.WEEK_BOOKS,
]
ROUTES = ["admin", "store", "low-stock", "total-sales", "top-products"]


@pytest.fixture
def harbour_clerk(other_store):
    return UserFactory(username="harbour_clerk", role=Role.STAFF, places=[other_store])


@pytest.fixture
def trade(store, other_store, owner, clerk, harbour_clerk):
    """In the centre two sales of dresses and scarves, one dress brought back; at the harbour one larger sale."""
    dress = on_shelf(store, price="100.00", by=owner, name="Dress")
    scarf = on_shelf(store, price="30.00", by=owner, name="Scarf")
    coat = on_shelf(other_store, price="500.00", by=owner, name="Coat")
    first = sold(store, goods(dress, 2), goods(scarf), by=clerk)
    sold(store, goods(scarf, 3), by=clerk)
    sold(other_store, goods(coat, 4), by=harbour_clerk)
    brought_back(first, 1, by=owner)
    return dress, scarf, coat


def settle_all(until=None):
    for book in BOOKS:
        stock_days.settle(book, until or timezone.now() + timedelta(seconds=1))


def read(client, path, **asked):
    answer = client.get(f"dashboard/{path}/", asked)
    assert answer.status_code == 200, answer.content
    return answer.json()


def every_page(client, path):
    rows, path = [], f"{path}&page_size=100"
    while path:
        page = client.get(path).json()
        rows, path = rows + page["results"], page["next"]
    return rows


def added(rows, name):
    return sum(Decimal(row[name]) for row in rows)


def test_the_store_adds_up_to_what_its_lists_show(trade, store, manager, as_):
    client = as_(manager)
    figures = read(client, "store", location=store.pk)

    sales = every_page(client, f"sales/?location={store.pk}")
    levels = every_page(client, f"stock/?location={store.pk}")
    movements = every_page(client, f"movements/?location={store.pk}")
    back = Decimal("130.00")  # a dress and a scarf
    assert figures["sales"]["count"] == len(sales) == 2
    assert Decimal(figures["sales"]["sales"]) == added(sales, "total") == 320
    assert Decimal(figures["sales"]["net"]) == added(sales, "total") - added(sales, "refunded") == 320 - back
    assert Decimal(figures["sales"]["returns"]) == back
    assert Decimal(figures["sales"]["net_without_tax"]) == 190 - Decimal(figures["sales"]["tax"])
    assert figures["sales"]["units"] == "4.000"
    assert figures["sales"]["average"] == "160.00"
    assert Decimal(figures["stock_value"]) == added(levels, "value") > 0
    assert Decimal(figures["units_on_hand"]) == added(levels, "on_hand") == 16
    assert Decimal(figures["net_movement"]) == added(movements, "on_hand_change") == 16
    assert figures["movement"] == {"in": "22.000", "out": "6.000", "net": "16.000"}
    today = figures["trend"][-1]
    assert (today["in"], today["out"], today["sales"]) == ("22.000", "6.000", "190.00")
    assert len(figures["trend"]) == 30
    assert added(figures["trend"], "sales") == Decimal(figures["sales"]["net"])


def test_nobody_sees_figures_or_people_of_another_store(trade, store, other_store, manager, clerk, owner, as_):
    figures = read(as_(manager), "store")
    products = read(as_(manager), "top-products")
    of_house = read(as_(owner), "admin")

    assert [row["location"] for row in figures["places"]] == [store.pk]
    assert {row["user"] for row in figures["staff_activity"]} == {clerk.pk, owner.pk}
    assert [row["product_name"] for row in products["rows"]] == ["Dress", "Scarf"]
    assert read(as_(manager), "total-sales")["totals"]["sales"] == "320.00"
    assert of_house["sales"]["sales"] == "2320.00"
    assert {row["location"] for row in of_house["places"]} == set(Location.objects.values_list("pk", flat=True))
    for path in ROUTES[1:]:
        for others in (other_store.pk, f"{store.pk},{other_store.pk}", 999_999, 10**18):
            assert as_(manager).get(f"dashboard/{path}/?location={others}").status_code == 404, path
    assert as_(owner).get("dashboard/admin/?location=999999").status_code == 404
    assert as_(manager).get("dashboard/admin/").status_code == 403


def test_somebody_without_a_place_sees_nothing(trade, as_):
    nowhere = as_(UserFactory(role=Role.MANAGER))

    figures = read(nowhere, "store")

    assert (figures["units_on_hand"], figures["sales"]["count"], figures["places"]) == ("0.000", 0, [])
    assert [read(nowhere, path)["rows"] for path in ("low-stock", "top-products")] == [[], []]


def test_staff_see_no_costs(trade, store, owner, clerk, as_):
    thresholds.add(sku=trade[0], threshold=Decimal(50), location=store, by=owner)
    figures, low = read(as_(clerk), "store"), read(as_(clerk), "low-stock")

    assert "stock_value" not in figures
    assert "stock_value" not in figures["places"][0]
    assert not {"value", "average_cost"} & low["rows"][0].keys()
    assert not {"value", "average_cost"} & {column["name"] for column in low["columns"]}
    assert figures["units_on_hand"] == "16.000"


def test_who_did_what_is_told_with_the_busiest_first(trade, clerk, owner, as_):
    first, second = read(as_(owner), "store", location=trade[0].levels.get().location_id)["staff_activity"]

    assert first == {
        "user": clerk.pk, "user_name": clerk.get_full_name(), "sales": 2, "returns": 0, "net": "320.00",
        "units": "6.000", "movements": 3,
    }  # fmt: skip
    assert (second["user"], second["returns"], second["net"], second["movements"]) == (owner.pk, 1, "-130.00", 4)


def test_what_waits_is_counted_as_the_lists_count_it(store, other_store, owner, manager, clerk, as_):
    dress = on_shelf(store, price="100.00", by=owner)
    thresholds.add(sku=dress, threshold=Decimal(50), location=store, by=owner)
    late = ordered(store, by=owner)
    ordered(store, by=owner)
    ordered(other_store, by=owner)
    Order.objects.filter(pk=late.pk).update(delivery_date=timezone.localdate() - timedelta(days=3))
    ticket = taken_in(store, by=owner)
    taken_in(store, by=owner)
    Ticket.objects.filter(pk=ticket.pk).update(promised_on=timezone.localdate() - timedelta(days=3))
    lines = [Goods(sku=dress, quantity=Decimal(1))]
    requesting.ask(location=store, lines=lines, by=clerk)
    transferring.ask(source=store, destination=other_store, lines=lines, by=manager)
    client = as_(manager)

    figures = read(client, "store", location=store.pk)

    def listed(path):
        return len(every_page(client, f"{path}&location={store.pk}"))

    assert figures["open_orders"] == listed("orders/?status=pending") == 2
    assert figures["open_alterations"] == listed("alterations/?status=open") == 2
    assert (figures["overdue_orders"], figures["overdue_alterations"], figures["overdue_work"]) == (1, 1, 2)
    assert figures["open_alerts"] == listed("alerts/?open=true") == 1
    assert figures["low_stock"] == listed("stock/?low_stock=true") == 1
    assert figures["pending_requests"] == listed("stock-requests/?status=requested") == 1
    assert figures["pending_transfers"] == listed("transfers/?status=requested") == 1


def test_low_stock_has_the_rows_of_the_list_of_stock(trade, store, other_store, owner, as_):
    for sku in trade:
        thresholds.add(sku=sku, threshold=Decimal(50), by=owner)
    client = as_(owner)

    answer = read(client, "low-stock")
    of_list = every_page(client, "stock/?low_stock=true")

    assert sorted(answer["rows"], key=lambda row: row["id"]) == sorted(of_list, key=lambda row: row["id"])
    assert [row["available"] for row in answer["rows"]] == ["6.000", "7.000", "9.000"]
    assert answer["totals"] == {"levels": 3, "shown": 3}
    assert [row["location"] for row in read(client, "low-stock", location=other_store.pk)["rows"]] == [other_store.pk]
    assert read(client, "low-stock", before=timezone.localdate() - timedelta(days=2))["rows"] == []
    assert len(read(client, "low-stock", days=2)["rows"]) == 3


def test_the_best_product_stands_first_and_the_rest_is_in_the_total(trade, owner, as_):
    dress, scarf, coat = (sku.product_id for sku in trade)
    client = as_(owner)

    answer = read(client, "top-products")
    first = read(client, "top-products", limit=1, group_by="month")

    assert [(row["product"], row["units"], row["net"]) for row in answer["rows"]] == [
        (coat, "4.000", "2000.00"), (dress, "1.000", "100.00"), (scarf, "3.000", "90.00"),
    ]  # fmt: skip
    assert answer["totals"] == {"units": "8.000", "sales": "2320.00", "returns": "130.00", "net": "2190.00"}
    assert answer["totals"]["net"] == read(client, "total-sales")["totals"]["net"]
    assert [(row["product"], row["period"]) for row in first["rows"]] == [
        (coat, str(timezone.localdate().replace(day=1)))
    ]
    assert first["totals"] == answer["totals"]


def test_in_kolkata_a_day_ends_when_it_ends_there(owner, as_):
    """Sold at 18:29:59Z, 18:30:00Z and 20:00:00Z on 31 March: on 31 March, 1 April and 1 April."""
    place = LocationFactory(timezone="Asia/Kolkata")
    with time_machine.travel(datetime(2026, 3, 31, 18, 0, tzinfo=UTC), tick=False):
        saree = on_shelf(place, price="100.00", by=owner)
    for at in ((18, 29, 59), (18, 30, 0), (20, 0, 0)):
        with time_machine.travel(datetime(2026, 3, 31, *at, tzinfo=UTC), tick=False):
            sold(place, saree, by=owner)
    client = as_(owner)

    for settled in (False, True):
        if settled:
            settle_all()
            assert list(sales_days.differences()) == []
        rows = read(client, "total-sales", after="2026-03-31", before="2026-04-01")["rows"]
        figures = read(client, "store", location=place.pk, after="2026-03-31", before="2026-04-01")
        assert [(row["period"], row["count"]) for row in rows] == [("2026-03-31", 1), ("2026-04-01", 2)]
        assert [(day["out"], day["sales"]) for day in figures["trend"]] == [("1.000", "100.00"), ("2.000", "200.00")]

    with time_machine.travel(datetime(2026, 3, 31, 20, 30, tzinfo=UTC), tick=False):
        client = as_(owner)
        # Where nothing is said, the day that has begun there counts.
        assert read(client, "store", location=place.pk)["filters"]["before"] == "2026-04-01"
        assert read(client, "store", location=place.pk, days=1)["sales"]["count"] == 2
        assert read(client, "store", location=place.pk, days=1)["previous"]["sales"]["count"] == 1


def test_sales_are_told_by_day_week_and_month_without_a_gap(store, owner, as_):
    # A Sunday, the Monday after, and the month after that.
    for day in (date(2026, 5, 3), date(2026, 5, 4), date(2026, 6, 10)):
        with time_machine.travel(datetime(day.year, day.month, day.day, 12, tzinfo=UTC), tick=False):
            sold(store, on_shelf(store, price="100.00", by=owner), by=owner)
    client, period = as_(owner), {"after": "2026-05-01", "before": "2026-06-30"}

    def told(group):
        rows = read(client, "total-sales", group_by=group, **period)["rows"]
        starts = points(date(2026, 5, 1), date(2026, 6, 30), group)
        assert [row["period"] for row in rows] == [str(day) for day in starts]
        return {row["period"]: row["net"] for row in rows if row["count"]}

    assert told("day") == {"2026-05-03": "100.00", "2026-05-04": "100.00", "2026-06-10": "100.00"}
    assert told("week") == {"2026-04-27": "100.00", "2026-05-04": "100.00", "2026-06-08": "100.00"}
    assert told("month") == {"2026-05-01": "200.00", "2026-06-01": "100.00"}
    # Weeks, and the days around them: the products of any period are those of its days.
    for settled in (False, True):
        if settled:
            settle_all()
            assert list(sales_days.differences()) == []
        for after, before in (("05-01", "05-03"), ("05-04", "05-10"), ("05-03", "06-10"), ("04-27", "06-09")):
            period = {"after": f"2026-{after}", "before": f"2026-{before}"}
            products, sales = read(client, "top-products", **period), read(client, "total-sales", **period)
            assert added(products["rows"], "net") == Decimal(sales["totals"]["net"]) > 0, (after, before)
    # The four days before 4 May have the sale of the third.
    answer = read(client, "total-sales", after="2026-05-04", before="2026-05-07")
    assert (answer["totals"]["net"], answer["previous"]["net"]) == ("100.00", "100.00")


def test_the_jobs_keep_all_totals(trade, owner, as_):
    before = read(as_(owner), "admin"), read(as_(owner), "top-products")
    with time_machine.travel(timezone.now() + timedelta(hours=2), tick=False):
        stock_tasks.settle_days.call()
        sales_tasks.settle_days.call()

    after = read(as_(owner), "admin"), read(as_(owner), "top-products")
    assert set(Settled.objects.filter(upto__gt=0).values_list("book", flat=True)) == {book.name for book in BOOKS}
    for one, other in zip(before, after, strict=True):
        assert one | {"generated_at": ""} == other | {"generated_at": ""}


def test_what_cannot_be_asked_is_refused_by_name(owner, as_):
    cases = [
        ("store/?after=2026-03-02&before=2026-03-01", "after"),
        ("store/?after=2016-01-01&before=2026-01-01", "after"),
        ("total-sales/?after=2016-01-01&before=2026-01-01", "after"),
        ("total-sales/?group_by=year", "group_by"),
        ("total-sales/?days=0", "days"),
        ("total-sales/?days=7&after=2026-01-01", "days"),
        ("total-sales/?after=yesterday", "after"),
        ("total-sales/?before=9999-12-31", "before"),
        ("total-sales/?location=centre", "location"),
        ("total-sales/?location=", "location"),
        ("total-sales/?location=1&location=2", "location"),
        ("total-sales/?days=7%00", "days"),
        ("total-sales/?colour=red", "colour"),
        ("store/?group_by=day", "group_by"),
        ("top-products/?limit=0", "limit"),
        ("top-products/?limit=500&group_by=day", "limit"),
        ("low-stock/?limit=5", "limit"),
    ]
    client = as_(owner)
    for path, field in cases:
        answer = client.get(f"dashboard/{path}")
        assert answer.status_code == 400, path
        assert [error["field"] for error in answer.json()["errors"]] == [field], path
    told = client.get("dashboard/total-sales/?after=2016-01-01&before=2026-01-01").json()["errors"][0]["message"]
    assert "week or month" in told
    assert len(read(client, "total-sales", after="2016-01-01", before="2026-01-01", group_by="month")["rows"]) == 121


def test_each_takes_few_queries_however_many_rows(trade, store, other_store, owner, as_, django_assert_max_num_queries):
    client = as_(owner)
    for path in ROUTES:
        read(client, path)  # what a process asks only once
    expected = {"admin": 10, "store": 10, "low-stock": 3, "total-sales": 4, "top-products": 7}
    for more in (False, True):
        if more:
            for place in (store, other_store, LocationFactory()):
                seller = UserFactory(places=[place])
                sold(place, *(on_shelf(place, by=owner) for _ in range(3)), by=seller)
                thresholds.add(sku=on_shelf(place, by=owner), threshold=Decimal(50), location=place, by=owner)
            settle_all()
        for path, most in expected.items():
            with django_assert_max_num_queries(most):
                read(client, path)
