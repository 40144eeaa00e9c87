"""Advice at the counter: the house's own suggestion first, always; then, where there is a model, its second opinion.

The suggestion is made in memory and the model asked outside of any transaction; one row at the end says what happened.
"""

import threading
from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Count, Max, Q
from django.utils import timezone

from alterations.advice import questions, reasons, scrubbing
from alterations.advice.history import Choice, History, meaning_of
from alterations.advice.offers import Catalogue, Offer
from alterations.advice.provider import PROMPT_VERSION
from alterations.advice.ranking import MOST_ITEMS, MOST_SELECTED, SHOWN, Item, advise
from alterations.models import Acceptance, AlterationService, Recommendation
from alterations.services import asking, ticketing
from boutique import idempotency
from boutique.errors import Duplicate, Invalid, line_error
from orders.models import Consent

MOST_REMEMBERED = 2000
MOST_TO_MODEL = 80  # services in one question
KEPT = timedelta(days=90)
WITH_WORDS = ~Q(said="") | ~Q(raw="") | ~Q(fabric="")
LONGEST_RAW = 64_000
PUT_DOWN = 0.4  # of the blended score, from here on what the model chose is put down
SHARE_OF_MODEL = 0.5


class AlreadyAccepted(Duplicate):
    code = "already_accepted"


# ------------------------------------------------------------------------------------------------ what is known


class Counter:
    """What a process remembers of catalogue and choices. It asks each time for news, and reads only that."""

    def __init__(self):
        self.lock = threading.Lock()
        self.version, self.catalogue = None, None
        self.newest, self.history = 0, History()

    def look(self):
        """(catalogue, its version, history), as they are now."""
        offered = AlterationService.objects.filter(is_active=True)
        state = offered.aggregate(count=Count("pk"), changed=Max("updated_at"), newest=Max("pk"))
        version = "{count}-{newest}-{changed:%Y%m%dT%H%M%S%f}".format(**state) if state["count"] else "0"
        newest = Acceptance.objects.aggregate(newest=Max("pk"))["newest"] or 0
        with self.lock:
            if version != self.version:
                self.catalogue = Catalogue([offer_of(service) for service in offered.order_by("code")])
                self.version = version
            if newest < self.newest:  # another database: tests
                self.newest, self.history = 0, History()
            if newest > self.newest:
                self.history.remember(choices_after(self.newest))
                self.newest = newest
            return self.catalogue, self.version, self.history


counter = Counter()


def offer_of(service):
    return Offer(
        id=service.pk,
        code=service.code,
        name=service.name,
        description=service.description,
        garments=tuple(service.garment_types),
        keywords=tuple(service.keywords),
        seam=service.seam,
        direction=service.direction,
        swallows=tuple(service.swallows),
    )


def choices_after(newest):
    rows = Acceptance.objects.filter(pk__gt=newest).select_related("recommendation").order_by("-pk")[:MOST_REMEMBERED]
    return [
        Choice(
            text=row.recommendation.said,
            meaning=tuple(row.recommendation.meaning),
            chosen=tuple(row.chosen),
            refused=tuple(row.refused),
        )
        for row in reversed(rows)
    ]


# ------------------------------------------------------------------------------------------------ asking


def recommend(*, text, by, garment_type="", fabric="", ticket=None, asks_model=True):
    """Suggests services for a customer's words. Always answers; writes nothing but what it answered."""
    catalogue, version, history = counter.look()
    garments = (garment_type,) if garment_type else ()
    advice = advise(catalogue, text, garments=garments, fabric=fabric, history=history)
    said = scrubbing.scrubbed(text, known_of(ticket))
    question = question_of(said, garment_type, scrubbing.scrubbed(fabric, known_of(ticket)))
    listed = services_to_ask(catalogue, advice)
    digest = asking.digest_of(question, listed)
    asked = asking.Asked()
    if asks_model and not has_said_no(ticket):
        asked = asking.consult(question=question, services=listed, digest=digest, by=by)
    if asked.answer:
        blend(advice, catalogue, asked.answer)
    return Recommendation.objects.create(
        by=by,
        ticket=ticket,
        garment_type=garment_type,
        fabric=scrubbing.scrubbed(fabric, known_of(ticket)),
        said=said,
        digest=digest,
        meaning=meaning_of(advice.reading),
        outcome=advice.outcome,
        engine=Recommendation.Engine.LLM if asked.answer else Recommendation.Engine.LOCAL,
        degraded=asked.is_degraded,
        degraded_reason=asked.result if asked.is_degraded else "",
        catalogue_version=version,
        answer=as_shown(advice, ticket, is_empty=not catalogue.services),
        **of_model(asked),
    )


