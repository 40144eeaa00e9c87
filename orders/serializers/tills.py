"""Till sessions, the money that went through them, and their reports."""

from decimal import Decimal

from rest_framework import serializers

from accounts.serializers import RECORD_FIELDS, LocationBrief, Place
from boutique.api.serializers import Choice, HouseModelSerializer, HouseSerializer, Label, Text, WholeNumber
from orders.models import Payment, TillEntry, TillSession
from orders.money import CENT
from orders.serializers.orders import Money, problem
from orders.services import tills

MOST_CASH = Decimal("9999999.99")
MOST_DENOMINATIONS, MOST_COINS = 50, 100_000
# Until the drawer is counted, these are for managers only.
BLIND = ("cash_payments", "cash_refunds", "expected", "variance")


class Cash(Money):
    """What fits into a drawer."""

    def __init__(self, **options):
        limits = {} if options.get("read_only") else {"min_value": 0, "max_value": MOST_CASH}
        super().__init__(**(limits | options))


class DenominationSerializer(HouseSerializer):
    value = Cash(min_value=CENT)
    count = WholeNumber(min_value=0, max_value=MOST_COINS)


class TillSessionSerializer(HouseModelSerializer):
    """`expected` is the float and all cash since. While the till is open only managers see it, and what was taken."""

    expandable = {"location": LocationBrief}
    number = serializers.CharField(read_only=True)
    location_code = Label("location.code")
    cash_in = Money(read_only=True)
    cash_out = Money(read_only=True)
    cash_payments = Money(source="payment", read_only=True, allow_null=True)
    cash_refunds = Money(source="refund", read_only=True, allow_null=True)
    expected = Money(source="cash", read_only=True, allow_null=True)
    counted = Money(read_only=True, allow_null=True)
    variance = Money(read_only=True, allow_null=True)
    denominations = DenominationSerializer(many=True, read_only=True)
    closed_by_name = Label("closed_by.get_full_name")
    created_by_name = Label("created_by.get_full_name")
    allowed_actions = serializers.SerializerMethodField()

    class Meta:
        model = TillSession
        fields = [
            "id", "number", "location", "location_code", "register", "status", "business_date", "opened_at",
            "cash_in", "cash_out", *BLIND, "counted", "denominations", "note", "closed_at", "closed_by",
            "closed_by_name", "allowed_actions", *RECORD_FIELDS,
        ]  # fmt: skip
        read_only_fields = fields

    def get_fields(self):
        # `float` is a word of Python.
        return super().get_fields() | {"float": Money(source="opening_cash", read_only=True)}

    def to_representation(self, session):
        shown = super().to_representation(session)
        if not tills.sees_expected(session, self.context["request"].user):
            shown |= dict.fromkeys(BLIND)
        return shown

    def get_allowed_actions(self, session) -> list[str]:
        return tills.allowed(session, self.context["request"].user)


class NewTillSessionSerializer(HouseSerializer):
    location = Place()
    register = Text(required=False, max_length=20)
    note = Text(notes=True, required=False, allow_blank=True, max_length=1000)

    def get_fields(self):
        return super().get_fields() | {"float": Cash(source="opening_cash")}


class CashSerializer(HouseSerializer):
    amount = Cash(min_value=CENT)
    reason = Text(max_length=200)


class CloseTillSerializer(HouseSerializer):
    """The sum, or the notes and coins it was counted in, or both. `note` says why it is not what it should be."""

    counted = Cash(required=False)
    denominations = DenominationSerializer(many=True, required=False, max_length=MOST_DENOMINATIONS)
    note = Text(notes=True, required=False, allow_blank=True, max_length=1000)

    def validate(self, sent):
        if "counted" not in sent and not sent.get("denominations"):
            raise problem("counted", "Say what was counted.")
        return sent


class TillEntrySerializer(HouseModelSerializer):
    kind = Choice(choices=TillEntry.Kind.choices, read_only=True)
    method = Choice(choices=Payment.Method.choices, read_only=True)
    amount = Money(read_only=True)
    by_name = Label("by.get_full_name")

    class Meta:
        model = TillEntry
        fields = [
            "id", "session", "kind", "method", "amount", "reason", "document", "payment", "at", "business_date", "by",
            "by_name",
        ]  # fmt: skip
        read_only_fields = fields


# ------------------------------------------------------------------------------------------------ the report


class TakenSerializer(HouseSerializer):
    payments = Money(read_only=True)
    refunds = Money(read_only=True)
    net = Money(read_only=True)
    count = serializers.IntegerField(read_only=True)


class TenderSerializer(TakenSerializer):
    method = Choice(choices=Payment.Method.choices, read_only=True)


class TillDaySerializer(TakenSerializer):
    business_date = serializers.DateField(read_only=True)


class TillReportSerializer(HouseSerializer):
    """All that went through one till: by means of payment, by business day of the place, and cash that nobody paid."""

    session = TillSessionSerializer(read_only=True)
    kind = serializers.ChoiceField(choices=["x", "z"], read_only=True, help_text="z once it is closed.")
    documents = serializers.IntegerField(read_only=True)
    tenders = TenderSerializer(many=True, read_only=True)
    days = TillDaySerializer(many=True, read_only=True)
    cash_moves = TillEntrySerializer(many=True, read_only=True)
