"""What the database itself refuses, whoever asks: each of these fails when its trigger or constraint is dropped."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import F, ProtectedError
from django.utils import timezone

from inventory.models import StockLevel, StockMovement
from inventory.services import ledger
from inventory.tests.factories import line, received
from skus.tests.factories import SkuFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def dress(store, manager):
    dress = SkuFactory()
    received(dress, store, 10)
    ledger.sell(location=store, lines=[line(dress, 3)], document="SALE-1", by=manager)
    return dress


def refused(work, match=""):
    """Refused at once, or when the transaction would end."""
    before = list(StockLevel.objects.values()), list(StockMovement.objects.values())
    with pytest.raises(DatabaseError, match=match):
        to_its_end(work)
    assert (list(StockLevel.objects.values()), list(StockMovement.objects.values())) == before


def to_its_end(work):
    with transaction.atomic():
        work()
        connection.check_constraints()


def raw(sql, *params):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


# ------------------------------------------------------------------------------------------------ the ledger stays


def test_a_movement_is_not_updated_by_a_queryset(dress):
    refused(lambda: StockMovement.objects.update(note="other"), "Cannot update")


def test_a_movement_is_not_updated_by_saving_it(dress):
    refused(StockMovement.objects.first().save, "Cannot update")


def test_a_movement_is_not_deleted(dress):
    refused(lambda: StockMovement.objects.all().delete(), "delete rows")
    refused(lambda: raw("DELETE FROM inventory_stockmovement WHERE sequence = 2"), "delete rows")


def test_a_movement_is_not_changed_by_raw_sql(dress):
    refused(lambda: raw("UPDATE inventory_stockmovement SET on_hand_change = -1 WHERE sequence = 2"), "Cannot update")


def test_the_ledger_is_not_emptied(dress):
    connection.check_constraints()
    refused(lambda: raw("TRUNCATE inventory_stockmovement CASCADE"), "stay")
    refused(lambda: raw("TRUNCATE inventory_stocklevel CASCADE"), "stay")


# ------------------------------------------------------------------------------------------------ no level by itself


@pytest.mark.parametrize("column", ["on_hand", "reserved", "value", "version", "average_cost"])
def test_a_level_does_not_change_without_its_movement(dress, column):
    refused(lambda: StockLevel.objects.update(**{column: F(column) + 1}), "differs from its ledger")
    refused(lambda: raw(f"UPDATE inventory_stocklevel SET {column} = 9"), "differs from its ledger")  # noqa: S608


def test_a_level_does_not_go_back_to_where_it_was(dress):
    first = StockMovement.objects.get(sequence=1)
    earlier = {"version": 1, "on_hand": first.on_hand_after, "value": first.value_after}
    refused(lambda: StockLevel.objects.update(**earlier), "differs from its ledger")
    refused(lambda: StockLevel.objects.update(version=0, on_hand=0, value=0), "differs from its ledger")


def test_a_level_is_not_born_full(store):
    shirt = SkuFactory()
    refused(
        lambda: StockLevel.objects.create(sku=shirt, location=store, on_hand=5, version=1), "differs from its ledger"
    )


def test_a_level_is_not_given_to_another_sku(dress):
    shirt = SkuFactory()
    refused(lambda: StockLevel.objects.update(sku=shirt), "Cannot update")


def test_a_level_is_not_deleted(dress):
    refused(lambda: StockLevel.objects.all().delete(), "delete rows")


def test_there_is_one_level_for_a_sku_and_a_place(dress, store):
    refused(lambda: StockLevel.objects.create(sku=dress, location=store), "stock_level_once")


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"on_hand": -1}, "stock_level_not_negative"),
        ({"reserved": -1}, "stock_level_reserved_not_negative"),
        ({"value": -1}, "stock_level_value_not_negative"),
        ({"average_cost": -1}, "stock_level_cost_not_negative"),
        ({"on_hand": 0}, "stock_level_empty_is_worth_nothing"),
    ],
)
def test_a_level_holds_no_nonsense(dress, changes, constraint):
    refused(lambda: StockLevel.objects.update(**changes), constraint)


# ------------------------------------------------------------------------------------------------ no movement by itself


def forged(dress, store, manager, **changes):
    now = timezone.now()
    fields = {
        "sku": dress,
        "location": store,
        "sequence": 3,
        "reason": "sale",
        "on_hand_change": -1,
        "on_hand_after": 6,
        "reserved_after": 0,
        "value_change": -40,
        "value_after": 240,
        "document": "SALE-2",
        "recorded_by": manager,
        "occurred_at": now,
        "recorded_at": now,
        "business_date": now.date(),
    } | changes
    return StockMovement(**fields)


def with_level(movement):
    """A forger who also moves the level."""
    StockLevel.objects.update(
        version=movement.sequence,
        on_hand=movement.on_hand_after,
        reserved=movement.reserved_after,
        value=movement.value_after,
    )
    movement.save(force_insert=True)


def test_a_movement_that_its_level_has_not_taken_in_is_refused(dress, store, manager):
    refused(forged(dress, store, manager).save, "does not follow")


def test_a_movement_without_any_level_is_refused(dress, other_store, manager):
    lone = forged(dress, other_store, manager, sequence=1, on_hand_change=6, value_change=240)
    refused(lone.save, "does not follow")


@pytest.mark.parametrize(
    "changes",
    [
        {"on_hand_after": 5, "on_hand_change": -1},
        {"reserved_after": 1},
        {"value_after": 200},
        {"sequence": 4},
    ],
)
def test_a_movement_that_does_not_follow_the_one_before_is_refused(dress, store, manager, changes):
    refused(lambda: with_level(forged(dress, store, manager, **changes)), "does not follow")


def test_a_second_movement_of_the_same_number_is_refused(dress, store, manager):
    fork = forged(dress, store, manager, sequence=2, on_hand_after=9, value_after=360)
    refused(fork.save, "movement_sequence_once")


def test_a_movement_before_the_first_is_refused(dress, store, manager):
    fork = forged(dress, store, manager, sequence=0, on_hand_change=1, on_hand_after=1, value_change=40, value_after=40)
    refused(fork.save, "movement_sequence_from_one")


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"on_hand_change": 0, "on_hand_after": 7, "value_change": 0, "value_after": 280}, "movement_moves_something"),
        ({"reason": "whim"}, "movement_has_reason"),
        ({"document": ""}, "movement_has_document"),
        ({"recorded_by": None}, "recorded_by"),
        ({"reason": "reversal"}, "movement_reversal_names_what_it_reverses"),
        ({"occurred_at": timezone.now() + timedelta(days=1)}, "movement_not_of_the_future"),
    ],
)
def test_a_movement_says_what_why_who_and_when(dress, store, manager, changes, constraint):
    refused(lambda: with_level(forged(dress, store, manager, **changes)), constraint)


def opposite_of_the_sale(dress, store, manager, sequence, **changes):
    after = 7 + 3 * (sequence - 2)
    fields = {
        "sequence": sequence,
        "reason": "reversal",
        "reverses": StockMovement.objects.get(sequence=2),
        "on_hand_change": 3,
        "on_hand_after": after,
        "value_change": 120,
        "value_after": 40 * after,
    }
    return forged(dress, store, manager, **(fields | changes))


def test_a_movement_is_reversed_at_most_once(dress, store, manager):
    with_level(opposite_of_the_sale(dress, store, manager, 3))
    refused(lambda: with_level(opposite_of_the_sale(dress, store, manager, 4)), "movement_reversed_once")


def test_a_reversal_is_the_opposite_of_what_it_names(dress, store, manager):
    shirt = SkuFactory()
    received(shirt, store, 3)
    elsewhere = StockMovement.objects.get(sku=shirt)
    for wrong in (
        {"reverses": elsewhere},
        {"on_hand_change": 2, "on_hand_after": 9, "value_change": 80, "value_after": 360},
    ):
        twin = opposite_of_the_sale(dress, store, manager, 3, **wrong)
        refused(lambda twin=twin: of_this_level(twin), "does not follow")


def of_this_level(movement):
    StockLevel.objects.filter(sku=movement.sku).update(
        version=movement.sequence, on_hand=movement.on_hand_after, value=movement.value_after
    )
    movement.save(force_insert=True)


def test_what_the_forger_would_have_to_do_is_what_the_door_does(dress, store, manager):
    """The tests above fail for their own reason, and not because nothing can be written at all."""
    with_level(forged(dress, store, manager))
    connection.check_constraints()
    assert StockLevel.objects.get().on_hand == 6


# ------------------------------------------------------------------------------------------------ what goods hang on


def test_a_sku_and_a_place_with_a_history_stay(dress, store):
    for row in (dress, store, dress.product):
        with pytest.raises(ProtectedError):
            row.delete()


def test_stock_never_moves_outside_a_transaction(transactional_db):
    from accounts.tests.factories import LocationFactory, UserFactory

    with pytest.raises(transaction.TransactionManagementError):
        ledger.receive(location=LocationFactory(), lines=[line(SkuFactory(), 1)], document="PO-1", by=UserFactory())
    assert not StockMovement.objects.exists()
