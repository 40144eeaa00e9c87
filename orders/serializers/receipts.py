"""What a till prints of a sale or a return."""

from rest_framework import serializers

from boutique.api.serializers import Choice, HouseSerializer
from inventory.serializers.stock import Quantity
from orders.models import Payment
from orders.serializers.orders import Money


class SaleReceiptPlaceSerializer(HouseSerializer):
    code = serializers.CharField(read_only=True)
    name = serializers.CharField(read_only=True)
    address = serializers.CharField(read_only=True)
    timezone = serializers.CharField(read_only=True)


class SaleReceiptLineSerializer(HouseSerializer):
    """`amount` is quantity times price less the line's discount: before that of the whole sale, and before tax where
    that comes on top. What comes back costs what was paid for it."""

    sku_code = serializers.CharField(read_only=True)
    description = serializers.CharField(read_only=True)
    size = serializers.CharField(read_only=True)
    quantity = Quantity(read_only=True)
    unit = serializers.CharField(read_only=True)
    unit_price = Money(read_only=True)
    discount = Money(read_only=True)
    amount = Money(read_only=True)
    tax_rate = serializers.DecimalField(max_digits=5, decimal_places=2, read_only=True)


class SaleReceiptTaxSerializer(HouseSerializer):
    rate = serializers.DecimalField(max_digits=5, decimal_places=2, read_only=True)
    net = Money(read_only=True)
    tax = Money(read_only=True)
    total = Money(read_only=True)


class SaleReceiptTenderSerializer(HouseSerializer):
    method = Choice(choices=Payment.Method.choices, read_only=True)
    amount = Money(read_only=True)
    reference = serializers.CharField(read_only=True)


class SaleReceiptReturnSerializer(HouseSerializer):
    number = serializers.CharField(read_only=True)
    business_date = serializers.DateField(read_only=True)
    total = Money(read_only=True)
    tenders = SaleReceiptTenderSerializer(many=True, read_only=True)


class SaleReceiptSerializer(HouseSerializer):
    """All that is printed."""

    kind = serializers.ChoiceField(choices=["sale", "return", "gift"], read_only=True)
    shop = serializers.CharField(read_only=True)
    place = SaleReceiptPlaceSerializer(read_only=True)
    number = serializers.CharField(read_only=True)
    barcode = serializers.CharField(read_only=True, help_text="What the Code 128 on the paper says.")
    sale = serializers.CharField(read_only=True, help_text="The number of the sale; that of a return has its own.")
    business_date = serializers.DateField(read_only=True)
    local_time = serializers.CharField(read_only=True, help_text="As the clock of the place showed it.")
    served_by = serializers.CharField(read_only=True)
    register = serializers.CharField(read_only=True, allow_null=True)
    reason = serializers.CharField(read_only=True)
    currency = serializers.CharField(read_only=True)
    lines = SaleReceiptLineSerializer(many=True, read_only=True)
    prices_include_tax = serializers.BooleanField(read_only=True)
    subtotal = Money(read_only=True)
    discount = Money(read_only=True)
    tax = Money(read_only=True)
    total = Money(read_only=True)
    taxes = SaleReceiptTaxSerializer(many=True, read_only=True)
    tenders = SaleReceiptTenderSerializer(many=True, read_only=True)
    returns = SaleReceiptReturnSerializer(many=True, read_only=True)
    refunded = Money(read_only=True)


class GiftLineSerializer(SaleReceiptLineSerializer):
    def get_fields(self):
        return {name: field for name, field in super().get_fields().items() if name in GIVEN_LINE}


class GiftReceiptSerializer(SaleReceiptSerializer):
    """Without a price, and without a tender that tells one."""

    lines = GiftLineSerializer(many=True, read_only=True)

    def get_fields(self):
        return {name: field for name, field in super().get_fields().items() if name in GIVEN}


GIVEN_LINE = {"sku_code", "description", "size", "quantity", "unit"}
GIVEN = {
    "kind", "shop", "place", "number", "barcode", "sale", "business_date", "local_time", "served_by", "register",
    "reason", "lines",
}  # fmt: skip
