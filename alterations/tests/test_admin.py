"""Alterations on the desk: what stands on its pages, and that their buttons call the services."""

import pytest
from django.urls import reverse

from accounts.tests.desk import page_of, typed
from alterations.models import AlterationService, Bench, Garment, Ticket
from alterations.tests.factories import ServiceFactory, paid, tailor_in, taken_in
from orders.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


def page(name, *args):
    return reverse(f"admin:alterations_{name}", args=args)


def test_all_pages_open_and_show_what_there_is(at_desk, manager, store):
    tailor = tailor_in(store)
    ticket = taken_in(store, by=manager)
    paid(ticket, "5.00", manager)
    Bench.objects.create(person=tailor, skills={"trs": 3})
    desk, garment = at_desk(manager), ticket.garments.get()

    for name in ("ticket", "garment", "alterationservice", "bench"):
        assert desk.get(page(f"{name}_changelist")).status_code == 200, name
    for name, row, words in (
        ("ticket", ticket, [garment.number, "5.00", "Take payment"]),
        ("garment", garment, ["Give to a tailor", "Work"]),
        ("alterationservice", AlterationService.objects.get(), ["trs_work"]),
        ("bench", tailor, ["trs 3"]),
    ):
        text = desk.get(page(f"{name}_change", row.pk)).content.decode()
        assert [word for word in words if word not in text] == [], name


def test_a_list_of_tickets_costs_the_same_whatever_its_length(at_desk, manager, store, django_assert_max_num_queries):
    for _ in range(3):
        taken_in(store, by=manager)
    desk = at_desk(manager)
    desk.get(page("ticket_changelist"))

    with django_assert_max_num_queries(14):
        desk.get(page("ticket_changelist"))
    with django_assert_max_num_queries(14):
        desk.get(page("garment_changelist"))


def test_tickets_of_other_places_are_not_there(at_desk, manager, other_store, owner):
    elsewhere = taken_in(other_store, by=owner)

    assert at_desk(manager).get(page("ticket_change", elsewhere.pk)).status_code == 302
    assert elsewhere.number not in at_desk(manager).get(page("ticket_changelist")).content.decode()


def test_buttons_take_in_move_and_pay(at_desk, manager, store):
    customer, service, tailor = CustomerFactory(places=[store]), ServiceFactory(), tailor_in(store)
    desk = at_desk(manager)

    desk.post(
        page("ticket_take_in"),
        {
            "customer": customer.pk,
            "location": store.pk,
            "garment_type": "trs",
            "description": "Grey wool",
            "services": [service.pk],
        },
    )
    garment = Garment.objects.get()
    desk.post(page_of(garment, "assign"), {"tailor": tailor.pk})
    desk.post(page_of(garment.ticket, "pay"), {"amount": "18.00", "method": "cash"})

    assert Garment.objects.get().tailor == tailor
    assert Ticket.objects.get().balance == 0


def test_the_catalogue_and_tailors_are_kept_there(at_desk, manager, store):
    service, tailor = ServiceFactory(), tailor_in(store)
    desk = at_desk(manager)
    week = {"tailor": tailor.pk, "minutes_by_day": "100 100 100 100 100 0", "skills": "trs 3"}

    desk.post(page("bench_plan_tailor"), week)
    assert not Bench.objects.exists()
    desk.post(page("bench_plan_tailor"), week | {"minutes_by_day": "100 100 100 100 100 0 0"})
    desk.post(page_of(service), typed(desk, service, price="21.00", keywords="hem"))
    assert AlterationService.objects.get().price == 21
    desk.post(page("alterationservice_delete", service.pk), {"post": "yes"})

    assert Bench.objects.get().skills == {"trs": 3}
    assert not AlterationService.objects.exists()
