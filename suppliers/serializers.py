from decimal import Decimal

from rest_framework import serializers

from accounts.serializers import RECORD_FIELDS, EmailAddress, LocationBrief, Phone, Place
from boutique.api.serializers import (
    BIGGEST_ID,
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
from boutique.documents import allowed_actions
from inventory.serializers.documents import LINE_FIELDS, MILLIMETRE, LineSerializer, SomeSku
from inventory.serializers.stock import COST, MOST_LINES, Cost, Quantity, UnitCost
from skus.models import Product
from skus.serializers import SkuBrief
from suppliers.models import (
    PurchaseCost,
    PurchaseCostLine,
    PurchaseLine,
    PurchaseOrder,
    Receipt,
    ReceiptLine,
    ReturnLine,
    Supplier,
    SupplierReturn,
    SupplierSku,
)
from suppliers.services.ordering import MOVES, Wanted
from suppliers.services.receiving import Came, SentBack

CONTACT = "suppliers.view_contact"
MOST_BILLED = 100_000_000  # later, for one order


class Rate(Amount):
    """Between 0.000 and 1.000; null where there is nothing to judge by."""

    def __init__(self):
        super().__init__(max_digits=4, decimal_places=3, read_only=True, allow_null=True)


# ------------------------------------------------------------------------------------------------ suppliers


class SupplierBrief(HouseModelSerializer):
    class Meta:
        model = Supplier
        fields = ["id", "name", "is_active"]


class FiguresSerializer(HouseSerializer):
    """How a supplier delivers, in the caller's own places."""

    guarded = {"spend": COST}
    open_orders = WholeNumber(read_only=True, help_text="Sent, and something is still to come.")
    spend = Cost(read_only=True, help_text="What was received, less what went back, with what was billed later.")
    on_time_rate = Rate()
    fill_rate = Rate()
    lead_time_days_taken = Amount(max_digits=8, decimal_places=1, read_only=True, allow_null=True)


FIGURES = list(FiguresSerializer._declared_fields)


class SupplierSerializer(HouseModelSerializer):
    """`on_time_rate`: of the orders that had a day, how many were there by then. `fill_rate`: of all that was ordered,
    how much came and was good. `lead_time_days_taken`: from sending to each delivery, on average."""

    guarded = {"spend": COST} | dict.fromkeys(("contact_name", "email", "phone", "address", "payment_terms"), CONTACT)
    email = EmailAddress(max_length=254, required=False, allow_blank=True)
    phone = Phone(required=False, allow_blank=True)
    open_orders = WholeNumber(read_only=True)
    spend = Cost(read_only=True)
    on_time_rate = Rate()
    fill_rate = Rate()
    lead_time_days_taken = Amount(max_digits=8, decimal_places=1, read_only=True, allow_null=True)
    created_by_name = Label("created_by.get_full_name")

    class Meta:
        model = Supplier
        fields = [
            "id", "name", "contact_name", "email", "phone", "address", "lead_time_days", "payment_terms", "is_active",
            *FIGURES, *RECORD_FIELDS,
        ]  # fmt: skip
        read_only_fields = ["is_active", *RECORD_FIELDS]


class SupplierSkuSerializer(HouseModelSerializer):
    guarded = {"unit_cost": COST}
    expandable = {"supplier": SupplierBrief, "sku": SkuBrief}
    sku = SomeSku()
    supplier_name = Label("supplier.name")
    sku_code = Label("sku.code")
    product_name = Label("sku.product.name")
    size = Label("sku.size")
    colour = Label("sku.colour")
    unit_cost = UnitCost(required=False, allow_null=True)
    pack_size = Quantity(required=False, min_value=MILLIMETRE)
    minimum_order = Quantity(required=False, min_value=0)
    created_by_name = Label("created_by.get_full_name")

    class Meta:
        model = SupplierSku
        fields = [
            "id", "supplier", "supplier_name", "sku", "sku_code", "product_name", "size", "colour", "supplier_code",
            "unit_cost", "pack_size", "minimum_order", "lead_time_days", "is_preferred", *RECORD_FIELDS,
        ]  # fmt: skip
        read_only_fields = RECORD_FIELDS


class SupplierSkuChangeSerializer(SupplierSkuSerializer):
    """Whose price of what it is, stays."""

    sku = serializers.PrimaryKeyRelatedField(read_only=True)

    class Meta(SupplierSkuSerializer.Meta):
        read_only_fields = ["supplier", "sku", *RECORD_FIELDS]


# ------------------------------------------------------------------------------------------------ orders


class PurchaseLineSerializer(LineSerializer):
    guarded = {"unit_cost": COST, "total": COST}
    unit = Choice(source="sku.product.unit", choices=Product.Unit.choices, read_only=True)
    quantity = Quantity(source="ordered", read_only=True)
    total = Cost(read_only=True)
    outstanding = Quantity(read_only=True)

    class Meta:
        model = PurchaseLine
        fields = [
            *LINE_FIELDS, "unit", "quantity", "unit_cost", "total", "ordered", "received", "rejected", "replaced",
            "returned", "closed", "outstanding",
        ]  # fmt: skip
        read_only_fields = fields


class PurchaseOrderSerializer(HouseModelSerializer):
    guarded = {"total": COST}
    expandable = {"supplier": SupplierBrief, "location": LocationBrief}
    number = serializers.CharField(read_only=True)
    supplier_name = Label("supplier.name")
    location_code = Label("location.code")
    is_overdue = Truth(read_only=True)
    lines = PurchaseLineSerializer(many=True, read_only=True)
    total = serializers.SerializerMethodField()
    created_by_name = Label("created_by.get_full_name")
    allowed_actions = serializers.SerializerMethodField()

    class Meta:
        model = PurchaseOrder
        fields = [
            "id", "number", "supplier", "supplier_name", "location", "location_code", "status", "expected_on",
            "is_overdue", "note", "lines", "total", "at_once", "sent_at", "finished_on", "allowed_actions",
            *RECORD_FIELDS,
        ]  # fmt: skip
        read_only_fields = fields

    def get_total(self, order) -> str:
        return f"{sum(line.total for line in order.lines.all()):.2f}"

    def get_allowed_actions(self, order) -> list[str]:
        return allowed_actions(order, self.context["request"].user, MOVES)


class WantedSerializer(HouseSerializer):
    """Without `unit_cost`, the supplier's own price for it."""

    sku = SomeSku()
    quantity = Quantity(min_value=MILLIMETRE)
    unit_cost = UnitCost(required=False)

    def validate(self, line):
        return Wanted(**line)


class ChangedLineSerializer(HouseSerializer):
    """With `id`, a line that stays, and what is changed of it; without, a new one. Lines that are not named go."""

    id = WholeNumber(required=False, min_value=1, max_value=BIGGEST_ID)
    sku = SomeSku(required=False)
    quantity = Quantity(required=False, min_value=MILLIMETRE)
    unit_cost = UnitCost(required=False)

    def validate(self, line):
        missing = [name for name in ("sku", "quantity") if name not in line and "id" not in line]
        if missing:
            message = serializers.ErrorDetail("Say what is ordered and how much, or which line this is.", "required")
            raise serializers.ValidationError({name: [message] for name in missing})
        return Wanted(line=line.pop("id", None), **line)


def supplier_field(**options):
    return Reference(queryset=Supplier.objects.all(), **options)


def note_field():
    return Text(notes=True, max_length=1000, required=False, allow_blank=True, default="")


class PurchaseSerializer(HouseSerializer):
    supplier = supplier_field()
    location = Place()
    note = note_field()
    lines = WantedSerializer(many=True, allow_empty=False, max_length=MOST_LINES)


class NewPurchaseOrderSerializer(PurchaseSerializer):
    """`note` is printed on the order."""

    expected_on = Day(required=False, allow_null=True)


class ChangePurchaseOrderSerializer(HouseSerializer):
    supplier = supplier_field(required=False)
    location = Place(required=False)
    expected_on = Day(required=False, allow_null=True)
    note = Text(notes=True, max_length=1000, required=False, allow_blank=True)
    lines = ChangedLineSerializer(many=True, required=False, allow_empty=False, max_length=MOST_LINES)


# ------------------------------------------------------------------------------------------------ deliveries


def line_field():
    """The service reads the lines of the order under its lock: of those that are named, their ids are enough."""
    return Reference(queryset=PurchaseLine.objects.only("pk"))


class CameSerializer(HouseSerializer):
    line = line_field()
    quantity = Quantity(min_value=0, required=False, default=Decimal(0), help_text="The good ones.")
    rejected = Quantity(min_value=0, required=False, default=Decimal(0), help_text="On top of `quantity`.")
    replace = Truth(required=False, default=False, help_text="The supplier sends others for the rejected.")
    unit_cost = UnitCost(required=False, allow_null=True, help_text="If the bill says another than the order.")

    def validate(self, line):
        return Came(**line)


class ReceivePurchaseSerializer(Note):
    lines = CameSerializer(many=True, allow_empty=False, max_length=MOST_LINES)


class SentBackSerializer(HouseSerializer):
    line = line_field()
    quantity = Quantity(min_value=MILLIMETRE)

    def validate(self, line):
        return SentBack(**line)


class ReturnPurchaseSerializer(HouseSerializer):
    reason = Text(notes=True, max_length=1000)
    lines = SentBackSerializer(many=True, allow_empty=False, max_length=MOST_LINES)


class ReceiptLineSerializer(HouseModelSerializer):
    guarded = {"unit_cost": COST, "value": COST}
    line = serializers.IntegerField(source="line_id", read_only=True)
    sku = serializers.IntegerField(source="line.sku_id", read_only=True)
    sku_code = Label("line.sku.code")

    class Meta:
        model = ReceiptLine
        fields = ["line", "sku", "sku_code", "quantity", "rejected", "replace", "unit_cost", "value"]
        read_only_fields = fields


OF_ORDER = ["note", "at", "business_date", "by", "by_name"]


class ReceiptSerializer(HouseModelSerializer):
    """One delivery; `is_reversal`: the opposite of what was booked by mistake."""

    guarded = {"value": COST}
    lines = ReceiptLineSerializer(many=True, read_only=True)
    by_name = Label("by.get_full_name")

    class Meta:
        model = Receipt
        fields = ["id", "order", "number", "is_reversal", "value", "lines", *OF_ORDER]
        read_only_fields = fields


class ReturnLineSerializer(HouseModelSerializer):
    guarded = {"value": COST}
    line = serializers.IntegerField(source="receipt_line.line_id", read_only=True)
    sku = serializers.IntegerField(source="receipt_line.line.sku_id", read_only=True)
    sku_code = Label("receipt_line.line.sku.code")

    class Meta:
        model = ReturnLine
        fields = ["line", "sku", "sku_code", "quantity", "value"]
        read_only_fields = fields


class SupplierReturnSerializer(HouseModelSerializer):
    """What went back; `note` is the reason, `value` what it had cost."""

    guarded = {"value": COST}
    lines = ReturnLineSerializer(many=True, read_only=True)
    by_name = Label("by.get_full_name")

    class Meta:
        model = SupplierReturn
        fields = ["id", "order", "value", "lines", *OF_ORDER]
        read_only_fields = fields


# ------------------------------------------------------------------------------------------------ billed later


class Billed(Cost):
    """Below nothing, it is a credit."""

    def __init__(self):
        super().__init__(min_value=-MOST_BILLED, max_value=MOST_BILLED)


class ShareSerializer(HouseSerializer):
    line = line_field()
    amount = Billed()

    def validate(self, share):
        return share["line"], share["amount"]


class NewCostSerializer(HouseSerializer):
    """Without `lines`, it is spread over all that was received, by value."""

    amount = Billed()
    note = note_field()
    lines = ShareSerializer(many=True, required=False, allow_empty=False, max_length=MOST_LINES)


class PurchaseCostLineSerializer(HouseModelSerializer):
    line = serializers.IntegerField(source="line_id", read_only=True)
    sku = serializers.IntegerField(source="line.sku_id", read_only=True)
    sku_code = Label("line.sku.code")

    class Meta:
        model = PurchaseCostLine
        fields = ["line", "sku", "sku_code", "amount", "stocked", "expensed"]
        read_only_fields = fields


class PurchaseCostSerializer(HouseModelSerializer):
    """`stocked` is what fell on goods that were still here, `expensed` what fell on those that were gone."""

    lines = PurchaseCostLineSerializer(many=True, read_only=True)
    stocked = serializers.SerializerMethodField()
    expensed = serializers.SerializerMethodField()
    by_name = Label("by.get_full_name")

    class Meta:
        model = PurchaseCost
        fields = ["id", "order", "amount", "stocked", "expensed", "lines", *OF_ORDER]
        read_only_fields = fields

    def get_stocked(self, cost) -> str:
        return f"{sum(line.stocked for line in cost.lines.all()):.2f}"

    def get_expensed(self, cost) -> str:
        return f"{sum(line.expensed for line in cost.lines.all()):.2f}"
