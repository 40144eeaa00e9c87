import django_filters
from django import forms
from django.db.models import Exists, OuterRef
from django.utils import timezone
from rest_framework.exceptions import ErrorDetail, ValidationError

from boutique.api.filters import DayFilter, HouseFilterSet, IdFilter, MomentFilter, TruthFilter
from inventory.filters import PaperFilter, Several
from suppliers.models import PurchaseCost, PurchaseLine, PurchaseOrder, Receipt, Supplier, SupplierReturn, SupplierSku


class SupplierFilter(HouseFilterSet):
    is_active = TruthFilter()
    sku = IdFilter(field_name="prices__sku", label="has this SKU")

    class Meta:
        model = Supplier
        fields = []


class SupplierSkuFilter(HouseFilterSet):
    supplier = IdFilter()
    sku = IdFilter()
    product = IdFilter(field_name="sku__product")
    supplier_code = django_filters.CharFilter(lookup_expr="iexact")
    is_preferred = TruthFilter()

    class Meta:
        model = SupplierSku
        fields = []


class PurchaseOrderFilter(PaperFilter):
    supplier = IdFilter()
    location = Several(label="one place, or several separated by commas")
    status = django_filters.ChoiceFilter(choices=PurchaseOrder.Status.choices)
    expected_after = DayFilter(field_name="expected_on", lookup_expr="gte", label="that day or later")
    expected_before = DayFilter(field_name="expected_on", lookup_expr="lte", label="that day or before")
    overdue = TruthFilter(method="late", label="still awaited, though its day has passed")
    sku = IdFilter(method="about", label="orders this SKU")

    class Meta:
        model = PurchaseOrder
        fields = []

    def late(self, rows, name, wanted):
        late = PurchaseOrder.objects.overdue(timezone.localdate()).values("pk")
        return rows.filter(pk__in=late) if wanted else rows.exclude(pk__in=late)

    def about(self, rows, name, sku):
        return rows.filter(Exists(PurchaseLine.objects.filter(order=OuterRef("pk"), sku=sku)))


class OfOrderFilter(HouseFilterSet):
    created_after = MomentFilter(field_name="at", lookup_expr="gt")
    created_before = MomentFilter(field_name="at", lookup_expr="lt")


class ReceiptFilter(OfOrderFilter):
    class Meta:
        model = Receipt
        fields = []


class SupplierReturnFilter(OfOrderFilter):
    class Meta:
        model = SupplierReturn
        fields = []


class PurchaseCostFilter(OfOrderFilter):
    class Meta:
        model = PurchaseCost
        fields = []


class Period(forms.Form):
    after = forms.DateField(required=False)
    before = forms.DateField(required=False)


def days_asked(asked):
    """`after` and `before`, for a question that is no list."""
    period = Period(asked)
    if not period.is_valid():
        problems = {name: [ErrorDetail(" ".join(found), code="invalid")] for name, found in period.errors.items()}
        raise ValidationError(problems)
    return period.cleaned_data
