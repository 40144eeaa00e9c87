"""The shop played at random against a plain model of it: every level, promise, cost and refusal must agree."""

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

import pytest
from django.db import connection, transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from accounts.roles import Role
from accounts.tests.factories import LocationFactory, UserFactory
from boutique.errors import Invalid
from inventory.models import Reason, StockLevel
from inventory.services import checking, ledger
from skus.tests.factories import SkuFactory

pytestmark = pytest.mark.django_db

CENT = Decimal("0.01")
CLOTH = 2
things, places, orders = st.integers(0, 2), st.integers(0, 1), st.integers(0, 2)
amounts = st.integers(1, 12)
costs = st.integers(0, 30_000).map(lambda cents: Decimal(cents) / 100)
differences = st.integers(-8, 8).filter(bool)


def much(thing, number):
    """Cloth is cut to the millimetre."""
    return Decimal(number) * (Decimal("0.337") if thing == CLOTH else 1)


def rounded(number):
    return number.quantize(CENT, ROUND_HALF_UP)


class Model:
    """What a shelf is, in ten lines and without a database."""

    def __init__(self):
        self.on_hand = self.reserved = self.value = Decimal(0)
        self.cost = Decimal(0)

    def add(self, quantity, worth):
        self.on_hand += quantity
        self.value += worth
        if self.on_hand:
            self.cost = (self.value / self.on_hand).quantize(Decimal("0.0001"), ROUND_HALF_UP)

    def take(self, quantity):
        worth = self.value if quantity == self.on_hand else rounded(self.value * quantity / self.on_hand)
        self.add(-quantity, -worth)
        return worth


ROAD = 2


