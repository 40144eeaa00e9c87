"""check_ledger finds what triggers would have refused, had nobody switched them off."""

import io
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from inventory.models import StockAdjustment, StockLevel, StockMovement, StockRequest
from inventory.services import checking, ledger, requesting, transferring
from inventory.services.lines import Goods
from inventory.tests.factories import line, received
from skus.tests.factories import SkuFactory

pytestmark = pytest.mark.django_db


TABLES = ("inventory_stocklevel", "inventory_stockmovement", "inventory_transferline", "inventory_stockrequest")


def tampered(sql, *params):
    """As the owner of the tables could: with the triggers switched off."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(sql, params)
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def check(*words, command="check_ledger"):
    out = io.StringIO()
    try:
        call_command(command, *words, stdout=out)
    except SystemExit as end:
        return end.code, out.getvalue()
    return 0, out.getvalue()


@pytest.fixture
def dress(store, manager):
    dress = SkuFactory(code="DRS-RED-M")
    received(dress, store, 10, "40.00")
    ledger.sell(location=store, lines=[line(dress, 3)], document="SALE-1", by=manager)
    ledger.reserve(location=store, lines=[line(dress, 2)], document="ORD-1", by=manager)
    return dress


def test_a_shop_that_went_through_the_door_adds_up(dress):
    assert check() == (0, "0 differences.\n")


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("on_hand", 9, "DRS-RED-M in CENTRE: on hand expected 7, found 9"),
        ("reserved", 5, "DRS-RED-M in CENTRE: reserved expected 2, found 5"),
        ("value", 100, "DRS-RED-M in CENTRE: value expected 280, found 100"),
        ("version", 2, "DRS-RED-M in CENTRE: version expected 3, found 2"),
        ("average_cost", 1, "DRS-RED-M in CENTRE: average cost expected 40.0000, found 1.0000"),
    ],
)
def test_a_shelf_that_differs_is_named_with_what_was_expected_and_found(dress, column, value, said):
    tampered(f"UPDATE inventory_stocklevel SET {column} = %s", value)  # noqa: S608 (a name of ours)

    code, printed = check()

    assert code == 1
    assert said in printed


def test_a_movement_that_was_rewritten_is_found(dress):
    tampered("UPDATE inventory_stockmovement SET on_hand_change = -2 WHERE sequence = 2")
    code, printed = check()
    assert code == 1
    assert "movements that do not follow the one before expected 0, found 1" in printed


def test_a_movement_that_was_taken_out_is_found(dress):
    tampered("DELETE FROM inventory_stockmovement WHERE sequence = 2")
    assert check()[0] == 1


def test_a_level_that_was_deleted_is_found(dress):
    tampered("DELETE FROM inventory_stocklevel")
    assert "level expected on hand 7, found none" in check()[1]


def test_a_document_that_released_more_than_it_held_is_found(dress, manager):
    tampered("UPDATE inventory_stockmovement SET document = 'ORD-2', reserved_change = -1 WHERE sequence = 3")
    assert "held by ORD-2 expected 0 or more, found -1" in check()[1]


def test_a_repair_posts_what_the_shelf_says_and_rewrites_nothing(dress, store, owner):
    before = list(StockMovement.objects.order_by("id").values())
    tampered("UPDATE inventory_stocklevel SET on_hand = 9, value = 300, reserved = 5, average_cost = 7")

    code, printed = check("--repair", "--by", "owner")

    assert (code, "1 corrections posted." in printed) == (0, True)
    assert list(StockMovement.objects.order_by("id").values())[: len(before)] == before
    newest = StockMovement.objects.first()
    assert (newest.reason, newest.on_hand_change, newest.value_change) == ("correction", 2, 20)
    assert newest.recorded_by == owner
    level = StockLevel.objects.get()
    assert (level.on_hand, level.reserved, level.average_cost) == (9, 2, Decimal("33.3333"))
    assert check() == (0, "0 differences.\n")


def test_a_lost_level_is_put_back_from_the_ledger(dress, owner):
    first = StockMovement.objects.last().recorded_at
    before = list(StockLevel.objects.values("on_hand", "reserved", "value", "average_cost", "version"))
    tampered("DELETE FROM inventory_stocklevel")
    code, printed = check("--repair", "--by", "owner")
    assert (code, "0 corrections posted." in printed) == (0, True)
    assert list(StockLevel.objects.values("on_hand", "reserved", "value", "average_cost", "version")) == before
    assert not StockAdjustment.objects.exists()
    assert StockLevel.objects.get().created_at == first  # the past is asked by it


def test_a_repair_needs_somebody_who_may(dress, clerk):
    for name in ("", "clerk", "nobody"):
        with pytest.raises(CommandError, match="who repairs"):
            call_command("check_ledger", "--repair", "--by", name)


def test_ranges_of_skus_are_joined_without_a_gap(store, monkeypatch):
    monkeypatch.setattr(checking, "SKUS_AT_ONCE", 2)
    for number in range(5):
        received(SkuFactory(code=f"S{number}"), store, 1)
    tampered("UPDATE inventory_stocklevel SET on_hand = 2")
    told = []
    found = list(checking.differences(lambda done, total: told.append((done, total))))
    assert {difference.sku for difference in found} == {f"S{number}" for number in range(5)}
    assert told[-1][0] == told[-1][1]


# ------------------------------------------------------------------------------------------------ documents


@pytest.fixture
def papers(dress, store, other_store, owner, manager):
    """Four dresses on the road, two asked for."""
    lines = [Goods(sku=dress, quantity=Decimal(4))]
    transfer = transferring.ask(source=store, destination=other_store, lines=lines, by=owner)
    transferring.ship(transfer=transfer, by=owner, lines=[transferring.Shipped(sku=dress, shipped=Decimal(3))])
    requesting.ask(location=store, lines=[Goods(sku=dress, quantity=Decimal(2))], by=manager)


def test_documents_agree_with_the_ledger(papers):
    assert check(command="check_books") == (0, "0 differences.\n")


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("UPDATE inventory_transferline SET closed = 1", "DRS-RED-M in the road: on hand expected 2, found 3"),
        (
            "UPDATE inventory_stockrequest SET status = 'cancelled'",
            "DRS-RED-M in REQ-{:06d}: held expected 0, found 2",
        ),
        ("UPDATE inventory_stocklevel SET on_hand = 9", "DRS-RED-M in CENTRE: on hand expected 4, found 9"),
    ],
)
def test_a_document_that_says_otherwise_is_found(sql, said, papers):
    tampered(sql)
    code, found = check(command="check_books")
    assert (code, said.format(StockRequest.objects.get().pk) in found) == (1, True), found
