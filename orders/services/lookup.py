"""What a scanned code stands for."""

from boutique.documents import pk_in
from orders.models import Order, Sale, SaleReturn
from orders.models.orders import PREFIXES


def order(code, person):
    """ORD-000012, as it stands on its paper: who it is for, but neither how they are reached nor what it costs."""
    if not code.strip().upper().startswith(f"{PREFIXES['custom']}-") or not person.has_perm("orders.view_order"):
        return None
    found = Order.objects.custom().visible_to(person).named().filter(pk=pk_in(PREFIXES["custom"], code)).first()
    return found and {
        "kind": "order",
        "sku": None,
        "object": {
            "id": found.pk,
            "number": found.number,
            "status": found.status,
            "customer": found.customer_id,
            "customer_name": found.customer.name,
            "location": found.location_id,
            "location_code": found.location.code,
            "delivery_date": str(found.delivery_date),
        },
    }


def sale(code, person):
    """SALE-000012, as its receipt says it; or RET-000007, of what came back."""
    word, _dash, _digits = code.strip().upper().partition("-")
    if word not in (Sale.PREFIX, SaleReturn.PREFIX) or not person.has_perm("orders.view_sale"):
        return None
    pk = pk_in(word, code)
    wanted = {"pk": pk} if word == Sale.PREFIX else {"returns": pk}
    found = Sale.objects.visible_to(person).named().filter(**wanted).first() if pk else None
    return found and {
        "kind": "sale",
        "sku": None,
        "object": {
            "id": found.pk,
            "number": found.number,
            "status": found.status,
            "customer": found.customer_id,
            "customer_name": found.customer.name if found.customer else None,
            "location": found.location_id,
            "location_code": found.location.code,
            "business_date": str(found.business_date),
            "total": str(found.total),
        },
    }
