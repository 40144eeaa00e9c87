"""What comes back of a sale: to the cent, by the tenders it was paid with, and never more than there was."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.roles import Role
from accounts.tests.factories import LocationFactory, UserFactory
from inventory.models import StockLevel, StockMovement
from inventory.services import checking as ledger_checking
from inventory.tests.factories import received
from orders.models import Order, OrderLine, Payment, SaleReturn, SaleReturnLine
from orders.services import checking, returning
from orders.services.returning import Back
from orders.services.selling import Tender, Wanted
from orders.tests.conftest import line_of
from orders.tests.factories import CustomerFactory, goods, on_shelf, opened_till, ordered, sold
from skus.models import Product

pytestmark = pytest.mark.django_db


@pytest.fixture
def take_back(post):
    """`take_back(sale, (0, 1))`: one piece of its first line; a third are other words of the line."""

    def send(sale, *lines, by=None, **more):
        return post(f"sales/{sale['id']}/returns/", {"lines": [back_of(sale, *line) for line in lines]} | more, by=by)

    return send


@pytest.fixture
def exchange(post):
    def send(sale, *lines, new, by=None, **more):
        body = {"lines": [back_of(sale, *line) for line in lines], "new_lines": [line_of(*line) for line in new]}
        return post(f"sales/{sale['id']}/exchange/", body | more, by=by)

    return send


def back_of(sale, index, quantity=1, words=()):
    return {"line": sale["lines"][index]["id"], "quantity": str(quantity)} | dict(words)


def tenders(answer):
    return [(one["method"], one["amount"]) for one in answer["refund"]]


def shelf(sku):
    level = StockLevel.objects.get(sku=sku)
    return int(level.on_hand), str(level.value)


def state(answer):
    return answer.status_code, answer.json()["code"]


# ------------------------------------------------------------------------------------------------ to the cent


def test_two_dresses_and_a_scarf_less_400(sell, take_back, dress, scarf, as_, clerk, books_add_up):
    sale = sell((dress, 2), (scarf, 1), cash="3600.00", discount="400.00").json()

    first, second, third = (take_back(sale, (0, 1), reason="Too small") for _ in range(3))

    assert [first.status_code, second.status_code] == [201, 201], first.content
    told = first.json()
    assert [told[name] for name in ("sale", "sale_number", "total", "reason", "restocked")] == [
        sale["id"], sale["number"], "1350.00", "Too small", True,
    ]  # fmt: skip
    assert told["number"] == f"RET-{told['id']:06d}"
    assert tenders(told) == [("cash", "1350.00")]
    assert second.json()["total"] == "1350.00"
    assert state(third) == (409, "return_exceeds_sold")
    (error,) = third.json()["errors"]
    assert (error["field"], error["params"]["left"]) == ("lines.0.quantity", "0.000")
    now = as_(clerk).get(f"sales/{sale['id']}/").json()
    assert [now[name] for name in ("status", "total", "refunded")] == ["partly_returned", "3600.00", "2700.00"]
    assert [line["returned"] for line in now["lines"]] == ["2.000", "0.000"]
    assert [one["number"] for one in now["returns"]] == [told["number"], second.json()["number"]]
    assert now["payments"] == sale["payments"]
    assert shelf(dress)[0] == 10
    assert books_add_up()


def test_a_line_of_three_worth_100_comes_back_piece_by_piece(sell, take_back, store, owner, as_, clerk):
    button = on_shelf(store, price="40.00", by=owner, tax_rate=Decimal("18.00"))
    sale = sell((button, 3, {"discount": "20.00"}), cash="100.00").json()

    parts = [take_back(sale, (0, 1)).json() for _ in range(3)]

    assert [part["total"] for part in parts] == ["33.33", "33.33", "33.34"]
    for name in ("net", "tax"):
        assert sum(Decimal(part["lines"][0][name]) for part in parts) == Decimal(sale["lines"][0][name])
    assert as_(clerk).get(f"sales/{sale['id']}/").json()["status"] == "returned"
    again = take_back(sale, (0, 1))
    assert state(again) == (409, "return_exceeds_sold")
    assert as_(clerk).get(f"sales/{sale['id']}/").json()["allowed_actions"] == []


def test_the_tax_of_a_few_cents_adds_up_too(manager, store):
    """Seven pieces for three cents, two of them tax: a piece may be worth nothing, and its tax is never more."""
    bead = on_shelf(store, price="0.01", by=manager, tax_rate=Decimal("100.00"))
    sale = sold(store, goods(bead, 7, discount=Decimal("0.04")), by=manager)
    line = sale.lines.get()
    assert (line.total, line.tax) == (Decimal("0.03"), Decimal("0.02"))

    backs = [back(sale, line, 1, manager) for _ in range(7)]

    assert (sum(one.total for one in backs), sum(one.tax for one in backs)) == (line.total, line.tax)


def back(sale, line, quantity, by, **more):
    return returning.take_back(sale=sale, lines=[Back(line=line.pk, quantity=Decimal(quantity))], by=by, **more)


# ------------------------------------------------------------------------------------------------ by what tender


@pytest.fixture
def mixed(sell, dress):
    """Two dresses: 2,000.00 by card, then 1,000.00 in cash."""
    payments = [{"method": "card", "amount": "2000.00"}, {"method": "cash", "amount": "1000.00"}]
    return sell((dress, 2), payments=payments).json()


def test_it_goes_back_by_the_newest_tender_first(mixed, take_back):
    first, second = take_back(mixed, (0, 1)).json(), take_back(mixed, (0, 1)).json()

    assert tenders(first) == [("cash", "1000.00"), ("card", "500.00")]
    assert tenders(second) == [("card", "1500.00")]


def test_who_pays_back_may_say_by_which_tender(mixed, take_back, dress, books_add_up):
    wrong = take_back(mixed, (0, 1), refund=[{"method": "card", "amount": "1400.00"}])
    assert wrong.status_code == 400
    (error,) = wrong.json()["errors"]
    assert (error["field"], error["code"], error["params"]) == (
        "refund", "wrong_sum", {"total": "1500.00", "given": "1400.00"},
    )  # fmt: skip
    assert take_back(mixed, (0, 1), refund=[]).status_code == 400
    for refund in (
        [{"method": "cash", "amount": "1000.01"}, {"method": "card", "amount": "499.99"}],
        [{"method": "cash", "amount": "600.00"}] * 2 + [{"method": "card", "amount": "300.00"}],
        [{"method": "transfer", "amount": "1500.00"}],
    ):
        assert state(take_back(mixed, (0, 1), refund=refund)) == (409, "refund_exceeds_paid"), refund
    assert (SaleReturn.objects.count(), Payment.objects.count(), shelf(dress)[0]) == (0, 2, 8)

    right = take_back(mixed, (0, 1), refund=[{"method": "card", "amount": "1500.00"}])

    assert tenders(right.json()) == [("card", "1500.00")]
    assert state(take_back(mixed, (0, 1), refund=[{"method": "card", "amount": "1500.00"}])) == (
        409, "refund_exceeds_paid",
    )  # fmt: skip
    assert tenders(take_back(mixed, (0, 1)).json()) == [("cash", "1000.00"), ("card", "500.00")]
    assert books_add_up()


def test_what_is_paid_back_leaves_the_till(sell, take_back, dress, store, clerk):
    till = opened_till(store, clerk)
    sale = sell((dress, 1), cash="1500.00").json()
    take_back(sale, (0, 1), till_session=till.pk)
    rows = till.entries.order_by("pk").values_list("kind", "method", "amount")
    assert [(kind, method, str(amount)) for kind, method, amount in rows] == [
        ("payment", "cash", "1500.00"), ("refund", "cash", "1500.00"),
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------------ what is on the shelf


def test_goods_come_back_at_the_cost_they_left_with(store, manager, books_add_up):
    """10 at 100.00 and 10 at 130.00; eight are sold at 115.00; then cheaper ones come; two come back at 115.00."""
    kurta = on_shelf(store, price="300.00", cost="100.00", by=manager)
    received(kurta, store, 10, "130.00", by=manager)
    sale = sold(store, goods(kurta, 8), by=manager)
    assert shelf(kurta) == (12, "1380.00")
    received(kurta, store, 12, "55.00", by=manager)

    returned = back(sale, sale.lines.get(), 2, manager)

    assert shelf(kurta) == (26, "2270.00")
    moved = StockMovement.objects.get(document=returned.number)
    assert (moved.reason, moved.on_hand_change, moved.value_change, moved.unit_cost) == (
        "customer_return", 2, Decimal("230.00"), Decimal("115.00"),
    )  # fmt: skip
    assert books_add_up()


def test_what_is_spoiled_does_not_lie_on_the_shelf_again(sell, take_back, dress, scarf, books_add_up):
    sale = sell((dress, 2), (scarf, 1), cash="4000.00").json()

    answer = take_back(sale, (0, 1, {"restock": False}), (1, 1, {"restock": True})).json()

    assert (answer["restocked"], [line["restock"] for line in answer["lines"]]) == (False, [False, True])
    assert (shelf(dress)[0], shelf(scarf)[0], answer["total"]) == (8, 10, "2500.00")
    assert books_add_up()


def test_an_archived_sku_comes_back_all_the_same(sell, take_back, dress):
    sale = sell((dress, 1), cash="1500.00").json()
    type(dress).objects.filter(pk=dress.pk).update(is_active=False)
    assert take_back(sale, (0, 1)).status_code == 201
    assert shelf(dress)[0] == 10


# ------------------------------------------------------------------------------------------------ refusals


def test_what_cannot_come_back_is_refused_and_changes_nothing(
    sell, take_back, post, dress, scarf, viewer, store, other_store, books_add_up
):
    sale, other = (sell((dress, 2), cash="3000.00").json() for _ in range(2))
    strange = other["lines"][0]["id"]
    cases = [
        ({"lines": []}, 400, "lines"),
        ({}, 400, "lines"),
        ({"lines": [{"line": strange, "quantity": "1"}]}, 400, "lines.0.line"),
        ({"lines": [back_of(sale, 0), back_of(sale, 0)]}, 400, "lines.1.line"),
        ({"lines": [back_of(sale, 0, 0)]}, 400, "lines.0.quantity"),
        ({"lines": [back_of(sale, 0, "0.5")]}, 400, "lines.0.quantity"),
        ({"lines": [back_of(sale, 0, 1, {"restock": "perhaps"})]}, 400, "lines.0.restock"),
        ({"lines": [back_of(sale, 0, 3)]}, 409, "lines.0.quantity"),
        ({"lines": [back_of(sale, 0)], "refund": [{"method": "cash", "amount": "0.00"}]}, 400, "refund.0.amount"),
    ]
    for sent, status, field in cases:
        answer = post(f"sales/{sale['id']}/returns/", sent)
        assert answer.status_code == status, (sent, answer.content)
        assert [error["field"] for error in answer.json()["errors"]] == [field], answer.content
    assert take_back(sale, (0, 1), by=viewer).status_code == 403
    stranger = UserFactory(role=Role.MANAGER, places=[other_store])
    assert take_back(sale, (0, 1), by=stranger).status_code == 404
    without_key = post(f"sales/{sale['id']}/returns/", {"lines": [back_of(sale, 0)]}, key=None)
    assert state(without_key) == (400, "idempotency_key_required")
    assert (SaleReturn.objects.count(), Payment.objects.count(), shelf(dress)[0]) == (0, 2, 6)
    assert books_add_up()


def test_a_return_is_not_returned(sell, take_back, post, dress):
    """It is no sale: nothing of this kind has its number, and what has come back is not there to come back."""
    sale = sell((dress, 1), cash="1500.00").json()
    returned = take_back(sale, (0, 1)).json()
    far = max(Order.objects.values_list("pk", flat=True)) + 1

    for path in (f"sales/{far}/returns/", f"returns/{returned['id']}/returns/"):
        assert post(path, {"lines": [{"line": returned["lines"][0]["id"], "quantity": "1"}]}).status_code == 404
    assert state(take_back(sale, (0, 1))) == (409, "return_exceeds_sold")
    assert SaleReturn.objects.count() == 1


def test_a_return_sent_again_is_the_first(sell, post, dress):
    sale = sell((dress, 2), cash="3000.00").json()
    sent = {"lines": [back_of(sale, 0)]}
    first, again = (post(f"sales/{sale['id']}/returns/", sent, key="slow") for _ in range(2))
    assert (again.status_code, again.content) == (201, first.content)
    assert (SaleReturn.objects.count(), shelf(dress)[0]) == (1, 9)


def test_an_order_is_no_sale_to_be_returned(post, manager, store):
    order = ordered(store, by=manager)
    sent = {"lines": [{"line": order.lines.get().pk, "quantity": "1"}]}
    assert post(f"sales/{order.pk}/returns/", sent, by=manager).status_code == 404


# ------------------------------------------------------------------------------------------------ exchange


def test_an_exchange_is_even_or_the_difference_is_paid_or_is_paid_back(
    sell, exchange, dress, scarf, store, owner, books_add_up
):
    """A dress of 1,500.00 for what costs as much, more, or less: the status, and what was paid and paid back."""
    gown, same = on_shelf(store, price="1800.00", by=owner), on_shelf(store, price="1500.00", by=owner)
    cases = [
        (same, {}, [("card", "1500.00")], [("card", "1500.00")]),
        (gown, {"payments": [{"method": "cash", "amount": "300.00"}]},
         [("card", "1500.00"), ("cash", "300.00")], [("card", "1500.00")]),
        (scarf, {}, [("card", "1000.00")], [("card", "1500.00")]),
        (scarf, {"refund": [{"method": "card", "amount": "500.00"}]}, [("card", "1000.00")], [("card", "1500.00")]),
    ]  # fmt: skip
    for new, said, paid, refunded in cases:
        sale = sell((dress, 1), payments=[{"method": "card", "amount": "1500.00"}]).json()
        answer = exchange(sale, (0, 1), new=[(new, 1)], **said)
        assert answer.status_code == 201, (new, answer.content)
        returned, bought = answer.json()["return"], answer.json()["sale"]
        assert (returned["sale"], returned["exchanged_for"], returned["total"]) == (sale["id"], bought["id"], "1500.00")
        assert [(one["method"], one["amount"]) for one in bought["payments"]] == paid
        assert tenders(returned) == refunded
        assert (bought["status"], bought["lines"][0]["sku"]) == ("completed", new.pk)
    assert (shelf(dress)[0], shelf(gown)[0], shelf(scarf)[0]) == (10, 9, 8)
    assert books_add_up()


def test_an_exchange_happens_as_a_whole_or_not_at_all(sell, exchange, dress, scarf, store, owner, books_add_up):
    sale = sell((dress, 1), cash="1500.00").json()
    rare = on_shelf(store, price="1500.00", quantity=1, by=owner)
    too_much = [{"method": "cash", "amount": "1.00"}]
    cases = [
        ([(rare, 2)], {"payments": [{"method": "cash", "amount": "1500.00"}]}, 409, ["new_lines.0.quantity"]),
        ([(rare, 1)], {"payments": too_much}, 400, ["payments"]),
        ([(rare, 2)], {}, 400, ["payments"]),
        ([(scarf, 1)], {"payments": too_much}, 400, ["payments"]),
        ([(scarf, 1)], {"refund": [{"method": "cash", "amount": "400.00"}]}, 400, ["refund"]),
        ([(scarf, 1)], {"refund": [{"method": "card", "amount": "500.00"}]}, 409, ["refund"]),
        ([(scarf, 1)], {"refund": [{"method": "cash", "amount": "500.00"}], "payments": too_much}, 400, ["refund"]),
        ([(scarf, 1, {"unit_price": "1.00"})], {}, 403, ["new_lines.0.unit_price"]),
        ([(scarf, 1), (scarf, 1)], {}, 400, ["new_lines.1.sku"]),
        ([(scarf, 1)], {"found": True}, 403, []),
    ]
    for new, said, status, fields in cases:
        answer = exchange(sale, (0, 1), new=new, **said)
        assert answer.status_code == status, (said, answer.content)
        assert [error["field"] for error in answer.json().get("errors", [])] == fields, answer.content
    assert exchange(sale, (0, 2), new=[(scarf, 1)]).status_code == 409
    assert (SaleReturn.objects.count(), Order.objects.count(), Payment.objects.count()) == (0, 1, 1)
    assert (shelf(dress)[0], shelf(scarf)[0], shelf(rare)[0]) == (9, 10, 1)
    assert Order.objects.get().status == "completed"
    assert books_add_up()


def test_the_piece_that_comes_back_may_be_the_one_that_goes(sell, exchange, store, owner, books_add_up):
    only = on_shelf(store, price="100.00", quantity=1, by=owner)
    sale = sell((only, 1), cash="100.00").json()
    assert exchange(sale, (0, 1), new=[(only, 1)]).status_code == 201
    assert shelf(only)[0] == 0
    assert books_add_up()


def test_what_was_taken_in_exchange_goes_back_by_the_first_tender(sell, exchange, take_back, dress, scarf, store):
    amina = CustomerFactory(places=[store])
    sale = sell((dress, 1), payments=[{"method": "card", "amount": "1500.00"}], customer=amina.pk).json()
    bought = exchange(sale, (0, 1), new=[(scarf, 1)]).json()["sale"]
    assert bought["customer"] == amina.pk

    assert tenders(take_back(bought, (0, 1)).json()) == [("card", "1000.00")]
    assert Order.objects.get(pk=bought["id"]).status == "returned"


# ------------------------------------------------------------------------------------------------ whatever comes back


cents = st.integers(1, 9999).map(lambda number: Decimal(number) / 100)


@st.composite
def wares(draw):
    """What is sold, at which discount and tax, by which tenders, and in which parts it comes back."""
    lines = draw(st.lists(st.tuples(cents, st.integers(1, 7), st.integers(0, 99)), min_size=1, max_size=3))
    rate = draw(st.sampled_from(["0", "5", "18", "33.33", "100"]))
    turns = [index for index, (_price, quantity, _off) in enumerate(lines) for _ in range(quantity)]
    return {
        "lines": lines,
        "rate": Decimal(rate),
        "is_included": draw(st.booleans()),
        "off": draw(st.integers(0, 99)),
        "by_card": draw(st.integers(0, 100)),
        "turns": draw(st.permutations(turns)),
        "at_once": draw(st.integers(1, 3)),
    }


@settings(max_examples=12)
@given(sold_goods=wares())
def test_all_parts_that_come_back_are_all_that_was_paid(sold_goods, settings, db):
    settings.BOUTIQUE_PRICES_INCLUDE_TAX = sold_goods["is_included"]
    with transaction.atomic():
        place, by = LocationFactory(), UserFactory(role=Role.ADMIN)
        sale = make(place, by, sold_goods)
        paid = {one.method: one.amount for one in sale.payments.filter(kind="payment")}
        lines, turns = list(sale.lines.order_by("position")), sold_goods["turns"]
        for start in range(0, len(turns), sold_goods["at_once"]):
            chunk = turns[start : start + sold_goods["at_once"]]
            backs = [Back(line=lines[index].pk, quantity=Decimal(chunk.count(index))) for index in set(chunk)]
            returned = returning.take_back(sale=sale, lines=backs, by=by)
            assert returned.total == sum(one.amount for one in returned.refunds.all())
        sale.refresh_from_db()
        assert (sale.status, sale.refunded) == ("returned", sale.total)
        for line in lines:
            parts = list(SaleReturnLine.objects.filter(line=line))
            assert sum(part.net for part in parts) == line.net
            assert sum(part.tax for part in parts) == line.tax
            assert all(part.net >= 0 and part.tax >= 0 and part.value >= 0 for part in parts)
        back = {}
        for one in Payment.objects.filter(order=sale, kind="refund"):
            back[one.method] = back.get(one.method, 0) + one.amount
        assert back == paid
        assert [*ledger_checking.differences(), *checking.differences()] == []
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what is looked at when a transaction ends
        transaction.set_rollback(True)


def make(place, by, sold_goods):
    lines = []
    for price, quantity, off in sold_goods["lines"]:
        sku = on_shelf(place, price=price, cost="0.37", by=by, tax_rate=sold_goods["rate"])
        discount = (price * quantity * off / 100).quantize(Decimal("0.01"))
        lines.append(goods(sku, quantity, discount=discount))
    whole = sum(line["quantity"] * line["sku"].effective_price - line["discount"] for line in lines)
    discount = (whole * sold_goods["off"] / 100).quantize(Decimal("0.01"))
    cost = returning.price_of(Wanted(location=place, lines=lines, discount=discount), by)
    by_card = (cost * sold_goods["by_card"] / 100).quantize(Decimal("0.01"))
    payments = [Tender(method="card", amount=by_card), Tender(method="cash", amount=cost - by_card)]
    return sold(place, *lines, by=by, discount=discount, payments=[one for one in payments if one.amount])


# ------------------------------------------------------------------------------------------------ the database


ANOTHER_RETURN = """
INSERT INTO orders_salereturn
    (sale_id, location_id, occurred_at, business_date, tax, total, reason, created_at, updated_at)
