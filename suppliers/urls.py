from django.urls import path
from rest_framework.routers import SimpleRouter

from suppliers import views

router = SimpleRouter()
router.register("suppliers", views.SupplierViewSet, "supplier")
router.register("supplier-skus", views.SupplierSkuViewSet, "supplier-sku")
router.register("purchase-orders", views.PurchaseOrderViewSet, "purchase-order")

listed = {"get": "list"}
of_order = "purchase-orders/<int:pk>"
urlpatterns = [
    path("purchases/", views.PurchaseViewSet.as_view({"post": "create"}, basename="purchase-order"), name="purchases"),
    path(f"{of_order}/timeline/", views.PurchaseOrderTimelineViewSet.as_view(listed), name="purchase-order-timeline"),
    path(f"{of_order}/receipts/", views.ReceiptViewSet.as_view(listed), name="purchase-order-receipts"),
    path(f"{of_order}/returns/", views.SupplierReturnViewSet.as_view(listed), name="purchase-order-returns"),
    path(
        f"{of_order}/costs/", views.PurchaseCostViewSet.as_view(listed | {"post": "add"}), name="purchase-order-costs"
    ),
    path(f"{of_order}/pdf/", views.PurchaseOrderPaperViewSet.as_view({"get": "retrieve"}), name="purchase-order-pdf"),
    *router.urls,
]
