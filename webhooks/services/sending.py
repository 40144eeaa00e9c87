"""Telling the receivers: one message after the other to each of them, each under one deadline, again until it is taken.

A delivery is taken under a lock, for a minute (`next_attempt_at` says until when), and then sent **outside any
transaction**. Who dies while sending leaves a row that is due again when the minute is over: it goes out a second time
under the same id, and never a third because of that. Before it is sent, its attempt is counted.

A receiver that does not answer is left in peace, a little longer each time, and so is one that takes its time; one
that has not taken anything for three days is switched off, and whoever made the webhook gets a letter.
"""

import hmac
import json
import random
import time
from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Greatest
from django.utils import timezone

from accounts.models import User
from boutique import mail
from boutique.outgoing import Unanswered, post
from webhooks.models import Webhook, WebhookDelivery
from webhooks.services import addresses
from webhooks.services.telling import told

log = structlog.get_logger(__name__)

CONNECT_SECONDS, SECONDS = 5, 10
PASS_SECONDS = 5  # nothing new is begun after that: others wait for the worker
TAKEN_FOR = timedelta(minutes=1)
KEPT_CHARACTERS = 500
MOST_BYTES = 4096
RETRY_AFTER = [
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=8),
    timedelta(hours=10),
]
MOST_ATTEMPTS = len(RETRY_AFTER) + 1
REST_AFTER = [timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15)]
SLOW_PASS = 2  # who needs a whole pass for so few messages keeps the worker from the others
SLOW_REST = [timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5)]
GIVEN_UP_AFTER = timedelta(days=3)
KEPT_FOR = timedelta(days=30)
OFF = "The webhook was switched off."
NOT_TAKEN = "Nothing was taken there for days."
RESTORED = "The shop was put back from a backup."
NOTED = ["status", "next_attempt_at", "milliseconds", "response_status", "response", "error", "updated_at"]

Status = WebhookDelivery.Status


# ------------------------------------------------------------------------------------------------ whose turn it is


def waiting():
    """Webhooks for which something is due, and that nobody is at."""
    now = timezone.now()
    due = WebhookDelivery.objects.filter(webhook=OuterRef("pk"), status=Status.PENDING, next_attempt_at__lte=now)
    rested = Q(rests_until=None) | Q(rests_until__lte=now)
    free = Q(sending_until=None) | Q(sending_until__lte=now)
    return Webhook.objects.active().filter(Exists(due), rested, free)


@transaction.atomic
def taken(*, queued=()):
    """The webhooks for which a pass is to begin now. However many ask, each is taken by one of them. `queued`: those
    whose last pass has not had its turn yet, however long ago it was enqueued."""
    free = waiting().exclude(pk__in=queued)
    free = list(free.select_for_update(no_key=True, skip_locked=True, of=("self",)).values_list("pk", flat=True))
    Webhook.objects.filter(pk__in=free).update(sending_until=timezone.now() + TAKEN_FOR)
    return free


def send_due(pk):
    """Sends what is due to one webhook, the oldest first, until nobody answers. How many were sent."""
    began, sent = time.monotonic(), 0
    while time.monotonic() - began < PASS_SECONDS and (delivery := claimed(pk)):
        note(delivery, attempt(delivery))
        sent += 1
    Webhook.objects.filter(pk=pk).update(sending_until=None)
    if sent:
        rest_if_slow(pk, is_slow=sent <= SLOW_PASS and time.monotonic() - began >= PASS_SECONDS)
    return sent


@transaction.atomic
def rest_if_slow(pk, *, is_slow):
    """Whatever it answers: who takes long for it waits for the others, longer each time."""
    webhook = Webhook.objects.select_for_update(no_key=True).filter(pk=pk).first()
    if webhook is None or not (is_slow or webhook.slow_passes):
        return
    passes, rests = webhook.slow_passes + 1, {}
    if is_slow:
        rest = jittered(SLOW_REST[min(passes, len(SLOW_REST)) - 1])
        rests["rests_until"] = Greatest("rests_until", timezone.now() + rest)  # one that is null counts for nothing
    Webhook.objects.filter(pk=pk).update(slow_passes=passes if is_slow else 0, **rests)


@transaction.atomic
def claimed(pk):
    now = timezone.now()
    due = WebhookDelivery.objects.due(now).filter(webhook=pk).select_related("webhook").order_by("pk")
    delivery = due.select_for_update(skip_locked=True, no_key=True, of=("self",)).first()
    if delivery:
        delivery.attempts += 1
        delivery.last_attempt_at, delivery.next_attempt_at = now, now + TAKEN_FOR
        delivery.save(update_fields=["attempts", "last_attempt_at", "next_attempt_at", "updated_at"])
    return delivery


# ------------------------------------------------------------------------------------------------ one message


class Outcome:
    """What became of one attempt."""

    def __init__(self, reply=None, error=""):
        self.status, self.response = None, ""
        self.is_silent, self.error, self.milliseconds = reply is None, error, 0
        if reply:
            self.status = reply.status
            # What PostgreSQL cannot keep is left out.
            self.response = reply.body.decode("utf-8", "replace").replace("\0", "")[:KEPT_CHARACTERS]
            if not self.is_taken:
                self.error = f"answered {reply.status}"

    @property
    def is_taken(self):
        return self.status is not None and 200 <= self.status < 300


