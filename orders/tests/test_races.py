"""Several people with one customer at the same moment, on real locks."""

from decimal import Decimal

import pytest

from accounts.roles import Role
from accounts.tests.factories import LocationFactory, UserFactory
from boutique.transactions import in_one_transaction
from orders.models import Customer, CustomerPlace, MeasurementDefinition, MeasurementSet, MeasurementValue
from orders.services import customers, measurements, privacy
from orders.tests.factories import CustomerFactory
from tests.threads import at_once, errors_of, while_waiting

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def store():
    return LocationFactory(code="CENTRE")


@pytest.fixture
def amina(store):
    return CustomerFactory(name="Amina", places=[store])


def chest(number):
    definition = MeasurementDefinition.objects.get(code="chest_girth")
    return [measurements.Reading(definition=definition, side="none", entered=number, size=Decimal(number))]


def test_those_who_measure_at_once_make_versions_one_after_the_other(amina):
    people, values = [UserFactory(role=Role.JUNIOR_DESIGNER) for _ in range(6)], chest("92")

    def measure(by):
        return lambda: measurements.take(customer=amina, type="shirt", values=values, by=by).version

    versions = at_once(*(measure(by) for by in people))

    assert errors_of(versions) == []
    assert sorted(versions) == [1, 2, 3, 4, 5, 6]
    assert MeasurementValue.objects.count() == 6


def test_whoever_measures_second_is_compared_with_the_first(amina):
    by = UserFactory(role=Role.JUNIOR_DESIGNER)
    values, far = chest("92"), chest("120")

    def second():
        try:
            return measurements.take(customer=amina, type="shirt", values=far, by=by)
        except measurements.NeedsConfirmation as refusal:
            return refusal.errors[0]["code"]

    outcome = while_waiting(lambda: measurements.take(customer=amina, type="shirt", values=values, by=by), second)

    assert outcome == "changed_much"
    assert MeasurementSet.objects.count() == 1


def test_a_paper_that_is_being_made_comes_before_the_erasing(amina, store):
    owner, other = UserFactory(role=Role.ADMIN), LocationFactory()

    erased = while_waiting(
        lambda: customers.seen_in(customer=amina, location=other),
        lambda: privacy.erase(customer=amina, by=owner),
    )

    assert erased.is_erased
    assert CustomerPlace.objects.filter(customer=amina, location=other).exists()


def test_a_paper_that_comes_too_late_finds_nobody(amina, store):
    owner = UserFactory(role=Role.ADMIN)

    def too_late():
        try:
            return in_one_transaction(lambda: customers.seen_in(customer=amina, location=store))
        except customers.Invalid as refusal:
            return refusal.errors[0]["code"]

    assert while_waiting(lambda: privacy.erase(customer=amina, by=owner), too_late) == "archived"


def test_erasing_twice_at_once_is_the_same_as_once(amina):
    owners = [UserFactory(role=Role.ADMIN) for _ in range(3)]

    outcomes = at_once(*(lambda by=by: privacy.erase(customer=amina, by=by).name for by in owners))

    assert errors_of(outcomes) == []
    assert set(outcomes) == {Customer.objects.get().pseudonym}


def test_two_who_make_papers_at_once_know_the_customer_once(amina):
    place = LocationFactory()

    outcomes = at_once(*[lambda: customers.seen_in(customer=amina, location=place)] * 4)

    assert errors_of(outcomes) == []
    assert CustomerPlace.objects.filter(customer=amina, location=place).count() == 1
