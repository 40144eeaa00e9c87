"""Alerts open and resolve by what the shelf says, whatever moved it; people see those of their places."""

from collections import Counter
from decimal import Decimal
from functools import partial

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Location
from accounts.roles import Role
from accounts.tests.factories import LocationFactory, UserFactory
from conftest import ApiClient
from inventory.models import Alert, AlertKind, StockLevel
from inventory.services import adjusting, alerts, checking, ledger, thresholds
from inventory.tests.factories import line, received
from skus.services import search, variants
from skus.tests.factories import ProductFactory, SkuFactory
from tests.threads import at_once, errors_of, while_waiting

pytestmark = pytest.mark.django_db

LOW, OUT, SHORTAGE, OVERDUE, *_ = AlertKind


@pytest.fixture
def dress(store, manager):
    """Ten of them, and five are too few."""
    dress = SkuFactory(code="DRS-RED-M", product__name="Dress")
    received(dress, store, 10, by=manager)
    limit(dress, 5, store)
    return dress


def limit(sku, quantity, place=None, by=None, **more):
    by = by or UserFactory(role=Role.ADMIN)
    return thresholds.add(sku=sku, threshold=Decimal(quantity), location=place, by=by, **more)


def level_of(sku, place):
    return StockLevel.objects.get(sku=sku, location=place)


def open_alerts(sku):
    return sorted(Alert.objects.filter(level__sku=sku, resolved_at=None).values_list("kind", flat=True))


def all_alerts(sku):
    return Counter(Alert.objects.filter(level__sku=sku).values_list("kind", flat=True))


def sell(sku, place, quantity, by, number=1):
    return ledger.sell(location=place, lines=[line(sku, quantity)], document=f"SALE-{number:06d}", by=by)


def reserve(sku, place, quantity, by, document="ORD-000001"):
    return ledger.reserve(location=place, lines=[line(sku, quantity)], document=document, by=by)


def adjust(sku, place, change, by, reason="loss"):
    lines = [adjusting.Correction(sku=sku, change=Decimal(change))]
    return adjusting.adjust(location=place, reason=reason, lines=lines, by=by)


def rows(client, **asked):
    answer = client.get("alerts/", asked)
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


# ------------------------------------------------------------------------------------------------ crossings


def test_one_alert_per_crossing(dress, store, manager):
    sell(dress, store, 4, manager)
    assert open_alerts(dress) == []

    sell(dress, store, 1, manager)
    sell(dress, store, 1, manager)
    assert all_alerts(dress) == {LOW: 1}

    received(dress, store, 10)
    assert open_alerts(dress) == []

    sell(dress, store, 10, manager)
    assert open_alerts(dress) == [LOW]
    assert all_alerts(dress) == {LOW: 2}


def test_a_shelf_that_empties_at_one_stroke_was_never_low(dress, store, manager):
    sell(dress, store, 10, manager)
    assert open_alerts(dress) == [OUT]

    received(dress, store, 3)
    assert open_alerts(dress) == [LOW]

    received(dress, store, 3)
    assert open_alerts(dress) == []


def test_a_shelf_that_runs_low_and_then_out_stays_low_until_there_is_enough(dress, store, manager):
    sell(dress, store, 6, manager)
    sell(dress, store, 4, manager)
    assert open_alerts(dress) == [LOW, OUT]

    received(dress, store, 1)
    assert open_alerts(dress) == [LOW]
    assert all_alerts(dress) == {LOW: 1, OUT: 1}


def test_a_threshold_of_nothing_warns_when_nothing_is_left(store, manager):
    tie = SkuFactory()
    received(tie, store, 1)
    limit(tie, 0)
    assert open_alerts(tie) == []

    sell(tie, store, 1, manager)

    assert open_alerts(tie) == [OUT]


def test_without_a_threshold_nothing_runs_low(store, manager):
    tie = SkuFactory()
    received(tie, store, 1)
    sell(tie, store, 1, manager)
    assert not Alert.objects.exists()


