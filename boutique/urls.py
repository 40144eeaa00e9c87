from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from accounts.views import ResetPassword
from boutique import health, media, metrics, pages

urlpatterns = [
    path("", pages.Landing.as_view(), name="landing"),
    path("reset/<str:uid>/<str:token>/", ResetPassword.as_view(), name="reset"),
    path("admin/", admin.site.urls),
    path(
        "api/v1/",
        include(
            [
                path("", pages.ApiRoot.as_view({"get": "show"}), name="api-root"),
                path("", include("accounts.urls")),
                path("", include("skus.urls")),
                path("", include("inventory.urls")),
                path("", include("suppliers.urls")),
                path("", include("orders.urls")),
                path("", include("forecasting.urls")),
                path("", include("alterations.urls")),
                path("", include("webhooks.urls")),
                path("", include("reports.urls")),
            ]
        ),
    ),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("media/<path:name>", media.serve, name="media"),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", metrics.metrics),
]

handler400 = "boutique.api.problems.bad_request"
handler403 = "boutique.api.problems.forbidden"
handler404 = "boutique.api.problems.missing"
handler500 = "boutique.api.problems.server_error"
