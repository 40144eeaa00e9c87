"""Orders, their lines and payments, style images, and the calendar."""

import datetime

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Location
from accounts.serializers import RECORD_FIELDS, LocationBrief, Place
from boutique.api.serializers import (
    Amount,
    Choice,
    Day,
    HouseModelSerializer,
    HouseSerializer,
    Label,
    Note,
    Reference,
    Text,
    Truth,
    WholeNumber,
)
from boutique.images import PictureField, links
from inventory.serializers.documents import MILLIMETRE, SomeSku
from inventory.serializers.stock import MOST_LINES, Quantity
from orders.models import Customer, MeasurementSet, Order, OrderLine, Payment, StyleImage
from orders.models.customers import CONTACT
from orders.money import CENT
from orders.serializers.customers import CustomerBrief, WarningSerializer
from orders.services import holding, ordering
from skus.models import MOST_MONEY

MONEY = "orders.view_payment"
BODY = "orders.view_body"
MOST_DAYS = 92


class Money(Amount):
    """An amount that 500 lines can come to."""

    def __init__(self, **options):
        super().__init__(**({"max_digits": 18, "decimal_places": 2} | options))


def problem(name, text, code="required"):
    return serializers.ValidationError({name: [serializers.ErrorDetail(text, code=code)]})


# ------------------------------------------------------------------------------------------------ what is shown


class OrderLineSerializer(HouseModelSerializer):
    """`reserved` is what the shelves hold of it: less than ordered where the line waits for goods (`backorder`)."""

    guarded = dict.fromkeys(("unit_price", "discount", "tax_rate", "net", "tax", "total"), MONEY)
    sku_code = Label("sku.code")
    quantity = Quantity(read_only=True)
    reserved = Quantity(read_only=True)
    unit_price = Money(read_only=True)
    discount = Money(read_only=True)
    net = Money(read_only=True)
    tax = Money(read_only=True)
    total = Money(read_only=True)
    returned = Quantity(read_only=True)

    class Meta:
        model = OrderLine
        fields = [
            "id", "sku", "sku_code", "description", "size", "quantity", "reserved", "backorder", "unit_price",
            "discount", "tax_rate", "net", "tax", "total", "returned",
        ]  # fmt: skip
        read_only_fields = fields


