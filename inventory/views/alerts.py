from rest_framework.decorators import action

from boutique.api.serializers import Note
from boutique.api.viewsets import Changed, HouseViewSet, Listed, Made, Removed, Shown
from inventory import filters
from inventory.models import Alert, LowStockThreshold
from inventory.serializers import alerts as serializers
from inventory.services import alerts, thresholds


class ThresholdViewSet(Listed, Shown, Made, Changed, Removed, HouseViewSet):
    """From which quantity down there is too little: of a SKU or a product, in one place or everywhere.

    The narrowest holds: of the SKU in the place, of the SKU, of the product in the place, of the product.
    """

    queryset = LowStockThreshold.objects.with_labels()
    serializer_class = serializers.ThresholdSerializer
    filterset_class = filters.ThresholdFilter
    permissions = {
        "list": "inventory.view_lowstockthreshold",
        "retrieve": "inventory.view_lowstockthreshold",
        "create": "inventory.add_lowstockthreshold",
        "update": "inventory.change_lowstockthreshold",
        "partial_update": "inventory.change_lowstockthreshold",
        "destroy": "inventory.delete_lowstockthreshold",
    }
    examples = {
        "create": {"sku": 1, "location": 2, "threshold": "5", "target": "12"},
        "update": {"sku": 1, "location": 2, "threshold": "4"},
        "partial_update": {"threshold": "3"},
    }

    def make(self, **sent):
        """A new threshold, at once judged on all shelves it speaks of. Everywhere (no `location`): the owner only."""
        return thresholds.add(by=self.request.user, **sent)

    def change(self, limit, **sent):
        """Another quantity, or another scope."""
        return thresholds.change(limit=limit, by=self.request.user, **sent)

    def remove(self, limit):
        """What was low by it alone is low no longer: its alerts are resolved."""
        thresholds.remove(limit=limit, by=self.request.user)


class AlertViewSet(Listed, Shown, HouseViewSet):
    """Shelves that run low or are short of what was promised, and documents that are late. Newest first."""

    queryset = Alert.objects.with_labels()
    serializer_class = serializers.AlertSerializer
    filterset_class = filters.AlertFilter
    counted = False
    permissions = {
        "list": "inventory.view_alert",
        "retrieve": "inventory.view_alert",
        "acknowledge": "inventory.acknowledge_alert",
    }
    inputs = {"acknowledge": Note}
    examples = {"acknowledge": {"note": "Ordered ten more."}}

    def rows(self):
        return super().rows().with_incoming()

    @action(detail=True, methods=["post"])
    def acknowledge(self, request, pk):
        """Say that you have seen it and see to it. It stays open until its cause is gone; whoever was first stays."""
        return self.answer(alerts.acknowledge(alert=self.get_object(), by=request.user, **self.sent()))
