"""What a customer may ask of us: all that we hold, and to be forgotten."""

import json

import pytest
from django.apps import apps
from django.db import connection
from django_tasks_db.models import DBTaskResult

from boutique.models import DocumentEvent, IdempotencyKey
from orders.models import BodyDataRead, Consent, Customer, MeasurementSet, MeasurementValue
from orders.services import customers, measurements, ordering, privacy
from orders.tests.factories import CustomerFactory, MeasurementSetFactory, ordered, paid, work

pytestmark = pytest.mark.django_db

HERE = "orders.tests.test_privacy"
# Words that stand nowhere but with this person.
PERSONAL = [
    "amina",
    "rahman",
    "1234567",
    "thimble",
    "mornings",
    "1990-05-17",
    "leila",
    "noor",
    "pregnant",
    "92.37",
    "36.37",
]


@pytest.fixture
def amina(as_, owner, clerk, store):
    """With everything that we may know of somebody."""
    client = as_(clerk)
    sent = {
        "name": "Amina Rahman",
        "email": "amina@example.com",
        "phone": "+49 40 1234567",
        "address": "3 Thimble Yard",
        "notes": "Prefers mornings.",
        "birthday": "1990-05-17",
        "consent": True,
    }
    row = client.post("customers/", sent, headers={"Idempotency-Key": "a customer"}).json()
    client.patch(f"customers/{row['id']}/", {"notes": "Prefers early mornings."})
    client.post(f"customers/{row['id']}/consent/", {"purpose": "ai", "is_given": True})
    for number, wearer in enumerate(["", "Leila", "LEILA", "Noor Weiß"]):
        answer = client.post(
            "measurements/",
            {
                "customer": row["id"], "type": "shirt", "wearer": wearer, "note": "Pregnant.", "confirm": True,
                "values": {"chest_girth": "92.37", "arm_length": {"left": "60", "right": "68"}, "height": "178"},
            },
            headers={"Idempotency-Key": f"body {number}"},
        )  # fmt: skip
        assert answer.status_code == 201, answer.content
    taken_out = MeasurementSet.objects.latest("pk")
    measurements.delete(taken=taken_out, by=owner)
    client.get("measurements/")
    return Customer.objects.get()


def everything_as_text():
    """Every row of every table of ours, whatever its columns."""
    texts = []
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            if model._meta.managed and model._meta.app_label not in ("accounts", "skus"):
                cursor.execute(f'SELECT row_to_json(r)::text FROM "{model._meta.db_table}" r')  # noqa: S608
                texts += [f"{model._meta.label}: {row}" for (row,) in cursor.fetchall()]
    return texts


def those_that_hold(words):
    return {text for text in everything_as_text() for word in words if word in text.lower()}


def exactly():
    return [
        sorted(json.dumps(row, default=str, sort_keys=True) for row in model.objects.values())
        for model in (Customer, Consent, MeasurementSet, MeasurementValue, DocumentEvent, BodyDataRead)
    ]


# ------------------------------------------------------------------------------------------------ export


def what_was_sold(customer):
    return {"sales": [{"number": "SALE-000001", "customer": customer.pk}]}


def test_the_export_is_a_file_with_all_that_we_hold(as_, owner, amina, settings):
    settings.CUSTOMER_EXPORTS = [f"{HERE}.what_was_sold"]

    answer = as_(owner).get(f"customers/{amina.pk}/export/")

    held = answer.json()
    assert answer["Content-Disposition"] == f'attachment; filename="cus-{amina.pk:06d}.json"'
    assert held["customer"]["email"] == "amina@example.com"
    assert held["customer"]["birthday"] == "1990-05-17"
    assert [taken["wearer"] for taken in held["measurements"]] == ["", "Leila", "LEILA", "Noor Weiß"]
    assert held["measurements"][0]["values"]["chest_girth"] == "92.37"
    assert held["measurements"][3]["deleted_at"]
    assert {said["purpose"] for said in held["consents"]} == {"marketing", "ai"}
    assert (held["known_in"], held["sales"][0]["number"]) == (["CENTRE"], "SALE-000001")
    assert held["body_data_reads"]


