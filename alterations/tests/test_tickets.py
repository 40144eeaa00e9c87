"""Tickets over the wire: taken in, priced, promised, moved on, paid, handed over."""

import datetime
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.tests.factories import LocationFactory
from alterations.models import AlterationService, Garment, Ticket
from alterations.services import catalogue, checking, paying
from alterations.tests.factories import moved, paid, piece, tailor_in, taken_in, work
from orders.tests.factories import CustomerFactory, opened_till

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


def test_all_that_is_wrong_with_a_ticket_is_told_at_once(as_, clerk, store, customer, services):
    wrong = [
        trousers(colour=7),
        {"garment_type": "hat", "issue": "x" * 10_000, "services": [{"service": 0, "quantity": "1.5"}]},
        trousers({"service": services["trs_hem"].pk, "price": "-1"}, fabrics=["gold"], tag_code="GX"),
    ]

    answer = as_(clerk).post("alterations/", body(store, customer, *wrong, promised_on="31.12.2026"))

    assert answer.status_code == 400
    assert {
        "promised_on", "garments.1.garment_type", "garments.1.issue", "garments.1.services.0.service",
        "garments.1.services.0.quantity", "garments.2.services.0.price", "garments.2.fabrics.0", "garments.2.tag_code",
    } <= {error["field"] for error in answer.json()["errors"]}  # fmt: skip
    assert not Ticket.objects.exists()


def test_what_undoes_or_includes_another_service_is_refused(as_, clerk, store, customer, services):
    AlterationService.objects.filter(code="press").update(is_active=False)
    both = trousers(*({"service": services[code].pk} for code in ("trs_hem", "trs_len", "press")))
    coat = {"garment_type": "cot", "services": [{"service": services[c].pk} for c in ("lin_full", "lin_repair")]}

    answer = as_(clerk).post("alterations/", body(store, customer, both, coat, promised_on="2020-01-01"))

    assert codes(answer) == {
        ("promised_on", "past"),
        ("garments.0.services.1.service", "opposite"),
        ("garments.0.services.2.service", "inactive"),
        ("garments.1.services.1.service", "opposite"),
    }
    assert not Garment.objects.exists()


def test_cloth_seams_and_haste_make_price_and_minutes(clerk, store, services):
    gown = piece(
        work(services["gwn_hem"]), garment_type="gwn", fabrics=["lined", "beads", "lace"]
    )  # 1.3 x 1.6 x 1.3 = 2.704: more than the cap
    legs = piece(work(services["trs_hem"]), work(services["trs_hem_cuff"]), fabrics=["lined"])

    ticket = taken_in(store, gown, legs, by=clerk, is_rush=True)

    lines = [(line.total, line.minutes) for garment in ticket.garments.all() for line in garment.services.all()]
    assert lines[0] == (Decimal("212.50"), 300)  # 85 and 120, times 2.5
    assert lines[1:] == [(Decimal("23.40"), 33), (Decimal("33.80"), 42)]  # 32.5 and 40 x 1.3 x 0.8 = 41.6
    ticket.refresh_from_db()
    assert (ticket.subtotal, ticket.rush_fee, ticket.total) == (
        Decimal("269.70"),
        Decimal("67.43"),
        Decimal("337.13"),
    )


def test_another_price_is_a_managers(as_, clerk, manager, store, customer, services):
    line = {"service": services["trs_hem"].pk, "price": "12.00"}
    lined = body(store, customer, trousers(line, fabrics=["lined"]))

    refused, agreed = as_(clerk).post("alterations/", lined), as_(manager).post("alterations/", lined)
    same = {"service": services["trs_hem"].pk, "price": "18.00"}

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (403, "garments.0.services.0.price")
    assert (agreed.status_code, agreed.json()["total"]) == (201, "12.00")
    assert as_(clerk).post("alterations/", body(store, customer, trousers(same))).json()["total"] == "18.00"


