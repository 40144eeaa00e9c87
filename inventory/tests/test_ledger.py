"""The one door: what each verb does to a shelf, and what it refuses."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.tests.factories import LocationFactory, UserFactory
from boutique.errors import RuleError
from inventory.models import StockLevel, StockMovement
from inventory.services import ledger
from inventory.tests.factories import line, received
from skus.services import variants
from skus.tests.factories import ProductFactory, SkuFactory
from tests.threads import while_waiting

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
    product = ProductFactory()
    dresses = [SkuFactory(product=product) for _ in range(500)]
    received(dresses[0], store, 100)
    with django_assert_num_queries(4):
        ledger.sell(location=store, lines=[line(dresses[0], 1)], document="SALE-1", by=manager)
    with django_assert_num_queries(7):
        lines = [line(dress, 1, unit_cost=Decimal(1)) for dress in dresses]
        ledger.receive(location=store, lines=lines, document="PO-2", by=manager)
    with django_assert_num_queries(4):
        ledger.sell(location=store, lines=[line(dress, 1) for dress in dresses], document="SALE-2", by=manager)
    assert StockMovement.objects.count() == 1002


# ------------------------------------------------------------------------------------------------ what is refused


def refusal_of(verb, **words):
    with pytest.raises(RuleError) as refusal:
        verb(**words)
    return refusal.value


def test_what_was_promised_or_is_on_the_road_ends_though_the_sku_is_archived(store, other_store, manager):
    dress = SkuFactory()
    received(dress, store, 10)
    ledger.reserve(location=store, lines=[line(dress, 4)], document="ORD-1", by=manager)
    ledger.ship(source=store, lines=[line(dress, 2)], document="TRF-1", by=manager)
    variants.archive_sku(sku=dress, by=manager)

    for verb in (ledger.receive, ledger.sell, ledger.reserve):
        refused = refusal_of(
            verb, location=store, lines=[line(dress, 1, path="lines.0.quantity")], document="X", by=manager
        )
        assert refused.errors[0]["code"] == "inactive"
    ledger.issue(location=store, lines=[line(dress, 2)], document="ORD-1", by=manager)
    ledger.release(location=store, lines=[line(dress, 2)], document="ORD-1", by=manager)
    ledger.arrive(destination=other_store, lines=[line(dress, 2)], document="TRF-1", by=manager)
    ledger.take_back(location=store, lines=[line(dress, 1)], document="RET-1", by=manager)
    assert shelf(dress, store)[:2] == (7, 0)


def test_only_those_who_may_sell_what_the_book_does_not_know(store, manager, clerk):
    dress = SkuFactory()
    received(dress, store, 1, "40.00")
    sale = {"location": store, "lines": [line(dress, 3)], "document": "SALE-1", "found": True}
    assert refusal_of(ledger.sell, by=clerk, **sale).status == 403

    found, sold = ledger.sell(by=manager, **sale)

    assert (found.reason, found.on_hand_change, found.value_change) == ("found", 2, 80)
    assert (sold.on_hand_change, sold.on_hand_after, sold.value_after) == (-3, 0, 0)


def test_nothing_happens_tomorrow(store, manager):
    tomorrow = timezone.now() + timedelta(days=1)
    refused = refusal_of(
        ledger.receive, location=store, lines=[line(SkuFactory(), 1)], document="X", by=manager, occurred_at=tomorrow
    )
    assert refused.errors[0]["field"] == "occurred_at"


@pytest.mark.parametrize("more", [{"quantity": "0.0005"}, {"quantity": "1000001"}, {"value": "-5"}, {"value": "0.005"}])
def test_no_shelf_takes_what_is_no_quantity_or_no_money(more, store, manager):
    cloth = SkuFactory(product__unit="metre")
    given = {name: Decimal(text) for name, text in ({"quantity": "1"} | more).items()}
    refused = refusal_of(
        ledger.receive, location=store, lines=[ledger.Line(sku=cloth, **given)], document="X", by=manager
    )
    assert refused.status == 400


def test_a_document_gives_back_no_more_than_it_holds_on_however_many_lines(store, manager):
    dress = SkuFactory()
    received(dress, store, 10)
    ledger.reserve(location=store, lines=[line(dress, 3)], document="ORD-1", by=manager)
    twice = {"location": store, "lines": [line(dress, 2), line(dress, 2)], "document": "ORD-1", "by": manager}
    assert refusal_of(ledger.release, **twice).code == "not_held"
    assert refusal_of(ledger.issue, **twice).code == "not_held"


def test_elsewhere_is_neither_the_road_nor_a_place_that_has_closed(store, other_store, owner):
    dress = SkuFactory()
    for place in (store, other_store):
        received(dress, place, 2)
    ledger.ship(source=store, lines=[line(dress, 2)], document="TRF-1", by=owner)
    other_store.is_active = False
    other_store.save()
    refused = refusal_of(ledger.sell, location=store, lines=[line(dress, 1)], document="SALE-1", by=owner)
    assert refused.errors[0]["params"]["elsewhere"] == []


def test_a_shortage_counts_lines_and_not_both_ends_of_them(store, manager):
    dress, shirt = SkuFactory(), SkuFactory()
    received(dress, store, 1)
    refused = refusal_of(ledger.ship, source=store, lines=[line(dress, 1), line(shirt, 1)], document="T", by=manager)
    assert refused.detail == "1 of 2 lines cannot be supplied."


def test_an_archiving_that_was_waited_for_is_seen(transactional_db):
    place, dress = LocationFactory(), SkuFactory()
    person = UserFactory(role="admin")
    with transaction.atomic():
        received(dress, place, 5)

    def sale():
        with transaction.atomic():
            ledger.sell(location=place, lines=[line(dress, 1)], document="SALE-2", by=person)

    def first():
        ledger.sell(location=place, lines=[line(dress, 1)], document="SALE-1", by=person)
        variants.archive_sku(sku=dress, by=person)

    refused = while_waiting(first, lambda: refusal_of(sale))
    assert refused.errors[0]["code"] == "inactive"
