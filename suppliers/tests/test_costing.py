"""Freight, duty and other prices, known after the goods were received: to the cent, and never written back."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.models import StockLevel, StockMovement
from inventory.services import ledger
from inventory.tests.factories import line as goods
from inventory.tests.factories import received
from skus.tests.factories import ProductFactory, SkuFactory
from suppliers.models import PurchaseCost, PurchaseLine
from suppliers.services import costing
from suppliers.tests.factories import buyer, came, codes_of, ordered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("adds_up")]


@pytest.fixture
def order(mill, store, kurta, sari):
    """Ten kurtas for 1,000.00 and four saris for 200.00, all of it here."""
    order = ordered(mill, store, (kurta, 10, "100.00"), (sari, 4, "50.00"))
    came(order, 10, 4)
    return order


def sold(sku, store, quantity):
    ledger.sell(location=store, lines=[goods(sku, quantity)], document="SALE-1", by=buyer())


def add(client, order, amount, **more):
    return client.post(f"purchase-orders/{order.pk}/costs/", {"amount": amount} | more)


def shares_of(client, order):
    (cost, *_others) = client.get(f"purchase-orders/{order.pk}/costs/").json()["results"]
    return [(line["amount"], line["stocked"], line["expensed"]) for line in cost["lines"]]


def values(store):
    return {level.sku.code: str(level.value) for level in StockLevel.objects.filter(location=store)}


def test_freight_is_spread_by_value_and_raises_the_average(order, store, manager, as_):
    answer = add(as_(manager), order, "60.00", note="Freight of the first van")

    assert (answer.status_code, answer.json()["status"]) == (200, "received")
    assert shares_of(as_(manager), order) == [("50.00", "50.00", "0.00"), ("10.00", "10.00", "0.00")]
    assert values(store) == {"KRT-BLU-M": "1050.00", "SARI": "210.00"}
    kurta = StockMovement.objects.filter(sku__code="KRT-BLU-M").first()
    assert (kurta.reason, kurta.on_hand_change, kurta.value_change, kurta.unit_cost) == (
        "purchase",
        0,
        Decimal("50.00"),
        None,
    )
    assert (kurta.document, kurta.note) == (order.number, "Freight of the first van")
    assert StockLevel.objects.get(sku__code="KRT-BLU-M").average_cost == 105
    shown = as_(manager).get("movements/", {"document": order.number}).json()["results"]
    assert [row["value_change"] for row in shown] == ["10.00", "50.00", "200.00", "1000.00"]


def test_what_falls_on_goods_that_are_sold_is_an_expense(order, store, kurta, sari, manager, as_):
    sold(kurta, store, 7)
    sold(sari, store, 4)

    add(as_(manager), order, "60.00")

    assert shares_of(as_(manager), order) == [("50.00", "15.00", "35.00"), ("10.00", "0.00", "10.00")]
    assert values(store) == {"KRT-BLU-M": "315.00", "SARI": "0.00"}


def test_no_more_is_here_than_came(order, store, kurta, manager, as_):
    received(kurta, store, 30, "80.00")
    add(as_(manager), order, "60.00")
    assert shares_of(as_(manager), order)[0] == ("50.00", "50.00", "0.00")


def test_what_went_back_bears_nothing(order, store, kurta, sari, manager, as_):
    client = as_(manager)
    first, second = order.lines.order_by("pk")
    back = [{"line": first.pk, "quantity": "8"}, {"line": second.pk, "quantity": "4"}]
    client.post(f"purchase-orders/{order.pk}/return/", {"lines": back, "reason": "Seams"})

    add(client, order, "60.00")

    assert shares_of(client, order) == [("60.00", "60.00", "0.00")]
    assert values(store)["KRT-BLU-M"] == "260.00"


def test_a_credit_makes_them_worth_less(order, store, kurta, manager, as_):
    sold(kurta, store, 5)

    add(as_(manager), order, "-120.00", note="They billed too much")

    assert shares_of(as_(manager), order) == [("-100.00", "-50.00", "-50.00"), ("-20.00", "-20.00", "0.00")]
    assert values(store) == {"KRT-BLU-M": "450.00", "SARI": "180.00"}


def test_no_shelf_is_worth_less_than_nothing_and_nothing_of_a_credit_is_lost(mill, store, kurta, manager, as_):
    received(kurta, store, 10, "0.10")
    order = ordered(mill, store, (kurta, 10, "10.00"))
    came(order, 10)
    sold(kurta, store, 10)  # at 5.05: 50.50 are left

    add(as_(manager), order, "-100.00")

    assert shares_of(as_(manager), order) == [("-100.00", "-50.50", "-49.50")]
    assert values(store) == {"KRT-BLU-M": "0.00"}


def test_nobody_gives_back_more_than_was_paid(order, store, manager, as_):
    client = as_(manager)
    add(client, order, "-1000.00")

    answer = add(client, order, "-300.00")

    assert (answer.status_code, answer.json()["code"]) == (409, "credit_exceeds_cost")
    assert codes_of(answer) == [("amount", "credit_exceeds_cost")] * 2
    assert values(store) == {"KRT-BLU-M": "166.67", "SARI": "33.33"}
    assert add(client, order, "-200.00").status_code == 200
    assert values(store) == {"KRT-BLU-M": "0.00", "SARI": "0.00"}


def test_the_shares_may_be_told(order, store, manager, as_):
    first, second = order.lines.order_by("pk")
    told = [{"line": second.pk, "amount": "20.00"}, {"line": first.pk, "amount": "-10.00"}]

    assert add(as_(manager), order, "10.00", lines=told).status_code == 200

    assert values(store) == {"KRT-BLU-M": "990.00", "SARI": "220.00"}


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ({"amount": "0.00"}, ("amount", "invalid")),
        ({"amount": "1.005"}, ("amount", "max_decimal_places")),
        ({"amount": "100000001"}, ("amount", "max_value")),
        ({"lines": "none"}, ("lines", "not_a_list")),
        ({"lines": [{"line": "first", "amount": "9.99"}]}, ("lines", "invalid")),
        ({"lines": [{"line": "first", "amount": "5.00"}] * 2}, ("lines.1.line", "duplicate")),
        ({"lines": [{"line": "other", "amount": "10.00"}]}, ("lines.0.line", "not_found")),
        ({"lines": [{"line": 999_999_999, "amount": "10.00"}]}, ("lines.0.line", "not_found")),
        ({"supplier": 1}, ("supplier", "unknown_field")),
    ],
)
def test_a_foolish_bill_is_refused(sent, wrong, order, mill, store, kurta, manager, as_):
    other = ordered(mill, store, (kurta, 1, "1.00"))
    ids = {"first": order.lines.order_by("pk")[0].pk, "other": other.lines.get().pk}
    if isinstance(sent.get("lines"), list):
        sent = sent | {"lines": [line | {"line": ids.get(line["line"], line["line"])} for line in sent["lines"]]}

    answer = as_(manager).post(f"purchase-orders/{order.pk}/costs/", {"amount": "10.00"} | sent)

    assert (answer.status_code, codes_of(answer)) == (400, [wrong])
    assert not PurchaseCost.objects.exists()


def test_nothing_is_spread_over_what_never_came(mill, store, kurta, manager, as_):
    sent = ordered(mill, store, (kurta, 1, "1.00"))
    rejected = ordered(mill, store, (kurta, 1, "1.00"))
    came(rejected, 0, rejected=Decimal(1))

    answers = [add(as_(manager), order, "5.00") for order in (sent, rejected)]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (409, "illegal_transition"),
        (409, "nothing_received"),
    ]


def test_goods_for_nothing_share_by_their_pieces(mill, store, kurta, sari, manager, as_):
    order = ordered(mill, store, (kurta, 1, "0.00"), (sari, 3, "0.00"))
    came(order, 1, 3)
    add(as_(manager), order, "10.00")
    assert values(store) == {"KRT-BLU-M": "2.50", "SARI": "7.50"}


def test_freight_of_goods_no_longer_sold_is_booked_all_the_same(order, store, kurta, manager, as_):
    kurta.is_active = False
    kurta.save()
    assert add(as_(manager), order, "60.00").status_code == 200
    assert values(store)["KRT-BLU-M"] == "1050.00"


def test_sales_staff_learn_nothing_of_it(order, clerk, manager, as_):
    add(as_(manager), order, "61.37", note="Freight")
    assert add(as_(clerk), order, "60.00").status_code == 403
    assert as_(clerk).get(f"purchase-orders/{order.pk}/costs/").status_code == 403
    assert "61.37" not in as_(clerk).get(f"purchase-orders/{order.pk}/timeline/").text


@pytest.mark.parametrize("many", [1, 50])
def test_a_bill_takes_as_many_statements_for_one_line_as_for_fifty(many, mill, store, django_assert_num_queries):
    order = ordered(mill, store, *((SkuFactory(), 2, "2.00") for _ in range(many)))
    came(order, *[2] * many)
    by = buyer()
    with django_assert_num_queries(18):
        costing.add_cost(order=order, amount=Decimal("9.99"), by=by)


@given(
    amount=st.integers(-100_000, 100_000).filter(bool).map(lambda cents: Decimal(cents) / 100),
    weights=st.lists(st.integers(0, 9_999).map(lambda cents: Decimal(cents) / 100), min_size=1, max_size=20),
)
def test_the_shares_add_up_to_the_cent(amount, weights):
    own = {number: PurchaseLine(received=Decimal(number)) for number, _ in enumerate(weights, 1)}
    parts = costing.spread(amount, own, dict(enumerate(weights, 1)))

    assert sum(parts.values()) == amount
    assert all(part == ledger.rounded(part) for part in parts.values())


def test_cloth_on_the_shelf_bears_its_share_to_the_millimetre(mill, store, manager, as_):
    silk = SkuFactory(code="SILK", product=ProductFactory(unit="metre"))
    order = ordered(mill, store, (silk, "3.000", "8.00"))
    came(order, "3")
    sold(silk, store, "1.999")
    add(as_(manager), order, "1.00")
    assert shares_of(as_(manager), order) == [("1.00", "0.33", "0.67")]


@pytest.mark.parametrize("amount", ["0.05", "2.50", "-0.05", "100.00", "0.01"])
def test_every_share_goes_the_way_of_the_amount(amount):
    """Of ten equal lines, none is credited so that the others may pay."""
    lines = {pk: PurchaseLine(pk=pk, received=Decimal(1)) for pk in range(1, 11)}
    parts = costing.spread(Decimal(amount), lines, dict.fromkeys(lines, Decimal("10.00")))
    assert sum(parts.values()) == Decimal(amount)
    assert all(part * Decimal(amount) >= 0 for part in parts.values())
    assert max(parts.values()) - min(parts.values()) <= Decimal("0.01")


def test_goods_that_were_credited_go_back_at_what_they_cost_in_the_end(mill, store, kurta, manager, as_):
    """Ten at 100.00, half of it credited: nobody gets back more than was paid."""
    order = ordered(mill, store, (kurta, 10, "100.00"))
    came(order, 10)
    client, line = as_(manager), order.lines.get()
    add(client, order, "-500.00")

    for pieces, value in (("4", "200.00"), ("5", "250.00"), ("1", "50.00")):
        body = {"lines": [{"line": line.pk, "quantity": pieces}], "reason": "Faulty."}
        assert client.post(f"purchase-orders/{order.pk}/return/", body).status_code == 200
        assert client.get(f"purchase-orders/{order.pk}/returns/").json()["results"][0]["value"] == value

    assert client.get(f"suppliers/{mill.pk}/").json()["spend"] == "0.00"


def test_a_delivery_that_carries_freight_is_not_reversed_before_its_freight(mill, store, kurta, manager, as_):
    order = ordered(mill, store, (kurta, 10, "100.00"))
    came(order, 10)
    client = as_(manager)
    add(client, order, "50.00")
    delivery = StockMovement.objects.get(document=order.number, on_hand_change=10)

    refused = client.post(f"movements/{delivery.pk}/reverse/", {})
    assert (refused.status_code, "costs/" in refused.json()["detail"]) == (409, True)
    assert values(store) == {"KRT-BLU-M": "1050.00"}

    add(client, order, "-50.00")
    assert client.post(f"movements/{delivery.pk}/reverse/", {}).status_code == 200
    figures = client.get(f"suppliers/{mill.pk}/").json()
    assert (figures["spend"], figures["lead_time_days_taken"]) == ("0.00", None)
