"""Adding all tickets up again: see settings.BOOKS."""

from django.db import connection, transaction

from alterations.models.tickets import MADE_OF
from boutique.documents import apart_from_timeline, sql_number
from orders.services.checking import Difference

NUMBER = sql_number("ALT", "ticket.id")

MADE = f"""
SELECT {NUMBER}, what, expected, found
FROM alterations_ticket ticket CROSS JOIN LATERAL ({MADE_OF}) made
CROSS JOIN LATERAL (VALUES
    ('state', made.status, ticket.status::text), ('lines', made.subtotal::text, ticket.subtotal::text)
) AS side(what, expected, found)
WHERE expected <> found
"""  # noqa: S608 (constants of ours)

PAYMENTS = f"""
SELECT {NUMBER}, 'payments', ticket.paid, coalesce(payments.paid, 0)
FROM alterations_ticket ticket
LEFT JOIN (
    SELECT ticket_id, sum(CASE kind WHEN 'payment' THEN amount ELSE -amount END) AS paid,
        sum(amount) FILTER (WHERE kind = 'refund') AS refunded
    FROM alterations_ticketpayment GROUP BY ticket_id
) payments ON payments.ticket_id = ticket.id
WHERE (ticket.paid, ticket.refunded) IS DISTINCT FROM (coalesce(payments.paid, 0), coalesce(payments.refunded, 0))
"""  # noqa: S608 (constants of ours)

STATES = apart_from_timeline("alterations_garment", sql_number("GAR", "document.id"))


@transaction.atomic
def differences():
    """Where tickets differ from their garments and payments, and garments from their timeline."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        for question in (MADE, PAYMENTS, STATES):
            cursor.execute(question)
            for row in cursor.fetchall():
                yield Difference(*row)
