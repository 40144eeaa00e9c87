from django.db.models import Prefetch
from drf_spectacular.types import OpenApiTypes
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.response import Response

from boutique.api.renderers import AsPdf, shown_pdf
from boutique.api.serializers import Because
from boutique.api.viewsets import (
    Changed,
    HouseViewSet,
    Listed,
    Made,
    PaperViewSet,
    Patched,
    Removed,
    Shown,
    TimelineViewSet,
)
from inventory.serializers.stock import COST
from suppliers import filters, papers, serializers
from suppliers.models import PurchaseCost, PurchaseLine, PurchaseOrder, Receipt, Supplier, SupplierReturn, SupplierSku
from suppliers.services import costing, ordering, receiving, terms

LINES = Prefetch("lines", PurchaseLine.objects.with_goods().order_by("pk"))
EXAMPLE_LINE = {"sku": 1, "quantity": "10", "unit_cost": "40.00"}


class SupplierViewSet(Listed, Shown, Made, Changed, Removed, HouseViewSet):
    """Who the shop buys from, on which terms, and how they deliver: in the places that the caller works in."""

    queryset = Supplier.objects.select_related("created_by")
    serializer_class = serializers.SupplierSerializer
    filterset_class = filters.SupplierFilter
    orderings = {"name": "name", "created_at": "created_at"}
    default_ordering = "name"
    permissions = {
        "list": "suppliers.view_supplier",
        "retrieve": "suppliers.view_supplier",
        "create": "suppliers.add_supplier",
        "update": "suppliers.change_supplier",
        "partial_update": "suppliers.change_supplier",
        "destroy": "suppliers.delete_supplier",
        "archive": "suppliers.change_supplier",
        "restore": "suppliers.change_supplier",
        "figures": "suppliers.view_supplier",
    }
    outputs = {"figures": (200, serializers.FiguresSerializer)}
    questions = {"figures": {"after", "before"}}
    examples = {
        "create": {
            "name": "Mill of Avoca",
            "contact_name": "Ada Byrne",
            "email": "orders@mill.example",
            "phone": "+353 1 234 5678",
            "lead_time_days": 14,
            "payment_terms": "30 days",
        },
        "update": {"name": "Mill of Avoca", "lead_time_days": 10},
        "partial_update": {"payment_terms": "14 days, 2 % discount"},
    }

    @property
    def search_fields(self):
        """Who does not see how a supplier is reached does not find it by that either."""
        sees = self.request is None or self.request.user.has_perm(serializers.CONTACT)
        return ["name", "contact_name", "email"] if sees else ["name"]

    def rows(self):
        return super().rows().with_figures(self.request.user)

    def make(self, **sent):
        """A new supplier."""
        return terms.add(by=self.request.user, **sent)

    def change(self, supplier, **sent):
        """Change what is sent and leave the rest."""
        return terms.change(supplier=supplier, by=self.request.user, **sent)

    def remove(self, supplier):
        """It goes with its prices. Once something was ordered there it stays (409 `in_use`): archive it then."""
        terms.delete(supplier=supplier, by=self.request.user)

    @action(detail=True, methods=["post"])
    def archive(self, request, pk):
        """Nothing more is ordered there; what was ordered may still come."""
        self.sent()
        return self.answer(terms.archive(supplier=self.get_object(), by=request.user))

    @action(detail=True, methods=["post"])
    def restore(self, request, pk):
        """Something may be ordered there again."""
        self.sent()
        return self.answer(terms.restore(supplier=self.get_object(), by=request.user))

    @action(detail=True)
    def figures(self, request, pk):
        """How they delivered between two days, `after` and `before`; both days belong to it."""
        period = filters.days_asked(request.query_params)
        supplier = get_object_or_404(Supplier.objects.with_figures(request.user, **period), pk=pk)
        return Response(serializers.FiguresSerializer(supplier, context=self.get_serializer_context()).data)


