from django.urls import include, path

from bench import views

urlpatterns = [
    path("bench/floor/", views.Floor.as_view()),
    path("bench/signed-in/", views.SignedInFloor.as_view({"get": "show"})),
    path("bench/empty/", views.EmptyList.as_view({"get": "list"})),
    path("", include("boutique.urls")),
]
