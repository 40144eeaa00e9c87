"""Products and SKUs as the catalogue shows them, and beside them what lies on the shelves.

The catalogue knows nothing of stock: it is here that its routes learn of it.
"""

from boutique.api.pagination import refuse
from inventory import filters
from inventory.models import StockLevel
from inventory.serializers import stock as serializers
from inventory.services import adjusting
from skus.views import catalogue

OF_STOCK = dict.fromkeys(
    ("on_hand", "available", "on_hand_min", "on_hand_max", "location", "low_stock"), serializers.STOCK
)


class OnShelves:
    """`on_hand` and `available` add up the caller's own places, or those of `?location=`."""

    def rows(self):
        return super().rows().annotate(**StockLevel.objects.visible_to(self.request.user).summed(self.of, self.places))

    @property
    def places(self):
        """None for all."""
        text = self.request.query_params.get("location")
        if text is None:
            return None
        words = text.split(",")
        if not all(word.isascii() and word.isdigit() and len(word) < 19 for word in words):
            refuse("location", "A place's id, or several separated by commas.")
        return [int(word) for word in words]


class ProductViewSet(OnShelves, catalogue.ProductViewSet):
    serializer_class = serializers.ProductSerializer
    filterset_class = filters.ProductFilter
    of = "sku__product"
    guarded = catalogue.ProductViewSet.guarded | OF_STOCK
    orderings = catalogue.ProductViewSet.orderings | {"on_hand": "on_hand", "available": "available"}
    outputs = catalogue.ProductViewSet.outputs | {"matrix": (200, serializers.MatrixSerializer)}
    questions = {"matrix": {"location"}}

    def cells(self, product):
        seen = StockLevel.objects.visible_to(self.request.user)
        return super().cells(product).annotate(**seen.summed("sku", self.places))


class SkuViewSet(OnShelves, catalogue.SkuViewSet):
    serializer_class = serializers.SkuSerializer
    filterset_class = filters.SkuFilter
    of = "sku"
    guarded = catalogue.SkuViewSet.guarded | OF_STOCK
    orderings = catalogue.SkuViewSet.orderings | {"on_hand": "on_hand", "available": "available"}
    inputs = catalogue.SkuViewSet.inputs | {
        "create": serializers.NewSkuSerializer,
        "update": serializers.SkuChangeSerializer,
        "partial_update": serializers.SkuChangeSerializer,
    }
    examples = catalogue.SkuViewSet.examples | {
        "create": catalogue.SkuViewSet.examples["create"]
        | {"opening_stock": [{"location": 2, "quantity": "10", "unit_cost": "40.00"}]}
    }

    def make(self, opening_stock=(), **sent):
        sku = super().make(**sent)
        adjusting.open_stock(sku=sku, entries=opening_stock, by=self.request.user)
        return sku
