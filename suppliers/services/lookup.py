"""What a scanned number stands for."""

from boutique.documents import pk_in
from suppliers.models import PurchaseOrder


def purchase_order(code, person):
    """PO-000012, as it stands on the order and on the supplier's papers."""
    is_one = code.strip().upper().startswith(f"{PurchaseOrder.PREFIX}-")
    if not is_one or not person.has_perm("suppliers.view_purchaseorder"):
        return None
    seen = PurchaseOrder.objects.visible_to(person).named()
    found = seen.filter(pk=pk_in(PurchaseOrder.PREFIX, code)).first()
    return found and {
        "kind": "purchase_order",
        "sku": None,
        "object": {
            "id": found.pk,
            "number": found.number,
            "status": found.status,
            "supplier": found.supplier_id,
            "supplier_name": found.supplier.name,
            "location": found.location_id,
            "location_code": found.location.code,
            "expected_on": found.expected_on and found.expected_on.isoformat(),
        },
    }
