"""Dashboards: what is there, what was sold, what waits."""

from inventory.views.stock import StockViewSet
from reports.serializers import dashboards as serializers
from reports.serializers import questions
from reports.services import dashboards
from reports.views.figures import FigureViewSet


class StoreDashboardViewSet(FigureViewSet):
    """The figures of the places one works in, or of some of them: stock, sales, what waits, who did what."""

    inputs = {"show": questions.CurveQuestionSerializer}
    serializer_class = serializers.DashboardSerializer
    permissions = {"show": "reports.view_dashboard"}

    def figures(self, asked):
        return dashboards.overview(asked)


class HouseDashboardViewSet(StoreDashboardViewSet):
    """The same figures of the whole house, what is on the road included; `places` compares its places."""

    permissions = {"show": "reports.view_house"}


class LowStockViewSet(FigureViewSet):
    """What is at or below its threshold, in rows as `stock/` has them. With a period: what is so since then."""

    inputs = {"show": questions.SinceEverSerializer}
    serializer_class = serializers.LowStockSerializer
    permissions = {"show": "reports.view_dashboard"}

    def figures(self, asked):
        return dashboards.low_stock(asked, StockViewSet.queryset.with_coming())


class TotalSalesViewSet(FigureViewSet):
    """Sales over the counter by day, week or month of their places, and what came back in the same time."""

    inputs = {"show": questions.GroupedQuestionSerializer}
    serializer_class = serializers.TotalSalesSerializer
    permissions = {"show": "reports.view_dashboard"}

    def figures(self, asked):
        return dashboards.total_sales(asked)


class TopProductsViewSet(FigureViewSet):
    """The styles that brought most over the counter, less what came back."""

    inputs = {"show": questions.TopQuestionSerializer}
    serializer_class = serializers.TopProductsSerializer
    permissions = {"show": "reports.view_dashboard"}

    def figures(self, asked):
        return dashboards.top_products(asked)
