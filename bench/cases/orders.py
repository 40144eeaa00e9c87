"""Customers and their measurements, in a house of 200,000 customers and 50 stores; their orders."""

import itertools

from django.utils import timezone

from accounts.roles import Role
from bench import customers, shop
from bench.registry import Ask, case

TAKEN = 20  # statements of a request that takes an order down, whatever its lines


def asking(path, role=Role.ADMIN, place=0):
    places = customers.many()
    token = shop.token(shop.person(role, places=[] if role == Role.ADMIN else [places[place]]))
    return lambda: Ask("GET", path, token)


@case(queries=6, ratio=30)
def page_of_customers(client):
    """GET customers/ as the owner, who sees all 200,000: a page of 25."""
    return asking("customers/")


@case(queries=6, ratio=60)
def customers_of_store(client):
    """GET customers/ as a clerk whose store knows half of them: a page of 25."""
    return asking("customers/", Role.STAFF)


@case(queries=7, ratio=30)
def customer_by_phone(client):
    """GET customers/?search= the digits of one in 200,000, in groups."""
    return asking("customers/?search=40%2000%2047%2012", Role.STAFF, place=12)


@case(queries=7, ratio=30)
def customer_by_name(client):
    """GET customers/?search= a first name and a rare last one."""
    return asking("customers/?search=dilara%20zari4711")


@case(queries=7, ratio=60)
def customers_common(client):
    """GET customers/?search= a name that every fourth has."""
    return asking("customers/?search=anna")


@case(queries=7, ratio=150)
def common_in_store(client):
    """GET customers/?search= a name that every fourth has, in a store that knows every fiftieth of them."""
    return asking("customers/?search=anna", Role.STAFF, place=12)


@case(queries=9, ratio=30)
def new_customer(client):
    """POST customers/ with a number that others have."""
    places = customers.many()
    token, numbers = shop.token(shop.person(places=[places[0]])), itertools.count()

    def ask():
        body = {"name": f"Eda {client} {next(numbers)}", "phone": "+49 40 000 047", "email": "zari11@example.com"}
        return Ask("POST", "customers/", token, body, expects=201)

    return ask


@case(queries=5, ratio=60)
def measurements(client):
    """GET measurements/?customer= of one with 50 versions of ten numbers; that it was looked at is written down."""
    place = customers.many()[7]
    customer = customers.measured(place)
    token = shop.token(shop.person(places=[place]))
    return lambda: Ask("GET", f"measurements/?customer={customer.pk}", token)


@case(queries=14, ratio=40)
def measure(client):
    """POST measurements/: the next version of three numbers, compared with the one before."""
    place = customers.many()[3]
    token, mine = shop.token(shop.person(Role.JUNIOR_DESIGNER, places=[place])), 3 + customers.PLACES * (client + 1)
    values = {"chest_girth": "92.5", "waist_girth": "74", "arm_length": {"left": "60", "right": "60.5"}}
    body = {"customer": mine, "type": "shirt", "wearer": f"Client {client}", "values": values}
    return lambda: Ask("POST", "measurements/", token, body, expects=201)


# ------------------------------------------------------------------------------------------------ orders


@case(queries=6, ratio=60)
def page_of_orders(client):
    """GET orders/?page_size=50&expand=customer,location of a store with 1,000 open orders of three lines."""
    place, _skus = customers.ordering()
    token = shop.token(shop.person(places=[place]))
    return lambda: Ask("GET", "orders/?page_size=50&expand=customer,location", token)


def taking(client, lines):
    place, skus = customers.ordering()
    token, turns = shop.token(shop.person(places=[place])), itertools.count()

    def ask():
        # Another customer and other goods each time, or it would measure how long clients wait for each other.
        turn = next(turns)
        named = [{"sku": skus[(turn * lines + number) % len(skus)], "quantity": "1"} for number in range(lines)]
        customer = 1 + 2 * (client * 10_000 + turn)  # every second one is known there
        body = {"customer": customer, "location": place.pk, "delivery_date": customers.soon(), "lines": named}
        return Ask("POST", "orders/", token, body, expects=201)

    return ask


