"""What a scanned code stands for, and how much of it lies where."""

from boutique.documents import pk_in
from inventory.models import StockLevel, Transfer
from inventory.services.ledger import plain
from skus.services import lookup


def sku(code, person):
    """As the catalogue knows it, with the stock of the person's own places."""
    found = lookup.sku(code, person)
    if found and person.has_perm("inventory.view_stocklevel"):
        levels = StockLevel.objects.visible_to(person).filter(sku=found["sku"]).order_by("location")
        found["stock"] = [
            {"location": level.location_id, "on_hand": plain(level.on_hand), "available": plain(level.available)}
            for level in levels
        ]
    return found


def transfer(code, person):
    """TRF-000012, as it stands on its paper."""
    if not code.strip().upper().startswith(f"{Transfer.PREFIX}-") or not person.has_perm("inventory.view_transfer"):
        return None
    seen = Transfer.objects.visible_to(person).named()
    found = seen.filter(pk=pk_in(Transfer.PREFIX, code)).first()
    return found and {
        "kind": "transfer",
        "sku": None,
        "object": {
            "id": found.pk,
            "number": found.number,
            "status": found.status,
            "source": found.source_id,
            "source_code": found.source.code,
            "destination": found.destination_id,
            "destination_code": found.destination.code,
        },
    }
