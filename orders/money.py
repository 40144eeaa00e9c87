"""What lines cost: numbers in, numbers out.

A price includes its tax, or the tax comes on top of it: the house says which, once for each order. Each line is rounded
half up to the cent, and nothing else ever is: totals are sums of rounded lines.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
ZERO = Decimal("0.00")


@dataclass(frozen=True, kw_only=True)
class Price:
    """What was agreed for one line."""

    quantity: Decimal
    unit_price: Decimal
    discount: Decimal = ZERO  # an amount, off this line
    tax_rate: Decimal = ZERO  # in percent

    @property
    def full(self):
        """Before any discount."""
        return rounded(self.quantity * self.unit_price)

    @property
    def value(self):
        """After its own discount; the document's discount is spread by it."""
        return self.full - self.discount


@dataclass(frozen=True, kw_only=True)
class Amounts:
    """What one line comes to. `share` is its part of the document's discount."""

    share: Decimal
    net: Decimal
    tax: Decimal

    @property
    def total(self):
        return self.net + self.tax


@dataclass(frozen=True, kw_only=True)
class Totals:
    """What a document comes to. `subtotal` is before its discount, and before tax where that comes on top."""

    subtotal: Decimal
    discount: Decimal
    tax: Decimal
    total: Decimal


def rounded(number):
    return number.quantize(CENT, ROUND_HALF_UP)


def amounts(prices: Sequence[Price], *, discount=ZERO, includes_tax=True):
    """The amounts of each line. No discount may be more than what it is taken off."""
    shares = spread(discount, [price.value for price in prices])
    return [of_line(price, share, includes_tax) for price, share in zip(prices, shares, strict=True)]


def of_line(price, share, includes_tax):
    paid, rate = price.value - share, price.tax_rate
    if includes_tax:
        tax = rounded(paid * rate / (100 + rate))
        return Amounts(share=share, net=paid - tax, tax=tax)
    return Amounts(share=share, net=paid, tax=rounded(paid * rate / 100))


def totals(prices, lines, *, discount=ZERO):
    return Totals(
        subtotal=sum((price.value for price in prices), ZERO),
        discount=discount,
        tax=sum((line.tax for line in lines), ZERO),
        total=sum((line.total for line in lines), ZERO),
    )


def spread(amount, values):
    """An amount in shares by value, to the cent. What rounding leaves over, or took too much, is the largest's."""
    whole = sum(values, ZERO)
    if not whole:
        return [ZERO] * len(values)
    shares = [rounded(amount * value / whole) for value in values]
    left = amount - sum(shares, ZERO)
    # Where the largest has no room for all of it, or not so much to give, the next one is asked.
    for index in sorted(range(len(values)), key=lambda index: -values[index]):
        step = min(left, values[index] - shares[index]) if left > 0 else max(left, -shares[index])
        shares[index] += step
        left -= step
    return shares


def percentage(percent, amount):
    return rounded(amount * percent / 100)
