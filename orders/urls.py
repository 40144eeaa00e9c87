from django.urls import path
from rest_framework.routers import SimpleRouter

from orders.views import baskets, customers, measurements, orders, receipts, sales, tills

router = SimpleRouter()
router.register("customers", customers.CustomerViewSet, "customer")
router.register("measurement-definitions", measurements.DefinitionViewSet, "measurement-definition")
router.register("measurements", measurements.MeasurementViewSet, "measurement")
router.register("body-data-reads", customers.BodyDataReadViewSet, "body-data-read")
router.register("orders", orders.OrderViewSet, "order")
router.register("style-images", orders.StyleImageViewSet, "style-image")
router.register("sales/hold", baskets.BasketViewSet, "basket")
router.register("sales", sales.SaleViewSet, "sale")
router.register("till-sessions", tills.TillSessionViewSet, "till-session")

listed = {"get": "list"}
urlpatterns = [
    path("customers/<int:pk>/events/", customers.CustomerEventViewSet.as_view({"get": "list"}), name="customer-events"),
    path(
        "measurements/<int:pk>/versions/",
        measurements.VersionViewSet.as_view({"get": "list"}),
        name="measurement-versions",
    ),
    path("orders/<int:pk>/timeline/", orders.OrderTimelineViewSet.as_view({"get": "list"}), name="order-timeline"),
    path(
        "orders/<int:order>/payments/",
        orders.PaymentViewSet.as_view({"get": "list", "post": "create"}, basename="order-payment"),
        name="order-payments",
    ),
    path(
        "orders/<int:order>/payments/<int:pk>/",
        orders.PaymentViewSet.as_view({"get": "retrieve"}, basename="order-payment"),
        name="order-payment-detail",
    ),
    path("sales/<int:pk>/receipt/", receipts.SaleReceiptViewSet.as_view({"get": "retrieve"}), name="sale-receipt"),
    path(
        "sales/<int:sale>/returns/<int:pk>/receipt/",
        receipts.ReturnReceiptViewSet.as_view({"get": "retrieve"}),
        name="return-receipt",
    ),
    path(
        "sales/hold/<int:pk>/sell/",
        sales.BasketSaleViewSet.as_view({"post": "create"}, basename="sale"),
        name="basket-sell",
    ),
    path("sales/<int:pk>/timeline/", sales.SaleTimelineViewSet.as_view(listed), name="sale-timeline"),
    path("till-sessions/<int:pk>/timeline/", tills.TillTimelineViewSet.as_view(listed), name="till-timeline"),
    path("till-sessions/<int:pk>/entries/", tills.TillEntryViewSet.as_view(listed), name="till-entries"),
    path("till-sessions/<int:pk>/report/", tills.TillReportViewSet.as_view({"get": "retrieve"}), name="till-report"),
    path(
        "sales/hold/<int:pk>/timeline/", baskets.BasketTimelineViewSet.as_view({"get": "list"}), name="basket-timeline"
    ),
    *router.urls,
]
