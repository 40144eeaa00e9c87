"""Transfers, stock requests and stock counts: each verb is one service call."""

from django.db.models import Count, F, OuterRef, Prefetch, Subquery
from django.db.models.functions import Coalesce, Round
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.response import Response

from boutique.api.serializers import Because, Note
from boutique.api.viewsets import HouseViewSet, Listed, PaperViewSet, TimelineViewSet
from inventory import filters
from inventory.models import (
    CountLine,
    StockCount,
    StockLevel,
    StockRequest,
    StockRequestLine,
    Transfer,
    TransferLine,
    amount,
)
from inventory.serializers import documents as serializers
from inventory.services import counting, ledger, requesting, scanning, transferring


def with_lines(documents, lines):
    """Lines, SKUs and products in one query, without the words they are found by."""
    rows = lines.objects.select_related("sku__product").defer("sku__search", "sku__product__search").order_by("pk")
    return documents.prefetch_related(Prefetch("lines", rows))


class TransferViewSet(PaperViewSet):
    """Goods from one place to another. People see those of the places they work in."""

    queryset = with_lines(Transfer.objects.named(), TransferLine)
    serializer_class = serializers.TransferSerializer
    filterset_class = filters.TransferFilter
    noun = "transfer"
    orderings = {"created_at": "created_at"}
    permissions = {
        "list": "inventory.view_transfer",
        "retrieve": "inventory.view_transfer",
        "create": "inventory.add_transfer",
        "approve": "inventory.decide_transfer",
        "reject": "inventory.decide_transfer",
        "ship": "inventory.ship_transfer",
        "receive": "inventory.receive_transfer",
        "close": "inventory.close_transfer",
        "cancel": "inventory.cancel_transfer",
    }
    inputs = {
        "create": serializers.NewTransferSerializer,
        "approve": serializers.ApproveTransferSerializer,
        "reject": Because,
        "ship": serializers.ShipSerializer,
        "receive": serializers.ReceiveSerializer,
        "close": serializers.CloseSerializer,
        "cancel": Because,
    }
    examples = {
        "create": {"source": 2, "destination": 2, "lines": [{"sku": 1, "quantity": "4"}], "note": "For the weekend."},
        "approve": {"ship": True},
        "reject": {"note": "We need them here."},
        "ship": {"lines": [{"sku": 1, "shipped": "4"}]},
        "receive": {"lines": [{"sku": 1, "received": "3", "damaged": "1"}]},
        "close": {"reason": "Never found again."},
        "cancel": {"note": "No longer needed."},
    }

    def make(self, **sent):
        """Ask for goods of one place in another. The owner's own is approved by being made."""
        return transferring.ask(by=self.request.user, **sent)

    @action(detail=True, methods=["post"])
    def approve(self, request, pk):
        """Say yes to what somebody else asked for. With `ship` the goods go on their way at once."""
        return self.act(transferring.approve)

    @action(detail=True, methods=["post"])
    def reject(self, request, pk):
        """Say no to what somebody else asked for."""
        return self.act(transferring.reject)

    @action(detail=True, methods=["post"])
    def ship(self, request, pk):
        """Put the goods on the road: all that was asked for, or what `lines` say. By people of the source."""
        return self.act(transferring.ship)

    @action(detail=True, methods=["post"])
    def receive(self, request, pk):
        """Take in what arrived, in parts if need be. By people of the destination."""
        return self.act(transferring.receive)

    @action(detail=True, methods=["post"])
    def close(self, request, pk):
        """What is still on the road will not arrive: it is written off, or lies at the source again."""
        return self.act(transferring.close)

    @action(detail=True, methods=["post"])
    def cancel(self, request, pk):
        """Before anything has left."""
        return self.act(transferring.cancel)


class TransferTimelineViewSet(TimelineViewSet):
    documents = Transfer
    permissions = {"list": "inventory.view_transfer"}


class StockRequestViewSet(PaperViewSet):
    """What people ask a place for. Who asks sees their own, who decides all of their places."""

    queryset = with_lines(StockRequest.objects.named(), StockRequestLine)
    serializer_class = serializers.StockRequestSerializer
    filterset_class = filters.StockRequestFilter
    noun = "asked"
    orderings = {"created_at": "created_at"}
    permissions = {
        "list": "inventory.view_stockrequest",
        "retrieve": "inventory.view_stockrequest",
        "create": "inventory.add_stockrequest",
        "approve": "inventory.decide_stockrequest",
        "reject": "inventory.decide_stockrequest",
        "cancel": "inventory.cancel_stockrequest",
    }
    inputs = {
        "create": serializers.NewStockRequestSerializer,
        "approve": Note,
        "reject": Because,
        "cancel": Because,
    }
    examples = {
        "create": {"location": 2, "lines": [{"sku": 1, "quantity": "2"}], "note": "For the window."},
        "approve": {"note": "Take them from the back."},
        "reject": {"note": "Promised to a customer."},
        "cancel": {"note": "Found others."},
    }

    def make(self, **sent):
        """Ask for goods: they are held at once."""
        return requesting.ask(by=self.request.user, **sent)

    @action(detail=True, methods=["post"])
    def approve(self, request, pk):
        """Yes: the goods leave. Not for what one asked for oneself."""
        return self.act(requesting.approve)

    @action(detail=True, methods=["post"])
    def reject(self, request, pk):
        """No: the goods are free again."""
        return self.act(requesting.reject)

    @action(detail=True, methods=["post"])
    def cancel(self, request, pk):
        """Take back what one has asked for."""
        return self.act(requesting.cancel)


