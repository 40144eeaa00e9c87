from django.urls import path
from rest_framework.routers import SimpleRouter

from inventory.views import alerts, catalogue, stock

router = SimpleRouter()
router.register("products", catalogue.ProductViewSet, "product")
router.register("skus", catalogue.SkuViewSet, "sku")
router.register("stock", stock.StockViewSet, "stock")
router.register("movements", stock.MovementViewSet, "movement")
router.register("low-stock-thresholds", alerts.ThresholdViewSet, "threshold")
router.register("alerts", alerts.AlertViewSet, "alert")

urlpatterns = [
    path("skus/<int:pk>/movements/", stock.SkuMovementViewSet.as_view({"get": "list"}), name="sku-movements"),
    *router.urls,
]
