"""Two people at one order, or at the last piece, at the same moment: on real locks."""

from decimal import Decimal

import pytest
from django.db import transaction

from accounts.roles import Role
from accounts.tests.factories import LocationFactory, UserFactory
from boutique.errors import IllegalTransition
from inventory.services import checking
from inventory.services.ledger import NotEnoughStock
from inventory.tests.factories import received
from orders.models import Order, Payment
from orders.services import ordering, paying
from orders.tests.factories import CustomerFactory, goods, ordered, paid, shelf, work
from skus.tests.factories import SkuFactory
from tests.threads import at_once, errors_of, while_waiting

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def place():
    return LocationFactory()


@pytest.fixture
def by():
    return UserFactory(role=Role.ADMIN)


@pytest.fixture
def dress(place):
    dress = SkuFactory()
    stocked(dress, place, 10)
    return dress


def stocked(sku, place, quantity):
    with transaction.atomic():
        received(sku, place, quantity)


def test_of_two_who_complete_an_order_one_does(place, by, dress):
    order = ordered(place, goods(dress, 3), by=by)
    ordering.move(order=order, status="in_progress", by=by)

    def complete():
        return ordering.move(order=order, status="completed", by=by)

    outcome = while_waiting(complete, lambda: outcome_of(complete))

    assert isinstance(outcome, IllegalTransition)
    assert shelf(dress) == (7, 0)
    assert list(checking.differences()) == []


def outcome_of(act):
    try:
        return act()
    except Exception as error:
        return error


def test_of_two_who_pay_the_last_balance_one_does(place, by):
    order = ordered(place, work("100.00"), by=by)

    outcome = while_waiting(lambda: paid(order, "100.00", by), lambda: outcome_of(lambda: paid(order, "100.00", by)))

    assert isinstance(outcome, paying.Overpayment)
    assert Payment.objects.count() == 1
    assert Order.objects.get().paid == 100


def test_the_last_piece_is_promised_once(place, by):
    last = SkuFactory()
    stocked(last, place, 1)
    customers = [CustomerFactory(places=[place]) for _ in range(6)]
    line = goods(last)

    outcomes = at_once(*[lambda c=customer: ordered(place, line, by=by, customer=c) for customer in customers])

    assert errors_of(outcomes) == [NotEnoughStock] * 5
    assert shelf(last) == (1, 1)


def test_two_who_change_the_lines_of_one_order_come_one_after_the_other(place, by, dress):
    order = ordered(place, goods(dress, 5), by=by)
    line = order.lines.get()

    def change(quantity):
        ordering.change(order=order, lines=[{"id": line.pk, "quantity": Decimal(quantity)}], by=by)

    while_waiting(lambda: change(2), lambda: change(9))

    assert (order.lines.get().quantity, shelf(dress)) == (9, (10, 9))


def test_orders_that_swap_goods_do_not_wait_crosswise(place, by):
    """Each lets one thing go and takes another, the other way round."""
    one, two = SkuFactory(), SkuFactory()
    for sku in (one, two):
        stocked(sku, place, 100)
    orders = [ordered(place, goods(sku, 1), by=by) for sku in (one, two) * 3]

    def swap(order):
        def act():
            for _ in range(6):
                line = order.lines.select_related("sku").get()
                other = goods(two if line.sku == one else one, 1)
                ordering.change(order=order, lines=[{"id": line.pk, "sku": other["sku"]}], by=by)

        return act

    outcomes = at_once(*(swap(order) for order in orders))

    assert errors_of(outcomes) == []
    assert list(checking.differences()) == []


def test_who_cancels_while_another_completes_finds_it_closed(place, by, dress):
    order = ordered(place, goods(dress, 3), by=by)
    ordering.move(order=order, status="in_progress", by=by)

    outcome = while_waiting(
        lambda: ordering.cancel(order=order, reason="x", by=by),
        lambda: outcome_of(lambda: ordering.move(order=order, status="completed", by=by)),
    )

    assert isinstance(outcome, IllegalTransition)
    assert shelf(dress) == (10, 0)
