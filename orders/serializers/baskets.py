"""Baskets put aside at the counter."""

from rest_framework import serializers

from accounts.serializers import RECORD_FIELDS, LocationBrief, Place
from boutique.api.serializers import HouseModelSerializer, HouseSerializer, Label, Reference, Text
from inventory.serializers.documents import LINE_FIELDS, MILLIMETRE, LineSerializer, SomeSku
from inventory.serializers.stock import MOST_LINES, Quantity
from orders.models import Basket, BasketLine, Customer
from orders.serializers.customers import CustomerBrief
from orders.serializers.orders import Money, problem
from orders.services import baskets
from skus.models import MOST_MONEY, Sku


class BasketLineSerializer(LineSerializer):
    """Without a `unit_price` it is sold at the catalogue's, as it is by then."""

    quantity = Quantity(read_only=True)
    unit_price = Money(read_only=True, allow_null=True)
    discount = Money(read_only=True)

    class Meta:
        model = BasketLine
        fields = [*LINE_FIELDS, "quantity", "unit_price", "discount"]
        read_only_fields = fields


class BasketSerializer(HouseModelSerializer):
    """`sale` is what became of it."""

    expandable = {"location": LocationBrief, "customer": CustomerBrief}
    number = serializers.CharField(read_only=True)
    location_code = Label("location.code")
    customer_name = Label("customer.name")
    lines = BasketLineSerializer(many=True, read_only=True)
    allowed_actions = serializers.SerializerMethodField()
    created_by_name = Label("created_by.get_full_name")

    class Meta:
        model = Basket
        fields = [
            "id", "number", "location", "location_code", "customer", "customer_name", "status", "label", "note",
            "lines", "discount", "sale", "allowed_actions", *RECORD_FIELDS,
        ]  # fmt: skip
        read_only_fields = fields

    def get_allowed_actions(self, basket) -> list[str]:
        return baskets.allowed(basket, self.context["request"].user)


class BasketLineInput(HouseSerializer):
    """`sku`, or any of its barcodes."""

    sku = SomeSku(queryset=Sku.objects.to_be_sold(), required=False)
    barcode = Text(required=False, max_length=60)
    quantity = Quantity(min_value=MILLIMETRE)
    unit_price = Money(required=False, allow_null=True, min_value=0, max_value=MOST_MONEY)
    discount = Money(required=False, min_value=0)

    def validate(self, line):
        if ("sku" in line) == ("barcode" in line):
            raise problem("sku", "Send either sku or barcode.", "invalid")
        return line


class BasketChangeSerializer(HouseSerializer):
    """`lines` is the whole list: what is not in it goes."""

    customer = Reference(queryset=Customer.objects.defer("search", "search_by_name"), required=False, allow_null=True)
    lines = BasketLineInput(many=True, required=False, allow_empty=False, max_length=MOST_LINES)
    discount = Money(required=False, min_value=0)
    label = Text(required=False, allow_blank=True, max_length=60)
    note = Text(notes=True, required=False, allow_blank=True, max_length=1000)


class NewBasketSerializer(BasketChangeSerializer):
    location = Place()
    lines = BasketLineInput(many=True, allow_empty=False, max_length=MOST_LINES)
