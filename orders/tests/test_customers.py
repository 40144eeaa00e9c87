"""Customers: writing them down, finding them, who sees them and how much of them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from accounts.tests.factories import LocationFactory, UserFactory
from boutique.models import DocumentEvent
from orders import contacts
from orders.models import Consent, Customer, CustomerPlace
from orders.services import customers
from orders.tests.factories import CustomerFactory, MeasurementSetFactory
from skus.models import as_query
from skus.words import prefixes

pytestmark = pytest.mark.django_db

AMINA = {
    "name": "Amina Rahman",
    "email": "Amina@Example.com",
    "phone": "+49 40 123 45 67",
    "address": "3 Thimble Yard\nHamburg",
    "notes": "Prefers mornings.",
    "birthday": "1990-05-17",
}
CONTACT = {"email", "phone", "address", "notes", "birthday", "consent", "consents", "warnings"}


@pytest.fixture
def amina(clerk):
    return customers.add(by=clerk, name="Amina Rahman", email="amina@example.com", phone="+49401234567")


def fields_of(answer):
    return sorted(error["field"] for error in answer.json()["errors"])


def found(client, text):
    answer = client.get("customers/", {"search": text})
    assert answer.status_code == 200, answer.content
    return [row["name"] for row in answer.json()["results"]]


def happened(customer):
    return list(DocumentEvent.objects.filter(document=customer.number).values_list("kind", flat=True).order_by("id"))


# ------------------------------------------------------------------------------------------------ writing down


def test_a_customer_is_written_down_and_reads_back(as_, clerk):
    answer = as_(clerk).post("customers/", AMINA)

    assert answer.status_code == 201, answer.content
    row = as_(clerk).get(answer["Location"]).json()
    assert row["number"] == f"CUS-{row['id']:06d}"
    assert (row["name"], row["email"], row["phone"]) == ("Amina Rahman", "amina@example.com", "+49401234567")
    assert (row["address"], row["birthday"]) == (AMINA["address"], "1990-05-17")
    assert (row["consent"], row["is_active"], row["warnings"]) == (False, True, [])
    assert row["created_by_name"] == str(clerk)
    assert happened(Customer.objects.get()) == ["created"]


def test_a_name_is_enough(as_, clerk):
    assert as_(clerk).post("customers/", {"name": "Li"}).status_code == 201


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""), ("name", "   "), ("name", None), ("name", 7), ("name", "x" * 201), ("name", "a\x00b"),
        ("email", "nobody"), ("email", 5), ("email", "a" * 250 + "@b.de"),
        ("phone", "call me"), ("phone", "12"), ("phone", "1" * 30), ("phone", 491234567), ("phone", "+49 40 12 ext 3"),
        ("birthday", "2999-01-01"), ("birthday", "1850-01-01"), ("birthday", "17.05.1990"),
        ("consent", "perhaps"), ("is_active", False), ("number", "CUS-1"), ("shoe", 1), ("erased_at", None),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_its_field(as_, clerk, field, value):
    answer = as_(clerk).post("customers/", AMINA | {field: value})

    assert answer.status_code == 400
    assert fields_of(answer) == [field]
    assert not Customer.objects.exists()


def test_all_that_is_wrong_is_told_at_once(as_, clerk):
    answer = as_(clerk).post("customers/", {"email": "nobody", "phone": "x", "birthday": "soon", "shoe": 1})

    assert fields_of(answer) == ["birthday", "email", "name", "phone", "shoe"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("040 1234567", "+49401234567"),
        ("+49 (0)40 / 123-45-67", "+49401234567"),
        ("0049 40 1234567", "+49401234567"),
        ("+353 86 123 4567", "+353861234567"),
        ("110-112", "110112"),
        ("+1 555 0100", "+15550100"),
    ],
)
def test_a_phone_number_has_one_form(typed, kept):
    assert contacts.phone(typed, "DE") == kept


def test_a_change_says_which_field_and_never_what_it_was(as_, clerk, amina):
    answer = as_(clerk).patch(f"customers/{amina.pk}/", {"phone": "0171 7654321", "notes": "Allergic to wool."})

    assert (answer.status_code, answer.json()["phone"]) == (200, "+491717654321")
    (line,) = DocumentEvent.objects.filter(document=amina.number, kind="changed")
    assert line.changes == {"phone": None, "notes": None}
    assert found(as_(clerk), "0171 765") == ["Amina Rahman"]
    assert found(as_(clerk), "1234567") == []


def test_a_change_of_nothing_leaves_no_trace(as_, clerk, amina):
    assert as_(clerk).patch(f"customers/{amina.pk}/", {"name": "Amina Rahman"}).status_code == 200
    assert happened(amina) == ["created"]


def test_a_stale_change_is_412(as_, clerk, amina):
    etag = as_(clerk).get(f"customers/{amina.pk}/")["ETag"]
    as_(clerk).patch(f"customers/{amina.pk}/", {"notes": "one"})

    answer = as_(clerk).patch(f"customers/{amina.pk}/", {"notes": "two"}, headers={"If-Match": etag})

    assert answer.status_code == 412
    assert Customer.objects.get().notes == "one"


def test_the_same_phone_or_address_is_a_hint_and_no_refusal(as_, clerk, amina):
    answer = as_(clerk).post("customers/", {"name": "A. Rahman", "phone": "040/1234567", "email": "AMINA@example.com"})

    assert answer.status_code == 201
    warnings = answer.json()["warnings"]
    assert [(warning["field"], warning["code"]) for warning in warnings] == [
        ("email", "possible_duplicate"),
        ("phone", "possible_duplicate"),
    ]
    assert all(warning["params"]["customers"] == [amina.pk] for warning in warnings)


def test_a_twin_in_a_store_that_one_does_not_see_is_not_told(as_, clerk, other_store):
    CustomerFactory(name="Secret", phone="+49401234567", places=[other_store])

    answer = as_(clerk).post("customers/", {"name": "Amina", "phone": "040 1234567"})

    assert answer.json()["warnings"] == []


# ------------------------------------------------------------------------------------------------ consent


def test_consent_has_its_moment_and_its_witness(as_, clerk, manager, amina):
    as_(clerk).patch(f"customers/{amina.pk}/", {"consent": True})
    answer = as_(manager).post(
        f"customers/{amina.pk}/consent/", {"purpose": "photos", "is_given": True, "how": "on_paper"}
    )

    assert answer.status_code == 200, answer.content
    said = {consent["purpose"]: consent for consent in answer.json()["consents"]}
    assert (said["marketing"]["is_given"], said["marketing"]["by"]) == (True, clerk.pk)
    assert (said["photos"]["how"], said["photos"]["by_name"]) == ("on_paper", str(manager))
    assert answer.json()["consent"] is True


def test_consent_taken_back_stays_written(as_, clerk, amina):
    for consent in (True, True, False):
        as_(clerk).patch(f"customers/{amina.pk}/", {"consent": consent})

    assert list(Consent.objects.order_by("id").values_list("is_given", flat=True)) == [True, False]
    assert as_(clerk).get(f"customers/{amina.pk}/").json()["consent"] is False
    assert happened(amina) == ["created", "consent_given", "consent_withdrawn"]


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"purpose": "war", "is_given": True}, "purpose"),
        ({"purpose": "ai"}, "is_given"),
        ({"purpose": "ai", "is_given": True, "how": "erased"}, "how"),
    ],
)
def test_a_consent_to_nothing_is_refused(as_, clerk, amina, sent, field):
    answer = as_(clerk).post(f"customers/{amina.pk}/consent/", sent)

    assert (answer.status_code, fields_of(answer)) == (400, [field])
    assert not Consent.objects.exists()


# ------------------------------------------------------------------------------------------------ finding


@pytest.mark.parametrize(
    "text",
    [
        "amina", "RAHM", "rahman amina", "amina@example.com", "example.com", "040 1234567", "+49 40 123 45 67",
        "0049401234567", "040/123-45-67", "4567", "1234567", "amina 040 12 34 56 7", "+49 4 0 1 2 3 4 5 6 7",
    ],
)  # fmt: skip
def test_a_customer_is_found_by_name_address_or_any_end_of_the_number(as_, clerk, amina, text):
    CustomerFactory(name="Somebody Else", places=clerk.locations.all())

    assert found(as_(clerk), text) == ["Amina Rahman"]


@pytest.mark.parametrize("text", ["bob", "amina bob", "0401234568", "mornings", "---", "12345678"])
def test_others_are_not_found(as_, clerk, amina, text):
    assert found(as_(clerk), text) == []


def test_accents_do_not_matter(as_, clerk):
    customers.add(by=clerk, name="Zoë Müller-Strauß")

    assert found(as_(clerk), "zoe muller strauss") == ["Zoë Müller-Strauß"]


def test_lists_are_filtered(as_, clerk, manager, amina, store):
    gone = customers.archive(customer=customers.add(by=clerk, name="Bob", consent=True), by=manager)

    def named(**asked):
        return [row["name"] for row in as_(clerk).get("customers/", asked).json()["results"]]

    assert named(email="Amina@example.com") == ["Amina Rahman"]
    assert named(phone="040 123 4567") == ["Amina Rahman"]
    assert named(phone="what") == []
    assert named(is_active="false") == [gone.name]
    assert named(consent="true") == [gone.name]
    assert named(erased="true") == []
    assert named(location=store.pk, ordering="-name") == ["Bob", "Amina Rahman"]
    assert named(location=LocationFactory().pk) == []


@pytest.mark.parametrize(
    "asked", [{"nonsense": 1}, {"ordering": "phone"}, {"consent": "perhaps"}, {"expand": "shoe"}, {"page_size": 0}]
)
def test_a_question_we_do_not_know_is_400(as_, clerk, asked):
    assert as_(clerk).get("customers/", asked).status_code == 400


def test_a_page_of_customers_costs_the_same_whatever_is_on_it(as_, clerk, store):
    client = as_(clerk)

    def statements():
        with CaptureQueriesContext(connection) as caught:
            assert client.get("customers/").status_code == 200
        return len(caught)

    CustomerFactory(places=[store], phone="+49401234567")
    few = statements()
    for _ in range(10):
        customers.add(by=clerk, name="Li", phone="+49401234567", consent=True)

    assert statements() == few <= 6


@pytest.mark.parametrize("column", ["search", "search_by_name"])
def test_the_search_is_served_by_an_index(column):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
    rows = Customer.objects.order_by().filter(**{column: as_query(prefixes("ami"))})

    assert f"on customer_{column} " in rows.explain()


# ------------------------------------------------------------------------------------------------ who sees whom


def test_a_customer_is_seen_in_the_stores_of_whoever_wrote_them_down(as_, clerk, other_store, amina):
    elsewhere = UserFactory(role=Role.MANAGER, places=[other_store])

    assert as_(clerk).get(f"customers/{amina.pk}/").status_code == 200
    assert as_(elsewhere).get(f"customers/{amina.pk}/").status_code == 404
    assert found(as_(elsewhere), "amina") == []


def test_one_that_the_owner_wrote_down_is_seen_by_owners_only_unless_a_place_is_given(as_, owner, clerk, store):
    nowhere = as_(owner).post("customers/", {"name": "Nowhere"}).json()
    here = as_(owner).post("customers/", {"name": "Here", "location": store.pk}).json()

    assert as_(clerk).get(f"customers/{nowhere['id']}/").status_code == 404
    assert as_(clerk).get(f"customers/{here['id']}/").status_code == 200
    assert as_(owner).get(f"customers/{nowhere['id']}/").status_code == 200


def test_a_document_makes_them_known_in_its_place(as_, owner, other_store):
    amina = customers.add(by=owner, name="Amina")
    keeper = UserFactory(role=Role.STAFF, places=[other_store])

    for _ in range(2):
        customers.seen_in(customer=amina, location=other_store)

    assert as_(keeper).get(f"customers/{amina.pk}/").status_code == 200
    assert CustomerPlace.objects.filter(customer=amina).count() == 1


def test_writing_down_in_a_place_that_is_not_ones_own_is_404(as_, clerk, other_store):
    answer = as_(clerk).post("customers/", {"name": "Amina", "location": other_store.pk})

    assert answer.status_code == 404
    assert not Customer.objects.exists()


def test_a_junior_reads_the_name_and_nothing_else(as_, junior, amina):
    row = as_(junior).get(f"customers/{amina.pk}/").json()
    (listed,) = as_(junior).get("customers/").json()["results"]

    assert row["name"] == "Amina Rahman"
    assert not CONTACT & row.keys()
    assert not CONTACT & listed.keys()


def test_a_junior_does_not_find_them_by_what_a_junior_does_not_see(as_, junior, amina):
    assert found(as_(junior), "amina rah") == ["Amina Rahman"]
    assert found(as_(junior), "1234567") == []
    assert found(as_(junior), "example") == []
    assert as_(junior).get("customers/", {"phone": "0401234567"}).status_code == 403
    assert as_(junior).get("customers/", {"email": "amina@example.com"}).status_code == 403


# ------------------------------------------------------------------------------------------------ putting away


def test_an_archived_customer_stays_and_gets_no_new_papers(as_, manager, amina, store):
    answer = as_(manager).post(f"customers/{amina.pk}/archive/")

    assert (answer.status_code, answer.json()["is_active"]) == (200, False)
    with pytest.raises(customers.Invalid) as refusal:
        customers.seen_in(customer=amina, location=store)
    assert refusal.value.errors[0]["field"] == "customer"
    assert as_(manager).post(f"customers/{amina.pk}/restore/").json()["is_active"] is True
    customers.seen_in(customer=amina, location=store)
    assert happened(amina) == ["created", "archived", "restored"]


def test_one_who_was_written_down_by_mistake_is_deleted(as_, manager, amina):
    customers.record_consent(customer=amina, purpose="ai", is_given=True, by=manager)

    assert as_(manager).delete(f"customers/{amina.pk}/").status_code == 204
    assert not Customer.objects.exists()


def test_one_with_a_history_is_not(as_, manager, amina):
    MeasurementSetFactory(customer=amina)

    answer = as_(manager).delete(f"customers/{amina.pk}/")

    assert (answer.status_code, answer.json()["code"]) == (409, "in_use")
    assert "archive" in answer.json()["detail"]
    assert Customer.objects.exists()


def test_the_timeline_has_the_shape_of_all(as_, manager, clerk, amina):
    as_(manager).post(f"customers/{amina.pk}/archive/")

    lines = as_(clerk).get(f"customers/{amina.pk}/events/").json()["results"]

    assert [line["kind"] for line in lines] == ["archived", "created"]
    assert lines[0].keys() >= {"at", "by", "by_name", "from", "to", "note", "changes"}


# ------------------------------------------------------------------------------------------------ history


def some_papers(customer, person):
    paper = customers.Paper(
        id=3, number="ORD-000003", date="2026-01-05", location=1, location_code="CENTRE", status="ready", total=12
    )
    return customers.Papers(name="orders", papers=[paper], spend=customers.Decimal("12.00"))


def other_papers(customer, person):
    return customers.Papers(name="sales", spend=customers.Decimal("0.50") if person else None)


def test_the_history_is_what_each_app_knows(as_, clerk, amina, settings):
    here = "orders.tests.test_customers"
    settings.CUSTOMER_PAPERS = [f"{here}.some_papers", f"{here}.other_papers"]

    history = as_(clerk).get(f"customers/{amina.pk}/history/").json()

    assert history["spend"] == "12.50"
    assert [paper["number"] for paper in history["orders"]] == ["ORD-000003"]
    assert (history["sales"], history["alterations"]) == ([], [])
