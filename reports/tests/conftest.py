"""A week of March in a small shop, and its reports in every form they come in."""

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace

import openpyxl
import pypdfium2
import pytest
import time_machine

from inventory.services import adjusting, ledger
from inventory.tests.factories import line
from orders.services.selling import Tender
from orders.tests.factories import brought_back, goods, on_shelf, sold
from skus.models import Category


def on(day, hour=12):
    """The clock stands at this hour (UTC) of this day of March 2026."""
    return time_machine.travel(datetime(2026, 3, day, hour, tzinfo=UTC), tick=False)


def paid_by(**amounts):
    return [Tender(method=method, amount=Decimal(amount)) for method, amount in amounts.items()]


def put_right(sku, place, change, by):
    lines = [adjusting.Correction(sku=sku, change=Decimal(change))]
    adjusting.adjust(location=place, reason="damage", lines=lines, by=by)


@pytest.fixture
def week(store, other_store, owner, manager, clerk):
    """Sunday the 1st: goods come in. Monday: two dresses are sold, in cash and by card, and a scarf by the manager.
    Tuesday: a dress comes back, another is torn. Wednesday: the other store sells one."""
    evening = Category.objects.create(name="Evening", slug="evening")
    with on(1):
        dress = on_shelf(
            store, price="120.00", cost="40.01", by=owner, name="Silk dress", category=evening, tax_rate=20
        )
        scarf = on_shelf(store, price="30.00", cost="9.99", quantity=5, by=owner, name="=Scarf", tax_rate=0)
        ledger.receive(
            location=other_store,
            lines=[line(dress, 4, unit_cost=Decimal("41.00"))],
            document="PO-000002",
            by=owner,
        )
    with on(2):
        both = sold(store, goods(dress, 2), by=clerk, payments=paid_by(cash="100.00", card="140.00"))
        sold(store, goods(scarf), by=manager)
    with on(3):
        brought_back(both, 1, by=clerk)
        put_right(dress, store, -1, manager)
    with on(4):
        sold(other_store, goods(dress), by=owner)
    return SimpleNamespace(dress=dress, scarf=scarf, evening=evening)


@pytest.fixture
def ask(as_):
    """`ask(manager, "sales", group_by="day")`: the answer."""
    clients = {}

    def get(person, report, **asked):
        client = clients.get(person.pk) or clients.setdefault(person.pk, as_(person))
        return client.get(f"reports/{report}/", asked)

    return get


@pytest.fixture
def in_every_form(ask):
    """The same report as lists of the texts in its rows: JSON, CSV, XLSX, and the lines of the PDF."""

    def get(person, report, **asked):
        answers = {form: ask(person, report, format=form, **asked) for form in ("json", "csv", "xlsx", "pdf")}
        assert {form: answer.status_code for form, answer in answers.items()} == dict.fromkeys(answers, 200)
        shown = answers["json"].json()
        names = [column["name"] for column in shown["columns"]]
        return SimpleNamespace(
            shown=shown,
            json=[[row[name] for name in names] for row in shown["rows"]],
            csv=list(csv.reader(io.StringIO(answers["csv"].content.decode("utf-8-sig")))),
            book=openpyxl.load_workbook(io.BytesIO(answers["xlsx"].content)),
            paper=text_of(answers["pdf"].content),
        )

    return get


def text_of(pdf):
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)]


def lines_of(paper):
    return "\n".join(paper).splitlines()
