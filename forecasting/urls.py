from django.urls import path
from rest_framework.routers import SimpleRouter

from forecasting import views

router = SimpleRouter()
router.register("forecast-runs", views.ForecastRunViewSet, "forecast-run")
router.register("forecasts", views.ForecastViewSet, "forecast")
router.register("reorder-suggestions", views.ReorderSuggestionViewSet, "reorder-suggestion")
router.register("service-levels", views.ServiceLevelViewSet, "service-level")

urlpatterns = [
    path("forecasts/<int:pk>/chart.svg", views.ForecastChartViewSet.as_view({"get": "chart"}), name="forecast-chart"),
    path("forecast-totals/", views.ForecastTotalViewSet.as_view({"get": "show"}), name="forecast-totals"),
    *router.urls,
]