def goods_leave_and_come(sku, store, other, by):
    """Each pair: what makes ten dresses too few, and what makes them enough again."""
    here = {"location": store, "by": by}
    five, document = [line(sku, 6)], "ORD-000001"
    return {
        "sale": (lambda: sell(sku, store, 6, by), lambda: received(sku, store, 6)),
        "promise": (
            lambda: ledger.reserve(lines=five, document=document, **here),
            lambda: ledger.release(lines=five, document=document, **here),
        ),
        "adjustment": (lambda: adjust(sku, store, -6, by), lambda: adjust(sku, store, 6, by, "found")),
        "count": (
            lambda: ledger.count(lines=[line(sku, -6)], document="CNT-000001", **here),
            lambda: ledger.count(lines=[line(sku, 6)], document="CNT-000002", **here),
        ),
        "transfer": (
            lambda: ledger.ship(source=store, lines=five, document="TRF-000001", by=by),
            lambda: ledger.arrive(destination=store, lines=five, document="TRF-000001", by=by),
        ),
        "return": (
            lambda: sell(sku, store, 6, by),
            lambda: ledger.take_back(lines=five, document="RET-000001", **here),
        ),
        "reversal": (
            lambda: adjust(sku, store, -6, by),
            lambda: adjusting.reverse(movement=level_of(sku, store).sku.movements.get(reason="loss"), by=by),
        ),
    }


@pytest.mark.parametrize("cause", ["sale", "promise", "adjustment", "count", "transfer", "return", "reversal"])
def test_any_cause_opens_and_resolves(cause, dress, store, other_store, manager):
    leave, come = goods_leave_and_come(dress, store, other_store, manager)[cause]

    leave()
    assert open_alerts(dress) == [LOW]
    assert all_alerts(dress) == {LOW: 1}

    come()
    assert open_alerts(dress) == []
    assert list(checking.differences()) == []


def test_goods_that_were_promised_leave_without_a_second_alert(dress, store, manager):
    reserve(dress, store, 6, manager)
    ledger.issue(location=store, lines=[line(dress, 6)], document="ORD-000001", by=manager)
    assert open_alerts(dress) == [LOW]
    assert all_alerts(dress) == {LOW: 1}


def test_the_road_runs_low_of_nothing(dress, store, other_store, manager):
    limit(dress, 3)
    ledger.ship(source=store, lines=[line(dress, 2)], document="TRF-000001", by=manager)
    assert not Alert.objects.exists()


# ------------------------------------------------------------------------------------------------ short of promises


def test_what_was_promised_and_is_gone_is_a_shortage_that_names_the_orders(store, manager):
    dress = SkuFactory()
    received(dress, store, 10)
    for number, quantity in ((1, 3), (2, 4), (3, 2)):
        reserve(dress, store, quantity, manager, f"ORD-{number:06d}")
    ledger.release(location=store, lines=[line(dress, 4)], document="ORD-000002", by=manager)
    assert not Alert.objects.exists()

    adjust(dress, store, -6, manager, "damage")

    shortage = Alert.objects.get()
    assert (shortage.kind, shortage.orders, shortage.threshold) == (SHORTAGE, ["ORD-000001", "ORD-000003"], None)


def test_a_shortage_forgets_who_was_served_and_ends_when_all_can_be(store, manager):
    dress = SkuFactory()
    received(dress, store, 10)
    for number in (1, 2, 3):
        reserve(dress, store, 3, manager, f"ORD-{number:06d}")
    ledger.count(location=store, lines=[line(dress, -5)], document="CNT-000001", by=manager)
    assert Alert.objects.get().orders == ["ORD-000001", "ORD-000002", "ORD-000003"]

    ledger.issue(location=store, lines=[line(dress, 3)], document="ORD-000001", by=manager)
    assert Alert.objects.get().orders == ["ORD-000002", "ORD-000003"]

    received(dress, store, 4)
    (shortage,) = Alert.objects.all()
    assert shortage.resolved_at
    assert shortage.orders == ["ORD-000002", "ORD-000003"]
    assert list(checking.differences()) == []


# ------------------------------------------------------------------------------------------------ the rule itself


@given(
    steps=st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12), st.none() | st.integers(0, 6)), max_size=20),
)
def test_whatever_a_shelf_goes_through_its_alerts_say_what_it_is(steps):
    """Against the rule in words, beside the one in code: low exactly while one of the two is open."""
    level = StockLevel(on_hand=0, reserved=0, location=Location())
    level.open_alerts = None
    for level.on_hand, level.reserved, level.threshold in steps:
        kinds = alerts.wanted(level)
        is_low = level.threshold is not None and level.available <= level.threshold
        assert bool(kinds & {LOW, OUT}) == is_low == level.is_low
        assert (OUT in kinds) == (is_low and level.available <= 0)
        assert (SHORTAGE in kinds) == (level.reserved > level.on_hand)
        level.open_alerts = sorted(kinds)
        assert alerts.wanted(level) == kinds


