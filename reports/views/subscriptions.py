from boutique.api.viewsets import Changed, HouseViewSet, Listed, Made, Removed, Shown
from reports.filters import SubscriptionFilter
from reports.models import Subscription
from reports.serializers.subscriptions import SubscriptionSerializer
from reports.services import subscriptions


class SubscriptionViewSet(Listed, Shown, Made, Changed, Removed, HouseViewSet):
    """One's own reports by e-mail: each time a day, a week or a month is over, as PDF.

    What one may see is judged when it is sent: who has left the shop, or a place, gets nothing of it any more.
    """

    queryset = Subscription.objects.prefetch_related("locations")
    serializer_class = SubscriptionSerializer
    filterset_class = SubscriptionFilter
    permissions = {
        "list": "reports.view_subscription",
        "retrieve": "reports.view_subscription",
        "create": "reports.add_subscription",
        "update": "reports.change_subscription",
        "partial_update": "reports.change_subscription",
        "destroy": "reports.delete_subscription",
    }
    examples = {
        "create": {"report": "sales", "group_by": "product", "frequency": "weekly", "locations": [2]},
        "update": {"report": "sales", "frequency": "monthly"},
        "partial_update": {"is_active": False},
    }

    def make(self, **sent):
        """The first comes when the day, week or month that is running now is over."""
        return subscriptions.subscribe(by=self.request.user, **sent)

    def change(self, subscription, **sent):
        """What ended before a change of `frequency` is not sent."""
        return subscriptions.change(subscription=subscription, by=self.request.user, **sent)

    def remove(self, subscription):
        """No more of these letters."""
        subscriptions.unsubscribe(subscription=subscription, by=self.request.user)
