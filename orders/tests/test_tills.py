"""Tills: what should be in the drawer is the float and its rows; it is counted once, blind; what differs is told."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pypdfium2
import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.roles import Role
from accounts.tests.factories import LocationFactory, UserFactory
from boutique.errors import IllegalTransition, Invalid
from boutique.models import DocumentEvent
from orders.models import TillEntry, TillSession
from orders.services import checking, paying, tills
from orders.tests.factories import opened_till, ordered, paid, work
from tests.threads import at_once, while_waiting

pytestmark = pytest.mark.django_db


@pytest.fixture
def till(store, clerk):
    return opened_till(store, clerk)


@pytest.fixture
def colleague(store):
    return UserFactory(username="colleague", role=Role.STAFF, places=[store])


def taken(place, amount="40.00", *, by, method="cash", **more):
    """Money that some upper app took."""
    more = {"document": "ALT-000001", "at": timezone.now()} | more
    tills.record([tills.Taking(location=place, method=method, amount=Decimal(amount), **more)], by=by)


def shown(client, till):
    answer = client.get(f"till-sessions/{till.pk}/")
    assert answer.status_code == 200, answer.content
    return answer.json()


def act(client, till, verb, **sent):
    return client.post(f"till-sessions/{till.pk}/{verb}/", sent)


# ------------------------------------------------------------------------------------------------ the drawer


def test_a_day_at_the_till(store, clerk, manager, as_):
    """150.00 float, 20.00 change brought, 100.00 cash and 60.00 by card taken, 15.50 paid back, 30.00 to the safe."""
    opened = as_(clerk).post("till-sessions/", {"location": store.pk, "float": "150.00"})
    assert opened.status_code == 201, opened.content
    told = opened.json()
    assert (told["number"], told["register"], told["status"], told["float"]) == (
        f"TILL-{told['id']:06d}", "1", "open", "150.00",
    )  # fmt: skip
    till = TillSession.objects.get()
    assert act(as_(clerk), till, "cash-in", amount="20.00", reason="Change").status_code == 200
    taken(store, "100.00", by=clerk)
    taken(store, "60.00", by=clerk, method="card")
    taken(store, "15.50", by=clerk, kind="refund")
    assert act(as_(clerk), till, "cash-out", amount="30.00", reason="To the safe").status_code == 200
    assert shown(as_(manager), till)["expected"] == "224.50"

    closed = act(as_(clerk), till, "close", counted="224.00", note="Fifty cents short")

    assert closed.status_code == 200, closed.content
    told = closed.json()
    figures = ("cash_in", "cash_out", "cash_payments", "cash_refunds", "expected", "counted", "variance", "status")
    assert [told[name] for name in figures] == [
        "20.00", "30.00", "100.00", "15.50", "224.50", "224.00", "-0.50", "closed",
    ]  # fmt: skip
    assert told["closed_by"] == clerk.pk
    assert told["note"] == "Fifty cents short"
    assert act(as_(clerk), till, "close", counted="224.50").json()["code"] == "illegal_transition"
    timeline = as_(manager).get(f"till-sessions/{till.pk}/timeline/").json()["results"]
    assert [event["kind"] for event in timeline] == ["closed", "cash_out", "cash_in", "created"]
    assert list(checking.differences()) == []


def test_who_counts_does_not_see_what_should_come_out(till, store, clerk, manager, as_):
    taken(store, "40.00", by=clerk)
    act(as_(clerk), till, "cash-in", amount="5.00", reason="Change")

    for name in ("expected", "variance", "cash_payments", "cash_refunds"):
        assert shown(as_(clerk), till)[name] is None
    rows = as_(clerk).get(f"till-sessions/{till.pk}/entries/").json()["results"]
    assert [row["kind"] for row in rows] == ["cash_in"]
    assert as_(clerk).get(f"till-sessions/{till.pk}/report/").status_code == 403
    told = [str(event.changes) for event in DocumentEvent.objects.filter(document=till.number)]
    assert not any("5.00" in words for words in told)
    wrong = act(as_(clerk), till, "close", counted="144.00")
    assert wrong.status_code == 400
    assert [(one["field"], one["code"]) for one in wrong.json()["errors"]] == [("note", "required")]
    assert "145" not in wrong.content.decode()
    assert shown(as_(manager), till)["expected"] == "145.00"
    assert as_(manager).get(f"till-sessions/{till.pk}/report/").json()["kind"] == "x"

    act(as_(clerk), till, "close", counted="145.00")

    assert shown(as_(clerk), till)["expected"] == "145.00"
    assert as_(clerk).get(f"till-sessions/{till.pk}/report/").json()["kind"] == "z"


def test_no_more_is_taken_out_than_is_there(till, clerk, manager, as_):
    refused = act(as_(clerk), till, "cash-out", amount="100.01", reason="Stamps")

    assert (refused.status_code, refused.json()["code"]) == (409, "not_enough_cash")
    assert "100.00" not in refused.content.decode()
    told = act(as_(manager), till, "cash-out", amount="100.01", reason="Stamps").json()["errors"][0]
    assert told["params"] == {"expected": "100.00"}
    assert not TillEntry.objects.exists()
    assert act(as_(clerk), till, "cash-out", amount="100.00", reason="Stamps").status_code == 200


def test_notes_and_coins_add_up_to_the_count(till, clerk, as_):
    coins = [{"value": "50.00", "count": 1}, {"value": "0.50", "count": 100}, {"value": "5.00", "count": 0}]
    wrong = act(as_(clerk), till, "close", counted="90.00", denominations=coins)
    assert [(one["field"], one["params"]) for one in wrong.json()["errors"]] == [("counted", {"total": "100.00"})]

    closed = act(as_(clerk), till, "close", denominations=coins).json()

    assert (closed["counted"], closed["variance"], closed["denominations"]) == ("100.00", "0.00", coins)


def test_foolish_words_are_refused_all_at_once(till, store, clerk, as_):
    """What is sent, and the fields that are wrong in it."""
    client, far = as_(clerk), "9" * 20
    cases = [
        ("till-sessions/", {"location": store.pk}, {"float"}),
        (
            "till-sessions/",
            {"location": store.pk, "float": "-1.00", "register": "", "x": 1},
            {"float", "register", "x"},
        ),
        ("till-sessions/", {"location": store.pk, "float": far}, {"float"}),
        (f"till-sessions/{till.pk}/cash-in/", {"amount": "0.00"}, {"amount", "reason"}),
        (f"till-sessions/{till.pk}/cash-in/", {"amount": "0.001", "reason": " "}, {"amount", "reason"}),
        (f"till-sessions/{till.pk}/close/", {}, {"counted"}),
        (f"till-sessions/{till.pk}/close/", {"counted": "-1"}, {"counted"}),
        (
            f"till-sessions/{till.pk}/close/",
            {"denominations": [{"value": "0.00", "count": -1}]},
            {"denominations.0.value", "denominations.0.count"},
        ),
    ]
    for path, sent, fields in cases:
        answer = client.post(path, sent)
        assert answer.status_code == 400, (sent, answer.content)
        assert {one["field"] for one in answer.json()["errors"]} == fields, sent
    assert not TillEntry.objects.exists()
    assert TillSession.objects.get().is_open


def test_a_register_of_a_place_is_open_once(till, store, other_store, clerk, owner, as_):
    refused = as_(clerk).post("till-sessions/", {"location": store.pk, "float": "0.00", "register": "1"})
    assert (refused.status_code, refused.json()["code"]) == (409, "duplicate")
    assert refused.json()["errors"][0]["field"] == "register"
    again = [
        as_(owner).post("till-sessions/", {"location": place.pk, "float": "0.00", "register": register}).status_code
        for place, register in ((store, "2"), (other_store, "1"))
    ]
    assert again == [201, 201]

    act(as_(clerk), till, "close", counted="100.00")

    assert as_(clerk).post("till-sessions/", {"location": store.pk, "float": "100.00"}).status_code == 201


def test_a_closed_place_opens_no_till(store, clerk, as_):
    type(store).objects.filter(pk=store.pk).update(is_active=False)
    refused = as_(clerk).post("till-sessions/", {"location": store.pk, "float": "0.00"})
    assert [(one["field"], one["code"]) for one in refused.json()["errors"]] == [("location", "inactive")]


def test_staff_act_on_their_own_till_and_managers_on_all(till, other_store, colleague, manager, as_):
    for verb, sent in (
        ("cash-in", {"amount": "1.00", "reason": "x"}),
        ("cash-out", {"amount": "1.00", "reason": "x"}),
        ("close", {"counted": "100.00"}),
    ):
        assert act(as_(colleague), till, verb, **sent).status_code == 403
    assert shown(as_(colleague), till)["allowed_actions"] == []
    assert shown(as_(manager), till)["allowed_actions"] == ["cash_in", "cash_out", "close"]
    stranger = UserFactory(role=Role.MANAGER, places=[other_store])
    assert act(as_(stranger), till, "close", counted="100.00").status_code == 404
    assert act(as_(manager), till, "close", counted="100.00").status_code == 200
    assert shown(as_(manager), till)["allowed_actions"] == []


# ------------------------------------------------------------------------------------------------ takings


def test_money_goes_into_the_till_that_was_named_or_ones_own_or_the_only_one(store, other_store, clerk, colleague, as_):
    nobody = UserFactory(role=Role.ADMIN)
    taken(store, by=nobody)
    assert not TillEntry.objects.exists()  # a shop without tills

    first = opened_till(store, clerk)
    elsewhere = opened_till(other_store, nobody)
    taken(store, "1.00", by=nobody)
    second = opened_till(store, colleague, register="2")
    taken(store, "2.00", by=colleague)
    taken(store, "3.00", by=nobody)  # whose, nobody knows
    taken(store, "4.00", by=nobody, session=second)
    taken(store, "5.00", by=clerk, at=first.opened_at - timedelta(hours=1))  # it lay in no drawer of today

    rows = TillEntry.objects.order_by("pk").values_list("session", "amount")
    assert [(pk, str(amount)) for pk, amount in rows] == [
        (first.pk, "1.00"), (second.pk, "2.00"), (second.pk, "4.00"),
    ]  # fmt: skip
    assert not elsewhere.entries.exists()


def test_a_till_that_was_named_takes_it_or_refuses(till, store, other_store, clerk, owner):
    elsewhere = opened_till(other_store, owner)
    with pytest.raises(Invalid, match="another place"):
        taken(store, by=clerk, session=elsewhere)
    tills.close(session=till, counted=Decimal("100.00"), by=clerk)
    with pytest.raises(tills.TillClosed, match=till.number):
        taken(store, by=clerk, session=till)
    assert not TillEntry.objects.exists()


def test_payments_for_orders_go_through_the_till(till, store, clerk, manager):
    order = ordered(store, work("100.00"), by=clerk)
    paid(order, "60.00", clerk)
    paying.refund(order=order, amount=Decimal("10.00"), method="cash", by=manager)

    rows = [(row.kind, row.method, str(row.amount), row.document) for row in TillEntry.objects.order_by("pk")]
    assert rows == [("payment", "cash", "60.00", order.number), ("refund", "cash", "10.00", order.number)]
    assert [row.payment.order for row in TillEntry.objects.select_related("payment__order")] == [order, order]
    assert list(checking.differences()) == []


def test_noting_takings_down_is_one_statement(till, store, clerk, django_assert_num_queries):
    now = timezone.now()
    some = [
        tills.Taking(location=store, document="SALE-000001", method=method, amount=Decimal("1.00"), at=now)
        for method in ("cash", "card")
    ]
    with django_assert_num_queries(1):
        tills.record(some * 250, by=clerk)
    assert TillEntry.objects.count() == 500


def test_days_are_those_of_the_place(clerk, owner, as_):
    """18:29:59Z, 18:30:00Z and 20:00:00Z of 31 March are 31 March, 1 April and 1 April in Kolkata."""
    place = LocationFactory(timezone="Asia/Kolkata")
    with time_machine.travel(datetime(2026, 3, 31, 18, 0, tzinfo=UTC), tick=False):
        till = opened_till(place, owner)
    for second, at in ((1, (18, 29, 59)), (2, (18, 30, 0)), (4, (20, 0, 0))):
        taken(place, f"{second}.00", by=owner, at=datetime(2026, 3, 31, *at, tzinfo=UTC))

    report = as_(owner).get(f"till-sessions/{till.pk}/report/").json()

    assert report["session"]["business_date"] == "2026-03-31"
    assert [(day["business_date"], day["net"], day["count"]) for day in report["days"]] == [
        ("2026-03-31", "1.00", 1), ("2026-04-01", "6.00", 2),
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------------ the report


def test_the_report_adds_up_each_means_of_payment(till, store, clerk, as_, settings):
    settings.BOUTIQUE_NAME = "Asha & Daughters"
    for amount, method, kind, document in (
        ("40.00", "cash", "payment", "SALE-000001"),
        ("60.00", "card", "payment", "SALE-000001"),
        ("25.00", "card", "refund", "SALE-000001"),
        ("1234.50", "cash", "payment", "ALT-000001"),
    ):
        taken(store, amount, by=clerk, method=method, kind=kind, document=document)
    act(as_(clerk), till, "cash-out", amount="200.00", reason="To the safe")
    act(as_(clerk), till, "close", counted="1174.50")

    report = as_(clerk).get(f"till-sessions/{till.pk}/report/").json()

    shown = ("method", "payments", "refunds", "net", "count")
    assert [tuple(line[name] for name in shown) for line in report["tenders"]] == [
        ("cash", "1274.50", "0.00", "1274.50", 2), ("card", "60.00", "25.00", "35.00", 2),
    ]  # fmt: skip
    assert (report["documents"], report["kind"], report["session"]["variance"]) == (2, "z", "0.00")
    assert [(row["kind"], row["reason"]) for row in report["cash_moves"]] == [("cash_out", "To the safe")]
    for layout, width in (("roll_80mm", 80), ("a4", 210)):
        pdf = as_(clerk).get(f"till-sessions/{till.pk}/report/?format=pdf&layout={layout}")
        assert pdf.headers["Content-Type"] == "application/pdf"
        (page,) = pypdfium2.PdfDocument(pdf.content)
        assert round(page.get_width() / 72 * 25.4) == width
        said = " ".join(page.get_textpage().get_text_range().split())
        for words in (
            "Asha & Daughters", "Z-report", till.number, "Cash (2) 1,274.50", "Card (2) 35.00", "paid back 25.00",
            "Float 100.00", "To the safe −200.00", "Expected 1,174.50 EUR", "Counted 1,174.50 EUR",
        ):  # fmt: skip
            assert words in said, (words, said)


def test_lists_cost_the_same_whatever_they_hold(store, owner, as_, django_assert_max_num_queries):
    def ask():
        with connection.execute_wrapper(count):
            return as_(owner).get("till-sessions/").json()["results"]

    asked = []

    def count(execute, *rest):
        asked.append(rest[0])
        return execute(*rest)

    opened_till(store, owner)
    ask()
    first = len(asked)
    for register in "234":
        opened_till(store, owner, register=register)
    asked.clear()
    assert len(ask()) == 4
    assert len(asked) == first


# ------------------------------------------------------------------------------------------------ the floor


def refused_by_the_database(act):
    def at_once():
        act()
        connection.check_constraints()

    with pytest.raises(DatabaseError), transaction.atomic():
        at_once()


def test_the_database_keeps_tills_right(till, store, clerk):
    row = TillSession.objects.filter(pk=till.pk)
    now = timezone.now()
    counted = {"status": "closed", "closed_at": now, "closed_by": clerk, "counted": Decimal("100.00")}
    refused_by_the_database(lambda: row.update(**counted, expected=Decimal("99.00"), note="x"))  # not its rows
    refused_by_the_database(lambda: row.update(status="closed"))
    refused_by_the_database(lambda: row.update(opening_cash=Decimal("1.00")))
    refused_by_the_database(row.delete)
    refused_by_the_database(
        lambda: TillEntry.objects.create(
            session=till, kind="cash_in", amount=1, by=clerk, business_date=now.date(), reason="x", document="SALE-1"
        )
    )
    taken(store, by=clerk)
    refused_by_the_database(lambda: TillEntry.objects.update(amount=1))
    refused_by_the_database(lambda: TillEntry.objects.all().delete())
    tills.close(session=till, counted=Decimal("141.00"), note="One too many", by=clerk)
    refused_by_the_database(lambda: row.update(counted=Decimal("140.00")))
    refused_by_the_database(
        lambda: TillEntry.objects.create(
            session=till, kind="payment", amount=1, by=clerk, business_date=now.date(), document="SALE-1"
        )
    )


@pytest.mark.django_db(transaction=True)
def test_no_cash_comes_in_beside_a_count(store, clerk):
    """A sale that is being written while somebody closes is counted; one that comes later waits and goes elsewhere."""
    till = opened_till(store, clerk)

    while_waiting(
        lambda: taken(store, "40.00", by=clerk),
        lambda: tills.close(session=till, counted=Decimal("140.00"), by=clerk),
    )

    till.refresh_from_db()
    assert (till.status, till.variance) == ("closed", 0)
    till = opened_till(store, clerk)
    while_waiting(
        lambda: tills.close(session=till, counted=Decimal("100.00"), by=clerk),
        lambda: taken(store, "7.00", by=clerk),
    )
    assert not till.entries.exists()
    assert list(checking.differences()) == []


@pytest.mark.django_db(transaction=True)
def test_sales_of_one_till_do_not_wait_for_each_other(store, clerk):
    opened_till(store, clerk)
    with transaction.atomic():
        taken(store, "1.00", by=clerk)
        (outcome,) = at_once(lambda: taken(store, "2.00", by=clerk))
        assert outcome is None
    assert TillEntry.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_till_is_closed_once(store, clerk):
    till = opened_till(store, clerk)

    def close():
        tills.close(session=till, counted=Decimal("100.00"), by=clerk)

    def outcome():
        try:
            close()
        except Exception as error:
            return error

    assert isinstance(while_waiting(close, outcome), IllegalTransition)


def test_the_check_of_the_books_finds_tills_that_were_tampered_with(till, store, clerk):
    order = ordered(store, work("100.00"), by=clerk)
    paid(order, "60.00", clerk)
    tills.close(session=till, counted=Decimal("160.00"), by=clerk)

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE orders_tillsession DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE orders_tillentry DISABLE TRIGGER USER")
        cursor.execute("UPDATE orders_tillentry SET amount = 59")
        found = {(one.number, one.what) for one in checking.differences()}
        cursor.execute("UPDATE orders_tillentry SET amount = 60")
        cursor.execute(
            "UPDATE orders_tillsession SET register = '2', status = 'open', closed_at = NULL,"
            " closed_by_id = NULL, expected = NULL, counted = NULL"
        )
        reopened = {(one.number, one.what) for one in checking.differences()}

    assert {what.split(" ")[0] for _number, what in found} == {"cash", "takings"}
    assert reopened == {(till.number, "timeline")}
