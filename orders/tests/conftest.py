"""What a till needs in a test: goods on the shelf, and one call that sells."""

import itertools

import pytest

from accounts.roles import Role
from accounts.tests.factories import UserFactory
from inventory.services import checking as ledger_checking
from orders.services import checking
from orders.tests.factories import on_shelf


@pytest.fixture
def junior(store):
    return UserFactory(username="junior", role=Role.JUNIOR_DESIGNER, places=[store])


@pytest.fixture
def desk(at_desk, manager):
    return at_desk(manager)


@pytest.fixture
def dress(store, owner):
    return on_shelf(store, price="1500.00", by=owner)


@pytest.fixture
def scarf(store, owner):
    return on_shelf(store, price="1000.00", by=owner)


@pytest.fixture
def post(as_, clerk):
    """`post("sales/", body)`: as the clerk unless said otherwise, with a key of its own unless said otherwise."""
    numbers, clients = itertools.count(), {}

    def send(path, body, *, by=None, key=""):
        by = by or clerk
        client = clients.get(by.pk) or clients.setdefault(by.pk, as_(by))
        header = {} if key is None else {"HTTP_IDEMPOTENCY_KEY": key or f"key-{next(numbers)}"}
        return client.post(path, body, **header)

    return send


@pytest.fixture
def sell(post, store):
    """`sell((dress, 2), cash="3000.00")`: the answer. A third of a line are its other words."""

    def send(*lines, by=None, key="", cash=None, **more):
        body = {"location": store.pk, "lines": [line_of(*line) for line in lines]} | more
        if cash is not None:
            body["payments"] = [{"method": "cash", "amount": cash}]
        return post("sales/", body, by=by, key=key)

    return send


def line_of(sku, quantity=1, words=()):
    return {"sku": sku.pk, "quantity": str(quantity)} | dict(words)


@pytest.fixture
def books_add_up():
    """Asked at the end: neither the ledger nor the orders differ from what they are made of."""
    return lambda: [*ledger_checking.differences(), *checking.differences()] == []
