from decimal import Decimal

import factory

from accounts.roles import Role
from accounts.tests.factories import UserFactory
from skus.tests.factories import SkuFactory
from suppliers.models import Supplier, SupplierSku
from suppliers.services import ordering, receiving
from suppliers.services.ordering import Wanted
from suppliers.services.receiving import Came


class SupplierFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Supplier

    name = factory.Sequence(lambda n: f"Mill {n}")
    created_by = factory.SubFactory(UserFactory)


class SupplierSkuFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = SupplierSku

    supplier = factory.SubFactory(SupplierFactory)
    sku = factory.SubFactory(SkuFactory)
    unit_cost = "12.50"
    created_by = factory.SubFactory(UserFactory)


def buyer():
    return UserFactory(role=Role.ADMIN)


def drafted(supplier, place, *lines, by=None, **fields):
    """A draft of (sku, quantity, unit cost)."""
    wanted = [Wanted(sku=sku, quantity=Decimal(quantity), unit_cost=Decimal(cost)) for sku, quantity, cost in lines]
    return ordering.draft(supplier=supplier, location=place, lines=wanted, by=by or buyer(), **fields)


def ordered(supplier, place, *lines, by=None, **fields):
    """An order that the supplier has."""
    by = by or buyer()
    return ordering.send(order=drafted(supplier, place, *lines, by=by, **fields), by=by)


def came(order, *quantities, by=None, **more):
    """So many of its first, second, third line are received; None: nothing of that one."""
    lines = [
        Came(line=line, quantity=Decimal(quantity), **more)
        for line, quantity in zip(order.lines.order_by("pk"), quantities, strict=False)
        if quantity is not None
    ]
    return receiving.receive(order=order, lines=lines, by=by or buyer())


def said(answer, code=200):
    assert answer.status_code == code, answer.content
    return answer.json()


def codes_of(answer):
    return [(error["field"], error["code"]) for error in answer.json().get("errors", [])]
