"""One garment on its way: pinned, given to a tailor, sewn, checked by somebody else, handed over.

Tailors move their own work; the shop moves all of it.
"""

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from alterations.models import Garment
from alterations.models.tickets import OPEN, SHOP_CAUSES, sees_own_work_only
from alterations.services import planning, ticketing
from boutique.documents import Move, allowed_actions, begin, locked_again, move_on
from boutique.errors import Forbidden, IllegalTransition, Invalid, OwnRequest, RuleError, line_error
from orders import money
from orders.services.ordering import BalanceDue, deposit_or_free, paid_or_trusted

Status = Garment.Status


class NotSkilled(RuleError):
    code = "not_skilled"
    title = "Not their work"


# ------------------------------------------------------------------------------------------------ what may happen


def own_or_shop(garment, by):
    if sees_own_work_only(by) and garment.tailor_id != by.pk:
        raise Forbidden(f"{garment.number} is not yours to work on.")


def pinned_first(garment, by):
    """What needs a fitting is pinned before it is cut; so is what nobody has said yet what to do with."""
    lines = list(garment.services.all())
    if garment.status == Status.RECEIVED and (not lines or any(line.needs_fitting for line in lines)):
        because = "it needs a fitting, pin it first" if lines else "nobody has said what to do, pin it first"
        raise IllegalTransition(garment.number, "received", ["pin"], because=because)
    deposit_or_free(garment.ticket, by)


def not_its_tailor(garment, by):
    if garment.tailor_id == by.pk:
        raise OwnRequest("You sewed this yourself. Somebody else must look at it.")


def paid(garment, by):
    paid_or_trusted(garment.ticket, by)


def begun_by_manager(garment, by):
    if garment.started_at and not by.has_perm("alterations.cancel_begun_garment"):
        raise Forbidden(f"Work on {garment.number} has begun. A manager gives it back.")


MOVES = {
    "pin": Move(of=[Status.RECEIVED], needs="alterations.pin_garment"),
    "assign": Move(
        of=[Status.RECEIVED, Status.PINNED, Status.ASSIGNED, Status.IN_PROGRESS],
        needs="alterations.assign_garment",
        rule=pinned_first,
    ),
    "decline": Move(of=[Status.ASSIGNED], needs="alterations.work_garment", rule=own_or_shop),
    "start": Move(of=[Status.ASSIGNED], needs="alterations.work_garment", rule=own_or_shop),
    "hold": Move(
        of=[state for state in OPEN if state != Status.ON_HOLD], needs="alterations.work_garment", rule=own_or_shop
    ),
    "resume": Move(of=[Status.ON_HOLD], needs="alterations.work_garment", rule=own_or_shop),
    "finish": Move(of=[Status.IN_PROGRESS], needs="alterations.work_garment", rule=own_or_shop),
    "pass": Move(of=[Status.QUALITY_CHECK], needs="alterations.check_garment", rule=not_its_tailor),
    "rework": Move(of=[Status.QUALITY_CHECK, Status.READY], needs="alterations.check_garment", rule=not_its_tailor),
    "collect": Move(of=[Status.READY], needs="alterations.collect_garment", rule=paid),
    "cancel": Move(of=OPEN, needs="alterations.cancel_garment", rule=begun_by_manager),
}


def allowed(garment, by):
    return allowed_actions(garment, by, MOVES)


def begun(garment, verb, by):
    """The ticket and then its garment, locked, if the verb leads on from here and is this person's."""
    ticket = locked_again(garment.ticket)
    garment = begin(garment, verb, by, MOVES)
    garment.ticket = ticket
    return garment


def on(garment, status, by, *, kind, note="", **changes):
    move_on(garment, status, by, kind=kind, note=note, changes=changes)
    ticketing.settle(garment.ticket, by)
    return garment


# ------------------------------------------------------------------------------------------------ to the bench


@transaction.atomic
def pin(*, garment, by, note="", services=None):
    """Measured and pinned. `services`, if they are said, are what was agreed at the mirror."""
    garment = begun(garment, "pin", by)
    if services is not None:
        garment.services.all().delete()
        ticketing.put(garment, garment.ticket, services, by)
    return on(garment, Status.PINNED, by, kind="pinned", note=note)


@transaction.atomic
def assign(*, garment, tailor, by, note="", force=False):
    """Given to a tailor, or to another one. Without the skill it needs `force`, which is written down."""
    # Before the ticket, as everywhere; whoever is just being dismissed gets no more work.
    tailor = User.objects.select_for_update(no_key=True, of=("self",)).select_related("bench").get(pk=tailor.pk)
    refuse_no_tailor(tailor)
    garment = begun(garment, "assign", by)
    forced = unskilled(garment, tailor)
    if forced and not force:
        text = f"{tailor} never learnt this: {', '.join(forced)}. Choose another tailor, or send force."
        raise NotSkilled(text, errors=[line_error("tailor", NotSkilled.code, text, missing=forced)])
    before = garment.tailor_id
    if garment.status in (Status.RECEIVED, Status.PINNED):
        garment.waited_in = garment.status
    garment.tailor = tailor
    status = garment.status if garment.status == Status.IN_PROGRESS else Status.ASSIGNED
    told = {"tailor": [before, tailor.pk]} | ({"forced": forced} if forced else {})
    return on(garment, status, by, kind="assigned", note=note, **told)


