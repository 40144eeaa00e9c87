import django_filters
from django.db.models import Exists, F, OuterRef, Q

from boutique.api.filters import DayFilter, HouseFilterSet, IdFilter, MomentFilter, TruthFilter
from boutique.api.pagination import refuse
from inventory.models import (
    Alert,
    AlertKind,
    CountLine,
    LowStockThreshold,
    Reason,
    StockCount,
    StockLevel,
    StockMovement,
    StockRequest,
    Transfer,
)
from skus import filters as catalogue
from skus.models import Product, selling_price


class Several(django_filters.BaseInFilter, IdFilter):
    """One id, or several separated by commas."""

    def filter(self, rows, ids):
        if ids and None in ids:
            refuse(self.field_name, "A place's id, or several separated by commas.")
        return super().filter(rows, ids)


class StockFilter(catalogue.ByProduct, HouseFilterSet):
    sku = IdFilter()
    product = IdFilter(field_name="sku__product")
    location = Several(label="one place, or several separated by commas")
    category = IdFilter(method="in_category", label="with all categories below it")
    kind = django_filters.ChoiceFilter(choices=Product.Kind.choices, method="by_product")
    price_min = django_filters.NumberFilter(method="from_price", min_value=0)
    price_max = django_filters.NumberFilter(method="to_price", min_value=0)
    on_hand_min = django_filters.NumberFilter(method="at_least")
    on_hand_max = django_filters.NumberFilter(method="at_most")
    is_active = TruthFilter(field_name="sku__is_active")
    low_stock = TruthFilter(method="running_low", label="at or below the threshold")
    as_of = DayFilter(method="at_the_end_of", label="what the book said when that day ended")
    of = "sku__product__"
    asked_price = selling_price("sku__")

    class Meta:
        model = StockLevel
        fields = []

    def at_the_end_of(self, rows, name, day):
        return rows  # see `filter_queryset`: the others speak of that day too

    def filter_queryset(self, queryset):
        day = self.form.cleaned_data.get("as_of")
        return super().filter_queryset(queryset.as_of(day) if day else queryset)

    @property
    def then(self):
        return "then_" if self.form.cleaned_data.get("as_of") else ""

    def at_least(self, rows, name, number):
        return rows.filter(**{f"{self.then}on_hand__gte": number})

    def at_most(self, rows, name, number):
        return rows.filter(**{f"{self.then}on_hand__lte": number})

    def running_low(self, rows, name, wanted):
        """A shelf is low as long as it has an alert that says so. On a past day: by what lay there then."""
        if self.then:
            enough = Q(threshold=None) | Q(threshold__lt=F("then_available"))
            return rows.with_threshold().filter(~enough if wanted else enough)
        low = Exists(Alert.objects.of_low_levels().filter(level=OuterRef("pk")))
        return rows.filter(low if wanted else ~low)


class MovementFilter(HouseFilterSet):
    created_after = MomentFilter(method="recorded_after")
    created_before = MomentFilter(method="recorded_before")
    sku = IdFilter()
    product = IdFilter(field_name="sku__product")
    location = Several(label="one place, or several separated by commas")
    reason = django_filters.ChoiceFilter(choices=Reason.choices)
    document = django_filters.CharFilter()
    recorded_by = IdFilter()
    occurred_after = MomentFilter(field_name="occurred_at", lookup_expr="gt")
    occurred_before = MomentFilter(field_name="occurred_at", lookup_expr="lt")
    business_date = DayFilter()

    class Meta:
        model = StockMovement
        fields = []

    def recorded_after(self, rows, name, moment):
        return rows.recorded_after(moment)

    def recorded_before(self, rows, name, moment):
        return rows.recorded_before(moment)


class OnHand(django_filters.FilterSet):
    """What lies in the caller's own places, for products and SKUs."""

    location = Several(method="counted_there", label="adds up these places only")
    on_hand_min = django_filters.NumberFilter(field_name="on_hand", lookup_expr="gte")
    on_hand_max = django_filters.NumberFilter(field_name="on_hand", lookup_expr="lte")

    low_stock = TruthFilter(method="running_low", label="at or below the threshold in one of these places")
    of_alert = ""  # the way from an alert to what is listed

    def counted_there(self, rows, name, places):
        return rows  # the view has added up those places

    def running_low(self, rows, name, wanted):
        alerts = Alert.objects.of_low_levels().visible_to(self.request.user)
        if places := self.form.cleaned_data.get("location"):
            alerts = alerts.filter(location__in=places)
        low = Exists(alerts.filter(**{self.of_alert: OuterRef("pk")}))
        return rows.filter(low if wanted else ~low)


class ProductFilter(OnHand, catalogue.ProductFilter):
    of_alert = "level__sku__product"

    class Meta(catalogue.ProductFilter.Meta):
        pass


class SkuFilter(OnHand, catalogue.SkuFilter):
    of_alert = "level__sku"

    class Meta(catalogue.SkuFilter.Meta):
        pass


class PaperFilter(HouseFilterSet):
    created_by = IdFilter()


class TransferFilter(PaperFilter):
    source = IdFilter()
    destination = IdFilter()
    location = IdFilter(method="from_or_to", label="leaves it, or comes there")
    status = django_filters.ChoiceFilter(choices=Transfer.Status.choices)
    sku = IdFilter(field_name="lines__sku")

    class Meta:
        model = Transfer
        fields = []

    def from_or_to(self, rows, name, pk):
        return rows.filter(Q(source=pk) | Q(destination=pk))


class StockRequestFilter(PaperFilter):
    location = Several(label="one place, or several separated by commas")
    status = django_filters.ChoiceFilter(choices=StockRequest.Status.choices)
    sku = IdFilter(field_name="lines__sku")

    class Meta:
        model = StockRequest
        fields = []


class StockCountFilter(PaperFilter):
    location = Several(label="one place, or several separated by commas")
    status = django_filters.ChoiceFilter(choices=StockCount.Status.choices)
    blind = TruthFilter()

    class Meta:
        model = StockCount
        fields = []


class CountLineFilter(HouseFilterSet):
    created_after = MomentFilter(field_name="counted_at", lookup_expr="gt")
    created_before = MomentFilter(field_name="counted_at", lookup_expr="lt")
    sku = IdFilter()
    counted_by = IdFilter()

    class Meta:
        model = CountLine
        fields = []


class ThresholdFilter(HouseFilterSet):
    sku = IdFilter()
    product = IdFilter()
    location = Several(label="one place, or several separated by commas")
    everywhere = TruthFilter(field_name="location", lookup_expr="isnull", label="only those of no single place")

    class Meta:
        model = LowStockThreshold
        fields = []


class AlertFilter(HouseFilterSet):
    created_after = opened_after = MomentFilter(field_name="opened_at", lookup_expr="gt")
    created_before = opened_before = MomentFilter(field_name="opened_at", lookup_expr="lt")
    open = TruthFilter(method="still_open", label="its cause is not gone yet; of what is still sold")
    kind = django_filters.ChoiceFilter(choices=AlertKind.choices)
    sku = IdFilter(field_name="level__sku")
    product = IdFilter(field_name="level__sku__product")
    location = Several(label="one place, or several separated by commas")
    acknowledged = TruthFilter(field_name="acknowledged_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Alert
        fields = []

    def still_open(self, rows, name, wanted):
        return rows.open() if wanted else rows.filter(resolved_at__isnull=False)
