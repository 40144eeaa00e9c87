"""Tills: opened, counted out, and what went through them."""

from rest_framework.decorators import action
from rest_framework.exceptions import NotAcceptable
from rest_framework.generics import get_object_or_404
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from boutique.api.renderers import AsPdf, shown_pdf
from boutique.api.serializers import Choice, HouseSerializer
from boutique.api.viewsets import HouseViewSet, Listed, PaperViewSet, TimelineViewSet
from orders import filters, slips
from orders.models import TillEntry, TillSession
from orders.serializers import tills as serializers
from orders.services import tills

VIEW = "orders.view_tillsession"


class TillSessionViewSet(PaperViewSet):
    """Tills from float to count, in the places one works in. Staff act on those they opened, managers on all.

    Sales name their till, or go through the one that is open. While it is open, what should be in the drawer is for
    managers only: who counts does not know what should come out.
    """

    queryset = TillSession.objects.named().with_figures()
    serializer_class = serializers.TillSessionSerializer
    filterset_class = filters.TillSessionFilter
    noun = "session"
    orderings = {"opened_at": "opened_at", "business_date": "business_date"}
    permissions = {
        "list": VIEW,
        "retrieve": VIEW,
        "create": "orders.open_tillsession",
        "cash_in": "orders.close_tillsession",
        "cash_out": "orders.close_tillsession",
        "close": "orders.close_tillsession",
    }
    inputs = {
        "create": serializers.NewTillSessionSerializer,
        "cash_in": serializers.CashSerializer,
        "cash_out": serializers.CashSerializer,
        "close": serializers.CloseTillSerializer,
    }
    examples = {
        "create": {"location": 2, "register": "1", "float": "150.00"},
        "cash_in": {"amount": "50.00", "reason": "Change from the bank"},
        "cash_out": {"amount": "200.00", "reason": "To the safe"},
        "close": {"denominations": [{"value": "50.00", "count": 7}, {"value": "0.50", "count": 3}], "note": ""},
    }

    def make(self, **sent):
        """Count the float in. A register of a place is open once at a time: 409 `duplicate`."""
        return tills.open_till(by=self.request.user, **sent)

    @action(detail=True, methods=["post"], url_path="cash-in")
    def cash_in(self, request, pk):
        """Put money into the drawer that nobody paid."""
        return self.act(tills.cash_in)

    @action(detail=True, methods=["post"], url_path="cash-out")
    def cash_out(self, request, pk):
        """Take money out of the drawer that is no refund; more than should be there is 409 `not_enough_cash`."""
        return self.act(tills.cash_out)

    @action(detail=True, methods=["post"])
    def close(self, request, pk):
        """Count the drawer out, once. Where it is not what should be there, `note` must say why (400)."""
        return self.act(tills.close)


class TillTimelineViewSet(TimelineViewSet):
    documents = TillSession
    permissions = {"list": VIEW}


class TillEntryViewSet(Listed, HouseViewSet):
    """Money that went through one till. Until it is counted, staff see only what was put in and taken out."""

    queryset = TillEntry.objects.select_related("by")
    serializer_class = serializers.TillEntrySerializer
    filterset_class = filters.TillEntryFilter
    permissions = {"list": VIEW}

    def get_queryset(self):
        user = self.request.user
        session = get_object_or_404(TillSession.objects.visible_to(user), pk=self.kwargs["pk"])
        rows = super().get_queryset().filter(session=session)
        return rows if tills.sees_expected(session, user) else rows.filter(kind__in=["cash_in", "cash_out"])


# ------------------------------------------------------------------------------------------------ on paper


class SlipAsk(HouseSerializer):
    layout = Choice(choices=list(slips.LAYOUTS), default="roll_80mm")


class PrintedViewSet(HouseViewSet):
    """Wants `shown(row, **asked)`, as JSON, and `slip(row, shown, **asked)`, the rows of its paper.

    A paper is what is asked for unless it says otherwise: `?format=json`, or an Accept that wants no PDF.
    """

    renderer_classes = [AsPdf, JSONRenderer]
    asks = SlipAsk
    filter_backends = []
    pagination_class = None

    def perform_content_negotiation(self, request, force=False):
        if "format" not in request.query_params:
            for renderer in self.get_renderers():
                try:
                    return self.get_content_negotiator().select_renderer(request, [renderer])
                except NotAcceptable:
                    continue
        return super().perform_content_negotiation(request, force)

    def retrieve(self, request, **path):
        row = self.get_object()
        names = request.query_params.keys() - {"format"}
        asks = self.asks(data={name: request.query_params[name] for name in names}, context={"request": request})
        asks.is_valid(raise_exception=True)
        shown = self.shown(row, **asks.validated_data)
        if request.accepted_renderer.format == "json":
            return Response(shown)
        pdf = slips.drawn(self.slip(row, shown, **asks.validated_data), asks.validated_data["layout"])
        return shown_pdf(pdf, row.number)


class TillReportViewSet(PrintedViewSet):
    """The Z-report of a till, as JSON and on paper. As long as it is open: for managers, and no count yet (X)."""

    queryset = TillSession.objects.named().with_figures()
    serializer_class = serializers.TillReportSerializer
    renderer_classes = [JSONRenderer, AsPdf]
    permissions = {"retrieve": VIEW}
    questions = {"retrieve": {"layout"}}

    def get_object(self):
        session = super().get_object()
        tills.refuse_unseen(session, self.request.user)
        return session

    def shown(self, session, **asked):
        report = tills.report(session)
        return serializers.TillReportSerializer(report, context=self.get_serializer_context()).data

    def slip(self, session, shown, **asked):
        return slips.of_till(session, shown)
