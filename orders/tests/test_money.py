"""Arithmetic to the cent, without a database."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders import money
from orders.money import Price, amounts, spread, totals

cents = st.integers(0, 5_000_000).map(lambda number: Decimal(number) / 100)
quantities = st.integers(1, 50_000).map(lambda number: Decimal(number) / 1000)
rates = st.sampled_from(["0", "5", "7", "12.50", "18", "19", "100"]).map(Decimal)


def price(quantity, unit_price, discount="0.00", tax_rate="0"):
    return Price(
        quantity=Decimal(quantity),
        unit_price=Decimal(unit_price),
        discount=Decimal(discount),
        tax_rate=Decimal(tax_rate),
    )


@st.composite
def baskets(draw):
    """Lines with discounts of their own, and a discount of the whole that they can bear."""
    prices = []
    for quantity, unit_price, rate, part in draw(
        st.lists(st.tuples(quantities, cents, rates, st.integers(0, 100)), min_size=1, max_size=8)
    ):
        full = money.rounded(quantity * unit_price)
        discount = (full * part / 100).quantize(money.CENT)
        prices.append(Price(quantity=quantity, unit_price=unit_price, discount=discount, tax_rate=rate))
    whole = sum(one.value for one in prices)
    return prices, (whole * draw(st.integers(0, 100)) / 100).quantize(money.CENT)


def test_half_a_cent_is_rounded_up():
    (line,) = amounts([price("0.5", "0.01")])

    assert line.total == Decimal("0.01")


def test_tax_is_taken_out_of_a_price_that_includes_it():
    (line,) = amounts([price("2", "59.50", tax_rate="19")])

    assert (line.net, line.tax, line.total) == (Decimal("100.00"), Decimal("19.00"), Decimal("119.00"))


def test_tax_comes_on_top_of_a_price_without_it():
    (line,) = amounts([price("2", "50.00", tax_rate="19")], includes_tax=False)

    assert (line.net, line.tax, line.total) == (Decimal("100.00"), Decimal("19.00"), Decimal("119.00"))


def test_a_discount_of_the_whole_is_spread_by_value():
    lines = amounts([price("2", "1500.00"), price("1", "1000.00")], discount=Decimal("400.00"))

    assert [(line.share, line.total) for line in lines] == [
        (Decimal("300.00"), Decimal("2700.00")),
        (Decimal("100.00"), Decimal("900.00")),
    ]


@pytest.mark.parametrize(
    ("amount", "values", "shares"),
    [
        ("100.00", ["100.00", "100.00", "100.00"], ["33.34", "33.33", "33.33"]),
        ("1.00", ["4.00", "1.00", "1.00"], ["0.66", "0.17", "0.17"]),  # the largest gives back what was too much
        ("0.02", ["0.01", "0.01", "0.01"], ["0.00", "0.01", "0.01"]),
        ("0.01", ["0.00", "5.00"], ["0.00", "0.01"]),
        ("0.00", ["0.00", "0.00"], ["0.00", "0.00"]),
    ],
)
def test_remainder_cents_are_the_largest_lines(amount, values, shares):
    assert spread(Decimal(amount), [Decimal(value) for value in values]) == [Decimal(share) for share in shares]


def test_cents_that_do_not_fit_on_the_largest_go_to_the_next():
    shares = spread(Decimal("2.49"), [Decimal("0.01")] * 500)

    assert (sum(shares), max(shares)) == (Decimal("2.49"), Decimal("0.01"))


@given(basket=baskets(), includes_tax=st.booleans())
def test_totals_are_sums_of_rounded_lines(basket, includes_tax):
    prices, discount = basket
    lines = amounts(prices, discount=discount, includes_tax=includes_tax)
    whole = totals(prices, lines, discount=discount)

    assert whole.total == sum(line.total for line in lines)
    assert whole.tax == sum(line.tax for line in lines)
    assert whole.total == whole.subtotal - discount + (0 if includes_tax else whole.tax)
    assert sum(line.share for line in lines) == discount
    for one, line in zip(prices, lines, strict=True):
        assert 0 <= line.share <= one.value
        assert line.net >= 0
        assert line.tax >= 0
        assert line.total == line.total.quantize(money.CENT)
        exact = line.net * one.tax_rate / 100 if not includes_tax else line.total * one.tax_rate / (100 + one.tax_rate)
        assert line.tax == exact.quantize(money.CENT, ROUND_HALF_UP)


@given(values=st.lists(cents, min_size=1, max_size=30), part=st.integers(0, 1000))
def test_shares_add_up_and_none_is_more_than_its_line(values, part):
    amount = (sum(values) * part / 1000).quantize(money.CENT)

    shares = spread(amount, values)

    assert sum(shares) == amount
    assert all(0 <= share <= value for share, value in zip(shares, values, strict=True))


@given(values=st.lists(cents.filter(bool), min_size=2, max_size=30), part=st.integers(1, 999))
def test_all_but_the_largest_have_their_share_to_the_half_cent(values, part):
    amount, whole = (sum(values) * part / 1000).quantize(money.CENT), sum(values)

    shares = spread(amount, values)

    off = [abs(share - amount * value / whole) for share, value in zip(shares, values, strict=True)]
    assert sum(distance > Decimal("0.005") for distance in off) <= 1 or max(values) < 1
