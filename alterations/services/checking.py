"""Adding all tickets up again: see settings.BOOKS."""

from django.db import connection, transaction

from alterations.models.tickets import MADE_OF
from orders.services.checking import Difference

NUMBER = "'ALT-' || lpad(ticket.id::text, greatest(6, length(ticket.id::text)), '0')"
GARMENT = "'GAR-' || lpad(garment.id::text, greatest(6, length(garment.id::text)), '0')"

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

STATES = f"""
SELECT {GARMENT}, 'timeline', garment.status, event.after
FROM alterations_garment garment
LEFT JOIN LATERAL (
    SELECT after FROM boutique_documentevent line
    WHERE line.document = {GARMENT} AND after <> '' ORDER BY line.id DESC LIMIT 1
) event ON true
WHERE event.after IS DISTINCT FROM garment.status
"""  # noqa: S608 (constants of ours)


@transaction.atomic
def differences():
    """Where tickets differ from their garments and payments, and garments from their timeline."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        for question in (MADE, PAYMENTS, STATES):
            cursor.execute(question)
            for row in cursor.fetchall():
                yield Difference(*row)
