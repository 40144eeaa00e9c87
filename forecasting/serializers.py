from decimal import Decimal

from rest_framework import serializers
from rest_framework.exceptions import NotFound

from accounts.models import Location
from accounts.serializers import RECORD_FIELDS, LocationBrief
from boutique.api.serializers import (
    Amount,
    HouseModelSerializer,
    HouseSerializer,
    Label,
    Reference,
    References,
    Truth,
    WholeNumber,
)
from forecasting.models import Forecast, ForecastRun, ReorderSuggestion, ServiceLevel
from forecasting.services.runs import LONGEST_HORIZON
from inventory.serializers.stock import COST, Cost, Quantity
from skus.serializers import SkuBrief
from suppliers.serializers import SupplierBrief


class Places(References):
    """Places to work in: as with one place, others' are not there (404)."""

    def __init__(self, **options):
        rows = Location.objects.exclude(kind=Location.Kind.TRANSIT)
        super().__init__(child_relation=Reference(queryset=rows), **options)

    def to_internal_value(self, data):
        try:
            return super().to_internal_value(data)
        except serializers.ValidationError as error:
            unseen = isinstance(error.detail, dict) and any(
                code == "does_not_exist" for codes in error.get_codes().values() for code in codes
            )
            if unseen and not self.context["request"].user.has_perm("accounts.see_all_places"):
                raise NotFound from None
            raise


# ------------------------------------------------------------------------------------------------ runs


class RunAccuracySerializer(HouseSerializer):
    """How well the last weeks would have been forecast, beside saying "as much as in the week before". null: too little
    is known."""

    series = WholeNumber(read_only=True, allow_null=True, help_text="How many could be tried.")
    wql = serializers.FloatField(read_only=True, allow_null=True, help_text="Weighted quantile loss: less is better.")
    naive_wql = serializers.FloatField(read_only=True, allow_null=True)
    mase = serializers.FloatField(read_only=True, allow_null=True, help_text="Below 1: better than the naive one.")
    coverage_95 = serializers.FloatField(
        read_only=True, allow_null=True, help_text="In how many weeks no more sold than the 95 % quantile said."
    )


class ForecastRunSerializer(HouseModelSerializer):
    locations = serializers.PrimaryKeyRelatedField(many=True, read_only=True)
    location_codes = serializers.SerializerMethodField()
    progress = serializers.FloatField(read_only=True, help_text="From 0 to 1.")
    series_done = WholeNumber(read_only=True)
    seconds = serializers.FloatField(read_only=True, allow_null=True)
    accuracy = serializers.SerializerMethodField()
    created_by_name = Label("created_by.get_full_name")
    allowed_actions = serializers.SerializerMethodField()

    class Meta:
        model = ForecastRun
        fields = [
            "id", "status", "progress", "series", "series_done", "seconds", "locations", "location_codes",
            "horizon_weeks", "start", "accuracy", "failure", "started_at", "finished_at", "allowed_actions",
            *RECORD_FIELDS,
        ]  # fmt: skip
        read_only_fields = fields

    def get_location_codes(self, run) -> list[str]:
        return [place.code for place in run.locations.all()]

    def get_accuracy(self, run) -> RunAccuracySerializer:
        return {name: run.accuracy.get(name) for name in RunAccuracySerializer._declared_fields}

    def get_allowed_actions(self, run) -> list[str]:
        by = self.context["request"].user
        if not (run.is_open and by.has_perm("forecasting.cancel_forecastrun")):
            return []
        everywhere = by.has_perm("accounts.see_all_places")
        is_theirs = everywhere or {place.pk for place in run.locations.all()} <= set(by.location_ids)
        return ["cancel"] if is_theirs else []


class NewRunSerializer(HouseSerializer):
    """Without `locations`: all places you work in. Without `horizon_weeks`: as many as the shop has set."""

    locations = Places(required=False, allow_empty=False)
    horizon_weeks = WholeNumber(required=False, min_value=1, max_value=LONGEST_HORIZON)


# ------------------------------------------------------------------------------------------------ forecasts


class AccuracySerializer(HouseSerializer):
    """How this series would have been forecast over its last weeks. null: too little is known of it."""

    wql = serializers.FloatField(read_only=True, allow_null=True)
    naive_wql = serializers.FloatField(read_only=True, allow_null=True)
    mase = serializers.FloatField(read_only=True, allow_null=True)
    bias = serializers.FloatField(read_only=True, allow_null=True)
    coverage_95 = serializers.FloatField(read_only=True, allow_null=True)


class QuantilesSerializer(serializers.Serializer):
    """So much or less will be wanted in 50, 80 and 95 of 100 cases, week by week."""

    def get_fields(self):
        # Their names are no words of Python.
        names = ("0.5", "0.8", "0.95")
        return {name: serializers.ListField(child=serializers.FloatField(), read_only=True) for name in names}


