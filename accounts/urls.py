from django.urls import path
from rest_framework.routers import SimpleRouter

from accounts import views

router = SimpleRouter()
router.register("users", views.UserViewSet, "user")
router.register("promotion-requests", views.PromotionRequestViewSet, "promotion-request")
router.register("locations", views.LocationViewSet, "location")

auth = views.AuthViewSet.as_view
urlpatterns = [
    path("auth/register/", auth({"post": "register"}), name="register"),
    path("auth/login/", auth({"post": "login"}), name="login"),
    path("auth/refresh/", auth({"post": "refresh"}), name="refresh"),
    path("auth/logout/", auth({"post": "logout"}), name="logout"),
    path("auth/logout-all/", auth({"post": "logout_all"}), name="logout-all"),
    path("auth/password/change/", auth({"post": "change_password"}), name="password-change"),
    path("auth/password/reset/", auth({"post": "reset_password"}), name="password-reset"),
    path("auth/password/reset/confirm/", auth({"post": "confirm_reset"}), name="password-reset-confirm"),
    path("profile/", views.ProfileViewSet.as_view({"get": "show", "patch": "edit"}), name="profile"),
    path("profile/photo/", views.PhotoViewSet.as_view({"put": "put", "delete": "remove"}), name="profile-photo"),
    path("roles/", views.RoleViewSet.as_view({"get": "show"}), name="role-list"),
    path("users/<int:pk>/events/", views.UserEventViewSet.as_view({"get": "list"}), name="user-events"),
    *router.urls,
]
