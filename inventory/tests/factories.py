from decimal import Decimal

import factory

from accounts.tests.factories import UserFactory
from inventory.models import LowStockThreshold
from inventory.services import ledger
from skus.tests.factories import SkuFactory


class LowStockThresholdFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = LowStockThreshold

    sku = factory.SubFactory(SkuFactory)
    threshold = Decimal(5)


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


def fields_of(answer):
    return [error["field"] for error in answer.json()["errors"]]
