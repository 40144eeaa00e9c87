"""Baskets put aside at the counter: they reserve nothing, are sold once, and expire."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from boutique.errors import IllegalTransition
from inventory.models import StockLevel
from inventory.tests.factories import received
from orders.models import Basket, Order
from orders.services import baskets, checking, selling
from orders.tests.factories import CustomerFactory, goods, on_shelf, put_aside
from skus import gtin
from skus.tests.factories import BarcodeFactory, ProductFactory, SkuFactory
from tests.threads import while_waiting

pytestmark = pytest.mark.django_db


@pytest.fixture
def dress(store):
    dress = SkuFactory(code="DRESS")
    received(dress, store, 3)
    return dress


def put(client, place, *lines, **more):
    return client.post("sales/hold/", {"location": place.pk, "lines": list(lines), **more})


# ------------------------------------------------------------------------------------------------ put aside


def test_a_basket_is_put_aside_taken_up_changed_and_discarded(store, clerk, manager, dress, as_):
    coat = SkuFactory()
    BarcodeFactory(sku=coat, value=gtin.gtin("4006381333931"), is_primary=True)
    customer = CustomerFactory(places=[store])
    made = put(
        as_(clerk),
        store,
        {"sku": dress.pk, "quantity": "2", "discount": "5.00"},
        {"barcode": "4006381333931", "quantity": "1", "unit_price": "80.00"},
        customer=customer.pk,
        label="Blue coat, back at five",
        discount="1.50",
    )
    assert made.status_code == 201, made.content
    path = f"sales/hold/{made.json()['id']}/"
    assert as_(manager).get(path).json() == made.json() | {"allowed_actions": ["change", "discard", "sell"]}
    told = made.json()
    assert (told["status"], told["customer_name"], told["discount"]) == ("held", customer.name, "1.50")
    shown = [(line["sku"], line["quantity"], line["unit_price"], line["discount"]) for line in told["lines"]]
    assert shown == [(dress.pk, "2.000", None, "5.00"), (coat.pk, "1.000", "80.00", "0.00")]
    level = StockLevel.objects.get(sku=dress)
    assert (level.on_hand, level.reserved) == (3, 0)

    changed = as_(manager).patch(path, {"label": "Tomorrow", "lines": [{"sku": dress.pk, "quantity": "1"}]}).json()
    assert (changed["label"], [line["quantity"] for line in changed["lines"]]) == ("Tomorrow", ["1.000"])
    assert as_(clerk).delete(path).status_code == 204
    assert as_(clerk).get(path).json()["status"] == "discarded"
    for again in (as_(clerk).delete(path), as_(clerk).patch(path, {"label": "x"})):
        assert (again.status_code, again.json()["code"]) == (409, "illegal_transition")
    kinds = [event["kind"] for event in as_(clerk).get(f"{path}timeline/").json()["results"]]
    assert kinds == ["discarded", "changed", "created"]
    assert list(checking.differences()) == []


def test_what_could_never_be_sold_is_refused(store, other_store, clerk, dress, as_):
    """What is sent, and which field is wrong in which way."""
    gone = SkuFactory(is_active=False)
    cases = [
        ([], {"lines": "empty"}),
        ([{"sku": dress.pk, "quantity": "0"}], {"lines.0.quantity": "min_value"}),
        ([{"sku": dress.pk, "quantity": "1.5"}], {"lines.0.quantity": "fraction"}),
        ([{"sku": dress.pk, "quantity": "1"}] * 2, {"lines.1.sku": "duplicate"}),
        ([{"quantity": "1"}, {"sku": dress.pk, "barcode": "x", "quantity": "1"}],
         {"lines.0.sku": "invalid", "lines.1.sku": "invalid"}),
        ([{"barcode": "4006381333931", "quantity": "1"}], {"lines.0.barcode": "not_found"}),
        ([{"sku": gone.pk, "quantity": "1"}], {"lines.0.sku": "inactive"}),
        ([{"sku": 10**9, "quantity": "1", "unit_price": "-1"}],
         {"lines.0.sku": "not_found", "lines.0.unit_price": "min_value"}),
        ([{"sku": dress.pk, "quantity": "1"}] * 501, {"lines": "max_length"}),
    ]  # fmt: skip
    for lines, wrong in cases:
        answer = put(as_(clerk), store, *lines)
        assert answer.status_code == 400, answer.content
        assert {one["field"]: one["code"] for one in answer.json()["errors"]} == wrong, lines[:2]
    line = {"sku": dress.pk, "quantity": "1"}
    assert put(as_(clerk), other_store, line).status_code == 404
    type(store).objects.filter(pk=store.pk).update(is_active=False)
    assert put(as_(clerk), store, line).json()["errors"][0]["field"] == "location"
    assert not Basket.objects.exists()


def test_a_cut_cloth_may_be_a_fraction(store, clerk, as_):
    cloth = SkuFactory(product=ProductFactory(unit="metre"))
    assert put(as_(clerk), store, {"sku": cloth.pk, "quantity": "1.25"}).status_code == 201


def test_people_see_the_baskets_of_their_places(store, other_store, clerk, owner, dress, as_):
    mine, other = put_aside(store, dress, by=clerk, label="Red coat"), put_aside(other_store, dress, by=owner)

    def found(query=""):
        return [row["id"] for row in as_(clerk).get(f"sales/hold/{query}").json()["results"]]

    assert found() == found("?status=held&search=red") == found(f"?search={mine.number}") == [mine.pk]
    assert found("?status=sold") == found("?search=blue") == []
    assert as_(clerk).get(f"sales/hold/{other.pk}/").status_code == 404


def test_lists_cost_the_same_whatever_they_hold(store, clerk, dress, as_, django_assert_num_queries):
    client = as_(clerk)
    put_aside(store, dress, by=clerk)
    client.get("sales/hold/")
    with django_assert_num_queries(4) as asked:
        client.get("sales/hold/")
    for _ in range(3):
        put_aside(store, dress, SkuFactory(), by=clerk)
    with django_assert_num_queries(len(asked)):
        assert len(client.get("sales/hold/").json()["results"]) == 4


# ------------------------------------------------------------------------------------------------ the end of it


def test_baskets_that_nobody_touched_expire(store, clerk, dress, settings):
    settings.BOUTIQUE_BASKET_DAYS = 3
    now = timezone.now()
    with time_machine.travel(now - timedelta(days=4), tick=False):
        old, touched, gone = (put_aside(store, dress, by=clerk) for _ in range(3))
        baskets.discard(basket=gone, by=clerk)
    with time_machine.travel(now - timedelta(days=2), tick=False):
        baskets.change(basket=touched, label="x", by=clerk)

    baskets.expire_old()

    states = dict(Basket.objects.values_list("pk", "status"))
    assert states == {old.pk: "expired", touched.pk: "held", gone.pk: "discarded"}
    assert list(checking.differences()) == []


def test_who_is_forgotten_stands_on_no_basket(store, owner, dress, as_):
    customer = CustomerFactory(places=[store])
    basket = put_aside(store, dress, by=owner, customer=customer, label="For Ada", note="Her number is on the slip")
    told = as_(owner).get(f"customers/{customer.pk}/export/").json()
    assert "Her number is on the slip" in str(told)

    assert as_(owner).post(f"customers/{customer.pk}/erase/", {}).status_code == 200

    basket.refresh_from_db()
    assert (basket.customer, basket.label, basket.note) == (None, "", "")


# ------------------------------------------------------------------------------------------------ sold


def sell(client, basket, *payments, **more):
    key = more.pop("key", "sell it")
    sent = {"payments": [{"method": method, "amount": amount} for method, amount in payments]} | more
    return client.post(f"sales/hold/{basket.pk}/sell/", sent, HTTP_IDEMPOTENCY_KEY=key)


@pytest.fixture
def dear(store, owner):
    return on_shelf(store, price="100.00", quantity=3, by=owner)


def test_a_basket_is_sold_as_it_lies_there_at_the_prices_of_now(store, clerk, dear, as_):
    customer = CustomerFactory(places=[store])
    basket = put_aside(store, dear, by=clerk, customer=customer, discount=Decimal("10.00"))
    dear.product.base_price = Decimal("110.00")
    dear.product.save()

    wrong = sell(as_(clerk), basket, ("cash", "90.00"))
    assert (wrong.status_code, wrong.json()["errors"][0]["params"]["due"]) == (400, "100.00")
    basket.refresh_from_db()
    assert (basket.status, StockLevel.objects.get(sku=dear).on_hand) == ("held", 3)
    made = sell(as_(clerk), basket, ("cash", "60.00"), ("card", "40.00"))

    assert made.status_code == 201, made.content
    sale = made.json()
    assert (sale["customer"], sale["total"], sale["discount"]) == (customer.pk, "100.00", "10.00")
    assert made.headers["Location"].endswith(f"/sales/{sale['id']}/")
    shown = as_(clerk).get(f"sales/hold/{basket.pk}/").json()
    assert (shown["status"], shown["sale"], shown["allowed_actions"]) == ("sold", sale["id"], [])
    assert StockLevel.objects.get(sku=dear).on_hand == 2
    again = sell(as_(clerk), basket, ("cash", "100.00"), key="another")
    assert (again.status_code, again.json()["code"]) == (409, "illegal_transition")
    assert sell(as_(clerk), basket, ("cash", "60.00"), ("card", "40.00")).content == made.content
    assert Order.objects.count() == 1
    assert list(checking.differences()) == []


def test_a_sale_needs_a_key_or_a_name_of_its_own(store, clerk, dear, as_):
    basket = put_aside(store, dear, by=clerk)
    refused = as_(clerk).post(f"sales/hold/{basket.pk}/sell/", {"payments": [{"method": "cash", "amount": "100.00"}]})
    assert (refused.status_code, refused.json()["code"]) == (400, "idempotency_key_required")
    sent = {"payments": [{"method": "cash", "amount": "100.00"}], "client_id": "till-7-1"}
    assert as_(clerk).post(f"sales/hold/{basket.pk}/sell/", sent).status_code == 201
    again = as_(clerk).post(f"sales/hold/{basket.pk}/sell/", sent)
    assert (again.status_code, again.json()["code"]) == (409, "duplicate")


def test_what_is_not_there_stays_in_the_basket(store, clerk, dear, as_):
    basket = baskets.hold(location=store, lines=[goods(dear, 4)], by=clerk)

    refused = sell(as_(clerk), basket, ("cash", "400.00"))

    assert (refused.status_code, refused.json()["code"]) == (409, "insufficient_stock")
    basket.refresh_from_db()
    assert (basket.status, basket.sale) == ("held", None)
    assert not Order.objects.exists()


def test_a_sale_may_name_the_basket_it_was(store, other_store, clerk, owner, dear, as_):
    """What was added at the till, or left out, is the sale's; the basket is done."""
    basket, elsewhere = put_aside(store, dear, by=clerk), put_aside(other_store, dear, by=owner)
    words = {
        "location": store.pk,
        "lines": [{"sku": dear.pk, "quantity": "2"}],
        "payments": [{"method": "cash", "amount": "200.00"}],
    }
    wrong = as_(owner).post("sales/", words | {"basket": elsewhere.pk}, HTTP_IDEMPOTENCY_KEY="0")
    assert [(one["field"], one["code"]) for one in wrong.json()["errors"]] == [("basket", "invalid")]
    hidden = as_(clerk).post("sales/", words | {"basket": elsewhere.pk}, HTTP_IDEMPOTENCY_KEY="0")
    assert [(one["field"], one["code"]) for one in hidden.json()["errors"]] == [("basket", "not_found")]

    made = as_(clerk).post("sales/", words | {"basket": basket.pk}, HTTP_IDEMPOTENCY_KEY="1")

    assert made.status_code == 201, made.content
    basket.refresh_from_db()
    assert (basket.status, basket.sale_id) == ("sold", made.json()["id"])
    again = as_(clerk).post("sales/", words | {"basket": basket.pk}, HTTP_IDEMPOTENCY_KEY="2")
    assert (again.status_code, again.json()["code"]) == (409, "illegal_transition")
    assert Order.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_sell_one_basket_one_does(store, owner):
    with transaction.atomic():
        dress = on_shelf(store, price="100.00", quantity=3, by=owner)
    basket = put_aside(store, dress, by=owner)

    def act():
        payments = [selling.Tender(method="cash", amount=Decimal("100.00"))]
        return selling.sell_basket(basket=basket, payments=payments, by=owner)

    def outcome():
        try:
            return act()
        except Exception as error:
            return error

    assert isinstance(while_waiting(act, outcome), IllegalTransition)
    assert Order.objects.count() == 1
    assert StockLevel.objects.get(sku=dress).on_hand == 2
