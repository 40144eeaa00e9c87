"""How much of a SKU a place can reckon with: what lies there, what is promised, what comes, what is in drafts."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.db import connection
from django.db.models import F, Sum
from django.utils.module_loading import import_string

from accounts.models import Location
from inventory.models import StockLevel, Transfer, TransferLine
from suppliers.models import PurchaseLine, PurchaseOrder

ZERO = Decimal("0.000")

ASKED = [Transfer.Status.REQUESTED, Transfer.Status.APPROVED]


@dataclass(kw_only=True)
class Standing:
    """One SKU in one place, now."""

    on_hand: Decimal = ZERO
    reserved: Decimal = ZERO
    incoming: Decimal = ZERO  # ordered, and on the road
    drafted: Decimal = ZERO  # in orders that nobody has sent
    asked_for: Decimal = ZERO  # of another place
    asked_from: Decimal = ZERO  # by another place
    average_cost: Decimal = ZERO

    @property
    def drafts(self):
        return self.drafted + self.asked_for - self.asked_from

    @property
    def position(self):
        return self.on_hand - self.reserved + self.incoming + self.drafts

    @property
    def free(self):
        """What could leave today."""
        return max(self.on_hand - self.reserved - self.asked_from, ZERO)


def standing_of(skus):
    """{(sku, location): Standing} in all places that are open; some queries, however many SKUs."""
    found = defaultdict(Standing)
    levels = StockLevel.objects.on_shelves().filter(sku__in=skus, location__is_active=True)
    for sku, location, on_hand, reserved, cost in levels.values_list(
        "sku", "location", "on_hand", "reserved", "average_cost"
    ):
        found[sku, location] = Standing(on_hand=on_hand, reserved=reserved, average_cost=cost)
    for path in [*settings.INCOMING, "inventory.models.transfers.on_the_road"]:
        rows = import_string(path)().filter(sku__in=skus).values("sku", "location").annotate(sum=Sum("coming"))
        for row in rows.order_by():
            found[row["sku"], row["location"]].incoming += row["sum"]
    drafts = PurchaseLine.objects.filter(sku__in=skus, order__status=PurchaseOrder.Status.DRAFT)
    add(found, "drafted", drafts.values_list("sku", "order__location").annotate(sum=Sum("ordered")))
    asked = TransferLine.objects.filter(sku__in=skus, transfer__status__in=ASKED)
    for name, way in (("asked_for", "transfer__destination"), ("asked_from", "transfer__source")):
        add(found, name, asked.values_list("sku", way).annotate(sum=Sum("quantity")))
    return found


def add(found, name, rows):
    for sku, location, quantity in rows.order_by():
        setattr(found[sku, location], name, quantity)


# The narrowest that holds for each shelf, as for low stock: of the SKU here, of the SKU, of the product here, of the
# product.
OWN_NUMBERS = """
SELECT shelf.sku_id, shelf.location_id, said.threshold, said.reorder_point, said.target
FROM unnest(%s::bigint[], %s::bigint[]) AS shelf(sku_id, location_id)
JOIN skus_sku sku ON sku.id = shelf.sku_id
CROSS JOIN LATERAL (
    SELECT own.threshold, own.reorder_point, own.target FROM inventory_lowstockthreshold own
    WHERE (own.sku_id = shelf.sku_id OR own.product_id = sku.product_id)
        AND (own.location_id = shelf.location_id OR own.location_id IS NULL)
    ORDER BY own.sku_id IS NULL, own.location_id IS NULL LIMIT 1
) said
"""


def own_numbers(shelves):
    """What the shop itself has said of these (sku, location): {(sku, location): (threshold, reorder point, target)}"""
    with connection.cursor() as cursor:
        cursor.execute(OWN_NUMBERS, [[sku for sku, _place in shelves], [place for _sku, place in shelves]])
        return {(sku, location): tuple(numbers) for sku, location, *numbers in cursor.fetchall()}


def kinds_of_places():
    """{location: kind} of those where goods may lie."""
    places = Location.objects.filter(is_active=True).exclude(kind=Location.Kind.TRANSIT)
    return dict(places.values_list("pk", F("kind")))
