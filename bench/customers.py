"""200,000 customers of 50 stores, made by the database itself: every fourth is an Anna, one is called Zari4711."""

import functools
from datetime import timedelta
from decimal import Decimal

from django.db import connection, transaction
from django.utils import timezone

from accounts.roles import Role
from bench import shop
from inventory.services import ledger
from orders.models import Customer, MeasurementDefinition, MeasurementSet, MeasurementValue
from orders.services import ordering as services
from orders.services import tills
from skus.models import Product, Sku

MANY, PLACES = 200_000, 50


@functools.cache
def many():
    """The places they are known in; each knows every fiftieth, the first one half of all beside."""
    by, places = shop.person().pk, [shop.place() for _ in range(PLACES)]
    words = {"by": by, "many": MANY, "places": [place.pk for place in places], "count": PLACES}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        for statement in (CUSTOMERS, KNOWN, KNOWN_IN_THE_FIRST):
            cursor.execute(statement, words)
        cursor.execute("SELECT setval(pg_get_serial_sequence('orders_customer', 'id'), %(many)s)", words)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE orders_customer")
        cursor.execute("VACUUM ANALYZE orders_customerplace")
    return places


@functools.cache
def measured(place):
    """A customer with 50 versions of ten numbers."""
    by = shop.person()
    customer = Customer.objects.filter(places__location=place).first()
    sets = MeasurementSet.objects.bulk_create(
        MeasurementSet(customer=customer, type="shirt", version=version, created_by=by, updated_by=by)
        for version in range(1, 51)
    )
    definitions = MeasurementDefinition.objects.filter(kind="body", side="none")[:10]
    MeasurementValue.objects.bulk_create(
        MeasurementValue(taken=taken, definition=definition, size=definition.warn_min, entered=str(definition.warn_min))
        for taken in sets
        for definition in definitions
    )
    return customer


def soon():
    return str(timezone.localdate() + timedelta(days=14))


@functools.cache
def ordering():
    """A store with 1,000 open orders of three lines, and the ids of 200 SKUs of which it has plenty."""
    place, by = many()[0], shop.person(Role.ADMIN)
    product = Product.objects.create(name="Shirt of the orders", code="ORDERED", base_price="79.00", created_by=by)
    skus = Sku.objects.bulk_create(
        Sku(product=product, code=f"ORDERED-{n}", size=str(n), size_order=n, created_by=by) for n in range(200)
    )
    customer, work = Customer.objects.get(pk=PLACES), {"description": "Hem", "quantity": Decimal(1)}
    skus = list(Sku.objects.select_related("product").filter(pk__in=[sku.pk for sku in skus]).order_by("pk"))
    with transaction.atomic():
        goods = [ledger.Line(sku=sku, quantity=Decimal(900_000), unit_cost=Decimal(40)) for sku in skus]
        ledger.receive(location=place, lines=goods, document="PO-000001", by=by)
    for number in range(1000):
        lines = [{"sku": skus[(number + step) % 200], "quantity": Decimal(1)} for step in (0, 7)]
        services.make(
            customer=customer,
            location=place,
            delivery_date=timezone.localdate() + timedelta(days=number % 60),
            lines=[*lines, work | {"unit_price": Decimal("12.50")}],
            by=by,
        )
    return place, [sku.pk for sku in skus]


@functools.cache
def busy_till():
    """A till through which 1,000 payments went in a day."""
    place, by, now = shop.place(), shop.person(Role.ADMIN), timezone.now()
    till = tills.open_till(location=place, opening_cash=Decimal(150), by=by)
    takings = [
        tills.Taking(
            location=place,
            document=f"ALT-{number:06d}",
            method=("cash", "card", "transfer")[number % 3],
            amount=Decimal("25.00"),
            at=now + timedelta(seconds=number),
        )
        for number in range(1000)
    ]
    with transaction.atomic():
        tills.record(takings, by=by)
    return till


# As orders.services.customers.put_words makes them: all ends of the number, with and without its country.
ENDINGS = """(SELECT string_agg(substr('49' || digits, start), ' ') || ' 0' || digits
    FROM generate_series(1, length(digits) + 1) start)"""
MADE = """
    SELECT n AS id, (ARRAY['Anna', 'Bela', 'Chloe', 'Dilara'])[n %% 4 + 1] || ' Zari' || n AS name,
        'zari' || n || '@example.com' AS email, (40000000 + n)::text AS digits
    FROM generate_series(1, %(many)s) n"""
CUSTOMERS = f"""
    INSERT INTO orders_customer (id, name, email, phone, address, notes, is_active, search, search_by_name,
        created_at, updated_at, created_by_id, updated_by_id)
    SELECT id, name, email, '+49' || digits, '', '', true,
        to_tsvector('simple', lower(name) || ' zari' || id || ' example com ' || {ENDINGS}),
        to_tsvector('simple', lower(name)), now(), now(), %(by)s, %(by)s
    FROM ({MADE}) made"""  # noqa: S608 (constants of ours)
KNOWN = """
    INSERT INTO orders_customerplace (customer_id, location_id)
    SELECT n, (%(places)s::bigint[])[n %% %(count)s + 1] FROM generate_series(1, %(many)s) n"""
KNOWN_IN_THE_FIRST = """
    INSERT INTO orders_customerplace (customer_id, location_id)
    SELECT n, (%(places)s::bigint[])[1] FROM generate_series(1, %(many)s, 2) n ON CONFLICT DO NOTHING"""
