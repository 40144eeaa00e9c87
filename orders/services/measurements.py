"""Measuring people: each set is a new version, and none is ever changed."""

import difflib
import zoneinfo
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from boutique.errors import Forbidden, InUse, Invalid, RuleError, Stale, line_error
from boutique.models import is_referred_to
from orders import measuring
from orders.models import Basis, MeasurementDefinition, MeasurementSet, MeasurementValue, Unit
from orders.services import customers

Side = MeasurementValue.Side
MOST_VALUES = 200
BOUNDS = ("reject_min", "warn_min", "warn_max", "reject_max")
MEANING = ("code", "unit", "kind", "side")  # of a dimension: what its numbers would be something else without
# What a version stays with: another customer, wearer or kind of garment has versions of its own.
FIXED = ("customer", "wearer", "type", "basis")


class NeedsConfirmation(RuleError):
    """`read` are the measurements that the refusal lets one know."""

    code = "needs_confirmation"
    title = "Please look again"

    def __init__(self, detail, *, errors, read):
        super().__init__(detail, errors=errors)
        self.read = read


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One number as it was typed, and what it is in centimetres (kilograms, degrees)."""

    definition: MeasurementDefinition
    side: str
    entered: str
    size: Decimal

    @property
    def path(self):
        return path_of(self.definition, self.side)


def path_of(definition, side):
    single = side in (Side.NONE, Side.BOTH)
    return f"values.{definition.code}" if single else f"values.{definition.code}.{side}"


def bounds_of(definition):
    return measuring.Bounds(
        warn=(definition.warn_min, definition.warn_max),
        reject=(definition.reject_min, definition.reject_max),
        scale=definition.unit,
    )


# ------------------------------------------------------------------------------------------------ what was typed


def read(values, unit):
    """The readings, and all that is wrong with them. `values`: {"chest_girth": "92.5", "arm_length": {"left": …}}."""
    known = {definition.code: definition for definition in MeasurementDefinition.objects.active()}
    readings, errors = [], []
    for code, value in list(values.items())[:MOST_VALUES]:
        if code not in known:
            errors.append(unknown(code, known))
            continue
        found, wrong = read_one(known[code], value, unit)
        readings += found
        errors += wrong
    return readings, errors


def unknown(code, known):
    near = difflib.get_close_matches(code, known, n=3)
    meant = f" Did you mean {' or '.join(near)}?" if near else " measurement-definitions/ lists those there are."
    return line_error(f"values.{code:.60}", "unknown_dimension", f"There is no dimension {code:.60}.{meant}", near=near)


def read_one(definition, value, unit):
    sides, errors = sides_of(definition, value)
    readings = []
    for side, raw in sides.items():
        path = path_of(definition, side)
        number = measuring.typed(raw, unit) if isinstance(raw, str) else None
        if number is None:
            text = "A number such as 92.5" + (", or 36 1/2." if unit == Unit.IN else ".")
            errors.append(line_error(path, "invalid", text))
            continue
        size, bounds = measuring.kept(number, unit, definition.unit), bounds_of(definition)
        if bounds.are_possible(size):
            readings.append(Reading(definition=definition, side=side, entered=measuring.tidy(raw), size=size))
        else:
            errors.append(impossible(path, number, unit, bounds))
    return readings, errors


def sides_of(definition, value):
    """A pair is {left, right}; one number stands for both alike."""
    path = f"values.{definition.code}"
    if not isinstance(value, dict):
        return {Side.BOTH if definition.is_pair else Side.NONE: as_text(value)}, []
    if not definition.is_pair:
        return {}, [line_error(path, "invalid", f"{definition} has one value, not a left and a right one.")]
    errors = [
        line_error(f"{path}.{side:.60}", "unknown_field", "A pair has left and right.")
        for side in value
        if side not in (Side.LEFT, Side.RIGHT)
    ]
    errors += [
        line_error(f"{path}.{side}", "required", f"The {other} one is there, the {side} one is missing.")
        for side, other in (("left", "right"), ("right", "left"))
        if side not in value
    ]
    return {side: as_text(value[side]) for side in (Side.LEFT, Side.RIGHT) if side in value}, errors


def as_text(value):
    """Numbers may come as such, as exactly as they were written; a float is no longer what was typed."""
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return format(value, "f" if isinstance(value, Decimal) else "d") if is_number else value


def impossible(path, number, unit, bounds):
    hint = measuring.did_you_mean(number, unit, bounds)
    said = measuring.told_off(number, unit, bounds.reject, "possible", bounds.scale)
    return line_error(path, "out_of_bounds", f"{said} {hint}".strip())


def in_figures(pair, unit, scale):
    low, high = (str(measuring.shown(bound, unit, scale)) for bound in pair)
    return {"min": low, "max": high, "unit": unit if scale == measuring.CM else scale}


# ------------------------------------------------------------------------------------------------ taking


@transaction.atomic
def take(*, customer, type, values, by, basis=Basis.BODY, unit=Unit.CM, wearer="", note="", confirm=False):  # noqa: A002
    """Version 1, or the next of this wearer and kind of garment. `values` are readings."""
    customer = customers.locked(customer)  # two who measure at once come one after the other
    customers.refuse_gone(customer)
    taken = MeasurementSet(customer=customer, wearer=wearer, basis=basis, type=type, unit=unit, note=note)
    return keep(taken, values, by, fresh=values, confirm=confirm)


@transaction.atomic
def renew(*, taken, by, values, confirm=False, is_whole=False, unit=None, note=None, **fixed):
    """The next version: with what was sent, and, unless it `is_whole`, with the other numbers of the newest one.

    Where that would say nothing new, the newest one.
    """
    customer = customers.locked(taken.customer)
    customers.refuse_gone(customer)
    refuse_moving(taken, fixed)
    newest = newest_of(taken) or taken
    if taken.must_be_unchanged and newest.pk != taken.pk:
        raise Stale("Somebody measured again since you read this. Read the newest version, then repeat your change.")
    new = MeasurementSet(
        customer=customer,
        wearer=taken.wearer,
        basis=taken.basis,
        type=taken.type,
        unit=unit or (taken if values else newest).unit,  # what was sent was read in the unit of the one it was sent to
        note=newest.note if note is None else note,
    )
    if is_whole:
        return keep(new, values, by, fresh=values, confirm=confirm)
    if says_nothing_new(new, values, newest):
        return newest
    return keep(new, [*carried_over(newest, values, new.unit), *values], by, fresh=values, confirm=confirm)


def says_nothing_new(new, values, newest):
    known = set(newest.values.values_list("definition", "side", "size"))
    sent = {(reading.definition.pk, reading.side, reading.size) for reading in values}
    return (new.unit, new.note) == (newest.unit, newest.note) and sent <= known


def refuse_moving(taken, sent):
    errors = [
        line_error(name, "invalid", f"A version stays with its {name}. Take new measurements instead.")
        for name in FIXED
        if name in sent and folded(sent[name]) != folded(getattr(taken, name))
    ]
    if errors:
        raise Invalid(errors[0]["message"], errors=errors)


def folded(value):
    return value.casefold() if isinstance(value, str) else value


def carried_over(taken, values, unit):
    renewed = {reading.definition.pk for reading in values}
    for value in taken.values.select_related("definition"):
        if value.definition_id not in renewed:
            definition, entered = value.definition, value.entered
            if unit != taken.unit:
                entered = measuring.plain(measuring.shown(value.size, unit, definition.unit))
            yield Reading(definition=definition, side=value.side, entered=entered, size=value.size)


def keep(taken, readings, by, *, fresh, confirm):
    earlier = newest_of(taken)
    before = sizes_of(earlier) if earlier else {}
    doubts = [*unusual(fresh, taken.unit), *leaps(fresh, before, taken.unit)]
    if doubts and not confirm:
        raise NeedsConfirmation(
            f"{len(doubts)} numbers are out of the ordinary. Measure again, or send them with confirm: true."
            if len(doubts) > 1
            else f"{doubts[0]['message']} Measure again, or send it with confirm: true.",
            errors=doubts,
            read=[earlier] if before else [],
        )
    taken.version = last_version(taken) + 1
    taken.was_confirmed = bool(doubts)
    taken.warnings = [*doubts, *odd(taken, readings), *noticeable(fresh, before, doubts, taken.unit)]
    taken.created_by = taken.updated_by = by
    taken.save()
    MeasurementValue.objects.bulk_create(
        MeasurementValue(taken=taken, definition=one.definition, side=one.side, size=one.size, entered=one.entered)
        for one in readings
    )
    return taken


def last_version(taken):
    """Those that were taken out keep their numbers."""
    versions = MeasurementSet.objects.versions_of(taken).values_list("version", flat=True)
    return versions.first() or 0


def newest_of(taken):
    """What was measured last on the same: body and garment count their versions together and are never compared."""
    return MeasurementSet.objects.current().versions_of(taken).filter(basis=taken.basis).first()


# ------------------------------------------------------------------------------------------------ out of the ordinary


def sizes_of(taken):
    """{(code, side): size}, a pair that is alike standing on both sides."""
    return {
        (value.definition.code, side): value.size
        for value in taken.values.select_related("definition")
        for side in sides_for(value.side)
    }


def sides_for(side):
    return (Side.LEFT, Side.RIGHT) if side == Side.BOTH else (side,)


def unusual(readings, unit):
    for one in readings:
        bounds = bounds_of(one.definition)
        if not bounds.are_usual(one.size):
            number = measuring.typed(one.entered, unit)
            said = measuring.told_off(number, unit, bounds.warn, "usual", bounds.scale)
            hint = measuring.did_you_mean(number, unit, bounds)
            figures = in_figures(bounds.warn, unit, bounds.scale)
            yield line_error(one.path, "unusual", f"{said} {hint}".strip(), **figures)


def compared(readings, before):
    """Each reading with what it was in the version before; of two sides, the one that differs more."""
    for one in readings:
        lasts = [before.get((one.definition.code, side)) for side in sides_for(one.side)]
        if lasts := [last for last in lasts if last is not None]:
            yield one, max(lasts, key=lambda last: measuring.change(last, one.size))


def leaps(readings, before, unit):
    for one, last in compared(readings, before):
        if measuring.is_a_leap(last, one.size):
            yield line_error(one.path, "changed_much", changed_by(one, last, unit), last=shown_as(one, last, unit))


def noticeable(readings, before, doubts, unit):
    asked = {doubt["field"] for doubt in doubts}
    for one, last in compared(readings, before):
        if one.path not in asked and measuring.is_noticeable(one.definition.code, last, one.size):
            yield line_error(one.path, "changed", changed_by(one, last, unit), last=shown_as(one, last, unit))


def tells_the_last(taken):
    """Whether its warnings say what was measured the time before."""
    return any("last" in warning.get("params", {}) for warning in taken.warnings)


def changed_by(one, last, unit):
    scale = one.definition.unit
    percent = measuring.plain(measuring.rounded(100 * measuring.change(last, one.size)))
    was, now = measuring.in_words(last, unit, scale), measuring.in_words(one.size, unit, scale)
    return f"{one.definition} was {was} and is {now}: {percent} % apart."


def shown_as(one, size, unit):
    return str(measuring.shown(size, unit, one.definition.unit))


def odd(taken, readings):
    """Numbers that fit badly together, and those that were taken of something else."""
    sides = {}
    for one in readings:
        sides.setdefault(one.definition.code, {}).update(dict.fromkeys(sides_for(one.side), one.size))
    if taken.basis == Basis.BODY:
        for remark in measuring.proportions(sides):
            yield line_error(f"values.{remark.dimensions[0]}", remark.code, remark.message, **remark.figures)
    for definition in dict.fromkeys(one.definition for one in readings):
        if definition.kind != taken.basis:
            text = f"{definition} is a dimension of the {definition.kind}, these are of the {taken.basis}."
            yield line_error(f"values.{definition.code}", "other_basis", text)


# ------------------------------------------------------------------------------------------------ taking out


@transaction.atomic
def delete(*, taken, by):
    """Taken out of all lists. An order that was cut to it keeps its numbers. Juniors do so on the same day only."""
    locked = taken.as_locked(MeasurementSet.objects.select_for_update(no_key=True).get(pk=taken.pk))
    if not by.has_perm("orders.delete_any_measurementset") and not is_of_today(locked):
        raise Forbidden("You take out what you measured on the same day only. Ask a manager.")
    if locked.deleted_at is None:
        locked.deleted_at, locked.deleted_by, locked.updated_by = timezone.now(), by, by
        locked.save()


def is_of_today(taken):
    zone = zoneinfo.ZoneInfo(settings.BOUTIQUE_TIME_ZONE)
    return timezone.localdate(taken.created_at, zone) == timezone.localdate(timezone=zone)


# ------------------------------------------------------------------------------------------------ showing


def values_of(taken, unit=None):
    """{code: "92.5"} or {code: {left, right}}: as they were typed, or in another unit."""
    unit = unit or taken.unit
    written = typed_again if unit == taken.unit else in_unit
    return by_dimension(taken, lambda value: written(value, unit))


def values_in_cm(taken):
    return by_dimension(taken, lambda value: str(value.size))


def typed_again(value, unit):
    """A number; fractions of inches as exact decimals."""
    return value.entered if "/" not in value.entered else measuring.plain(measuring.typed(value.entered, unit))


def in_unit(value, unit):
    return str(measuring.shown(value.size, unit, value.definition.unit))


def by_dimension(taken, written):
    shown = {}
    for value in taken.values.all():
        code = value.definition.code
        if value.side in (Side.LEFT, Side.RIGHT):
            shown.setdefault(code, {})[value.side] = written(value)
        else:
            shown[code] = written(value)
    return shown


def missing_of(taken, switched_off):
    """What must still be measured, but for the dimensions that this shop has switched off."""
    if taken.basis != Basis.BODY:
        return []
    return measuring.missing(taken.type, switched_off | {value.definition.code for value in taken.values.all()})


def switched_off():
    return set(MeasurementDefinition.objects.filter(is_active=False).values_list("code", flat=True))


def review_of(taken):
    """The day from which they are too old to cut by. Of a wearer who is not the customer nobody knows the age."""
    born_on = None if taken.wearer else taken.customer.birthday
    return measuring.review_on(taken.created_at.date(), born_on)


def snapshot(taken):
    """What an order keeps of the measurements it was cut to. Whoever keeps one empties it in their CUSTOMER_ERASERS."""
    taken = MeasurementSet.objects.with_values().get(pk=taken.pk)
    return {
        "id": taken.pk,
        "version": taken.version,
        "wearer": taken.wearer,
        "basis": taken.basis,
        "type": taken.type,
        "unit": taken.unit,
        "values": values_of(taken),
        "values_cm": values_in_cm(taken),
        "note": taken.note,
        "taken_at": taken.created_at.isoformat(),
    }


# ------------------------------------------------------------------------------------------------ the vocabulary


def add_definition(*, by, **fields):
    refuse_bounds(fields)
    return MeasurementDefinition.objects.create(created_by=by, updated_by=by, **fields)


@transaction.atomic
def change_definition(*, definition, by, **fields):
    """New bounds hold from now on. What numbers were taken by stays what it was: its unit, kind and sides."""
    locked = definition.as_locked(MeasurementDefinition.objects.select_for_update(no_key=True).get(pk=definition.pk))
    frozen = [name for name in MEANING if fields.get(name, getattr(locked, name)) != getattr(locked, name)]
    if frozen and locked.values.exists():
        errors = [line_error(name, "in_use", "Numbers were taken by it already.") for name in frozen]
        raise InUse(
            f"{locked} is in use: its {', '.join(frozen)} stays. Make another dimension instead.", errors=errors
        )
    for name, value in fields.items():
        setattr(locked, name, value)
    refuse_bounds({name: getattr(locked, name) for name in BOUNDS})
    locked.updated_by = by
    locked.save()
    return locked


@transaction.atomic
def delete_definition(*, definition, by):
    locked = definition.as_locked(MeasurementDefinition.objects.select_for_update().get(pk=definition.pk))
    if is_referred_to([locked]):
        raise InUse(f"Numbers were taken by {locked}. Set is_active to false: nobody is asked for it then.")
    locked.delete()


def refuse_bounds(fields):
    errors = [
        line_error(upper, "invalid", f"Must not be less than {lower}.")
        for lower, upper in pairwise(BOUNDS)
        if fields[upper] < fields[lower]
    ]
    if fields["warn_min"] == fields["warn_max"]:
        errors.append(line_error("warn_max", "invalid", "Must be more than warn_min."))
    if errors:
        raise Invalid(errors[0]["message"], errors=errors)
