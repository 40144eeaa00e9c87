from django.urls import path
from rest_framework.routers import SimpleRouter

from orders.views import customers, measurements, orders

router = SimpleRouter()
router.register("customers", customers.CustomerViewSet, "customer")
router.register("measurement-definitions", measurements.DefinitionViewSet, "measurement-definition")
router.register("measurements", measurements.MeasurementViewSet, "measurement")
router.register("body-data-reads", customers.BodyDataReadViewSet, "body-data-read")
router.register("orders", orders.OrderViewSet, "order")
router.register("style-images", orders.StyleImageViewSet, "style-image")

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
    *router.urls,
]
