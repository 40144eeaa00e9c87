"""Tills: opened with a float, counted out at the end. What should be in the drawer is the float and its rows of cash.

Whoever takes money or pays it back tells `record` in the transaction of the payment, as its last act: the lock on the
till comes after all others. It is one that many sales share and that closing waits for, so that no cash comes in beside
a count.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Location
from boutique.documents import Move, allowed_actions, begin, move_on, note_down, opened
from boutique.errors import Forbidden, Invalid, RuleError, line_error
from inventory.services import ledger
from inventory.services.ledger import business_date
from orders import money
from orders.models import Payment, TillEntry, TillSession

MANAGE = "orders.manage_tillsession"
Kind, Status = TillEntry.Kind, TillSession.Status


class TillClosed(RuleError):
    code = "till_closed"
    title = "The till is closed"


class NotEnoughCash(RuleError):
    code = "not_enough_cash"
    title = "Not so much in the drawer"


# ------------------------------------------------------------------------------------------------ what may happen


def ones_own(session, by):
    if session.created_by_id != by.pk and not by.has_perm(MANAGE):
        raise Forbidden(f"{session.created_by} opened this till. They do this, or a manager.")


MOVES = {
    "cash_in": Move(of=[Status.OPEN], needs="orders.close_tillsession", rule=ones_own),
    "cash_out": Move(of=[Status.OPEN], needs="orders.close_tillsession", rule=ones_own),
    "close": Move(of=[Status.OPEN], needs="orders.close_tillsession", rule=ones_own),
}


def sees_expected(session, by):
    """Whoever is to count does not know what should come out; managers do."""
    return not session.is_open or by.has_perm(MANAGE)


# ------------------------------------------------------------------------------------------------ a day at the till


@transaction.atomic
def open_till(*, location, opening_cash, by, register="1", note=""):
    """The float is counted in. A register of a place is open once at a time."""
    if not location.is_active:
        ledger.refuse([line_error("location", "inactive", f"{location} has closed.")])
    now = timezone.now()
    session = TillSession.objects.create(
        location=location,
        register=register,
        opening_cash=opening_cash,
        opened_at=now,
        business_date=business_date(now, location),
        note=note,
        created_by=by,
        updated_by=by,
    )
    opened(session, by, changes={"float": str(opening_cash)})
    return session


@transaction.atomic
def cash_in(*, session, amount, reason, by):
    """Money put into the drawer that nobody paid: change from the bank, say."""
    return put(begin(session, "cash_in", by, MOVES), Kind.CASH_IN, amount, reason, by)


@transaction.atomic
def cash_out(*, session, amount, reason, by):
    """Money taken out of the drawer that is no refund: to the bank, for stamps. Never more than should be there."""
    session = begin(session, "cash_out", by, MOVES)
    there = figures_of(session).cash()
    if amount > there:
        raise not_enough(session, there, by)
    return put(session, Kind.CASH_OUT, amount, reason, by)


def not_enough(session, there, by):
    is_told = sees_expected(session, by)
    text = f"There are {max(there, 0)} in the drawer." if is_told else "There is not so much in the drawer."
    figures = {"expected": str(there)} if is_told else {}
    return NotEnoughCash(text, errors=[line_error("amount", NotEnoughCash.code, text, **figures)])


def put(session, kind, amount, reason, by):
    now = timezone.now()
    entry = TillEntry(session=session, kind=kind, amount=amount, reason=reason, at=now, by=by)
    entry.business_date = business_date(now, session.location)
    entry.save()
    session.updated_by = by
    session.save(update_fields=["updated_by", "updated_at"])
    # The amount stands in the row: a timeline would tell the counter what to count.
    note_down(session, by, kind=kind, changes={"entry": entry.pk})
    return session


@transaction.atomic
def close(*, session, by, counted=None, denominations=(), note=""):
    """The drawer is counted out, once. What is too much or too little needs a word why."""
    counted = counted_in(denominations, counted)
    session = begin(session, "close", by, MOVES)
    expected = figures_of(session).cash()
    if counted != expected and not note:
        text = "This is not what should be there. Count once more, or say in `note` why."
        raise Invalid(text, errors=[line_error("note", "required", text)])
    session.expected, session.counted = expected, counted
    session.denominations = [{"value": str(one["value"]), "count": one["count"]} for one in denominations]
    session.closed_at, session.closed_by = timezone.now(), by
    session.note = "\n".join(word for word in (session.note, note) if word)
    changes = {"expected": str(expected), "counted": str(counted), "variance": str(counted - expected)}
    move_on(session, Status.CLOSED, by, kind="closed", note=note, changes=changes)
    return session


def counted_in(denominations, counted):
    """What the notes and coins come to, if they were named."""
    if not denominations:
        return counted
    total = sum((one["value"] * one["count"] for one in denominations), Decimal("0.00"))
    if counted is not None and counted != total:
        text = f"The notes and coins come to {total}."
        ledger.refuse([line_error("counted", "invalid", text, total=str(total))])
    return total


def figures_of(session):
    return TillSession.objects.with_figures().get(pk=session.pk)


def allowed(session, by):
    return allowed_actions(session, by, MOVES)


# ------------------------------------------------------------------------------------------------ the report


def refuse_unseen(session, by):
    if not sees_expected(session, by):
        raise Forbidden("This till is still open: count it first, then look what should be there.")


def report(session):
    """All that went through the till, added up by means of payment and by day."""
    rows = list(session.entries.filter(kind__in=["payment", "refund"]).values_list(*ADDED_UP))
    return {
        "session": session,
        "kind": "x" if session.is_open else "z",
        "documents": len({document for document, *_ in rows}),
        "tenders": added_up("method", rows, [method.value for method in Payment.Method]),
        "days": added_up("business_date", rows, sorted({row[2] for row in rows})),
        "cash_moves": session.entries.filter(kind__in=["cash_in", "cash_out"]).select_related("by").order_by("pk"),
    }


ADDED_UP = ("document", "method", "business_date", "kind", "amount")


def added_up(what, rows, values):
    """For each of these values: what came in, what went back, and how often."""
    at, found = ADDED_UP.index(what), {}
    for row in rows:
        line = found.setdefault(row[at], {Kind.PAYMENT: money.ZERO, Kind.REFUND: money.ZERO, "count": 0})
        line[row[3]] += row[4]
        line["count"] += 1
    return [
        {
            what: value,
            "payments": found[value][Kind.PAYMENT],
            "refunds": found[value][Kind.REFUND],
            "net": found[value][Kind.PAYMENT] - found[value][Kind.REFUND],
            "count": found[value]["count"],
        }
        for value in values
        if value in found
    ]


# ------------------------------------------------------------------------------------------------ takings


@dataclass(frozen=True, kw_only=True)
class Taking:
    """Money that was taken or paid back in a place: for which document, and into which till if somebody said."""

    location: Location
    document: str
    method: str
    amount: Decimal
    kind: str = Kind.PAYMENT
    at: datetime
    payment: Payment | None = None
    session: TillSession | None = None


# The till that was named; else the only one that the person has open there, else the only one that is open there, if
# it was open by then. One statement, whatever the takings: it waits for whoever is closing a till, and makes them wait.
RECORD = """
WITH tills AS (
    SELECT id, location_id, opened_at, created_by_id = %(by)s AS is_own FROM orders_tillsession
    WHERE status = 'open' AND location_id = ANY(%(places)s) ORDER BY id FOR SHARE
), takings AS (
    SELECT * FROM unnest(
        %(place)s::bigint[], %(session)s::bigint[], %(kind)s::text[], %(method)s::text[], %(amount)s::numeric[],
        %(document)s::text[], %(payment)s::bigint[], %(at)s::timestamptz[], %(day)s::date[]
    ) WITH ORDINALITY AS taking (place, session, kind, method, amount, document, payment, at, day, number)
)
INSERT INTO orders_tillentry
    (session_id, kind, method, amount, document, payment_id, at, business_date, by_id, reason)
