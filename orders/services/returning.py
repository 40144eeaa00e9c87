"""What comes back of a sale, and what is paid back for it: to the cent, and by the tenders it was paid with."""

from collections import defaultdict
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, Decimal
from functools import partial

from django.db import transaction
from django.utils import timezone

from boutique.documents import locked_again, move_on
from boutique.errors import IllegalTransition, RuleError, line_error
from boutique.models import rewrite
from inventory.models import Reason, StockMovement
from inventory.services import ledger
from orders import money
from orders.models import Order, OrderLine, Payment, SaleReturn, SaleReturnLine
from orders.services import customers, paying, selling, tills
from orders.services.paying import RefundExceedsPaid
from orders.services.selling import Tender

ZERO = money.ZERO
RETURNABLE = [Order.Status.COMPLETED, Order.Status.PARTLY_RETURNED]


class ReturnExceedsSold(RuleError):
    code = "return_exceeds_sold"
    title = "More than was sold"


@dataclass(frozen=True, kw_only=True)
class Back:
    """So many pieces of one line of the sale, by its id. `restock`: they lie on the shelf again."""

    line: int
    quantity: Decimal
    restock: bool = True


# ------------------------------------------------------------------------------------------------ what may happen


def allowed(sale, by):
    """The verbs this caller may use on the sale now."""
    if sale.status not in RETURNABLE:
        return []
    verbs = {"returns": "orders.add_salereturn", "exchange": "orders.exchange_sale"}
    return [verb for verb, permission in verbs.items() if by.has_perm(permission)]


@transaction.atomic
def take_back(*, sale, lines, by, refund=None, reason="", till_session=None):
    """A return. `refund` None: back by the tenders it was paid with, the newest first."""
    customer = still_there(sale)
    sale, own = opened(sale, lines, by)
    back = parts_of(sale, own, lines)
    total = sum((part.total for part in back), ZERO)
    if refund is None:
        refund = newest_first(room_of(sale), total)
    else:
        refuse_other_sum(refund, total)
        refuse_beyond(refund, room_of(sale))
    return settle(sale, own, back, refund, by, reason=words_of(customer, reason), till_session=till_session)


@transaction.atomic
def take_back_by(*, sale, lines, by, method, reason=""):
    """The same, all of it paid back by one tender; None: as it was paid."""
    if method is None:
        return take_back(sale=sale, lines=lines, by=by, reason=reason)
    still_there(sale)
    locked, own = opened(sale, lines, by)
    total = sum((part.total for part in parts_of(locked, own, lines)), ZERO)
    refund = [Tender(method=method, amount=total)] if total else []
    return take_back(sale=sale, lines=lines, by=by, reason=reason, refund=refund)


@transaction.atomic
def exchange(*, sale, lines, wanted, by, refund=None, reason=""):
    """Goods come back and others go, both or neither. What came back pays for what goes; the difference is paid, or is
    paid back. `wanted`: the new sale, with the payments of the difference; it is for whom the first was for."""
    customer = still_there(sale)
    # Who is archived or forgotten may bring things back, and gets no new papers.
    wanted = replace(wanted, customer=customer if customer and customer.is_active else None)
    sale, own = opened(sale, lines, by)
    back = parts_of(sale, own, lines)
    credit = sum((part.total for part in back), ZERO)
    # Judged as a whole first: what it costs says how much of it the goods that came back pay.
    cost = price_of(wanted, by)
    moved = min(credit, cost)
    refuse_both(wanted.payments, refund)
    room = room_of(sale)
    if refund is None:
        refund = newest_first(room, credit - moved)
    else:
        refuse_other_sum(refund, credit - moved)
        refuse_beyond(refund, room)
    for one in refund:
        room[one.method] -= one.amount
    carried = newest_first(room, moved)
    draft = selling.drafted(wanted, by, path="new_lines", credit=moved)
    draft.payments[:0] = [
        Payment(order=draft.sale, method=one.method, amount=one.amount, at=draft.sale.occurred_at, by=by)
        for one in carried
    ]
    selling.write([draft], by)
    # All shelves of both legs at once: the returned pieces may be among those that go.
    ledger.locked({(line.sku.pk, sale.location_id) for line in [*draft.lines, *(part.line for part in back)]})
    returned = settle(
        sale,
        own,
        back,
        together(refund, carried),
        by,
        reason=words_of(customer, reason),
        till_session=wanted.till_session,
        exchanged_for=draft.sale,
    )
    selling.hand_out(draft, by, path="new_lines")
    selling.take_money([draft], by)
    return returned, draft.sale


