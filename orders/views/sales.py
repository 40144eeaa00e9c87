"""The till: sales, what comes back of them, and the sales of a till that was offline."""

from functools import partial

from django.db import IntegrityError
from django.db.models import Prefetch
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.response import Response

from boutique.api import problems
from boutique.api.viewsets import PaperViewSet, TimelineViewSet
from boutique.transactions import TRIES
from orders import filters
from orders.models import Basket, Order, OrderLine, Payment, Sale, SaleReturn, SaleReturnLine
from orders.serializers import sales as serializers
from orders.services import returning, selling

VIEW = "orders.view_sale"
CLIENT_ID_ONCE = next(one for one in Order._meta.constraints if one.name == "order_client_id_once")
LINES = Prefetch("lines", OrderLine.objects.select_related("sku").defer("sku__search"))
# By the newest tender first: in the order in which it was paid back.
REFUNDS = Prefetch("refunds", Payment.objects.order_by("pk"))
RETURNED = [Prefetch("lines", SaleReturnLine.objects.select_related("line")), REFUNDS]
RETURNS = Prefetch("returns", SaleReturn.objects.named().prefetch_related(*RETURNED))


class SaleViewSet(PaperViewSet):
    """Sales over the counter, in the places one works in; `status` says what has come back of them.

    A sale needs an `Idempotency-Key` or a `client_id` of the till's own: then sending it again does no harm.
    """

    queryset = Sale.objects.named().defer("cut_to").prefetch_related(LINES, "payments", RETURNS)
    serializer_class = serializers.SaleSerializer
    filterset_class = filters.SaleFilter
    noun = "sale"
    orderings = {"occurred_at": "occurred_at", "business_date": "business_date", "total": "total"}
    permissions = {
        "list": VIEW,
        "retrieve": VIEW,
        "create": "orders.add_sale",
        "batch": "orders.add_sale",
        "returns": "orders.add_salereturn",
        "exchange": "orders.exchange_sale",
    }
    inputs = {
        "create": serializers.CounterSaleSerializer,
        "batch": serializers.BatchSerializer,
        "returns": serializers.NewReturnSerializer,
        "exchange": serializers.NewExchangeSerializer,
    }
    outputs = {
        "batch": (200, serializers.BatchAnswerSerializer),
        "returns": (201, serializers.ReturnSerializer),
        "exchange": (201, serializers.ExchangeSerializer),
    }
    examples = {
        "create": {
            "location": 2,
            "client_id": "till-7-000123",
            "lines": [{"sku": 1, "quantity": "2"}, {"barcode": "4006381333931", "quantity": "1", "discount": "5.00"}],
            "payments": [{"method": "card", "amount": "100.00"}, {"method": "cash", "amount": "15.00"}],
        },
        "batch": {
            "sales": [
                {
                    "location": 2,
                    "client_id": "till-7-000124",
                    "occurred_at": "2026-11-28T10:15:00Z",
                    "lines": [{"sku": 1, "quantity": "1"}],
                    "payments": [{"method": "cash", "amount": "60.00"}],
                }
            ]
        },
        "returns": {"lines": [{"line": 1, "quantity": "1", "restock": True}], "reason": "Too small."},
        "exchange": {
            "lines": [{"line": 1, "quantity": "1", "restock": True}],
            "new_lines": [{"sku": 2, "quantity": "1"}],
            "reason": "The next size.",
        },
    }

    def get_parsers(self):
        action = self.action_map.get(self.request.method.lower()) if self.request else None
        return [serializers.BatchParser()] if action == "batch" else super().get_parsers()

    @property
    def needs_key(self):
        """Whoever names a sale by a `client_id` needs no key beside it."""
        sent = self.request.data if self.request is not None else None
        is_named = hasattr(sent, "get") and isinstance(sent.get("client_id"), str) and sent.get("client_id")
        return {"batch", "returns", "exchange"} | (set() if is_named else {"create"})

    def write(self, handler, request, *args, **kwargs):
        """Whoever sends a sale twice at the same moment is answered as if it had been one after the other."""
        for others in range(TRIES, 0, -1):
            try:
                return super().write(handler, request, *args, **kwargs)
            except IntegrityError as error:
                if problems.named_constraint(error)[1] is not CLIENT_ID_ONCE or others == 1:
                    raise
        raise AssertionError("unreachable")

    def create(self, request, **path):
        """Sell: goods leave, the payments come to exactly what it costs, and the receipt has its number."""
        return self.told(selling.sell(serializers.wanted(self.sent()), by=request.user), 201)

    @action(detail=False, methods=["post"])
    def batch(self, request):
        """Up to 500 sales that a till made while it was offline, each with a `client_id` and its `occurred_at`.

        They have happened: none is refused for stock. What the book lacked is found, and an alert asks to count it.
        """
        read = partial(serializers.read_batch, self.sent()["sales"], self.get_serializer_context())
        outcomes = selling.sell_all(read(), by=request.user, read_again=read)
        rows = [row_of(index, outcome) for index, outcome in enumerate(outcomes)]
        return Response({"results": rows} | selling.counts_of(outcomes))

    @action(detail=True, methods=["post"])
    def returns(self, request, pk):
        """Take goods back, in part or whole, and pay for them what was paid for them."""
        returned = returning.take_back(sale=self.get_object(), by=request.user, **self.sent())
        return Response(self.shown_return(returned), status=201)

    @action(detail=True, methods=["post"])
    def exchange(self, request, pk):
        """Goods come back and others go, both or neither. What came back pays for what goes."""
        sale, sent = self.get_object(), self.sent()
        lines, refund, reason = sent.pop("lines"), sent.pop("refund", None), sent.pop("reason", "")
        said = sent | {"location": sale.location, "lines": sent.pop("new_lines")}
        new = serializers.wanted(said)
        returned, sold = returning.exchange(
            sale=sale, lines=lines, wanted=new, by=request.user, refund=refund, reason=reason
        )
        shown = serializers.SaleSerializer(self.rows().get(pk=sold.pk), context=self.get_serializer_context())
        return Response({"return": self.shown_return(returned), "sale": shown.data}, status=201)

    def shown_return(self, returned):
        row = SaleReturn.objects.named().prefetch_related(*RETURNED).get(pk=returned.pk)
        return serializers.ReturnSerializer(row, context=self.get_serializer_context()).data


def row_of(index, outcome):
    row = {"index": index, "client_id": outcome.client_id, "result": outcome.result}
    if outcome.sale is not None:
        row |= {"sale": outcome.sale.pk, "number": outcome.sale.number}
    if outcome.error is not None:
        row["error"] = problems.told(outcome.error)
    return row


class BasketSaleViewSet(SaleViewSet):
    """What was put aside is sold. Like a sale it needs an `Idempotency-Key` or a `client_id`."""

    permissions = {"create": "orders.add_sale"}
    inputs = {"create": serializers.SellBasketSerializer}
    outputs = {}
    examples = {"create": {"client_id": "till-7-000125", "payments": [{"method": "cash", "amount": "115.00"}]}}

    def create(self, request, pk):
        """Sell it as it lies there, at the prices of now. Of two who sell one basket, one does: the other gets 409."""
        seen = Basket.objects.select_related("customer", "location").visible_to(request.user)
        basket = get_object_or_404(seen, pk=pk)
        said = {name: value for name, value in self.sent().items() if value is not None}
        return self.told(selling.sell_basket(basket=basket, by=request.user, **said), 201)


class SaleTimelineViewSet(TimelineViewSet):
    documents = Sale
    permissions = {"list": VIEW}