@case(queries=TAKEN, ratio=40)
def order_of_one_line(client):
    """POST orders/ of one line: priced, held, written into the timeline."""
    return taking(client, 1)


@case(queries=TAKEN, ratio=120)
def order_of_20_lines(client):
    """POST orders/ of twenty lines: as many statements as for one."""
    return taking(client, 20)


# ------------------------------------------------------------------------------------------------ the till


@case(queries=4, ratio=25)
def till_report(client):
    """GET till-sessions/{id}/report/ of a day with 1,000 payments: added up by means of payment and by day."""
    till = customers.busy_till()
    token = shop.token(shop.person(Role.MANAGER, places=[till.location]))
    return lambda: Ask("GET", f"till-sessions/{till.pk}/report/", token)


@case(queries=10, ratio=30)
def basket_put_aside(client):
    """POST sales/hold/ of three lines."""
    place, skus = customers.ordering()
    token, turns = shop.token(shop.person(places=[place])), itertools.count()

    def ask():
        turn = next(turns)
        lines = [{"sku": skus[(turn * 3 + number) % len(skus)], "quantity": "1"} for number in range(3)]
        return Ask("POST", "sales/hold/", token, {"location": place.pk, "lines": lines}, expects=201)

    return ask


# ------------------------------------------------------------------------------------------------ sales


def selling(client, say):
    """`say(turn, skus)`: what is asked next, of a store that has plenty of 200 SKUs at 79.00."""
    place, skus = customers.ordering()
    token, turns = shop.token(shop.person(places=[place])), itertools.count()

    def sale(name, goods):
        return {
            "location": place.pk,
            "client_id": f"{client}-{name}",
            "lines": [{"sku": sku, "quantity": "1"} for sku in goods],
            "payments": [{"method": "card", "amount": f"{79 * len(goods)}.00"}],
        }

    def ask():
        path, body, status = say(sale, next(turns), skus)
        key = {"Idempotency-Key": f"{client}-{next(keys)}"}
        return Ask("POST", path, token, body, headers=key, expects=status)

    keys = itertools.count()
    return ask


def next_goods(skus, number, lines=3):
    return [skus[(number * lines + step) % len(skus)] for step in range(lines)]


@case(queries=16, ratio=20)
def sale_of_3_lines(client):
    """POST sales/ of three lines with a key and a client_id: priced, taken from the shelf, paid, noted in the till."""
    return selling(client, lambda sale, turn, skus: ("sales/", sale(turn, next_goods(skus, turn)), 201))


@case(queries=16, grown_from="sale-of-3-lines", growth=2.5)
def sale_of_50_lines(client):
    """POST sales/ of fifty lines: as many statements as for three."""
    return selling(client, lambda sale, turn, skus: ("sales/", sale(turn, next_goods(skus, turn, 50)), 201))


@case(queries=16, grown_from="sale-of-3-lines", growth=1.2)
def sale_of_the_hot(client):
    """POST sales/ of the same SKU, by all clients: they wait for each other, and it costs no more."""
    return selling(client, lambda sale, turn, skus: ("sales/", sale(turn, skus[:1]), 201))


@case(queries=30, grown_from="sale-of-3-lines", growth=50)
def batch_of_500_sales(client):
    """POST sales/batch/ of 500 sales of three lines: for at most the tenth of what they cost one by one."""

    def batch(sale, turn, skus):
        numbers, own = (
            range(turn * 500, turn * 500 + 500),
            skus[client % 4 :: 4],
        )  # or it would measure how long they wait
        moment = {"occurred_at": timezone.now().isoformat()}
        sales = [sale(f"b{number}", next_goods(own, number)) | moment for number in numbers]
        return "sales/batch/", {"sales": sales}, 200

    return selling(client, batch)
