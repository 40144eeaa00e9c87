"""Custom orders, their payments and their pictures: each verb is one service call."""

from django.db.models import Prefetch
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.response import Response

from boutique.api.parsers import UploadParser
from boutique.api.serializers import Reason
from boutique.api.viewsets import HouseViewSet, Listed, Made, PaperViewSet, Patched, Removed, Shown, TimelineViewSet
from orders import filters
from orders.models import Order, OrderLine, Payment, StyleImage
from orders.serializers import orders as serializers
from orders.serializers.orders import BODY, MONEY
from orders.services import calendar, holding, ordering, paying, picturing, privacy
from orders.views.customers import route_of

# Lines with their SKUs in one query, without the words that those are found by.
LINES = Prefetch("lines", OrderLine.objects.select_related("sku").defer("sku__search"))


class OrderViewSet(Patched, PaperViewSet):
    """What customers ordered, in the places one works in. Juniors see no prices, payments and notes.

    Goods are reserved when the order is made, and leave when it is completed. `allowed_actions` are the states that
    this caller may move it to now. The search finds numbers, names of customers and words of notes.
    """

    queryset = Order.objects.custom().named().prefetch_related(LINES)
    filterset_class = filters.OrderFilter
    noun = "order"
    orderings = {"delivery_date": "delivery_date", "created_at": "created_at", "total": "total"}
    guarded = dict.fromkeys(("payment_status", "total"), MONEY)
    permissions = {
        "list": "orders.view_order",
        "retrieve": "orders.view_order",
        "create": "orders.add_order",
        "partial_update": "orders.change_order",
        "status": "orders.move_order",
        "cancel": "orders.cancel_order",
        "reserve": "orders.change_order",
        "calendar": "orders.view_order",
    }
    inputs = {
        "create": serializers.NewOrderSerializer,
        "partial_update": serializers.OrderChangeSerializer,
        "status": serializers.StatusSerializer,
        "cancel": Reason,
    }
    outputs = {"calendar": (200, serializers.CalendarSerializer)}
    questions = {"calendar": {"after", "before", "location"}}
    examples = {
        "create": {
            "customer": 1,
            "location": 2,
            "delivery_date": "2027-03-31",
            "lines": [
                {"sku": 1, "quantity": "1"},
                {"description": "Blue lining, sewn in", "quantity": "1", "unit_price": "45.00"},
            ],
            "note": "For her sister's wedding.",
        },
        "partial_update": {"delivery_date": "2027-04-07"},
        "status": {"status": "confirmed", "note": "Cloth chosen."},
        "cancel": {"reason": "The wedding is off."},
    }

    @property
    def serializer_class(self):
        return serializers.OrderSerializer if self.action == "list" else serializers.OrderInFullSerializer

    def rows(self):
        rows = super().rows()
        return rows.defer("cut_to") if self.action == "list" else rows

    def as_shown(self, orders):
        orders = list(orders)
        if self.action != "list" and self.request.user.has_perm(BODY):
            cut = [order for order in orders if order.cut_to]
            privacy.note_read(sets=cut, by=self.request.user, route=route_of(self.request))
        return holding.with_held(orders)

    def make(self, **sent):
        """Take an order down. Lines without `unit_price` have the catalogue's; what is short is 409, all lines at once,
        unless the line says `backorder`: then it holds what there is, and waits for the rest."""
        return ordering.make(by=self.request.user, **sent)

    def change(self, order, **sent):
        """Day, note and measurements while it is open; lines and discount while it is pending or confirmed."""
        return ordering.change(order=order, by=self.request.user, **sent)

    @action(detail=True, methods=["patch"])
    def status(self, request, pk):
        """Move it on. What is not possible now is 409 `illegal_transition` and names what is."""
        return self.act(ordering.move)

    @action(detail=True, methods=["post"])
    def cancel(self, request, pk):
        """Call it off: its goods are free again. Once something was paid, by a manager; a refund pays it back."""
        return self.act(ordering.cancel)

    @action(detail=True, methods=["post"])
    def reserve(self, request, pk):
        """Goods have come in: lines that wait for them hold what there is now. 409 if there is none of it."""
        return self.act(ordering.reserve)

    @action(detail=False)
    def calendar(self, request):
        """What is due from `after` to `before`, day by day: at most 92 days, the next 30 if not said."""
        context = self.get_serializer_context()
        asked = serializers.CalendarAsk(data=request.query_params.dict(), context=context)
        asked.is_valid(raise_exception=True)
        days = calendar.due(by=request.user, **asked.validated_data)
        shown = asked.validated_data | {"days": days}
        return Response(serializers.CalendarSerializer(shown, context=context).data)


