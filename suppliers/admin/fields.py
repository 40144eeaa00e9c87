"""What is typed, or scanned, into the forms of purchases."""

from dataclasses import replace
from decimal import Decimal, InvalidOperation

from django import forms
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminTextareaWidget

from inventory.admin.fields import MOST_ROWS, QuantityField
from inventory.models import MOST_PIECES
from inventory.serializers.stock import COST
from skus.admin.fields import PriceField
from skus.models import MOST_MONEY, Sku
from skus.services import lookup
from suppliers.services.ordering import Wanted

CENT = Decimal("0.01")


def day(**options):
    from unfold.widgets import UnfoldAdminDateWidget

    return forms.DateField(required=False, widget=UnfoldAdminDateWidget, **options)


def quantity(**options):
    return QuantityField(required=False, min_value=0, **options)


class PricedGoodsField(forms.CharField):
    """A row for each SKU: its barcode or code, how many, and what one of them costs."""

    def __init__(self, **options):
        help_text = "In each row a barcode or a SKU's code, how many, and what one costs: DRS-RED-M 10 40.00. "
        help_text += "Without a cost, what the supplier takes for it."
        widget = UnfoldAdminTextareaWidget(attrs={"rows": 8})
        super().__init__(widget=widget, help_text=help_text, max_length=120 * MOST_ROWS, **options)

    def clean(self, value):
        rows = [row.split() for row in super().clean(value).splitlines() if row.strip()]
        if len(rows) > MOST_ROWS:
            raise forms.ValidationError(f"At most {MOST_ROWS} rows at once.")
        owners = lookup.owners({row[0] for row in rows})
        found = Sku.objects.select_related("product").in_bulk({pk for pk in owners.values() if pk})
        errors, wanted = [], []
        for number, (code, *figures) in enumerate(rows, 1):
            line, wrong = wanted_of(figures), ""
            if line is None:
                wrong = "a code, how many, and what one costs, with spaces between them."
            elif not (sku := found.get(owners.get(code))):
                wrong = lookup.why_unknown(code)
            if wrong:
                errors.append(f"Row {number}: {wrong}")
            else:
                wanted.append(replace(line, sku=sku))
        if errors:
            raise forms.ValidationError(errors)
        return wanted


def wanted_of(figures):
    """How many, and what one costs; None if these are no such numbers."""
    try:
        many, *cost = [Decimal(figure) for figure in figures] or [Decimal(1)]
    except InvalidOperation:
        return None
    if len(cost) > 1 or not all(number.is_finite() for number in (many, *cost)) or not 0 <= many <= MOST_PIECES:
        return None
    if cost and not (0 <= cost[0] <= MOST_MONEY and cost[0] == cost[0].quantize(CENT)):
        return None
    return Wanted(quantity=many, unit_cost=cost[0].quantize(CENT) if cost else None)


class AmountField(forms.DecimalField):
    """Money; a credit is below nothing."""

    def __init__(self, most, **options):
        digits = {"max_digits": 18, "decimal_places": 2, "min_value": -most, "max_value": most}
        super().__init__(widget=UnfoldAdminDecimalFieldWidget, **digits, **options)


class WithoutCosts:
    """Asks nobody for a cost who sees none."""

    def __init__(self, *args, by, **options):
        if not by.has_perm(COST):
            self.asked = {name: field for name, field in self.asked.items() if name != "unit_cost"}
        super().__init__(*args, by=by, **options)


def unit_cost(**options):
    return PriceField(**options)
