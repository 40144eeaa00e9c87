from django.urls import path
from rest_framework.routers import SimpleRouter

from orders.views import customers, measurements

router = SimpleRouter()
router.register("customers", customers.CustomerViewSet, "customer")
router.register("measurement-definitions", measurements.DefinitionViewSet, "measurement-definition")
router.register("measurements", measurements.MeasurementViewSet, "measurement")
router.register("body-data-reads", customers.BodyDataReadViewSet, "body-data-read")

urlpatterns = [
    path("customers/<int:pk>/events/", customers.CustomerEventViewSet.as_view({"get": "list"}), name="customer-events"),
    path(
        "measurements/<int:pk>/versions/",
        measurements.VersionViewSet.as_view({"get": "list"}),
        name="measurement-versions",
    ),
    *router.urls,
]
