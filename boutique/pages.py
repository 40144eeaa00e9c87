"""The door of the house: the landing page for people, the root of the API for programs."""

from django.conf import settings
from django.urls import get_resolver, reverse
from django.views.generic import TemplateView
from rest_framework import serializers
from rest_framework.response import Response

from boutique.api import ANYONE
from boutique.api.serializers import HouseSerializer
from boutique.api.viewsets import HouseViewSet


class Landing(TemplateView):
    template_name = "boutique/landing.html"
    extra_context = {"shop": settings.BOUTIQUE_NAME, "version": settings.API_VERSION}


class ApiRootSerializer(HouseSerializer):
    name = serializers.CharField(read_only=True)
    version = serializers.CharField(read_only=True)
    docs = serializers.URLField(read_only=True)
    schema = serializers.URLField(read_only=True)
    sign_in = serializers.URLField(read_only=True)
    lists = serializers.DictField(child=serializers.URLField(), read_only=True)


class ApiRoot(HouseViewSet):
    """What this is, its version, and where the lists are."""

    serializer_class = ApiRootSerializer
    permissions = {"show": ANYONE}

    def show(self, request):
        at = request.build_absolute_uri
        root = {
            "name": settings.BOUTIQUE_NAME,
            "version": settings.API_VERSION,
            "docs": at(reverse("docs")),
            "schema": at(reverse("schema")),
            "sign_in": at(reverse("login")),
            "lists": {name: at(address) for name, address in lists().items()},
        }
        return Response(self.serializer_class(root).data)


def lists():
    """The address of every list, by the last part of its path."""
    known = get_resolver().reverse_dict
    names = [
        name for name in known if isinstance(name, str) and name.endswith("-list") and not needs_a_row(known, name)
    ]
    addresses = sorted(reverse(name) for name in names)
    return {address.strip("/").rpartition("/")[2]: address for address in addresses}


def needs_a_row(known, name):
    """The barcodes of one SKU are a list too, but not one to start from."""
    possibilities, _pattern, _defaults, _converters = known[name]
    return any(params for _address, params in possibilities)
