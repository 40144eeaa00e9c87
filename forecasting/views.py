"""Forecasts, the runs that make them, and what to do about them."""

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from rest_framework.decorators import action
from rest_framework.response import Response

from boutique.api.renderers import AsSvg, CSVRenderer, XLSXRenderer
from boutique.api.viewsets import Changed, HouseViewSet, Listed, Made, Removed, Shown
from forecasting import charts, filters, serializers
from forecasting.models import Forecast, ForecastRun, ReorderSuggestion, ServiceLevel
from forecasting.services import levels, runs, suggesting, totals


class ForecastRunViewSet(Listed, Shown, Made, HouseViewSet):
    """The forecasts of some places are made anew, by as many workers as there are."""

    queryset = ForecastRun.objects.with_progress().select_related("created_by").prefetch_related("locations")
    serializer_class = serializers.ForecastRunSerializer
    filterset_class = filters.ForecastRunFilter
    orderings = {"created_at": "created_at"}
    permissions = {
        "list": "forecasting.view_forecastrun",
        "retrieve": "forecasting.view_forecastrun",
        "create": "forecasting.add_forecastrun",
        "cancel": "forecasting.cancel_forecastrun",
    }
    inputs = {"create": serializers.NewRunSerializer}
    outputs = {"create": (202, serializers.ForecastRunSerializer)}
    examples = {"create": {"locations": [2], "horizon_weeks": 13}}

    def create(self, request):
        answer = super().create(request)
        answer.status_code = 202
        return answer

    def make(self, **sent):
        """Starts a run and answers at once: ask at `Location` how far it is. While one is busy with the same places, it
        is 409 `already_running`, which names that one."""
        return runs.start(by=self.request.user, **sent)

    @action(detail=True, methods=["post"])
    def cancel(self, request, pk):
        """What is reckoned so far stays; the rest keeps its older forecasts."""
        self.sent()
        return self.answer(runs.cancel(run=self.get_object(), by=request.user))


class ForecastViewSet(Listed, Shown, HouseViewSet):
    """What will sell of each SKU in each place: always the newest."""

    queryset = Forecast.objects.with_labels()
    serializer_class = serializers.ForecastSerializer
    filterset_class = filters.ForecastFilter
    orderings = {"sku__code": "sku__code", "expected": "expected", "created_at": "created_at"}
    permissions = {
        "list": "forecasting.view_forecast",
        "retrieve": "forecasting.view_forecast",
    }

    def rows(self):
        rows = super().rows()
        return rows.defer("history", "days_open") if self.action == "list" else rows


class ForecastTotalViewSet(HouseViewSet):
    """Places, categories or products: the forecasts of all that belongs to each, added up."""

    queryset = Forecast.objects.all()
    serializer_class = serializers.ForecastTotalsSerializer
    permissions = {"show": "forecasting.view_forecast"}
    questions = {"show": {"group_by", "location", "category", "product"}}

    def show(self, request):
        """Those of which most will sell come first. `group_by` is location (if nothing is said), category or product;
        `location`, `category` and `product` narrow down what is added up."""
        asked = filters.totals_asked(request.query_params)
        shown = totals.added_up(self.get_queryset(), **asked)
        return Response(self.serializer_class(shown, context=self.get_serializer_context()).data)


class ForecastChartViewSet(HouseViewSet):
    """History, forecast and how sure it is, as a picture. Weeks in which there was nothing to sell are shaded."""

    queryset = Forecast.objects.with_labels()
    serializer_class = serializers.ForecastSerializer
    renderer_classes = [AsSvg]
    permissions = {"chart": "forecasting.view_forecast"}
    outputs = {"chart": (200, OpenApiTypes.BINARY)}

    def chart(self, request, pk):
        """The picture follows the light or dark of the page around it."""
        return HttpResponse(charts.svg(self.get_object()), content_type=AsSvg.media_type)


class ReorderSuggestionViewSet(Listed, Shown, HouseViewSet):
    """What to buy, what to bring from another place, and what to mark down. Each finished run renews those that are
    open, and says how it came to each."""

    queryset = ReorderSuggestion.objects.with_labels().select_related("decided_by")
    serializer_class = serializers.ReorderSuggestionSerializer
    filterset_class = filters.ReorderSuggestionFilter
    renderer_classes = [*HouseViewSet.renderer_classes, CSVRenderer, XLSXRenderer]
    orderings = {"sku__code": "sku__code", "quantity": "quantity", "created_at": "created_at"}
    permissions = {
        "list": "forecasting.view_reordersuggestion",
        "retrieve": "forecasting.view_reordersuggestion",
        "accept": "forecasting.accept_reordersuggestion",
        "dismiss": "forecasting.dismiss_reordersuggestion",
    }
    inputs = {"accept": serializers.AcceptSuggestionsSerializer}
    outputs = {"accept": (200, serializers.AcceptedSerializer)}
    examples = {"accept": {"ids": [1]}}

    def rows(self):
        """A list shows what is still to be decided, unless it is asked for others."""
        rows = super().rows()
        return rows.open() if self.action == "list" and "status" not in self.request.query_params else rows

    @action(detail=False, methods=["post"])
    def accept(self, request):
        """Makes draft orders of them, one for each supplier and place, and asks for the transfers. All or none."""
        made = suggesting.accept(by=request.user, **self.sent())
        return Response(serializers.AcceptedSerializer(made).data)

    @action(detail=True, methods=["post"])
    def dismiss(self, request, pk):
        """Not now. It does not come back for four weeks, unless still less is left."""
        self.sent()
        return self.answer(suggesting.dismiss(suggestion=self.get_object(), by=request.user))


class ServiceLevelViewSet(Listed, Shown, Made, Changed, Removed, HouseViewSet):
    """How seldom goods may run out, by category. The nearest category that has one holds; without any, the shop's
    setting."""

    queryset = ServiceLevel.objects.select_related("category", "created_by")
    serializer_class = serializers.ServiceLevelSerializer
    filterset_class = filters.ServiceLevelFilter
    permissions = {
        "list": "forecasting.view_servicelevel",
        "retrieve": "forecasting.view_servicelevel",
        "create": "forecasting.add_servicelevel",
        "update": "forecasting.change_servicelevel",
        "partial_update": "forecasting.change_servicelevel",
        "destroy": "forecasting.delete_servicelevel",
    }
    examples = {
        "create": {"category": 1, "level": "0.97", "review_days": 14},
        "update": {"category": 1, "level": "0.9"},
        "partial_update": {"level": "0.98"},
    }

    def make(self, **sent):
        """Holds from the next run on."""
        return levels.add(by=self.request.user, **sent)

    def change(self, rule, **sent):
        """Holds from the next run on."""
        return levels.change(rule=rule, by=self.request.user, **sent)

    def remove(self, rule):
        """The next category above it says so then, or the shop's setting."""
        levels.remove(rule=rule, by=self.request.user)
