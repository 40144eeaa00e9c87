"""Sales over the counter, what comes back of them, and the sales of a till that was offline."""

import contextlib

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import NotFound

from accounts.serializers import RECORD_FIELDS, LocationBrief, Place
from boutique.api.parsers import EntriesParser, Spoilt
from boutique.api.serializers import (
    BIGGEST_ID,
    PLAIN_INTEGER,
    Choice,
    HouseModelSerializer,
    HouseSerializer,
    Label,
    Moment,
    Reference,
    Text,
    Truth,
    WholeNumber,
)
from boutique.errors import RuleError
from inventory.serializers.documents import MILLIMETRE
from inventory.serializers.stock import MOST_LINES, Quantity
from orders.models import Basket, Customer, Order, OrderLine, Payment, SaleReturn, SaleReturnLine, TillSession
from orders.models.orders import SOLD_STATUSES
from orders.money import CENT
from orders.serializers.baskets import BasketLineInput
from orders.serializers.customers import CustomerBrief
from orders.serializers.orders import Money, problem
from orders.services import baskets, returning
from orders.services.returning import Back
from orders.services.selling import Tender, Unreadable, Wanted

MOST_SALES = 500


# ------------------------------------------------------------------------------------------------ what is shown


class SaleLineSerializer(HouseModelSerializer):
    """`discount` is the line's own; the sale's is in `total`, too."""

    sku_code = Label("sku.code")
    colour = Label("sku.colour")
    quantity = Quantity(read_only=True)
    unit_price = Money(read_only=True)
    discount = Money(read_only=True)
    net = Money(read_only=True)
    tax = Money(read_only=True)
    total = Money(read_only=True)
    returned = Quantity(read_only=True)

    class Meta:
        model = OrderLine
        fields = [
            "id", "sku", "sku_code", "description", "size", "colour", "quantity", "unit_price", "discount", "tax_rate",
            "net", "tax", "total", "returned",
        ]  # fmt: skip
        read_only_fields = fields


class SalePaymentSerializer(HouseModelSerializer):
    method = Choice(choices=Payment.Method.choices, read_only=True)
    amount = Money(read_only=True)

    class Meta:
        model = Payment
        fields = ["id", "method", "amount", "reference", "at"]
        read_only_fields = fields


class SaleReturnLineSerializer(HouseModelSerializer):
    sku = serializers.IntegerField(source="line.sku_id", read_only=True)
    quantity = Quantity(read_only=True)
    net = Money(read_only=True)
    tax = Money(read_only=True)
    total = Money(read_only=True)

    class Meta:
        model = SaleReturnLine
        fields = ["id", "line", "sku", "quantity", "restock", "net", "tax", "total"]
        read_only_fields = fields


class ReturnSerializer(HouseModelSerializer):
    """`restocked`: all of it lies on the shelf again. `exchanged_for` is the sale of what was taken in its stead."""

    number = serializers.CharField(read_only=True)
    sale_number = Label("sale.number")
    location_code = Label("location.code")
    lines = SaleReturnLineSerializer(many=True, read_only=True)
    refund = SalePaymentSerializer(source="refunds", many=True, read_only=True)
    tax = Money(read_only=True)
    total = Money(read_only=True)
    restocked = serializers.SerializerMethodField()
    created_by_name = Label("created_by.get_full_name")

    class Meta:
        model = SaleReturn
        fields = [
            "id", "number", "sale", "sale_number", "location", "location_code", "exchanged_for", "occurred_at",
            "business_date", "lines", "refund", "tax", "total", "reason", "restocked", *RECORD_FIELDS,
        ]  # fmt: skip
        read_only_fields = fields

    def get_restocked(self, returned) -> bool:
        return all(line.restock for line in returned.lines.all())


