"""Tickets over the wire: taken in, priced, promised, moved on, paid, handed over."""

import pytest
from django.utils import timezone

from alterations.models import AlterationService
from alterations.services import catalogue, checking
from alterations.tests.factories import tailor_in
from orders.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def tailor(store):
    return tailor_in(store, username="tailor")


@pytest.fixture
def customer(store):
    return CustomerFactory(places=[store], name="Ada Mary Byrne")


@pytest.fixture
def services(db):
    """By code: the starter catalogue."""
    catalogue.load()
    return {service.code: service for service in AlterationService.objects.all()}


def body(store, customer, *garments, **more):
    return {"customer": customer.pk, "location": store.pk, "garments": list(garments)} | more


def trousers(*lines, **more):
    return {"garment_type": "trs", "description": "Grey wool", "issue": "Too long.", "services": list(lines)} | more


def codes(answer):
    return {(error["field"], error["code"]) for error in answer.json()["errors"]}


def test_a_ticket_is_taken_in_with_catalogue_prices_and_a_promise(as_, clerk, store, customer, services, tailor):
    hem, zip_fly = services["trs_hem"], services["zip_fly"]
    lines = [{"service": hem.pk}, {"service": zip_fly.pk, "quantity": "2", "note": "metal"}]

    answer = as_(clerk).post("alterations/", body(store, customer, trousers(*lines)))

    ticket = answer.json()
    assert answer.status_code == 201, ticket
    assert (ticket["number"], ticket["status"], ticket["total"]) == (f"ALT-{ticket['id']:06d}", "open", "68.00")
    assert (ticket["paid"], ticket["balance"], ticket["overdue"]) == ("0.00", "68.00", False)
    assert ticket["promised_on"] > timezone.localdate().isoformat()
    (garment,) = ticket["garments"]
    assert (garment["status"], garment["minutes"], garment["tag_code"][0]) == ("received", 105, "G")
    assert [line["total"] for line in garment["services"]] == ["18.00", "50.00"]
    assert garment["allowed_actions"] == ["pin", "hold", "cancel"]
    assert list(checking.differences()) == []
