"""One thing under the scanner."""

from decimal import Decimal

import pytest

from inventory.models import CountLine, StockCount, StockLevel, StockMovement
from inventory.services import counting
from inventory.tests.factories import received
from skus.tests.factories import BarcodeFactory, SkuFactory

pytestmark = pytest.mark.django_db

EAN = "4006381333931"


@pytest.fixture
def dress(store):
    dress = SkuFactory(code="DRESS")
    BarcodeFactory(sku=dress, value=f"0{EAN}", is_primary=True)
    received(dress, store, 5)
    return dress


def scan(client, place, action, *, key="k1", code=EAN, **more):
    headers = {"HTTP_IDEMPOTENCY_KEY": key} if key else {}
    return client.post("scan/", {"code": code, "action": action, "location": place.pk} | more, **headers)


def on_hand(sku):
    return int(StockLevel.objects.get(sku=sku).on_hand)


def test_looking_up_shows_the_shelf_and_moves_nothing(as_, viewer, manager, store, dress):
    answer = scan(as_(manager), store, "look_up", key=None).json()

    assert (answer["kind"], answer["sku"], answer["before"], answer["after"]) == ("sku", dress.pk, None, None)
    assert (answer["level"]["on_hand"], answer["object"]["code"]) == ("5.000", "DRESS")
    assert answer["actions"] == ["look_up", "receive", "remove", "count"]
    seen = scan(as_(viewer), store, "look_up", key=None).json()
    assert (seen["actions"], "price" in seen["object"], "value" in seen["level"]) == (["look_up"], False, False)
    assert StockMovement.objects.count() == 1


def test_what_the_place_never_had_has_no_level(as_, manager, store):
    hat = SkuFactory()
    assert scan(as_(manager), store, "look_up", key=None, code=hat.code).json()["level"] is None


@pytest.mark.parametrize(
    ("action", "more", "left", "reason"),
    [
        ("receive", {"quantity": "3"}, 8, "found"),
        ("receive", {}, 6, "found"),
        ("receive", {"reason": "opening"}, 6, "opening"),
        ("remove", {"quantity": "2", "reason": "damage"}, 3, "damage"),
        ("count", {"quantity": "4"}, 4, "count"),
        ("count", {"quantity": "0"}, 0, "count"),
    ],
)
def test_a_scan_moves_stock_and_says_before_and_after(action, more, left, reason, as_, manager, store, dress):
    answer = scan(as_(manager), store, action, **more)

    assert answer.status_code == 200, answer.content
    assert (answer.json()["before"], answer.json()["after"]) == ("5", str(left))
    assert on_hand(dress) == left
    movement = StockMovement.objects.first()
    assert (movement.reason, movement.document) == (reason, answer.json()["document"])


def test_a_scan_that_moves_wants_a_key_and_moves_once(as_, manager, store, dress):
    for action in ("receive", "remove", "count"):
        refused = scan(as_(manager), store, action, key=None, quantity="1", reason="loss")
        assert (refused.status_code, refused.json()["code"]) == (400, "idempotency_key_required")
    first = scan(as_(manager), store, "receive", key="till-7")
    again = scan(as_(manager), store, "receive", key="till-7")
    assert (first.content, again["Idempotent-Replayed"]) == (again.content, "true")
    assert on_hand(dress) == 6


@pytest.mark.parametrize(
    ("sent", "status", "field"),
    [
        ({"action": "juggle"}, 400, "action"),
        ({"action": "remove"}, 400, "reason"),
        ({"action": "remove", "reason": "sale"}, 400, "reason"),
        ({"action": "remove", "reason": "found"}, 400, "quantity"),
        ({"action": "receive", "quantity": "0"}, 400, "quantity"),
        ({"action": "receive", "quantity": "-1"}, 400, "quantity"),
        ({"action": "receive", "quantity": "1.5"}, 400, "quantity"),
        ({"action": "count"}, 400, "quantity"),
        ({"action": "count", "quantity": "1.5"}, 400, "quantity"),
        ({"action": "receive", "code": ""}, 400, "code"),
        ({"action": "remove", "quantity": "6", "reason": "loss"}, 409, "quantity"),
    ],
)
def test_foolish_scans_are_refused(sent, status, field, as_, manager, store, dress):
    answer = scan(as_(manager), store, **sent)
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (status, [field])
    assert (on_hand(dress), StockCount.objects.count()) == (5, 0)


def test_an_unknown_code_is_404_and_so_is_anothers_place(as_, manager, store, other_store, dress):
    unknown = scan(as_(manager), store, "receive", code="4006381333932")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
    assert scan(as_(manager), other_store, "receive").status_code == 404
    assert on_hand(dress) == 5


def test_a_clerk_counts_on_the_open_count_and_changes_nothing_else(as_, clerk, manager, store, dress):
    for action in ("receive", "remove"):
        assert scan(as_(clerk), store, action, reason="found").status_code == 403
    alone = scan(as_(clerk), store, "count", quantity="4")
    assert (alone.status_code, alone.json()["code"]) == (409, "no_open_count")

    count = counting.start(location=store, by=manager)
    noted = scan(as_(clerk), store, "count", quantity="4").json()

    assert (noted["document"], noted["before"], noted["after"]) == (count.number, "5", "5")
    assert (CountLine.objects.get().variance, on_hand(dress)) == (Decimal(-1), 5)


def test_a_blind_count_says_nothing_of_the_shelf(as_, clerk, manager, store, dress):
    counting.start(location=store, blind=True, by=manager)
    noted = scan(as_(clerk), store, "count", quantity="4").json()
    assert (noted["before"], noted["after"], noted["level"]) == (None, None, None)
