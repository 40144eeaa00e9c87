"""Custom orders: taken down, changed, moved on until they are handed over or called off.

Goods are promised when an order is made, and leave when it is completed. Its prices are those of the day it was made.
"""

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from boutique import mail
from boutique.documents import Move, allowed_actions, anybody, begin, locked_again, move_on, note_down, opened
from boutique.errors import Forbidden, IllegalTransition, RuleError, line_error
from inventory.services import alerts, ledger
from orders import money
from orders.models import Order, OrderLine
from orders.models.orders import STEPS
from orders.services import agreeing, customers, holding, measurements

Status = Order.Status


class BalanceDue(RuleError):
    code = "balance_due"
    title = "Not paid yet"


class DepositDue(RuleError):
    code = "deposit_due"
    title = "The deposit is not paid"


# ------------------------------------------------------------------------------------------------ what may happen


def paid_or_trusted(order, by):
    if order.balance > 0 and not by.has_perm("orders.release_unpaid"):
        text = f"{order.balance} are due. Take the payment first, or let a manager hand it over."
        raise BalanceDue(text, balance=str(order.balance))


def unpaid_or_trusted(order, by):
    if order.paid > 0 and not by.has_perm("orders.cancel_paid_order"):
        raise Forbidden(f"{order.paid} were paid for {order.number}. A manager cancels it.")


def deposit_or_free(order, by):
    if settings.BOUTIQUE_ENFORCE_DEPOSIT and (missing := deposit_missing(order)):
        raise DepositDue(f"{missing} are missing of the deposit. Take the payment first.", missing=str(missing))


RULES = {
    Status.IN_PROGRESS: deposit_or_free,
    Status.COMPLETED: paid_or_trusted,
    Status.CANCELLED: unpaid_or_trusted,
}
# By the state they lead to: that is what a client asks for.
MOVES = {
    status.value: Move(
        of=[before for before, after in STEPS.items() if status in after],
        needs="orders.cancel_order" if status == Status.CANCELLED else "orders.move_order",
        rule=RULES.get(status, anybody),
    )
    for status in Status
}


def deposit_missing(order):
    """How much of the deposit has not been paid; small orders need none."""
    if order.total < settings.BOUTIQUE_DEPOSIT_FREE_BELOW:
        return money.ZERO
    return max(money.percentage(settings.BOUTIQUE_DEPOSIT_PERCENT, order.total) - order.paid, money.ZERO)


def warnings_of(order):
    """What to look at before going on. It stops nobody."""
    if not order.is_open:
        return []
    found = []
    if missing := deposit_missing(order):
        text = f"{missing} are missing of the deposit of {settings.BOUTIQUE_DEPOSIT_PERCENT} %."
        found.append(line_error("paid", DepositDue.code, text, missing=str(missing)))
    if order.status == Status.READY and order.measurement_id and order.fitted_at is None:
        found.append(line_error("status", "not_fitted", "It was cut to measure and never tried on."))
    return found


# ------------------------------------------------------------------------------------------------ taking down


@transaction.atomic
def make(*, customer, location, delivery_date, lines, by, discount=money.ZERO, note="", measurement=None):
    """A new order. Its goods are promised to it at once: all of them, or none where one is short."""
    ledger.refuse([*closed(location), *past(delivery_date, location), *of_somebody_else(measurement, customer)])
    drafts = agreeing.drafted(lines, {}, location)
    order = Order(
        customer=customer,
        location=location,
        delivery_date=delivery_date,
        note=note,
        discount=discount,
        prices_include_tax=settings.BOUTIQUE_PRICES_INCLUDE_TAX,
        created_by=by,
        updated_by=by,
    )
    agreeing.add_up(order, drafts)
    agreeing.refuse_bargains(order, drafts, by)
    customers.seen_in(customer=customer, location=location)
    cut_to(order, measurement)
    order.save()
    keep(order, drafts)
    opened(order, by, changes={"total": str(order.total)})
    holding.settle(order, drafts, by, held={})
    return order


def closed(location):
    if not location.is_active:
        yield line_error("location", "inactive", f"{location} has closed.")


def past(day, location):
    if day < location.today:
        yield line_error("delivery_date", "past", "This day is over.")


def of_somebody_else(measurement, customer):
    if measurement is not None and measurement.customer_id != customer.pk:
        yield line_error("measurement", "invalid", f"These are not the measurements of {customer}.")


def cut_to(order, measurement):
    """What the order is cut to stays what it was, whatever is measured later."""
    order.measurement = measurement
    order.cut_to = measurements.snapshot(measurement) if measurement else {}


def keep(order, lines):
    for line in lines:
        line.order = order
    new, changed = [line for line in lines if line.pk is None], [line for line in lines if agreeing.is_changed(line)]
    OrderLine.objects.bulk_create(new)
    OrderLine.objects.bulk_update(changed, ["sku", *(name for name in agreeing.KEPT if name != "sku_id")])


# ------------------------------------------------------------------------------------------------ changing


@transaction.atomic
def change(*, order, by, lines=None, discount=None, **details):
    """Its day, note and measurements while it is open; all its `lines`, and its discount, until work begins."""
    order = locked_again(order)
    refuse_closed(order, by)
    day = details.get("delivery_date", order.delivery_date)
    ledger.refuse(
        [
            *(past(day, order.location) if day != order.delivery_date else ()),
            *of_somebody_else(details.get("measurement"), order.customer),
        ]
    )
    if order.is_overdue and day != order.delivery_date:
        alerts.no_longer_overdue(document=order.number)
    changes, holds_more = dict(changed_details(order, details)), False
    if lines is not None or discount is not None:
        told, holds_more = agree_anew(order, lines, discount, by)
        changes |= told
    if changes or holds_more:
        order.updated_by = by
        order.save()
    if changes:
        note_down(order, by, kind="changed", changes=changes)
    if holds_more:
        note_down(order, by, kind="reserved")
    return order


