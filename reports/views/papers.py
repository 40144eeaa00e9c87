"""Reports: each asked by GET, and answered as JSON, CSV, XLSX or PDF with the same numbers."""

from drf_spectacular.types import OpenApiTypes
from rest_framework.response import Response

from boutique.api.renderers import CSVRenderer, PDFRenderer, XLSXRenderer, as_file
from boutique.api.schema import AnsweringSchema
from boutique.api.viewsets import HouseViewSet
from orders.models import Order
from reports.serializers import papers as serializers
from reports.services import named, seats

FILES = [CSVRenderer, XLSXRenderer, PDFRenderer]
Name = named.Name


class ReportSchema(AnsweringSchema):
    def get_response_serializers(self):
        files = {(200, kind.media_type): OpenApiTypes.BINARY for kind in FILES}
        return {(200, "application/json"): serializers.ReportSerializer} | files


class ReportViewSet(HouseViewSet):
    """Reports of the places one works in. `?format=` csv, xlsx or pdf gives the same numbers as a file.

    At most 10,000 rows: more is 400, which says what to narrow. Costs and margins are only there for who may see them.
    """

    queryset = Order.objects.none()
    serializer_class = serializers.ReportSerializer
    renderer_classes = [*HouseViewSet.renderer_classes, *FILES]
    schema = ReportSchema()
    asks = {
        "stock_movements": serializers.MovementsAsk,
        "inventory_valuation": serializers.ValuationAsk,
        "sales": serializers.SalesAsk,
        "sell_through": serializers.SellThroughAsk,
        "size_curves": serializers.SizeCurvesAsk,
        "alterations": serializers.AlterationsAsk,
    }
    questions = {action: frozenset(ask().fields) for action, ask in asks.items()}
    permissions = dict.fromkeys(asks, named.PERMISSION)
    filter_backends = []
    pagination_class = None

    def stock_movements(self, request):
        """What lay there when a day, week or month began, what came and went, and what lay there when it ended, of each
        SKU and place: opening + in - out = closing. By the moment of recording, as `as_of` of the stock list.
        """
        return self.told(Name.STOCK_MOVEMENTS)

    def inventory_valuation(self, request):
        """What the stock was worth when a day ended: what the ledger adds up to, to the cent."""
        return self.told(Name.INVENTORY_VALUATION)

    def sales(self, request):
        """What was sold over the counter less what came back. By day at most 366 days; `tender` says what was paid with
        what, and has no category."""
        return self.told(Name.SALES)

    def sell_through(self, request):
        """How much of what lay there or was received has sold: opening + received - sold + adjusted = closing."""
        return self.told(Name.SELL_THROUGH)

    def size_curves(self, request):
        """What share of the sales each size has, beside its share of what is left, in the order in which it is worn."""
        return self.told(Name.SIZE_CURVES)

    def alterations(self, request):
        """By tailor: garments done, minutes, on time or late, and what was sent back and why. By cause: how often."""
        return self.told(Name.ALTERATIONS)

    def told(self, name):
        asks = self.asks[self.action](data=self.said(), context=self.get_serializer_context())
        asks.is_valid(raise_exception=True)
        renderer = self.request.accepted_renderer
        if renderer.format == "json":
            return Response(named.made(name, **asks.validated_data).answer())
        with seats.taken(self.request.user):
            return as_file(renderer, named.made(name, **asks.validated_data).table())

    def said(self):
        query = self.request.query_params
        return {name: query[name] for name in query if name in self.questions[self.action]}
