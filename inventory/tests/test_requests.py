"""Somebody asks a place for goods: held at once, gone when somebody else says yes."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from accounts.roles import Role
from accounts.tests.factories import UserFactory
from inventory.models import StockLevel, StockMovement, StockRequest
from inventory.services import adjusting, ledger, requesting
from inventory.services.lines import Goods
from inventory.tests.factories import received
from skus.tests.factories import SkuFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def dress(store):
    dress = SkuFactory(code="DRESS")
    received(dress, store, 10)
    return dress


@pytest.fixture
def asked(viewer, store, dress):
    """A viewer asks for four dresses."""
    return requesting.ask(
        location=store, lines=[Goods(sku=dress, quantity=Decimal(4))], by=viewer, note="For the window."
    )


def shelf(sku):
    level = StockLevel.objects.get(sku=sku)
    return int(level.on_hand), int(level.reserved)


def test_what_a_viewer_asks_for_is_held_at_once(as_, viewer, store, dress):
    body = {"location": store.pk, "lines": [{"sku": dress.pk, "quantity": "4"}], "note": "For the window."}

    made = as_(viewer).post("stock-requests/", body)

    assert made.status_code == 201, made.content
    assert (made.json()["number"], made.json()["status"]) == (f"REQ-{made.json()['id']:06d}", "requested")
    assert made.json()["allowed_actions"] == ["cancel"]
    assert shelf(dress) == (10, 4)
    assert StockMovement.objects.first().document == made.json()["number"]


@pytest.mark.parametrize(("verb", "status", "left"), [("approve", "approved", (6, 0)), ("reject", "rejected", (10, 0))])
def test_somebody_else_of_the_place_decides(verb, status, left, as_, asked, clerk, dress):
    answer = as_(clerk).post(f"stock-requests/{asked.pk}/{verb}/", {"note": "So be it."})

    assert (answer.status_code, answer.json()["status"]) == (200, status)
    assert (answer.json()["decided_by"], answer.json()["allowed_actions"]) == (clerk.pk, [])
    assert shelf(dress) == left
    reason = StockMovement.objects.first().reason
    assert reason == {"approve": "request", "reject": "release"}[verb]


def test_who_asked_takes_it_back(as_, asked, viewer, clerk, dress):
    assert as_(clerk).post(f"stock-requests/{asked.pk}/cancel/", {}).status_code == 403
    answer = as_(viewer).post(f"stock-requests/{asked.pk}/cancel/", {})
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert shelf(dress) == (10, 0)
    kinds = [line["kind"] for line in as_(viewer).get(f"stock-requests/{asked.pk}/timeline/").json()["results"]]
    assert kinds == ["cancelled", "created"]


def test_nobody_decides_their_own_and_nobody_twice(as_, store, clerk, manager, dress):
    own = requesting.ask(location=store, lines=[Goods(sku=dress, quantity=Decimal(1))], by=clerk)
    for verb in ("approve", "reject"):
        answer = as_(clerk).post(f"stock-requests/{own.pk}/{verb}/", {})
        assert (answer.status_code, answer.json()["code"]) == (409, "own_request")

    as_(manager).post(f"stock-requests/{own.pk}/reject/", {})
    for verb in ("approve", "reject"):
        answer = as_(manager).post(f"stock-requests/{own.pk}/{verb}/", {})
        assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition")
    assert shelf(dress) == (10, 0)
    with pytest.raises(IntegrityError, match="stock_request_decided_by_another"), transaction.atomic():
        StockRequest.objects.filter(pk=own.pk).update(decided_by=clerk)


def test_more_than_is_free_is_not_promised(as_, viewer, store, dress, asked):
    body = {"location": store.pk, "lines": [{"sku": dress.pk, "quantity": "7"}]}

    answer = as_(viewer).post("stock-requests/", body)

    assert (answer.status_code, answer.json()["code"]) == (409, "insufficient_stock")
    assert answer.json()["errors"][0]["field"] == "lines.0.quantity"
    assert (StockRequest.objects.count(), shelf(dress)) == (1, (10, 4))


def test_goods_that_are_no_longer_there_do_not_leave(as_, asked, clerk, manager, store, dress):
    adjusting.adjust(
        location=store, reason="loss", lines=[adjusting.Correction(sku=dress, change=Decimal(-8))], by=manager
    )

    answer = as_(clerk).post(f"stock-requests/{asked.pk}/approve/", {})

    assert (answer.status_code, answer.json()["code"]) == (409, "insufficient_stock")
    assert StockRequest.objects.get().status == "requested"


def test_each_sees_what_is_theirs(as_, asked, viewer, clerk, other_store):
    other_viewer = UserFactory(role=Role.VIEWER, places=list(viewer.locations.all()))
    far = UserFactory(role=Role.STAFF, places=[other_store])
    assert as_(viewer).get("stock-requests/").json()["count"] == 1
    assert as_(clerk).get("stock-requests/").json()["count"] == 1
    for person in (other_viewer, far):
        assert as_(person).get("stock-requests/").json()["count"] == 0
        assert as_(person).get(f"stock-requests/{asked.pk}/").status_code == 404
    assert as_(far).post(f"stock-requests/{asked.pk}/approve/", {}).status_code == 404


@pytest.mark.parametrize(
    ("lines", "fields"),
    [
        ([], ["lines"]),
        ([{"sku": 0, "quantity": "1.5"}], ["lines.0.quantity"]),
        ([{"sku": 0, "quantity": "0"}], ["lines.0.quantity"]),
        ([{"sku": 0, "quantity": "1"}, {"sku": 0, "quantity": "1"}], ["lines.1.sku"]),
    ],
)
def test_foolish_wishes_are_refused(lines, fields, as_, viewer, store, dress):
    body = {"location": store.pk, "lines": [line | {"sku": dress.pk} for line in lines]}
    answer = as_(viewer).post("stock-requests/", body)
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (400, fields)
    assert (StockRequest.objects.count(), shelf(dress)) == (0, (10, 0))


def test_a_place_of_somebody_elses_is_not_there(as_, viewer, other_store, dress):
    body = {"location": other_store.pk, "lines": [{"sku": dress.pk, "quantity": "1"}]}
    assert as_(viewer).post("stock-requests/", body).status_code == 404


def test_requests_are_found_by(as_, asked, clerk, store, dress, viewer):
    for wanted, found in (
        ({"status": "requested"}, 1),
        ({"status": "approved"}, 0),
        ({"location": store.pk}, 1),
        ({"sku": dress.pk}, 1),
        ({"created_by": viewer.pk}, 1),
        ({"search": "window"}, 1),
        ({"search": asked.number}, 1),
    ):
        assert as_(clerk).get("stock-requests/", wanted).json()["count"] == found, wanted


def test_a_page_of_requests_costs_as_much_for_one_as_for_many(
    as_, clerk, viewer, store, dress, django_assert_num_queries
):
    client = as_(clerk)
    for many in (1, 4):
        for _ in range(many):
            requesting.ask(location=store, lines=[Goods(sku=dress, quantity=Decimal(1))], by=viewer)
        with django_assert_num_queries(4):
            client.get("stock-requests/")


def test_the_ledger_holds_what_the_request_asked_for(asked):
    assert [int(row["held"]) for row in StockMovement.objects.held(asked.number)] == [4]
    assert ledger.held_by(asked.number)