def refuse_no_tailor(person):
    if not planning.tailors().filter(pk=person.pk).exists():
        text = f"{person} is no tailor who works here."
        raise Invalid(text, errors=[line_error("tailor", "not_a_tailor", text)])


def unskilled(garment, tailor):
    lines = list(garment.services.all())
    missing = planning.missing_skills(tailor, garment.garment_type, [line.code for line in lines])
    if settings.BOUTIQUE_ENFORCE_SKILLS:
        missing += [code for code, _wanted, _had in planning.weak_skills(tailor, garment.garment_type, lines)]
    return missing


@transaction.atomic
def decline(*, garment, by, reason=""):
    """Back in the queue it came from."""
    garment = begun(garment, "decline", by)
    before, garment.tailor = garment.tailor_id, None
    return on(garment, garment.waited_in, by, kind="declined", note=reason, tailor=[before, None])


# ------------------------------------------------------------------------------------------------ on the bench


@transaction.atomic
def start(*, garment, by, note=""):
    garment = begun(garment, "start", by)
    if not garment.tailor.is_active:
        raise NotSkilled(f"{garment.tailor} does not work here any more. Assign it to somebody else.")
    garment.started_at = garment.started_at or timezone.now()
    return on(garment, Status.IN_PROGRESS, by, kind="started", note=note)


@transaction.atomic
def hold(*, garment, by, reason):
    """Something is missing: the customer's word, a zip. It goes back to where it came from."""
    garment = begun(garment, "hold", by)
    garment.held_from = garment.status
    return on(garment, Status.ON_HOLD, by, kind="held", note=reason)


@transaction.atomic
def resume(*, garment, by, note=""):
    garment = begun(garment, "resume", by)
    status, garment.held_from = garment.held_from, ""
    return on(garment, status, by, kind="resumed", note=note)


@transaction.atomic
def finish(*, garment, by, minutes=None, note=""):
    """Sewn; somebody else looks at it now."""
    garment = begun(garment, "finish", by)
    garment.finished_at = timezone.now()
    if minutes is not None:
        garment.minutes_taken = (garment.minutes_taken or 0) + minutes
    return on(garment, Status.QUALITY_CHECK, by, kind="finished", note=note, minutes=minutes)


@transaction.atomic
def pass_on(*, garment, by, note=""):
    """It is as it should be."""
    return on(begun(garment, "pass", by), Status.READY, by, kind="passed", note=note)


@transaction.atomic
def rework(*, garment, by, cause, note=""):
    """It is not: back to its tailor."""
    garment = begun(garment, "rework", by)
    garment.reworks += 1
    garment.shop_reworks += cause in SHOP_CAUSES
    return on(garment, Status.IN_PROGRESS, by, kind="rework", note=note, cause=cause)


# ------------------------------------------------------------------------------------------------ out of the house


@transaction.atomic
def collect(*, garment, by, reason=""):
    """Handed over. What is not paid is handed over by a manager only, who says why."""
    garment = begun(garment, "collect", by)
    due, changes = garment.ticket.balance, {}
    if due > 0:
        if not reason:
            text = f"{due} are due. Take the payment first, or say why it is handed over unpaid (reason)."
            raise BalanceDue(text, balance=str(due))
        changes["released_unpaid"] = str(due)
    garment.collected_at = timezone.now()
    return on(garment, Status.COLLECTED, by, kind="collected", note=reason, **changes)


@transaction.atomic
def cancel(*, garment, by, reason="", fee=None):
    """Given back as it is. Once it was pinned that costs a part of what was agreed; a manager may name another."""
    garment = begun(garment, "cancel", by)
    agreed = sum((line.total for line in garment.services.all()), money.ZERO)
    if fee is not None and not by.has_perm("orders.override_price"):
        raise Forbidden("Another fee than the usual needs a manager.")
    if fee is not None and fee > agreed:
        text = f"No more than what was agreed: {agreed}."
        raise Invalid(text, errors=[line_error("fee", "max_value", text)])
    garment.cancel_fee = usual_fee(garment, agreed) if fee is None else fee
    garment.held_from = ""
    return on(garment, Status.CANCELLED, by, kind="cancelled", note=reason, fee=str(garment.cancel_fee))


def usual_fee(garment, agreed):
    came_from = garment.held_from or garment.status
    if came_from == Status.RECEIVED or (came_from == Status.ASSIGNED and garment.waited_in == Status.RECEIVED):
        return money.ZERO
    return money.percentage(settings.BOUTIQUE_CANCEL_FEE_PERCENT, agreed)


def warnings_of(garment):
    """What to look at before going on. It stops nobody."""
    if not garment.is_open:
        return
    lines = list(garment.services.all())
    strange = [line.name for line in lines if not line.service.fits(garment.garment_type)]
    if strange:
        text = f"Not usually done to this kind of garment: {', '.join(strange)}."
        yield line_error("services", "unusual", text)
    if garment.tailor_id:
        for code, wanted, had in planning.weak_skills(garment.tailor, garment.garment_type, lines):
            yield line_error("tailor", "skill_level", f"{code} asks for level {wanted}, {garment.tailor} has {had}.")
