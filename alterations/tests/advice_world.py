"""A small catalogue, and a ticket with one garment, for the tests of advice."""

from decimal import Decimal

from alterations.models import AlterationService
from alterations.services import ticketing
from orders.tests.factories import CustomerFactory


def service(code, name, garments, *, price="20.00", minutes=30, keywords=(), **more):
    fields = {"price": Decimal(price), "minutes": minutes, "keywords": list(keywords)}
    return AlterationService.objects.create(code=code, name=name, garment_types=garments, **fields, **more)


def catalogue():
    """By code."""
    made = [
        service("trs_hem", "Shorten trousers", ["trs"], price="18.00", minutes=25, keywords=["too long", "drag"]),
        service("trs_wst_in", "Take in waist", ["trs", "skt"], price="28.00", minutes=40),
        service("trs_wst_out", "Let out waist", ["trs", "skt"], price="28.00", minutes=40),
        service("drs_sides_in", "Take in dress sides", ["drs"], price="42.00", minutes=60),
        service("btn_set", "Buttons and hooks", [], price="5.00", minutes=10),
        service("mend", "Darn, patch or invisible mend", [], price="35.00", minutes=60),
    ]
    return {one.code: one for one in made}


def ticket_in(store, by, **of_customer):
    """A ticket of this place with a pair of trousers, and the trousers."""
    customer = CustomerFactory(places=[store], **of_customer)
    ticket = ticketing.take_in(
        customer=customer, location=store, garments=[{"garment_type": "trs", "services": []}], by=by
    )
    return ticket, ticket.garments.get()
