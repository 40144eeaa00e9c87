"""What a scanned code stands for, and how much of it lies where."""

from inventory.models import StockLevel
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
