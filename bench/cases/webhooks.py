"""Webhooks: that a sale costs no statement more for them, and what it costs to make deliveries of what happened."""

import dataclasses
import time
from decimal import Decimal

from django.db import connection, transaction

from accounts.roles import Role
from bench import processes, server, shop
from bench.cases import orders
from bench.registry import Found, case, study
from boutique import postgres
from inventory.services import ledger
from orders.services import selling
from orders.services.selling import Tender, Wanted
from skus.models import Product, Sku
from webhooks.models import Event, Webhook
from webhooks.services import reading, subscribing

LISTENERS, SALES = 5, 500
PRICE = Decimal(79)
LEAST_A_SECOND, MOST_STATEMENTS = 1000, 60


def listen():
    """Five webhooks that are told of everything, whatever was there before."""
    by = shop.person(Role.ADMIN)
    for number in range(LISTENERS - Webhook.objects.count()):
        subscribing.added(url=f"https://hooks{number}.example/", events=Event.values, by=by)


@case(queries=15, ratio=20)
def sale_told_to_5(client):
    """POST sales/ of three lines while five webhooks are told of everything: the statements of one without any."""
    listen()
    return orders.sale_of_3_lines(client)


@dataclasses.dataclass
class News:
    deliveries: int
    statements: int
    web_seconds: float
    database_seconds: float

    @property
    def a_second(self):
        return self.deliveries / (self.web_seconds + self.database_seconds)


@study
def news_of_500_sales():
    """What 500 sales wrote into the books, 1,000 rows, is read and becomes the deliveries of five webhooks."""
    with postgres.running(durable=False), server.own_database():
        listen()
        sell()
        told = read()
    connection.close()
    yield (
        f"{2 * SALES:,} rows became {told.deliveries:,} deliveries in {told.statements} statements,"
        f" {told.web_seconds:.2f} s of CPU in Python and {told.database_seconds:.2f} in PostgreSQL:"
        f" {told.a_second:,.0f} for each second"
    )
    broken = []
    if told.deliveries != 2 * SALES * LISTENERS:
        broken.append(f"{told.deliveries} deliveries, not one of each row for each webhook")
    if told.statements > MOST_STATEMENTS:
        broken.append(f"{told.statements} statements, over {MOST_STATEMENTS}")
    if told.a_second < LEAST_A_SECOND:
        broken.append(f"{told.a_second:,.0f} deliveries for each second of CPU, under {LEAST_A_SECOND:,}")
    yield Found([dataclasses.asdict(told)], broken)


def sell():
    """Sales of one line each, as a till sends them that was offline."""
    place, by = shop.place(), shop.person(Role.ADMIN)
    product = Product.objects.create(name="Shirt of the news", code="NEWS", base_price=PRICE, created_by=by)
    sku = Sku.objects.create(product=product, code="NEWS-M", size="M", size_order=1, created_by=by)
    with transaction.atomic():
        goods = [ledger.Line(sku=sku, quantity=Decimal(900_000), unit_cost=Decimal(40))]
        ledger.receive(location=place, lines=goods, document="PO-000001", by=by)
    reading.read()  # what came is old news
    line, paid = {"sku": sku, "quantity": Decimal(1)}, [Tender(method="card", amount=PRICE)]
    sales = [Wanted(location=place, lines=[line], payments=paid, client_id=f"news-{n}") for n in range(SALES)]
    for outcome in selling.sell_all(sales, by=by):
        if outcome.error:
            raise outcome.error


def read():
    statements = 0

    def count(execute, *statement):
        nonlocal statements
        statements += 1
        return execute(*statement)

    database = server.postmaster()
    before, began = processes.cpu_seconds(database) if database else 0, time.process_time()
    with connection.execute_wrapper(count):
        made = reading.read()
    seconds = time.process_time() - began
    theirs = processes.cpu_seconds(database) - before if database else 0
    return News(made, statements, seconds, theirs)
