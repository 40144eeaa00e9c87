"""Baskets put aside at the counter: they reserve nothing, are sold once, and expire."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from inventory.models import StockLevel
from inventory.tests.factories import received
from orders.models import Basket
from orders.services import baskets, checking
from orders.tests.factories import CustomerFactory, put_aside
from skus import gtin
from skus.tests.factories import BarcodeFactory, ProductFactory, SkuFactory

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
