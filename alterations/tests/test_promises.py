"""When work will be done: numbers and a calendar in, a day and its arithmetic out."""

import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alterations.models import AlterationService
from alterations.promising import Room, Worker, promise
from alterations.services import catalogue, planning
from alterations.tests.factories import piece, tailor_in, taken_in, work

MONDAY = datetime.date(2026, 11, 30)
WEEK = [480] * 5 + [0, 0]
ONE = Room(workers=[Worker(week=WEEK)])

weeks = st.lists(st.integers(0, 600), min_size=7, max_size=7).filter(lambda week: sum(week) >= 30)
minutes = st.integers(0, 5000)


def asked(own=60, queue=0, room=ONE, **more):
    return promise(room=room, minutes=own, queue=queue, today=MONDAY, **more)


def test_the_arithmetic_stands_beside_the_day():
    """A day of 480 minutes has 312 to promise: 80 % less 15 %."""
    found = asked(own=60, queue=600)

    assert found.promised_on == datetime.date(2026, 12, 4)  # Tue 312, Wed 624, Thu 936 >= 660; Friday is for pressing
    assert found.basis == [
        "600 minutes wait before it, 60 are its own: 660 in all.",
        "1 tailor, 65 % of their minutes: 936 minutes free from tomorrow until 2026-12-03.",
        "A working day for checking and pressing: 2026-12-04.",
    ]


def test_haste_uses_the_reserve_and_a_fitting_takes_a_day():
    assert asked(own=350).promised_on == datetime.date(2026, 12, 3)
    assert asked(own=350, rush=True).promised_on == datetime.date(2026, 12, 2)
    assert asked(own=350, rush=True, fitting=True).promised_on == datetime.date(2026, 12, 3)


def test_time_off_weekends_and_least_days_put_it_off():
    away = Room(workers=[Worker(week=WEEK, away=[(datetime.date(2026, 12, 1), datetime.date(2026, 12, 4))])])

    assert asked(room=away).promised_on == datetime.date(2026, 12, 8)  # sewn on Monday
    assert asked(min_days=14).promised_on == datetime.date(2026, 12, 15)


def test_nobody_or_no_time_is_no_day():
    assert asked(room=Room(workers=[])).promised_on is None
    assert asked(room=Room(workers=[Worker(week=[0] * 7)])).promised_on is None


@given(own=minutes, queue=minutes, week=weeks, rush=st.booleans())
def test_the_same_question_has_the_same_answer_and_more_work_is_never_done_sooner(own, queue, week, rush):
    room = Room(workers=[Worker(week=week)])
    found = asked(own, queue, room, rush=rush)

    assert found == asked(own, queue, room, rush=rush)
    for later in (asked(own + 60, queue, room, rush=rush), asked(own, queue + 60, room, rush=rush)):
        assert later.promised_on is None or found.promised_on <= later.promised_on
    if found.promised_on:
        assert found.promised_on > MONDAY
        assert week[found.promised_on.weekday()] > 0


@given(own=minutes, queue=minutes, week=weeks)
def test_another_pair_of_hands_and_haste_never_put_it_off(own, queue, week):
    alone, together = Room(workers=[Worker(week=week)]), Room(workers=[Worker(week=week), Worker(week=week)])
    found = asked(own, queue, alone)

    if found.promised_on:
        assert asked(own, queue, together).promised_on <= found.promised_on
        assert asked(own, queue, alone, rush=True).promised_on <= found.promised_on


# ------------------------------------------------------------------------------------------------ over the wire


@pytest.fixture
def services(db):
    catalogue.load()
    return {service.code: service for service in AlterationService.objects.all()}


def test_the_question_takes_garments_or_minutes(as_, clerk, store, services):
    tailor_in(store)
    taken_in(store, piece(work(services["press"])), by=clerk)
    garment = {"garment_type": "trs", "services": [{"service": services["trs_hem"].pk}]}
    client = as_(clerk)

    first, second = (
        client.post("alterations/promise-date/", {"location": store.pk, "garments": [garment]}) for _ in "12"
    )
    hurried = client.post("alterations/promise-date/", {"location": store.pk, "minutes": 100, "rush": True})
    neither = client.post("alterations/promise-date/", {"location": store.pk})

    assert first.status_code == 200, first.content
    assert first.json() == second.json()
    assert (first.json()["minutes"], first.json()["queue_minutes"]) == (25, 15)
    assert any("fitting" in line for line in first.json()["basis"])
    assert (hurried.json()["minutes"], hurried.json()["queue_minutes"]) == (100, 0)
    assert neither.status_code == 400


def test_a_shop_without_a_tailor_says_what_to_do(as_, clerk, store, customer, services):
    client = as_(clerk)
    garment = {"garment_type": "trs", "services": [{"service": services["trs_hem"].pk}]}

    refused = client.post("alterations/promise-date/", {"location": store.pk, "minutes": 60})
    taken = client.post("alterations/", {"customer": customer.pk, "location": store.pk, "garments": [garment]})

    assert (refused.status_code, refused.json()["code"]) == (409, "no_tailor")
    assert "Assign one" in refused.json()["detail"]
    assert (taken.status_code, taken.json()["promised_on"]) == (201, None)
    assert "no_tailor" in {warning["code"] for warning in taken.json()["warnings"]}


def test_only_who_can_do_it_counts(as_, clerk, manager, store, services):
    tailor = tailor_in(store)
    planning.plan(tailor=tailor, by=manager, skills={"brd": 5})
    garment = {"garment_type": "trs", "services": [{"service": services["trs_hem"].pk}]}

    answer = as_(clerk).post("alterations/promise-date/", {"location": store.pk, "garments": [garment]})

    assert (answer.status_code, answer.json()["code"]) == (409, "no_tailor")
    planning.plan(tailor=tailor, by=manager, minutes_by_day=[0] * 7, skills={})
    nobody_there = as_(clerk).post("alterations/promise-date/", {"location": store.pk, "garments": [garment]})
    assert nobody_there.json()["code"] == "no_tailor"


@pytest.fixture
def customer(store):
    from orders.tests.factories import CustomerFactory

    return CustomerFactory(places=[store])


def test_the_starter_catalogue_is_loaded_once_and_stays_the_shops(db):
    assert len(catalogue.load()) == 51
    AlterationService.objects.filter(code="trs_hem").update(price=Decimal("30.00"))
    assert catalogue.load() == []
    assert AlterationService.objects.get(code="trs_hem").price == 30
