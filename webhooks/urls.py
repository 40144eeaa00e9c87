from rest_framework.routers import SimpleRouter

from webhooks import views

router = SimpleRouter()
router.register("webhooks", views.WebhookViewSet, "webhook")
router.register("webhook-deliveries", views.WebhookDeliveryViewSet, "webhook-delivery")

urlpatterns = router.urls
