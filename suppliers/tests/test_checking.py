"""`check_books` finds every order that says something else than its receipts, its returns and the ledger."""

from decimal import Decimal

import pytest
from django.db import connection

from skus.tests.factories import SkuFactory
from suppliers.services import checking, receiving
from suppliers.services.receiving import SentBack
from suppliers.tests.factories import SupplierFactory, buyer, came, ordered

pytestmark = pytest.mark.django_db

TABLES = ("purchaseorder", "purchaseline", "receiptline", "returnline")


@pytest.fixture
def order(store):
    """Of ten, four came and one more was refused; two went back."""
    order = ordered(SupplierFactory(), store, (SkuFactory(code="KRT-BLU-M"), 10, "5.00"))
    came(order, 4, rejected=Decimal(1))
    back = SentBack(line=order.lines.get(), quantity=Decimal(2))
    return receiving.give_back(order=order, lines=[back], reason="Seams", by=buyer())


def tampered(sql):
    """As the owner of the tables could: with the triggers switched off."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE suppliers_{table} DISABLE TRIGGER USER")
        cursor.execute(sql)
        for table in TABLES:
            cursor.execute(f"ALTER TABLE suppliers_{table} ENABLE TRIGGER USER")


def found():
    return [str(difference) for difference in checking.differences()]


def test_orders_agree_with_their_books(order):
    assert found() == []


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("purchaseline SET received = 3", "KRT-BLU-M in PO-{}: received expected 4, found 3"),
        ("purchaseline SET rejected = 2", "KRT-BLU-M in PO-{}: rejected expected 1, found 2"),
        ("purchaseline SET replaced = 1", "KRT-BLU-M in PO-{}: replaced expected 0, found 1"),
        ("purchaseline SET returned = 0", "KRT-BLU-M in PO-{}: returned expected 2, found 0"),
        ("purchaseline SET returned = 1", "KRT-BLU-M in PO-{}: moved expected 2, found 3"),
        ("returnline SET quantity = 1", "KRT-BLU-M in PO-{}: returned expected 1, found 2"),
        ("receiptline SET quantity = 5", "KRT-BLU-M in PO-{}: received expected 5, found 4"),
        ("purchaseorder SET status = 'sent'", "all in PO-{}: state expected partly_received, found sent"),
    ],
)
def test_an_order_that_says_otherwise_is_found(sql, said, order):
    tampered(f"UPDATE suppliers_{sql}")

    assert said.format(f"{order.pk:06d}") in found()