def test_the_check_finds_what_somebody_did_behind_the_door_and_judging_mends_it(dress, store, other_store, manager):
    received(dress, other_store, 3)
    limit(dress, 4)  # low in the other store
    sell(dress, store, 10, manager)
    Alert.objects.filter(level__location=store).delete()
    assert [str(found) for found in checking.differences()] == [
        "DRS-RED-M in CENTRE: alerts expected out_of_stock, found none"
    ]

    assert alerts.judge_all() == 1

    assert list(checking.differences()) == []
    assert alerts.judge_all() == 0
    assert all_alerts(dress) == {OUT: 1, LOW: 1}


def test_the_database_holds_one_open_alert_of_a_kind(dress, store):
    level = level_of(dress, store)

    def opened(**more):
        with transaction.atomic():
            return Alert.objects.create(location=store, **more)

    opened(kind=SHORTAGE, level=level)
    opened(kind=OVERDUE, document="ORD-000001")
    for wrong in (
        {"kind": SHORTAGE, "level": level},
        {"kind": OVERDUE, "document": "ORD-000001"},
        {"kind": OVERDUE, "level": level, "document": "ORD-000002"},
        {"kind": SHORTAGE, "level": level, "document": "ORD-000002"},
        {"kind": LOW, "level": level},
        {"kind": OVERDUE},
        {"kind": "lost", "level": level},
        {"kind": OUT, "level": level, "threshold": 1, "acknowledged_by": UserFactory()},
    ):
        with pytest.raises(IntegrityError):
            opened(**wrong)
    assert Alert.objects.count() == 2


# ------------------------------------------------------------------------------------------------ what it costs


def test_a_sale_pays_for_alerts_only_when_one_opens_or_resolves(store, manager, django_assert_num_queries):
    product = ProductFactory()
    dresses = [SkuFactory(product=product) for _ in range(50)]
    for dress in dresses:
        received(dress, store, 10, by=manager)
    thresholds.add(product=product, threshold=Decimal(5), location=store, by=manager)

    def sale(skus, quantity):
        return ledger.sell(location=store, lines=[line(sku, quantity) for sku in skus], document="SALE-1", by=manager)

    with django_assert_num_queries(4):
        sale(dresses, 1)
    with django_assert_num_queries(6):  # one opens them all, one has the news spread
        sale(dresses[1:], 5)
    with django_assert_num_queries(6):
        sale(dresses[:1], 5)
    with django_assert_num_queries(4):
        sale(dresses, 1)
    with django_assert_num_queries(5):  # nobody is told of what is well again
        ledger.receive(location=store, lines=[line(sku, 9) for sku in dresses], document="PO-1", by=manager)
    assert Alert.objects.filter(resolved_at__isnull=False).count() == 50


# ------------------------------------------------------------------------------------------------ over HTTP


def test_an_alert_says_what_the_shelf_says_now(dress, store, manager, as_):
    sell(dress, store, 6, manager)
    reserve(dress, store, 1, manager)

    (alert,) = rows(as_(manager))

    assert {name: alert[name] for name in alert if not name.endswith("_at")} == {
        "id": Alert.objects.get().pk,
        "kind": "low_stock",
        "sku": dress.pk,
        "sku_code": "DRS-RED-M",
        "product_name": "Dress",
        "location": store.pk,
        "location_code": "CENTRE",
        "on_hand": "4.000",
        "reserved": "1.000",
        "available": "3.000",
        "incoming": "0.000",
        "threshold": "5.000",
        "orders": [],
        "document": "",
        "acknowledged_by": None,
        "acknowledged_by_name": None,
        "acknowledged_note": "",
    }
    assert alert["resolved_at"] is alert["acknowledged_at"] is None
    (wide,) = rows(as_(manager), expand="sku,location")
    assert (wide["sku"]["code"], wide["location"]["code"]) == ("DRS-RED-M", "CENTRE")
    assert as_(manager).get(f"alerts/{alert['id']}/").json() == alert


