"""Transfers, stock requests, stock counts, and what a scanner is told."""

from decimal import Decimal

from rest_framework import serializers

from accounts.models import Location
from accounts.serializers import RECORD_FIELDS, LocationBrief, Place
from boutique.api.serializers import (
    Choice,
    HouseModelSerializer,
    HouseSerializer,
    Label,
    Moment,
    Note,
    Reference,
    Text,
    Truth,
    WholeNumber,
)
from boutique.documents import allowed_actions
from inventory.models import (
    CountLine,
    StockAdjustment,
    StockCount,
    StockRequest,
    StockRequestLine,
    Transfer,
    TransferLine,
)
from inventory.serializers.stock import COST, MOST_LINES, Cost, Quantity, StockSerializer
from inventory.services import counting, requesting, scanning, transferring
from inventory.services.lines import Goods
from skus.models import Category, Product, Sku

MOST_COUNTED = 5000
DECIDED = ["decided_by", "decided_by_name", "decided_at"]
MILLIMETRE = Decimal("0.001")


class SomeSku(Reference):
    """With its product, which says whether it is cut."""

    def __init__(self, **options):
        options.setdefault("queryset", Sku.objects.select_related("product").defer("search", "product__search"))
        super().__init__(**options)


class GoodsSerializer(HouseSerializer):
    sku = SomeSku()
    quantity = Quantity(min_value=MILLIMETRE)

    def validate(self, line):
        return Goods(**line)


LINE_FIELDS = ["id", "sku", "sku_code", "product_name", "size", "colour", "style"]


class LineSerializer(HouseModelSerializer):
    """So much of one SKU, with the words for it."""

    sku_code = Label("sku.code")
    product_name = Label("sku.product.name")
    size = Label("sku.size")
    colour = Label("sku.colour")
    style = Label("sku.style")


# ------------------------------------------------------------------------------------------------ transfers


class TransferLineSerializer(LineSerializer):
    outstanding = Quantity(read_only=True)

    class Meta:
        model = TransferLine
        fields = [*LINE_FIELDS, "quantity", "shipped", "received", "damaged", "extra", "closed", "outstanding"]
        read_only_fields = fields


class TransferSerializer(HouseModelSerializer):
    expandable = {"source": LocationBrief, "destination": LocationBrief}
    number = serializers.CharField(read_only=True)
    source_code = Label("source.code")
    destination_code = Label("destination.code")
    lines = TransferLineSerializer(many=True, read_only=True)
    decided_by_name = Label("decided_by.get_full_name")
    created_by_name = Label("created_by.get_full_name")
    allowed_actions = serializers.SerializerMethodField()

    class Meta:
        model = Transfer
        fields = [
            "id", "number", "source", "source_code", "destination", "destination_code", "status", "note", "lines",
            *DECIDED, "allowed_actions", *RECORD_FIELDS,
        ]  # fmt: skip
        read_only_fields = fields

    def get_allowed_actions(self, transfer) -> list[str]:
        return allowed_actions(transfer, self.context["request"].user, transferring.MOVES)


class EndOfTransfer(Reference):
    """One of its two places may be somebody else's: whether the other is the caller's own, the service knows."""

    def __init__(self):
        super().__init__(queryset=Location.objects.exclude(kind=Location.Kind.TRANSIT))

    def get_queryset(self):
        return self.queryset.all()


class NewTransferSerializer(HouseSerializer):
    source = EndOfTransfer()
    destination = EndOfTransfer()
    note = Text(notes=True, max_length=1000, required=False, allow_blank=True, default="")
    lines = GoodsSerializer(many=True, allow_empty=False, max_length=MOST_LINES)


class ApproveTransferSerializer(Note):
    ship = Truth(required=False, default=False, help_text="The goods go on their way at once.")


class ShippedSerializer(HouseSerializer):
    sku = SomeSku()
    shipped = Quantity(min_value=0)

    def validate(self, line):
        return transferring.Shipped(**line)


