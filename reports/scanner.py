"""The scan page of the admin: a camera or a hand scanner, and the routes of the API that it asks.

They are the API's own views, so that a scan at the desk is judged, kept and repeated as one from a till. Only who is
asking is told otherwise: by the session of the admin, and with its token against forged forms.
"""

from django.conf import settings
from django.contrib import admin
from django.template.response import TemplateResponse
from django.urls import path, reverse
from rest_framework.authentication import SessionAuthentication

from accounts.models import Location
from inventory.views.documents import ScanViewSet
from orders.models import Payment, TillSession
from orders.views.receipts import SaleReceiptViewSet
from orders.views.sales import SaleViewSet
from skus.views.scanning import LookUpViewSet, PhotoViewSet

# Whose page opens, of what a code may stand for.
PAGES = {
    "sku": "skus_sku",
    "product": "skus_product",
    "transfer": "inventory_transfer",
    "order": "orders_order",
    "sale": "orders_sale",
    "alteration": "alterations_ticket",
    "alteration_garment": "alterations_garment",
}
MODES = [
    ("look_up", "Look up", "search", "inventory.view_stocklevel"),
    ("receive", "Receive", "add_box", "inventory.adjust_stock"),
    ("count", "Count", "checklist", "inventory.count_stock"),
    ("sell", "Sell", "shopping_cart", "orders.add_sale"),
]
TENDER_ICONS = {"cash": "payments", "card": "credit_card", "transfer": "account_balance", "other": "more_horiz"}


class AtTheDesk(SessionAuthentication):
    """Whoever is signed in to the admin and may be there."""

    def authenticate(self, request):
        if not admin.site.has_permission(request._request):
            return None
        return super().authenticate(request)

    def authenticate_header(self, request):
        return 'Session realm="boutique"'  # so that it is 401, which the page takes for signed out


def asked_at_the_desk(view, actions, **options):
    return view.as_view(actions, authentication_classes=[AtTheDesk], schema=None, **options)


def page(request):
    """What the page shows before anything is scanned, and what its script has to know."""
    person = request.user
    places = Location.objects.visible_to(person).filter(is_active=True).exclude(kind=Location.Kind.TRANSIT)
    modes = [mode for mode in MODES if person.has_perm(mode[-1])]
    told = {
        "person": person.pk,
        "places": {place.pk: str(place) for place in places},
        "tills": tills_of(person),
        "currency": settings.BOUTIQUE_CURRENCY,
        "taxIncluded": settings.BOUTIQUE_PRICES_INCLUDE_TAX,
        "mayFind": person.has_perm("inventory.override_stock"),
        "catalogue": reverse("admin:skus_sku_changelist"),
        "receipt": reverse("desk-receipt", args=[0]),
        "pages": {kind: reverse(f"admin:{name}_change", args=[0]) for kind, name in PAGES.items()},
        "papers": {
            "ADJ": reverse("admin:inventory_stockadjustment_changelist"),
            "CNT": reverse("admin:inventory_stockcount_changelist"),
        },
    }
    context = admin.site.each_context(request) | {
        "title": "Scan",
        "modes": modes,
        "places": places,
        "tenders": [(method, TENDER_ICONS[method], text) for method, text in Payment.Method.choices],
        "told": told,
    }
    return TemplateResponse(request, "reports/scan.html", context)


def tills_of(person):
    """The open tills of each place: cash that is taken goes through one of them."""
    if not person.has_perm("orders.view_tillsession"):
        return {}
    tills = {}
    for till in TillSession.objects.visible_to(person).open().order_by("pk"):
        tills.setdefault(till.location_id, []).append({"id": till.pk, "name": f"Till {till.register}, {till.number}"})
    return tills


urlpatterns = [
    path("", admin.site.admin_view(page), name="desk-scan"),
    # A code may have any sign in it.
    path("look-up/<path:code>/", asked_at_the_desk(LookUpViewSet, {"get": "retrieve"}), name="desk-look-up"),
    path("read/", asked_at_the_desk(PhotoViewSet, {"post": "read"}), name="desk-read"),
    path("stock/", asked_at_the_desk(ScanViewSet, {"post": "scan"}), name="desk-stock"),
    path("sales/", asked_at_the_desk(SaleViewSet, {"post": "create"}, basename="sale"), name="desk-sell"),
    path("sales/<int:pk>/receipt/", asked_at_the_desk(SaleReceiptViewSet, {"get": "retrieve"}), name="desk-receipt"),
]
