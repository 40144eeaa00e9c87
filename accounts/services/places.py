"""Opening, changing and closing the places people work in."""

from django.db import transaction

from accounts.models import Assignment, Location
from accounts.services import people
from boutique.errors import Forbidden, InUse, Invalid, line_error
from boutique.models import is_referred_to


@transaction.atomic
def open_place(*, by, manager=None, **fields):
    manager = locked_manager(manager, by)
    place = Location.objects.create(created_by=by, updated_by=by, manager=manager, **fields)
    put_manager_there(manager, place, by)
    return place


@transaction.atomic
def change(*, place, by, **fields):
    # The person first, then the place: the order in which everything else locks them.
    manager = locked_manager(fields.get("manager"), by)
    place = place.as_locked(Location.objects.select_for_update(no_key=True).get(pk=place.pk))
    refuse_road(place)
    refuse_other_clock(place, fields.get("timezone", place.timezone))
    for name, value in fields.items():
        setattr(place, name, value)
    place.updated_by = by
    place.save()
    put_manager_there(manager, place, by)
    return place


def archive(*, place, by):
    return change(place=place, by=by, is_active=False)


def restore(*, place, by):
    return change(place=place, by=by, is_active=True)


@transaction.atomic
def delete(*, place, by):
    """For a place that was never used; every other one is archived."""
    people.confirmed(by)
    place = place.as_locked(Location.objects.select_for_update().get(pk=place.pk))
    refuse_road(place)
    if is_referred_to([place]):
        raise InUse(f"{place.code} has people or a history. Close it (archive) instead.")
    place.delete()


def refuse_road(place):
    if place.is_road:
        raise Forbidden("The road between the places exists by itself and stays as it is.")


def refuse_other_clock(place, zone):
    """Its clock says on which day something happened: another one would move what is settled to other days."""
    if zone != place.timezone and is_referred_to([place], but=(Assignment,)):
        text = f"{place.code} has a history, and its days were reckoned in {place.timezone}. Open a new place instead."
        raise InUse(text, errors=[line_error("timezone", "in_use", text)])


def locked_manager(person, by):
    if person is None:
        people.confirmed(by)
        return None
    person = people.lock_people(person, by)[person.pk]
    if not person.has_perm("accounts.manage_place"):
        text = f"{person} is not an active manager."
        raise Invalid(text, errors=[line_error("manager", "invalid", text)])
    return person


def put_manager_there(manager, place, by):
    """Whoever manages a place works there."""
    if manager is None or manager.has_perm("accounts.see_all_places") or place.pk in manager.location_ids:
        return
    there = [assignment.location for assignment in manager.assignments.select_related("location")]
    people.move(manager, [*there, place], by)
