"""Who brings a SKU, in which packs, at which price, and how long that takes."""

from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.db import connection

# So many deliveries, and what they took is believed.
DELIVERIES = 3

# Of all who have a SKU: the preferred one, or else the cheapest. Where nobody wrote down who has it: the last who
# brought it.
OFFERS = """
SELECT DISTINCT ON (offer.sku_id) offer.sku_id, supplier.id, supplier.name, offer.unit_cost, offer.pack_size,
    offer.minimum_order, coalesce(offer.lead_time_days, supplier.lead_time_days)
FROM (
    SELECT sku_id, supplier_id, unit_cost, pack_size, minimum_order, lead_time_days, 1 AS rank,
        NOT is_preferred AS second, -id AS newest
    FROM suppliers_suppliersku WHERE sku_id = ANY(%(skus)s)
    UNION ALL
    SELECT line.sku_id, bought.supplier_id, line.unit_cost, 1, 0, NULL, 2, false, line.id
    FROM suppliers_purchaseline line JOIN suppliers_purchaseorder bought ON bought.id = line.order_id
    WHERE line.sku_id = ANY(%(skus)s) AND bought.status NOT IN ('draft', 'cancelled')
) offer
JOIN suppliers_supplier supplier ON supplier.id = offer.supplier_id AND supplier.is_active
ORDER BY offer.sku_id, offer.rank, offer.second, CASE WHEN offer.rank = 1 THEN offer.unit_cost END NULLS LAST,
    offer.newest DESC
"""

# From the day an order was sent to each delivery of the last year; what was booked by mistake never came.
TAKEN = """
SELECT bought.supplier_id, count(*), ceil(avg(extract(epoch FROM came.at - bought.sent_at)) / 86400)::int,
    coalesce(var_samp(extract(epoch FROM came.at - bought.sent_at) / 86400), 0)::float
FROM suppliers_receipt came JOIN suppliers_purchaseorder bought ON bought.id = came.order_id
WHERE bought.supplier_id = ANY(%(suppliers)s) AND NOT came.is_reversal AND NOT bought.at_once
    AND came.at > now() - interval '1 year' AND NOT EXISTS (
        SELECT FROM suppliers_receiptline line JOIN suppliers_receiptline opposite ON opposite.reverses_id = line.id
        WHERE line.receipt_id = came.id
    )
GROUP BY bought.supplier_id
"""


@dataclass(frozen=True, kw_only=True)
class Supply:
    """How a SKU is bought. Without a supplier: as the shop has set for those it does not know."""

    lead_days: int
    lead_because: str  # how it is known
    lead_variance: float = 0.0  # of these days, in days times days
    supplier: int | None = None
    name: str = ""
    unit_cost: Decimal | None = None
    pack_size: Decimal = Decimal(1)
    minimum_order: Decimal = Decimal(0)


def supplies_of(skus):
    """A Supply for each of these SKUs that has a supplier."""
    with connection.cursor() as cursor:
        cursor.execute(OFFERS, {"skus": list(skus)})
        offers = cursor.fetchall()
        cursor.execute(TAKEN, {"suppliers": list({supplier for _sku, supplier, *_rest in offers})})
        taken = {
            supplier: (days, variance)
            for supplier, deliveries, days, variance in cursor.fetchall()
            if deliveries >= DELIVERIES
        }
    return {
        sku: Supply(
            supplier=supplier,
            name=name,
            unit_cost=unit_cost,
            pack_size=pack_size,
            minimum_order=minimum_order,
            **lead_time(agreed, *taken.get(supplier, (None, 0.0))),
        )
        for sku, supplier, name, unit_cost, pack_size, minimum_order, agreed in offers
    }


def lead_time(agreed, taken, variance):
    """What was agreed, unless it takes longer: two weeks too few cost more than two weeks too many."""
    if agreed is None and taken is None:
        return {"lead_days": settings.BOUTIQUE_LEAD_TIME_DAYS, "lead_because": "assumed"}
    if agreed is None or (taken or 0) > agreed:
        return {"lead_days": taken, "lead_because": "as their deliveries took", "lead_variance": variance}
    return {"lead_days": agreed, "lead_because": "as agreed", "lead_variance": variance}


def unknown():
    return Supply(**lead_time(None, None, 0.0))
