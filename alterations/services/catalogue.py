"""The catalogue of services: loaded once, then the shop's own."""

import csv
from decimal import Decimal
from pathlib import Path

from django.db import transaction

from accounts.models import Location
from alterations.models import AlterationService, ServicePrice
from boutique.documents import note_down
from boutique.errors import InUse, Invalid, line_error
from boutique.models import is_referred_to

STARTER = Path(__file__).parent.parent / "starter.tsv"


@transaction.atomic
def load(*, by=None):
    """Adds what is missing of the starter catalogue. What is there already stays as the shop has made it."""
    known = set(AlterationService.objects.values_list("code", flat=True))
    missing = [service for service in starter() if service.code not in known]
    for service in missing:
        service.created_by = service.updated_by = by
    return AlterationService.objects.bulk_create(missing, ignore_conflicts=True)


def starter():
    with STARTER.open(encoding="utf-8", newline="") as file:
        return [in_row(row) for row in csv.DictReader(file, delimiter="\t")]


def in_row(row):
    return AlterationService(
        code=row["code"],
        name=row["name"][:1].upper() + row["name"][1:],
        description=row["ask"][:1].upper() + row["ask"][1:],
        garment_types=row["garment_types"].split(),
        minutes=int(row["minutes"]),
        price=Decimal(row["price"]),
        price_from=Decimal(row["price_from"]),
        price_to=Decimal(row["price_to"]),
        skill=int(row["skill"]),
        needs_fitting=row["needs_fitting"] == "yes",
        min_days=int(row["min_days"]),
        keywords=[word.strip() for word in row["keywords"].split(",") if word.strip()],
        seam=row["seam"],
        direction=row["direction"],
        swallows=row["swallows"].split(),
    )


@transaction.atomic
def add(*, by, **fields):
    service = AlterationService.objects.create(created_by=by, updated_by=by, **fields)
    note_down(service, by, kind="created", changes={"price": str(service.price)})
    return service


@transaction.atomic
def change(*, service, by, **fields):
    """What is agreed on tickets stays as it was."""
    service = locked(service)
    was = {name: getattr(service, name) for name in fields}
    changes = {name: [plain(was[name]), plain(value)] for name, value in fields.items() if was[name] != value}
    if changes:
        for name, value in fields.items():
            setattr(service, name, value)
        service.updated_by = by
        service.save()
        note_down(service, by, kind="changed", changes=changes)
    return service


def plain(value):
    return str(value) if isinstance(value, Decimal) else value


@transaction.atomic
def delete(*, service, by):
    service = locked(service)
    if is_referred_to([service]):
        raise InUse(f"{service} stands on tickets. Set is_active to false: it is offered no longer.")
    note_down(service, by, kind="deleted")
    service.delete()


@transaction.atomic
def set_price(*, service, price, starts_on, by, location=None):
    """Another price from a day on, everywhere or in one place. No price of the past is rewritten."""
    service = locked(service)
    if starts_on < (location.today if location else earliest_today()):
        text = "This day is over. A price begins today at the earliest."
        raise Invalid(text, errors=[line_error("starts_on", "past", text)])
    made = ServicePrice.objects.create(service=service, price=price, starts_on=starts_on, location=location, by=by)
    service.updated_by = by
    service.save()
    told = {"price": str(price), "starts_on": str(starts_on), "location": location and location.pk}
    note_down(service, by, kind="priced", changes=told)
    return made


def earliest_today():
    return min(place.today for place in Location.objects.all())


def locked(service):
    return service.as_locked(AlterationService.objects.select_for_update(no_key=True).get(pk=service.pk))
