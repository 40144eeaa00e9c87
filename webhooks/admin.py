"""Who is told of what happens, and what they were told: for the owner's desk."""

import json

from django import forms
from django.contrib import admin, messages
from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from accounts.admin import PlacesField, open_places
from accounts.models import Location
from boutique.admin import CappedPaginator, HouseAdmin, HouseForm, Verb, Window, label, moment, panel, to
from webhooks.models import Event, Webhook, WebhookDelivery
from webhooks.services import subscribing

DELIVERIES_SHOWN = 20
COLOURS = {"pending": "warning", "delivered": "success", "failed": "danger"}


class EventsField(forms.MultipleChoiceField):
    def __init__(self, **options):
        widget = UnfoldAdminCheckboxSelectMultipleWidget
        super().__init__(choices=[(event.value, f"{event.value}: {event.label}") for event in Event], widget=widget)


class WebhookForm(HouseForm):
    events = EventsField()
    places = PlacesField(help_text="Nothing ticked: what happens in all of them.")

    class Meta:
        model = Webhook
        fields = ["url", "note", "events", "is_active"]
        labels = {"url": "Address", "is_active": "Switched on"}
        help_texts = {"url": "https://… of a server that is not the house's own.", "note": "What it is for."}

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        if self.instance.pk:
            chosen = [place.pk for place in self.instance.locations.all()]
            # A place that has closed since stays chosen until somebody takes it off.
            self.fields["places"].queryset = Location.objects.filter(Q(pk__in=open_places()) | Q(pk__in=chosen))
            self.initial["places"] = chosen

    def sent(self):
        sent = super().sent()
        return sent | {"locations": sent.pop("places")} if "places" in sent else sent


@admin.register(Webhook)
class WebhookAdmin(HouseAdmin):
    shelf, title, icon, noun = "Machine room", "Webhooks", "webhook", "webhook"
    form = WebhookForm
    list_display = ["name", "address_shown", "told_of", "places_shown", "state", "made_by"]
    list_filter = ["is_active"]
    list_select_related = ["created_by"]
    search_fields = ["url", "note"]
    ordering = ["-pk"]
    fields = ["url", "note", "events", "places", "is_active"]
    verbs = {
        "test": Verb(
            needs="webhooks.change_webhook",
            service=subscribing.test,
            title="Send a ping",
            text="To see whether anybody listens. What was answered stands below a moment later.",
            done="The ping is on its way.",
            icon="network_ping",
            variant=ActionVariant.PRIMARY,
        ),
        "rotate": Verb(
            needs="webhooks.change_webhook",
            service=subscribing.rotate,
            title="New secret",
            text="From now on everything is signed with it. It is shown once, on the next page.",
            done=lambda webhook: f"The secret, shown this once: {webhook.secret}",
            icon="key",
            variant=ActionVariant.DANGER,
        ),
    }

    def make(self, *, by, **sent):
        return subscribing.add(by=by, **sent)

    def change(self, webhook, *, by, **sent):
        subscribing.change(webhook=webhook, by=by, **sent)

    def remove(self, webhook, *, by):
        subscribing.remove(webhook=webhook, by=by)

    def told_before_deleting(self, webhook):
        return "Nothing more is sent there, and the log of what was sent goes too."

    def allowed(self, row, by):
        return ["test", "rotate"] if row.is_active else ["rotate"]

    def response_post_save_add(self, request, obj):
        messages.success(request, f"The secret, shown this once: {obj.secret}")
        return super().response_post_save_add(request, obj)

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("locations")

    def get_readonly_fields(self, request, obj=None):
        return ["failing", "switched_off"] if obj else []

    def get_fields(self, request, obj=None):
        return [*self.fields, *self.get_readonly_fields(request, obj)]

    def panels(self, request, row):
        rows = [
            [to(told, told.event), moment(told.created_at), state_of(told), told.attempts, told.response_status or "-"]
            for told in row.deliveries.order_by("-pk")[:DELIVERIES_SHOWN]
        ]
        more = f"{reverse('admin:webhooks_webhookdelivery_changelist')}?webhook={row.pk}"
        return [panel("Deliveries", ["event", "made", "state", "attempts", "answer"], rows, more)]

    @display(description="for", ordering="note")
    def name(self, webhook):
        return webhook.note or webhook.pk

    @display(description="address", ordering="url")
    def address_shown(self, webhook):
        return webhook.url

    @display(description="told of")
    def told_of(self, webhook):
        return ", ".join(webhook.events)

    @display(description="nothing was taken since")
    def failing(self, webhook):
        return moment(webhook.failing_since)

    @display(description="switched off by the house")
    def switched_off(self, webhook):
        return f"{moment(webhook.switched_off_at)} {webhook.switched_off_because}".strip()

    @display(description="places")
    def places_shown(self, webhook):
        return ", ".join(place.code for place in webhook.locations.all()) or "All"

    @display(description="state", ordering="is_active")
    def state(self, webhook):
        if webhook.failing_since and webhook.is_active:
            return label("Does not answer", "warning")
        return label("On", "success") if webhook.is_active else label("Off", "danger")

    @display(description="made by")
    def made_by(self, webhook):
        return str(webhook.created_by)


def state_of(delivery):
    return label(delivery.get_status_display(), COLOURS[delivery.status])


@admin.register(WebhookDelivery)
class DeliveryAdmin(Window):
    shelf, title, icon, noun = "Machine room", "Deliveries of webhooks", "outgoing_mail", "delivery"
    list_display = ["number", "event", "receiver", "state", "attempts", "response_status", "made"]
    list_filter = ["status", "event", "webhook"]
    list_select_related = ["webhook"]
    show_full_result_count = False
    paginator = CappedPaginator
    ordering = ["-pk"]
    shortcuts = [("All", ""), ("Pending", "status__exact=pending"), ("Failed", "status__exact=failed")]
    fields = [
        "number", "event", "event_id", "receiver", "message", "state", "attempts", "last", "next", "milliseconds",
        "response_status", "response", "error",
    ]  # fmt: skip
    verbs = {
        "retry": Verb(
            needs="webhooks.change_webhookdelivery",
            service=subscribing.retry,
            title="Send again",
            text="At once, whatever became of it: the same event under the same id.",
            done="It is on its way.",
            icon="replay",
        )
    }

    def allowed(self, row, by):
        return ["retry"] if row.webhook.is_active else []

    @display(description="number", ordering="pk")
    def number(self, delivery):
        return delivery.pk

    @display(description="to", ordering="webhook")
    def receiver(self, delivery):
        return to(delivery.webhook)

    @display(description="state", ordering="status")
    def state(self, delivery):
        return state_of(delivery)

    @display(description="made", ordering="created_at")
    def made(self, delivery):
        return moment(delivery.created_at)

    @display(description="last attempt")
    def last(self, delivery):
        return moment(delivery.last_attempt_at)

    @display(description="next attempt")
    def next(self, delivery):
        return moment(delivery.next_attempt_at)

    @display(description="what was told")
    def message(self, delivery):
        return format_html('<pre class="overflow-x-auto">{}</pre>', json.dumps(delivery.data, indent=2))
