"""Tickets, garments, the services on them, photos, and what verbs are told."""

from decimal import Decimal

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import User
from accounts.serializers import RECORD_FIELDS, LocationBrief, Place
from alterations.models import (
    AlterationService,
    Cause,
    Fabric,
    Garment,
    GarmentImage,
    GarmentService,
    GarmentType,
    Notice,
    Ticket,
    TicketPayment,
)
from alterations.models.catalogue import MOST_MINUTES
from alterations.services import ticketing, working
from boutique.api.serializers import (
    Because,
    Choice,
    Day,
    EventSerializer,
    HouseModelSerializer,
    HouseSerializer,
    Label,
    Note,
    Reference,
    Text,
    Truth,
    WholeNumber,
)
from boutique.images import PictureField
from inventory.serializers.documents import GoodsSerializer, SomeSku
from inventory.serializers.stock import MOST_LINES, Quantity
from orders.models import Customer, Order
from orders.models.customers import CONTACT
from orders.money import CENT
from orders.serializers.customers import CustomerBrief, WarningSerializer
from orders.serializers.orders import MONEY, Money, PaymentSerializer, StyleImageSerializer, problem
from skus.models import MOST_MONEY

NAME = "orders.view_customer"
MOST_GARMENTS, MOST_SERVICES = 50, 30


# ------------------------------------------------------------------------------------------------ what is shown


class GarmentServiceSerializer(HouseModelSerializer):
    """`unit_price` times `factor` (the cloth) times quantity is `total`; `minutes` are all of them."""

    guarded = dict.fromkeys(("unit_price", "total"), MONEY)
    quantity = Quantity(read_only=True)
    unit_price = Money(read_only=True)
    total = Money(read_only=True)

    class Meta:
        model = GarmentService
        fields = [
            "id", "service", "code", "name", "quantity", "unit_price", "factor", "total", "minutes", "skill",
            "needs_fitting", "is_own_price", "is_free", "note",
        ]  # fmt: skip
        read_only_fields = fields


class GarmentSerializer(HouseModelSerializer):
    """One piece. Tailors see their own: no prices, and of the customer no more than initials."""

    guarded = {"total": MONEY, "cancel_fee": MONEY, "customer": NAME, "customer_name": NAME}
    number = serializers.CharField(read_only=True)
    ticket_number = Label("ticket.number")
    location = serializers.IntegerField(source="ticket.location_id", read_only=True)
    location_code = Label("ticket.location.code")
    customer = serializers.IntegerField(source="ticket.customer_id", read_only=True)
    customer_name = Label("ticket.customer.name")
    customer_initials = serializers.SerializerMethodField()
    sku_code = Label("sku.code")
    tailor_name = Label("tailor.get_full_name")
    promised_on = serializers.DateField(source="ticket.promised_on", read_only=True, allow_null=True)
    rush = serializers.BooleanField(source="ticket.is_rush", read_only=True)
    overdue = serializers.BooleanField(source="is_overdue", read_only=True)
    minutes = serializers.SerializerMethodField()
    total = serializers.SerializerMethodField()
    cancel_fee = Money(read_only=True)
    services = serializers.SerializerMethodField()
    allowed_actions = serializers.SerializerMethodField()
    warnings = serializers.SerializerMethodField()
    created_by_name = Label("created_by.get_full_name")

    class Meta:
        model = Garment
        fields = [
            "id", "number", "ticket", "ticket_number", "location", "location_code", "customer", "customer_name",
            "customer_initials", "tag_code", "garment_type", "description", "colour", "fabrics", "issue", "sku",
            "sku_code", "status", "held_from", "tailor", "tailor_name", "promised_on", "rush", "overdue", "minutes",
            "minutes_taken", "total", "cancel_fee", "services", "started_at", "finished_at", "collected_at",
            "reworks", "warranty_of", "cause", "allowed_actions", "warnings", *RECORD_FIELDS,
        ]  # fmt: skip
        read_only_fields = fields

    def get_customer_initials(self, garment) -> str:
        return initials(garment.ticket.customer.name)

    def get_minutes(self, garment) -> int:
        return sum(line.minutes for line in garment.services.all())

    @extend_schema_field(Money(read_only=True))
    def get_total(self, garment):
        return str(sum((line.total for line in garment.services.all()), Decimal("0.00")))

    @extend_schema_field(GarmentServiceSerializer(many=True))
    def get_services(self, garment):
        # One serializer for all garments of a list: making it is most of what a line costs.
        if "garment_lines" not in self.context:
            self.context["garment_lines"] = GarmentServiceSerializer(many=True, context=self.context)
        return self.context["garment_lines"].to_representation(list(garment.services.all()))

    def get_allowed_actions(self, garment) -> list[str]:
        return working.allowed(garment, self.context["request"].user)

    @extend_schema_field(WarningSerializer(many=True))
    def get_warnings(self, garment):
        return list(working.warnings_of(garment))


def initials(name):
    return "".join(f"{word[0].upper()}." for word in name.split()[:4])


class MaterialSerializer(HouseSerializer):
    sku = serializers.IntegerField(read_only=True)
    sku_code = serializers.CharField(read_only=True)
    quantity = Quantity(read_only=True)


HANDED_OVER = ("collected", "cancelled")  # whose notes speak of people and money


class GarmentEventSerializer(EventSerializer):
    """Without amounts, and without what was said over the counter, for those who see no payments."""

    def to_representation(self, event):
        shown = super().to_representation(event)
        if not self.context["request"].user.has_perm(MONEY):
            hidden = ("fee", "released_unpaid")
            shown["changes"] = {name: value for name, value in shown["changes"].items() if name not in hidden}
            shown["note"] = "" if event.kind in HANDED_OVER else shown["note"]
        return shown


class GarmentInFullSerializer(GarmentSerializer):
    """One garment, with what happened to it and what was used for it."""

    materials = MaterialSerializer(many=True, read_only=True)
    events = GarmentEventSerializer(many=True, read_only=True)

    class Meta(GarmentSerializer.Meta):
        fields = [*GarmentSerializer.Meta.fields, "materials", "events"]
        read_only_fields = fields


class NoticeSerializer(HouseModelSerializer):
    by_name = Label("by.get_full_name")

    class Meta:
        model = Notice
        fields = ["id", "at", "by", "by_name", "outcome", "settled_at", "problem"]
        read_only_fields = fields


TICKET_MONEY = (
    "payment_status",
    "subtotal",
    "rush_fee",
    "estimate",
    "total",
    "paid",
    "refunded",
    "balance",
    "warnings",
)