class OrderSerializer(HouseModelSerializer):
    """`discount` is that of the whole order; `subtotal` is before it. Without prices, note and contact for juniors."""

    guarded = dict.fromkeys(
        ("payment_status", "subtotal", "discount", "tax", "total", "paid", "refunded", "balance", "warnings"), MONEY
    ) | {"note": CONTACT}
    expandable = {"customer": CustomerBrief, "location": LocationBrief}
    number = serializers.CharField(read_only=True)
    customer_name = Label("customer.name")
    location_code = Label("location.code")
    overdue = serializers.BooleanField(source="is_overdue", read_only=True)
    measurement_version = serializers.IntegerField(source="measurement.version", read_only=True, default=None)
    paid = Money(read_only=True, help_text="Less what was paid back.")
    balance = Money(read_only=True, help_text="Below nothing where more was paid than it costs now.")
    payment_status = Choice(choices=Order.PaymentStatus, read_only=True)
    lines = serializers.SerializerMethodField()
    allowed_actions = serializers.SerializerMethodField()
    warnings = serializers.SerializerMethodField()
    created_by_name = Label("created_by.get_full_name")

    class Meta:
        model = Order
        fields = [
            "id", "number", "customer", "customer_name", "location", "location_code", "status", "delivery_date",
            "overdue", "note", "measurement", "measurement_version", "lines", "prices_include_tax", "subtotal",
            "discount", "tax", "total", "paid", "refunded", "balance", "payment_status", "allowed_actions",
            "warnings", *RECORD_FIELDS,
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(OrderLineSerializer(many=True))
    def get_lines(self, order):
        lines = list(order.lines.all())
        parts, _surplus = holding.shared_out(lines, order.held)
        for line, part in zip(lines, parts, strict=True):
            line.reserved = part
        return self.line_serializer.to_representation(lines)

    @property
    def line_serializer(self):
        # One for all orders of a list: making it is most of what a line costs.
        if "order_lines" not in self.context:
            self.context["order_lines"] = OrderLineSerializer(many=True, context=self.context)
        return self.context["order_lines"]

    def get_allowed_actions(self, order) -> list[str]:
        return ordering.allowed(order, self.context["request"].user)

    @extend_schema_field(WarningSerializer(many=True))
    def get_warnings(self, order):
        return ordering.warnings_of(order)


SNAPSHOT = {"type": ["object", "null"], "description": "The measurements it is cut to, as they were when chosen."}


class OrderInFullSerializer(OrderSerializer):
    """One order, with the measurements it is cut to."""

    guarded = OrderSerializer.guarded | {"measurements": BODY}
    measurements = serializers.SerializerMethodField()

    class Meta(OrderSerializer.Meta):
        fields = [*OrderSerializer.Meta.fields, "measurements"]
        read_only_fields = fields

    @extend_schema_field(SNAPSHOT)
    def get_measurements(self, order):
        return order.cut_to or None


# ------------------------------------------------------------------------------------------------ what is sent


class OrderLineInput(HouseSerializer):
    """Goods by their `sku`, or plain work by its `description` and `unit_price`. A line that stays carries its `id`."""

    id = WholeNumber(required=False, min_value=1)
    sku = SomeSku(required=False, allow_null=True)
    description = Text(required=False, allow_blank=True, max_length=500)
    size = Text(required=False, allow_blank=True, max_length=40)
    quantity = Quantity(required=False, min_value=MILLIMETRE)
    unit_price = Money(required=False, allow_null=True, min_value=0, max_value=MOST_MONEY)
    discount = Money(required=False, min_value=0)
    backorder = Truth(required=False)

    def validate(self, line):
        if "id" not in line and "quantity" not in line:
            raise problem("quantity", "Say how many.")
        return line


class NewOrderLineInput(OrderLineInput):
    id = None


class TheirMeasurement(Reference):
    def __init__(self, **options):
        super().__init__(
            queryset=MeasurementSet.objects.current().select_related("customer"),
            required=False,
            allow_null=True,
            **options,
        )


class NewOrderSerializer(HouseSerializer):
    customer = Reference(queryset=Customer.objects.defer("search", "search_by_name"))
    location = Place()
    delivery_date = Day()
    measurement = TheirMeasurement()
    lines = NewOrderLineInput(many=True, allow_empty=False, max_length=MOST_LINES)
    discount = Money(required=False, min_value=0)
    note = Text(notes=True, required=False, allow_blank=True, max_length=5000)


class OrderChangeSerializer(HouseSerializer):
    """`lines` is the whole list: what is not in it goes."""

    delivery_date = Day(required=False)
    measurement = TheirMeasurement()
    lines = OrderLineInput(many=True, required=False, allow_empty=False, max_length=MOST_LINES)
    discount = Money(required=False, min_value=0)
    note = Text(notes=True, required=False, allow_blank=True, max_length=5000)


class StatusSerializer(Note):
    status = Choice(choices=Order.Status)

    def validate(self, sent):
        # A PATCH may leave everything out.
        if "status" not in sent:
            raise problem("status", "Say which state comes next.")
        return sent


# ------------------------------------------------------------------------------------------------ payments


class PaymentSerializer(HouseModelSerializer):
    kind = Choice(choices=Payment.Kind.choices, required=False)
    amount = Money(min_value=CENT)
    by_name = Label("by.get_full_name")

    class Meta:
        model = Payment
        fields = ["id", "order", "kind", "method", "amount", "reference", "at", "by", "by_name"]
        read_only_fields = ["order", "at", "by"]


# ------------------------------------------------------------------------------------------------ style images


class StyleImageSerializer(HouseModelSerializer):
    """`image` and `thumbnail` are addresses that are good for an hour."""

    order_number = serializers.CharField(source="order.number", read_only=True)
    image = serializers.SerializerMethodField()
    thumbnail = serializers.SerializerMethodField()
    deleted_by_name = Label("deleted_by.get_full_name")
    created_by_name = Label("created_by.get_full_name")

    class Meta:
        model = StyleImage
        fields = [
            "id", "order", "order_number", "image", "thumbnail", "description", "deleted_at", "deleted_by",
            "deleted_by_name", *RECORD_FIELDS,
        ]  # fmt: skip
        read_only_fields = fields

    def get_image(self, picture) -> str | None:
        return self.address(picture, "url")

    def get_thumbnail(self, picture) -> str | None:
        return self.address(picture, "thumbnail")

    def address(self, picture, which):
        found = links(picture.image, self.context.get("request"))
        return found and found[which]


class NewStyleImageSerializer(HouseSerializer):
    order = Reference(queryset=Order.objects.custom())
    image = PictureField()
    description = Text(required=False, allow_blank=True, max_length=500)


# ------------------------------------------------------------------------------------------------ the calendar


class CalendarAsk(HouseSerializer):
    after = Day(required=False)
    before = Day(required=False)
    location = Text(required=False, max_length=200)

    def validate(self, asked):
        after = asked.get("after") or timezone.localdate()
        before = asked.get("before") or after + datetime.timedelta(days=30)
        if before < after:
            raise problem("before", "Lies before the first day.", "invalid")
        if (before - after).days >= MOST_DAYS:
            raise problem("before", f"At most {MOST_DAYS} days at once.", "invalid")
        return {"after": after, "before": before, "places": asked.get("location")}

    def validate_location(self, text):
        words = [word.strip() for word in text.split(",")]
        if not all(word.isascii() and word.isdigit() and len(word) < 19 for word in words):
            raise serializers.ValidationError("A place's id, or several separated by commas.", code="invalid")
        return Location.objects.visible_to(self.context["request"].user).filter(pk__in=[int(word) for word in words])


class DueSerializer(HouseModelSerializer):
    number = serializers.CharField(read_only=True)
    customer_name = Label("customer.name")

    class Meta:
        model = Order
        fields = ["id", "number", "customer", "customer_name", "location", "status"]
        read_only_fields = fields


class DaySerializer(HouseSerializer):
    date = serializers.DateField(read_only=True)
    counts = serializers.DictField(child=serializers.IntegerField(), read_only=True)
    orders = DueSerializer(many=True, read_only=True)


class CalendarSerializer(HouseSerializer):
    after = serializers.DateField(read_only=True)
    before = serializers.DateField(read_only=True)
    days = DaySerializer(many=True, read_only=True)
