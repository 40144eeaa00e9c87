"""Reports: each asked by GET, and answered as JSON, CSV, XLSX or PDF with the same numbers."""

from drf_spectacular.types import OpenApiTypes
from rest_framework.response import Response

from boutique.api.renderers import CSVRenderer, PDFRenderer, XLSXRenderer, as_file
from boutique.api.schema import HouseSchema
from boutique.api.viewsets import HouseViewSet
from inventory.models import StockLevel
from reports.serializers import papers as serializers
from reports.services import named, seats
from reports.views.figures import FigureViewSet

FILES = [CSVRenderer, XLSXRenderer, PDFRenderer]
Name = named.Name


class PaperSchema(HouseSchema):
    def get_response_serializers(self):
        files = {(200, kind.media_type): OpenApiTypes.BINARY for kind in FILES}
        return {(200, "application/json"): serializers.ReportSerializer} | files

    def refusals(self):
        return super().refusals() | {429}


class PaperViewSet(FigureViewSet):
    """Reports of the places one works in. `?format=` csv, xlsx or pdf gives the same numbers as a file.

    At most 10,000 rows, of csv and xlsx 50,000: more is 400, which says what to narrow. Costs and margins are there for
    whoever may see them.
    """

    queryset = StockLevel.objects.none()
    serializer_class = serializers.ReportSerializer
    renderer_classes = [*HouseViewSet.renderer_classes, *FILES]
    schema = PaperSchema()
    inputs = {
        "stock_movements": serializers.MovementsQuestionSerializer,
        "inventory_valuation": serializers.ValuationQuestionSerializer,
        "sales": serializers.SalesQuestionSerializer,
        "sell_through": serializers.SellThroughQuestionSerializer,
        "size_curves": serializers.SizeCurvesQuestionSerializer,
        "alterations": serializers.AlterationsQuestionSerializer,
    }
    permissions = dict.fromkeys(inputs, named.PERMISSION)
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
        """What was sold over the counter less what came back. By day at most 400 days; `tender` says what was paid with
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
        asked, renderer = self.asked(), self.request.accepted_renderer
        if renderer.format == "json":
            return Response(named.made(name, asked).answer())
        with seats.taken(self.request.user):
            asked = asked if renderer.format == PDFRenderer.format else asked.for_sheets()
            return as_file(renderer, named.made(name, asked).table())
