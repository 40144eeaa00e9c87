"""Two people at one garment at the same moment: on real locks, over HTTP."""

import pytest

from accounts.roles import Role
from accounts.tests.factories import LocationFactory, UserFactory
from alterations.models import Garment
from alterations.services import checking, working
from alterations.tests.factories import moved, piece, tailor_in, taken_in
from conftest import ApiClient
from tests.threads import at_once, errors_of, while_waiting

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def place():
    return LocationFactory()


@pytest.fixture
def by(place):
    return UserFactory(role=Role.ADMIN)


@pytest.fixture
def tailor(place):
    return tailor_in(place)


def test_of_two_who_move_one_garment_one_is_told_409(place, by, tailor):
    garment = moved(taken_in(place, by=by).garments.get(), "assigned", by=by, tailor=tailor)
    clients = [ApiClient(person) for person in (by, tailor)]

    outcome = while_waiting(
        lambda: working.start(garment=garment, by=by),
        lambda: clients[1].post(f"alteration-garments/{garment.pk}/start/"),
    )

    assert (outcome.status_code, outcome.json()["code"]) == (409, "illegal_transition")
    assert Garment.objects.get().status == "in_progress"


def test_many_at_the_pieces_of_one_ticket_never_wait_crosswise(place, by, tailor):
    ticket = taken_in(place, piece(), piece(), by=by)
    first, second = (f"alteration-garments/{garment.pk}/assign/" for garment in ticket.garments.all())
    clients = [ApiClient(by) for _ in range(6)]
    urls = [first, second, second, first, first, second]

    answers = at_once(*[lambda c=c, u=u: c.post(u, {"tailor": tailor.pk}) for c, u in zip(clients, urls, strict=True)])

    assert errors_of(answers) == []
    assert {answer.status_code for answer in answers} == {200}
    assert set(Garment.objects.values_list("status", flat=True)) == {"assigned"}
    assert list(checking.differences()) == []


def test_a_garment_is_started_once_however_many_press(place, by, tailor):
    garment = moved(taken_in(place, by=by).garments.get(), "assigned", by=by, tailor=tailor)
    clients = [ApiClient(by) for _ in range(3)]

    answers = at_once(*[lambda c=c: c.post(f"alteration-garments/{garment.pk}/start/") for c in clients])

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
