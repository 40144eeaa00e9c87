"""Many tills at the same moment, on real locks. Each of these was seen to fail with `select_for_update` taken out."""

import random
from decimal import Decimal
from functools import partial

import pytest
from django.db import connection, transaction

from accounts.roles import Role
from accounts.tests.factories import LocationFactory, UserFactory
from conftest import ApiClient
from inventory.models import StockLevel, StockMovement
from inventory.services import checking, counting, ledger, requesting, transferring
from inventory.services.lines import Goods
from inventory.tests.factories import line, received
from skus.tests.factories import SkuFactory
from tests.threads import at_once, errors_of, while_waiting

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def store():
    return LocationFactory()


@pytest.fixture
def till(store):
    return UserFactory(role=Role.MANAGER, places=[store])


@pytest.fixture(autouse=True)
def _adds_up():
    yield
    assert list(checking.differences()) == []


def committed(verb, **words):
    """One transaction, and no second try: a deadlock must not happen, rather than be mended."""
    with transaction.atomic():
        return verb(**words)


def stocked(store, quantity, sku=None):
    sku = sku or SkuFactory()
    committed(received, sku=sku, place=store, quantity=quantity)
    return sku


def sale(store, till, skus, number=1):
    return partial(
        committed,
        ledger.sell,
        location=store,
        lines=[line(sku, 1) for sku in skus],
        document=f"SALE-{number:06d}",
        by=till,
    )


def test_twenty_sellers_of_the_last_piece(store, till):
    dress = stocked(store, 1)

    outcomes = at_once(*(sale(store, till, [dress], number) for number in range(20)))

    assert errors_of(outcomes) == [ledger.NotEnoughStock] * 19
    assert StockLevel.objects.get().on_hand == 0
    assert StockMovement.objects.filter(reason="sale").count() == 1


def test_twenty_requests_for_the_last_piece(store, till):
    dress = stocked(store, 1)
    lost = {"location": store.pk, "reason": "loss", "lines": [{"sku": dress.pk, "change": "-1"}]}

    answers = at_once(*(partial(ApiClient(till).post, "stock/adjust/", lost) for _ in range(20)))

    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 19
    refused = [answer.json()["errors"][0]["params"]["on_hand"] for answer in answers if answer.status_code == 409]
    assert refused == ["0"] * 19


def test_a_hundred_pieces_and_a_hundred_and_twenty_buyers(store, till):
    dress = stocked(store, 100)

    def till_of_six(first):
        outcomes = []
        for number in range(first, first + 20):
            try:
                outcomes.append(sale(store, till, [dress], number)())
            except ledger.NotEnoughStock as refusal:
                outcomes.append(refusal)
        return outcomes

    outcomes = [one for some in at_once(*(partial(till_of_six, 20 * n) for n in range(6))) for one in some]

    assert len(errors_of(outcomes)) == 20
    assert StockMovement.objects.filter(reason="sale").count() == 100


def test_forty_baskets_in_opposite_orders_never_lock_one_another_out(store, till):
    dresses = [stocked(store, 40) for _ in range(5)]
    baskets = []
    for number in range(40):
        basket = list(dresses) if number % 2 else list(reversed(dresses))
        baskets.append(sale(store, till, basket, number))

    outcomes = at_once(*baskets)

    assert errors_of(outcomes) == []
    assert set(StockLevel.objects.values_list("on_hand", flat=True)) == {0}


def test_new_shelves_filled_in_opposite_orders_never_lock_one_another_out(store, till):
    shirts = [SkuFactory() for _ in range(6)]

    def delivery(number):
        mixed = random.Random(number).sample(shirts, len(shirts))  # noqa: S311 (an order, not a secret)
        lines = [line(shirt, 1) for shirt in mixed]
        return committed(ledger.receive, location=store, lines=lines, document=f"PO-{number}", by=till)

    outcomes = at_once(*(partial(delivery, number) for number in range(12)))

    assert errors_of(outcomes) == []
    assert set(StockLevel.objects.values_list("on_hand", flat=True)) == {12}


