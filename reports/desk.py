"""The owner's desk: what the admin shows first, and the way to the scan page."""

from django.urls import reverse

from boutique import admin


def navigation(request):
    """UNFOLD's sidebar: the house's own, and below its start page the scanner."""
    first, *shelves = admin.navigation(request)
    address = reverse("desk-scan")
    scan = admin.link("Scan", address, "barcode_scanner") | {"active": request.path == address}
    return [first | {"items": [*first["items"], scan]}, *shelves]
