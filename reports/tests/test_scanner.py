"""The scan page of the admin, and the API's views behind it."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from accounts.tests.factories import UserFactory
from inventory.models import StockAdjustment, StockLevel, StockMovement
from orders.models import Order
from orders.tests.factories import goods, on_shelf, opened_till, ordered, sold
from reports import scanner

pytestmark = pytest.mark.django_db
PAGE, STOCK, SALES, READ = (reverse(f"desk-{name}") for name in ("scan", "stock", "sell", "read"))


@pytest.fixture
def dress(store, manager):
    return on_shelf(store, price="90.00", by=manager)


@pytest.fixture
def desk(at_desk, manager):
    return at_desk(manager)


def send(desk, address, key="one", **sent):
    return desk.post(address, sent, content_type="application/json", headers={"Idempotency-Key": key})


def received(desk, dress, store, **more):
    return send(desk, STOCK, code=dress.code, action="receive", location=store.pk, **more)


def pieces(dress):
    return StockLevel.objects.get(sku=dress).on_hand


def test_the_page_offers_what_the_person_may_do_in_their_own_places(desk, store, other_store, manager, owner):
    till = opened_till(store, manager)
    opened_till(other_store, owner)

    page = desk.get(PAGE)

    assert [mode[0] for mode in page.context["modes"]] == ["look_up", "receive", "count", "sell"]
    assert page.context["told"]["places"] == {store.pk: str(store)}
    assert page.context["told"]["tills"] == {store.pk: [{"id": till.pk, "name": f"Till 1, {till.number}"}]}
    assert "unsafe-inline" not in page["Content-Security-Policy"].partition("script-src")[2].partition(";")[0]
    assert "<script>" not in page.text.partition('id="scan"')[2]


def test_who_works_nowhere_yet_is_told_so(at_desk):
    assert "You work in no place yet" in at_desk(UserFactory(role=Role.MANAGER)).get(PAGE).text


def test_a_scan_receives_as_the_api_does_and_a_repeat_does_no_harm(desk, dress, store):
    first = received(desk, dress, store, quantity="2")
    again = received(desk, dress, store, quantity="2")

    assert (first.status_code, first.json()["before"], first.json()["after"]) == (200, "10.000", "12.000")
    assert again.json() == first.json()
    assert pieces(dress) == 12
    assert StockAdjustment.objects.count() == 1


def test_a_sale_takes_the_goods_and_the_money_through_the_till(desk, dress, store, manager):
    till = opened_till(store, manager)
    lines, payments = [{"sku": dress.pk, "quantity": "2"}], [{"method": "cash", "amount": "180.00"}]

    sold = send(desk, SALES, location=store.pk, lines=lines, payments=payments, till_session=till.pk)

    assert (sold.status_code, sold.json()["total"]) == (201, "180.00")
    till.refresh_from_db()
    assert pieces(dress) == 8
    assert till.entries.get().amount == Decimal("180.00")


def test_any_code_can_be_looked_up_whatever_signs_it_has(desk, dress):
    assert desk.get(reverse("desk-look-up", kwargs={"code": dress.code})).json()["sku"] == dress.pk
    unknown = desk.get(reverse("desk-look-up", kwargs={"code": "A/B 7?"}))
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")


def test_nobody_scans_who_is_not_at_the_desk(client, as_, at_desk, dress, store, clerk, manager):
    sent = {"code": dress.code, "action": "receive", "location": store.pk}

    for browser in (client, at_desk(clerk)):  # nobody; somebody whom the admin does not admit
        assert browser.get(PAGE).status_code == 302
        assert browser.post(STOCK, sent, content_type="application/json").status_code == 401
        assert browser.post(READ).status_code == 401
    assert as_(manager).post(STOCK, sent).status_code == 401  # a token of the API is for the API
    assert pieces(dress) == 10


def test_a_forged_form_is_refused(dress, store, manager):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(manager)

    answer = received(browser, dress, store)

    assert answer.status_code == 403
    assert pieces(dress) == 10


def test_every_route_of_the_page_is_closed_to_other_places_and_to_nobody(desk, dress, store, other_store, owner):
    """A route that is added has no line here, and fails."""
    elsewhere = sold(other_store, goods(on_shelf(other_store, price="50.00", by=owner)), by=owner)
    order = ordered(other_store, by=owner)
    there = {"location": other_store.pk}
    sale = {"lines": [{"sku": dress.pk, "quantity": "1"}], "payments": [{"method": "cash", "amount": "90.00"}]}
    asked = {  # of each route: what is asked of it about another place, and how it answers
        "desk-scan": ({}, None, 200),  # says nothing of other places: see the test of the page
        "desk-look-up": ({"code": order.number}, None, 404),
        "desk-read": ({}, {}, 415),  # knows no places: it reads the codes of a picture
        "desk-stock": ({}, {"code": dress.code, "action": "receive"} | there, 404),
        "desk-sell": ({}, sale | there, 404),
        "desk-receipt": ({"pk": elsewhere.pk}, None, 404),
    }
    assert {route.name for route in scanner.urlpatterns} == set(asked)
    known = counted()

    for name, (words, sent, answer) in asked.items():
        address = reverse(name, kwargs=words)
        for browser, expected in ((desk, answer), (Client(), 302 if name == "desk-scan" else 401)):
            said = browser.get(address) if sent is None else send(browser, address, **sent)
            assert said.status_code == expected, name
    assert counted() == known
    assert pieces(dress) == 10


def counted():
    return Order.objects.count(), StockAdjustment.objects.count(), StockMovement.objects.count()


def test_what_a_role_may_not_do_is_neither_offered_nor_done(desk, dress, store, monkeypatch):
    from accounts import roles

    left = {name for name in roles.PERMISSIONS[Role.MANAGER] if name not in ("orders.add_sale",)}
    monkeypatch.setitem(roles.PERMISSIONS, Role.MANAGER, left)
    lines, payments = [{"sku": dress.pk, "quantity": "1"}], [{"method": "cash", "amount": "90.00"}]

    assert "sell" not in [mode[0] for mode in desk.get(PAGE).context["modes"]]
    assert send(desk, SALES, location=store.pk, lines=lines, payments=payments).status_code == 403
    assert pieces(dress) == 10


def test_the_routes_of_the_desk_are_no_part_of_the_api_document(owner, at_desk):
    assert "/admin/scan" not in at_desk(owner).get(reverse("schema")).text