def test_a_late_document_has_an_alert_without_a_shelf(store, manager, as_):
    alerts.overdue(document="ORD-000042", location=store)
    alerts.overdue(document="ORD-000042", location=store)

    (late,) = rows(as_(manager), open="true", expand="sku")
    assert (late["kind"], late["document"], late["location"]) == ("overdue", "ORD-000042", store.pk)
    assert late["sku"] is late["on_hand"] is late["available"] is late["threshold"] is None

    alerts.no_longer_overdue(document="ORD-000042")
    assert rows(as_(manager), open="true") == []
    alerts.overdue(document="ORD-000042", location=store)
    assert len(rows(as_(manager))) == 2


def test_each_sees_the_alerts_of_their_own_places(dress, store, other_store, manager, owner, viewer, as_):
    theirs = UserFactory(role=Role.MANAGER, places=[other_store])
    sell(dress, store, 6, manager)
    (alert,) = Alert.objects.all()

    assert [row["id"] for row in rows(as_(owner))] == [alert.pk]
    assert [row["id"] for row in rows(as_(viewer))] == [alert.pk]
    assert rows(as_(theirs)) == []
    assert as_(theirs).get(f"alerts/{alert.pk}/").status_code == 404
    assert as_(theirs).post(f"alerts/{alert.pk}/acknowledge/", {}).status_code == 404
    assert as_(UserFactory(role=Role.TAILOR, places=[store])).get("alerts/").status_code == 403


def test_alerts_are_found_by(dress, store, other_store, owner, as_):
    tie = SkuFactory(code="TIE")
    received(tie, other_store, 2)
    search.refresh_skus([tie.pk])
    reserve(tie, other_store, 2, owner)
    adjust(tie, other_store, -1, owner)
    sell(dress, store, 6, owner)
    received(dress, store, 6)
    client = as_(owner)

    def kinds(**asked):
        return [row["kind"] for row in rows(client, **asked)]

    assert kinds() == ["low_stock", "shortage"]
    assert kinds(open="true") == ["shortage"]
    assert kinds(open="false") == ["low_stock"]
    assert kinds(kind="low_stock") == ["low_stock"]
    assert kinds(sku=tie.pk) == kinds(product=tie.product_id) == kinds(location=other_store.pk) == ["shortage"]
    assert kinds(search="tie") == kinds(search="ord-000001") == ["shortage"]
    assert kinds(acknowledged="true") == []
    assert kinds(acknowledged="false", opened_before="2001-01-01T00:00:00Z") == []
    assert kinds(opened_after="2001-01-01T00:00:00Z", created_after="2001-01-01T00:00:00Z") == kinds()
    assert "count" not in client.get("alerts/").json()
    for wrong in ({"open": "maybe"}, {"kind": "lost"}, {"on_hand": "1"}, {"ordering": "on_hand"}, {"expand": "level"}):
        assert client.get("alerts/", wrong).status_code == 400, wrong


def test_a_page_of_alerts_costs_as_much_for_one_row_as_for_fifty(store, manager, as_, django_assert_num_queries):
    client, product = as_(manager), ProductFactory()
    thresholds.add(product=product, threshold=Decimal(5), location=store, by=manager)
    received(SkuFactory(product=product), store, 1)
    with django_assert_num_queries(2):
        assert len(rows(client, open="true", page_size=50, expand="sku,location")) == 1
    for _ in range(50):
        received(SkuFactory(product=product), store, 1)
    with django_assert_num_queries(2):
        assert len(rows(client, open="true", page_size=50, expand="sku,location")) == 50


def test_what_is_no_longer_sold_is_nobodys_work_unless_it_was_promised(dress, store, manager, as_):
    reserve(dress, store, 8, manager)
    adjust(dress, store, -5, manager)
    assert sorted(row["kind"] for row in rows(as_(manager), open="true")) == ["low_stock", "out_of_stock", "shortage"]

    variants.archive_sku(sku=dress, by=manager)

    assert [row["kind"] for row in rows(as_(manager), open="true")] == ["shortage"]
    variants.restore_sku(sku=dress, by=manager)
    assert len(rows(as_(manager), open="true")) == 3


