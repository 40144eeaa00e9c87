"""Sales in the admin, under a scanner, among what is known of a customer, and in the books."""

from decimal import Decimal

import pgtrigger
import pytest
from django.db import connection, transaction

from accounts.roles import Role
from accounts.tests.desk import list_of, page_of, press
from accounts.tests.factories import UserFactory
from boutique.models import DocumentEvent
from inventory.models import StockLevel
from orders.models import Order, Payment, Sale
from orders.services import checking, papers
from orders.services.returning import Back, take_back
from orders.services.selling import Tender
from orders.tests.factories import CustomerFactory, goods, on_shelf, ordered, sold

pytestmark = pytest.mark.django_db


@pytest.fixture
def dress(store, manager):
    return on_shelf(store, price="90.00", by=manager)


@pytest.fixture
def sale(store, dress, manager):
    payments = [Tender(method="card", amount=Decimal("100.00")), Tender(method="cash", amount=Decimal("170.00"))]
    customer = CustomerFactory(name="Amina Bello", places=[store])
    return sold(store, goods(dress, 3), by=manager, payments=payments, customer=customer, note="For her sister")


def back(sale, quantity, by, **more):
    return take_back(sale=sale, lines=[Back(line=sale.lines.get().pk, quantity=Decimal(quantity))], by=by, **more)


def of_desk(sale):
    return Sale.objects.get(pk=sale.pk)


def typed(sale, quantity, **more):
    line = sale.lines.get().pk
    return {f"quantity_{line}": quantity, f"restock_{line}": "on", "reason": "Too small", "back_by": ""} | more


# ------------------------------------------------------------------------------------------------ the desk


def test_the_list_and_the_page_of_a_sale_say_what_was_sold_and_paid(desk, sale, manager):
    back(sale, 1, manager, reason="Torn")

    shown, page = desk.get(list_of(Sale)).text, desk.get(page_of(of_desk(sale))).text

    assert sale.number in shown
    assert "Amina Bello" in shown
    for words in ("270.00", "170.00", "RET-", "Torn", "Partly returned", "Returned"):
        assert words in page


def test_a_custom_order_is_not_among_the_sales(desk, store, manager):
    order = ordered(store, by=manager)

    assert order.number not in desk.get(list_of(Sale)).text


def test_goods_are_taken_back_at_the_desk(desk, sale, dress):
    press(desk, of_desk(sale), "returns", **typed(sale, "2"))

    assert Sale.objects.get(pk=sale.pk).status == "partly_returned"
    assert StockLevel.objects.get(sku=dress).on_hand == 9
    refunds = Payment.objects.filter(order=sale, kind="refund").values_list("method", "amount")
    assert sorted(refunds) == [("card", Decimal("10.00")), ("cash", Decimal("170.00"))]


def test_all_of_it_goes_back_by_the_tender_that_is_named(desk, sale):
    press(desk, of_desk(sale), "returns", **typed(sale, "1", back_by="card"))

    assert list(Payment.objects.filter(order=sale, kind="refund").values_list("method", "amount")) == [
        ("card", Decimal("90.00"))
    ]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"quantity": "4"}, "3 of these can still come back"),
        ({"quantity": "2", "back_by": "transfer"}, "can go back by"),
    ],
)
def test_a_refusal_stands_on_the_page_and_changes_nothing(desk, sale, dress, more, told):
    more = dict(more)
    answer = press(desk, of_desk(sale), "returns", **typed(sale, more.pop("quantity"), **more))

    assert told in answer.text
    assert StockLevel.objects.get(sku=dress).on_hand == 7
    assert not sale.returns.exists()


def test_what_came_back_whole_is_offered_no_more(desk, sale, manager):
    back(sale, 3, manager)

    assert "Take back" not in desk.get(page_of(of_desk(sale))).text


# ------------------------------------------------------------------------------------------------ scanners, customers


def test_the_number_on_a_receipt_is_looked_up(as_, clerk, sale, manager):
    returned = back(sale, 1, manager)

    for code in (sale.number, sale.number.lower(), returned.number):
        found = as_(clerk).get(f"barcodes/{code}/").json()
        assert (found["kind"], found["object"]["id"], found["object"]["total"]) == ("sale", sale.pk, "270.00")


def test_the_sale_of_another_store_is_not_found(as_, sale, other_store):
    stranger = UserFactory(role=Role.STAFF, places=[other_store])

    assert as_(stranger).get(f"barcodes/{sale.number}/").status_code == 404
    assert as_(stranger).get(f"sales/{sale.pk}/").status_code == 404


def test_the_history_of_a_customer_tells_what_they_bought_less_what_was_paid_back(sale, manager):
    back(sale, 1, manager)

    bought = papers.bought(sale.customer, manager)

    assert [paper.number for paper in bought.papers] == [sale.number]
    assert bought.spend == Decimal("180.00")
    assert papers.ordered(sale.customer, manager).papers == []


def test_a_sale_hinders_nobody_from_being_forgotten_and_keeps_no_word_about_them(sale, owner, manager):
    back(sale, 1, manager, reason="She grew")
    told = papers.export(sale.customer)["orders"]
    assert (told[0]["returns"][0]["reason"], told[0]["note"]) == ("She grew", "For her sister")

    assert papers.open_work(sale.customer) == []
    papers.forget(sale.customer, owner)

    sale = Order.objects.get(pk=sale.pk)
    assert (sale.note, sale.returns.get().reason) == ("", "")
    assert not DocumentEvent.objects.filter(document=sale.number, note__contains="grew").exists()
    assert sale.total == Decimal("270.00")


# ------------------------------------------------------------------------------------------------ the books


def wrong():
    return sorted((one.number, one.what) for one in checking.differences())


def test_sales_and_returns_add_up(sale, manager):
    back(sale, 1, manager)
    back(sale, 2, manager)

    assert wrong() == []


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE orders_orderline SET returned = 2 WHERE order_id = %s", "returned"),
        ("UPDATE orders_order SET status = 'completed' WHERE id = %s", "returned"),
        ("UPDATE orders_salereturn SET total = total + 1 WHERE sale_id = %s", "refunds"),
        ("UPDATE orders_orderline SET quantity = 4 WHERE order_id = %s", "goods sold"),
        (
            "UPDATE orders_salereturnline SET value = value + %s",
            "goods back",
        ),
    ],
)
def test_the_books_tell_what_does_not_add_up(sale, manager, statement, what):
    back(sale, 1, manager)

    with transaction.atomic():
        with pgtrigger.ignore(), connection.cursor() as cursor:
            cursor.execute(statement, [sale.pk])
        found = wrong()
        transaction.set_rollback(True)

    assert what in [one for _number, one in found]
