"""Thresholds and alerts on the desk."""

from decimal import Decimal

import pytest
from django.contrib import admin
from django.urls import reverse

from accounts.roles import Role
from accounts.tests.desk import list_of, listed, messages_on, page_of, panels_on, press, typed
from accounts.tests.factories import UserFactory
from inventory.models import Alert, LowStockThreshold, StockLevel
from inventory.services import alerts, ledger, thresholds
from inventory.tests.factories import LowStockThresholdFactory, line, received
from skus.services import search
from skus.tests.factories import ProductFactory, SkuFactory

pytestmark = pytest.mark.django_db

ADD = "admin:inventory_lowstockthreshold_add"


@pytest.fixture
def desk(at_desk, manager):
    return at_desk(manager)


@pytest.fixture
def dress(store, manager):
    """Four in the manager's own store, and five are too few."""
    dress = SkuFactory(code="DRS-RED-M", product=ProductFactory(name="Dress"))
    search.refresh_skus([dress.pk])
    received(dress, store, 4, by=manager)
    thresholds.add(sku=dress, location=store, threshold=Decimal(5), by=manager)
    return dress


@pytest.fixture
def hidden(dress, other_store, owner):
    """The same in a place where the manager does not work."""
    received(dress, other_store, 3, by=owner)
    thresholds.add(sku=dress, location=other_store, threshold=Decimal(7), by=owner)
    return Alert.objects.get(location=other_store)


def tick(desk, *rows, **sent):
    ticked = {"action": "acknowledge_ticked", "_selected_action": [row.pk for row in rows], "select_across": "0"}
    return desk.post(list_of(Alert), ticked | sent, follow=True)


# ------------------------------------------------------------------------------------------------ thresholds


def test_a_threshold_is_made_changed_and_deleted_through_the_services(desk, dress, store, manager):
    tie = SkuFactory(code="TIE")
    received(tie, store, 2, by=manager)

    desk.post(reverse(ADD), {"sku": tie.pk, "product": "", "location": store.pk, "threshold": "2", "target": "9"})
    limit = LowStockThreshold.objects.get(sku=tie)
    assert (limit.threshold, limit.target, limit.created_by) == (2, 9, manager)
    assert Alert.objects.filter(level__sku=tie, resolved_at=None).count() == 1

    desk.post(page_of(limit), typed(desk, limit, threshold="1"))
    limit.refresh_from_db()
    assert (limit.threshold, limit.sku) == (1, tie)
    assert not Alert.objects.filter(level__sku=tie, resolved_at=None).exists()

    desk.post(page_of(limit, "delete"), {}, follow=True)
    assert not LowStockThreshold.objects.filter(pk=limit.pk).exists()


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        ({"sku": ""}, "Name either a SKU or a product."),
        ({"threshold": "1.5"}, "no fractions"),
        ({"threshold": "-1"}, "greater than or equal to 0"),
        ({"target": "1"}, "cannot be less than what is too little"),
        ({"location": ""}, "Name the place it is to hold in."),
    ],
)
def test_what_a_threshold_refuses_stands_on_the_page(sent, text, desk, store):
    tie = SkuFactory(code="TIE")
    whole = {"sku": tie.pk, "product": "", "location": store.pk, "threshold": "2", "target": ""}
    answer = desk.post(reverse(ADD), whole | sent, follow=True)
    assert text in answer.text
    assert not LowStockThreshold.objects.exists()


def test_a_manager_cannot_name_another_place_nor_see_its_thresholds(desk, dress, hidden, other_store):
    assert [limit.threshold for limit in listed(desk.get(list_of(LowStockThreshold)))] == [5]
    theirs = LowStockThreshold.objects.get(threshold=7)
    assert desk.get(page_of(theirs)).status_code == 302
    answer = desk.post(reverse(ADD), {"sku": dress.pk, "location": other_store.pk, "threshold": "1"})
    assert "Select a valid choice" in answer.text
    assert LowStockThreshold.objects.count() == 2


def test_thresholds_are_found_by_words_place_and_scope(at_desk, owner, dress, hidden, store):
    desk = at_desk(owner)
    of_product = LowStockThresholdFactory(sku=None, product=ProductFactory(name="Scarf"))
    search.refresh_products([of_product.product_id])

    def found(**asked):
        return [limit.threshold for limit in listed(desk.get(list_of(LowStockThreshold), asked))]

    assert found(location=store.pk) == found(location=store.pk, of="sku", q="drs") == [5]
    assert found(of="product") == found(q="scarf") == [of_product.threshold]
    assert len(found(of="x", location="x")) == 3


# ------------------------------------------------------------------------------------------------ alerts


