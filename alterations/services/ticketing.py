"""Tickets: garments taken in, what is to be done to them, the promised day, and what it all comes to.

A ticket's state and sum follow from its garments. The ticket is always locked before them.
"""

import datetime
from collections import defaultdict
from dataclasses import dataclass, field

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from alterations.models import Garment, GarmentService, Ticket
from alterations.models.tickets import MADE_OF, SHOP_CAUSES, TO_DO
from alterations.services import lines, planning
from boutique.documents import locked_again, note_down, opened
from boutique.errors import IllegalTransition, RuleError, line_error
from boutique.models import DocumentEvent
from inventory.services import alerts, ledger
from orders import money
from orders.services import customers
from orders.services.ordering import closed, deposit_missing

TOLERANCE = 20  # percent that it may cost more than was said when it was taken in


class WarrantyOver(RuleError):
    code = "warranty_over"
    title = "Not under warranty"


class WarrantyOpen(RuleError):
    code = "warranty_open"
    title = "Worked on already"


@dataclass(kw_only=True)
class Piece:
    """A garment that is about to be taken in, with its lines."""

    garment: Garment
    lines: list = field(default_factory=list)


# ------------------------------------------------------------------------------------------------ taking in


@transaction.atomic
def take_in(*, customer, location, garments, by, order=None, promised_on=None, is_rush=False, note=""):
    """Garments of one customer come in. Without a day the earliest possible is promised; with no tailor, none."""
    ledger.refuse(
        [
            *closed(location),
            *past(promised_on, location),
            *of_somebody_else(order, customer),
            *unfit(garments),
        ]
    )
    pieces = drafted(garments, location, by)
    refuse_bargains(pieces, by)
    customers.seen_in(customer=customer, location=location)
    refuse_warranties(pieces, customer)
    ticket = Ticket(
        customer=customer,
        location=location,
        order=order,
        promised_on=promised_on or earliest(location, pieces, rush=is_rush),
        is_rush=is_rush,
        note=note,
        created_by=by,
        updated_by=by,
    )
    ticket.subtotal = ticket.estimate = sum((line.total for piece in pieces for line in piece.lines), money.ZERO)
    ticket.rush_fee = lines.rush_fee(ticket.subtotal) if is_rush else money.ZERO
    ticket.save()
    keep(ticket, pieces, by)
    opened(ticket, by, changes={"garments": len(pieces), "promised_on": day(ticket.promised_on)})
    return ticket


def drafted(garments, location, by):
    catalogue = lines.priced([line for sent in garments for line in sent["services"]], location)
    done = done_before([sent.get("warranty_of") for sent in garments])
    return [piece(sent, catalogue, done, by) for sent in garments]


def done_before(garments):
    """The services that were done to these, by garment: what a warranty is about."""
    done, ids = defaultdict(set), [garment.pk for garment in garments if garment is not None]
    for garment, service in GarmentService.objects.filter(garment__in=ids).values_list("garment", "service"):
        done[garment].add(service)
    return done


def under_warranty(garment, done):
    """The shop's own mistakes are put right for nothing; other work on the same garment costs what it costs."""
    return done[garment.warranty_of_id] if garment.cause in SHOP_CAUSES else set()


def piece(sent, catalogue, done, by):
    described = {name: value for name, value in sent.items() if name != "services"}
    garment = Garment(created_by=by, updated_by=by, **described)
    free = under_warranty(garment, done)
    return Piece(garment=garment, lines=lines.drafted(sent["services"], catalogue, garment.fabrics, free=free))


def keep(ticket, pieces, by):
    """As many statements for twenty garments as for one."""
    for one in pieces:
        one.garment.ticket = ticket
    made = Garment.objects.bulk_create([one.garment for one in pieces])
    for one in pieces:
        for line in one.lines:
            line.garment = one.garment
    GarmentService.objects.bulk_create([line for one in pieces for line in one.lines])
    DocumentEvent.objects.bulk_create(
        DocumentEvent(document=garment.number, by=by, kind="received", after=garment.status) for garment in made
    )


def unfit(garments):
    for index, sent in enumerate(garments):
        yield from lines.unfit(sent["services"], f"garments.{index}.services")
        if (sent.get("warranty_of") is None) != (not sent.get("cause")):
            text = "A garment under warranty names both: the garment it was (warranty_of) and what was wrong (cause)."
            yield line_error(f"garments.{index}.cause", "required", text)