class OrderTimelineViewSet(TimelineViewSet):
    documents = Order
    permissions = {"list": MONEY}


class PaymentViewSet(Listed, Shown, Made, HouseViewSet):
    """Money for one order. Nobody changes a row: a mistake is paid back."""

    queryset = Payment.objects.select_related("by")
    papers, noun, services = Order.objects.custom(), "order", paying
    serializer_class = serializers.PaymentSerializer
    filterset_class = filters.PaymentFilter
    permissions = {"list": MONEY, "retrieve": MONEY, "create": "orders.add_payment"}
    needs_key = frozenset({"create"})
    examples = {"create": {"amount": "100.00", "method": "card", "kind": "payment", "reference": "4711"}}

    def get_queryset(self):
        return super().get_queryset().filter(**{self.noun: self.paper()})

    def paper(self):
        return get_object_or_404(self.papers.visible_to(self.request.user), pk=self.kwargs[self.noun])

    def create(self, request, **path):
        self.paid_paper = self.paper()  # what is not there is 404, whatever was sent
        return super().create(request, **path)

    def make(self, **sent):
        """Take a payment, or pay back (a manager). More than is due, or than was paid, is 409."""
        return self.services.pay(**{self.noun: self.paid_paper}, by=self.request.user, **sent)


class StyleImageViewSet(Listed, Shown, Made, Removed, HouseViewSet):
    """What an order is to look like: at most 20 pictures of one order. Taken down, they can be put back."""

    queryset = StyleImage.objects.select_related("order", "created_by", "deleted_by").defer("order__cut_to")
    serializer_class = serializers.StyleImageSerializer
    filterset_class = filters.StyleImageFilter
    services = picturing
    orderings = {"created_at": "created_at"}
    default_ordering = "id"
    permissions = {
        "list": "orders.view_styleimage",
        "retrieve": "orders.view_styleimage",
        "create": "orders.add_styleimage",
        "destroy": "orders.delete_styleimage",
        "restore": "orders.delete_styleimage",
    }
    inputs = {"create": serializers.NewStyleImageSerializer}

    def get_parsers(self):
        sends_file = self.request is None or self.action_map.get(self.request.method.lower()) == "create"
        return [UploadParser()] if sends_file else super().get_parsers()

    def get_queryset(self):
        rows, user = super().get_queryset(), self.request.user
        if self.action == "restore":
            return rows.removable_by(user)
        if self.action == "destroy":
            return rows.current().removable_by(user)
        if self.action == "list" and "deleted" in self.request.query_params:
            return rows  # the filter, which knows what was meant, takes those or the others
        return rows.current()

    def make(self, **sent):
        """One more picture of an order: JPEG, PNG or WebP, at most 10 MB and 25 megapixels."""
        return self.services.add(by=self.request.user, **sent)

    def remove(self, image):
        """Take it down: one's own, or any if one runs the store. It is only hidden."""
        self.services.remove(image=image, by=self.request.user)

    @action(detail=True, methods=["post"])
    def restore(self, request, pk):
        """Put it back."""
        self.sent()
        return self.answer(self.services.restore(image=self.get_object(), by=request.user))
