from datetime import timedelta
from decimal import Decimal

import factory
from django.utils import timezone

from accounts.roles import Role
from accounts.tests.factories import UserFactory
from alterations.models import AlterationService
from alterations.services import paying, ticketing, working
from orders.tests.factories import CustomerFactory


class ServiceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = AlterationService

    code = factory.Sequence(lambda n: f"trs_work_{n}")
    name = factory.Sequence(lambda n: f"Work {n}")
    garment_types = ["trs"]
    minutes = 25
    price = Decimal("18.00")


def work(service=None, **more):
    """A line of a garment, as its service is told of it."""
    return {"service": service or ServiceFactory()} | more


def piece(*lines, **more):
    """A garment, as it is taken in; trousers with one service unless said otherwise."""
    return {"garment_type": "trs", "services": list(lines) or [work()]} | more


def taken_in(place, *pieces, by, customer=None, **more):
    """A ticket the only way it comes to be."""
    return ticketing.take_in(
        customer=customer or CustomerFactory(places=[place]),
        location=place,
        garments=list(pieces) or [piece()],
        by=by,
        promised_on=more.pop("promised_on", timezone.localdate() + timedelta(days=7)),
        **more,
    )


def paid(ticket, amount, by, **more):
    return paying.pay(ticket=ticket, amount=Decimal(amount), method="cash", by=by, **more)


def tailor_in(place, **more):
    return UserFactory(role=Role.TAILOR, places=[place], **more)


def moved(garment, status, *, by, tailor):
    """The garment, as far as this state on the straight way."""
    steps = {
        "assigned": lambda one: working.assign(garment=one, tailor=tailor, by=by),
        "in_progress": lambda one: working.start(garment=one, by=by),
        "quality_check": lambda one: working.finish(garment=one, by=by),
        "ready": lambda one: working.pass_on(garment=one, by=by),
    }
    for state, step in steps.items():
        garment = step(garment)
        if state == status:
            return garment
    raise ValueError(status)
