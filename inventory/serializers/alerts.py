from rest_framework import serializers

from accounts.serializers import RECORD_FIELDS, LocationBrief, Place
from boutique.api.serializers import HouseModelSerializer, Label
from inventory.models import MOST_PIECES, Alert, LowStockThreshold
from inventory.serializers.stock import Quantity
from skus import serializers as catalogue


class Limit(Quantity):
    def __init__(self, **options):
        super().__init__(min_value=0, max_value=MOST_PIECES, **options)


class ThresholdSerializer(HouseModelSerializer):
    """Of a SKU, or of each SKU of a product; in one place, or everywhere. The narrowest holds."""

    expandable = {
        "sku": catalogue.SkuBrief,
        "product": catalogue.ProductBrief,
        "location": LocationBrief,
    }
    sku_code = Label("sku.code")
    product_name = serializers.CharField(source="of_product.name", read_only=True)
    location = Place(required=False, allow_null=True, help_text="null: everywhere")
    location_code = Label("location.code")
    created_by_name = Label("created_by.get_full_name")
    threshold = Limit()
    reorder_point = Limit(required=False, allow_null=True)
    target = Limit(required=False, allow_null=True)

    class Meta:
        model = LowStockThreshold
        fields = [
            "id", "sku", "sku_code", "product", "product_name", "location", "location_code",
            "threshold", "reorder_point", "target", *RECORD_FIELDS,
        ]  # fmt: skip
        read_only_fields = ["id", *RECORD_FIELDS]


class AlertSerializer(HouseModelSerializer):
    """What the shelf says now, the threshold it fell to, and the documents it leaves short."""

    expandable = {"sku": catalogue.SkuBrief, "location": LocationBrief}
    sku = serializers.IntegerField(source="level.sku_id", read_only=True, allow_null=True)
    sku_code = Label("level.sku.code")
    product_name = Label("level.sku.product.name")
    location_code = Label("location.code")
    on_hand = Quantity(source="level.on_hand", read_only=True, allow_null=True)
    reserved = Quantity(source="level.reserved", read_only=True, allow_null=True)
    available = Quantity(source="level.available", read_only=True, allow_null=True)
    incoming = Quantity(read_only=True, allow_null=True)
    threshold = Quantity(read_only=True, allow_null=True)
    acknowledged_by_name = Label("acknowledged_by.get_full_name")

    class Meta:
        model = Alert
        fields = [
            "id", "kind", "sku", "sku_code", "product_name", "location", "location_code", "on_hand", "reserved",
            "available", "incoming", "threshold", "orders", "document", "opened_at", "resolved_at",
            "acknowledged_by", "acknowledged_by_name", "acknowledged_at", "acknowledged_note",
        ]  # fmt: skip
        read_only_fields = fields
