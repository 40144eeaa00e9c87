from django.urls import path
from rest_framework.routers import SimpleRouter

from alterations.views import recommendations, tailors, tickets

router = SimpleRouter()
router.register("alteration-services", tailors.AlterationServiceViewSet, "alteration-service")
router.register("tailors", tailors.TailorViewSet, "tailor")
router.register("alterations", tickets.TicketViewSet, "alteration")
router.register("alteration-garments", tickets.GarmentViewSet, "alteration-garment")
router.register("recommendations", recommendations.RecommendationViewSet, "recommendation")
router.register("alteration-images", tickets.GarmentImageViewSet, "alteration-image")

urlpatterns = [
    path(
        "alteration-services/<int:service>/prices/",
        tailors.ServicePriceViewSet.as_view({"get": "list", "post": "create"}, basename="alteration-service-price"),
        name="alteration-service-prices",
    ),
    path(
        "alterations/promise-date/",
        tickets.PromiseViewSet.as_view({"post": "ask"}, basename="promise-date"),
        name="promise-date",
    ),
    path(
        "alterations/recommend/",
        recommendations.AdviceViewSet.as_view({"post": "recommend"}, basename="advice"),
        name="alteration-advice",
    ),
    path(
        "alterations/<int:pk>/timeline/",
        tickets.TicketTimelineViewSet.as_view({"get": "list"}),
        name="alteration-timeline",
    ),
    path(
        "alterations/<int:pk>/claim-check/",
        tickets.ClaimCheckViewSet.as_view({"get": "retrieve"}),
        name="alteration-claim-check",
    ),
    path(
        "alterations/<int:ticket>/payments/",
        tickets.TicketPaymentViewSet.as_view({"get": "list", "post": "create"}, basename="alteration-payment"),
        name="alteration-payments",
    ),
    path(
        "alterations/<int:ticket>/payments/<int:pk>/",
        tickets.TicketPaymentViewSet.as_view({"get": "retrieve"}, basename="alteration-payment"),
        name="alteration-payment-detail",
    ),
    path(
        "alteration-garments/<int:pk>/events/",
        tickets.GarmentEventViewSet.as_view({"get": "list"}),
        name="alteration-garment-events",
    ),
    path(
        "alteration-garments/<int:pk>/tag/",
        tickets.TagViewSet.as_view({"get": "retrieve"}),
        name="alteration-garment-tag",
    ),
    *router.urls,
]