@transaction.atomic
def measure(*, order, customer, by, **taken):
    """New measurements of the customer, and the order is cut to them."""
    if order.customer_id != customer.pk:
        text = f"{order.number} is not an order of {customer}."
        ledger.refuse([line_error("order", "invalid", text)])
    made = measurements.take(customer=customer, by=by, **taken)
    change(order=order, measurement=made, by=by)
    return made


def refuse_closed(order, by):
    if not order.is_open:
        raise IllegalTransition(order.number, order.get_status_display().lower(), allowed(order, by))


def changed_details(order, details):
    """Sets what is new, and tells the timeline."""
    if "delivery_date" in details and details["delivery_date"] != order.delivery_date:
        yield "delivery_date", [str(order.delivery_date), str(details["delivery_date"])]
        order.delivery_date = details["delivery_date"]
    if "note" in details and details["note"] != order.note:
        yield "note", None  # that it changed: what people write about people is not kept for ever
        order.note = details["note"]
    if "measurement" in details and details["measurement"] != order.measurement:
        yield "measurement", [order.measurement_id, getattr(details["measurement"], "pk", None)]
        cut_to(order, details["measurement"])


def agree_anew(order, sent, discount, by):
    """Other lines, or another discount; the shelves are asked for the differences only.

    What the timeline is to be told, and whether lines that are as they were hold goods that have come in since.
    """
    if not order.is_editable:
        state, because = order.get_status_display().lower(), "what was agreed stays, now that work has begun"
        raise IllegalTransition(order.number, state, allowed(order, by), because=because)
    own = {line.pk: line for line in lines_of(order)}
    before = {pk: agreeing.remembered(line) for pk, line in own.items()}
    was = {name: getattr(order, name) for name in ("discount", "total")}
    given_before = agreeing.discounts_of(order, own.values())
    sent = [{"id": pk} for pk in own] if sent is None else sent
    drafts = agreeing.drafted(sent, own, order.location)
    order.discount = order.discount if discount is None else discount
    agreeing.add_up(order, drafts)
    agreeing.refuse_bargains(order, drafts, by, before=given_before)
    order.lines.exclude(pk__in=[line.pk for line in drafts if line.pk]).delete()
    keep(order, drafts)
    has_moved = holding.settle(order, drafts, by)
    now = {name: getattr(order, name) for name in was}
    told = {name: [str(was[name]), str(now[name])] for name in was if was[name] != now[name]}
    if lines := agreeing.differences(before, drafts):
        told["lines"] = lines
    if agreeing.is_rearranged(before, drafts):
        told["rearranged"] = [line.pk for line in drafts]
    return told, has_moved and not agreeing.asks_for_other_goods(before, drafts)


def lines_of(order):
    rows = order.lines.select_related("sku__product").defer("sku__search", "sku__product__search")
    return rows.order_by("position", "pk")


@transaction.atomic
def reserve(*, order, by):
    """Goods have come in: what waits for them holds what there is. 409 if none of it is there."""
    order = locked_again(order)
    refuse_closed(order, by)
    lines = list(lines_of(order))
    if holding.waits(order, lines):
        if not holding.settle(order, lines, by):
            holding.settle(order, lines, by, is_due=True)  # which says what is short
        order.updated_by = by
        order.save()
        note_down(order, by, kind="reserved")
    return order


# ------------------------------------------------------------------------------------------------ moving on


@transaction.atomic
def move(*, order, status, by, note=""):
    """On to another state; MOVES says from where."""
    if not by.has_perm(MOVES[status].needs):
        raise Forbidden("Your role does not allow you to do this.")
    order = begin(order, status, by, MOVES)
    changes = {}
    if status == Status.COMPLETED:
        holding.hand_over(order, list(lines_of(order)), by)
        if order.balance > 0:
            changes["released_unpaid"] = str(order.balance)
    elif status == Status.CANCELLED:
        holding.let_all_go(order, by)
    elif status == Status.FITTING:
        order.fitted_at = timezone.now()
    if status not in STEPS and order.is_overdue:
        alerts.no_longer_overdue(document=order.number)
    if status in LETTERS and tell(order, status):
        changes["mail"] = status
    move_on(order, status, by, kind=status, note=note, changes=changes)
    return order


def cancel(*, order, by, reason):
    """Called off: its goods are free again. What was paid is paid back by a refund."""
    return move(order=order, status=Status.CANCELLED, by=by, note=reason)


def allowed(order, by):
    return allowed_actions(order, by, MOVES)


def alert_overdue():
    """An alert for each order whose day is over; it goes once the order is done, called off, or has another day."""
    for pk in Order.objects.custom().overdue().order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            # Under its lock: somebody may just be handing it over.
            order = Order.objects.select_for_update(no_key=True, of=("self",)).get(pk=pk)
            if order.is_overdue:
                alerts.overdue(document=order.number, location=order.location)


LETTERS = {Status.CONFIRMED, Status.READY}


def tell(order, template):
    """A letter about their own order needs no consent to news; whoever gave no address gets none."""
    customer = order.customer
    if not (settings.BOUTIQUE_CUSTOMER_MAIL and customer.email):
        return False
    words = {
        "name": customer.name,
        "number": order.number,
        "place": order.location.name,
        "day": str(order.delivery_date),
        "total": f"{order.total} {settings.BOUTIQUE_CURRENCY}",
        "balance": f"{order.balance} {settings.BOUTIQUE_CURRENCY}" if order.balance > 0 else "",
    }
    mail.send(f"orders/{template}", customer.email, words)
    return True
