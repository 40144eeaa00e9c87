import datetime

from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from accounts.serializers import RECORD_FIELDS
from boutique.api.serializers import (
    Amount,
    Choice,
    HouseModelSerializer,
    Label,
    Reference,
    Text,
    Truth,
)
from orders.models import Customer, Family, MeasurementDefinition, MeasurementSet, Order, Unit
from orders.models.measurements import dimension_code
from orders.serializers.customers import CustomerBrief, WarningSerializer
from orders.services import measurements

SIZE = {"type": "string", "examples": ["92.5"]}
PAIR = {"type": "object", "properties": {"left": SIZE, "right": SIZE}, "required": ["left", "right"]}
VALUES = {"type": "object", "additionalProperties": {"oneOf": [SIZE, PAIR]}}


class Bound(Amount):
    def __init__(self, **options):
        super().__init__(max_digits=6, decimal_places=2, min_value=0, **options)


class DefinitionSerializer(HouseModelSerializer):
    """One dimension. Bounds are in its unit: outside `warn` a number is to be confirmed, outside `reject` refused."""

    code = Text(max_length=40, validators=[dimension_code])
    garments = serializers.ListField(child=Choice(choices=Family), max_length=len(Family), required=False)
    warn_min, warn_max, reject_min, reject_max = Bound(), Bound(), Bound(), Bound()
    created_by_name = Label("created_by.get_full_name")

    class Meta:
        model = MeasurementDefinition
        fields = [
            "id", "code", "name", "description", "kind", "side", "unit", "garments", "warn_min", "warn_max",
            "reject_min", "reject_max", "position", "is_active", *RECORD_FIELDS,
        ]  # fmt: skip
        read_only_fields = RECORD_FIELDS

    def validate_garments(self, garments):
        return list(dict.fromkeys(garments))


@extend_schema_field(VALUES)
class Values(serializers.Field):
    """What was measured, by the code of each dimension: judged all at once, so that every slip is told."""

    default_error_messages = {
        "not_an_object": 'Write {{"chest_girth": "92.5", "arm_length": {{"left": "60", "right": "61"}}}}.',
        "empty": "Nothing was measured.",
        "too_many": "At most {most} dimensions.",
    }

    def to_internal_value(self, data):
        if not isinstance(data, dict):
            self.fail("not_an_object")
        if not (data or self.root.partial):
            self.fail("empty")
        if len(data) > measurements.MOST_VALUES:
            self.fail("too_many", most=measurements.MOST_VALUES)
        readings, errors = measurements.read(data, self.unit)
        if errors:
            raise serializers.ValidationError(by_path(errors))
        return readings

    @property
    def unit(self):
        """The one sent beside them; what is wrong with that its own field says."""
        taken = self.root.instance
        sent = self.root.initial_data.get("unit", taken.unit if taken else Unit.CM)
        return sent if sent in Unit.values else Unit.CM

    def get_attribute(self, taken):
        return taken

    def to_representation(self, taken):
        return measurements.values_of(taken, self.context.get("unit"))


def by_path(errors):
    """As DRF wants them below the field. Paths stay whole: what somebody calls a dimension may itself hold a dot."""
    problems = {}
    for error in errors:
        path = error["field"].removeprefix("values.")
        problems.setdefault(path, []).append(ErrorDetail(error["message"], code=error["code"]))
    return problems


class MeasurementSerializer(HouseModelSerializer):
    """`values` are as they were typed, or in the unit that was asked for; `values_cm` as they are kept.

    `missing` are dimensions that must still be measured before a garment of this type is cut. `warnings` are what was
    told to whoever measured.
    """

    expandable = {"customer": CustomerBrief}
    customer = Reference(queryset=Customer.objects.all())
    customer_name = Label("customer.name")
    wearer = Text(max_length=100, required=False, allow_blank=True)
    values = Values()
    values_cm = serializers.SerializerMethodField()
    missing = serializers.SerializerMethodField()
    review_on = serializers.SerializerMethodField()
    warnings = WarningSerializer(many=True, read_only=True)
    confirm = Truth(write_only=True, required=False)
    order = Reference(queryset=Order.objects.custom(), write_only=True, required=False, help_text="Is cut to them.")
    created_by_name = Label("created_by.get_full_name")

    class Meta:
        model = MeasurementSet
        fields = [
            "id", "customer", "customer_name", "wearer", "basis", "type", "unit", "version", "values", "values_cm",
            "missing", "review_on", "warnings", "note", "was_confirmed", "confirm", "order", *RECORD_FIELDS,
        ]  # fmt: skip
        read_only_fields = ["version", "was_confirmed", *RECORD_FIELDS]

    @extend_schema_field(VALUES)
    def get_values_cm(self, taken):
        return measurements.values_in_cm(taken)

    def get_review_on(self, taken) -> datetime.date:
        return measurements.review_of(taken)

    def get_missing(self, taken) -> list[str]:
        return measurements.missing_of(taken, self.switched_off)

    @cached_property
    def switched_off(self):
        return measurements.switched_off()

    def to_representation(self, taken):
        return super().to_representation(taken) | ({"unit": unit} if (unit := self.context.get("unit")) else {})


class RenewSerializer(MeasurementSerializer):
    """The next version. Customer, wearer, basis and type stay what they are, and need not be sent."""

    customer = Reference(queryset=Customer.objects.all(), required=False)
    order = None

    class Meta(MeasurementSerializer.Meta):
        fields = [name for name in MeasurementSerializer.Meta.fields if name != "order"]
        extra_kwargs = {"type": {"required": False}}
