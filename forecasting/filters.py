import django_filters
from django import forms
from rest_framework.exceptions import ErrorDetail, ValidationError

from boutique.api.filters import HouseFilterSet, IdField, IdFilter, TruthFilter
from boutique.api.serializers import BIGGEST_ID
from forecasting.models import Forecast, ForecastRun, ReorderSuggestion, ServiceLevel
from inventory.filters import Several
from skus.models import Category

GROUPS = [(name, name) for name in ("location", "category", "product")]


class OfGoods(HouseFilterSet):
    sku = IdFilter()
    product = IdFilter(field_name="sku__product")
    category = IdFilter(method="in_category", label="with all categories below it")
    location = Several(label="one place, or several separated by commas")

    def in_category(self, rows, name, pk):
        return rows.filter(sku__product__category__in=Category.objects.within(pk))


class ForecastRunFilter(HouseFilterSet):
    status = django_filters.ChoiceFilter(choices=ForecastRun.Status.choices)
    location = IdFilter(field_name="places__location")

    class Meta:
        model = ForecastRun
        fields = []


class ForecastFilter(OfGoods):
    run = IdFilter()
    demand_class = django_filters.CharFilter()
    method = django_filters.CharFilter()

    class Meta:
        model = Forecast
        fields = []


class ReorderSuggestionFilter(OfGoods):
    status = django_filters.ChoiceFilter(
        choices=ReorderSuggestion.Status.choices, label="if not said, those that are open"
    )
    kind = django_filters.ChoiceFilter(choices=ReorderSuggestion.Kind.choices)
    supplier = IdFilter()
    source = IdFilter()

    class Meta:
        model = ReorderSuggestion
        fields = []


class ServiceLevelFilter(HouseFilterSet):
    category = IdFilter()
    everything = TruthFilter(field_name="category", lookup_expr="isnull", label="only the one of no single category")

    class Meta:
        model = ServiceLevel
        fields = []


class TotalsForm(forms.Form):
    group_by = forms.ChoiceField(choices=GROUPS, required=False)
    location = IdField(required=False, min_value=1, max_value=BIGGEST_ID)
    category = IdField(required=False, min_value=1, max_value=BIGGEST_ID)
    product = IdField(required=False, min_value=1, max_value=BIGGEST_ID)


def totals_asked(asked):
    """What a question for totals says, for a question that is no list."""
    form = TotalsForm(asked)
    if not form.is_valid():
        problems = {name: [ErrorDetail(" ".join(found), code="invalid")] for name, found in form.errors.items()}
        raise ValidationError(problems)
    return form.cleaned_data | {"group_by": form.cleaned_data["group_by"] or "location"}
