"""Baskets put aside at the counter while somebody else is served."""

from django.db.models import Prefetch

from boutique.api.viewsets import PaperViewSet, Patched, Removed, TimelineViewSet
from orders import filters
from orders.models import Basket, BasketLine
from orders.serializers import baskets as serializers
from orders.services import baskets

VIEW = "orders.view_basket"
LINES = Prefetch(
    "lines", BasketLine.objects.select_related("sku__product").defer("sku__search", "sku__product__search")
)


class BasketViewSet(Patched, Removed, PaperViewSet):
    """Baskets put aside, in the places one works in. They reserve nothing, and expire when nobody touches them."""

    queryset = Basket.objects.named().prefetch_related(LINES)
    serializer_class = serializers.BasketSerializer
    filterset_class = filters.BasketFilter
    noun = "basket"
    orderings = {"created_at": "created_at"}
    permissions = {
        "list": VIEW,
        "retrieve": VIEW,
        "create": "orders.add_basket",
        "partial_update": "orders.change_basket",
        "destroy": "orders.delete_basket",
    }
    inputs = {"create": serializers.NewBasketSerializer, "partial_update": serializers.BasketChangeSerializer}
    examples = {
        "create": {
            "location": 2,
            "label": "Blue coat, back at five",
            "lines": [{"sku": 1, "quantity": "1"}, {"barcode": "4006381333931", "quantity": "2", "discount": "5.00"}],
        },
        "partial_update": {"label": "Fetches it tomorrow"},
    }

    def make(self, **sent):
        """Put a basket aside. What it costs and whether it is there is judged when it is sold."""
        return baskets.hold(by=self.request.user, **sent)

    def change(self, basket, **sent):
        """Other words, another customer, or all its lines. A basket that is sold or gone is 409."""
        return baskets.change(basket=basket, by=self.request.user, **sent)

    def remove(self, basket):
        """Nobody wants it any more. It stays in the book as discarded."""
        baskets.discard(basket=basket, by=self.request.user)


class BasketTimelineViewSet(TimelineViewSet):
    documents = Basket
    permissions = {"list": VIEW}
