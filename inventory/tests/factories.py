from decimal import Decimal

from accounts.tests.factories import UserFactory
from inventory.services import ledger


def line(sku, quantity, **more):
    return ledger.Line(sku=sku, quantity=Decimal(quantity), **more)


def received(sku, place, quantity, unit_cost="40.00", by=None):
    """Goods on the shelf, the only way they come there; the movement."""
    (movement,) = ledger.receive(
        location=place,
        lines=[line(sku, quantity, unit_cost=Decimal(unit_cost))],
        document="PO-000001",
        by=by or UserFactory(),
    )
    return movement
