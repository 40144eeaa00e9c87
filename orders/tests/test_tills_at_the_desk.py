"""Tills and baskets in the admin: opened, counted out, and looked at."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.tests.desk import list_of, messages_on, page_of, press
from orders.models import Basket, TillSession
from orders.services import tills
from orders.tests.factories import opened_till, ordered, paid, put_aside, work
from skus.tests.factories import SkuFactory

pytestmark = pytest.mark.django_db


def test_a_till_is_opened_filled_emptied_and_counted_out(desk, store, clerk):
    sent = {"location": store.pk, "register": "1", "opening_cash": "100.00"}
    answer = desk.post(reverse("admin:orders_tillsession_open_till"), sent, follow=True)
    till = TillSession.objects.get()
    assert messages_on(answer) == [f"{till} is open."]
    press(desk, till, "cash_in", amount="20.00", reason="Change")
    press(desk, till, "cash_out", amount="5.00", reason="Stamps")
    paid(ordered(store, work("100.00"), by=clerk), "60.00", clerk)

    page = desk.get(page_of(till)).content.decode()
    for words in ("175.00", "Stamps", "ORD-", "Cash"):
        assert words in page
    answer = press(desk, till, "close", counted="174.00", note="")
    assert TillSession.objects.get().is_open
    assert "say in" in answer.content.decode()
    press(desk, till, "close", counted="174.00", note="One short")

    till.refresh_from_db()
    assert (till.status, till.variance) == ("closed", Decimal("-1.00"))
    assert "One short" in desk.get(page_of(till)).content.decode()
    assert "-1.00" in desk.get(list_of(TillSession)).content.decode()


def test_a_till_that_nobody_counted_is_on_the_start_page(desk, store, clerk):
    words = "Tills not counted since yesterday"
    with time_machine.travel(timezone.now() - timedelta(hours=21), tick=False):
        opened_till(store, clerk)
    assert words in desk.get(reverse("admin:index")).content.decode()

    tills.close(session=TillSession.objects.get(), counted=Decimal("100.00"), by=clerk)
    assert words not in desk.get(reverse("admin:index")).content.decode()


def test_a_basket_is_looked_at_and_discarded(desk, store, clerk):
    basket = put_aside(store, SkuFactory(code="DRESS"), by=clerk, label="Blue coat, back at five")
    assert "Blue coat" in desk.get(list_of(Basket)).content.decode()
    assert "DRESS" in desk.get(page_of(basket)).content.decode()

    press(desk, basket, "discard")

    assert Basket.objects.get().status == "discarded"


def test_what_lies_elsewhere_is_not_shown(desk, other_store, owner):
    till, basket = opened_till(other_store, owner), put_aside(other_store, SkuFactory(), by=owner)
    for row in (till, basket):
        assert row.number not in desk.get(list_of(type(row))).content.decode()
        assert desk.get(page_of(row)).status_code in (302, 404)


def test_lists_cost_the_same_whatever_they_hold(desk, store, clerk, manager):
    def cost(model):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert desk.get(list_of(model)).status_code == 200
        return len(asked)

    put_aside(store, SkuFactory(), by=clerk)
    opened_till(store, clerk)
    before = cost(Basket), cost(TillSession)
    for register in "23":
        put_aside(store, SkuFactory(), by=manager)
        opened_till(store, manager, register=register)
    assert (cost(Basket), cost(TillSession)) == before