def test_handing_it_out_is_written_down(as_, owner, amina):
    as_(owner).get(f"customers/{amina.pk}/export/")

    assert BodyDataRead.objects.latest("pk").route == f"GET /api/v1/customers/{amina.pk}/export/"
    assert DocumentEvent.objects.filter(document=amina.number, kind="exported", by=owner).count() == 1


# ------------------------------------------------------------------------------------------------ erase


def test_erasing_leaves_no_personal_word_anywhere(as_, owner, amina):
    assert those_that_hold(PERSONAL)

    answer = as_(owner).post(f"customers/{amina.pk}/erase/")

    assert answer.status_code == 200, answer.content
    assert those_that_hold(PERSONAL) == set()
    row = answer.json()
    assert row["name"] == f"Erased customer {amina.pk:04X}"
    assert (row["email"], row["phone"], row["address"], row["notes"], row["birthday"]) == ("", "", "", "", None)
    assert (row["is_active"], row["consent"]) == (False, False)
    assert row["erased_at"]


def test_the_rows_that_papers_name_stay(as_, owner, amina):
    before = list(MeasurementSet.objects.order_by("pk").values_list("pk", "type", "version"))

    as_(owner).post(f"customers/{amina.pk}/erase/")

    assert list(MeasurementSet.objects.order_by("pk").values_list("pk", "type", "version")) == before
    wearers = list(MeasurementSet.objects.order_by("pk").values_list("wearer", flat=True))
    assert wearers == ["", "Erased wearer 1", "Erased wearer 1", "Erased wearer 2"]
    assert not MeasurementValue.objects.exists()


def test_twice_is_the_same_as_once(as_, owner, amina):
    first = as_(owner).post(f"customers/{amina.pk}/erase/")
    after_once = exactly()

    second = as_(owner).post(f"customers/{amina.pk}/erase/")

    assert second.json() == first.json()
    assert exactly() == after_once


def test_the_erasing_is_written_down_without_the_person(as_, owner, amina):
    as_(owner).post(f"customers/{amina.pk}/erase/")

    line = DocumentEvent.objects.filter(document=amina.number).latest("pk")
    assert (line.kind, line.by, line.note, line.changes) == ("erased", owner, "", {})


def test_the_export_of_an_erased_customer_holds_nobody(as_, owner, amina):
    as_(owner).post(f"customers/{amina.pk}/erase/")

    text = as_(owner).get(f"customers/{amina.pk}/export/").content.decode().lower()

    assert not [word for word in PERSONAL if word in text]


def test_consents_end_with_the_person(as_, owner, amina):
    as_(owner).post(f"customers/{amina.pk}/erase/")

    said = list(Consent.objects.order_by("pk").values_list("purpose", "is_given", "how"))[2:]
    assert said == [("ai", False, "erased"), ("marketing", False, "erased")]