def refuse_bargains(pieces, by):
    drafts, paths = [], []
    for index, one in enumerate(pieces):
        for number, line in enumerate(one.lines):
            drafts.append(line)
            paths.append(f"garments.{index}.services.{number}")
    lines.refuse_bargains(drafts, by, paths)


def refuse_warranties(pieces, customer):
    """Within so many days of being handed over, to whom it was, and one at a time."""
    for index, one in enumerate(pieces):
        if (old := one.garment.warranty_of) is not None:
            path = f"garments.{index}.warranty_of"
            old = Garment.objects.select_for_update(no_key=True, of=("self",)).select_related("ticket").get(pk=old.pk)
            if old.ticket.customer_id != customer.pk:
                ledger.refuse([line_error(path, "invalid", f"{old.number} is not a garment of {customer}.")])
            refuse_late(old, path)
            if old.warranties.filter(status__in=[*TO_DO, "quality_check", "ready"]).exists():
                text = f"{old.number} is being worked on again already."
                raise WarrantyOpen(text, errors=[line_error(path, WarrantyOpen.code, text)])


def refuse_late(old, path):
    days = settings.BOUTIQUE_WARRANTY_DAYS
    if old.status != Garment.Status.COLLECTED:
        text = f"{old.number} is {old.get_status_display().lower()}. Only what was collected has a warranty."
    elif old.collected_at < timezone.now() - datetime.timedelta(days=days):
        text = f"{old.number} was collected more than {days} days ago. Take it in without warranty_of."
    else:
        return
    raise WarrantyOver(text, errors=[line_error(path, WarrantyOver.code, text)])


def earliest(location, pieces, *, rush):
    """None where there is nobody to sew it: the garment is there all the same."""
    wanted = [{"garment_type": one.garment.garment_type, "lines": one.lines} for one in pieces]
    try:
        return planning.earliest(location=location, rush=rush, garments=wanted).promised_on
    except planning.NoTailor:
        return None


def past(promised_on, location):
    if promised_on is not None and promised_on < location.today:
        yield line_error("promised_on", "past", "This day is over.")


def of_somebody_else(order, customer):
    if order is not None and order.customer_id != customer.pk:
        yield line_error("order", "invalid", f"{order.number} is not an order of {customer}.")


def day(promised_on):
    return promised_on and str(promised_on)


# ------------------------------------------------------------------------------------------------ changing


@transaction.atomic
def change(*, ticket, by, reason="", told_customer=False, **details):
    """Another promise, haste, note. A promise is never overwritten without a line that says what it was and why."""
    ticket = locked_again(ticket)
    refuse_closed(ticket)
    if details.get("promised_on", ticket.promised_on) != ticket.promised_on:
        ledger.refuse(past(details["promised_on"], ticket.location))
        if ticket.is_overdue:
            alerts.no_longer_overdue(document=ticket.number)
    changes = dict(changed(ticket, details))
    if changes:
        if "promised_on" in changes:
            changes["told_customer"] = told_customer
        settle(ticket, by)
        note_down(ticket, by, kind="changed", note=reason, changes=changes)
    return ticket


def changed(ticket, details):
    for name in ("promised_on", "is_rush"):
        if name in details and details[name] != getattr(ticket, name):
            was = getattr(ticket, name)
            yield name, [day(was), day(details[name])] if name == "promised_on" else [was, details[name]]
            setattr(ticket, name, details[name])
    if "note" in details and details["note"] != ticket.note:
        yield "note", None  # that it changed: what people write about people is not kept for ever
        ticket.note = details["note"]


def refuse_closed(ticket):
    if not ticket.is_open:
        raise IllegalTransition(ticket.number, ticket.get_status_display().lower(), [])


@transaction.atomic
def add_garment(*, ticket, by, **sent):
    """One more piece that came with the others."""
    customers.seen_in(customer=ticket.customer, location=ticket.location)
    ticket = locked_again(ticket)
    refuse_closed(ticket)
    ledger.refuse(unfit([sent]))
    pieces = drafted([sent], ticket.location, by)
    refuse_bargains(pieces, by)
    refuse_warranties(pieces, ticket.customer)
    keep(ticket, pieces, by)
    settle(ticket, by)
    note_down(ticket, by, kind="garment_added", changes={"garment": pieces[0].garment.pk})
    return pieces[0].garment


