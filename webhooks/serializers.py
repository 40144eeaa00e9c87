from rest_framework import serializers

from accounts.models import Location
from accounts.serializers import RECORD_FIELDS, LocationBrief
from boutique.api.serializers import Choice, HouseModelSerializer, Label, Reference
from webhooks.models import Event, Webhook, WebhookDelivery


class WebhookSerializer(HouseModelSerializer):
    """`failing_since`: nothing was taken there since then. `switched_off_at`, `switched_off_because`: by the house."""

    expandable = {"locations": LocationBrief}
    events = serializers.ListField(child=Choice(choices=Event.choices), allow_empty=False, max_length=len(Event))
    locations = Reference(queryset=Location.objects.exclude(kind="transit"), many=True, required=False)
    created_by_name = Label("created_by.get_full_name")

    class Meta:
        model = Webhook
        fields = [
            "id", "url", "note", "events", "locations", "is_active", "failures", "failing_since", "rests_until",
            "switched_off_at", "switched_off_because", *RECORD_FIELDS,
        ]  # fmt: skip
        read_only_fields = [
            "failures", "failing_since", "rests_until", "switched_off_at", "switched_off_because", *RECORD_FIELDS,
        ]  # fmt: skip


class WebhookWithSecretSerializer(WebhookSerializer):
    """`secret` is shown this once: it is null in the answer to a repeat with the same `Idempotency-Key`. Who loses it
    makes a new one (`rotate/`, with a new key)."""

    secret = serializers.CharField(read_only=True, allow_null=True)

    class Meta(WebhookSerializer.Meta):
        fields = [*WebhookSerializer.Meta.fields, "secret"]


class WebhookDeliverySerializer(HouseModelSerializer):
    """`event_id` is the `id` of the message, `id` its `Boutique-Delivery`; `response` how the answer began."""

    webhook = serializers.IntegerField(source="webhook_id", read_only=True)
    event = Choice(choices=WebhookDelivery._meta.get_field("event").choices, read_only=True)
    data = serializers.DictField(read_only=True)

    class Meta:
        model = WebhookDelivery
        fields = [
            "id", "webhook", "event_id", "event", "happened_at", "data", "status", "attempts", "next_attempt_at",
            "last_attempt_at", "milliseconds", "response_status", "response", "error", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields
