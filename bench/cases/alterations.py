"""Alterations: a page of tickets with their garments, the garments of a tailor, and when work would be done."""

import functools
from decimal import Decimal

from accounts.roles import Role
from alterations.models import AlterationService
from alterations.services import catalogue, ticketing, working
from bench import shop
from bench.registry import Ask, case
from orders.services import customers

TICKETS, PIECES = 300, 3


@functools.cache
def workroom():
    """A store with 300 open tickets of three garments, a third of which lie with its tailor."""
    place, by = shop.place(), shop.person(Role.ADMIN)
    tailor = shop.person(Role.TAILOR, places=[place])
    catalogue.load()
    press = AlterationService.objects.get(code="press")
    whose = customers.add(name="Ada of the bench", location=place, by=by)
    pieces = [{"garment_type": "trs", "services": [{"service": press, "quantity": Decimal(1)}]}] * PIECES
    for _ in range(TICKETS):
        ticket = ticketing.take_in(customer=whose, location=place, garments=pieces, by=by)
        working.assign(garment=ticket.garments.first(), tailor=tailor, by=by)
    return place, tailor, press


@case(queries=10, ratio=60)
def page_of_tickets(client):
    """GET alterations/ as a clerk: a page of 25 with three garments each."""
    place, _tailor, _press = workroom()
    token = shop.token(shop.person(Role.STAFF, places=[place]))
    return lambda: Ask("GET", "alterations/", token)


@case(queries=7, ratio=60)
def own_garments(client):
    """GET alteration-garments/ as the tailor: a page of 25 of their 300."""
    token = shop.token(workroom()[1])
    return lambda: Ask("GET", "alteration-garments/?status=assigned", token)


@case(queries=11, ratio=60)
def promise_date(client):
    """POST alterations/promise-date/ behind a queue of 900 garments."""
    place, _tailor, press = workroom()
    token = shop.token(shop.person(Role.STAFF, places=[place]))
    garments = [{"garment_type": "trs", "services": [{"service": press.pk}]}]
    body = {"location": place.pk, "garments": garments}
    return lambda: Ask("POST", "alterations/promise-date/", token, body)