@transaction.atomic
def change_garment(*, garment, by, services=None, **details):
    """How it is described; and while it is on the bench or before it, all that is to be done to it."""
    ticket, garment = both_locked(garment)
    if services is not None or "fabrics" in details:
        refuse_done(garment)
    changes = [name for name, value in details.items() if getattr(garment, name) != value]
    for name in changes:
        setattr(garment, name, details[name])
    if services is not None:
        garment.services.all().delete()
        put(garment, ticket, services, by)
        changes.append("services")
    if changes:
        garment.updated_by = by
        garment.save()
        settle(ticket, by)
        note_down(garment, by, kind="changed", changes=dict.fromkeys(changes))
    return garment


@transaction.atomic
def add_services(*, garment, services, by):
    """More work on a garment, at the catalogue's price of today. `services`: {"service", "quantity", "price", "note"}
    each, of which the first is enough."""
    ticket, garment = both_locked(garment)
    refuse_done(garment)
    made = put(garment, ticket, services, by)
    garment.updated_by = by
    garment.save()
    settle(ticket, by)
    note_down(garment, by, kind="services_added", changes={"services": [line.code for line in made]})
    return garment


def put(garment, ticket, services, by):
    there = [line.service for line in garment.services.select_related("service").order_by("pk")]
    ledger.refuse(lines.unfit(services, "services", beside=there))
    catalogue = lines.priced(services, ticket.location)
    free = under_warranty(garment, done_before([garment.warranty_of]))
    made = lines.drafted(services, catalogue, garment.fabrics, beside=there, free=free)
    lines.refuse_bargains(made, by, [f"services.{index}" for index in range(len(made))])
    for line in made:
        line.garment = garment
    return GarmentService.objects.bulk_create(made)


def refuse_done(garment):
    # On hold, it is as far as it was before.
    so_far = garment.held_from if garment.status == Garment.Status.ON_HOLD else garment.status
    if so_far not in TO_DO:
        because = "what was to be done to it is done"
        raise IllegalTransition(garment.number, garment.get_status_display().lower(), [], because=because)


def both_locked(garment):
    """The ticket first, as everywhere."""
    ticket = locked_again(garment.ticket)
    garment = locked_again(garment)
    garment.ticket = ticket
    return ticket, garment


# ------------------------------------------------------------------------------------------------ what it comes to


def settle(ticket, by):
    """State and sum of a locked ticket, as its garments now make them."""
    before = ticket.status
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT made.subtotal, made.status FROM alterations_ticket ticket CROSS JOIN LATERAL ({MADE_OF}) made "  # noqa: S608
            "WHERE ticket.id = %s",
            [ticket.pk],
        )
        ticket.subtotal, ticket.status = cursor.fetchone()
    ticket.rush_fee = lines.rush_fee(ticket.subtotal) if ticket.is_rush else money.ZERO
    ticket.updated_by = by
    ticket.save()
    if ticket.status != before:
        note_down(ticket, by, kind="status", before=before, after=ticket.status)
        if not ticket.is_overdue:
            alerts.no_longer_overdue(document=ticket.number)
    return ticket


def warnings_of(ticket):
    """What to look at before going on. It stops nobody."""
    if not ticket.is_open:
        return
    if missing := deposit_missing(ticket):
        text = f"{missing} are missing of the deposit of {settings.BOUTIQUE_DEPOSIT_PERCENT} %."
        yield line_error("paid", "deposit_due", text, missing=str(missing))
    if ticket.promised_on is None:
        text = "No day is promised: nobody there can sew it. Give the place a tailor, then set promised_on."
        yield line_error("promised_on", planning.NoTailor.code, text)
    if ticket.subtotal > ticket.estimate * (100 + TOLERANCE) / 100 and ticket.estimate:
        text = f"It was {ticket.estimate} when it was taken in. Ask the customer before work goes on."
        yield line_error("total", "above_estimate", text, estimate=str(ticket.estimate))


def alert_overdue():
    """An alert for each ticket whose day is over; it goes once it is ready, given back, or promised anew."""
    for pk in Ticket.objects.overdue().order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            # Under its lock: the last garment may just be passed.
            ticket = Ticket.objects.select_for_update(no_key=True, of=("self",)).select_related("location").get(pk=pk)
            if ticket.is_overdue:
                alerts.overdue(document=ticket.number, location=ticket.location)
