"""The one door: what each verb does to a shelf, and what it refuses."""

from decimal import Decimal

import pytest

from inventory.models import StockLevel, StockMovement
from inventory.services import ledger
from inventory.tests.factories import line, received
from skus.tests.factories import SkuFactory

pytestmark = pytest.mark.django_db


def shelf(sku, place):
    level = StockLevel.objects.get(sku=sku, location=place)
    return level.on_hand, level.reserved, level.value, level.average_cost


def test_the_average_moves_with_what_comes_and_stays_with_what_goes(store, manager):
    dress = SkuFactory()
    received(dress, store, 10, "100.00")
    received(dress, store, 30, "120.00")
    assert shelf(dress, store) == (40, 0, Decimal("4600.00"), Decimal("115.0000"))

    (sold,) = ledger.sell(location=store, lines=[line(dress, 8)], document="SALE-000001", by=manager)
    assert sold.value_change == Decimal("-920.00")

    received(dress, store, 8, "140.00")
    assert shelf(dress, store)[2] == Decimal("4800.00")

    ledger.take_back(
        location=store, lines=[line(dress, 2, unit_cost=Decimal("115.00"))], document="RET-000001", by=manager
    )
    assert shelf(dress, store) == (42, 0, Decimal("5030.00"), Decimal("119.7619"))


def test_the_last_piece_takes_the_last_cent_along(store, manager):
    dress = SkuFactory()
    ledger.receive(location=store, lines=[line(dress, 3, value=Decimal("100.00"))], document="PO-000001", by=manager)
    taken = [
        ledger.sell(location=store, lines=[line(dress, 1)], document=f"SALE-{n}", by=manager)[0].value_change
        for n in range(3)
    ]
    assert taken == [Decimal("-33.33"), Decimal("-33.34"), Decimal("-33.33")]
    assert shelf(dress, store)[:3] == (0, 0, 0)


def test_a_promise_keeps_goods_from_everybody_else(store, manager):
    dress = SkuFactory()
    received(dress, store, 10)
    ledger.reserve(location=store, lines=[line(dress, 8)], document="ORD-000001", by=manager)

    with pytest.raises(ledger.NotEnoughStock) as refusal:
        ledger.sell(location=store, lines=[line(dress, 5, path="lines.0.quantity")], document="SALE-1", by=manager)

    params = refusal.value.errors[0]["params"]
    assert (params["requested"], params["on_hand"], params["reserved"], params["available"]) == ("5", "10", "8", "2")
    ledger.issue(location=store, lines=[line(dress, 8)], document="ORD-000001", by=manager)
    assert shelf(dress, store)[:2] == (2, 0)


def test_a_transfer_carries_its_cost_along(store, other_store, manager):
    dress = SkuFactory()
    received(dress, store, 3, "33.33")
    ledger.ship(source=store, lines=[line(dress, 3)], document="TRF-000001", by=manager)
    assert shelf(dress, ledger.road())[:3] == (3, 0, Decimal("99.99"))

    ledger.arrive(destination=other_store, lines=[line(dress, 3)], document="TRF-000001", by=manager)

    assert shelf(dress, other_store)[:3] == (3, 0, Decimal("99.99"))
    assert shelf(dress, ledger.road())[:3] == (0, 0, 0)


def test_as_many_statements_for_five_hundred_lines_as_for_one(store, manager, django_assert_num_queries):
    dresses = [SkuFactory() for _ in range(50)]
    received(dresses[0], store, 100)
    with django_assert_num_queries(3):
        ledger.sell(location=store, lines=[line(dresses[0], 1)], document="SALE-1", by=manager)
    with django_assert_num_queries(5):
        lines = [line(dress, 1, unit_cost=Decimal(1)) for dress in dresses]
        ledger.receive(location=store, lines=lines, document="PO-2", by=manager)
    with django_assert_num_queries(3):
        ledger.sell(location=store, lines=[line(dress, 1) for dress in dresses], document="SALE-2", by=manager)
    assert StockMovement.objects.count() == 102
