"""Orders at random against a plain model of them: shelves, promises, money, and a timeline of all that happened."""

from decimal import Decimal

import pytest
from django.db import connection, transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from accounts.roles import Role
from accounts.tests.factories import LocationFactory, UserFactory
from boutique.errors import IllegalTransition
from boutique.models import DocumentEvent
from inventory.models import StockLevel
from inventory.services import checking
from inventory.services.ledger import NotEnoughStock
from inventory.tests.factories import received
from orders.models import Order
from orders.models.orders import STEPS
from orders.services import checking as books
from orders.services import ordering, paying
from orders.tests.factories import goods, ordered, paid, work
from skus.tests.factories import SkuFactory

pytestmark = pytest.mark.django_db

things, which, quantities = st.integers(0, 1), st.integers(0, 2), st.integers(1, 6)
wishes = st.lists(st.tuples(things, quantities, st.booleans()), min_size=1, max_size=3)


class Plain:
    """What an order is, without a database: what it wants of each thing, firmly or waiting, and what it holds."""

    def __init__(self, lines):
        self.lines, self.held, self.status, self.paid, self.events = lines, [0, 0], "pending", 0, 1

    def wanted(self, *, waiting):
        sums = [0, 0]
        for thing, quantity, may_wait in self.lines:
            sums[thing] += quantity if may_wait == waiting else 0
        return sums

    @property
    def total(self):
        return sum(10 * quantity for _thing, quantity, _waits in self.lines) + 5


class House(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.savepoint = transaction.savepoint()
        self.by, self.place = UserFactory(role=Role.ADMIN), LocationFactory()
        self.skus = [SkuFactory(product__base_price="10.00") for _ in range(2)]
        for sku in self.skus:
            received(sku, self.place, 8)
        self.on_hand = [8, 8]
        self.orders = []  # pairs: the order, and the model of it

    def teardown(self):
        connection.check_constraints()
        assert list(checking.differences()) == []
        assert list(books.differences()) == []
        transaction.savepoint_rollback(self.savepoint)

    def free(self, thing):
        return self.on_hand[thing] - sum(model.held[thing] for _order, model in self.orders)

    def sent(self, lines):
        return [goods(self.skus[thing], quantity, backorder=waits) for thing, quantity, waits in lines] + [work("5.00")]

    def hold(self, model, *, is_due=False):
        """What the shelves would hold for it; None if they cannot."""
        firm, waiting = model.wanted(waiting=False), model.wanted(waiting=True)
        held = []
        for thing in range(2):
            wanted = firm[thing] + waiting[thing]
            there = self.free(thing) + model.held[thing]
            if there < (wanted if is_due else firm[thing]) and model.held[thing] < (wanted if is_due else firm[thing]):
                return None
            held.append(min(wanted, max(there, 0)))
        return held

    def tried(self, act, *, may, of=NotEnoughStock):
        try:
            with transaction.atomic():
                done = act()
        except of:
            assert not may
            return None
        assert may
        return done

    def pick(self, number):
        return self.orders[number % len(self.orders)] if self.orders else (None, None)

    @rule(lines=wishes)
    def take_down(self, lines):
        model = Plain(lines)
        held = self.hold(model)
        order = self.tried(lambda: ordered(self.place, *self.sent(lines), by=self.by), may=held is not None)
        if order:
            model.held = held
            self.orders.append((order, model))

    @rule(number=which, lines=wishes)
    def change(self, number, lines):
        order, model = self.pick(number)
        if order is None or model.status not in ("pending", "confirmed"):
            return
        new = Plain(lines)
        new.held = model.held
        held = self.hold(new)
        if self.tried(lambda: ordering.change(order=order, lines=self.sent(lines), by=self.by), may=held is not None):
            model.lines, model.held, model.events = lines, held, model.events + 1

    @rule(number=which, status=st.sampled_from(Order.Status.values))
    def move(self, number, status):
        order, model = self.pick(number)
        if order is None:
            return
        if status not in STEPS.get(model.status, []):
            self.tried(lambda: ordering.move(order=order, status=status, by=self.by), may=False, of=IllegalTransition)
            return
        held = self.hold(model, is_due=True) if status == "completed" else [0, 0]
        if self.tried(lambda: ordering.move(order=order, status=status, by=self.by), may=held is not None):
            if status == "completed":
                for thing in range(2):
                    self.on_hand[thing] -= held[thing]
            if status in ("completed", "cancelled"):
                model.held = [0, 0]
            model.status, model.events = status, model.events + 1

    @rule(number=which)
    def ask_again(self, number):
        order, model = self.pick(number)
        if order is None or model.status not in STEPS:
            return
        held, lacks = self.hold(model), sum(quantity for _t, quantity, _w in model.lines) - sum(model.held)
        may = not lacks or held != model.held
        if self.tried(lambda: ordering.reserve(order=order, by=self.by), may=may) and lacks:
            model.held, model.events = held, model.events + 1

    @rule(number=which, amount=st.integers(1, 60), back=st.booleans())
    def pay(self, number, amount, back):
        order, model = self.pick(number)
        if order is None:
            return
        if back:
            act = lambda: paying.refund(order=order, method="cash", amount=Decimal(amount), by=self.by)  # noqa: E731
            may = amount <= model.paid
        else:
            act = lambda: paid(order, amount, self.by)  # noqa: E731
            may = model.status != "cancelled" and amount <= model.total - model.paid
        if self.tried(act, may=may, of=(paying.Overpayment, paying.RefundExceedsPaid, IllegalTransition)):
            model.paid += -amount if back else amount
            model.events += 1

    @rule(thing=things, quantity=quantities)
    def goods_come_in(self, thing, quantity):
        received(self.skus[thing], self.place, quantity)
        self.on_hand[thing] += quantity

    @invariant()
    def shelves_are_as_the_model_says(self):
        for thing, sku in enumerate(self.skus):
            level = StockLevel.objects.get(sku=sku)
            assert level.on_hand == self.on_hand[thing]
            assert level.reserved == sum(model.held[thing] for _order, model in self.orders)

    @invariant()
    def orders_are_as_the_model_says(self):
        for order, model in self.orders:
            order.refresh_from_db()
            assert (order.status, order.total, order.paid) == (model.status, model.total, model.paid)
            assert order.balance == model.total - model.paid
            assert DocumentEvent.objects.filter(document=order.number).count() == model.events


def test_orders_leave_shelves_and_money_as_a_plain_model_says():
    run_state_machine_as_test(
        House,
        settings=settings(max_examples=25, stateful_step_count=20),
    )
