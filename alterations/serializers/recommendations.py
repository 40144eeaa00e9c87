"""Advice: what is asked, what is answered, and what the audit keeps of it."""

from rest_framework import serializers

from alterations.models import AlterationService, Garment, GarmentType, Recommendation, Ticket
from boutique.api.serializers import Choice, HouseModelSerializer, HouseSerializer, Label, Reference, Text
from orders.serializers.orders import MONEY, Money

LONGEST = 2000
DISCLAIMER = "Made by a machine. A person decides; prices and minutes are those of the catalogue."


class AskSerializer(HouseSerializer):
    """`text`: the customer's words. `ticket` says whose names must not be kept or sent with them."""

    text = Text(
        notes=True,
        max_length=LONGEST,
        error_messages={
            "max_length": f"Longer than {LONGEST:,} characters. Write down what is to be done, not the whole story."
        },
    )
    garment_type = Choice(choices=GarmentType, required=False, allow_blank=True, default="")
    fabric = Text(max_length=100, required=False, allow_blank=True, default="")
    ticket = Reference(queryset=Ticket.objects.named(), required=False, allow_null=True)


class ItemSerializer(HouseSerializer):
    """A service, and how well it fits. `selected`: it would be put down."""

    guarded = {"price": MONEY}

    rank = serializers.IntegerField(read_only=True)
    service = serializers.IntegerField(read_only=True)
    code = serializers.CharField(read_only=True)
    name = serializers.CharField(read_only=True)
    confidence = serializers.FloatField(read_only=True)
    selected = serializers.BooleanField(read_only=True)
    reason = serializers.CharField(read_only=True)
    price = Money(read_only=True)
    minutes = serializers.IntegerField(read_only=True)


class QuestionSerializer(HouseSerializer):
    """What to ask the customer, and which services the answer decides."""

    id = serializers.CharField(read_only=True)
    text = serializers.CharField(read_only=True)
    type = serializers.CharField(read_only=True)
    why = serializers.CharField(read_only=True)
    options = serializers.ListField(child=serializers.CharField(), read_only=True)
    decides = serializers.ListField(child=serializers.IntegerField(), read_only=True)


class TotalsSerializer(HouseSerializer):
    """Of what is selected."""

    guarded = {"price": MONEY}

    price = Money(read_only=True)
    minutes = serializers.IntegerField(read_only=True)


class AdviceSerializer(HouseModelSerializer):
    """`engine` llm: a model had its say. `degraded`: one should have had, and `degraded_reason` says why it had not."""

    items = ItemSerializer(source="answer.items", many=True, read_only=True)
    questions = QuestionSerializer(source="answer.questions", many=True, read_only=True)
    totals = TotalsSerializer(source="answer.totals", read_only=True)
    disclaimer = serializers.SerializerMethodField()

    class Meta:
        model = Recommendation
        fields = [
            "id",
            "engine",
            "degraded",
            "degraded_reason",
            "outcome",
            "items",
            "questions",
            "totals",
            "catalogue_version",
            "disclaimer",
        ]
        read_only_fields = fields

    def get_disclaimer(self, row) -> str:
        return DISCLAIMER


class RecommendationSerializer(AdviceSerializer):
    """The audit of one answer. `text` is without names and numbers, and is emptied after 90 days."""

    by_name = Label("by.get_full_name")
    ticket_number = Label("ticket.number")
    text = serializers.CharField(source="said", read_only=True)
    accepted_by = serializers.IntegerField(source="acceptance.by_id", read_only=True, default=None, allow_null=True)
    accepted_by_name = Label("acceptance.by.get_full_name")
    accepted_at = serializers.DateTimeField(source="acceptance.at", read_only=True, default=None, allow_null=True)
    accepted_services = serializers.ListField(
        source="acceptance.chosen", child=serializers.IntegerField(), read_only=True, default=list
    )

    class Meta:
        model = Recommendation
        fields = [
            *AdviceSerializer.Meta.fields,
            "at",
            "by",
            "by_name",
            "ticket",
            "ticket_number",
            "garment_type",
            "fabric",
            "text",
            "provider",
            "model",
            "prompt_version",
            "was_asked",
            "result",
            "tokens_in",
            "tokens_out",
            "cost",
            "milliseconds",
            "accepted_by",
            "accepted_by_name",
            "accepted_at",
            "accepted_services",
        ]
        read_only_fields = fields


class AcceptSerializer(HouseSerializer):
    """Which services a person puts down on which garment: those that were suggested, or others."""

    garment = Reference(queryset=Garment.objects.select_related("ticket"))
    services = Reference(queryset=AlterationService.objects.all(), many=True, allow_empty=False)
