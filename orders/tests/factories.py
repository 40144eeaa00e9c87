import dataclasses
from datetime import timedelta
from decimal import Decimal

import factory
from django.utils import timezone

from accounts.tests.factories import UserFactory
from inventory.models import StockLevel
from inventory.tests.factories import received
from orders.models import Customer, CustomerPlace, MeasurementDefinition, MeasurementSet, MeasurementValue
from orders.services import baskets, ordering, paying, returning, selling, tills
from skus.models import Sku
from skus.tests.factories import ProductFactory, SkuFactory


class CustomerFactory(factory.django.DjangoModelFactory):
    """`places`: where they are known."""

    class Meta:
        model = Customer
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Customer {n}")
    created_by = factory.SubFactory(UserFactory)

    @factory.post_generation
    def places(self, create, places, **options):
        CustomerPlace.objects.bulk_create(CustomerPlace(customer=self, location=place) for place in places or ())


class MeasurementSetFactory(factory.django.DjangoModelFactory):
    """`sizes`: centimetres by the code of the dimension, a pair as (left, right)."""

    class Meta:
        model = MeasurementSet
        skip_postgeneration_save = True

    customer = factory.SubFactory(CustomerFactory)
    type = "shirt"
    version = factory.Sequence(lambda n: n + 1)
    created_by = factory.SubFactory(UserFactory)

    @factory.post_generation
    def sizes(self, create, sizes, **options):
        for code, value in (sizes or {"chest_girth": "92.00"}).items():
            pair = zip(("left", "right"), value, strict=True) if isinstance(value, tuple) else [("none", value)]
            for side, cm in pair:
                MeasurementValue.objects.create(
                    taken=self,
                    definition=MeasurementDefinition.objects.get(code=code),
                    side=side,
                    size=Decimal(cm),
                    entered=cm,
                )


def goods(sku, quantity=1, **more):
    """A line of an order, as its service is told of it."""
    sku = Sku.objects.select_related("product").get(pk=sku.pk)  # with its price as a number
    return {"sku": sku, "quantity": Decimal(quantity)} | more


def work(price="100.00", quantity=1, **more):
    return {
        "description": "Made to measure",
        "quantity": Decimal(quantity),
        "unit_price": Decimal(price),
    } | more


def ordered(place, *lines, by, customer=None, **more):
    """An order the only way it comes to be; plain work worth 100.00 unless lines are given."""
    return ordering.make(
        customer=customer or CustomerFactory(places=[place]),
        location=place,
        delivery_date=more.pop("delivery_date", timezone.localdate() + timedelta(days=14)),
        lines=list(lines) or [work()],
        by=by,
        **more,
    )


def paid(order, amount, by, **more):
    return paying.pay(order=order, amount=Decimal(amount), method="cash", by=by, **more)


def opened_till(place, by, opening_cash="100.00", **more):
    return tills.open_till(location=place, opening_cash=Decimal(opening_cash), by=by, **more)


def put_aside(place, *skus, by, **more):
    return baskets.hold(location=place, lines=[goods(sku) for sku in skus], by=by, **more)


def on_shelf(place, *, price="100.00", quantity=10, cost="40.00", by, **more):
    """A SKU at this price, and so many of it in the place."""
    sku = SkuFactory(product=ProductFactory(base_price=Decimal(price), **more))
    received(sku, place, quantity, cost, by=by)
    return sku


def sold(place, *lines, by, payments=None, **more):
    """A sale the only way it comes to be, paid in cash unless said otherwise."""
    lines = [line if isinstance(line, dict) else goods(line) for line in lines]
    wanted = selling.Wanted(location=place, lines=lines, **more)
    cost = Decimal(returning.price_of(wanted, by)) if payments is None else None
    tenders = [selling.Tender(method="cash", amount=cost)] if cost else payments or []
    return selling.sell(dataclasses.replace(wanted, payments=tenders), by=by)


def brought_back(sale, quantity=None, *, by, **more):
    """All of each line, or so many of each."""
    lines = [returning.Back(line=line.pk, quantity=Decimal(quantity or line.quantity)) for line in sale.lines.all()]
    return returning.take_back(sale=sale, lines=lines, by=by, **more)


def shelf(sku):
    level = StockLevel.objects.get(sku=sku)
    return int(level.on_hand), int(level.reserved)
