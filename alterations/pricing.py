"""What work on a garment costs and how long it takes: numbers in, numbers out.

The cloth multiplies price and minutes, up to a cap; haste costs more and is no quicker; who opens a seam already has
done part of the next piece of work on it.
"""

from collections.abc import Collection
from decimal import ROUND_CEILING, Decimal
from math import prod

FACTORS = {
    "lined": Decimal("1.30"),
    "silk": Decimal("1.25"),
    "lace": Decimal("1.30"),
    "beads": Decimal("1.60"),
    "velvet": Decimal("1.25"),
    "leather": Decimal("1.50"),
    "knit": Decimal("1.10"),
    "heavy_denim": Decimal("1.10"),
    "checks": Decimal("1.15"),
    "vintage": Decimal("1.30"),
}
CAP = Decimal("2.50")
FINE = Decimal("0.01")
SAME_SEAM = Decimal("0.80")


def factor(fabrics: Collection[str]):
    """How much longer this cloth takes, and how much more it costs. Each thing about it counts once."""
    return min(prod((FACTORS[fabric] for fabric in set(fabrics)), start=Decimal(1)), CAP).quantize(FINE)


def minutes(each, quantity, cloth, *, seam_is_open=False):
    """Begun minutes count whole."""
    taken = each * quantity * cloth * (SAME_SEAM if seam_is_open else 1)
    return int(taken.to_integral_value(ROUND_CEILING))