def attempt(delivery):
    """Called outside any transaction: the other side may take its time."""
    began, url = time.monotonic(), delivery.webhook.url
    body = body_of(delivery)
    try:
        reply = post(
            url,
            body,
            headers_of(delivery, body, int(time.time())),
            seconds=SECONDS,
            most=MOST_BYTES,
            connect_seconds=CONNECT_SECONDS,
            judge=addresses.judge_for(url),
            whole=False,
        )
    except Unanswered as error:
        outcome = Outcome(error=str(error)[:200])
    else:
        outcome = Outcome(reply)
    outcome.milliseconds = round((time.monotonic() - began) * 1000)
    return outcome


def body_of(delivery):
    message = {
        "id": str(delivery.event_id),
        "event": delivery.event,
        "created_at": told(delivery.happened_at),
        "data": delivery.data,
    }
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def headers_of(delivery, body, now):
    return {
        "Content-Type": "application/json",
        "User-Agent": "Boutique-Webhooks",
        "Boutique-Event": delivery.event,
        "Boutique-Delivery": str(delivery.pk),
        "Boutique-Signature": f"t={now},v1={signature(delivery.webhook.secret, now, body)}",
    }


def signature(secret, now, body):
    return hmac.new(secret.encode(), f"{now}.".encode() + body, "sha256").hexdigest()


# ------------------------------------------------------------------------------------------------ what came of it


@transaction.atomic
def note(delivery, outcome):
    webhook = Webhook.objects.select_for_update(no_key=True).filter(pk=delivery.webhook_id).first()
    if webhook is None:
        return  # it was removed while it was told
    now = timezone.now()
    delivery.milliseconds, delivery.error = outcome.milliseconds, outcome.error
    delivery.response_status, delivery.response = outcome.status, outcome.response
    if outcome.is_taken:
        delivery.status, delivery.next_attempt_at = Status.DELIVERED, None
        listens_again(webhook)
    else:
        # Where it was switched off meanwhile, nothing more is sent.
        if webhook.is_active and delivery.attempts < MOST_ATTEMPTS:
            delivery.next_attempt_at = now + jittered(RETRY_AFTER[delivery.attempts - 1])
        else:
            delivery.status, delivery.next_attempt_at = Status.FAILED, None
        failed_again(webhook, now, is_silent=outcome.is_silent)
    delivery.save(update_fields=NOTED)
    log.info("webhook_sent", webhook=webhook.pk, delivery=delivery.pk, error=outcome.error, status=outcome.status)
    if is_given_up(webhook, now):
        switch_off(webhook, now)


def jittered(wait):
    return wait * random.uniform(0.9, 1.1)  # noqa: S311 (keeps a thousand retries apart, and no secret)


def listens_again(webhook):
    if webhook.failures:
        Webhook.objects.filter(pk=webhook.pk).update(failures=0, failing_since=None, rests_until=None)
        webhook.failures, webhook.failing_since = 0, None


def failed_again(webhook, now, *, is_silent):
    webhook.failures += 1
    webhook.failing_since = webhook.failing_since or now
    if is_silent:
        webhook.rests_until = now + jittered(REST_AFTER[min(webhook.failures, len(REST_AFTER)) - 1])
    Webhook.objects.filter(pk=webhook.pk).update(
        failures=F("failures") + 1, failing_since=webhook.failing_since, rests_until=webhook.rests_until
    )


def is_given_up(webhook, now):
    is_long = webhook.failing_since is not None and now - webhook.failing_since >= GIVEN_UP_AFTER
    return webhook.is_active and is_long and webhook.failures >= MOST_ATTEMPTS


def switch_off(webhook, now):
    """Nothing more is sent there until somebody switches it on again."""
    off = {"is_active": False, "switched_off_at": now, "switched_off_because": NOT_TAKEN, "updated_at": now}
    Webhook.objects.filter(pk=webhook.pk).update(**off)
    drop_waiting(webhook.deliveries, OFF)
    for person in told_about(webhook):
        words = {"name": person.get_short_name(), "address": webhook.url, "number": webhook.pk}
        words["since"] = told(webhook.failing_since)
        key = f"webhook {webhook.pk} {person.pk} {webhook.failing_since.isoformat()}"
        mail.send("webhooks/switched_off", person.email, words, key=key)


def drop_waiting(deliveries, reason):
    """What has not gone out does not: much later, and perhaps to another address, it would be no news. How many."""
    dropped = {"status": Status.FAILED, "next_attempt_at": None, "error": reason, "updated_at": timezone.now()}
    return deliveries.filter(status=Status.PENDING).update(**dropped)


@transaction.atomic
def after_restore():
    """Called when a backup was put back, perhaps only to try it: nobody is told anything until somebody says so."""
    now = timezone.now()
    off = {"is_active": False, "switched_off_at": now, "switched_off_because": RESTORED, "updated_at": now}
    webhooks = Webhook.objects.active().update(**off)
    deliveries = drop_waiting(WebhookDelivery.objects, RESTORED)
    if not (webhooks or deliveries):
        return ""
    return f"{webhooks} webhooks are switched off and {deliveries} messages dropped: docs/webhooks.md, After a restore."


def told_about(webhook):
    """Who made it, or else all who could have."""
    able = User.objects.may("webhooks.change_webhook").order_by("pk")
    return able.filter(pk=webhook.created_by_id) or able


def forget_old():
    """The log of deliveries is kept for thirty days."""
    before = timezone.now() - KEPT_FOR
    return WebhookDelivery.objects.filter(created_at__lt=before).delete()[0]