class TicketSerializer(HouseModelSerializer):
    """`status` and `subtotal` follow from the garments. Tailors see their own pieces of it, and no money."""

    guarded = dict.fromkeys(TICKET_MONEY, MONEY) | {
        "note": CONTACT,
        "customer": NAME,
        "customer_name": NAME,
        "claim_code": CONTACT,
        "notices": CONTACT,
    }
    expandable = {"customer": CustomerBrief, "location": LocationBrief}
    number = serializers.CharField(read_only=True)
    customer_name = Label("customer.name")
    location_code = Label("location.code")
    order_number = Label("order.number")
    rush = serializers.BooleanField(source="is_rush", read_only=True)
    overdue = serializers.BooleanField(source="is_overdue", read_only=True)
    total = Money(read_only=True)
    paid = Money(read_only=True, help_text="Less what was paid back.")
    balance = Money(read_only=True, help_text="Below nothing where more was paid than it costs now.")
    payment_status = Choice(choices=Order.PaymentStatus, read_only=True)
    garments = serializers.SerializerMethodField()
    notices = NoticeSerializer(many=True, read_only=True)
    warnings = serializers.SerializerMethodField()
    created_by_name = Label("created_by.get_full_name")

    class Meta:
        model = Ticket
        fields = [
            "id", "number", "customer", "customer_name", "location", "location_code", "order", "order_number",
            "status", "promised_on", "rush", "overdue", "note", "claim_code", "garments", "estimate", "subtotal",
            "rush_fee", "total", "paid", "refunded", "balance", "payment_status", "notices", "warnings",
            *RECORD_FIELDS,
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(GarmentSerializer(many=True))
    def get_garments(self, ticket):
        if "garments" not in self.context:
            self.context["garments"] = GarmentSerializer(many=True, context=self.context)
        garments = list(ticket.garments.all())
        for garment in garments:
            garment.ticket = ticket
        return self.context["garments"].to_representation(garments)

    @extend_schema_field(WarningSerializer(many=True))
    def get_warnings(self, ticket):
        return list(ticketing.warnings_of(ticket))


# ------------------------------------------------------------------------------------------------ what is sent


class ServiceLineInput(HouseSerializer):
    """A service at the catalogue's price of today; another `price` needs a manager, and is what the customer pays."""

    service = Reference(queryset=AlterationService.objects.all())
    quantity = Quantity(required=False, min_value=1, max_value=999)
    price = Money(required=False, allow_null=True, min_value=0, max_value=MOST_MONEY)
    note = Text(required=False, allow_blank=True, max_length=500)

    def validate_quantity(self, quantity):
        if quantity % 1:
            raise serializers.ValidationError("Whole ones only.", code="fraction")
        return quantity


class GarmentInput(HouseSerializer):
    garment_type = Choice(choices=GarmentType.choices)
    description = Text(required=False, allow_blank=True, max_length=500)
    colour = Text(required=False, allow_blank=True, max_length=60)
    fabrics = serializers.ListField(child=Choice(choices=Fabric.choices), required=False, max_length=len(Fabric))
    sku = SomeSku(required=False, allow_null=True)
    issue = Text(notes=True, required=False, allow_blank=True, max_length=5000)
    warranty_of = Reference(queryset=Garment.objects.all(), required=False, allow_null=True)
    cause = Choice(choices=Cause.choices, required=False)
    services = ServiceLineInput(many=True, required=False, max_length=MOST_SERVICES)

    def validate(self, sent):
        return {"services": []} | sent


class NewTicketSerializer(HouseSerializer):
    customer = Reference(queryset=Customer.objects.defer("search", "search_by_name"))
    location = Place()
    order = Reference(queryset=Order.objects.custom(), required=False, allow_null=True)
    promised_on = Day(required=False, allow_null=True)
    rush = Truth(source="is_rush", required=False)
    note = Text(notes=True, required=False, allow_blank=True, max_length=5000)
    garments = GarmentInput(many=True, allow_empty=False, max_length=MOST_GARMENTS)


class TicketChangeSerializer(HouseSerializer):
    """`reason` and `told_customer` stand in the timeline beside a day that was changed."""

    promised_on = Day(required=False)
    rush = Truth(source="is_rush", required=False)
    note = Text(notes=True, required=False, allow_blank=True, max_length=5000)
    reason = Text(required=False, allow_blank=True, max_length=1000)
    told_customer = Truth(required=False)


class GarmentChangeSerializer(HouseSerializer):
    """`services` is the whole list: what is not in it goes."""

    description = Text(required=False, allow_blank=True, max_length=500)
    colour = Text(required=False, allow_blank=True, max_length=60)
    fabrics = serializers.ListField(child=Choice(choices=Fabric.choices), required=False, max_length=len(Fabric))
    issue = Text(notes=True, required=False, allow_blank=True, max_length=5000)
    services = ServiceLineInput(many=True, required=False, max_length=MOST_SERVICES)


class ServicesSerializer(HouseSerializer):
    services = ServiceLineInput(many=True, allow_empty=False, max_length=MOST_SERVICES)


class PinSerializer(Note):
    services = ServiceLineInput(many=True, required=False, max_length=MOST_SERVICES)


class AssignGarmentSerializer(Note):
    tailor = Reference(queryset=User.objects.all())
    force = Truth(required=False)


class FinishSerializer(Note):
    minutes = WholeNumber(required=False, allow_null=True, min_value=0, max_value=MOST_MINUTES)


class ReworkSerializer(Note):
    cause = Choice(choices=Cause.choices)


class WhySerializer(Because):
    """Why; not that anybody must say."""

    def validate(self, sent):
        return {"reason": super().validate(sent)["note"]}


class CancelSerializer(WhySerializer):
    fee = Money(required=False, min_value=0)

    def validate(self, sent):
        return super().validate(sent) | {name: sent[name] for name in ("fee",) if name in sent}


class MaterialsSerializer(HouseSerializer):
    lines = GoodsSerializer(many=True, allow_empty=False, max_length=MOST_LINES)


class TicketPaymentSerializer(PaymentSerializer):
    amount = Money(min_value=CENT)

    class Meta:
        model = TicketPayment
        fields = ["id", "ticket", "kind", "method", "amount", "reference", "at", "by", "by_name"]
        read_only_fields = ["ticket", "at", "by"]


# ------------------------------------------------------------------------------------------------ photos


class GarmentImageSerializer(StyleImageSerializer):
    """`image` and `thumbnail` are addresses that are good for an hour."""

    order_number = None
    garment_number = serializers.CharField(source="garment.number", read_only=True)

    class Meta:
        model = GarmentImage
        fields = [
            "id", "garment", "garment_number", "image", "thumbnail", "description", "deleted_at", "deleted_by",
            "deleted_by_name", *RECORD_FIELDS,
        ]  # fmt: skip
        read_only_fields = fields


class NewGarmentImageSerializer(HouseSerializer):
    garment = Reference(queryset=Garment.objects.all())
    image = PictureField()
    description = Text(required=False, allow_blank=True, max_length=500)


# ------------------------------------------------------------------------------------------------ promises


class PromiseAsk(HouseSerializer):
    """Either garments with their services, or so many minutes."""

    location = Place()
    rush = Truth(required=False)
    minutes = WholeNumber(required=False, min_value=0, max_value=100_000)
    garments = GarmentInput(many=True, required=False, allow_empty=False, max_length=MOST_GARMENTS)

    def validate(self, asked):
        if ("minutes" in asked) == ("garments" in asked):
            raise problem("minutes", "Send garments with their services, or minutes: one of them.")
        return asked


class PromiseSerializer(HouseSerializer):
    promised_on = serializers.DateField(read_only=True)
    minutes = serializers.IntegerField(read_only=True)
    queue_minutes = serializers.IntegerField(read_only=True)
    basis = serializers.ListField(child=serializers.CharField(), read_only=True)