SELECT till.id, kind, method, amount, document, payment, at, day, %(by)s, ''
FROM takings CROSS JOIN LATERAL (
    SELECT CASE
        WHEN count(*) FILTER (WHERE is_own) = 1 THEN min(id) FILTER (WHERE is_own)
        WHEN count(*) = 1 THEN min(id)
    END AS id
    FROM tills WHERE location_id = place AND CASE WHEN session IS NULL THEN opened_at <= at ELSE id = session END
) till
WHERE till.id IS NOT NULL ORDER BY number
RETURNING session_id
"""


def record(takings, *, by):
    """Notes down money in the tills it went through: the last act of the transaction that writes the payments.

    A place that has no till open keeps none of it. A till that was named and is closed refuses.
    """
    takings = list(takings)
    if not takings:
        return
    ledger.refuse(error for one in takings for error in of_another_place(one.session, one.location))
    columns = defaultdict(list)
    for one in takings:
        columns["place"].append(one.location.pk)
        columns["session"].append(one.session and one.session.pk)
        columns["kind"].append(str(one.kind))
        columns["method"].append(str(one.method))
        columns["amount"].append(one.amount)
        columns["document"].append(one.document)
        columns["payment"].append(one.payment and one.payment.pk)
        columns["at"].append(one.at)
        columns["day"].append(business_date(one.at, one.location))
    with connection.cursor() as cursor:
        cursor.execute(RECORD, columns | {"by": by.pk, "places": sorted(set(columns["place"]))})
        kept = cursor.rowcount
    if kept < len(takings) and (named := [one.session for one in takings if one.session]):
        refuse_closed(named)


def refuse_closed(sessions):
    """Some of it went into no till: one that was named has been closed."""
    still_open = set(
        TillSession.objects.open().filter(pk__in=[one.pk for one in sessions]).values_list("pk", flat=True)
    )
    if closed := next((one for one in sessions if one.pk not in still_open), None):
        raise is_closed(closed)


def is_closed(session):
    text = f"{session.number} is closed. Name the till that is open, or none."
    return TillClosed(text, errors=[line_error("till_session", TillClosed.code, text)])


def of_another_place(session, location):
    if session is not None and session.location_id != location.pk:
        yield line_error("till_session", "invalid", f"{session.number} is a till of another place.")
