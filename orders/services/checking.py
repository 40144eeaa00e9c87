"""Adding all orders up again: see settings.BOOKS."""

from dataclasses import dataclass

from django.db import connection

from boutique.documents import apart_from_timeline, sql_number
from orders.models.tills import CASH_SIGN

NUMBER = (
    f"CASE document.channel WHEN 'counter' THEN {sql_number('SALE', 'document.id')}"
    f" ELSE {sql_number('ORD', 'document.id')} END"
)

LINES = f"""
SELECT {NUMBER}, 'lines', document.total, coalesce(lines.total, 0)
FROM orders_order document
LEFT JOIN (
    SELECT order_id, sum(total) AS total, sum(tax) AS tax, sum(share) AS share FROM orders_orderline GROUP BY order_id
) lines ON lines.order_id = document.id
WHERE (document.total, document.tax, document.discount)
    IS DISTINCT FROM (coalesce(lines.total, 0), coalesce(lines.tax, 0), coalesce(lines.share, 0))
"""  # noqa: S608 (constants of ours)

PAYMENTS = f"""
SELECT {NUMBER}, 'payments', document.paid, coalesce(payments.paid, 0)
FROM orders_order document
LEFT JOIN (
    SELECT order_id, sum(CASE kind WHEN 'payment' THEN amount ELSE -amount END) AS paid,
        sum(amount) FILTER (WHERE kind = 'refund') AS refunded
    FROM orders_payment GROUP BY order_id
) payments ON payments.order_id = document.id
WHERE (document.paid, document.refunded)
    IS DISTINCT FROM (coalesce(payments.paid, 0), coalesce(payments.refunded, 0))
"""  # noqa: S608 (constants of ours)

# Of each SKU it holds no more than its lines are of, and nothing once it is closed; of lines that may not wait, all.
GOODS = f"""
SELECT {NUMBER}, 'goods held', coalesce(lines.wanted, 0), coalesce(held.held, 0)
FROM (
    SELECT order_id, sku_id, sum(quantity) AS wanted, coalesce(sum(quantity) FILTER (WHERE NOT backorder), 0) AS firm
    FROM orders_orderline WHERE sku_id IS NOT NULL GROUP BY order_id, sku_id
) lines
FULL JOIN (
    SELECT substring(document FROM '[0-9]+$')::bigint AS order_id, sku_id, sum(reserved_change) AS held
    FROM inventory_stockmovement WHERE document LIKE 'ORD-%%' AND reserved_change <> 0 GROUP BY 1, 2
) held USING (order_id, sku_id)
JOIN orders_order document ON document.id = order_id
WHERE document.channel = 'custom' AND CASE WHEN document.status IN ('completed', 'cancelled')
    THEN coalesce(held.held, 0) <> 0
    ELSE coalesce(held.held, 0) NOT BETWEEN coalesce(lines.firm, 0) AND coalesce(lines.wanted, 0) END
"""  # noqa: S608 (constants of ours)

TILL = sql_number("TILL", "till.id")

# A closed till expects what its rows say, though nobody has asked since.
DRAWERS = f"""
SELECT {TILL}, 'cash', till.expected, till.opening_cash + coalesce(entries.cash, 0)
FROM orders_tillsession till LEFT JOIN (
    SELECT session_id, sum({CASH_SIGN}) AS cash FROM orders_tillentry GROUP BY session_id
) entries ON entries.session_id = till.id
WHERE till.status = 'closed' AND till.expected <> till.opening_cash + coalesce(entries.cash, 0)
"""  # noqa: S608 (constants of ours)

TAKINGS = f"""
SELECT {TILL}, 'takings of payment ' || payment.id, payment.kind || ' ' || payment.method || ' ' || payment.amount,
    entry.kind || ' ' || entry.method || ' ' || entry.amount
FROM orders_tillentry entry JOIN orders_payment payment ON payment.id = entry.payment_id
JOIN orders_tillsession till ON till.id = entry.session_id
JOIN orders_order document ON document.id = payment.order_id
WHERE (entry.kind, entry.method, entry.amount, till.location_id)
    IS DISTINCT FROM (payment.kind, payment.method, payment.amount, document.location_id)
"""  # noqa: S608 (constants of ours)