class Shop(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.savepoint = transaction.savepoint()
        self.person = UserFactory(role=Role.ADMIN)
        self.skus = [SkuFactory(), SkuFactory(), SkuFactory(product__unit="metre")]
        self.places = [LocationFactory(), LocationFactory(), ledger.road()]
        self.shelves = defaultdict(Model)
        self.held = defaultdict(Decimal)

    def teardown(self):
        connection.check_constraints()
        transaction.savepoint_rollback(self.savepoint)

    def line(self, thing, quantity, **more):
        return ledger.Line(sku=self.skus[thing], quantity=Decimal(quantity), path="lines.0.quantity", **more)

    def tried(self, verb, *, may=True, **words):
        """Does the door agree with the model on whether this may be?"""
        document = words.pop("document", "DOC-1")
        try:
            verb(document=document, by=self.person, **words)
        except (ledger.NotEnoughStock, ledger.NotHeld, ledger.WorthLess):
            assert not may
        else:
            assert may
        return may

    @rule(thing=things, place=places, quantity=amounts, cost=costs)
    def receive(self, thing, place, quantity, cost):
        quantity = much(thing, quantity)
        self.tried(ledger.receive, location=self.places[place], lines=[self.line(thing, quantity, unit_cost=cost)])
        self.shelves[thing, place].add(quantity, rounded(quantity * cost))

    @rule(thing=things, place=places, quantity=amounts, found=st.booleans())
    def sell(self, thing, place, quantity, found):
        quantity = much(thing, quantity)
        shelf = self.shelves[thing, place]
        missing = max(quantity - max(shelf.on_hand - shelf.reserved, Decimal(0)), Decimal(0))
        if self.tried(
            ledger.sell,
            may=found or not missing,
            location=self.places[place],
            lines=[self.line(thing, quantity)],
            found=found,
        ):
            if missing:
                shelf.add(missing, rounded(missing * shelf.cost))
            shelf.take(quantity)

    @rule(thing=things, place=places, quantity=amounts, cost=costs)
    def take_back(self, thing, place, quantity, cost):
        quantity = much(thing, quantity)
        worth = rounded(cost * quantity)
        line = self.line(thing, quantity, value=worth)
        self.tried(ledger.take_back, location=self.places[place], lines=[line])
        self.shelves[thing, place].add(quantity, worth)

    @rule(thing=things, place=places, quantity=amounts, order=orders)
    def reserve(self, thing, place, quantity, order):
        quantity = much(thing, quantity)
        shelf = self.shelves[thing, place]
        if self.tried(
            ledger.reserve,
            may=quantity <= shelf.on_hand - shelf.reserved,
            location=self.places[place],
            lines=[self.line(thing, quantity)],
            document=f"ORD-{order}",
        ):
            shelf.reserved += quantity
            self.held[thing, place, order] += quantity

    @rule(thing=things, place=places, quantity=amounts, order=orders)
    def release(self, thing, place, quantity, order):
        quantity = much(thing, quantity)
        if self.tried(
            ledger.release,
            may=quantity <= self.held[thing, place, order],
            location=self.places[place],
            lines=[self.line(thing, quantity)],
            document=f"ORD-{order}",
        ):
            self.shelves[thing, place].reserved -= quantity
            self.held[thing, place, order] -= quantity

    @rule(thing=things, place=places, quantity=amounts, order=orders)
    def issue(self, thing, place, quantity, order):
        quantity = much(thing, quantity)
        shelf = self.shelves[thing, place]
        if self.tried(
            ledger.issue,
            may=quantity <= self.held[thing, place, order] and quantity <= shelf.on_hand,
            location=self.places[place],
            lines=[self.line(thing, quantity)],
            document=f"ORD-{order}",
        ):
            shelf.take(quantity)
            shelf.reserved -= quantity
            self.held[thing, place, order] -= quantity

    @rule(
        thing=things,
        place=places,
        quantity=differences,
        reason=st.sampled_from([Reason.CORRECTION, Reason.COUNT]),
    )
    def adjust(self, thing, place, quantity, reason):
        quantity = much(thing, quantity)
        shelf = self.shelves[thing, place]
        if self.tried(
            ledger.adjust,
            may=shelf.on_hand + quantity >= 0,
            location=self.places[place],
            lines=[self.line(thing, quantity)],
            reason=reason,
        ):
            if quantity > 0:
                shelf.add(quantity, rounded(quantity * shelf.cost))
            else:
                shelf.take(Decimal(-quantity))

    @rule(thing=things, place=places, worth=st.integers(-60_000, 60_000).filter(bool))
    def revalue(self, thing, place, worth):
        worth = Decimal(worth) / 100
        shelf = self.shelves[thing, place]
        if self.tried(
            ledger.revalue,
            may=shelf.on_hand > 0 and shelf.value + worth >= 0,
            location=self.places[place],
            lines=[self.line(thing, 0, value=worth)],
        ):
            shelf.add(Decimal(0), worth)

    @rule(thing=things, place=places, quantity=amounts)
    def ship(self, thing, place, quantity):
        quantity = much(thing, quantity)
        shelf = self.shelves[thing, place]
        if self.tried(
            ledger.ship,
            may=quantity <= shelf.on_hand - shelf.reserved,
            source=self.places[place],
            lines=[self.line(thing, quantity)],
        ):
            self.shelves[thing, ROAD].add(quantity, shelf.take(Decimal(quantity)))

    @rule(thing=things, place=places, quantity=amounts)
    def arrive(self, thing, place, quantity):
        quantity = much(thing, quantity)
        road = self.shelves[thing, ROAD]
        if self.tried(
            ledger.arrive,
            may=quantity <= road.on_hand,
            destination=self.places[place],
            lines=[self.line(thing, quantity)],
        ):
            self.shelves[thing, place].add(quantity, road.take(Decimal(quantity)))

    @rule(place=places, basket=st.lists(st.tuples(things, amounts), min_size=2, max_size=4))
    def sell_a_basket(self, place, basket):
        """All lines or none, and one thing on two lines is still one shelf."""
        basket = [(thing, much(thing, number)) for thing, number in basket]
        left = {thing: self.shelves[thing, place] for thing, _ in basket}
        wanted = defaultdict(Decimal)
        for thing, quantity in basket:
            wanted[thing] += quantity
        may = all(wanted[thing] <= shelf.on_hand - shelf.reserved for thing, shelf in left.items())
        lines = [self.line(thing, quantity) for thing, quantity in basket]
        if self.tried(ledger.sell, may=may, location=self.places[place], lines=lines):
            for thing, quantity in basket:
                left[thing].take(Decimal(quantity))

    @rule(thing=st.integers(0, 1), place=places, quantity=st.sampled_from(["0", "-1", "0.5", "1.5"]))
    def nonsense(self, thing, place, quantity):
        with pytest.raises(Invalid):
            ledger.receive(
                location=self.places[place], lines=[self.line(thing, quantity)], document="DOC-1", by=self.person
            )

    @invariant()
    def every_level_agrees(self):
        there = {
            (level.sku_id, level.location_id): (level.on_hand, level.reserved, level.value, level.average_cost)
            for level in StockLevel.objects.all()
        }
        for (thing, place), shelf in self.shelves.items():
            expected = (shelf.on_hand, shelf.reserved, shelf.value, shelf.cost)
            nothing = (0, 0, 0, 0)
            assert there.get((self.skus[thing].pk, self.places[place].pk), nothing) == expected

    @precondition(lambda self: self.shelves)
    @rule()
    def the_ledger_adds_up(self):
        assert list(checking.differences()) == []


def test_the_shop_is_what_the_model_says():
    run_state_machine_as_test(
        Shop,
        settings=settings(max_examples=60, stateful_step_count=50),
    )
