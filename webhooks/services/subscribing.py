"""Webhooks: making, changing and removing them, a new secret, and a word to see whether they listen."""

from django.db import transaction
from django.utils import timezone

from boutique.documents import locked_again
from boutique.errors import RuleError
from webhooks.models import PING, Webhook, WebhookDelivery, new_seed
from webhooks.services import addresses, reading, sending


class SwitchedOff(RuleError):
    code = "switched_off"
    title = "Switched off"


def add(*, url, by, **fields):
    """It is told what happens from now on."""
    return added(url=addresses.judged(url), by=by, **fields)


@transaction.atomic
def added(*, url, events, by, locations=(), is_active=True, note=""):
    webhook = Webhook(url=url, events=in_order(events), note=note, is_active=is_active)
    webhook.created_by = webhook.updated_by = by
    webhook.save()
    webhook.locations.set(locations)
    if is_active:
        reading.begin()
    return webhook


def change(*, webhook, by, **fields):
    """Switched on again, it is told what happens from then on; what it missed meanwhile stays untold, and what was
    waiting when it was switched off."""
    # A name may take seconds to be found: nobody waits for the row meanwhile.
    if "url" in fields and not Webhook.objects.filter(pk=webhook.pk, url=fields["url"]).exists():
        addresses.judged(fields["url"])
    return changed(webhook=webhook, by=by, **fields)


@transaction.atomic
def changed(*, webhook, by, **fields):
    webhook = locked_again(webhook)
    if fields.get("url", webhook.url) != webhook.url:
        forget_failures(webhook)
    if "events" in fields:
        fields["events"] = in_order(fields["events"])
    if "locations" in fields:
        webhook.locations.set(fields.pop("locations"))
    if webhook.is_active and not fields.get("is_active", True):
        sending.drop_waiting(webhook.deliveries, sending.OFF)
    is_new_start = fields.get("is_active", False) and not webhook.is_active
    for name, value in fields.items():
        setattr(webhook, name, value)
    if is_new_start:
        webhook.active_since, webhook.sending_until = timezone.now(), None
        webhook.switched_off_at, webhook.switched_off_because = None, ""
        forget_failures(webhook)
    webhook.updated_by = by
    webhook.save()
    if is_new_start:
        reading.begin()
    return webhook


def forget_failures(webhook):
    webhook.failures, webhook.failing_since, webhook.rests_until, webhook.slow_passes = 0, None, None, 0


def in_order(events):
    return sorted(set(events))


@transaction.atomic
def remove(*, webhook, by):
    """It goes with the log of what it was told."""
    locked_again(webhook).delete()


@transaction.atomic
def rotate(*, webhook, by):
    """A new secret. What is sent from now on is signed with it."""
    webhook = locked_again(webhook)
    webhook.seed, webhook.updated_by = new_seed(), by
    webhook.save()
    return webhook


@transaction.atomic
def test(*, webhook, by):
    """A ping on its way, to see whether anybody listens."""
    webhook = locked_again(webhook)
    refuse_switched_off(webhook)
    return WebhookDelivery.objects.create(webhook=webhook, event=PING, data={"webhook": webhook.pk})


@transaction.atomic
def retry(*, delivery, by):
    """Sends it once more, at once: the same event under the same id, whatever became of it before."""
    webhook = locked_again(delivery.webhook)
    refuse_switched_off(webhook)
    delivery = locked_delivery(delivery)
    delivery.status, delivery.next_attempt_at = WebhookDelivery.Status.PENDING, timezone.now()
    delivery.save(update_fields=["status", "next_attempt_at", "updated_at"])
    Webhook.objects.filter(pk=webhook.pk).update(rests_until=None)
    return delivery


def locked_delivery(delivery):
    return WebhookDelivery.objects.select_for_update(no_key=True, of=("self",)).get(pk=delivery.pk)


def refuse_switched_off(webhook):
    if not webhook.is_active:
        raise SwitchedOff("This webhook is switched off. Switch it on first (`is_active`).")