def price_of(wanted, by):
    """What the new goods cost, whatever was paid for them."""
    try:
        return selling.drafted(replace(wanted, payments=[]), by, path="new_lines").sale.total
    except selling.PaymentsDoNotAddUp as refusal:
        return Decimal(refusal.errors[0]["params"]["total"])


def refuse_both(payments, refund):
    if payments and refund:
        text = "An exchange is paid for, or paid back: not both."
        ledger.refuse([line_error("refund", "invalid", text)])


# ------------------------------------------------------------------------------------------------ what comes back


def still_there(sale):
    """The customer, if anybody knows who bought it: locked before the paper is. Whoever is erasing them comes first, or
    waits and finds all that is written here."""
    return customers.held({sale.customer_id}).get(sale.customer_id) if sale.customer_id else None


def words_of(customer, reason):
    """Nothing is written about somebody who was forgotten."""
    return "" if customer and customer.is_erased else reason


def opened(sale, lines, by):
    """The sale, locked, and its lines by id."""
    sale = locked_again(sale)
    if sale.status not in RETURNABLE:
        state = sale.get_status_display().lower()
        if lines and sale.status == Order.Status.RETURNED:
            text = f"All of {sale.number} has come back already."
            errors = [
                line_error(f"lines.{index}.quantity", ReturnExceedsSold.code, text) for index in range(len(lines))
            ]
            raise ReturnExceedsSold(text, errors=errors)
        raise IllegalTransition(sale.number, state, allowed(sale, by))
    rows = sale.lines.select_related("sku__product").defer("sku__search", "sku__product__search")
    return sale, {line.pk: line for line in rows.order_by("pk")}


@dataclass(kw_only=True)
class Part:
    """What comes back of one line, and what was paid for it."""

    line: OrderLine
    quantity: Decimal
    restock: bool
    path: str
    net: Decimal
    tax: Decimal
    value: Decimal = ZERO

    @property
    def total(self):
        return self.net + self.tax


def parts_of(sale, own, lines):
    refuse_strangers(own, lines)
    too_many = [
        line_error(
            f"lines.{index}.quantity",
            ReturnExceedsSold.code,
            f"{ledger.plain(left(own[back.line]))} of these can still come back, {ledger.plain(back.quantity)} asked.",
            sold=str(own[back.line].quantity),
            returned=str(own[back.line].returned),
            left=str(left(own[back.line])),
        )
        for index, back in enumerate(lines)
        if back.quantity > left(own[back.line])
    ]
    if too_many:
        text = f"{len(too_many)} of {len(lines)} lines are more than was sold and not returned yet."
        raise ReturnExceedsSold(text, errors=too_many)
    return [part(own[back.line], back, f"lines.{index}.quantity") for index, back in enumerate(lines)]


def refuse_strangers(own, lines):
    errors, seen = [], set()
    for index, back in enumerate(lines):
        line = own.get(back.line)
        if line is None:
            errors.append(line_error(f"lines.{index}.line", "not_found", f"The sale has no line {back.line}."))
        elif back.line in seen:
            errors.append(line_error(f"lines.{index}.line", "duplicate", f"Line {back.line} stands here twice."))
        elif error := ledger.wrong_quantity(back.quantity, line.sku, f"lines.{index}.quantity"):
            errors.append(error)
        seen.add(back.line)
    ledger.refuse(errors)


def left(line):
    return line.quantity - line.returned


def part(line, back, path):
    after = line.returned + back.quantity
    paid, paid_before = (share(line.total, pieces, line.quantity) for pieces in (after, line.returned))
    # By what was paid back so far, not by pieces: so the tax of a part is never more than all of it.
    tax = share(line.tax, paid, line.total) - share(line.tax, paid_before, line.total)
    total = paid - paid_before
    return Part(line=line, quantity=back.quantity, restock=back.restock, path=path, net=total - tax, tax=tax)


def share(amount, quantity, whole):
    """What the first so many pieces of a line were paid; all of them together, all of it."""
    if quantity == whole:
        return amount
    return (amount * quantity / whole).quantize(money.CENT, ROUND_DOWN)