class ShipSerializer(Note):
    """Without `lines`, all that was asked for."""

    lines = ShippedSerializer(many=True, required=False, allow_empty=False, max_length=MOST_LINES)


class ArrivedSerializer(HouseSerializer):
    sku = SomeSku()
    received = Quantity(min_value=0)
    damaged = Quantity(min_value=0, required=False, default=Decimal(0), help_text="On top of `received`.")
    extra = Truth(required=False, default=False, help_text="More may have come than was sent.")

    def validate(self, line):
        return transferring.Arrived(**line)


class ReceiveSerializer(Note):
    lines = ArrivedSerializer(many=True, allow_empty=False, max_length=MOST_LINES)


class CloseSerializer(HouseSerializer):
    reason = Text(notes=True, max_length=1000)
    to_source = Truth(
        required=False, default=False, help_text="The rest lies at the source again; otherwise it is lost."
    )


# ------------------------------------------------------------------------------------------------ stock requests


class StockRequestLineSerializer(LineSerializer):
    class Meta:
        model = StockRequestLine
        fields = [*LINE_FIELDS, "quantity"]
        read_only_fields = fields


class StockRequestSerializer(HouseModelSerializer):
    expandable = {"location": LocationBrief}
    number = serializers.CharField(read_only=True)
    location_code = Label("location.code")
    lines = StockRequestLineSerializer(many=True, read_only=True)
    decided_by_name = Label("decided_by.get_full_name")
    created_by_name = Label("created_by.get_full_name")
    allowed_actions = serializers.SerializerMethodField()

    class Meta:
        model = StockRequest
        fields = [
            "id", "number", "location", "location_code", "status", "note", "lines", *DECIDED, "allowed_actions",
            *RECORD_FIELDS,
        ]  # fmt: skip
        read_only_fields = fields

    def get_allowed_actions(self, asked) -> list[str]:
        return allowed_actions(asked, self.context["request"].user, requesting.MOVES)


class NewStockRequestSerializer(HouseSerializer):
    location = Place()
    note = Text(notes=True, max_length=1000, required=False, allow_blank=True, default="")
    lines = GoodsSerializer(many=True, allow_empty=False, max_length=MOST_LINES)


# ------------------------------------------------------------------------------------------------ counts


class ScopeSerializer(HouseSerializer):
    """Each of them narrows it down; none of them: all that lies there."""

    category = Reference(queryset=Category.objects.all(), required=False, allow_null=True)
    product = Reference(queryset=Product.objects.all(), required=False, allow_null=True)
    skus = Reference(queryset=Sku.objects.all(), many=True, required=False)


class CountScopeSerializer(HouseModelSerializer):
    skus = serializers.PrimaryKeyRelatedField(many=True, read_only=True)

    class Meta:
        model = StockCount
        fields = ["category", "product", "skus"]
        read_only_fields = fields


class StockCountSerializer(HouseModelSerializer):
    expandable = {"location": LocationBrief}
    number = serializers.CharField(read_only=True)
    location_code = Label("location.code")
    scope = CountScopeSerializer(source="*", read_only=True)
    counted = WholeNumber(read_only=True, help_text="How many SKUs have been counted.")
    created_by_name = Label("created_by.get_full_name")
    allowed_actions = serializers.SerializerMethodField()

    class Meta:
        model = StockCount
        fields = [
            "id", "number", "location", "location_code", "scope", "blind", "status", "note", "counted",
            "allowed_actions", *RECORD_FIELDS,
        ]  # fmt: skip
        read_only_fields = fields

    def get_allowed_actions(self, count) -> list[str]:
        return allowed_actions(count, self.context["request"].user, counting.MOVES)


class NewStockCountSerializer(HouseSerializer):
    location = Place()
    scope = ScopeSerializer(required=False)
    blind = Truth(required=False, default=False)
    note = Text(notes=True, max_length=1000, required=False, allow_blank=True, default="")