def test_an_alert_is_acknowledged_by_whoever_says_so_first(dress, store, manager, clerk, viewer, as_):
    sell(dress, store, 6, manager)
    alert = Alert.objects.get()
    assert as_(viewer).post(f"alerts/{alert.pk}/acknowledge/", {}).status_code == 403

    answer = as_(clerk).post(f"alerts/{alert.pk}/acknowledge/", {"note": "Ten more are ordered."})
    again = as_(manager).post(f"alerts/{alert.pk}/acknowledge/", {"note": "Me too."})

    assert (answer.status_code, again.status_code) == (200, 200)
    body = again.json()
    assert (body["acknowledged_by"], body["acknowledged_note"]) == (clerk.pk, "Ten more are ordered.")
    assert body["acknowledged_by_name"] == clerk.get_full_name()
    assert body["resolved_at"] is None
    assert answer["ETag"] == again["ETag"]
    assert [row["id"] for row in rows(as_(manager), acknowledged="true", open="true")] == [alert.pk]
    assert as_(manager).post(f"alerts/{alert.pk}/acknowledge/", {"by": clerk.pk}).status_code == 400


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_nobody_writes_alerts_by_hand(method, dress, store, manager, as_):
    sell(dress, store, 6, manager)
    alert = Alert.objects.get()
    assert getattr(as_(manager), method)(f"alerts/{alert.pk}/", {"kind": "shortage"}).status_code == 405
    assert as_(manager).post("alerts/", {}).status_code == 405


# ------------------------------------------------------------------------------------------------ at the same moment


@pytest.fixture
def shop(transactional_db):
    """A store, its manager, thirty dresses, and 25 are too few."""
    place = LocationFactory()
    manager, dress = UserFactory(role=Role.MANAGER, places=[place]), SkuFactory()
    with transaction.atomic():
        received(dress, place, 30)
    limit(dress, 25, place)
    return place, manager, dress


def committed(work, **words):
    with transaction.atomic():
        return work(**words)


def test_twenty_sales_at_once_open_one_alert(shop):
    place, manager, dress = shop
    outcomes = at_once(
        *(partial(committed, sell, sku=dress, place=place, quantity=1, by=manager, number=n) for n in range(20))
    )
    assert errors_of(outcomes) == []
    assert all_alerts(dress) == {LOW: 1}
    assert list(checking.differences()) == []


def test_sales_and_deliveries_at_once_leave_the_alert_that_the_shelf_asks_for(shop):
    place, manager, dress = shop
    sales = [partial(committed, sell, sku=dress, place=place, quantity=6, by=manager, number=n) for n in range(5)]
    deliveries = [partial(committed, received, sku=dress, place=place, quantity=3) for _ in range(5)]
    mixed = [act for pair in zip(sales, deliveries, strict=True) for act in pair]
    assert errors_of(at_once(*mixed)) == []
    assert level_of(dress, place).available == 15
    assert LOW in open_alerts(dress)
    assert list(checking.differences()) == []


def test_a_sale_that_waits_for_a_threshold_sees_it(shop):
    place, manager, _dress = shop
    tie = SkuFactory()
    with transaction.atomic():
        received(tie, place, 5)

    while_waiting(lambda: limit(tie, 4, place), partial(committed, sell, sku=tie, place=place, quantity=1, by=manager))

    assert open_alerts(tie) == [LOW]


def test_a_threshold_that_waits_for_a_sale_sees_what_it_left(shop):
    place, manager, _dress = shop
    tie = SkuFactory()
    with transaction.atomic():
        received(tie, place, 5)

    while_waiting(lambda: sell(tie, place, 1, manager), lambda: limit(tie, 4, place))

    assert open_alerts(tie) == [LOW]


def test_one_of_ten_who_acknowledge_at_once_is_the_first(shop):
    place, manager, dress = shop
    committed(sell, sku=dress, place=place, quantity=10, by=manager)
    alert = Alert.objects.get()

    answers = at_once(
        *(partial(ApiClient(manager).post, f"alerts/{alert.pk}/acknowledge/", {"note": str(n)}) for n in range(10))
    )

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["acknowledged_note"] for answer in answers}) == 1


def test_a_document_found_late_by_ten_at_once_has_one_alert(shop):
    place, _manager, _dress = shop
    outcomes = at_once(*(partial(alerts.overdue, document="ORD-000042", location=place) for _ in range(10)))
    assert errors_of(outcomes) == []
    assert Alert.objects.filter(kind=OVERDUE).count() == 1
