"""Do the lines of orders, their receipts and returns, and the ledger say the same? See `manage.py check_books`."""

from django.db import connection, transaction

from boutique.documents import sql_number
from inventory.services.checking import Difference
from inventory.services.ledger import plain

# Each counter of a line beside what its receipts and returns add up to.
COUNTED = """
SELECT sku.code, line.order_id, counter.what, counter.expected, counter.found
FROM suppliers_purchaseline line
JOIN skus_sku sku ON sku.id = line.sku_id
LEFT JOIN (
    SELECT line_id, sum(quantity) AS received, sum(rejected) AS rejected,
        sum(rejected) FILTER (WHERE replace) AS replaced
    FROM suppliers_receiptline GROUP BY line_id
) came ON came.line_id = line.id
LEFT JOIN (
    SELECT receipt.line_id, sum(back.quantity) AS returned FROM suppliers_returnline back
    JOIN suppliers_receiptline receipt ON receipt.id = back.receipt_line_id GROUP BY receipt.line_id
) went ON went.line_id = line.id
CROSS JOIN LATERAL (VALUES
    ('received', coalesce(came.received, 0), line.received), ('rejected', coalesce(came.rejected, 0), line.rejected),
    ('replaced', coalesce(came.replaced, 0), line.replaced), ('returned', coalesce(went.returned, 0), line.returned)
) AS counter(what, expected, found)
WHERE counter.expected <> counter.found
"""
# What came and did not go back is what the ledger wrote under the order's number.
MOVED = f"""
SELECT sku.code, line.order_id, 'moved', coalesce(moved.pieces, 0), line.received - line.returned
FROM suppliers_purchaseline line
JOIN skus_sku sku ON sku.id = line.sku_id
JOIN suppliers_purchaseorder purchase ON purchase.id = line.order_id
LEFT JOIN LATERAL (
    SELECT sum(on_hand_change) AS pieces FROM inventory_stockmovement movement
    WHERE movement.document = {sql_number("PO", "line.order_id")}
        AND movement.sku_id = line.sku_id AND movement.location_id = purchase.location_id
) moved ON true
WHERE purchase.sent_at IS NOT NULL AND coalesce(moved.pieces, 0) <> line.received - line.returned
"""  # noqa: S608 (constants of ours)
# The state is what the lines make it.
STATES = """
SELECT '', purchase.id, 'state', made.state, purchase.status
FROM suppliers_purchaseorder purchase
JOIN LATERAL (
    SELECT CASE WHEN sum(outstanding) = 0 THEN 'received' WHEN sum(received + rejected - replaced) > 0
        THEN 'partly_received' ELSE 'sent' END AS state
    FROM suppliers_purchaseline line WHERE line.order_id = purchase.id
) made ON true
WHERE purchase.status IN ('sent', 'partly_received', 'received') AND purchase.status <> made.state
"""


@transaction.atomic
def differences():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        for question in (COUNTED, MOVED, STATES):
            cursor.execute(question)
            for sku, order, what, expected, found in cursor.fetchall():
                yield Difference(sku or "all", f"PO-{order:06d}", what, said(expected), said(found))


def said(value):
    return value if isinstance(value, str) else plain(value)
