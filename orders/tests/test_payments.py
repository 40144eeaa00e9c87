"""Money for orders: taken, paid back, never edited; and what the database holds of it."""

import uuid
from decimal import Decimal

import pgtrigger
import pytest
from django.db import IntegrityError, InternalError, connection, transaction

from boutique.models import DocumentEvent
from orders.models import Order, Payment
from orders.services import checking, ordering
from orders.tests.factories import ordered, paid, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(store, clerk):
    """Worth 100.00."""
    return ordered(store, by=clerk)


def pay(client, order, amount="10.00", key=None, **more):
    sent = {"amount": amount, "method": "cash", "kind": "payment"} | more
    headers = {"HTTP_IDEMPOTENCY_KEY": key or str(uuid.uuid4())}
    return client.post(f"orders/{order.pk}/payments/", sent, **headers)


def money_of(order):
    order.refresh_from_db()
    return order.payment_status, str(order.paid), str(order.balance)


def test_payments_bring_the_balance_to_nothing(as_, clerk, order):
    client = as_(clerk)
    assert money_of(order) == ("unpaid", "0.00", "100.00")

    first = pay(client, order, "60.00", method="card", reference="4711")

    assert first.status_code == 201, first.json()
    assert (first.json()["order"], first.json()["by"], first.json()["reference"]) == (order.pk, clerk.pk, "4711")
    assert client.get(first["Location"]).json() == first.json()
    assert money_of(order) == ("partly_paid", "60.00", "40.00")
    pay(client, order, "40.00")
    assert money_of(order) == ("paid", "100.00", "0.00")
    shown = client.get(f"orders/{order.pk}/payments/").json()["results"]
    assert [(row["amount"], row["method"], row["kind"]) for row in shown] == [
        ("40.00", "cash", "payment"),
        ("60.00", "card", "payment"),
    ]
    told = DocumentEvent.objects.filter(document=order.number, kind="payment").order_by("id")
    assert [event.changes["amount"] for event in told] == ["60.00", "40.00"]


def test_more_than_is_due_is_not_taken(as_, clerk, order):
    answer = pay(as_(clerk), order, "100.01")

    assert (answer.status_code, answer.json()["code"]) == (409, "overpayment")
    assert answer.json()["errors"][0]["params"] == {"balance": "100.00"}
    assert money_of(order) == ("unpaid", "0.00", "100.00")
    assert not Payment.objects.exists()


@pytest.mark.parametrize("amount", ["0.00", "-5.00", "1.001", "much", "NaN", "", None])
def test_what_is_no_amount_of_money_is_refused(amount, as_, clerk, order):
    answer = pay(as_(clerk), order, amount)

    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (400, ["amount"])
    assert not Payment.objects.exists()


@pytest.mark.parametrize(("name", "word"), [("method", "pearls"), ("kind", "gift"), ("at", "2020-01-01T00:00:00Z")])
def test_unknown_words_are_refused(name, word, as_, clerk, order):
    answer = pay(as_(clerk), order, **{name: word})

    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (400, [name])


def test_a_payment_needs_a_key_and_is_taken_once_under_it(as_, clerk, order):
    client = as_(clerk)

    without = client.post(f"orders/{order.pk}/payments/", {"amount": "10.00", "method": "cash"})
    assert (without.status_code, without.json()["code"]) == (400, "idempotency_key_required")
    first, again = pay(client, order, key="tap"), pay(client, order, key="tap")
    assert (first.json(), again["Idempotent-Replayed"]) == (again.json(), "true")
    assert pay(client, order, "11.00", key="tap").status_code == 422
    assert money_of(order) == ("partly_paid", "10.00", "90.00")


def test_a_slip_that_was_noted_down_twice_is_a_duplicate(as_, clerk, order):
    client = as_(clerk)
    pay(client, order, method="transfer", reference="INV 12")

    again = pay(client, order, method="transfer", reference="INV 12")

    assert (again.status_code, again.json()["code"]) == (409, "duplicate")
    assert [error["field"] for error in again.json()["errors"]] == ["reference"]
    assert money_of(order)[1] == "10.00"
    assert pay(client, order).status_code == pay(client, order).status_code == 201  # without a slip they are two


def test_instalments_in_cash_may_bear_the_same_words(as_, clerk, order):
    for _ in range(2):
        assert pay(as_(clerk), order, reference="till 1").status_code == 201

    assert money_of(order)[1] == "20.00"


def test_a_manager_pays_back_up_to_what_was_paid(as_, clerk, manager, order):
    pay(as_(clerk), order, "60.00")

    assert pay(as_(clerk), order, "10.00", kind="refund").status_code == 403
    too_much = pay(as_(manager), order, "60.01", kind="refund")
    assert (too_much.status_code, too_much.json()["code"]) == (409, "refund_exceeds_paid")
    assert money_of(order) == ("partly_paid", "60.00", "40.00")
    assert pay(as_(manager), order, "20.00", kind="refund").status_code == 201
    assert money_of(order) == ("partly_paid", "40.00", "60.00")
    assert pay(as_(manager), order, "40.01", kind="refund").status_code == 409
    pay(as_(manager), order, "40.00", kind="refund")
    assert money_of(order) == ("refunded", "0.00", "100.00")


def test_an_order_that_was_called_off_takes_no_money_and_gives_it_back(as_, manager, order):
    client = as_(manager)
    pay(client, order, "30.00")
    ordering.cancel(order=order, reason="x", by=manager)

    taken = pay(client, order, "10.00")
    assert (taken.status_code, taken.json()["code"]) == (409, "illegal_transition")
    assert pay(client, order, "30.00", kind="refund").status_code == 201
    assert money_of(order)[:2] == ("refunded", "0.00")