class SaleSerializer(HouseModelSerializer):
    """`discount` is that of the whole sale, `subtotal` before it. What was paid back stands in `returns`."""

    expandable = {"location": LocationBrief, "customer": CustomerBrief}
    number = serializers.CharField(read_only=True)
    location_code = Label("location.code")
    customer_name = Label("customer.name")
    sold_by = Reference(source="created_by", read_only=True)
    sold_by_name = Label("created_by.get_full_name")
    status = Choice(choices=SOLD_STATUSES, read_only=True)
    lines = SaleLineSerializer(many=True, read_only=True)
    payments = serializers.SerializerMethodField()
    returns = ReturnSerializer(many=True, read_only=True)
    subtotal = Money(read_only=True)
    discount = Money(read_only=True)
    tax = Money(read_only=True)
    total = Money(read_only=True)
    refunded = Money(read_only=True)
    allowed_actions = serializers.SerializerMethodField()

    class Meta:
        model = Order
        fields = [
            "id", "number", "location", "location_code", "customer", "customer_name", "sold_by", "sold_by_name",
            "client_id", "occurred_at", "business_date", "status", "lines", "payments", "returns",
            "prices_include_tax", "subtotal", "discount", "tax", "total", "refunded", "note", "allowed_actions",
            "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields

    @property
    def payment_serializer(self):
        if "sale_payments" not in self.context:
            self.context["sale_payments"] = SalePaymentSerializer(many=True)
        return self.context["sale_payments"]

    def get_payments(self, sale) -> list:
        taken = [payment for payment in sale.payments.all() if payment.kind == Payment.Kind.PAYMENT]
        return self.payment_serializer.to_representation(sorted(taken, key=lambda payment: payment.pk))

    def get_allowed_actions(self, sale) -> list[str]:
        return returning.allowed(sale, self.context["request"].user)


class ExchangeSerializer(HouseSerializer):
    def get_fields(self):
        # `return` is a word of Python and cannot be declared above.
        return {"return": ReturnSerializer(read_only=True), "sale": SaleSerializer(read_only=True)}


class SaleErrorSerializer(HouseSerializer):
    code = serializers.CharField(read_only=True)
    detail = serializers.CharField(read_only=True)
    errors = serializers.ListField(child=serializers.DictField(), read_only=True)


class OutcomeSerializer(HouseSerializer):
    index = serializers.IntegerField(read_only=True)
    client_id = serializers.CharField(read_only=True, allow_null=True)
    result = serializers.ChoiceField(choices=["created", "already_there", "rejected"], read_only=True)
    sale = serializers.IntegerField(read_only=True, required=False, help_text="The id of the sale.")
    number = serializers.CharField(read_only=True, required=False)
    error = SaleErrorSerializer(read_only=True, required=False)


class BatchAnswerSerializer(HouseSerializer):
    results = OutcomeSerializer(many=True, read_only=True)
    created = serializers.IntegerField(read_only=True)
    already_there = serializers.IntegerField(read_only=True)
    rejected = serializers.IntegerField(read_only=True)


# ------------------------------------------------------------------------------------------------ what is sent


class TenderInput(HouseSerializer):
    method = Choice(choices=Payment.Method.choices)
    amount = Money(min_value=CENT)
    reference = Text(required=False, allow_blank=True, max_length=100)

    def validate(self, sent):
        return Tender(**sent)


class SaleLineInput(BasketLineInput):
    """`sku`, or any of its barcodes. Without `unit_price` it has the catalogue's."""


class OpenTill(Reference):
    def __init__(self, **options):
        super().__init__(queryset=TillSession.objects.select_related("location"), **options)


class NewSaleSerializer(HouseSerializer):
    """`payments` come to exactly what the sale costs: change is the till's business. `found`: the goods are there,
    whatever the book says."""

    location = Place()
    customer = Reference(queryset=Customer.objects.defer("search", "search_by_name"), required=False, allow_null=True)
    client_id = Text(required=False, allow_null=True, max_length=100)
    occurred_at = Moment(required=False, allow_null=True)
    lines = SaleLineInput(many=True, allow_empty=False, max_length=MOST_LINES)
    discount = Money(required=False, min_value=0)
    payments = TenderInput(many=True, required=False, max_length=20)
    found = Truth(required=False)
    till_session = OpenTill(required=False, allow_null=True)
    note = Text(notes=True, required=False, allow_blank=True, max_length=1000)


class CounterSaleSerializer(NewSaleSerializer):
    """`basket`: what was put aside and is sold now, whatever was added to it or left out."""

    basket = Reference(queryset=Basket.objects.select_related("customer", "location"), required=False, allow_null=True)


class SellBasketSerializer(HouseSerializer):
    """A basket as it lies there: goods, discount and customer are its own."""

    client_id = Text(required=False, allow_null=True, max_length=100)
    occurred_at = Moment(required=False, allow_null=True)
    payments = TenderInput(many=True, required=False, max_length=20)
    found = Truth(required=False)
    till_session = OpenTill(required=False, allow_null=True)
    note = Text(notes=True, required=False, allow_blank=True, max_length=1000)


def wanted(sent, by_barcode=None):
    """The sale that these words ask for: each line with its SKU, where a barcode was sent."""
    sent = {name: value for name, value in sent.items() if value is not None}
    return Wanted(**sent | {"lines": baskets.known(sent["lines"], by_barcode)})


@extend_schema_field(NewSaleSerializer)
class AnySale(serializers.Field):
    """Whatever it is: each is judged on its own."""

    def to_internal_value(self, data):
        return data


class BatchParser(EntriesParser):
    name = "sales"


class BatchSerializer(HouseSerializer):
    """Sales as for `sales/`, each with a `client_id`. They are judged one by one."""

    sales = serializers.ListField(child=AnySale(allow_null=True), allow_empty=False, max_length=MOST_SALES)


def read_batch(sales, context):
    """Of each sale what is wanted, or the error that it is. What they name is fetched for all of them at once."""
    sales = [sale if isinstance(sale, dict | Spoilt) else {} for sale in sales]
    readable = [sale for sale in sales if isinstance(sale, dict)]
    lines = [line for sale in readable for line in lines_in(sale)]
    reader = NewSaleSerializer(context=context | {"fetched": {}})
    fields = {**reader.fields, **reader.fields["lines"].child.fields}
    for name, rows in (("location", readable), ("customer", readable), ("till_session", readable), ("sku", lines)):
        reader.context["fetched"][name] = fields[name].fetched = rows_named(fields[name], rows, name)
    by_barcode = baskets.skus_of(set(barcodes_in(lines, fields["barcode"])))
    return [read(reader, sale, by_barcode) for sale in sales]


def lines_in(sale):
    lines = sale.get("lines")
    return [line for line in lines[:MOST_LINES] if isinstance(line, dict)] if isinstance(lines, list) else []


def barcodes_in(lines, field):
    for line in lines:
        # A scanner ends with a new line: it is looked up as the field will have it.
        with contextlib.suppress(serializers.ValidationError):
            yield field.to_internal_value(line.get("barcode"))


def rows_named(field, rows, name):
    named = [pk for row in rows if isinstance(pk := row.get(name), int | str)]
    ids = {int(pk) for pk in named if PLAIN_INTEGER.fullmatch(str(pk))}
    return field.get_queryset().in_bulk([pk for pk in ids if 0 < pk <= BIGGEST_ID])


def read(reader, sale, by_barcode):
    if isinstance(sale, Spoilt):
        error = serializers.ValidationError(sale.problems)
        return Unreadable(client_id=text_in(sale.rest, "client_id"), error=error)
    try:
        sent = reader.run_validation(sale)
        if not sent.get("client_id"):
            raise problem("client_id", "Name it, so that it is the same sale when it is sent again.")
        if not sent.get("occurred_at"):
            raise problem("occurred_at", "Say when it was. What is sold now goes to sales/.")
        return wanted(sent, by_barcode)
    except (serializers.ValidationError, NotFound, RuleError) as error:
        return Unreadable(client_id=text_in(sale, "client_id"), error=error)


def text_in(sale, name):
    text = sale.get(name)
    return text[:100] if isinstance(text, str) else None


class BackInput(HouseSerializer):
    line = WholeNumber(min_value=1)
    quantity = Quantity(min_value=MILLIMETRE)
    restock = Truth(required=False)

    def validate(self, sent):
        return Back(**sent)


class NewReturnSerializer(HouseSerializer):
    """`refund` comes to exactly what these pieces were paid; left out, it goes back by the tenders they were paid with,
    the newest first."""

    lines = BackInput(many=True, allow_empty=False, max_length=MOST_LINES)
    refund = TenderInput(many=True, required=False, allow_null=True, max_length=20)
    reason = Text(notes=True, required=False, allow_blank=True, max_length=1000)
    till_session = OpenTill(required=False, allow_null=True)


class NewExchangeSerializer(HouseSerializer):
    """What came back pays for what goes. The difference is paid (`payments`), or is paid back (`refund`)."""

    lines = BackInput(many=True, allow_empty=False, max_length=MOST_LINES)
    new_lines = SaleLineInput(many=True, allow_empty=False, max_length=MOST_LINES)
    discount = Money(required=False, min_value=0)
    payments = TenderInput(many=True, required=False, max_length=20)
    refund = TenderInput(many=True, required=False, allow_null=True, max_length=20)
    found = Truth(required=False)
    reason = Text(notes=True, required=False, allow_blank=True, max_length=1000)
    till_session = OpenTill(required=False, allow_null=True)