class ForecastSerializer(HouseModelSerializer):
    """`mean` and `quantiles` hold one number for each week from `start` on."""

    expandable = {"sku": SkuBrief, "location": LocationBrief}
    sku_code = Label("sku.code")
    product = serializers.IntegerField(source="sku.product_id", read_only=True)
    product_name = Label("sku.product.name")
    size = Label("sku.size")
    colour = Label("sku.colour")
    location_code = Label("location.code")
    mean = serializers.ListField(child=serializers.FloatField(), read_only=True)
    quantiles = serializers.SerializerMethodField()
    accuracy = serializers.SerializerMethodField()
    service_level = Amount(max_digits=4, decimal_places=3, read_only=True)
    expected = serializers.FloatField(read_only=True, help_text="In lead time and review period together.")
    reorder_point = serializers.FloatField(read_only=True)
    target = serializers.FloatField(read_only=True)

    class Meta:
        model = Forecast
        fields = [
            "id", "sku", "sku_code", "product", "product_name", "size", "colour", "location", "location_code", "run",
            "period", "start", "mean", "quantiles", "method", "demand_class", "weeks_known", "accuracy", "reason",
            "lead_days", "review_days", "service_level", "expected", "reorder_point", "target", "created_at",
            "updated_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_quantiles(self, forecast) -> QuantilesSerializer:
        return forecast.quantiles

    def get_accuracy(self, forecast) -> AccuracySerializer:
        return {name: forecast.accuracy.get(name) for name in AccuracySerializer._declared_fields}


class ForecastTotalSerializer(HouseSerializer):
    """The means of all SKUs that belong to it, added up: totals are always what their parts say."""

    id = WholeNumber(read_only=True, allow_null=True, help_text="Of the place, category or product.")
    name = serializers.CharField(read_only=True)
    series = WholeNumber(read_only=True)
    start = serializers.DateField(read_only=True)
    mean = serializers.ListField(child=serializers.FloatField(), read_only=True)


class ForecastTotalsSerializer(HouseSerializer):
    group_by = serializers.CharField(read_only=True)
    results = ForecastTotalSerializer(many=True, read_only=True)
    more = Truth(read_only=True, help_text="There are others, of which less will sell.")


# ------------------------------------------------------------------------------------------------ suggestions


class ReorderSuggestionSerializer(HouseModelSerializer):
    guarded = {"unit_cost": COST, "total_cost": COST}
    expandable = {"sku": SkuBrief, "location": LocationBrief, "supplier": SupplierBrief, "source": LocationBrief}
    sku_code = Label("sku.code")
    product = serializers.IntegerField(source="sku.product_id", read_only=True)
    product_name = Label("sku.product.name")
    size = Label("sku.size")
    colour = Label("sku.colour")
    location_code = Label("location.code")
    supplier_name = Label("supplier.name")
    source_code = Label("source.code")
    unit_cost = Cost(read_only=True, allow_null=True)
    total_cost = Cost(read_only=True, allow_null=True)
    on_hand = Quantity(read_only=True)
    reserved = Quantity(read_only=True)
    incoming = Quantity(read_only=True)
    drafts = Quantity(read_only=True)
    position = Quantity(read_only=True)
    reorder_point = Quantity(read_only=True)
    target = Quantity(read_only=True)
    quantity = Quantity(read_only=True)
    decided_by_name = Label("decided_by.get_full_name")
    allowed_actions = serializers.SerializerMethodField()

    class Meta:
        model = ReorderSuggestion
        fields = [
            "id", "kind", "status", "sku", "sku_code", "product", "product_name", "size", "colour", "location",
            "location_code", "supplier", "supplier_name", "source", "source_code", "on_hand", "reserved", "incoming",
            "drafts", "position", "reorder_point", "target", "quantity", "unit_cost", "total_cost", "arithmetic",
            "document", "decided_by", "decided_by_name", "decided_at", "allowed_actions", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_allowed_actions(self, suggestion) -> list[str]:
        by = self.context["request"].user
        if suggestion.status != ReorderSuggestion.Status.OPEN:
            return []
        return [verb for verb in ("accept", "dismiss") if by.has_perm(f"forecasting.{verb}_reordersuggestion")]


class AcceptSuggestionsSerializer(HouseSerializer):
    """Which suggestions: all of them, or none."""

    ids = Reference(queryset=ReorderSuggestion.objects.all(), many=True, allow_empty=False)

    def validate(self, sent):
        return {"suggestions": sent["ids"]}


class AcceptedSerializer(HouseSerializer):
    """What has been made of them: ids of draft orders, and of transfers that were asked for."""

    purchase_orders = serializers.ListField(child=serializers.IntegerField(), read_only=True)
    transfers = serializers.ListField(child=serializers.IntegerField(), read_only=True)
    markdowns = serializers.ListField(
        child=serializers.IntegerField(), read_only=True, help_text="SKUs whose price is now somebody's to lower."
    )


# ------------------------------------------------------------------------------------------------ service levels


class ServiceLevelSerializer(HouseModelSerializer):
    """`category` null: what holds for all that have none of their own, nor one above them."""

    category_name = Label("category.name")
    level = Amount(max_digits=4, decimal_places=3, min_value=Decimal("0.5"), max_value=Decimal("0.995"))
    review_days = WholeNumber(required=False, allow_null=True, min_value=1, max_value=365)
    created_by_name = Label("created_by.get_full_name")

    class Meta:
        model = ServiceLevel
        fields = ["id", "category", "category_name", "level", "review_days", *RECORD_FIELDS]
        read_only_fields = ["id", *RECORD_FIELDS]