def test_an_order_that_shrank_is_overpaid_until_the_difference_is_paid_back(as_, manager, store):
    order = ordered(store, work("100.00"), work("50.00"), by=manager)
    client, first = as_(manager), order.lines.first()
    pay(client, order, "150.00")

    changed = client.patch(f"orders/{order.pk}/", {"lines": [{"id": first.pk}]})

    assert (changed.status_code, changed.json()["payment_status"], changed.json()["balance"]) == (
        200,
        "overpaid",
        "-50.00",
    )
    assert pay(client, order, "0.01").json()["code"] == "overpayment"
    pay(client, order, "50.00", kind="refund")
    assert money_of(order) == ("paid", "100.00", "0.00")


def test_what_was_handed_over_unpaid_is_paid_later(as_, manager, clerk, order):
    for step in ("in_progress", "completed"):
        ordering.move(order=order, status=step, by=manager)

    assert pay(as_(clerk), order, "100.00").status_code == 201
    assert money_of(order) == ("paid", "100.00", "0.00")


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_payments_are_never_edited(method, as_, clerk, order):
    client = as_(clerk)
    made = pay(client, order).json()

    for address in (f"orders/{order.pk}/payments/", f"orders/{order.pk}/payments/{made['id']}/"):
        assert getattr(client, method)(address, {"amount": "1.00"}).status_code == 405
    assert money_of(order)[1] == "10.00"


# ------------------------------------------------------------------------------------------------ the database


def refused(act):
    """Why the database says no: at once, or when the transaction ends."""
    with pytest.raises((IntegrityError, InternalError)) as refusal:
        done_and_checked(act)
    return str(refusal.value)


def done_and_checked(act):
    with transaction.atomic():
        act()
        connection.check_constraints()


LIES = {
    "a total that is not that of the lines": ({"total": 90, "subtotal": 90}, "sum of its lines"),
    "a discount no line knows of": ({"total": 90, "discount": 10}, "sum of its lines"),
    "money that never came": ({"received": 10}, "sum of its payments"),
    "money that never went": ({"received": 10, "refunded": 10}, "sum of its payments"),
    "more paid back than was paid": ({"refunded": 1}, "order_refunds_what_was_paid"),
    "another channel": ({"channel": "counter"}, ""),
    "a step that is none": ({"status": "ready"}, ""),
    "a step without a line in the timeline": ({"status": "confirmed"}, "timeline"),
    "nobody's order": ({"customer": None}, ""),
    "no day": ({"delivery_date": None}, "order_of_its_channel"),
}


@pytest.mark.parametrize("lie", LIES)
def test_the_database_refuses(lie, order):
    changes, why = LIES[lie]

    assert why in refused(lambda: Order.objects.filter(pk=order.pk).update(**changes))
    assert money_of(order) == ("unpaid", "0.00", "100.00")


def test_nobody_pays_more_than_is_due_whoever_asks(order, clerk):
    def overpay():
        Payment.objects.create(order=order, method="cash", amount=101, by=clerk)
        Order.objects.filter(pk=order.pk).update(received=101)

    assert "order_is_not_paid_too_much" in refused(overpay)


def test_a_payment_that_its_order_does_not_know_is_refused(order, clerk):
    why = refused(lambda: Payment.objects.create(order=order, method="cash", amount=10, by=clerk))

    assert "sum of its payments" in why


@pytest.mark.parametrize("amount", [0, -1])
def test_a_payment_is_of_something(amount, order, clerk):
    assert "payment_of_something" in refused(
        lambda: Payment.objects.create(order=order, method="cash", amount=amount, by=clerk)
    )


def test_payments_and_orders_stay(order, clerk):
    payment = paid(order, "10.00", clerk)

    refused(lambda: Payment.objects.filter(pk=payment.pk).update(amount=1))
    refused(lambda: Payment.objects.filter(pk=payment.pk).delete())
    refused(lambda: Order.objects.filter(pk=order.pk)._raw_delete("default"))
    assert money_of(order)[1] == "10.00"


@pytest.mark.parametrize("change", [{"quantity": 2}, {"unit_price": 1}, {"share": 1}, {"tax_rate": 19}])
def test_a_line_says_what_it_comes_to(change, order):
    refused(lambda: order.lines.update(**change))


def test_lines_stay_once_work_has_begun(order, manager):
    ordering.move(order=order, status="in_progress", by=manager)
    line = order.lines.get()

    assert "agreed" in refused(lambda: order.lines.update(description="Another"))
    assert "agreed" in refused(lambda: order.lines.all().delete())

    def one_more():
        line.pk = None
        line.unit_price = line.net = line.total = Decimal(0)
        line.save(force_insert=True)

    assert "agreed" in refused(one_more)


@pytest.mark.parametrize(
    ("trigger", "lie", "what"),
    [
        ("order_is_the_sum_of_its_lines", {"total": 90, "subtotal": 90}, "lines"),
        ("order_is_the_sum_of_its_payments", {"received": 10}, "payments"),
        ("order_has_a_timeline", {"status": "confirmed"}, "timeline"),
    ],
)
def test_the_books_find_what_somebody_changed_behind_the_triggers(trigger, lie, what, order):
    connection.check_constraints()  # those of its making
    assert list(checking.differences()) == []

    with pgtrigger.ignore(f"orders.Order:{trigger}"):
        Order.objects.filter(pk=order.pk).update(**lie)
        connection.check_constraints()

    (found,) = checking.differences()
    assert str(found).startswith(f"{order.number}: {what} expected")