def test_a_promise_and_a_sale_race_for_the_last_piece(store, till):
    for number in range(5):
        dress = stocked(store, 1)
        promise = partial(
            committed, ledger.reserve, location=store, lines=[line(dress, 1)], document=f"ORD-{number}", by=till
        )

        outcomes = at_once(promise, sale(store, till, [dress], number))

        assert errors_of(outcomes) == [ledger.NotEnoughStock]
        level = StockLevel.objects.get(sku=dress)
        assert (level.on_hand, level.reserved) in {(1, 1), (0, 0)}


def test_a_sale_waits_for_the_one_before_and_sees_what_it_left(store, till):
    dress = stocked(store, 2)

    def first():
        ledger.sell(location=store, lines=[line(dress, 1)], document="SALE-1", by=till)

    (second,) = while_waiting(first, sale(store, till, [dress], 2))

    assert (second.sequence, second.on_hand_after) == (3, 0)


def test_goods_that_cross_on_the_road_never_lock_one_another_out(store, till):
    other = LocationFactory()
    dresses = [stocked(store, 20) for _ in range(3)]
    for dress in dresses:
        stocked(other, 20, dress)

    def trip(number):
        source, destination = (store, other) if number % 2 else (other, store)
        lines = [line(dress, 1) for dress in (dresses if number % 3 else reversed(dresses))]
        committed(ledger.ship, source=source, lines=lines, document=f"TRF-{number}", by=till)
        committed(ledger.arrive, destination=destination, lines=lines, document=f"TRF-{number}", by=till)

    outcomes = at_once(*(partial(trip, number) for number in range(12)))

    assert errors_of(outcomes) == []
    assert sum(StockLevel.objects.values_list("on_hand", flat=True)) == 120


def test_a_receipt_reversed_by_four_at_once_is_reversed_once(store, till):
    dress = stocked(store, 10)
    address = f"movements/{StockMovement.objects.get().pk}/reverse/"

    answers = at_once(*(partial(ApiClient(till).post, address, {}) for _ in range(4)))

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert StockLevel.objects.get(sku=dress).on_hand == 0


def test_first_stock_assigned_by_four_at_once_is_assigned_once(store, till):
    shirt = SkuFactory()
    first = {"location": store.pk, "lines": [{"sku": shirt.pk, "quantity": "5", "unit_cost": "10.00"}]}

    answers = at_once(*(partial(ApiClient(till).post, "stock/assign/", first) for _ in range(4)))

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert StockLevel.objects.get(sku=shirt).on_hand == 5


def test_what_waits_too_long_for_a_shelf_is_told_to_come_back(store, till):
    dress = stocked(store, 5)
    lost = {"location": store.pk, "reason": "loss", "lines": [{"sku": dress.pk, "change": "-1"}]}
    client = ApiClient(till)
    with transaction.atomic():
        ledger.sell(location=store, lines=[line(dress, 1)], document="SALE-1", by=till)
        (answer,) = at_once(partial(client.post, "stock/adjust/", lost))

    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert answer.headers["Retry-After"]
    assert StockLevel.objects.get().on_hand == 4
    assert connection.connection is not None


