from rest_framework import serializers

from accounts.serializers import LocationBrief, Place
from boutique.api.serializers import Amount, Choice, HouseModelSerializer, HouseSerializer, Label, Reference, Text
from inventory.models import MOST_PIECES, StockAdjustment, StockLevel, StockMovement
from inventory.services.adjusting import Correction
from skus import serializers as catalogue
from skus.models import MOST_MONEY, Sku

COST = "inventory.view_cost"
MOST_LINES = 500
STOCK = "inventory.view_stocklevel"
ON_SHELVES = {"on_hand": STOCK, "available": STOCK}

# ------------------------------------------------------------------------------------------------ fields


class Quantity(Amount):
    """Pieces, or metres to the millimetre."""

    def __init__(self, **options):
        limits = {} if options.get("read_only") else {"min_value": -MOST_PIECES, "max_value": MOST_PIECES}
        super().__init__(**({"max_digits": 12, "decimal_places": 3} | limits | options))


class Cost(Amount):
    def __init__(self, **options):
        super().__init__(**({"max_digits": 18, "decimal_places": 2} | options))


class UnitCost(Cost):
    def __init__(self, **options):
        super().__init__(min_value=0, max_value=MOST_MONEY, **options)


# ------------------------------------------------------------------------------------------------ levels and ledger


class StockSerializer(HouseModelSerializer):
    guarded = {"average_cost": COST, "value": COST}
    expandable = {"sku": catalogue.SkuBrief, "location": LocationBrief}
    sku_code = Label("sku.code")
    product = serializers.IntegerField(source="sku.product_id", read_only=True)
    product_name = Label("sku.product.name")
    size = Label("sku.size")
    colour = Label("sku.colour")
    style = Label("sku.style")
    location_code = Label("location.code")
    on_hand = Quantity(read_only=True)
    reserved = Quantity(read_only=True)
    available = Quantity(read_only=True)
    incoming = Quantity(read_only=True, allow_null=True)
    in_transit = Quantity(read_only=True, allow_null=True)
    average_cost = Cost(read_only=True)
    value = Cost(read_only=True)
    threshold = Quantity(read_only=True, allow_null=True)
    is_low = serializers.BooleanField(read_only=True)

    class Meta:
        model = StockLevel
        fields = [
            "id", "sku", "sku_code", "product", "product_name", "size", "colour", "style", "location", "location_code",
            "on_hand", "reserved", "available", "incoming", "in_transit", "threshold", "is_low",
            "average_cost", "value", "version", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


class MovementSerializer(HouseModelSerializer):
    guarded = {"unit_cost": COST, "value_change": COST, "value_after": COST}
    expandable = {"sku": catalogue.SkuBrief, "location": LocationBrief}
    sku_code = Label("sku.code")
    location_code = Label("location.code")
    recorded_by_name = Label("recorded_by.get_full_name")
    on_hand_change = Quantity(read_only=True)
    reserved_change = Quantity(read_only=True)
    on_hand_after = Quantity(read_only=True)
    reserved_after = Quantity(read_only=True)

    class Meta:
        model = StockMovement
        fields = [
            "id", "sku", "sku_code", "location", "location_code", "sequence", "reason", "on_hand_change",
            "reserved_change", "on_hand_after", "reserved_after", "unit_cost", "value_change", "value_after",
            "document", "note", "recorded_by", "recorded_by_name", "occurred_at", "business_date", "recorded_at",
            "reverses",
        ]  # fmt: skip
        read_only_fields = fields


# ------------------------------------------------------------------------------------------------ adjusting


class CorrectionSerializer(HouseSerializer):
    """`change`, or `counted` with what the book was seen to say."""

    sku = Reference(queryset=Sku.objects.all())
    change = Quantity(required=False)
    counted = Quantity(required=False, min_value=0)
    expected = Quantity(required=False, min_value=0)
    unit_cost = UnitCost(required=False, allow_null=True)

    def validate(self, line):
        if ("change" in line) == ("counted" in line):
            raise serializers.ValidationError({"change": ["Send either change, or counted and expected."]})
        if "counted" in line and "expected" not in line:
            text = "Say what the book said when you counted."
            raise serializers.ValidationError({"expected": [serializers.ErrorDetail(text, code="required")]})
        if "change" in line and "expected" in line:
            raise serializers.ValidationError({"expected": ["Goes with counted, not with change."]})
        return Correction(**line)


class AdjustSerializer(HouseSerializer):
    location = Place()
    reason = Choice(choices=StockAdjustment.Reason.choices)
    note = Text(notes=True, max_length=1000, required=False, allow_blank=True, default="")
    lines = CorrectionSerializer(many=True, allow_empty=False, max_length=MOST_LINES)


class FirstStockSerializer(HouseSerializer):
    sku = Reference(queryset=Sku.objects.all())
    quantity = Quantity()
    unit_cost = UnitCost()

    def validate(self, line):
        return Correction(sku=line["sku"], change=line["quantity"], unit_cost=line["unit_cost"])


class AssignSerializer(HouseSerializer):
    location = Place()
    note = Text(notes=True, max_length=1000, required=False, allow_blank=True, default="")
    lines = FirstStockSerializer(many=True, allow_empty=False, max_length=MOST_LINES)


class AdjustedSerializer(HouseModelSerializer):
    """The adjustment and what it moved; a counted line that agreed with the book moved nothing."""

    number = serializers.CharField(read_only=True)
    location_code = Label("location.code")
    created_by_name = Label("created_by.get_full_name")
    movements = MovementSerializer(many=True, read_only=True)

    class Meta:
        model = StockAdjustment
        fields = [
            "id", "number", "location", "location_code", "reason", "note", "movements",
            "created_at", "created_by", "created_by_name",
        ]  # fmt: skip
        read_only_fields = fields


# ------------------------------------------------------------------------------------------------ products and SKUs


class ProductSerializer(catalogue.ProductSerializer):
    """A style, and how much of it lies in the caller's own places."""

    guarded = catalogue.ProductSerializer.guarded | ON_SHELVES
    on_hand = Quantity(read_only=True)
    available = Quantity(read_only=True)

    class Meta(catalogue.ProductSerializer.Meta):
        fields = [*catalogue.ProductSerializer.Meta.fields, "on_hand", "available"]


class SkuSerializer(catalogue.SkuSerializer):
    guarded = catalogue.SkuSerializer.guarded | ON_SHELVES
    on_hand = Quantity(read_only=True)
    available = Quantity(read_only=True)

    class Meta(catalogue.SkuSerializer.Meta):
        fields = [*catalogue.SkuSerializer.Meta.fields, "on_hand", "available"]


class OpeningSerializer(HouseSerializer):
    location = Place()
    quantity = Quantity()
    unit_cost = UnitCost()


class NewSkuSerializer(SkuSerializer):
    opening_stock = OpeningSerializer(many=True, required=False, write_only=True, max_length=100)

    class Meta(SkuSerializer.Meta):
        fields = [*SkuSerializer.Meta.fields, "opening_stock"]


class SkuChangeSerializer(SkuSerializer):
    class Meta(SkuSerializer.Meta):
        read_only_fields = ["product", *SkuSerializer.Meta.read_only_fields]


class CellSerializer(catalogue.CellSerializer):
    guarded = catalogue.CellSerializer.guarded | ON_SHELVES
    on_hand = Quantity(read_only=True)
    available = Quantity(read_only=True)


class MatrixSerializer(catalogue.MatrixSerializer):
    cells = CellSerializer(many=True, read_only=True)
