from django.urls import path
from rest_framework.routers import SimpleRouter

from reports.views import papers, subscriptions

router = SimpleRouter()
router.register("report-subscriptions", subscriptions.SubscriptionViewSet, "report-subscription")


def report(name):
    view = papers.PaperViewSet.as_view({"get": name.replace("-", "_")})
    return path(f"reports/{name}/", view, name=f"report-{name}")


urlpatterns = [
    report("stock-movements"),
    report("inventory-valuation"),
    report("sales"),
    report("sell-through"),
    report("size-curves"),
    report("alterations"),
    *router.urls,
]
