"""Opening, changing and closing the places people work in."""

from django.db import transaction
from django.db.models import ProtectedError

from accounts.models import Assignment, Location
from accounts.services import people
from boutique.errors import Forbidden, InUse, Invalid, line_error


@transaction.atomic
def open_place(*, by, **fields):
    refuse_as_manager(fields.get("manager"))
    place = Location.objects.create(created_by=by, updated_by=by, **fields)
    put_manager_there(place, by)
    return place


@transaction.atomic
def change(*, place, by, **fields):
    place = Location.objects.select_for_update(no_key=True).get(pk=place.pk)
    refuse_road(place)
    refuse_as_manager(fields.get("manager"))
    for name, value in fields.items():
        setattr(place, name, value)
    place.updated_by = by
    place.save()
    put_manager_there(place, by)
    return place


def archive(*, place, by):
    return change(place=place, by=by, is_active=False)


def restore(*, place, by):
    return change(place=place, by=by, is_active=True)


@transaction.atomic
def delete(*, place, by):
    """For a place that was never used; every other one is archived."""
    refuse_road(place)
    try:
        place.delete()
    except ProtectedError:
        raise InUse(f"{place.code} has people or a history. Close it instead: POST archive/.") from None


def refuse_road(place):
    if place.is_road:
        raise Forbidden("The road between the places exists by itself and stays as it is.")


def refuse_as_manager(person):
    if person is not None and not person.has_perm("accounts.manage_place"):
        text = f"{person} is not an active manager."
        raise Invalid(text, errors=[line_error("manager", "invalid", text)])


def put_manager_there(place, by):
    """Whoever manages a place works there."""
    manager = place.manager
    if manager is None or Assignment.objects.filter(user=manager, location=place).exists():
        return
    there = [assignment.location for assignment in manager.assignments.select_related("location")]
    people.move(manager, [*there, place], by)