# What left for a sale is what its lines say; so is what came back for a return.
SOLD = f"""
SELECT {NUMBER}, 'goods sold', coalesce(lines.sold, 0), coalesce(moved.sold, 0)
FROM (
    SELECT line.order_id, line.sku_id, sum(line.quantity) AS sold FROM orders_orderline line
    JOIN orders_order sale ON sale.id = line.order_id AND sale.channel = 'counter' GROUP BY 1, 2
) lines
FULL JOIN (
    SELECT substring(document FROM '[0-9]+$')::bigint AS order_id, sku_id, -sum(on_hand_change) AS sold
    FROM inventory_stockmovement WHERE document LIKE 'SALE-%%' AND reason = 'sale' GROUP BY 1, 2
) moved USING (order_id, sku_id)
JOIN orders_order document ON document.id = order_id
WHERE coalesce(lines.sold, 0) <> coalesce(moved.sold, 0)
"""  # noqa: S608 (constants of ours)

CAME_BACK = f"""
SELECT {sql_number("RET", "return_id")}, 'goods back',
    coalesce(lines.back, 0), coalesce(moved.back, 0)
FROM (
    SELECT back.sale_return_id AS return_id, line.sku_id, sum(back.quantity) AS back, sum(back.value) AS value
    FROM orders_salereturnline back JOIN orders_orderline line ON line.id = back.line_id
    WHERE back.restock GROUP BY 1, 2
) lines
FULL JOIN (
    SELECT substring(document FROM '[0-9]+$')::bigint AS return_id, sku_id, sum(on_hand_change) AS back,
        sum(value_change) AS value
    FROM inventory_stockmovement WHERE document LIKE 'RET-%%' AND reason = 'customer_return' GROUP BY 1, 2
) moved USING (return_id, sku_id)
WHERE (lines.back, lines.value) IS DISTINCT FROM (moved.back, moved.value)
"""  # noqa: S608 (constants of ours)

RETURNED = f"""
SELECT {NUMBER}, 'returned', sum(line.returned), coalesce(sum(back.quantity), 0)
FROM orders_order document JOIN orders_orderline line ON line.order_id = document.id
LEFT JOIN (
    SELECT line_id, sum(quantity) AS quantity FROM orders_salereturnline GROUP BY line_id
) back ON back.line_id = line.id
WHERE document.channel = 'counter'
GROUP BY document.id
HAVING bool_or(line.returned <> coalesce(back.quantity, 0)) OR document.status <> CASE
    WHEN bool_and(line.returned = line.quantity) THEN 'returned' WHEN bool_or(line.returned > 0) THEN 'partly_returned'
    ELSE 'completed' END
"""  # noqa: S608 (constants of ours)

REFUNDS = f"""
SELECT {NUMBER}, 'refunds', document.refunded, coalesce(back.total, 0)
FROM orders_order document
LEFT JOIN (
    SELECT sale_id, sum(total) AS total FROM orders_salereturn GROUP BY sale_id
) back ON back.sale_id = document.id
WHERE document.channel = 'counter' AND document.refunded <> coalesce(back.total, 0)
"""  # noqa: S608 (constants of ours)


STATES = [
    apart_from_timeline("orders_order", NUMBER),
    apart_from_timeline("orders_tillsession", sql_number("TILL", "document.id")),
    apart_from_timeline("orders_basket", sql_number("HOLD", "document.id")),
]
QUESTIONS = [LINES, PAYMENTS, GOODS, DRAWERS, TAKINGS, SOLD, CAME_BACK, RETURNED, REFUNDS, *STATES]


@dataclass(frozen=True)
class Difference:
    """One order that does not add up."""

    number: str
    what: str
    expected: object
    found: object

    def __str__(self):
        return f"{self.number}: {self.what} expected {self.expected}, found {self.found}"


def differences():
    """Where orders differ from their lines, payments, goods or timeline; tills from their rows and the payments."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        for question in QUESTIONS:
            cursor.execute(question, [])
            for row in cursor.fetchall():
                yield Difference(*row)
