"""Tailors: what they can, when they are there, what waits for them; and so when work will be done."""

import datetime
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from alterations import promising
from alterations.models import Bench, Garment, GarmentService, TimeOff
from alterations.models.tailors import WORKING_WEEK
from alterations.models.tickets import TO_DO
from boutique.errors import RuleError, line_error

REWORK_DAYS = 90


class NoTailor(RuleError):
    code = "no_tailor"
    title = "Nobody to sew it"


# ------------------------------------------------------------------------------------------------ who


def tailors():
    """Whoever may be given work: has the role, and works here."""
    return User.objects.active().filter(role=Role.TAILOR)


def with_work(people):
    """Each with `open_minutes`, and how many of the pieces they finished lately came back through the house's fault."""
    own = GarmentService.objects.filter(garment__tailor=OuterRef("pk"), garment__status__in=TO_DO).order_by()
    since = timezone.now() - datetime.timedelta(days=REWORK_DAYS)
    done = Garment.objects.filter(tailor=OuterRef("pk"), finished_at__gte=since).order_by().values("tailor")
    return people.annotate(
        open_minutes=Coalesce(Subquery(own.values("garment__tailor").annotate(n=Sum("minutes")).values("n")), 0),
        finished=Coalesce(Subquery(done.annotate(n=Sum(1)).values("n")), 0),
        sent_back=Coalesce(Subquery(done.annotate(n=Sum("shop_reworks")).values("n")), 0),
    ).prefetch_related("bench__time_off", "locations")


def visible_to(user):
    people = tailors()
    if not user.has_perm("alterations.add_ticket"):
        return people.filter(pk=user.pk)
    if user.has_perm("accounts.see_all_places"):
        return people
    return people.filter(pk__in=User.objects.filter(assignments__location__in=user.location_ids).values("pk"))


def worker(person):
    bench = getattr(person, "bench", None)
    if bench is None:
        return promising.Worker(week=WORKING_WEEK)
    away = [(off.first_day, off.last_day) for off in bench.time_off.all()]
    return promising.Worker(week=bench.minutes_by_day, away=away)


def next_free_day(person, today):
    """The first day on which their own queue leaves them a minute; None if it does not within two years."""
    room = promising.Room(workers=[worker(person)], utilisation=settings.BOUTIQUE_UTILISATION, reserve=Decimal(0))
    return promising.sewn_on(room, person.open_minutes + 1, today, rush=True)[0]


# ------------------------------------------------------------------------------------------------ skills


def missing_skills(person, garment_type, codes):
    """What of this work they never learnt. Whoever names no skills can do everything."""
    skills = skills_of(person)
    if not skills or garment_type in skills:
        return []
    return sorted(set(codes) - skills.keys()) or ([] if codes else [garment_type])


def weak_skills(person, garment_type, lines):
    """(code, level wanted, level had) of the work that is above them."""
    skills = skills_of(person)
    for line in lines:
        level = max(skills.get(garment_type, 0), skills.get(line.code, 0))
        if skills and 0 < level < line.skill:
            yield line.code, line.skill, level


def skills_of(person):
    bench = getattr(person, "bench", None)
    return bench.skills if bench else {}


# ------------------------------------------------------------------------------------------------ planning people


@transaction.atomic
def plan(*, tailor, by, minutes_by_day=None, skills=None, time_off=None):
    """What they can, their week, and all the days on which they are not there."""
    person = tailor.as_locked(User.objects.select_for_update(no_key=True).get(pk=tailor.pk))
    bench, _is_new = Bench.objects.get_or_create(person=person, defaults={"created_by": by})
    if minutes_by_day is not None:
        bench.minutes_by_day = minutes_by_day
    if skills is not None:
        bench.skills = skills
    bench.updated_by = by
    bench.save()
    if time_off is not None:
        bench.time_off.all().delete()
        TimeOff.objects.bulk_create(TimeOff(bench=bench, first_day=first, last_day=last) for first, last in time_off)
    User.objects.filter(pk=person.pk).update(updated_at=timezone.now())
    return person


# ------------------------------------------------------------------------------------------------ promising


def earliest(*, location, rush=False, minutes=None, garments=(), but=None):
    """The earliest day for work of so many minutes, or for garments with their services. `but`: a ticket's own work."""
    lines = [line for garment in garments for line in garment["lines"]]
    types = {garment["garment_type"] for garment in garments}
    people = able(location, types, {line.code for line in lines})
    own = sum(line.minutes for line in lines) if minutes is None else minutes
    room = promising.Room(
        workers=[worker(person) for person in people],
        utilisation=settings.BOUTIQUE_UTILISATION,
        reserve=settings.BOUTIQUE_RUSH_RESERVE,
    )
    promise = promising.promise(
        room=room,
        minutes=own,
        queue=queue_of(location, people, rush=rush, but=but),
        today=location.today,
        rush=rush,
        min_days=max((line.min_days for line in lines), default=0),
        fitting=any(line.needs_fitting for line in lines),
    )
    if promise.promised_on is None:
        text = f"Nobody in {location} has minutes left. Give its tailors weekly minutes (tailors/), or hire one."
        raise NoTailor(text, errors=[line_error("location", NoTailor.code, text)])
    return promise


def able(location, types, codes):
    there = tailors().filter(assignments__location=location).order_by("pk").prefetch_related("bench__time_off")
    people = list(there)
    if not people:
        text = f"No tailor works in {location}. Assign one to it (users/, role tailor), or name another place."
        raise NoTailor(text, errors=[line_error("location", NoTailor.code, text)])
    fit = [one for one in people if not any(missing_skills(one, kind, codes) for kind in types)]
    if not fit:
        named = ", ".join(sorted(codes | types))
        text = f"No tailor in {location} can do this: {named}. Add the skill to one of them (tailors/)."
        raise NoTailor(text, errors=[line_error("location", NoTailor.code, text)])
    return fit


def queue_of(location, people, *, rush, but=None):
    """The minutes that come before: all that waits in the place, and what these people have elsewhere. Haste waits
    behind haste only."""
    waiting = GarmentService.objects.filter(garment__status__in=TO_DO).filter(
        Q(garment__ticket__location=location) | Q(garment__tailor__in=people)
    )
    if rush:
        waiting = waiting.filter(garment__ticket__is_rush=True)
    if but is not None:
        waiting = waiting.exclude(garment__ticket=but)
    return waiting.aggregate(minutes=Sum("minutes"))["minutes"] or 0
