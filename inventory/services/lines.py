"""The lines of a document, before any shelf is asked: so much of one SKU each."""

from dataclasses import dataclass
from decimal import Decimal

from boutique.errors import line_error
from inventory.services import ledger
from skus.models import Sku


@dataclass(frozen=True, kw_only=True)
class Goods:
    """So much of one SKU, as somebody wrote it down."""

    sku: Sku
    quantity: Decimal


def refuse_twice(lines):
    """One SKU on two lines is more often a slip than meant, and what was counted cannot be two things."""
    ledger.refuse(twice(lines))


def twice(lines):
    first = {}
    for index, line in enumerate(lines):
        if line.sku.pk in first:
            text = f"{line.sku} stands on line {first[line.sku.pk] + 1} already. Put it on one line."
            yield line_error(f"lines.{index}.sku", "duplicate", text)
        first.setdefault(line.sku.pk, index)


def refuse_unfit(lines, location):
    """What no shelf of this place could take, all of it at once."""
    ledger.refuse([*twice(lines), *unfit(lines, location)])


def unfit(lines, location):
    for index, line in enumerate(lines):
        path = f"lines.{index}.quantity"
        if line.quantity <= 0:
            yield line_error(path, "min_value", "More than nothing.")
        elif error := ledger.wrong_quantity(line.quantity, line.sku, path):
            yield error
        if error := ledger.out_of_use(line.sku, location, path):
            yield error


def for_the_ledger(lines):
    """`lines.2.quantity` of a refusal is the third of these."""
    return [
        ledger.Line(sku=line.sku, quantity=line.quantity, path=f"lines.{index}.quantity")
        for index, line in enumerate(lines)
    ]
