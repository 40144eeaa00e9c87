from django.urls import path
from rest_framework.routers import SimpleRouter

from reports.views import dashboards, papers, subscriptions

router = SimpleRouter()
router.register("report-subscriptions", subscriptions.SubscriptionViewSet, "report-subscription")


def report(name):
    view = papers.PaperViewSet.as_view({"get": name.replace("-", "_")})
    return path(f"reports/{name}/", view, name=f"report-{name}")


show = {"get": "show"}
urlpatterns = [
    path("dashboard/admin/", dashboards.HouseDashboardViewSet.as_view(show), name="dashboard-admin"),
    path("dashboard/store/", dashboards.StoreDashboardViewSet.as_view(show), name="dashboard-store"),
    path("dashboard/low-stock/", dashboards.LowStockViewSet.as_view(show), name="dashboard-low-stock"),
    path("dashboard/total-sales/", dashboards.TotalSalesViewSet.as_view(show), name="dashboard-total-sales"),
    path("dashboard/top-products/", dashboards.TopProductsViewSet.as_view(show), name="dashboard-top-products"),
    report("stock-movements"),
    report("inventory-valuation"),
    report("sales"),
    report("sell-through"),
    report("size-curves"),
    report("alterations"),
    *router.urls,
]
