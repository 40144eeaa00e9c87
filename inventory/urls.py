from django.urls import path
from rest_framework.routers import SimpleRouter

from inventory.views import alerts, catalogue, documents, stock

router = SimpleRouter()
router.register("products", catalogue.ProductViewSet, "product")
router.register("skus", catalogue.SkuViewSet, "sku")
router.register("stock", stock.StockViewSet, "stock")
router.register("movements", stock.MovementViewSet, "movement")
router.register("transfers", documents.TransferViewSet, "transfer")
router.register("stock-requests", documents.StockRequestViewSet, "stock-request")
router.register("stock-counts", documents.StockCountViewSet, "stock-count")
router.register("low-stock-thresholds", alerts.ThresholdViewSet, "threshold")
router.register("alerts", alerts.AlertViewSet, "alert")

listed = {"get": "list"}
urlpatterns = [
    path("skus/<int:pk>/movements/", stock.SkuMovementViewSet.as_view(listed), name="sku-movements"),
    path("transfers/<int:pk>/timeline/", documents.TransferTimelineViewSet.as_view(listed), name="transfer-timeline"),
    path(
        "stock-requests/<int:pk>/timeline/",
        documents.StockRequestTimelineViewSet.as_view(listed),
        name="stock-request-timeline",
    ),
    path(
        "stock-counts/<int:pk>/timeline/",
        documents.StockCountTimelineViewSet.as_view(listed),
        name="stock-count-timeline",
    ),
    path(
        "stock-counts/<int:pk>/lines/",
        documents.CountLineViewSet.as_view(listed | {"post": "add"}),
        name="stock-count-lines",
    ),
    path("scan/", documents.ScanViewSet.as_view({"post": "scan"}), name="scan"),
    *router.urls,
]