def test_nothing_is_taken_in_elsewhere_or_for_somebody_unknown(as_, clerk, store, other_store, customer):
    unknown = CustomerFactory()

    elsewhere = as_(clerk).post("alterations/", body(other_store, customer, trousers()))
    nobody = as_(clerk).post("alterations/", body(store, unknown, trousers()))

    assert elsewhere.status_code == 404
    assert (nobody.status_code, codes(nobody)) == (400, {("customer", "not_found")})
    assert not Ticket.objects.exists()


def test_a_changed_promise_is_written_down(as_, clerk, store):
    ticket = taken_in(store, by=clerk)
    was, day = ticket.promised_on, timezone.localdate() + datetime.timedelta(days=20)

    answer = as_(clerk).patch(
        f"alterations/{ticket.pk}/", {"promised_on": day, "reason": "The zip is late.", "told_customer": True}
    )
    (event, *_rest) = as_(clerk).get(f"alterations/{ticket.pk}/timeline/").json()["results"]

    assert answer.json()["promised_on"] == str(day)
    assert (event["note"], event["changes"]) == (
        "The zip is late.",
        {"promised_on": [str(was), str(day)], "told_customer": True},
    )


def test_state_and_overdue_follow_from_the_garments(as_, clerk, manager, tailor, store, services):
    ticket = taken_in(store, piece(work(services["zip_fly"])), piece(work(services["press"])), by=clerk)
    Ticket.objects.filter(pk=ticket.pk).update(promised_on=timezone.localdate() - datetime.timedelta(days=3))
    first, second = ticket.garments.all()
    client = as_(clerk)

    def seen():
        shown = client.get(f"alterations/{ticket.pk}/").json()
        late = {
            path: [row["id"] for row in client.get(f"{path}/?overdue=true").json()["results"]]
            for path in ("alterations", "alteration-garments")
        }
        return shown["status"], shown["overdue"], len(late["alterations"]), len(late["alteration-garments"])

    assert seen() == ("open", True, 1, 2)
    moved(first, "ready", by=manager, tailor=tailor)
    assert seen() == ("partly_ready", True, 1, 1)
    moved(second, "ready", by=manager, tailor=tailor)
    assert seen() == ("ready", False, 0, 0)
    paid(ticket, "34.00", clerk)
    assert client.post(f"alteration-garments/{first.pk}/collect/").status_code == 200
    assert client.post(f"alteration-garments/{second.pk}/collect/").status_code == 200
    assert seen()[:2] == ("closed", False)
    assert list(checking.differences()) == []


def test_a_list_of_tickets_costs_the_same_whatever_stands_on_them(
    as_, clerk, store, services, tailor, manager, django_assert_max_num_queries
):
    for count in (1, 3, 5):
        ticket = taken_in(store, *[piece(work(services["press"])) for _ in range(count)], by=clerk)
        moved(ticket.garments.first(), "in_progress", by=manager, tailor=tailor)
    client = as_(clerk)

    with django_assert_max_num_queries(9):
        assert len(client.get("alterations/").json()["results"]) == 3
    with django_assert_max_num_queries(6):
        assert len(client.get("alteration-garments/").json()["results"]) == 9
    with django_assert_max_num_queries(6):
        assert len(client.get("tailors/").json()["results"]) == 1


def test_cash_for_a_ticket_lies_in_the_till_of_its_place(store, clerk, manager):
    till = opened_till(store, clerk)
    ticket = taken_in(store, by=clerk)
    other = opened_till(LocationFactory(), clerk)

    paid(ticket, "5.00", clerk)
    paying.refund(ticket=ticket, method="cash", amount=Decimal("2.00"), by=manager)

    rows = till.entries.order_by("pk").values_list("kind", "amount", "document")
    assert list(rows) == [("payment", Decimal("5.00"), ticket.number), ("refund", Decimal("2.00"), ticket.number)]
    assert not other.entries.exists()