# ------------------------------------------------------------------------------------------------ what is paid back


def room_of(sale):
    """How much can go back by each tender, those that paid last first."""
    room, payments = defaultdict(lambda: ZERO), list(sale.payments.order_by("-pk"))
    for payment in payments:
        if payment.kind == Payment.Kind.PAYMENT:
            room[payment.method] += payment.amount
    for payment in payments:
        if payment.kind == Payment.Kind.REFUND:
            room[payment.method] -= payment.amount
    return room


def newest_first(room, amount):
    found = []
    for method, most in room.items():
        some = min(most, amount)
        if some > 0:
            found.append(Tender(method=method, amount=some))
            amount -= some
    return found


def refuse_other_sum(refund, total):
    given = sum((one.amount for one in refund), ZERO)
    if given != total:
        text = f"{total} were paid for these pieces, not {given}."
        ledger.refuse([line_error("refund", "wrong_sum", text, total=str(total), given=str(given))])


def refuse_beyond(refund, room):
    asked = defaultdict(lambda: ZERO)
    for one in refund:
        asked[one.method] += one.amount
    errors = [
        line_error(
            "refund",
            RefundExceedsPaid.code,
            f"{room[method]} can go back by {method}, {amount} asked.",
            method=method,
            left=str(room[method]),
        )
        for method, amount in asked.items()
        if amount > room[method]
    ]
    if errors:
        raise RefundExceedsPaid(errors[0]["message"], errors=errors)


def together(*tenders):
    """One row for each tender, and for each slip of it."""
    sums = defaultdict(lambda: ZERO)
    for one in (one for some in tenders for one in some):
        sums[one.method, one.reference] += one.amount
    return [Tender(method=method, amount=amount, reference=reference) for (method, reference), amount in sums.items()]


# ------------------------------------------------------------------------------------------------ writing it down


def settle(sale, own, back, refund, by, *, reason, till_session, exchanged_for=None):
    now = timezone.now()
    worth(sale, back)
    returned = SaleReturn.objects.create(
        sale=sale,
        location=sale.location,
        exchanged_for=exchanged_for,
        occurred_at=now,
        business_date=ledger.business_date(now, sale.location),
        total=sum((part.total for part in back), ZERO),
        tax=sum((part.tax for part in back), ZERO),
        reason=reason,
        created_by=by,
        updated_by=by,
    )
    SaleReturnLine.objects.bulk_create(
        SaleReturnLine(
            sale_return=returned,
            line=part.line,
            quantity=part.quantity,
            restock=part.restock,
            net=part.net,
            tax=part.tax,
            value=part.value,
        )
        for part in back
    )
    for part in back:
        part.line.returned += part.quantity
    rewrite([part.line for part in back], ["returned"])
    refunds = Payment.objects.bulk_create(
        Payment(
            order=sale,
            kind=Payment.Kind.REFUND,
            method=one.method,
            amount=one.amount,
            reference=one.reference,
            sale_return=returned,
            at=now,
            by=by,
        )
        for one in together(refund)
    )
    sale.refunded += returned.total
    is_whole = all(line.returned == line.quantity for line in own.values())
    status = Order.Status.RETURNED if is_whole else Order.Status.PARTLY_RETURNED
    changes = {"return": returned.number, "refund": str(returned.total)}
    # The reason stands on the return, where it can be taken out once its customer is forgotten.
    move_on(sale, status, by, kind="returned", changes=changes)
    ledger.take_back(
        location=sale.location, lines=restocked(back), document=returned.number, by=by, occurred_at=returned.occurred_at
    )
    tills.record(map(partial(paying.taking, session=till_session), refunds), by=by)
    return returned


def worth(sale, back):
    """Goods come back at the cost they left with: the share of it that these pieces had, to the cent."""
    left_with = dict(
        StockMovement.objects.filter(
            document=sale.number, reason=Reason.SALE, sku__in=[part.line.sku_id for part in back]
        ).values_list("sku", "value_change")
    )
    for part in back:
        value = -left_with[part.line.sku_id]
        before = part.line.returned
        part.value = share(value, before + part.quantity, part.line.quantity) - share(value, before, part.line.quantity)


def restocked(back):
    return [
        ledger.Line(sku=part.line.sku, quantity=part.quantity, value=part.value, path=part.path)
        for part in back
        if part.restock
    ]
