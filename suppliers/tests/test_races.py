"""Several people at the same order at the same moment, on real locks."""

from decimal import Decimal
from functools import partial

import pytest

from accounts.roles import Role
from accounts.tests.factories import LocationFactory, UserFactory
from boutique.errors import IllegalTransition
from conftest import ApiClient
from inventory.models import StockLevel, StockMovement
from inventory.services import checking
from skus.tests.factories import SkuFactory
from suppliers.models import PurchaseOrder, Receipt, SupplierSku
from suppliers.services import receiving
from suppliers.services.receiving import Came
from suppliers.tests.factories import SupplierFactory, SupplierSkuFactory, came, ordered
from tests.threads import at_once, errors_of, while_waiting

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def store():
    return LocationFactory()


@pytest.fixture
def clerks(store):
    return [UserFactory(role=Role.STAFF, places=[store]) for _ in range(6)]


@pytest.fixture(autouse=True)
def _adds_up():
    yield
    assert list(checking.differences()) == []


def test_the_last_parcel_is_received_once(store, clerks):
    order = ordered(SupplierFactory(), store, (SkuFactory(), 10, "5.00"))
    came(order, 6)
    parcel = {"lines": [{"line": order.lines.get().pk, "quantity": "4"}]}
    address = f"purchase-orders/{order.pk}/receive/"

    answers = at_once(*(partial(ApiClient(clerk).post, address, parcel) for clerk in clerks))

    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 5
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"illegal_transition"}
    assert StockLevel.objects.get().on_hand == 10
    assert Receipt.objects.count() == 2


def test_of_two_parcels_too_many_one_is_over(store, clerks):
    order = ordered(SupplierFactory(), store, (SkuFactory(), 10, "5.00"))
    parcel = {"lines": [{"line": order.lines.get().pk, "quantity": "6"}]}

    answers = at_once(
        *(partial(ApiClient(clerk).post, f"purchase-orders/{order.pk}/receive/", parcel) for clerk in clerks[:2])
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"over_receipt"}
    assert StockLevel.objects.get().on_hand == 6


def test_whoever_receives_waits_for_who_cancels(store, clerks):
    order = ordered(SupplierFactory(), store, (SkuFactory(), 10, "5.00"))
    owner = UserFactory(role=Role.ADMIN)
    line = Came(line=order.lines.get(), quantity=Decimal(10))

    def receive():
        try:
            return receiving.receive(order=order, lines=[line], by=clerks[0])
        except IllegalTransition as refusal:
            return refusal

    found = while_waiting(partial(receiving.ordering.cancel, order=order, by=owner), receive)

    assert isinstance(found, IllegalTransition)
    assert not StockMovement.objects.exists()


def test_a_delivery_is_reversed_once_and_never_locks_out_who_receives(store, clerks):
    order = ordered(SupplierFactory(), store, (SkuFactory(), 40, "5.00"))
    came(order, 5)
    owner = UserFactory(role=Role.ADMIN)
    reverse = f"movements/{StockMovement.objects.get().pk}/reverse/"
    parcel = {"lines": [{"line": order.lines.get().pk, "quantity": "1"}]}
    receive = f"purchase-orders/{order.pk}/receive/"

    answers = at_once(
        *(partial(ApiClient(owner).post, reverse, {}) for _ in range(3)),
        *(partial(ApiClient(clerk).post, receive, parcel) for clerk in clerks),
    )

    assert sorted(answer.status_code for answer in answers[:3]) == [200, 409, 409]
    assert {answer.status_code for answer in answers[3:]} == {200}
    order.refresh_from_db()
    assert (order.lines.get().received, StockLevel.objects.get().on_hand) == (6, 6)


def test_one_supplier_of_a_sku_is_preferred_however_many_say_so_at_once(store):
    kurta, owner = SkuFactory(), UserFactory(role=Role.ADMIN)
    prices = [SupplierSkuFactory(sku=kurta) for _ in range(4)]

    answers = at_once(
        *(partial(ApiClient(owner).patch, f"supplier-skus/{price.pk}/", {"is_preferred": True}) for price in prices)
    )

    assert [answer.status_code for answer in answers] == [200] * 4
    assert SupplierSku.objects.filter(is_preferred=True).count() == 1


def test_purchases_of_the_same_goods_in_opposite_orders_never_lock_one_another_out(store):
    skus, owner, mill = [SkuFactory() for _ in range(5)], UserFactory(role=Role.ADMIN), SupplierFactory()

    def purchase(number):
        mixed = skus if number % 2 else list(reversed(skus))
        lines = [{"sku": sku.pk, "quantity": "1", "unit_cost": "2.00"} for sku in mixed]
        return ApiClient(owner).post("purchases/", {"supplier": mill.pk, "location": store.pk, "lines": lines})

    answers = at_once(*(partial(purchase, number) for number in range(8)))

    assert errors_of(answers) == []
    assert {answer.status_code for answer in answers} == {201}
    assert set(StockLevel.objects.values_list("on_hand", flat=True)) == {8}
    assert PurchaseOrder.objects.count() == 8
