"""Many tills at the same moment, on real locks, through the API; and a web server that is killed again and again."""

import contextlib
import http.client
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from decimal import Decimal
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from bench import processes
from boutique import postgres
from boutique.models import DocumentEvent, IdempotencyKey
from conftest import ApiClient
from inventory.models import StockLevel, StockMovement
from orders.models import Order, Payment, SaleReturn
from orders.services import privacy
from orders.tests.conftest import line_of
from orders.tests.factories import CustomerFactory, goods, on_shelf, sold
from tests.threads import at_once, while_waiting

pytestmark = pytest.mark.django_db(transaction=True)


def shirt_in(store, quantity, owner):
    with transaction.atomic():
        return on_shelf(store, price="10.00", quantity=quantity, by=owner)


def selling(person, place, *lines, **more):
    """An act: this person sells these at 10.00 each; the status and the body of the answer."""
    body = {"location": place.pk, "lines": [line_of(*line) for line in lines]} | more
    body["payments"] = [{"method": "cash", "amount": f"{10 * sum(quantity for _sku, quantity in lines)}.00"}]
    client = ApiClient(person)

    def act():
        answer = client.post("sales/", body)
        return answer.status_code, answer.json()

    return act


def test_the_last_piece_is_sold_once_by_twenty_tills(store, owner, clerk, books_add_up):
    last = shirt_in(store, 1, owner)

    outcomes = at_once(*(selling(clerk, store, (last, 1), client_id=f"till-{number}") for number in range(20)))

    assert sorted(status for status, _body in outcomes) == [201] + [409] * 19
    refusals = [body for status, body in outcomes if status == 409]
    assert {(body["code"], body["errors"][0]["params"]["available"]) for body in refusals} == {
        ("insufficient_stock", "0")
    }
    assert (StockLevel.objects.get().on_hand, Order.objects.count()) == (0, 1)
    assert books_add_up()


def test_a_sale_that_is_sent_many_times_at_once_is_one(store, owner, clerk):
    shirt = shirt_in(store, 10, owner)

    outcomes = at_once(*(selling(clerk, store, (shirt, 1), client_id="the same") for _ in range(6)))

    assert sorted(status for status, _body in outcomes) == [201] + [409] * 5
    (sale,) = Order.objects.all()
    assert {(body["code"], body["sale"]) for status, body in outcomes if status == 409} == {("duplicate", sale.pk)}
    assert StockLevel.objects.get().on_hand == 9


def test_batches_with_the_same_sales_at_once_make_each_of_them_once(store, owner, clerk, books_add_up):
    shirt = shirt_in(store, 10, owner)
    payments = [{"method": "cash", "amount": "10.00"}]
    moment = timezone.now().isoformat()
    body = {"location": store.pk, "lines": [line_of(shirt)], "payments": payments, "occurred_at": moment}

    def sending(key, names):
        client, sales = ApiClient(clerk), [body | {"client_id": name} for name in names]

        def act():
            return client.post("sales/batch/", {"sales": sales}, HTTP_IDEMPOTENCY_KEY=key)

        return act

    outcomes = at_once(sending("a", ["1", "2", "3"]), sending("b", ["1", "2", "4"]), sending("c", ["3", "2"]))

    assert [answer.status_code for answer in outcomes] == [200] * 3, [answer.content for answer in outcomes]
    assert sum(answer.json()["created"] for answer in outcomes) == 4
    assert sum(answer.json()["already_there"] for answer in outcomes) == 4
    assert (Order.objects.count(), StockLevel.objects.get().on_hand) == (4, 6)
    assert books_add_up()


def test_baskets_in_opposite_order_do_not_wait_crosswise(store, owner, clerk, books_add_up):
    skus = [shirt_in(store, 12, owner) for _ in range(3)]
    there, back = [(sku, 2) for sku in skus], [(sku, 2) for sku in reversed(skus)]

    outcomes = at_once(
        *(selling(clerk, store, *(there if n % 2 else back), client_id=f"n{n}") for n in range(10)),
    )

    assert sorted(status for status, _body in outcomes) == [201] * 6 + [409] * 4
    assert {level.on_hand for level in StockLevel.objects.all()} == {0}
    assert StockMovement.objects.filter(reason="sale").count() == 18
    assert books_add_up()


def test_the_last_piece_that_can_come_back_comes_back_once(store, owner, clerk, books_add_up):
    shirt = shirt_in(store, 10, owner)
    sale = sold(store, goods(shirt, 1), by=clerk)
    sent = {"lines": [{"line": sale.lines.get().pk, "quantity": "1"}]}

    def returning(number):
        client = ApiClient(clerk)
        return lambda: client.post(f"sales/{sale.pk}/returns/", sent, HTTP_IDEMPOTENCY_KEY=f"r{number}")

    outcomes = at_once(*(returning(number) for number in range(5)))

    assert sorted(answer.status_code for answer in outcomes) == [201] + [409] * 4
    assert {answer.json()["code"] for answer in outcomes if answer.status_code == 409} == {"return_exceeds_sold"}
    assert (SaleReturn.objects.count(), StockLevel.objects.get().on_hand) == (1, 10)
    assert Order.objects.get().refunded == Decimal("10.00")
    assert books_add_up()