class StockRequestTimelineViewSet(TimelineViewSet):
    documents = StockRequest
    permissions = {"list": "inventory.view_stockrequest"}


def with_figures(counts):
    lines = CountLine.objects.filter(count=OuterRef("pk")).order_by().values("count")
    number = Subquery(lines.annotate(number=Count("pk")).values("number"))
    return counts.annotate(counted=Coalesce(number, 0)).prefetch_related("skus")


class StockCountViewSet(PaperViewSet):
    """Counting a place, or a part of it, while it goes on selling."""

    queryset = with_figures(StockCount.objects.named())
    serializer_class = serializers.StockCountSerializer
    filterset_class = filters.StockCountFilter
    noun = "count"
    orderings = {"created_at": "created_at"}
    permissions = {
        "list": "inventory.view_stockcount",
        "retrieve": "inventory.view_stockcount",
        "create": "inventory.add_stockcount",
        "variance": "inventory.post_stockcount",
        "post_differences": "inventory.post_stockcount",
        "cancel": "inventory.post_stockcount",
    }
    inputs = {
        "create": serializers.NewStockCountSerializer,
        "post_differences": Note,
        "cancel": Because,
    }
    outputs = {"variance": (200, serializers.VarianceSerializer)}
    examples = {
        "create": {"location": 2, "scope": {}, "blind": True, "note": "After the sale."},
        "post_differences": {"note": "Counted twice."},
        "cancel": {"note": "Too busy today."},
    }

    def make(self, **sent):
        """Open a count. `scope` narrows it to a category, a product or some SKUs; `blind` hides what the book says."""
        return counting.start(by=self.request.user, **sent)

    @action(detail=True)
    def variance(self, request, pk):
        """What differs from what the book said at the moment it was counted."""
        count = self.get_object()
        levels = StockLevel.objects.filter(sku=OuterRef("sku"), location=count.location_id)
        cost = Coalesce(Subquery(levels.values("average_cost")), 0, output_field=amount())
        lines = count.lines.select_related("sku__product", "counted_by").defer("sku__search", "sku__product__search")
        lines = list(lines.annotate(value=Round(cost * F("variance"), 2, output_field=amount())).order_by("pk"))
        shown = {
            "lines": lines,
            "counted": len(lines),
            "differing": sum(1 for line in lines if line.variance),
            "uncounted": counting.uncounted(count).count(),
        }
        return Response(serializers.VarianceSerializer(shown, context=self.get_serializer_context()).data)

    @action(detail=True, methods=["post"], url_path="post")
    def post_differences(self, request, pk):
        """Put what differs into the book. Once."""
        return self.act(counting.post)

    @action(detail=True, methods=["post"])
    def cancel(self, request, pk):
        """Nothing of it goes into the book."""
        return self.act(counting.cancel)


class CountLineViewSet(Listed, HouseViewSet):
    """What has been counted so far. A blind count says nothing of the book."""

    queryset = CountLine.objects.select_related("count", "sku__product", "counted_by").defer(
        "sku__search", "sku__product__search"
    )
    serializer_class = serializers.CountLineSerializer
    filterset_class = filters.CountLineFilter
    permissions = {"list": "inventory.view_stockcount", "add": "inventory.count_stock"}
    inputs = {"add": serializers.CountLinesSerializer}
    outputs = {"add": (200, serializers.StockCountSerializer)}
    examples = {"add": {"lines": [{"sku": 1, "counted": "8"}, {"barcode": "4006381333931", "counted": "3"}]}}

    def get_queryset(self):
        return super().get_queryset().filter(count=self.count())

    def count(self):
        seen = with_figures(StockCount.objects.named()).visible_to(self.request.user)
        return get_object_or_404(seen, pk=self.kwargs["pk"])

    def add(self, request, pk):
        """Note what was counted, up to 5,000 lines by SKU or barcode. A SKU counted again has its new figure."""
        counting.add_lines(count=self.count(), by=request.user, **self.sent())
        return Response(serializers.StockCountSerializer(self.count(), context=self.get_serializer_context()).data)


class StockCountTimelineViewSet(TimelineViewSet):
    documents = StockCount
    permissions = {"list": "inventory.view_stockcount"}


class ScanViewSet(HouseViewSet):
    """One thing under the scanner. `look_up` asks; `receive`, `remove` and `count` change stock and want a key."""

    queryset = StockLevel.objects.with_threshold().with_coming().select_related("sku__product", "location")
    serializer_class = serializers.ScannedSerializer
    permissions = {"scan": "inventory.view_stocklevel"}
    inputs = {"scan": serializers.ScanSerializer}
    outputs = {"scan": (200, serializers.ScannedSerializer)}
    examples = {"scan": {"code": "4006381333931", "action": "receive", "location": 2, "quantity": "1"}}

    @property
    def needs_key(self):
        is_asking = self.request is None or self.request.data.get("action") == scanning.Action.LOOK_UP
        return frozenset() if is_asking else {"scan"}

    def scan(self, request):
        """Look up, receive, remove or count what carries this code."""
        sent = self.sent()
        done = scanning.scan(by=request.user, **sent)
        found = done.found
        level = self.get_queryset().filter(sku=found["sku"], location=sent["location"])
        shown = found | {
            "level": None if done.is_blind else level.first(),
            "before": done.before if done.before is None else ledger.plain(done.before),
            "after": done.after if done.after is None else ledger.plain(done.after),
            "document": done.document,
            "actions": scanning.actions(found, request.user),
        }
        return Response(self.serializer_class(shown, context=self.get_serializer_context()).data)