class CountedSerializer(HouseSerializer):
    """`sku` or `barcode`."""

    sku = SomeSku(required=False)
    barcode = Text(required=False, max_length=60)
    counted = Quantity(min_value=0)
    counted_at = Moment(required=False, allow_null=True)

    def validate(self, line):
        if ("sku" in line) == ("barcode" in line):
            raise serializers.ValidationError({"sku": ["Send either sku or barcode."]})
        return counting.Counted(**line)


class CountLinesSerializer(HouseSerializer):
    lines = CountedSerializer(many=True, allow_empty=False, max_length=MOST_COUNTED)


COUNTED_FIELDS = [*LINE_FIELDS, "counted", "expected", "variance", "counted_at", "counted_by", "counted_by_name"]


class CountLineSerializer(LineSerializer):
    """What was counted; of a blind count, not what the book says."""

    expandable = {}
    counted_by_name = Label("counted_by.get_full_name")
    expected = serializers.SerializerMethodField()
    variance = serializers.SerializerMethodField()

    class Meta:
        model = CountLine
        fields = COUNTED_FIELDS
        read_only_fields = fields

    def get_expected(self, line) -> str | None:
        return None if line.count.blind else f"{line.expected:.3f}"

    def get_variance(self, line) -> str | None:
        return None if line.count.blind else f"{line.variance:.3f}"


class DifferenceSerializer(LineSerializer):
    guarded = {"value": COST}
    counted_by_name = Label("counted_by.get_full_name")
    variance = Quantity(read_only=True)
    value = Cost(read_only=True, allow_null=True, help_text="What the difference is worth at average cost.")

    class Meta:
        model = CountLine
        fields = [*COUNTED_FIELDS, "value"]
        read_only_fields = fields


class VarianceSerializer(HouseSerializer):
    lines = DifferenceSerializer(many=True, read_only=True)
    counted = WholeNumber(read_only=True, help_text="SKUs counted.")
    differing = WholeNumber(read_only=True, help_text="Of them, those that differ from the book.")
    uncounted = WholeNumber(read_only=True, help_text="SKUs of its scope that the book has here and nobody counted.")


# ------------------------------------------------------------------------------------------------ scanning


class ScanSerializer(HouseSerializer):
    code = Text(max_length=60)
    action = Choice(choices=scanning.Action.choices)
    location = Place()
    quantity = Quantity(required=False, min_value=0, help_text="1 if not said; to count, it must be said.")
    reason = Choice(choices=StockAdjustment.Reason.choices, required=False)

    def validate(self, sent):
        needs = {scanning.Action.COUNT: 0, scanning.Action.RECEIVE: MILLIMETRE, scanning.Action.REMOVE: MILLIMETRE}
        least, quantity = needs.get(sent["action"]), sent.get("quantity")
        if sent["action"] == scanning.Action.COUNT and quantity is None:
            message = serializers.ErrorDetail("Say how many there are.", code="required")
            raise serializers.ValidationError({"quantity": [message]})
        if least and quantity is not None and quantity < least:
            message = serializers.ErrorDetail("More than nothing.", code="min_value")
            raise serializers.ValidationError({"quantity": [message]})
        return sent


class ScannedSerializer(HouseSerializer):
    """`before` and `after` are what the shelf held; null where nothing moved, or on a blind count."""

    kind = serializers.CharField(read_only=True, help_text="sku, transfer")
    code = serializers.CharField(read_only=True)
    sku = WholeNumber(read_only=True, allow_null=True)
    object = serializers.DictField(read_only=True)
    level = StockSerializer(read_only=True, allow_null=True)
    before = serializers.CharField(read_only=True, allow_null=True)
    after = serializers.CharField(read_only=True, allow_null=True)
    document = serializers.CharField(read_only=True, help_text="The number of the paper it wrote, if any.")
    actions = serializers.ListField(child=serializers.CharField(), read_only=True)
