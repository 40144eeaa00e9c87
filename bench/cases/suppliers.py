"""Purchases: receiving a few lines and many, and a page of orders with what is still to come of each line."""

import functools
import itertools
from decimal import Decimal

from accounts.roles import Role
from bench import catalogue, shop
from bench.registry import Ask, case
from skus.models import Sku
from suppliers.models import Supplier
from suppliers.services import ordering
from suppliers.services.ordering import Wanted

ORDERS, LINES, ENDLESS = 25, 20, 500_000
shares = itertools.count()


@functools.cache
def mill():
    catalogue.small()
    catalogue.large()
    return Supplier.objects.create(name="Mill")


def order(place, first, lines, by):
    """Of these SKUs, so many pieces that they go on coming."""
    skus = Sku.objects.select_related("product").filter(pk__gt=first).order_by("pk")[:lines]
    wanted = [Wanted(sku=sku, quantity=Decimal(ENDLESS), unit_cost=Decimal("12.50")) for sku in skus]
    return ordering.send(order=ordering.draft(supplier=mill(), location=place, lines=wanted, by=by), by=by)


def received(lines):
    """Each client has an order, goods and a place of its own."""
    mill()
    place = shop.place()
    first = next(shares) * lines % (catalogue.many() - lines)
    made = order(place, first, lines, shop.person(Role.ADMIN))
    came = [{"line": pk, "quantity": "1", "rejected": "0"} for pk in made.lines.values_list("pk", flat=True)]
    token = shop.token(shop.person(Role.MANAGER, places=[place]))
    return lambda: Ask("POST", f"purchase-orders/{made.pk}/receive/", token, {"lines": came})


@case(queries=24)
def receive_1(client):
    """POST purchase-orders/{id}/receive/ with 1 line."""
    return received(1)


@case(queries=24)
def receive_500(client):
    """POST purchase-orders/{id}/receive/ with 500 lines."""
    return received(500)


@functools.cache
def a_page():
    mill()
    place, by = shop.place(), shop.person(Role.ADMIN)
    for number in range(ORDERS):
        order(place, number * LINES, LINES, by)
    return place


@case(queries=4)
def page_of_orders(client):
    """GET purchase-orders/: 25 of 20 lines each, with what is still to come."""
    place = a_page()
    token = shop.token(shop.person(Role.MANAGER, places=[place]))
    return lambda: Ask("GET", f"purchase-orders/?location={place.pk}", token)
