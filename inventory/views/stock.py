from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.response import Response

from boutique.api.renderers import CSVRenderer, XLSXRenderer
from boutique.api.serializers import Note
from boutique.api.viewsets import HouseViewSet, Listed, Shown
from inventory import filters
from inventory.models import AVAILABLE, StockLevel, StockMovement
from inventory.serializers import stock as serializers
from inventory.services import adjusting
from skus.models import Sku, selling_price
from skus.serializers import PRICE


class StockViewSet(Listed, HouseViewSet):
    """What lies where: one row for each SKU and place. With `as_of`, what the book said at the end of that day."""

    # Only what is shown: the words that SKUs and products are found by are most of their rows.
    queryset = StockLevel.objects.select_related("sku__product", "location").only(
        "on_hand", "reserved", "average_cost", "value", "version", "created_at", "updated_at",
        "sku__code", "sku__size", "sku__colour", "sku__style", "sku__product__name",
        "location__code", "location__name", "location__kind",
    ).with_threshold()  # fmt: skip
    serializer_class = serializers.StockSerializer
    filterset_class = filters.StockFilter
    renderer_classes = [*HouseViewSet.renderer_classes, CSVRenderer, XLSXRenderer]
    default_ordering = "sku__code"
    guarded = dict.fromkeys(("price", "price_min", "price_max"), PRICE)
    permissions = {
        "list": "inventory.view_stocklevel",
        "adjust": "inventory.adjust_stock",
        "assign": "inventory.adjust_stock",
    }
    inputs = {"adjust": serializers.AdjustSerializer, "assign": serializers.AssignSerializer}
    outputs = {"adjust": (200, serializers.AdjustedSerializer), "assign": (200, serializers.AdjustedSerializer)}
    examples = {
        "adjust": {
            "location": 2,
            "reason": "damage",
            "note": "Moth holes.",
            "lines": [{"sku": 1, "change": "-2"}, {"sku": 2, "change": "-1"}],
        },
        "assign": {"location": 2, "lines": [{"sku": 1, "quantity": "10", "unit_cost": "40.00"}]},
    }

    def rows(self):
        return super().rows().with_coming()

    @property
    def then(self):
        return "then_" if self.request and "as_of" in self.request.query_params else ""

    @property
    def orderings(self):
        return {
            "sku__code": "sku__code",
            "name": "sku__product__name",
            "on_hand": f"{self.then}on_hand",
            "reserved": f"{self.then}reserved",
            "available": f"{self.then}available" if self.then else AVAILABLE,
            "price": selling_price("sku__"),
            "updated_at": "updated_at",
        }

    def as_shown(self, levels):
        return [level.as_it_was() for level in levels] if self.then else levels

    def adjusted(self, done):
        adjustment, movements = done
        adjustment.movements = movements
        return Response(serializers.AdjustedSerializer(adjustment, context=self.get_serializer_context()).data)

    @action(detail=False, methods=["post"])
    def adjust(self, request):
        """Put the book right: damage, loss, found, correction, opening. All lines or none."""
        return self.adjusted(adjusting.adjust(by=request.user, **self.sent()))

    @action(detail=False, methods=["post"])
    def assign(self, request):
        """First stock of these SKUs in a place."""
        return self.adjusted(adjusting.assign(by=request.user, **self.sent()))


class MovementViewSet(Listed, Shown, HouseViewSet):
    """The ledger, newest first. Nobody writes here: each row is what some document did."""

    queryset = StockMovement.objects.select_related("sku", "location", "recorded_by")
    serializer_class = serializers.MovementSerializer
    filterset_class = filters.MovementFilter
    renderer_classes = [*HouseViewSet.renderer_classes, CSVRenderer, XLSXRenderer]
    counted = False
    permissions = {
        "list": "inventory.view_stockmovement",
        "retrieve": "inventory.view_stockmovement",
        "reverse": "inventory.reverse_stockmovement",
    }
    inputs = {"reverse": Note}
    examples = {"reverse": {"note": "Delivered to the wrong shop."}}

    @action(detail=True, methods=["post"])
    def reverse(self, request, pk):
        """Post the opposite of an adjustment or a receipt, linked to it. Once."""
        return self.answer(adjusting.reverse(movement=self.get_object(), by=request.user, **self.sent()))


class SkuMovementViewSet(MovementViewSet):
    """The ledger of one SKU, newest first."""

    permissions = {"list": "inventory.view_stockmovement"}

    def get_queryset(self):
        sku = get_object_or_404(Sku.objects.visible_to(self.request.user), pk=self.kwargs["pk"])
        return super().get_queryset().filter(sku=sku)
