"""Reports that come by e-mail. What somebody may see is judged when the letter is written, not when they asked."""

from datetime import date
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import Location, User
from boutique import mail
from boutique.errors import Invalid, RuleError, Stale, line_error
from boutique.tables.paper import paper
from boutique.tasks import GiveUp
from reports.models.subscriptions import Subscription, last_ended
from reports.services import named
from reports.services.papers import AskedOnPaper

MOST = 50


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
    subscription = Subscription.objects.create(
        user=by,
        report=report,
        group_by=group_by,
        frequency=frequency,
        is_active=is_active,
        sent_until=last_ended(frequency, today())[1],
    )
    subscription.locations.set(locations)
    return subscription


@transaction.atomic
def change(*, subscription, by, locations=None, **changes):
    """Another report, other places, more or less often; or none for a while."""
    locked = Subscription.objects.visible_to(by).select_for_update().get(pk=subscription.pk)
    if subscription.must_be_unchanged and locked.updated_at != subscription.updated_at:
        raise Stale("Somebody changed this since you read it. Read it again, then repeat your change.")
    for name, value in changes.items():
        setattr(locked, name, value)
    refuse_unknown_group(locked.report, locked.group_by)
    if changes.keys() & {"frequency", "is_active"}:
        # What ended before is not sent all at once.
        locked.sent_until = max(locked.sent_until, last_ended(locked.frequency, today())[1])
    locked.save()
    if locations is not None:
        locked.locations.set(locations)
    return locked


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
    """A letter for each that is due; how many. Whatever runs it again, each goes out once."""
    now = today()
    due = list(Subscription.objects.due(now).select_for_update(of=("self",)).select_related("user").order_by("pk"))
    for subscription in due:
        since, until = last_ended(subscription.frequency, now)
        subscription.sent_until = until
        write(subscription, since, until)
    Subscription.objects.bulk_update(due, ["sent_until"])
    return len(due)


def write(subscription, since, until):
    person = subscription.user
    words = {
        "name": person.get_short_name(),
        "report": subscription.get_report_display(),
        "since": str(since),
        "until": str(until),
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
        raise GiveUp(refusal.detail) from refusal


def places_of(subscription):
    """Those that were chosen, as far as they are still theirs; all that are theirs, if none was."""
    seen = Location.objects.visible_to(subscription.user).order_by("code")
    chosen = [place.pk for place in subscription.locations.all()]
    return tuple(seen.filter(pk__in=chosen) if chosen else seen)


def today():
    return timezone.localdate(timezone=ZoneInfo(settings.BOUTIQUE_TIME_ZONE))
