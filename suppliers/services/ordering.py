"""What is ordered from suppliers: drafts, sending them, calling them off."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from boutique.documents import Move, allowed_actions, begin, move_on, note_down, opened
from boutique.errors import IllegalTransition, line_error
from boutique.models import rewrite
from inventory.services import alerts, ledger
from inventory.services.lines import twice, unfit
from skus.models import Sku
from suppliers.models import PurchaseLine, PurchaseOrder, SupplierSku
from suppliers.services import terms

Status = PurchaseOrder.Status
CAME = [Status.PARTLY_RECEIVED, Status.RECEIVED, Status.CLOSED]
AWAITED = [Status.SENT, Status.PARTLY_RECEIVED]
MOVES = {
    "send": Move(of=[Status.DRAFT], needs="suppliers.send_purchaseorder"),
    "receive": Move(of=AWAITED, needs="suppliers.receive_purchaseorder"),
    "close": Move(of=[Status.PARTLY_RECEIVED], needs="suppliers.close_purchaseorder"),
    "cancel": Move(of=[Status.DRAFT, Status.SENT], needs="suppliers.cancel_purchaseorder"),
    "return": Move(of=CAME, needs="suppliers.return_purchaseorder"),
    "costs": Move(of=CAME, needs="suppliers.add_purchasecost"),
    "change": Move(of=[Status.DRAFT, *AWAITED], needs="suppliers.change_purchaseorder"),
    "delete": Move(of=[Status.DRAFT], needs="suppliers.delete_purchaseorder"),
}
# What may still be put right once the supplier has the order.
AFTER_SENDING = {"expected_on", "note"}


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """So much of one SKU at a price; without one, at the supplier's. `line`: the id of a line that stays."""

    quantity: Decimal | None = None
    sku: Sku | None = None
    unit_cost: Decimal | None = None
    line: int | None = None


# ------------------------------------------------------------------------------------------------ drafts


@transaction.atomic
def draft(*, supplier, location, lines, by, expected_on=None, note="", at_once=False):
    """An order that nobody has sent yet: it promises nothing and is not awaited."""
    terms.refuse_archived(supplier)
    refuse_unfit(lines, location)
    lines = priced(lines, supplier)
    order = PurchaseOrder.objects.create(
        supplier=supplier,
        location=location,
        expected_on=expected_on,
        note=note,
        at_once=at_once,
        created_by=by,
        updated_by=by,
    )
    PurchaseLine.objects.bulk_create(new_line(order, line) for line in lines)
    opened(order, by, note=note)
    return order


def new_line(order, wanted):
    return PurchaseLine(order=order, sku=wanted.sku, ordered=wanted.quantity, unit_cost=wanted.unit_cost)


def refuse_unfit(lines, location):
    ledger.refuse([*twice(lines), *unfit(lines, location)])


def priced(lines, supplier):
    """Each with its unit cost: as it was written, or else what the supplier takes for it."""
    missing = [line.sku.pk for line in lines if line.unit_cost is None]
    known = SupplierSku.objects.filter(supplier=supplier, sku__in=missing, unit_cost__isnull=False) if missing else ()
    costs = {price.sku_id: price.unit_cost for price in known}
    found = [replace(line, unit_cost=costs.get(line.sku.pk)) if line.unit_cost is None else line for line in lines]
    text = "Say what a piece costs: this supplier's price for it is not known."
    ledger.refuse(
        line_error(f"lines.{index}.unit_cost", "required", text)
        for index, line in enumerate(found)
        if line.unit_cost is None
    )
    return found


@transaction.atomic
def change(*, order, by, lines=None, **fields):
    """A draft in all its parts. Once it is sent, the day it is expected on and its note."""
    order = begin(order, "change", by, MOVES)
    changes = {name: value for name, value in fields.items() if getattr(order, name) != value}
    if order.status != Status.DRAFT and (lines is not None or changes.keys() - AFTER_SENDING):
        allowed = allowed_actions(order, by, MOVES)
        raise IllegalTransition(f"{order}, of which only the day and the note are changed now,", order.status, allowed)
    said = {name: [plain(getattr(order, name)), plain(value)] for name, value in changes.items()}
    for name, value in changes.items():
        setattr(order, name, value)
    if "supplier" in changes:
        terms.refuse_archived(order.supplier)
    if lines is not None:
        said["lines"] = put_lines(order, lines)
    elif "location" in changes:
        refuse_unfit([Wanted(sku=line.sku, quantity=line.ordered) for line in lines_of(order).values()], order.location)
    order.updated_by = by
    order.save()
    if "expected_on" in changes:
        alerts.no_longer_overdue(document=order.number)
    note_down(order, by, kind="changed", changes=said)
    return order


def plain(value):
    """For the timeline: what JSON can hold."""
    return getattr(value, "pk", None) or (None if value is None else str(value))


