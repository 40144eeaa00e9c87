"""Customers and their bodies at the desk."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import roles
from accounts.roles import Role
from accounts.tests.desk import list_of, messages_on, page_of, press, typed
from boutique.models import DocumentEvent
from orders.models import BodyDataRead, Consent, Customer, MeasurementDefinition, MeasurementSet
from orders.services import customers
from orders.tests.factories import CustomerFactory, MeasurementSetFactory

pytestmark = pytest.mark.django_db

TRAP = "<script>alert(1)</script>"


@pytest.fixture
def amina(manager):
    return customers.add(
        by=manager, name="Amina Rahman", email="amina@example.com", phone="+49401234567", notes="Prefers mornings."
    )


@pytest.fixture
def owners_desk(at_desk, owner):
    return at_desk(owner)


@pytest.fixture
def without(monkeypatch):
    """A manager whom the table gives everything but this."""

    def take(permission):
        monkeypatch.setitem(roles.PERMISSIONS, Role.MANAGER, roles.PERMISSIONS[Role.MANAGER] - {permission})

    return take


def titles(answer):
    return [panel["title"] for panel in answer.context["panels"]]


def listed(answer):
    return [str(row) for row in answer.context["cl"].result_list]


def some_papers(customer, person):
    paper = customers.Paper(
        id=3, number="ORD-000003", date=date(2026, 1, 5), location=1, location_code="CENTRE", status="ready",
        total=Decimal(12),
    )  # fmt: skip
    return customers.Papers(name="orders", papers=[paper], spend=Decimal(12))


# ------------------------------------------------------------------------------------------------ customers


def test_a_customer_is_written_down_at_the_desk(desk, store):
    sent = {"name": "Amina", "email": "Amina@Example.com", "phone": "040 1234567", "consent": "on", "seen": ""}

    answer = desk.post(reverse("admin:orders_customer_add"), sent)

    customer = Customer.objects.with_consent().get()
    assert answer.url == page_of(customer)
    assert (customer.email, customer.phone, customer.consent) == ("amina@example.com", "+49401234567", True)
    assert [known.location for known in customer.places.all()] == [store]


def test_what_cannot_be_is_said_beside_its_field(desk):
    sent = {"name": "Amina", "phone": "call me", "email": "nobody", "birthday": "2999-01-01", "seen": ""}

    answer = desk.post(reverse("admin:orders_customer_add"), sent)

    assert set(answer.context["adminform"].form.errors) == {"phone", "email", "birthday"}
    assert not Customer.objects.exists()


def test_a_customer_is_changed(desk, amina):
    desk.post(page_of(amina), typed(desk, amina, notes="Prefers evenings."))

    assert Customer.objects.get().notes == "Prefers evenings."
    assert DocumentEvent.objects.latest("pk").changes == {"notes": None}


@pytest.mark.parametrize("words", ["amina", "rahm", "1234567", "040 123", "example.com"])
def test_customers_are_found_by_the_words_of_the_api(desk, amina, words):
    customers.add(by=amina.created_by, name="Bob")

    assert listed(desk.get(list_of(Customer), {"q": words})) == ["Amina Rahman"]


def test_those_of_other_stores_are_not_there(desk, other_store, amina):
    hidden = CustomerFactory(name="Hidden", places=[other_store])

    assert listed(desk.get(list_of(Customer))) == ["Amina Rahman"]
    assert desk.get(page_of(hidden)).status_code == 302


def test_the_page_shows_all_that_the_shop_knows(desk, amina, settings):
    settings.CUSTOMER_PAPERS = ["orders.tests.test_admin.some_papers"]
    CustomerFactory(name="Twin", phone=amina.phone, places=[known.location for known in amina.places.all()])
    MeasurementSetFactory(customer=amina, wearer="Leila", note=TRAP, sizes={"arm_length": ("60", "61")})
    customers.record_consent(customer=amina, purpose="photos", is_given=True, by=amina.created_by)

    answer = desk.get(page_of(amina))

    assert "The same phone number as Twin." in answer.text
    assert "ORD-000003" in answer.text
    assert "left 60 cm, right 61 cm" in answer.text
    assert "Photos shown to others" in answer.text
    assert TRAP not in answer.text
    assert "Timeline" in titles(answer)


def test_whoever_opens_the_page_reads_the_measurements(desk, amina, manager):
    desk.get(page_of(amina))
    assert not BodyDataRead.objects.exists()
    taken = MeasurementSetFactory(customer=amina)

    desk.get(page_of(amina))
    desk.get(page_of(taken))
    desk.get(list_of(MeasurementSet))

    reads = list(BodyDataRead.objects.values_list("by", "customers"))
    assert reads == [(manager.pk, [amina.pk])] * 2


def test_without_the_right_to_bodies_there_are_none(desk, amina, without):
    MeasurementSetFactory(customer=amina, wearer="Leila")
    without("orders.view_body")

    answer = desk.get(page_of(amina))

    assert "Leila" not in answer.text
    assert not BodyDataRead.objects.exists()


def test_without_the_right_to_contacts_they_vanish(desk, amina, without):
    without("orders.view_contact")

    for answer in (desk.get(page_of(amina)), desk.get(list_of(Customer))):
        assert "Amina Rahman" in answer.text
        assert not [word for word in ("amina@example", "1234567", "mornings") if word in answer.text]
    assert listed(desk.get(list_of(Customer), {"q": "1234567"})) == []


def test_consent_is_noted(desk, amina):
    press(desk, amina, "consent", purpose="photos", is_given="0", how="by_phone")

    said = Consent.objects.get()
    assert (said.purpose, said.is_given, said.how) == ("photos", False, "by_phone")


def test_archive_and_back(desk, amina):
    press(desk, amina, "archive")
    assert not Customer.objects.get().is_active

    press(desk, amina, "restore")
    assert Customer.objects.get().is_active


def test_export_and_erase_are_the_owners(desk, amina):
    for verb in ("export", "erase"):
        assert press(desk, amina, verb).status_code == 403
    assert not Customer.objects.get().is_erased


def test_the_owner_takes_a_file_with_everything(owners_desk, amina):
    answer = owners_desk.post(page_of(amina, "export"))

    assert answer["Content-Disposition"] == f'attachment; filename="cus-{amina.pk:06d}.json"'
    assert answer.json()["customer"]["email"] == "amina@example.com"


def test_the_owner_erases_after_saying_so(owners_desk, amina):
    asked = owners_desk.get(page_of(amina, "erase"))
    assert "gone for good" in asked.text
    assert not Customer.objects.get().is_erased

    press(owners_desk, amina, "erase")

    page = owners_desk.get(page_of(amina))
    assert "Amina" not in page.text
    assert owners_desk.post(page_of(amina), {"name": "Amina"}).status_code == 403


def an_open_order(customer):
    return ["ORD-000007"]


def test_open_work_is_a_message(owners_desk, amina, settings):
    settings.CUSTOMER_OPEN_WORK = ["orders.tests.test_admin.an_open_order"]

    answer = press(owners_desk, amina, "erase")

    assert "ORD-000007" in answer.text
    assert not Customer.objects.get().is_erased


def test_one_with_a_history_is_not_deleted(desk, amina):
    MeasurementSetFactory(customer=amina)

    answer = desk.post(page_of(amina, "delete"), follow=True)

    assert "has a history" in answer.text
    assert Customer.objects.exists()


@pytest.mark.parametrize("model", [Customer, MeasurementSet, MeasurementDefinition, BodyDataRead])
def test_lists_cost_the_same_whatever_is_on_them(owners_desk, store, model, owner):
    def statements():
        with CaptureQueriesContext(connection) as caught:
            assert owners_desk.get(list_of(model)).status_code == 200
        return len(caught)

    def fill():
        taken = MeasurementSetFactory(customer=CustomerFactory(places=[store]))
        BodyDataRead.objects.create(by=owner, customers=[taken.customer_id], route="here")

    fill()
    few = statements()
    for _ in range(5):
        fill()

    assert statements() == few


# ------------------------------------------------------------------------------------------------ measurements


def test_a_set_shows_its_numbers_and_versions(desk, amina):
    MeasurementSetFactory(customer=amina, version=1, note="First.")
    taken = MeasurementSetFactory(customer=amina, version=2, warnings=[{"message": "Odd."}])

    answer = desk.get(page_of(taken))

    assert "Chest girth" in answer.text
    assert "First." in answer.text
    assert "Odd." in answer.text
    assert desk.post(page_of(taken), {"note": "changed"}).status_code == 403


def test_sets_are_found_by_their_customer(desk, amina):
    MeasurementSetFactory(customer=amina)
    MeasurementSetFactory(customer=CustomerFactory(places=[known.location for known in amina.places.all()]))

    assert len(listed(desk.get(list_of(MeasurementSet), {"q": "rahman"}))) == 1
    assert len(listed(desk.get(list_of(MeasurementSet), {"q": "nobody"}))) == 0


def test_a_set_is_taken_out(desk, amina):
    taken = MeasurementSetFactory(customer=amina)

    answer = press(desk, taken, "take_out")

    assert messages_on(answer)
    assert not MeasurementSet.objects.current().exists()


def test_the_shop_extends_its_vocabulary(desk):
    sent = {
        "code": "cape_length", "name": "Cape length", "description": "", "kind": "body", "side": "none", "unit": "cm",
        "position": "5", "is_active": "on", "garments": ["coat"], "seen": "",
        "reject_min": "30", "warn_min": "60", "warn_max": "140", "reject_max": "180",
    }  # fmt: skip

    refused = desk.post(reverse("admin:orders_measurementdefinition_add"), sent | {"warn_min": "20"})
    assert "warn_min" in refused.context["adminform"].form.errors

    desk.post(reverse("admin:orders_measurementdefinition_add"), sent)
    cape = MeasurementDefinition.objects.get(code="cape_length")
    assert cape.garments == ["coat"]
    desk.post(page_of(cape), typed(desk, cape, warn_max="150"))
    assert MeasurementDefinition.objects.get(pk=cape.pk).warn_max == 150
    desk.post(page_of(cape, "delete"))
    assert not MeasurementDefinition.objects.filter(pk=cape.pk).exists()


def test_a_dimension_in_use_stays(desk, amina):
    MeasurementSetFactory(customer=amina)
    chest = MeasurementDefinition.objects.get(code="chest_girth")

    assert "Numbers were taken by" in desk.post(page_of(chest, "delete"), follow=True).text
    answer = desk.post(page_of(chest), typed(desk, chest, code="bust_girth"))
    assert "code" in answer.context["adminform"].form.errors
    assert MeasurementDefinition.objects.filter(code="chest_girth").exists()


def test_the_log_of_looks_is_the_owners(desk, at_desk, owner, amina):
    assert desk.get(list_of(BodyDataRead)).status_code == 403
    BodyDataRead.objects.create(by=owner, customers=[amina.pk], route="GET /api/v1/measurements/")

    answer = at_desk(owner).get(list_of(BodyDataRead))

    assert amina.number in answer.text
