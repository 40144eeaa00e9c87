import factory

from accounts.tests.factories import UserFactory
from webhooks.models import PING, Event, Webhook, WebhookDelivery


class WebhookFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Webhook

    url = "https://accounting.example/hooks"
    events = [Event.SALE_COMPLETED]
    created_by = factory.SubFactory(UserFactory, role="admin")
    updated_by = factory.SelfAttribute("created_by")


class WebhookDeliveryFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = WebhookDelivery

    webhook = factory.SubFactory(WebhookFactory)
    event = PING