def put_lines(order, lines):
    """These are all its lines now. Says how many there were and are."""
    own = lines_of(order)
    lines = recognised(lines, own)
    refuse_unfit(lines, order.location)
    lines = priced(lines, order.supplier)
    stay = {wanted.line: wanted for wanted in lines if wanted.line is not None}
    order.lines.exclude(pk__in=stay).delete()
    for pk, wanted in stay.items():
        own[pk].ordered, own[pk].unit_cost = wanted.quantity, wanted.unit_cost
    rewrite([own[pk] for pk in stay], ["ordered", "unit_cost"])
    PurchaseLine.objects.bulk_create(new_line(order, wanted) for wanted in lines if wanted.line is None)
    return [len(own), len(lines)]


def recognised(lines, own):
    """Lines that stay know their SKU, and what was not said of them anew."""
    errors, found, seen = [], [], set()
    for index, wanted in enumerate(lines):
        mine = own.get(wanted.line)
        if wanted.line is None:
            found.append(wanted)
        elif mine is None:
            errors.append(line_error(f"lines.{index}.id", "not_found", "This is no line of this order."))
        elif wanted.line in seen:
            errors.append(line_error(f"lines.{index}.id", "duplicate", "This line stands here twice."))
        elif wanted.sku not in (None, mine.sku):
            text = f"This line is about {mine.sku}. Leave its id out to order something else."
            errors.append(line_error(f"lines.{index}.sku", "invalid", text))
        else:
            found.append(
                replace(
                    wanted,
                    sku=mine.sku,
                    quantity=mine.ordered if wanted.quantity is None else wanted.quantity,
                    unit_cost=mine.unit_cost if wanted.unit_cost is None else wanted.unit_cost,
                )
            )
        seen.add(wanted.line)
    ledger.refuse(errors)
    return found


def lines_of(order):
    """Locked, in one order: whoever changes a line has its order already."""
    rows = order.lines.with_goods().select_for_update(no_key=True, of=("self",)).order_by("pk")
    return {line.pk: line for line in rows}


@transaction.atomic
def delete(*, order, by):
    """A draft that was never sent leaves nothing behind but its number and its timeline."""
    order = begin(order, "delete", by, MOVES)
    note_down(order, by, kind="deleted")
    order.lines.all().delete()
    order.delete()


# ------------------------------------------------------------------------------------------------ sending


@transaction.atomic
def send(*, order, by, note=""):
    """The supplier has it from now on: its goods are on their way, and are shown as such."""
    order = begin(order, "send", by, MOVES)
    terms.refuse_archived(order.supplier)
    own = lines_of(order)
    ledger.refuse(
        error
        for index, line in enumerate(own.values())
        if (error := ledger.out_of_use(line.sku, order.location, f"lines.{index}.quantity"))
    )
    ledger.expect(location=order.location, skus=[line.sku for line in own.values()])
    order.sent_at = timezone.now()
    if order.expected_on is None and not order.at_once:
        order.expected_on = day_expected(order, own.values())
    move_on(order, Status.SENT, by, kind="sent", note=note)
    return order


def day_expected(order, lines):
    """By the longest lead time among its goods; None where nobody knows one."""
    own = SupplierSku.objects.filter(supplier=order.supplier, sku__in=[line.sku_id for line in lines])
    own = dict(own.exclude(lead_time_days=None).values_list("sku", "lead_time_days"))
    times = [own.get(line.sku_id, order.supplier.lead_time_days) for line in lines]
    known = [days for days in times if days is not None]
    return ledger.business_date(order.sent_at, order.location) + timedelta(days=max(known)) if known else None


@transaction.atomic
def cancel(*, order, by, note=""):
    """Called off before anything came."""
    order = begin(order, "cancel", by, MOVES)
    finish(order, Status.CANCELLED, by, kind="cancelled", note=note)
    return order


@transaction.atomic
def close(*, order, by, note=""):
    """The rest will not come."""
    order = begin(order, "close", by, MOVES)
    finish(order, Status.CLOSED, by, kind="closed", note=note)
    return order


def finish(order, status, by, *, kind, note):
    order.finished_on = ledger.business_date(timezone.now(), order.location)
    give_up_the_rest(order)
    move_on(order, status, by, kind=kind, note=note)
    alerts.no_longer_overdue(document=order.number)


def alert_overdue():
    """An alert for each delivery whose day is over; it goes once the last has come, or has another day."""
    for pk in PurchaseOrder.objects.overdue(timezone.localdate()).order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            # Under its lock: somebody may just be receiving it.
            rows = PurchaseOrder.objects.select_related("location").select_for_update(no_key=True, of=("self",))
            order = rows.get(pk=pk)
            if order.is_overdue:
                alerts.overdue(document=order.number, location=order.location)


def give_up_the_rest(order):
    order.lines.filter(outstanding__gt=0).update(closed=F("closed") + F("outstanding"))
