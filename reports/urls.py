from django.urls import path

from reports.views import dashboards

show = {"get": "show"}
urlpatterns = [
    path("dashboard/admin/", dashboards.HouseDashboardViewSet.as_view(show), name="dashboard-admin"),
    path("dashboard/store/", dashboards.StoreDashboardViewSet.as_view(show), name="dashboard-store"),
    path("dashboard/low-stock/", dashboards.LowStockViewSet.as_view(show), name="dashboard-low-stock"),
    path("dashboard/total-sales/", dashboards.TotalSalesViewSet.as_view(show), name="dashboard-total-sales"),
    path("dashboard/top-products/", dashboards.TopProductsViewSet.as_view(show), name="dashboard-top-products"),
]
