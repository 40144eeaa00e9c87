"""What suppliers bring, in parts, and what goes back: counters, states, costs to the cent."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Sum
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from boutique.errors import RuleError
from boutique.models import DocumentEvent
from inventory.models import Alert, StockLevel, StockMovement
from inventory.services import adjusting, ledger
from inventory.tests.factories import line as goods
from inventory.tests.factories import received
from skus.models import Sku
from skus.tests.factories import SkuFactory
from suppliers.models import PurchaseOrder, Receipt, ReceiptLine, outstanding
from suppliers.services import ordering, receiving
from suppliers.services.ordering import Wanted
from suppliers.services.receiving import Came, SentBack
from suppliers.tests.factories import buyer, came, codes_of, ordered, said

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("adds_up")]


def level(sku, place):
    return StockLevel.objects.get(sku=sku, location=place)


def shelf(sku, place):
    found = level(sku, place)
    return str(found.on_hand), str(found.value), str(ledger.rounded(found.average_cost))


def lines_of(order):
    return list(order.lines.order_by("pk"))


def delivery(order, *quantities, **more):
    """What is sent when so many of its first, second, third line came."""
    lines = [
        {"line": line.pk, "quantity": quantity} | more
        for line, quantity in zip(lines_of(order), quantities, strict=False)
        if quantity is not None
    ]
    return {"lines": lines}


def awaited(sku):
    return outstanding().filter(sku=sku.pk).aggregate(sum=Sum("coming"))["sum"] or 0


# ------------------------------------------------------------------------------------------------ the two stories


def test_goods_arrive_in_two_parts(mill, store, manager, kurta, sari, as_):
    order = ordered(mill, store, (kurta, 10, "500.00"), (sari, 6, "320.00"))
    client, address = as_(manager), f"purchase-orders/{order.pk}/receive/"

    first = said(client.post(address, delivery(order, "6", "6") | {"note": "First van"}))
    assert (first["status"], awaited(kurta), awaited(sari)) == ("partly_received", 4, 0)
    assert level(kurta, store).value + level(sari, store).value == Decimal("4920.00")

    second = client.post(address, delivery(order, "4"), HTTP_IDEMPOTENCY_KEY="van-2")
    again = client.post(address, delivery(order, "4"), HTTP_IDEMPOTENCY_KEY="van-2")

    assert said(second)["status"] == "received"
    assert said(again) == second.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert level(kurta, store).value + level(sari, store).value == Decimal("6920.00")
    assert list(StockMovement.objects.values_list("reason", "document")) == [("purchase", order.number)] * 3
    assert outstanding().count() == 0
    receipts = client.get(f"purchase-orders/{order.pk}/receipts/").json()["results"]
    assert [(one["number"], one["note"], one["value"], len(one["lines"])) for one in receipts] == [
        (2, "", "2000.00", 1),
        (1, "First van", "4920.00", 2),
    ]


def test_the_moving_average_to_the_cent(mill, store, manager, kurta, as_):
    client = as_(manager)

    def bought(quantity, cost):
        wanted = [{"sku": kurta.pk, "quantity": quantity, "unit_cost": cost}]
        made = client.post("purchases/", {"supplier": mill.pk, "location": store.pk, "lines": wanted})
        assert (said(made, 201)["status"], made.json()["at_once"]) == ("received", True)
        assert made.headers["Location"].endswith(f"/purchase-orders/{made.json()['id']}/")
        return made.json()

    assert bought("10", "100.00")["total"] == "1000.00"
    bought("30", "120.00")
    assert shelf(kurta, store) == ("40.000", "4600.00", "115.00")
    (sale,) = ledger.sell(location=store, lines=[goods(kurta, 8)], document="SALE-1", by=manager)
    assert -sale.value_change == Decimal("920.00")
    bought("8", "140.00")
    assert shelf(kurta, store) == ("40.000", "4800.00", "120.00")
    back = goods(kurta, 2, value=Decimal("230.00"))
    ledger.take_back(location=store, lines=[back], document="SALE-1", by=manager)
    assert shelf(kurta, store) == ("42.000", "5030.00", "119.76")


def test_a_purchase_with_one_bad_line_brings_nothing(mill, store, manager, kurta, sari, as_):
    lines = [
        {"sku": kurta.pk, "quantity": "4", "unit_cost": "1.00"},
        {"sku": sari.pk, "quantity": "-4", "unit_cost": "-1.00"},
    ]

    answer = as_(manager).post("purchases/", {"supplier": mill.pk, "location": store.pk, "lines": lines})

    assert answer.status_code == 400
    assert {"lines.1.quantity", "lines.1.unit_cost"} == {field for field, _code in codes_of(answer)}
    assert not PurchaseOrder.objects.exists()
    assert not StockMovement.objects.exists()


def test_each_step_of_a_purchase_at_once_stands_in_its_timeline(mill, store, kurta):
    wanted = receiving.ordering.Wanted(sku=kurta, quantity=Decimal(2), unit_cost=Decimal(3))
    order = receiving.buy(supplier=mill, location=store, lines=[wanted], note="Market", by=buyer())

    events = DocumentEvent.objects.filter(document=order.number).order_by("id")
    assert [(event.kind, event.before, event.after) for event in events] == [
        ("created", "", "draft"),
        ("sent", "draft", "sent"),
        ("received", "sent", "received"),
    ]


# ------------------------------------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ({"quantity": "10.5"}, ("lines.0.quantity", "fraction")),
        ({"quantity": "0"}, ("lines.0.quantity", "min_value")),
        ({"quantity": "-1"}, ("lines.0.quantity", "min_value")),
        ({"quantity": "abc"}, ("lines.0.quantity", "invalid")),
        ({"quantity": "NaN"}, ("lines.0.quantity", "invalid")),
        ({"rejected": "0.5"}, ("lines.0.rejected", "fraction")),
        ({"unit_cost": "-1"}, ("lines.0.unit_cost", "min_value")),
        ({"replace": "perhaps"}, ("lines.0.replace", "invalid")),
        ({"line": 999_999_999}, ("lines.0.line", "not_found")),
        ({"sku": 1}, ("lines.0.sku", "unknown_field")),
    ],
)
def test_a_foolish_delivery_is_refused(line, wrong, mill, store, manager, kurta, as_):
    order = ordered(mill, store, (kurta, 20, "5.00"))
    sent = delivery(order, "1")
    sent["lines"][0] |= line

    answer = as_(manager).post(f"purchase-orders/{order.pk}/receive/", sent)

    assert (answer.status_code, codes_of(answer)) == (400, [wrong])
    assert not StockMovement.objects.exists()


def test_twelve_of_ten_are_refused_and_all_bad_lines_named(mill, store, manager, kurta, sari, cloth, as_):
    order = ordered(mill, store, (kurta, 10, "5.00"), (sari, 1, "5.00"), (cloth, "100.000", "8.00"))
    client, address = as_(manager), f"purchase-orders/{order.pk}/receive/"

    answer = client.post(address, delivery(order, "12", "1", "100.002"))

    assert (answer.status_code, answer.json()["code"]) == (409, "over_receipt")
    assert codes_of(answer) == [("lines.0.quantity", "over_receipt"), ("lines.2.quantity", "over_receipt")]
    assert answer.json()["errors"][0]["params"] == {
        "sku": kurta.pk,
        "ordered": "10",
        "received": "0",
        "outstanding": "10",
        "came": "12",
    }
    assert not StockMovement.objects.exists()
    assert not Receipt.objects.exists()
    assert said(client.post(address, delivery(order, "8")))["status"] == "partly_received"
    assert client.post(address, delivery(order, "3")).json()["code"] == "over_receipt"
    assert level(kurta, store).on_hand == 8


def test_the_shop_may_allow_a_little_more_on_each_line(mill, store, manager, kurta, cloth, as_, settings):
    settings.BOUTIQUE_OVER_RECEIPT_PERCENT = Decimal("5")
    order = ordered(mill, store, (kurta, 10, "5.00"), (cloth, "100", "8.00"))
    client, address = as_(manager), f"purchase-orders/{order.pk}/receive/"

    refused = client.post(address, delivery(order, "11", "105.001"))
    made = said(client.post(address, delivery(order, "10", "105")))

    assert codes_of(refused) == [("lines.0.quantity", "over_receipt"), ("lines.1.quantity", "over_receipt")]
    assert made["status"] == "received"
    assert [(line["received"], line["outstanding"]) for line in made["lines"]] == [
        ("10.000", "0.000"),
        ("105.000", "0.000"),
    ]


def test_the_database_takes_no_more_than_was_ordered_either(mill, store, kurta):
    order = ordered(mill, store, (kurta, 10, "5.00"))
    with pytest.raises(IntegrityError, match="purchase_line_not_over_received"), transaction.atomic():
        order.lines.update(received=11)
    with pytest.raises(IntegrityError, match="purchase_line_returned_of_received"), transaction.atomic():
        order.lines.update(returned=1)


def test_a_line_twice_and_a_line_of_another_order_are_refused(mill, store, manager, kurta, as_):
    order, other = (ordered(mill, store, (kurta, 10, "5.00")) for _ in range(2))
    twice = {"lines": delivery(order, "1")["lines"] * 2}
    client, address = as_(manager), f"purchase-orders/{order.pk}/receive/"

    assert codes_of(client.post(address, twice)) == [("lines.1.line", "duplicate")]
    assert codes_of(client.post(address, delivery(other, "1"))) == [("lines.0.line", "not_found")]
    assert not StockMovement.objects.exists()


@pytest.mark.parametrize("state", ["draft", "cancelled", "received", "closed"])
def test_only_what_is_awaited_is_received(state, mill, store, manager, kurta, as_):
    client = as_(manager)
    wanted = [{"sku": kurta.pk, "quantity": "5", "unit_cost": "1.00"}]
    made = client.post("purchase-orders/", {"supplier": mill.pk, "location": store.pk, "lines": wanted}).json()
    order = PurchaseOrder.objects.get(pk=made["id"])
    steps = {"draft": [], "cancelled": ["cancel"], "received": ["send", "5"], "closed": ["send", "2", "close"]}
    for step in steps[state]:
        verb, sent = ("receive", delivery(order, step)) if step.isdigit() else (step, {})
        said(client.post(f"purchase-orders/{order.pk}/{verb}/", sent))
    before = StockMovement.objects.count()

    answer = client.post(f"purchase-orders/{order.pk}/receive/", delivery(order, "1"))

    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition")
    assert StockMovement.objects.count() == before


# ------------------------------------------------------------------------------------------------ rejected, costs


def test_rejected_pieces_are_no_stock_and_do_not_come_again(mill, store, manager, kurta, as_):
    order = ordered(mill, store, (kurta, 10, "5.00"))

    made = said(as_(manager).post(f"purchase-orders/{order.pk}/receive/", delivery(order, "4", rejected="3")))

    (line,) = made["lines"]
    assert (line["received"], line["rejected"], line["outstanding"]) == ("4.000", "3.000", "3.000")
    assert (made["status"], awaited(kurta), shelf(kurta, store)) == (
        "partly_received",
        3,
        ("4.000", "20.00", "5.00"),
    )
    assert said(as_(manager).post(f"purchase-orders/{order.pk}/receive/", delivery(order, "3")))["status"] == "received"


def test_rejected_pieces_that_are_replaced_are_awaited_again(mill, store, manager, kurta, as_):
    order = ordered(mill, store, (kurta, 10, "5.00"))
    client, address = as_(manager), f"purchase-orders/{order.pk}/receive/"

    made = said(client.post(address, delivery(order, "7", rejected="3", replace=True)))
    assert (made["status"], made["lines"][0]["outstanding"]) == ("partly_received", "3.000")
    assert client.post(address, delivery(order, "2", rejected="2", replace=True)).json()["code"] == "over_receipt"
    assert said(client.post(address, delivery(order, "3")))["status"] == "received"
    assert level(kurta, store).on_hand == 10


def test_an_order_of_which_all_was_rejected_is_done_with_nothing_in_stock(mill, store, manager, kurta, as_):
    order = ordered(mill, store, (kurta, 10, "5.00"))

    made = said(as_(manager).post(f"purchase-orders/{order.pk}/receive/", delivery(order, "0", rejected="10")))

    assert (made["status"], made["lines"][0]["received"]) == ("received", "0.000")
    assert not StockMovement.objects.exists()


def test_the_cost_of_the_delivery_wins_over_that_of_the_order(mill, store, manager, clerk, kurta, as_):
    order = ordered(mill, store, (kurta, 10, "5.00"))
    address, sent = f"purchase-orders/{order.pk}/receive/", delivery(order, "10", unit_cost="6.00")

    refused = as_(clerk).post(address, sent)
    assert (refused.status_code, codes_of(refused)) == (403, [("lines.0.unit_cost", "permission_denied")])
    assert not StockMovement.objects.exists()
    made = said(as_(manager).post(address, sent))

    assert shelf(kurta, store) == ("10.000", "60.00", "6.00")
    assert (made["total"], made["lines"][0]["unit_cost"]) == ("50.00", "5.00")


def test_goods_for_nothing_bring_the_average_down(mill, store, manager, kurta, as_):
    received(kurta, store, 10, "10.00")
    order = ordered(mill, store, (kurta, 10, "0.00"))
    said(as_(manager).post(f"purchase-orders/{order.pk}/receive/", delivery(order, "10")))
    assert shelf(kurta, store) == ("20.000", "100.00", "5.00")


def test_thirds_of_a_cent_never_leak(mill, store, manager, cloth):
    order = ordered(mill, store, (cloth, "1.000", "0.01"))
    came(order, "0.333")
    came(order, "0.333")
    came(order, "0.334")
    assert level(cloth, store).value == sum(line.value for line in ReceiptLine.objects.all())


# ------------------------------------------------------------------------------------------------ back to the supplier


def back(order, *quantities, reason="Seams came open"):
    return {"lines": delivery(order, *quantities)["lines"], "reason": reason}


def test_goods_go_back_at_the_cost_of_their_receipt(mill, store, manager, kurta, as_):
    order = ordered(mill, store, (kurta, 10, "100.00"))
    came(order, 10)
    received(kurta, store, 10, "120.00")
    client = as_(manager)

    made = said(client.post(f"purchase-orders/{order.pk}/return/", back(order, "4")))

    newest = StockMovement.objects.first()
    assert (newest.reason, newest.on_hand_change, newest.unit_cost) == ("supplier_return", -4, 100)
    assert (newest.document, newest.note) == (order.number, "Seams came open")
    assert shelf(kurta, store) == ("16.000", "1800.00", "112.50")
    assert (made["status"], made["lines"][0]["returned"], made["lines"][0]["outstanding"]) == (
        "received",
        "4.000",
        "0.000",
    )
    (returned,) = client.get(f"purchase-orders/{order.pk}/returns/").json()["results"]
    assert (returned["value"], returned["note"], returned["lines"][0]["quantity"]) == (
        "400.00",
        "Seams came open",
        "4.000",
    )


def test_the_newest_delivery_goes_back_first_and_its_last_piece_takes_the_rest(mill, store, manager, kurta, as_):
    order = ordered(mill, store, (kurta, 9, "10.00"))
    came(order, 6)
    came(order, 3, unit_cost=Decimal("33.33"))
    address, client = f"purchase-orders/{order.pk}/return/", as_(manager)

    for quantity in ("2", "3", "4"):
        said(client.post(address, back(order, quantity)))

    values = [-movement.value_change for movement in StockMovement.objects.filter(reason="supplier_return")]
    assert values[::-1] == [Decimal("66.66"), Decimal("53.33"), Decimal("40.00")]
    assert level(kurta, store).value == 0


def test_no_more_goes_back_than_came(mill, store, manager, kurta, as_):
    received(kurta, store, 50)
    order = ordered(mill, store, (kurta, 10, "100.00"))
    came(order, 5)
    client, address = as_(manager), f"purchase-orders/{order.pk}/return/"
    said(client.post(address, back(order, "3")))

    answer = client.post(address, back(order, "3"))

    assert (answer.status_code, answer.json()["code"]) == (409, "return_exceeds_received")
    assert codes_of(answer) == [("lines.0.quantity", "return_exceeds_received")]
    assert level(kurta, store).on_hand == 52


def test_what_is_sold_or_promised_does_not_go_back(mill, store, manager, kurta, as_):
    order = ordered(mill, store, (kurta, 5, "1.00"))
    came(order, 5)
    ledger.sell(location=store, lines=[goods(kurta, 2)], document="SALE-1", by=manager)
    ledger.reserve(location=store, lines=[goods(kurta, 2)], document="ORD-1", by=manager)

    answer = as_(manager).post(f"purchase-orders/{order.pk}/return/", back(order, "2"))

    assert (answer.status_code, answer.json()["code"]) == (409, "insufficient_stock")
    assert codes_of(answer) == [("lines.0.quantity", "insufficient_stock")]
    assert lines_of(order)[0].returned == 0


@pytest.mark.parametrize(
    "sent", [{"lines": []}, {"lines": "none"}, {"reason": ""}, {"reason": None}, {"note": "a reason is a reason"}]
)
def test_a_foolish_return_is_refused(sent, mill, store, manager, kurta, as_):
    order = ordered(mill, store, (kurta, 5, "1.00"))
    came(order, 5)
    assert as_(manager).post(f"purchase-orders/{order.pk}/return/", back(order, "1") | sent).status_code == 400
    assert as_(manager).post(f"purchase-orders/{order.pk}/return/", back(order, "0.5")).status_code == 400
    assert level(kurta, store).on_hand == 5


def test_nothing_goes_back_of_what_never_came(mill, store, manager, kurta, as_):
    order = ordered(mill, store, (kurta, 5, "1.00"))
    answer = as_(manager).post(f"purchase-orders/{order.pk}/return/", back(order, "1"))
    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition")


# ------------------------------------------------------------------------------------------------ booked by mistake


def test_a_delivery_that_is_reversed_in_the_ledger_is_awaited_again(mill, store, manager, kurta, sari, as_):
    order = ordered(mill, store, (kurta, 10, "5.00"), (sari, 1, "5.00"))
    came(order, 6, 1)
    came(order, 4)
    client = as_(manager)
    first, second = StockMovement.objects.filter(sku=kurta).order_by("pk")

    said(client.post(f"movements/{second.pk}/reverse/", {"note": "Counted twice"}))
    now = said(client.get(f"purchase-orders/{order.pk}/"))
    assert (now["status"], now["lines"][0]["received"], awaited(kurta)) == ("partly_received", "6.000", 4)
    assert now["finished_on"] is None

    said(client.post(f"movements/{first.pk}/reverse/", {"note": "Counted twice"}))
    said(client.post(f"movements/{StockMovement.objects.get(sku=sari).pk}/reverse/", {}))
    now = said(client.get(f"purchase-orders/{order.pk}/"))
    assert (now["status"], level(kurta, store).on_hand, level(kurta, store).value) == ("sent", 0, 0)
    assert client.post(f"movements/{first.pk}/reverse/", {}).json()["code"] == "duplicate"
    assert [event["kind"] for event in client.get(f"purchase-orders/{order.pk}/timeline/").json()["results"]][:2] == [
        "reversed",
        "reversed",
    ]
    assert sum(receipt.value for receipt in Receipt.objects.all()) == 0
    assert said(client.post(f"purchase-orders/{order.pk}/receive/", delivery(order, "10", "1")))["status"] == "received"


def test_a_closed_order_stays_closed_when_its_delivery_is_reversed(mill, store, manager, kurta, as_):
    order = ordered(mill, store, (kurta, 10, "5.00"))
    came(order, 6)
    client = as_(manager)
    said(client.post(f"purchase-orders/{order.pk}/close/", {}))

    said(client.post(f"movements/{StockMovement.objects.get().pk}/reverse/", {}))

    now = said(client.get(f"purchase-orders/{order.pk}/"))
    assert (now["status"], now["lines"][0]["received"], now["lines"][0]["outstanding"]) == ("closed", "0.000", "0.000")


def test_a_delivery_of_which_some_went_back_is_not_reversed(mill, store, manager, kurta, as_):
    received(kurta, store, 10)
    order = ordered(mill, store, (kurta, 10, "5.00"))
    came(order, 6)
    movement = StockMovement.objects.get(document=order.number)
    said(as_(manager).post(f"purchase-orders/{order.pk}/return/", back(order, "1")))

    answer = as_(manager).post(f"movements/{movement.pk}/reverse/", {})

    assert (answer.status_code, answer.json()["code"]) == (409, "not_reversible")
    assert level(kurta, store).on_hand == 15


# ------------------------------------------------------------------------------------------------ books


STATEMENTS = {"receive": 16, "return": 16}


@pytest.mark.parametrize("many", [1, 50])
def test_a_delivery_takes_as_many_statements_for_one_line_as_for_fifty(many, mill, store, django_assert_num_queries):
    order = ordered(mill, store, *((SkuFactory(), 5, "2.00") for _ in range(many)))
    by = buyer()
    lines = [Came(line=line, quantity=Decimal(3), rejected=Decimal(1)) for line in lines_of(order)]
    back = [SentBack(line=line.line, quantity=Decimal(1)) for line in lines]

    with django_assert_num_queries(STATEMENTS["receive"]):
        receiving.receive(order=order, lines=lines, by=by)
    with django_assert_num_queries(STATEMENTS["return"]):
        receiving.give_back(order=order, lines=back, reason="Seams", by=by)


@settings(max_examples=40)
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["receive", "return", "reverse"]),
            st.integers(0, 1),
            st.integers(0, 7),
            st.integers(0, 3),
            st.booleans(),
        ),
        min_size=3,
        max_size=12,
    )
)
def test_counters_are_what_receipts_and_returns_add_up_to(steps, mill, store, kurta, sari):
    with transaction.atomic():
        by = buyer()
        order = ordered(mill, store, (kurta, 12, "3.33"), (sari, 9, "0.07"))
        for verb, number, quantity, rejected, replace in steps:
            line = lines_of(order)[number]
            try:
                with transaction.atomic():
                    play(verb, order, line, Decimal(quantity), Decimal(rejected), replace, by)
            except RuleError:
                continue
            judge(order)
        transaction.set_rollback(True)


def play(verb, order, line, quantity, rejected, replace, by):
    if verb == "receive":
        one = Came(line=line, quantity=quantity, rejected=rejected, replace=replace)
        receiving.receive(order=order, lines=[one], by=by)
    elif verb == "return":
        receiving.give_back(order=order, lines=[SentBack(line=line, quantity=quantity)], reason="Seams", by=by)
    elif found := line.receipts.filter(quantity__gt=0).order_by("pk")[: 1 + int(rejected)]:
        adjusting.reverse(movement=list(found)[-1].movement, by=by)


def judge(order):
    connection.check_constraints()
    order.refresh_from_db()
    lines = lines_of(order)
    for line in lines:
        came = line.receipts.aggregate(quantity=Sum("quantity"), rejected=Sum("rejected"), value=Sum("value"))
        replaced = line.receipts.filter(replace=True).aggregate(sum=Sum("rejected"))["sum"] or 0
        went = line.receipts.aggregate(sum=Sum("returns__quantity"))["sum"] or 0
        moved = StockMovement.objects.filter(document=order.number, sku=line.sku_id)
        assert (line.received, line.rejected) == (came["quantity"] or 0, came["rejected"] or 0)
        assert (line.replaced, line.returned) == (replaced, went)
        assert line.outstanding == max(line.ordered - line.received - line.rejected + line.replaced, 0)
        assert line.received - line.returned == (moved.aggregate(sum=Sum("on_hand_change"))["sum"] or 0)
    is_all = not any(line.outstanding for line in lines)
    has_come = any(line.received or line.rejected - line.replaced for line in lines)
    assert order.status == ("received" if is_all else "partly_received" if has_come else "sent")


def test_what_came_stays_written(mill, store, kurta):
    came(ordered(mill, store, (kurta, 1, "5.00")), 1)
    for rows in (Receipt.objects, ReceiptLine.objects):
        with pytest.raises(Exception, match="append_only"), transaction.atomic():
            rows.update(value=F("value") + 1)
        with pytest.raises(Exception, match="append_only"), transaction.atomic():
            rows.all()._raw_delete("default")


def test_what_was_sent_arrives_though_its_sku_was_archived_meanwhile(mill, store, kurta):
    order = ordered(mill, store, (kurta, 3, "40.00"))
    Sku.objects.filter(pk=kurta.pk).update(is_active=False)
    assert came(order, 3).status == "received"


@pytest.mark.parametrize(("pieces", "status"), [(5, "cancelled"), (8, "closed")])
def test_a_counter_purchase_that_is_taken_back_awaits_nothing(pieces, status, mill, store, kurta, sari, manager, as_):
    wanted = [Wanted(sku=kurta, quantity=Decimal(5), unit_cost=Decimal(40))]
    if pieces > 5:
        wanted.append(Wanted(sku=sari, quantity=Decimal(3), unit_cost=Decimal(40)))
    order = receiving.buy(supplier=mill, location=store, lines=wanted, by=manager)
    brought = StockMovement.objects.get(document=order.number, sku=kurta)

    assert as_(manager).post(f"movements/{brought.pk}/reverse/", {}).status_code == 200

    assert (PurchaseOrder.objects.get().status, awaited(kurta)) == (status, 0)


def test_only_rejected_pieces_may_have_come(mill, store, manager, kurta, as_):
    order = ordered(mill, store, (kurta, 4, "40.00"))
    body = {"lines": [{"line": order.lines.get().pk, "rejected": "1", "replace": True}]}
    assert as_(manager).post(f"purchase-orders/{order.pk}/receive/", body).json()["status"] == "sent"


def test_a_late_delivery_opens_one_alert_until_it_is_there(mill, store, manager, kurta, as_):
    order = ordered(mill, store, (kurta, 4, "40.00"), expected_on=timezone.localdate() - timedelta(days=2))
    for _hour in range(2):
        ordering.alert_overdue()
    late = Alert.objects.filter(kind="overdue", document=order.number)
    assert [(alert.location, alert.resolved_at) for alert in late] == [(store, None)]

    came(order, 4)

    assert late.get().resolved_at is not None