SELECT sale_id, location_id, occurred_at, business_date, 0, {total}, '', now(), now()
FROM orders_salereturn WHERE id = {returned}
"""
ANOTHER_PART = """
INSERT INTO orders_salereturnline (sale_return_id, line_id, quantity, restock, net, tax, value)
SELECT {returned}, {line}, 1, true, 0, 0, 0
"""
PAID_BACK = """
INSERT INTO orders_payment (order_id, kind, method, amount, reference, at, by_id)
    VALUES ({sale}, 'refund', '{method}', 1, '', now(), {by});
UPDATE orders_order SET refunded = refunded + 1 WHERE id = {sale}
"""
REFUSED = [
    "UPDATE orders_orderline SET returned = 2 WHERE id = {line}",
    "UPDATE orders_orderline SET returned = 0 WHERE id = {line}",
    "UPDATE orders_orderline SET returned = 3 WHERE id = {line}",
    "UPDATE orders_orderline SET quantity = 5 WHERE id = {line}",
    ANOTHER_RETURN.replace("{total}", "5"),
    ANOTHER_PART,
    "UPDATE orders_salereturn SET total = 1 WHERE id = {returned}",
    "DELETE FROM orders_salereturn WHERE id = {returned}",
    "UPDATE orders_salereturnline SET net = 1 WHERE id = {part}",
    "DELETE FROM orders_salereturnline WHERE id = {part}",
    PAID_BACK.replace("{method}", "cash"),
    PAID_BACK.replace("{method}", "transfer"),
    "UPDATE orders_order SET refunded = 10 WHERE id = {sale}",
    "UPDATE orders_order SET total = 1 WHERE id = {sale}",
    "UPDATE orders_order SET client_id = 'x' WHERE id = {sale}",
    "UPDATE orders_order SET status = 'completed' WHERE id = {sale}",
    "DELETE FROM orders_payment WHERE sale_return_id = {returned}",
]


def test_the_database_refuses_what_does_not_add_up(store, manager):
    dress = on_shelf(store, price="100.00", by=manager)
    payments = [Tender(method="card", amount=Decimal(150)), Tender(method="cash", amount=Decimal(50))]
    sale = sold(store, goods(dress, 2), by=manager, payments=payments)
    returned = back(sale, sale.lines.get(), 1, manager)
    line, part = OrderLine.objects.get(), SaleReturnLine.objects.get()
    ids = {"sale": sale.pk, "returned": returned.pk, "line": line.pk, "part": part.pk, "by": manager.pk}

    def run(words, **more):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(words.format(**ids, **more))
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            transaction.set_rollback(True)

    for words in REFUSED:
        with pytest.raises(DatabaseError):
            run(words)
    # The same words do work where they add up, or nothing above would prove anything.
    run(ANOTHER_RETURN, total=0)
    run(PAID_BACK, method="card")


def test_goods_of_cloth_come_back_by_the_metre(sell, take_back, store, owner):
    silk = on_shelf(store, price="20.00", by=owner, unit=Product.Unit.METRE)
    sale = sell((silk, "2.500"), cash="50.00").json()
    assert take_back(sale, (0, "0.333")).json()["total"] == "6.66"
    assert take_back(sale, (0, "2.167")).json()["total"] == "43.34"
