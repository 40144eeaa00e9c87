"""Sales over the counter."""

from decimal import Decimal

import pytest

from inventory.models import StockLevel
from orders.models import Order
from orders.tests.factories import on_shelf

pytestmark = pytest.mark.django_db


@pytest.fixture
def dress(store, owner):
    return on_shelf(store, price="1500.00", by=owner)


@pytest.fixture
def scarf(store, owner):
    return on_shelf(store, price="1000.00", by=owner)


@pytest.fixture
def sell(as_, clerk, store):
    """`sell((dress, 2), cash="3000.00")`: the answer."""

    def post(*lines, client=None, key=None, cash=None, **more):
        body = {
            "location": store.pk,
            "lines": [{"sku": sku.pk, "quantity": str(quantity)} | dict(*words) for sku, quantity, *words in lines],
        } | more
        if cash is not None:
            body["payments"] = [{"method": "cash", "amount": cash}]
        key = {"HTTP_IDEMPOTENCY_KEY": key} if key else {}
        return (client or as_(clerk)).post("sales/", body, **key)

    return post


def test_a_sale_takes_goods_and_money_at_once(sell, dress, scarf, store):
    answer = sell((dress, 2), (scarf, 1), cash="3600.00", discount="400.00", key="a")
    assert answer.status_code == 201, answer.content
    sale = answer.json()
    print(sale)
    assert StockLevel.objects.get(sku=dress).on_hand == 8
    assert Order.objects.get(pk=sale["id"]).payment_status == "paid"


def test_story_of_returns(sell, dress, scarf, as_, clerk):
    sale = sell((dress, 2), (scarf, 1), cash="3600.00", discount="400.00", key="a").json()
    line = sale["lines"][0]["id"]
    for n, (status, amount) in enumerate(((201, "1350.00"), (201, "1350.00"), (409, None))):
        a = as_(clerk).post(
            f"sales/{sale['id']}/returns/", {"lines": [{"line": line, "quantity": "1"}]}, HTTP_IDEMPOTENCY_KEY=str(n)
        )
        assert a.status_code == status, a.content
        if amount:
            assert a.json()["total"] == amount
        else:
            assert a.json()["code"] == "return_exceeds_sold"
    print(as_(clerk).get(f"sales/{sale['id']}/").json())


def test_exchange(sell, dress, scarf, as_, clerk):
    sale = sell((dress, 1), cash="1500.00", key="a").json()
    line = sale["lines"][0]["id"]
    a = as_(clerk).post(
        f"sales/{sale['id']}/exchange/",
        {"lines": [{"line": line, "quantity": "1"}], "new_lines": [{"sku": scarf.pk, "quantity": "1"}]},
        HTTP_IDEMPOTENCY_KEY="x",
    )
    assert a.status_code == 201, a.content
    print(a.json())


def test_batch(dress, scarf, as_, clerk, store, django_assert_max_num_queries):
    sales = [
        {
            "location": store.pk,
            "client_id": f"c{i}",
            "occurred_at": "2026-11-28T10:00:00Z",
            "lines": [{"sku": dress.pk, "quantity": "1"}],
            "payments": [{"method": "cash", "amount": "1500.00" if i != 3 else "3.00"}],
        }
        for i in range(20)
    ]
    with django_assert_max_num_queries(40) as seen:
        a = as_(clerk).post("sales/batch/", {"sales": sales}, HTTP_IDEMPOTENCY_KEY="x")
    print(len(seen), a.json())
    assert a.status_code == 200, a.content
    assert a.json()["created"] == 19


@pytest.mark.parametrize("n", [1, 3, 50])
def test_statements(sell, as_, clerk, store, owner, n, django_assert_max_num_queries):
    skus = [on_shelf(store, price="10.00", by=owner) for _ in range(n)]
    client = as_(clerk)
    with django_assert_max_num_queries(100) as seen:
        a = sell(*((sku, 1) for sku in skus), cash=str(Decimal(10 * n)) + ".00", client=client, key="z")
    assert a.status_code == 201, a.content
    print("STATEMENTS", len(seen))
    for q in seen.captured_queries if n == 3 else []:
        print(q["sql"][:170])
