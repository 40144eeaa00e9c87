import django_filters

from boutique.api.filters import HouseFilterSet, IdFilter, TruthFilter
from webhooks.models import Webhook, WebhookDelivery


class WebhookFilter(HouseFilterSet):
    is_active = TruthFilter()

    class Meta:
        model = Webhook
        fields = []


class WebhookDeliveryFilter(HouseFilterSet):
    webhook = IdFilter()
    status = django_filters.ChoiceFilter(choices=WebhookDelivery.Status.choices)
    event = django_filters.ChoiceFilter(choices=WebhookDelivery._meta.get_field("event").choices)

    class Meta:
        model = WebhookDelivery
        fields = []