def test_open_alerts_come_first(desk, dress, store, manager):
    tie = SkuFactory(code="TIE")
    received(tie, store, 1, by=manager)
    thresholds.add(sku=tie, location=store, threshold=Decimal(1), by=manager)
    received(tie, store, 9, by=manager)

    rows = listed(desk.get(list_of(Alert)))

    assert [(row.level.sku.code, row.is_open) for row in rows] == [("DRS-RED-M", True), ("TIE", False)]
    for asked, codes in (
        ({"state": "resolved"}, ["TIE"]),
        ({"state": "new"}, ["DRS-RED-M"]),
        ({"kind": "low_stock", "state": "open"}, ["DRS-RED-M"]),
        ({"kind": "shortage"}, []),
        ({"q": "drs-red"}, ["DRS-RED-M"]),
        ({"location": store.pk}, ["DRS-RED-M", "TIE"]),
    ):
        assert [row.level.sku.code for row in listed(desk.get(list_of(Alert), asked))] == codes, asked


def test_an_alert_is_acknowledged_on_its_page(desk, dress, store, manager):
    alerts.overdue(document="ORD-000042", location=store)
    for alert in Alert.objects.all():
        assert desk.get(page_of(alert)).status_code == 200
        answer = press(desk, alert, "acknowledge", note="Seen to.")
        assert "acknowledged." in messages_on(answer)[0]
        alert.refresh_from_db()
        assert (alert.acknowledged_by, alert.acknowledged_note) == (manager, "Seen to.")
        assert "is not possible" in messages_on(press(desk, alert, "acknowledge"))[0]


def test_ticked_alerts_are_acknowledged_at_once(desk, dress, hidden, store, manager):
    alerts.overdue(document="ORD-000042", location=store)
    mine = Alert.objects.filter(location=store)
    assert "Acknowledge: 2 alerts" in tick(desk, *mine, hidden).text

    tick(desk, *mine, hidden, answered="1", note="All of them.")

    assert set(mine.values_list("acknowledged_by", "acknowledged_note")) == {(manager.pk, "All of them.")}
    hidden.refresh_from_db()
    assert hidden.acknowledged_at is None
    assert messages_on(tick(desk, *mine)) == ["There is nothing left to acknowledge."]


def test_another_places_alerts_are_not_there(desk, dress, hidden):
    assert hidden not in listed(desk.get(list_of(Alert)))
    assert desk.get(page_of(hidden)).status_code == 302
    assert press(desk, hidden, "acknowledge").redirect_chain
    hidden.refresh_from_db()
    assert hidden.acknowledged_at is None


def test_the_start_page_says_what_waits(desk, dress, hidden, store, manager):
    alerts.overdue(document="ORD-000042", location=store)

    answer = desk.get(reverse("admin:index"))

    figures = {figure["title"]: figure["number"] for figure in answer.context["figures"]}
    assert (figures["Low stock"], figures["Overdue"]) == (1, 1)
    assert "Shortage" not in figures
    assert len(panels_on(answer)["New alerts"]) == 2
    page = admin.site._registry[Alert]
    request = answer.wsgi_request
    assert page.badge(request) == 2
    alerts.acknowledge(alert=Alert.objects.get(kind="overdue"), by=manager)
    assert page.badge(request) == 1


def test_a_levels_page_shows_its_threshold_and_its_open_alerts(desk, dress, store, manager):
    ledger.reserve(location=store, lines=[line(dress, 4)], document="ORD-000001", by=manager)
    ledger.count(location=store, lines=[line(dress, -1)], document="CNT-000001", by=manager)

    answer = desk.get(page_of(StockLevel.objects.get(sku=dress)))

    rows = panels_on(answer)["Open alerts"]
    assert [row[2] for row in rows] == ["ORD-000001", "-", "-"]
    shown = admin.site._registry[StockLevel].threshold_shown(answer.context["original"])
    assert (shown.startswith("5 "), "Low" in shown) == (True, True)


def test_lists_cost_as_many_queries_for_one_row_as_for_many(at_desk, owner, store, django_assert_max_num_queries):
    desk, product = at_desk(owner), ProductFactory()
    thresholds.add(product=product, threshold=Decimal(5), by=owner)
    queries = {Alert: [], LowStockThreshold: []}
    for _round in range(2):
        for _ in range(8):
            sku = SkuFactory(product=product)
            received(sku, store, 1)
            LowStockThresholdFactory(sku=sku, location=store)
        for model, numbers in queries.items():
            desk.get(list_of(model))
            with django_assert_max_num_queries(20) as counted:
                assert desk.get(list_of(model)).status_code == 200
            numbers.append(len(counted))
    for numbers in queries.values():
        assert numbers[0] == numbers[1]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("model", [Alert, StockLevel])
def test_lists_leave_as_sheets(form, model, desk, dress):
    answer = desk.get(reverse(f"admin:inventory_{model._meta.model_name}_{form}"))
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert answer.status_code == 200
    assert len(content) > 100


def test_those_who_may_not_use_the_desk_see_nothing_of_it(at_desk, store, dress):
    desk = at_desk(UserFactory(role=Role.STAFF, places=[store]))
    for model in (Alert, LowStockThreshold):
        assert desk.get(list_of(model)).status_code == 302
