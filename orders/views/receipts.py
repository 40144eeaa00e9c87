"""Receipts of sales and returns: on paper, and as a till's own printer wants to know it."""

from django.db.models import Prefetch
from rest_framework.generics import get_object_or_404

from boutique.api.serializers import Choice
from orders import slips
from orders.models import Order, OrderLine, Payment, SaleReturn, SaleReturnLine
from orders.serializers import receipts as serializers
from orders.services import receipts
from orders.views.sales import VIEW
from orders.views.tills import PrintedViewSet, SlipAsk

WORDS = ("sku__search", "sku__product__search")
LINES = Prefetch("lines", OrderLine.objects.select_related("sku__product").defer(*WORDS))
PAYMENTS = Payment.objects.select_related("till_entry__session").order_by("pk")
BACK = Prefetch(
    "lines",
    SaleReturnLine.objects.select_related("line__sku__product").defer(*(f"line__{name}" for name in WORDS)),
)


class ReceiptAsk(SlipAsk):
    gift = Choice(choices=["1", "0", "true", "false"], default="0")

    def validate(self, asked):
        return asked | {"gift": asked["gift"] in ("1", "true")}


class SaleReceiptViewSet(PrintedViewSet):
    """The receipt of a sale: PDF for a roll of 80 mm (`layout=a4` for A4), or all it says as JSON (`format=json`).

    A gift receipt (`gift=1`) says no prices.
    """

    queryset = (
        Order.objects.sales()
        .named()
        .defer("cut_to")
        .prefetch_related(
            LINES, Prefetch("payments", PAYMENTS), Prefetch("returns", SaleReturn.objects.prefetch_related("refunds"))
        )
    )
    serializer_class = serializers.SaleReceiptSerializer
    asks = ReceiptAsk
    permissions = {"retrieve": VIEW}
    questions = {"retrieve": {"layout", "gift"}}

    def shown(self, sale, *, gift, layout):
        kind = serializers.GiftReceiptSerializer if gift else serializers.SaleReceiptSerializer
        return kind(receipts.of_sale(sale, gift=gift), context=self.get_serializer_context()).data

    def slip(self, sale, shown, **asked):
        return slips.of_receipt(sale.location, shown)


class ReturnReceiptViewSet(PrintedViewSet):
    """The receipt of what came back of a sale, as PDF or JSON."""

    queryset = SaleReturn.objects.named().prefetch_related(BACK, Prefetch("refunds", PAYMENTS))
    serializer_class = serializers.SaleReceiptSerializer
    permissions = {"retrieve": VIEW}
    questions = {"retrieve": {"layout"}}

    def get_object(self):
        rows = self.get_queryset().filter(sale=self.kwargs["sale"])
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def shown(self, returned, **asked):
        told = receipts.of_return(returned)
        return serializers.SaleReceiptSerializer(told, context=self.get_serializer_context()).data

    def slip(self, returned, shown, **asked):
        return slips.of_receipt(returned.location, shown)
