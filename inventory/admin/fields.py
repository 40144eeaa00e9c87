"""What is typed, or scanned, into the forms of stock."""

from decimal import Decimal, InvalidOperation

from django import forms
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminTextareaWidget

from inventory.models import MOST_PIECES
from inventory.services.lines import Goods
from skus.models import Sku
from skus.services import lookup

MOST_ROWS = 500


class QuantityField(forms.DecimalField):
    """Pieces, or metres to the millimetre."""

    def __init__(self, **options):
        digits = {"max_digits": 12, "decimal_places": 3, "max_value": MOST_PIECES}
        super().__init__(widget=UnfoldAdminDecimalFieldWidget, **(digits | options))


class GoodsField(forms.CharField):
    """A row for each SKU: its barcode or code, and how many. A hand scanner writes the code alone: one piece a row."""

    def __init__(self, *, most=MOST_ROWS, **options):
        self.most = most
        help_text = "In each row a barcode or a SKU's code, then how many: DRS-RED-M 3. Without a number, one; "
        help_text += "rows with the same code are added up, so that a hand scanner can write them."
        widget = UnfoldAdminTextareaWidget(attrs={"rows": 8})
        super().__init__(widget=widget, help_text=help_text, max_length=100 * most, **options)

    def clean(self, value):
        rows = [parted(row) for row in super().clean(value).splitlines() if row.strip()]
        if len(rows) > self.most:
            raise forms.ValidationError(f"At most {self.most} rows at once.")
        owners = lookup.owners({code for code, _quantity in rows})
        found = Sku.objects.select_related("product").in_bulk({pk for pk in owners.values() if pk})
        errors, totals = [], {}
        for number, (code, quantity) in enumerate(rows, 1):
            if quantity is None:
                errors.append(f"Row {number}: how many is no number.")
            elif not (sku := found.get(owners.get(code))):
                errors.append(f"Row {number}: {lookup.why_unknown(code)}")
            else:
                totals[sku] = totals.get(sku, Decimal(0)) + quantity
        if errors:
            raise forms.ValidationError(errors)
        return [Goods(sku=sku, quantity=quantity) for sku, quantity in totals.items()]


def parted(row):
    """The code of a row, and how many; None if that is no number."""
    code, *rest = row.split()
    if not rest:
        return code, Decimal(1)
    try:
        quantity = Decimal(" ".join(rest))
    except InvalidOperation:
        return code, None
    return code, quantity if quantity.is_finite() and 0 <= quantity <= MOST_PIECES else None