def test_nobody_finds_or_changes_or_measures_them_again(as_, owner, amina, store):
    client = as_(owner)
    client.post(f"customers/{amina.pk}/erase/")

    assert client.get("customers/?search=amina").json()["results"] == []
    assert client.get("customers/?search=1234567").json()["results"] == []
    for answer in (
        client.patch(f"customers/{amina.pk}/", {"name": "Amina"}),
        client.post(f"customers/{amina.pk}/restore/"),
        client.post(f"customers/{amina.pk}/consent/", {"purpose": "ai", "is_given": True}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "erased")
    sent = {"customer": amina.pk, "type": "shirt", "values": {"chest_girth": "92"}}
    assert client.post("measurements/", sent).json()["errors"][0]["field"] == "customer"
    with pytest.raises(customers.Invalid):
        customers.seen_in(customer=amina, location=store)


def test_a_repeated_request_is_told_nothing_of_them(as_, clerk, owner, amina):
    as_(owner).post(f"customers/{amina.pk}/erase/")

    assert set(IdempotencyKey.objects.values_list("body", flat=True)) == {"{}"}


def an_open_order(customer):
    return ["ORD-000007", "ALT-000003"]


def test_open_work_is_named_and_keeps_them(as_, owner, amina, settings):
    settings.CUSTOMER_OPEN_WORK = [f"{HERE}.an_open_order"]
    before = exactly()

    answer = as_(owner).post(f"customers/{amina.pk}/erase/")

    assert (answer.status_code, answer.json()["code"]) == (409, "in_use")
    assert "ORD-000007" in answer.json()["detail"]
    assert answer.json()["errors"][0]["params"]["documents"] == ["ORD-000007", "ALT-000003"]
    assert exactly() == before


def blot_out(customer, by):
    DocumentEvent.objects.create(document="ORD-000007", by=by, kind="erased", note=customer.number)


def test_each_app_takes_its_own_words_out(as_, owner, amina, settings):
    settings.CUSTOMER_ERASERS = [f"{HERE}.blot_out"]

    as_(owner).post(f"customers/{amina.pk}/erase/")

    assert DocumentEvent.objects.get(document="ORD-000007").note == amina.number


def test_the_database_keeps_an_erased_customer_empty(owner, amina):
    privacy.erase(customer=amina, by=owner)

    with pytest.raises(Exception, match="customer_erased_is_nobody"):
        Customer.objects.update(email="amina@example.com")


def test_a_set_without_numbers_still_reads(as_, owner, amina):
    as_(owner).post(f"customers/{amina.pk}/erase/")
    MeasurementSetFactory()

    rows = as_(owner).get(f"measurements/?customer={amina.pk}").json()["results"]

    assert [row["values"] for row in rows] == [{}, {}, {}]


# ------------------------------------------------------------------------------------------------ with orders


@pytest.mark.parametrize("end", ["completed", "cancelled"])
def test_nobody_is_erased_while_money_is_due(end, as_, owner, amina, store):
    order = ordered(store, by=owner, customer=amina)
    if end == "completed":
        ordering.move(order=order, status="in_progress", by=owner)
    else:
        paid(order, "100.00", owner)
    ordering.move(order=order, status=end, by=owner, note="x")
    before = exactly()

    refused = as_(owner).post(f"customers/{amina.pk}/erase/")

    assert (refused.status_code, refused.json()["errors"][0]["params"]["documents"]) == (409, [order.number])
    assert exactly() == before
    paid(order, "100.00", owner, kind="payment" if end == "completed" else "refund")
    assert as_(owner).post(f"customers/{amina.pk}/erase/").status_code == 200


@pytest.fixture
def finished(as_, owner, amina, store):
    """An order of hers whose words name her, paid and handed over."""
    order = ordered(store, work(description="Thimble pleats"), by=owner, customer=amina)
    ordering.move(order=order, status="confirmed", by=owner)
    sent = {"amount": "100.00", "method": "cash"}
    as_(owner).post(f"orders/{order.pk}/payments/", sent, headers={"Idempotency-Key": "till"})
    for step in ("in_progress", "completed"):
        ordering.move(order=order, status=step, by=owner, note="Collected.")
    return order


def test_erasing_leaves_no_words_of_work_answers_and_letters(as_, owner, amina, finished):
    assert DBTaskResult.objects.count() == 1
    line = finished.lines.values().get()

    assert as_(owner).post(f"customers/{amina.pk}/erase/").status_code == 200

    assert those_that_hold(PERSONAL) == set()
    assert finished.lines.values().get() == line | {"description": "Work"}
    assert IdempotencyKey.objects.get(key="till").body == "{}"
    assert not DBTaskResult.objects.exists()


def test_letters_that_were_sent_name_nobody_after_erasing(as_, owner, amina, finished):
    DBTaskResult.objects.update(status="SUCCESSFUL")

    as_(owner).post(f"customers/{amina.pk}/erase/")

    assert DBTaskResult.objects.get().args_kwargs["args"] == ["orders/confirmed", [], {}]


def test_letters_to_somebody_at_the_same_address_are_sent(as_, owner, amina, finished, store):
    brother = CustomerFactory(email=amina.email, places=[store])
    ordering.move(order=ordered(store, by=owner, customer=brother), status="confirmed", by=owner)

    as_(owner).post(f"customers/{amina.pk}/erase/")

    assert DBTaskResult.objects.get().args_kwargs["args"][2]["name"] == brother.name


def test_the_export_tells_the_story_of_each_order(as_, owner, amina, finished):
    held = as_(owner).get(f"customers/{amina.pk}/export/").json()

    (order,) = held["orders"]
    assert [event["kind"] for event in order["timeline"]] == [
        "created", "confirmed", "payment", "in_progress", "completed",
    ]  # fmt: skip
    assert order["timeline"][-1]["note"] == "Collected."
    assert {event["note"] for event in held["events"]} == {""}
