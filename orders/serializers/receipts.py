"""What a till prints of a sale or a return."""

from rest_framework import serializers

from boutique.api.serializers import Choice, HouseSerializer
from inventory.serializers.stock import Quantity
from orders.models import Payment
from orders.serializers.orders import Money


class ReceiptPlaceSerializer(HouseSerializer):
    code = serializers.CharField(read_only=True)
    name = serializers.CharField(read_only=True)
    address = serializers.CharField(read_only=True)
    timezone = serializers.CharField(read_only=True)


class ReceiptLineSerializer(HouseSerializer):
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


class ReceiptTaxSerializer(HouseSerializer):
    rate = serializers.DecimalField(max_digits=5, decimal_places=2, read_only=True)
    net = Money(read_only=True)
    tax = Money(read_only=True)
    total = Money(read_only=True)


class ReceiptTenderSerializer(HouseSerializer):
    method = Choice(choices=Payment.Method.choices, read_only=True)
    amount = Money(read_only=True)
    reference = serializers.CharField(read_only=True)


class ReceiptReturnSerializer(HouseSerializer):
    number = serializers.CharField(read_only=True)
    business_date = serializers.DateField(read_only=True)
    total = Money(read_only=True)
    tenders = ReceiptTenderSerializer(many=True, read_only=True)


PRICED = ("currency", "prices_include_tax", "subtotal", "discount", "tax", "total", "taxes", "tenders", "returns",
          "refunded")  # fmt: skip
PRICED_LINE = ("unit_price", "discount", "amount", "tax_rate")


class ReceiptSerializer(HouseSerializer):
    """All that is printed. A gift receipt says no prices."""

    kind = serializers.ChoiceField(choices=["sale", "return", "gift"], read_only=True)
    shop = serializers.CharField(read_only=True)
    place = ReceiptPlaceSerializer(read_only=True)
    number = serializers.CharField(read_only=True)
    barcode = serializers.CharField(read_only=True, help_text="What the Code 128 on the paper says.")
    sale = serializers.CharField(read_only=True, help_text="The number of the sale; that of a return has its own.")
    business_date = serializers.DateField(read_only=True)
    local_time = serializers.CharField(read_only=True, help_text="As the clock of the place showed it.")
    served_by = serializers.CharField(read_only=True)
    register = serializers.CharField(read_only=True, allow_null=True)
    reason = serializers.CharField(read_only=True)
    currency = serializers.CharField(read_only=True)
    lines = ReceiptLineSerializer(many=True, read_only=True)
    prices_include_tax = serializers.BooleanField(read_only=True)
    subtotal = Money(read_only=True)
    discount = Money(read_only=True)
    tax = Money(read_only=True)
    total = Money(read_only=True)
    taxes = ReceiptTaxSerializer(many=True, read_only=True)
    tenders = ReceiptTenderSerializer(many=True, read_only=True)
    returns = ReceiptReturnSerializer(many=True, read_only=True)
    refunded = Money(read_only=True)