class SupplierSkuViewSet(Listed, Shown, Made, Patched, Removed, HouseViewSet):
    """What suppliers call our SKUs, what these cost there, and in which packs. One supplier of a SKU is preferred."""

    queryset = SupplierSku.objects.select_related("supplier", "sku__product", "created_by").defer(
        "sku__search", "sku__product__search"
    )
    serializer_class = serializers.SupplierSkuSerializer
    filterset_class = filters.SupplierSkuFilter
    search_fields = ["supplier_code", "sku__code", "sku__product__name"]
    orderings = {"sku__code": "sku__code", "supplier_code": "supplier_code", "created_at": "created_at"}
    permissions = {
        "list": "suppliers.view_suppliersku",
        "retrieve": "suppliers.view_suppliersku",
        "create": "suppliers.add_suppliersku",
        "partial_update": "suppliers.change_suppliersku",
        "destroy": "suppliers.delete_suppliersku",
    }
    inputs = {"partial_update": serializers.SupplierSkuChangeSerializer}
    examples = {
        "create": {
            "supplier": 1,
            "sku": 1,
            "supplier_code": "KR-7",
            "unit_cost": "12.50",
            "pack_size": "6",
            "minimum_order": "12",
            "lead_time_days": 9,
            "is_preferred": True,
        },
        "partial_update": {"unit_cost": "13.00"},
    }

    def make(self, **sent):
        """This supplier has this SKU. Once `is_preferred`, the one that was before no longer is."""
        return terms.add_price(by=self.request.user, **sent)

    def change(self, price, **sent):
        """Another price, pack or lead time."""
        return terms.change_price(price=price, by=self.request.user, **sent)

    def remove(self, price):
        """The supplier no longer has it. What was ordered stays."""
        terms.delete_price(price=price, by=self.request.user)


# ------------------------------------------------------------------------------------------------ orders


class PurchaseOrderViewSet(Patched, Removed, PaperViewSet):
    """What is ordered from suppliers. People see what comes to the places they work in; the state follows from the
    lines."""

    queryset = PurchaseOrder.objects.named().prefetch_related(LINES)
    serializer_class = serializers.PurchaseOrderSerializer
    filterset_class = filters.PurchaseOrderFilter
    noun = "order"
    orderings = {"created_at": "created_at"}
    permissions = {
        "list": "suppliers.view_purchaseorder",
        "retrieve": "suppliers.view_purchaseorder",
        "create": "suppliers.add_purchaseorder",
        "partial_update": "suppliers.change_purchaseorder",
        "destroy": "suppliers.delete_purchaseorder",
        "send": "suppliers.send_purchaseorder",
        "receive": "suppliers.receive_purchaseorder",
        "close": "suppliers.close_purchaseorder",
        "cancel": "suppliers.cancel_purchaseorder",
        "give_back": "suppliers.return_purchaseorder",
    }
    inputs = {
        "create": serializers.NewPurchaseOrderSerializer,
        "partial_update": serializers.ChangePurchaseOrderSerializer,
        "send": Because,
        "receive": serializers.ReceivePurchaseSerializer,
        "close": Because,
        "cancel": Because,
        "give_back": serializers.ReturnPurchaseSerializer,
    }
    examples = {
        "create": {
            "supplier": 1,
            "location": 2,
            "expected_on": "2026-12-14",
            "note": "For the spring window.",
            "lines": [EXAMPLE_LINE],
        },
        "partial_update": {"lines": [{"id": 1, "quantity": "12", "unit_cost": "40.00"}, EXAMPLE_LINE]},
        "send": {"note": "By mail to Ada."},
        "receive": {"lines": [{"line": 1, "quantity": "6", "rejected": "1", "replace": True}], "note": "First van."},
        "close": {"note": "The rest is sold out."},
        "cancel": {"note": "Found cheaper."},
        "give_back": {"lines": [{"line": 1, "quantity": "2"}], "reason": "Seams came open."},
    }

    def make(self, **sent):
        """A draft. A line without `unit_cost` costs what the supplier takes for it (`supplier-skus/`)."""
        return ordering.draft(by=self.request.user, **sent)

    def change(self, order, **sent):
        """A draft in all its parts: `lines` is then the whole list, lines that stay carry their `id`. Once it is sent,
        `expected_on` and `note`."""
        return ordering.change(order=order, by=self.request.user, **sent)

    def remove(self, order):
        """Only a draft. What was sent is cancelled."""
        ordering.delete(order=order, by=self.request.user)

    @action(detail=True, methods=["post"])
    def send(self, request, pk):
        """The supplier has it: its goods are `incoming` from now on. Without a day, `expected_on` follows from the lead
        time."""
        return self.act(ordering.send)

    @action(detail=True, methods=["post"])
    def receive(self, request, pk):
        """Take in what came, in parts if need be. `rejected` counts on top of `quantity` and is no stock. More than was
        ordered is 409 `over_receipt`."""
        return self.act(receiving.receive)

    @action(detail=True, methods=["post"])
    def close(self, request, pk):
        """The rest will not come."""
        return self.act(ordering.close)

    @action(detail=True, methods=["post"])
    def cancel(self, request, pk):
        """Call it off before anything has come."""
        return self.act(ordering.cancel)

    @action(detail=True, methods=["post"], url_path="return")
    def give_back(self, request, pk):
        """Goods go back to the supplier, at what they cost when they came: those of the newest delivery first."""
        return self.act(receiving.give_back)