def of_model(asked):
    """What the audit keeps of a question to the model."""
    model = asking.whom()
    if model is None or not asked.result:
        return {}
    answer = asked.answer if asked.was_asked and asked.answer else None
    return {
        "was_asked": asked.was_asked,
        "provider": model.provider,
        "model": model.model[:100],
        "prompt_version": PROMPT_VERSION,
        "result": asked.result,
        "raw": asked.raw.replace("\x00", "")[:LONGEST_RAW],
        "tokens_in": answer.tokens_in if answer else 0,
        "tokens_out": answer.tokens_out if answer else 0,
        "cost": asked.cost,
        "milliseconds": asked.milliseconds,
    }


def known_of(ticket):
    """What the customer of this ticket is known by."""
    if ticket is None or ticket.customer is None:
        return ()
    customer = ticket.customer
    numbers = [ticket.number, customer.number, *([ticket.order.number] if ticket.order else [])]
    return scrubbing.values_of(
        name=customer.name, phone=customer.phone, email=customer.email, address=customer.address, numbers=numbers
    )


def has_said_no(ticket):
    """The customer took back that a machine may read their words: then only the house reads them."""
    if ticket is None or ticket.customer_id is None or asking.whom() is None:
        return False
    said = Consent.objects.filter(customer=ticket.customer_id, purpose=Consent.Purpose.AI).order_by("-id")
    return said.values_list("is_given", flat=True).first() is False


def question_of(said, garment_type, fabric):
    parts = [said]
    if garment_type:
        parts.append(f"(garment: {garment_type})")
    if fabric:
        parts.append(f"(fabric: {fabric})")
    return "\n".join(parts)


def services_to_ask(catalogue, advice):
    """All services, those that we would suggest first; of a very long catalogue the likelier ones."""
    ranked = {id(item.service): item.score for item in advice.items}
    ordered = sorted(catalogue.services, key=lambda one: (-ranked.get(id(one), 0.0), one.offer.code))[:MOST_TO_MODEL]
    offers = sorted((service.offer for service in ordered), key=lambda offer: offer.code)
    return [(offer.code, offer.name, offer.description) for offer in offers]


def blend(advice, catalogue, answer):
    """Half what we read ourselves, half what the model says; it can put nothing down that it did not choose."""
    ours = {item.service.offer.code: item for item in advice.items}
    by_code = {service.offer.code: service for service in catalogue.services}
    for item in advice.items:
        item.score *= 1 - SHARE_OF_MODEL
        item.selected = False
    for code, confidence, reason in answer.items:
        item = ours.get(code)
        if item is None:
            item = Item(by_code[code])
            advice.items.append(item)
        item.score += SHARE_OF_MODEL * confidence
        item.selected = item.score >= PUT_DOWN and answer.outcome == "suggested"
        item.said_by_model = reason
    advice.items.sort(key=lambda item: (-item.score, item.service.offer.code))
    for item in advice.selected[MOST_SELECTED:]:
        item.selected = False
    advice.items = [item for item in advice.items if item.score >= SHOWN or item.selected][:MOST_ITEMS]
    advice.outcome = "suggested" if advice.selected else "not_sure" if answer.outcome == "suggested" else answer.outcome


