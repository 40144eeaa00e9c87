"""Reports that come by e-mail. What somebody may see is judged when the letter is written, not when they asked."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from accounts.models import Location, User
from boutique import mail
from boutique.errors import Invalid, RuleError, Stale, line_error
from boutique.tables.paper import paper
from reports.models.subscriptions import Subscription, last_ended, periods_since
from reports.services import named
from reports.services.papers import AskedOnPaper

MOST = 50
MADE_UP_FOR = 7  # letters of one subscription at once, after the workers were away
NIGHT = timedelta(hours=6)  # a day is reported on the morning after, when what was rung up late is written


class TooMany(RuleError):
    code = "too_many"


@transaction.atomic
def subscribe(*, report, frequency, by, group_by="", locations=(), is_active=True):
    """The first comes when the day, week or month that is running now is over."""
    # Whoever asks for two at once waits here, so that nobody has more than they may.
    by = User.objects.select_for_update(no_key=True).get(pk=by.pk)
    if Subscription.objects.visible_to(by).count() >= MOST:
        raise TooMany(f"{MOST} reports by e-mail are the most. Remove one you no longer read.")
    refuse_unknown_group(report, group_by)
    places = zones_of(places_among(Location.objects.visible_to(by), locations))
    subscription = Subscription.objects.create(
        user=by,
        report=report,
        group_by=group_by,
        frequency=frequency,
        is_active=is_active,
        sent_until=last_ended(frequency, today_in(places))[1],
    )
    subscription.locations.set(locations)
    return subscription


@transaction.atomic
def change(*, subscription, by, locations=None, **changes):
    """Another report, other places, more or less often; or none for a while."""
    locked = Subscription.objects.visible_to(by).select_for_update().get(pk=subscription.pk)
    if subscription.must_be_unchanged and locked.updated_at != subscription.updated_at:
        raise Stale("Somebody changed this since you read it. Read it again, then repeat your change.")
    begins_anew = any(changes.get(name, before) != before for name, before in rhythm(locked))
    for name, value in changes.items():
        setattr(locked, name, value)
    refuse_unknown_group(locked.report, locked.group_by)
    if locations is not None:
        locked.locations.set(locations)
    if begins_anew:
        # What ended before is not sent all at once.
        now = today_in(zones_of(places_of(locked)))
        locked.sent_until = max(locked.sent_until, last_ended(locked.frequency, now)[1])
    locked.save()
    return locked


def rhythm(subscription):
    return [("frequency", subscription.frequency), ("is_active", subscription.is_active)]


@transaction.atomic
def unsubscribe(*, subscription, by):
    Subscription.objects.visible_to(by).filter(pk=subscription.pk).delete()


def refuse_unknown_group(report, group_by):
    known = named.GROUPS.get(report, ())
    if group_by and group_by not in known:
        offer = ", ".join(known) or "nothing: leave it out"
        text = f"This report can be asked by {offer}."
        raise Invalid(text, errors=[line_error("group_by", "invalid_choice", text)])


# ------------------------------------------------------------------------------------------------ by the clock


@transaction.atomic
def send_due():
    """The letters that are due; how many. Whatever runs it again, each goes out once."""
    rows = Subscription.objects.due(furthest_today()).select_for_update(of=("self",))
    due = list(rows.select_related("user").prefetch_related("locations").order_by("pk"))
    seen, written = {}, 0
    for subscription in due:
        person = subscription.user
        if person.pk not in seen:
            seen[person.pk] = list(Location.objects.visible_to(person))
        now = today_in(zones_of(chosen_of(subscription, seen[person.pk])))
        for since, until in periods_since(subscription.sent_until, subscription.frequency, now)[-MADE_UP_FOR:]:
            subscription.sent_until = until
            write(subscription, since, until)
            written += 1
    Subscription.objects.bulk_update(due, ["sent_until"])
    return written


def write(subscription, since, until):
    person = subscription.user
    words = {
        "name": person.get_short_name(),
        "report": subscription.get_report_display(),
        "since": str(since),
        "until": str(until),
        "sheet": address_of_sheet(subscription.report, since, until),
    }
    mail.send(
        "reports/report",
        person.email,
        words,
        key=f"report {subscription.pk} {subscription.frequency} {until}",
        attached=("reports.services.subscriptions.attached", [subscription.pk, str(since), str(until)]),
    )


def attached(number, since, until):
    """The paper, as its reader may see it now; None for whoever may not see it any more."""
    subscription = Subscription.objects.filter(pk=number, is_active=True).select_related("user").first()
    if subscription is None or not subscription.user.has_perm(named.PERMISSION):
        return None
    places = places_of(subscription)
    if not places:
        return None
    asked = AskedOnPaper(
        by=subscription.user,
        places=places,
        named=True,
        after=date.fromisoformat(since),
        before=date.fromisoformat(until),
        group_by=subscription.group_by,
    )
    try:
        table = named.made(subscription.report, asked).table()
        return [(f"{table.file_name}.pdf", paper(table), "application/pdf")]
    except Invalid as refusal:
        raise mail.Without(refusal.detail) from refusal


def address_of_sheet(report, since, until):
    """Where the same report is asked for as a spreadsheet, which holds more rows than a paper."""
    days = urlencode({"after": since, "before": until, "format": "xlsx"})
    return f"{reverse('report-' + report.replace('_', '-'))}?{days}"


def places_of(subscription):
    """Those that were chosen, as far as they are still theirs; all that are theirs, if none was."""
    return chosen_of(subscription, Location.objects.visible_to(subscription.user).order_by("code"))


def chosen_of(subscription, seen):
    return places_among(seen, subscription.locations.all())


def places_among(seen, chosen):
    ids = {place.pk for place in chosen}
    return tuple(place for place in seen if place.pk in ids or not ids)


# ------------------------------------------------------------------------------------------------ days


def zones_of(places):
    return {place.timezone for place in places} or {settings.BOUTIQUE_TIME_ZONE}


def today_in(zones):
    """The earliest of the days that it is there, once the night is over: what ended before, ended in all of them."""
    return min(timezone.localdate(timezone.now() - NIGHT, timezone=ZoneInfo(zone)) for zone in zones)


def furthest_today():
    """No place is further than this: whatever is due anywhere is due by it."""
    return timezone.now().date() + timedelta(days=1)