class PurchaseViewSet(PurchaseOrderViewSet):
    """Order and receive in one step."""

    permissions = {"create": "suppliers.add_purchaseorder"}
    inputs = {"create": serializers.PurchaseSerializer}
    examples = {"create": {"supplier": 1, "location": 2, "lines": [EXAMPLE_LINE], "note": "From the market."}}

    def make(self, **sent):
        """What was bought over the counter: an order that is received at once."""
        return receiving.buy(by=self.request.user, **sent)


class PurchaseOrderTimelineViewSet(TimelineViewSet):
    documents = PurchaseOrder
    permissions = {"list": "suppliers.view_purchaseorder"}


class OfOrder(Listed, HouseViewSet):
    """Of one order, the newest first."""

    orderings = {"at": "at"}

    def order(self):
        return get_object_or_404(PurchaseOrder.objects.visible_to(self.request.user), pk=self.kwargs["pk"])

    def get_queryset(self):
        return super().get_queryset().filter(order=self.order())


class ReceiptViewSet(OfOrder):
    """What came of an order, delivery by delivery. What was booked by mistake stands there with its opposite."""

    queryset = Receipt.objects.select_related("by").prefetch_related("lines__line__sku")
    serializer_class = serializers.ReceiptSerializer
    filterset_class = filters.ReceiptFilter
    permissions = {"list": "suppliers.view_purchaseorder"}


class SupplierReturnViewSet(OfOrder):
    """What of an order went back to the supplier."""

    queryset = SupplierReturn.objects.select_related("by").prefetch_related("lines__receipt_line__line__sku")
    serializer_class = serializers.SupplierReturnSerializer
    filterset_class = filters.SupplierReturnFilter
    permissions = {"list": "suppliers.view_purchaseorder"}


class PurchaseCostViewSet(OfOrder):
    """What was billed after the goods of an order were received."""

    queryset = PurchaseCost.objects.select_related("by").prefetch_related("lines__line__sku")
    serializer_class = serializers.PurchaseCostSerializer
    filterset_class = filters.PurchaseCostFilter
    permissions = {"list": "suppliers.view_purchasecost", "add": "suppliers.add_purchasecost"}
    inputs = {"add": serializers.NewCostSerializer}
    outputs = {"add": (200, serializers.PurchaseOrderSerializer)}
    examples = {"add": {"amount": "48.00", "note": "Freight of the first van."}}

    def add(self, request, pk):
        """Freight, duty, another price; a credit is below nothing. What falls on goods that are still here raises their
        value, what falls on those that are gone is an expense of today."""
        costing.add_cost(order=self.order(), by=request.user, **self.sent())
        orders = PurchaseOrder.objects.named().prefetch_related(LINES).visible_to(request.user)
        shown = serializers.PurchaseOrderSerializer(orders.get(pk=pk), context=self.get_serializer_context())
        return Response(shown.data)


class PurchaseOrderPaperViewSet(HouseViewSet):
    """The order as the supplier reads it. For people who see no costs, it says none."""

    queryset = PurchaseOrder.objects.named().prefetch_related(
        Prefetch("lines", PurchaseLine.objects.with_goods().with_codes().order_by("pk"))
    )
    serializer_class = serializers.PurchaseOrderSerializer
    renderer_classes = [AsPdf]
    permissions = {"retrieve": "suppliers.view_purchaseorder"}
    outputs = {"retrieve": (200, OpenApiTypes.BINARY)}

    def retrieve(self, request, pk):
        order, by = self.get_object(), request.user
        pdf = papers.order(order, costs=by.has_perm(COST), contact=by.has_perm(serializers.CONTACT))
        return shown_pdf(pdf, order.number)