# ------------------------------------------------------------------------------------------------ what is shown


def as_shown(advice, ticket, *, is_empty):
    """Prices and minutes are the catalogue's of today, whoever ranked."""
    ids, place = [item.service.offer.id for item in advice.items], ticket.location if ticket else None
    today = place.today if place else timezone.localdate()
    services = AlterationService.objects.filter(is_active=True).priced(place, today).in_bulk(ids)
    items = []
    # A service may have left the catalogue since it was read.
    for rank, item in enumerate((one for one in advice.items if one.service.offer.id in services), start=1):
        service = services[item.service.offer.id]
        items.append(
            {
                "rank": rank,
                "service": service.pk,
                "code": service.code,
                "name": service.name,
                "confidence": round(min(item.score, 0.97), 2),
                "selected": item.selected,
                "reason": item.said_by_model or reasons.reason_for(item, advice.reading),
                "price": str(service.price_now),
                "minutes": service.minutes,
            }
        )
    chosen = [item for item in items if item["selected"]]
    asked = questions.to_ask(advice, is_empty=is_empty)
    return {
        "items": items,
        "questions": [
            vars(question) | {"options": [*question.options], "decides": [*question.decides]} for question in asked
        ],
        "totals": {
            "price": str(sum((Decimal(item["price"]) for item in chosen), Decimal("0.00"))),
            "minutes": sum(item["minutes"] for item in chosen),
        },
    }


# ------------------------------------------------------------------------------------------------ accepting


@transaction.atomic
def accept(*, recommendation, garment, services, by):
    """Puts services down on a garment at the catalogue's price, once; the choice teaches the next answer."""
    refuse_accepted(recommendation)
    if recommendation.ticket_id and garment.ticket_id != recommendation.ticket_id:
        text = "This advice was given for another ticket."
        raise Invalid(text, errors=[line_error("garment", "invalid", text)])
    # The ticket is locked before the advice, as when its customer is erased.
    ticketing.add_services(garment=garment, services=[{"service": service} for service in services], by=by)
    advised = Recommendation.objects.select_for_update(no_key=True, of=("self",)).get(pk=recommendation.pk)
    refuse_accepted(advised)
    suggested = {item["service"] for item in advised.answer["items"] if item["selected"]}
    chosen = [service.pk for service in services]
    Acceptance.objects.create(
        recommendation=advised, garment=garment, by=by, chosen=chosen, refused=sorted(suggested - set(chosen))
    )
    return advised


def refuse_accepted(recommendation):
    if Acceptance.objects.filter(recommendation=recommendation).exists():
        raise AlreadyAccepted("This advice was accepted before. Ask again for another garment.")


# ------------------------------------------------------------------------------------------------ forgetting


def forget_old_words():
    """After 90 days what customers said and models answered is forgotten; what was meant and chosen stays."""
    old = Recommendation.objects.filter(WITH_WORDS, at__lt=timezone.now() - KEPT)
    return old.update(said="", fabric="", raw="")


def export(customer):
    """What was advised on their tickets (CUSTOMER_EXPORTS)."""
    rows = Recommendation.objects.filter(ticket__customer=customer).select_related("ticket").order_by("pk")
    return {
        "advice": [
            {
                "at": row.at,
                "ticket": row.ticket.number,
                "text": row.said,
                "engine": row.engine,
                "model": row.model,
                "suggested": [item["name"] for item in row.answer["items"]],
            }
            for row in rows
        ]
    }


def forget(customer, by):
    """Takes their words out of what was advised on their tickets (CUSTOMER_ERASERS)."""
    rows = Recommendation.objects.filter(ticket__customer=customer)
    rows.filter(WITH_WORDS).update(said="", fabric="", raw="")
    if numbers := "|".join(str(pk) for pk in rows.values_list("ticket", flat=True).distinct()):
        about = Q(route__contains="/recommendations/", body__regex=rf'"ticket":({numbers}),')
        idempotency.blank_answers(about)
