"""Deny by default: an action that a view does not name is refused."""

from django.conf import settings
from rest_framework.permissions import BasePermission

from boutique.api import ANYONE, SIGNED_IN


class ActionPermission(BasePermission):
    """Looks the action up in the view's `permissions`: a codename, SIGNED_IN, or ANYONE."""

    def has_permission(self, request, view):
        needed = view.permissions.get(view.action)
        if needed == ANYONE:
            return True
        if not request.user.is_authenticated:
            return False
        if view.action in (None, "metadata"):
            return True  # no such method here: goes on to its 405
        return needed == SIGNED_IN or (needed is not None and request.user.has_perm(needed))


class MayReadDocs(BasePermission):
    """The documents of the API: for people who are signed in, in the API or the admin, or for everyone where set so."""

    def has_permission(self, request, view):
        return settings.BOUTIQUE_PUBLIC_DOCS or request.user.is_authenticated