def test_two_managers_who_approve_at_once_let_the_goods_leave_once(store, till):
    dress, viewer = stocked(store, 5), UserFactory(role=Role.VIEWER, places=[store])
    other = UserFactory(role=Role.MANAGER, places=[store])
    asked = requesting.ask(location=store, lines=[Goods(sku=dress, quantity=Decimal(2))], by=viewer)

    answers = at_once(
        *(partial(ApiClient(person).post, f"stock-requests/{asked.pk}/approve/", {}) for person in (till, other))
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    level = StockLevel.objects.get(sku=dress)
    assert (level.on_hand, level.reserved) == (3, 0)
    assert StockMovement.objects.filter(reason="request").count() == 1


def test_two_owners_who_approve_a_transfer_at_once_ship_it_once(store, till):
    dress, warehouse = stocked(store, 5), LocationFactory()
    owners = [UserFactory(role=Role.ADMIN) for _ in range(2)]
    transfer = transferring.ask(
        source=store, destination=warehouse, lines=[Goods(sku=dress, quantity=Decimal(4))], by=till
    )
    address = f"transfers/{transfer.pk}/approve/"

    answers = at_once(*(partial(ApiClient(owner).post, address, {"ship": True}) for owner in owners))

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert StockLevel.objects.get(sku=dress, location=store).on_hand == 1


def test_the_last_box_of_a_transfer_is_received_once(store, till):
    dress, warehouse = stocked(store, 5), LocationFactory()
    owner = UserFactory(role=Role.ADMIN)
    transfer = transferring.ask(
        source=store, destination=warehouse, lines=[Goods(sku=dress, quantity=Decimal(5))], by=owner
    )
    transferring.ship(transfer=transfer, by=owner)
    keepers = [UserFactory(places=[warehouse]) for _ in range(3)]
    body = {"lines": [{"sku": dress.pk, "received": "5"}]}

    answers = at_once(
        *(partial(ApiClient(keeper).post, f"transfers/{transfer.pk}/receive/", body) for keeper in keepers)
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    assert StockLevel.objects.get(sku=dress, location=warehouse).on_hand == 5


def test_several_people_count_at_once_and_nothing_is_lost(store, till):
    skus = [stocked(store, 3) for _ in range(12)]
    count = counting.start(location=store, by=till)
    counters = [UserFactory(places=[store]) for _ in range(4)]

    def shelf(number):
        # Each has three of their own, and one that all of them count, in another order each.
        mine = [*skus[number * 3 : number * 3 + 3], skus[0]][:: 1 if number % 2 else -1]
        lines = [{"sku": sku.pk, "counted": "2"} for sku in dict.fromkeys(mine)]
        return ApiClient(counters[number]).post(f"stock-counts/{count.pk}/lines/", {"lines": lines})

    answers = at_once(*(partial(shelf, number) for number in range(4)))

    assert [answer.status_code for answer in answers] == [200] * 4
    assert sorted(count.lines.values_list("sku", flat=True)) == sorted(sku.pk for sku in skus)


def test_who_posts_waits_for_those_who_still_count(store, till):
    dress = stocked(store, 3)
    count = counting.start(location=store, by=till)

    def first():
        counting.add_lines(count=count, lines=[counting.Counted(sku=dress, counted=Decimal(1))], by=till)

    answer = while_waiting(first, partial(ApiClient(till).post, f"stock-counts/{count.pk}/post/", {}))

    assert answer.status_code == 200
    assert StockLevel.objects.get(sku=dress).on_hand == 1


def test_two_who_post_a_count_at_once_post_it_once(store, till):
    dress, other = stocked(store, 5), UserFactory(role=Role.MANAGER, places=[store])
    count = counting.start(location=store, by=till)
    counting.add_lines(count=count, lines=[counting.Counted(sku=dress, counted=Decimal(3))], by=till)

    answers = at_once(
        *(partial(ApiClient(person).post, f"stock-counts/{count.pk}/post/", {}) for person in (till, other))
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert StockLevel.objects.get(sku=dress).on_hand == 3


def test_a_shelf_counted_on_two_counts_at_once_is_on_one_of_them(store, till):
    dress = stocked(store, 5)
    counts = [counting.start(location=store, by=till) for _ in range(2)]
    body = {"lines": [{"sku": dress.pk, "counted": "3"}]}

    answers = at_once(*(partial(ApiClient(till).post, f"stock-counts/{count.pk}/lines/", body) for count in counts))

    assert sorted(answer.status_code for answer in answers) in ([200, 400], [200, 409])
    assert sum(count.lines.count() for count in counts) == 1