def test_who_is_forgotten_while_they_bring_something_back_is_in_no_words(store, owner, clerk, books_add_up):
    """A return before the erasing is emptied by it; one that comes after it waits, and writes nothing of them."""
    shirt = shirt_in(store, 10, owner)
    buyers = [CustomerFactory(name=f"Amina {n}", places=[store]) for n in range(4)]
    sales = [sold(store, goods(shirt, 2), by=clerk, customer=buyer) for buyer in buyers]

    def returning(number, route="returns"):
        sent = {"lines": [{"line": sales[number].lines.get().pk, "quantity": "1"}], "reason": f"Amina {number}: small"}
        sent |= {"new_lines": [line_of(shirt)]} if route == "exchange" else {}
        path, key = f"sales/{sales[number].pk}/{route}/", f"{route}-{number}"

        def act():
            answer = ApiClient(clerk).post(path, sent, HTTP_IDEMPOTENCY_KEY=key)
            assert answer.status_code == 201, answer.content
            return answer.json()

        return act

    def erasing(number):
        return lambda: privacy.erase(customer=buyers[number], by=owner)

    while_waiting(returning(0), erasing(0))
    told = while_waiting(erasing(1), returning(1))
    while_waiting(returning(2, "exchange"), erasing(2))
    exchanged = while_waiting(erasing(3), returning(3, "exchange"))

    assert (told["reason"], exchanged["return"]["reason"], exchanged["sale"]["customer"]) == ("", "", None)
    assert list(SaleReturn.objects.values_list("reason", flat=True)) == [""] * 4
    assert not IdempotencyKey.objects.filter(body__contains="Amina").exists()
    assert not Order.objects.filter(customer__erased_at=None).exclude(customer=None).exists()
    assert books_add_up()


# ------------------------------------------------------------------------------------------------ killed


@contextlib.contextmanager
def web_server(log):
    """The web server of `make run` on the tests' database: its address, and its process."""
    where = {name: quote(str(value), safe="") for name, value in connection.settings_dict.items()}
    # Where it listens on a socket, the host is a folder, and no host of an address.
    url = "postgres://{USER}:{PASSWORD}@/{NAME}?host={HOST}&port={PORT}".format(**where)
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as door:
        words = ("-m", "gunicorn", "--config", "python:boutique.gunicorn_conf", "--bind", f"fd://{door.fileno()}")
        web = subprocess.Popen(  # noqa: S603 (our own words)
            [sys.executable, *words, "boutique.wsgi"],
            cwd=postgres.BASE_DIR,
            env=os.environ | {"DATABASE_URL": url, "SECRET_KEY": settings.SECRET_KEY, "DEBUG": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[door.fileno()],
        )
        try:
            yield door.getsockname(), web
        finally:
            web.terminate()
            web.wait(30)


PATIENCE = 90  # seconds


class Till(threading.Thread):
    """Sells so many shirts on a bad line: without an answer it sends the same sale again."""

    def __init__(self, address, token, sales):
        super().__init__(daemon=True)
        self.address, self.sales, self.sent_again, self.answers = address, sales, 0, {}
        self.give_up_at = time.monotonic() + PATIENCE
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def run(self):
        for sale in self.sales:
            while (answer := self.send(sale)) is None or answer[0] == 503:
                assert time.monotonic() < self.give_up_at, "no answer"
                self.sent_again += 1
                time.sleep(0.02)
            self.answers[sale["client_id"]] = answer

    def send(self, sale):
        line = http.client.HTTPConnection(*self.address, timeout=30)
        with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(line):
            line.request("POST", "/api/v1/sales/", json.dumps(sale), self.headers)
            answer = line.getresponse()
            return answer.status, json.loads(answer.read())


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_a_killed_web_worker_loses_no_sale_and_makes_none_twice(store, owner, clerk, tmp_path, books_add_up):
    """kill -9 again and again, in the middle of 120 sales."""
    shirts = [shirt_in(store, 120, owner) for _ in range(2)]
    lines, payments = [line_of(shirt) for shirt in shirts], [{"method": "cash", "amount": "20.00"}]
    body = {"location": store.pk, "lines": lines, "payments": payments}
    token, kills = ApiClient(clerk).tokens["access"], 0
    with (tmp_path / "web.log").open("w") as log, web_server(log) as (address, web):
        tills = [
            Till(address, token, [body | {"client_id": f"{till}-{number}"} for number in range(30)])
            for till in range(4)
        ]
        for till in tills:
            till.start()
        for turn in itertools.count():
            if not any(till.is_alive() for till in tills):
                break
            done = sum(len(till.answers) for till in tills)
            workers = processes.children_of(web.pid)
            if done > 8 * kills and workers:  # between two kills some get through, or it would never end
                os.kill(workers[turn % len(workers)], signal.SIGKILL)
                kills += 1
            time.sleep(0.05)

    answers = {name: answer for till in tills for name, answer in till.answers.items()}
    sales = dict(Order.objects.values_list("client_id", "pk"))
    assert kills >= 8
    assert sum(till.sent_again for till in tills) > 0
    assert answers.keys() == sales.keys()
    assert len(answers) == Order.objects.count() == 120
    for name, (status, told) in answers.items():
        assert status == 201 or (status, told["code"]) == (409, "duplicate"), told
        assert told["id" if status == 201 else "sale"] == sales[name]
    assert {level.on_hand for level in StockLevel.objects.all()} == {0}
    # Every sale began one timeline, and paid once.
    assert DocumentEvent.objects.filter(document__startswith="SALE", kind="created").count() == 120
    assert Payment.objects.count() == 120
    assert books_add_up()
