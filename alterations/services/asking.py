"""Whether a language model is asked at all, and what became of it. The question itself is `advice.provider`'s.

No transaction is open and no lock is held while the model is asked. Who has asked how often, what was spent and what
was answered stands in the recommendations themselves; only the health of the model has a row of its own.
"""

import hashlib
import time
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, Sum
from django.utils import timezone

from alterations.advice import provider
from alterations.models import ModelHealth, Recommendation

log = structlog.get_logger(__name__)

KEPT = timedelta(hours=24)  # an answer to the same words
FAILURES, WITHIN = 5, timedelta(seconds=60)
FIRST_SHUT, LONGEST_SHUT = timedelta(seconds=30), timedelta(minutes=10)
MILLION = Decimal(1_000_000)


@dataclass
class Asked:
    """What the model said, or why it did not. `result` is empty where nobody is there to be asked."""

    result: str = ""
    answer: provider.Answer | None = None
    was_asked: bool = False
    raw: str = ""
    milliseconds: int = 0

    @property
    def is_degraded(self):
        return bool(self.result) and self.answer is None

    @property
    def cost(self):
        if not (self.was_asked and self.answer):
            return Decimal(0)
        prices = Decimal(str(settings.AI_PRICE_IN)), Decimal(str(settings.AI_PRICE_OUT))
        return (self.answer.tokens_in * prices[0] + self.answer.tokens_out * prices[1]) / MILLION


def whom():
    """The model of the settings; None where there is none."""
    if settings.AI_PROVIDER == "none":
        return None
    return provider.Settings(
        settings.AI_PROVIDER, settings.AI_BASE_URL, settings.AI_API_KEY, settings.AI_MODEL, settings.AI_DEADLINE
    )


def digest_of(question, services):
    """The same for the same question: scrubbed words, services on offer, prompt and model."""
    parts = (question, repr(services), provider.PROMPT_VERSION, settings.AI_PROVIDER, settings.AI_MODEL)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def consult(*, question, services, digest, by):
    """Asks the model, unless an answer is known, the person or the house has asked enough, or it fails lately."""
    model = whom()
    if model is None or not services:
        return Asked()
    if known := answered_before(model, digest, services):
        return known
    if reason := enough_for_now(by):
        return Asked(reason)
    name = name_of(model)
    if not may_be_asked(name, model):
        return Asked("circuit_open")
    return put(model, name, question, services)


def put(model, name, question, services):
    started = time.monotonic()
    asked = Asked("ok", was_asked=True)
    try:
        asked.answer = provider.ask(model, question, services)
        asked.raw = asked.answer.raw
    except provider.Failed as failed:
        asked.result, asked.raw = failed.reason, failed.raw
        note_failure(name, is_final=failed.is_final)
        log.warning("advice_model_failed", reason=failed.reason, is_final=failed.is_final)
    else:
        note_success(name)
    asked.milliseconds = round((time.monotonic() - started) * 1000)
    return asked


def answered_before(model, digest, services):
    rows = Recommendation.objects.filter(digest=digest, result="ok", at__gte=timezone.now() - KEPT).exclude(raw="")
    raw = rows.order_by("-id").values_list("raw", flat=True).first()
    if raw is None:
        return None
    try:
        answer = provider.understood(model, raw, [code for code, _, _ in services])
    except provider.Failed:
        return None
    return Asked("cached", answer)


def enough_for_now(by):
    now = timezone.now()
    asked = Recommendation.objects.filter(was_asked=True)
    if asked.filter(by=by, at__gt=now - timedelta(hours=1)).count() >= settings.AI_CALLS_PER_HOUR:
        return "person_limit"
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    spent = asked.filter(at__gte=today).aggregate(tokens=Sum(F("tokens_in") + F("tokens_out")))["tokens"] or 0
    return "budget" if spent >= settings.AI_DAILY_TOKENS else ""


# ------------------------------------------------------------------------------------------------ its health


def name_of(model):
    """Another key or address is another model: what one was refused, the other may be given."""
    key = hashlib.sha256(f"{model.address} {model.api_key}".encode()).hexdigest()[:12]
    return f"{model.provider} {model.model} {key}"[:200]


def may_be_asked(name, model):
    """While it is shut, nobody asks; when that is over, one does and the others wait for what becomes of it."""
    health, now = ModelHealth.objects.filter(name=name).first(), timezone.now()
    if health is None or health.shut_until is None:
        return True
    free = Q(probed_until=None) | Q(probed_until__lte=now)
    until = now + timedelta(seconds=model.deadline + 1)
    return bool(ModelHealth.objects.filter(free, name=name, shut_until__lte=now).update(probed_until=until))


def note_success(name):
    ModelHealth.objects.filter(Q(failures__gt=0) | Q(shut_until__isnull=False), name=name).update(
        failures=0, failing_since=None, shut_until=None, times_shut=0, probed_until=None
    )


@transaction.atomic
def note_failure(name, *, is_final):
    ModelHealth.objects.bulk_create([ModelHealth(name=name)], ignore_conflicts=True)
    health, now = ModelHealth.objects.select_for_update().get(name=name), timezone.now()
    if health.failing_since is None or now - health.failing_since > WITHIN:
        health.failures, health.failing_since = 0, now
    was_probe = health.probed_until is not None
    if health.shut_until and not was_probe:
        return  # asked before it was shut, and failed after: that is known by now
    health.failures += 1
    if was_probe or is_final or health.failures >= FAILURES:
        shut = LONGEST_SHUT if is_final else min(FIRST_SHUT * 2 ** min(health.times_shut, 10), LONGEST_SHUT)
        health.shut_until, health.times_shut = now + shut, min(health.times_shut + 1, 100)
        health.failures, health.failing_since, health.probed_until = 0, None, None
    health.save()
