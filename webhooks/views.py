from rest_framework import status
from rest_framework.decorators import action
from rest_framework.response import Response

from boutique.api.viewsets import Changed, HouseViewSet, Listed, Made, Removed, Shown
from webhooks import filters, serializers
from webhooks.models import Webhook, WebhookDelivery
from webhooks.services import subscribing


class WebhookViewSet(Listed, Shown, Made, Changed, Removed, HouseViewSet):
    """Programs of others that are told when something happens here. docs/webhooks.md says what they are told, and how
    they see that it is true."""

    queryset = Webhook.objects.select_related("created_by").prefetch_related("locations")
    serializer_class = serializers.WebhookSerializer
    filterset_class = filters.WebhookFilter
    search_fields = ["url", "note"]
    orderings = {"created_at": "created_at"}
    unkept = frozenset({"secret"})
    permissions = {
        "list": "webhooks.view_webhook",
        "retrieve": "webhooks.view_webhook",
        "create": "webhooks.add_webhook",
        "update": "webhooks.change_webhook",
        "partial_update": "webhooks.change_webhook",
        "destroy": "webhooks.delete_webhook",
        "rotate": "webhooks.change_webhook",
        "test": "webhooks.change_webhook",
    }
    outputs = {
        "create": (201, serializers.WebhookWithSecretSerializer),
        "rotate": (200, serializers.WebhookWithSecretSerializer),
        "test": (202, serializers.WebhookDeliverySerializer),
    }
    examples = {
        "create": {
            "url": "https://accounting.example/boutique",
            "events": ["sale.completed", "sale.returned"],
            "locations": [2],
            "note": "Accounting",
        },
        "update": {"url": "https://accounting.example/boutique", "events": ["sale.completed"]},
        "partial_update": {"is_active": False},
    }

    def make(self, **sent):
        """It is told what happens from now on, in the places it names, or in all. The answer shows its `secret`, this
        once. An address in the network of this server is refused."""
        return subscribing.add(by=self.request.user, **sent)

    def create(self, request):
        answer = super().create(request)
        return self.with_secret(answer, Webhook.objects.get(pk=answer.data["id"]))

    def change(self, webhook, **sent):
        """Another address, other events; or switch it off and on. What happened while it was off stays untold."""
        return subscribing.change(webhook=webhook, by=self.request.user, **sent)

    def remove(self, webhook):
        """It goes with the log of its deliveries."""
        subscribing.remove(webhook=webhook, by=self.request.user)

    @action(detail=True, methods=["post"])
    def rotate(self, request, pk):
        """A new `secret`, shown this once. From now on everything is signed with it."""
        self.sent()
        webhook = subscribing.rotate(webhook=self.get_object(), by=request.user)
        return self.with_secret(self.answer(webhook), webhook)

    @action(detail=True, methods=["post"])
    def test(self, request, pk):
        """Sends a `ping`. What became of it stands in `webhook-deliveries/` a moment later."""
        self.sent()
        delivery = subscribing.test(webhook=self.get_object(), by=request.user)
        shown = serializers.WebhookDeliverySerializer(delivery, context=self.get_serializer_context())
        return Response(shown.data, status=status.HTTP_202_ACCEPTED)

    def with_secret(self, answer, webhook):
        answer.data["secret"] = webhook.secret
        return answer


class WebhookDeliveryViewSet(Listed, Shown, HouseViewSet):
    """What webhooks were told in the last thirty days, and what they answered. The newest first."""

    queryset = WebhookDelivery.objects.all()
    serializer_class = serializers.WebhookDeliverySerializer
    filterset_class = filters.WebhookDeliveryFilter
    orderings = {"created_at": "created_at"}
    permissions = {
        "list": "webhooks.view_webhookdelivery",
        "retrieve": "webhooks.view_webhookdelivery",
        "retry": "webhooks.change_webhookdelivery",
    }

    @action(detail=True, methods=["post"])
    def retry(self, request, pk):
        """Send it once more, at once, whatever became of it: the same event under the same id."""
        self.sent()
        return self.answer(subscribing.retry(delivery=self.get_object(), by=request.user))
