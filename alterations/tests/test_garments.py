"""One garment on its way: who may move it, from where to where, and what is refused."""

import datetime

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from accounts.tests.factories import UserFactory
from alterations.models import Bench, Garment, GarmentService
from alterations.services import checking, planning, working
from alterations.tests.factories import ServiceFactory, moved, paid, piece, tailor_in, taken_in, work
from boutique.models import DocumentEvent
from orders.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def tailor(store):
    return tailor_in(store, username="tailor")


@pytest.fixture
def trousers(store, clerk):
    return taken_in(store, by=clerk).garments.get()


def act(client, garment, verb, **sent):
    return client.post(f"alteration-garments/{garment.pk}/{verb}/", sent)


def state(garment):
    return Garment.objects.get(pk=garment.pk).status


def test_a_garment_goes_its_way_and_each_step_is_written_down(as_, clerk, manager, tailor, store):
    ticket = taken_in(store, piece(work(ServiceFactory(needs_fitting=True))), by=clerk)
    trousers = ticket.garments.get()
    desk, bench, office = as_(clerk), as_(tailor), as_(manager)

    too_soon = act(office, trousers, "assign", tailor=tailor.pk)
    steps = [
        (desk, "pin", {"note": "3 cm"}), (office, "assign", {"tailor": tailor.pk}), (bench, "start", {}),
        (bench, "hold", {"reason": "no thread"}), (bench, "resume", {}), (bench, "finish", {"minutes": 20}),
        (desk, "rework", {"cause": "sewing_error"}), (bench, "finish", {"minutes": 5}), (desk, "pass", {}),
    ]  # fmt: skip
    answers = [act(client, trousers, verb, **sent) for client, verb, sent in steps]
    unpaid = act(desk, trousers, "collect")
    paid(ticket, "18.00", clerk)
    last = act(desk, trousers, "collect")

    assert (too_soon.status_code, too_soon.json()["code"]) == (409, "illegal_transition")
    assert [answer.status_code for answer in answers] == [200] * len(steps), [a.content for a in answers]
    assert [answer.json()["status"] for answer in answers] == [
        "pinned", "assigned", "in_progress", "on_hold", "in_progress", "quality_check", "in_progress",
        "quality_check", "ready",
    ]  # fmt: skip
    assert (unpaid.status_code, unpaid.json()["code"], unpaid.json()["balance"]) == (409, "balance_due", "18.00")
    shown = last.json()
    assert (shown["status"], shown["minutes_taken"], shown["reworks"]) == ("collected", 25, 1)
    assert [event["to"] for event in reversed(shown["events"])][:3] == ["received", "pinned", "assigned"]
    assert len(shown["events"]) == len(steps) + 2
    assert list(checking.differences()) == []


def test_what_is_finished_is_not_started_again(as_, manager, tailor, trousers):
    finished = moved(trousers, "quality_check", by=manager, tailor=tailor)

    answer = act(as_(tailor), finished, "start")

    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition")
    assert answer.json()["allowed"] == ["hold"]
    assert state(trousers) == "quality_check"


def test_nobody_passes_their_own_work_nor_sends_it_back(as_, manager, tailor, trousers):
    moved(trousers, "quality_check", by=manager, tailor=tailor)

    answers = act(as_(tailor), trousers, "pass"), act(as_(tailor), trousers, "rework", cause="sewing_error")

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(409, "own_request")] * 2
    assert state(trousers) == "quality_check"


def test_a_tailor_sees_and_moves_their_own_work_only_and_without_money_and_names(as_, manager, store, clerk, tailor):
    customer = CustomerFactory(places=[store], name="Ada Mary Byrne", email="ada@example.com")
    ticket = taken_in(store, piece(), piece(), by=clerk, customer=customer, note="She is pregnant.")
    mine, other = ticket.garments.all()
    moved(mine, "assigned", by=manager, tailor=tailor)
    moved(other, "assigned", by=manager, tailor=tailor_in(store))
    bench = as_(tailor)

    seen = bench.get("alteration-garments/").json()["results"]
    whole = bench.get(f"alterations/{ticket.pk}/")
    one = bench.get(f"alteration-garments/{mine.pk}/").json()

    assert [row["id"] for row in seen] == [mine.pk]
    assert [row["id"] for row in whole.json()["garments"]] == [mine.pk]
    assert one["customer_initials"] == "A.M.B."
    for hidden in ("Byrne", "ada@example.com", "pregnant", "18.00", "balance", '"total"', "claim_code"):
        assert hidden not in whole.content.decode() + str(one), hidden
    assert act(bench, other, "start").status_code == 404
    assert act(bench, mine, "assign", tailor=tailor.pk).status_code == 403
    assert act(bench, mine, "cancel").status_code == 403
    assert state(other) == "assigned"


def test_work_goes_to_tailors_who_work_here(as_, manager, clerk, store, trousers):
    gone = tailor_in(store, status=User.Status.DISMISSED)

    answers = [act(as_(manager), trousers, "assign", tailor=pk) for pk in (clerk.pk, gone.pk, 0)]

    assert [answer.status_code for answer in answers] == [400] * 3
    assert [answer.json()["errors"][0]["code"] for answer in answers] == ["not_a_tailor", "not_a_tailor", "not_found"]
    assert act(as_(clerk), trousers, "assign", tailor=gone.pk).status_code == 403
    assert state(trousers) == "received"


def test_who_never_learnt_it_gets_it_by_force_only_and_that_is_written_down(as_, manager, tailor, trousers):
    planning.plan(tailor=tailor, by=manager, skills={"brd": 5})
    code = trousers.services.get().code

    refused = act(as_(manager), trousers, "assign", tailor=tailor.pk)
    forced = act(as_(manager), trousers, "assign", tailor=tailor.pk, force=True)

    assert (refused.status_code, refused.json()["code"]) == (409, "not_skilled")
    assert (forced.status_code, forced.json()["tailor"]) == (200, tailor.pk)
    assert DocumentEvent.objects.filter(document=trousers.number).first().changes["forced"] == [code]


def test_a_level_too_low_warns_unless_the_shop_insists(as_, manager, tailor, store, settings):
    planning.plan(tailor=tailor, by=manager, skills={"trs": 2})
    hard = taken_in(store, piece(work(ServiceFactory(skill=4))), by=manager).garments.get()

    settings.BOUTIQUE_ENFORCE_SKILLS = True
    refused = act(as_(manager), hard, "assign", tailor=tailor.pk)
    settings.BOUTIQUE_ENFORCE_SKILLS = False
    warned = act(as_(manager), hard, "assign", tailor=tailor.pk)

    assert (refused.status_code, refused.json()["code"]) == (409, "not_skilled")
    assert [warning["code"] for warning in warned.json()["warnings"]] == ["skill_level"]


def test_a_tailor_declines_and_it_waits_where_it_waited(as_, manager, tailor, trousers):
    working.pin(garment=trousers, by=manager)
    moved(trousers, "assigned", by=manager, tailor=tailor)

    answer = act(as_(tailor), trousers, "decline", reason="Too much to do.")

    assert answer.status_code == 200
    declined = Garment.objects.get()
    assert (declined.status, declined.tailor) == ("pinned", None)


def test_a_hold_leads_back_to_where_it_came_from(as_, manager, tailor, trousers):
    office = as_(manager)
    for came_from in ("received", "ready"):
        if came_from == "ready":
            moved(trousers, "ready", by=manager, tailor=tailor)
        held = act(office, trousers, "hold", reason="asks the customer")
        assert (held.json()["status"], held.json()["held_from"]) == ("on_hold", came_from)
        assert act(office, trousers, "hold", reason="again").status_code == 409
        assert act(office, trousers, "resume").json()["status"] == came_from


def test_what_is_not_paid_is_handed_over_by_a_manager_who_says_why(as_, manager, clerk, tailor, trousers):
    moved(trousers, "ready", by=manager, tailor=tailor)

    by_clerk = act(as_(clerk), trousers, "collect", reason="She is a friend.")
    silent = act(as_(manager), trousers, "collect")
    released = act(as_(manager), trousers, "collect", reason="Pays by transfer.")

    assert [answer.json().get("code") for answer in (by_clerk, silent)] == ["balance_due"] * 2
    assert released.status_code == 200
    assert released.json()["events"][0]["changes"]["released_unpaid"] == "18.00"
    for address in ("", "events/"):
        seen = as_(tailor).get(f"alteration-garments/{trousers.pk}/{address}").text
        assert "18.00" not in seen
        assert "transfer" not in seen


def test_giving_back_costs_a_part_once_it_was_pinned(as_, manager, clerk, tailor, store):
    untouched, pinned, begun = taken_in(store, piece(), piece(), piece(), by=clerk).garments.all()
    working.pin(garment=pinned, by=clerk)
    moved(begun, "in_progress", by=manager, tailor=tailor)
    desk, office = as_(clerk), as_(manager)

    assert act(desk, untouched, "cancel").json()["cancel_fee"] == "0.00"
    assert act(desk, pinned, "cancel", fee="0.00").status_code == 403
    assert act(desk, pinned, "cancel", reason="changed her mind").json()["cancel_fee"] == "1.80"
    assert act(desk, begun, "cancel").status_code == 403
    assert codes_of(act(office, begun, "cancel", fee="18.01")) == [("fee", "max_value")]
    assert act(office, begun, "cancel", fee="9.00").status_code == 200
    ticket = desk.get(f"alterations/{begun.ticket_id}/").json()
    assert (ticket["status"], ticket["total"]) == ("cancelled", "10.80")
    assert list(checking.differences()) == []


def codes_of(answer):
    return [(error["field"], error["code"]) for error in answer.json()["errors"]]


def test_more_work_costs_more_until_it_is_done(as_, manager, clerk, tailor, trousers):
    more = ServiceFactory(price="20.00", code="trs_more")
    sent = {"services": [{"service": more.pk}]}

    added = as_(clerk).post(f"alteration-garments/{trousers.pk}/services/", sent)
    whole = as_(clerk).patch(f"alteration-garments/{trousers.pk}/", sent)
    moved(trousers, "quality_check", by=manager, tailor=tailor)
    late = as_(clerk).post(f"alteration-garments/{trousers.pk}/services/", sent)

    assert [answer.json()["total"] for answer in (added, whole)] == ["38.00", "20.00"]
    assert (late.status_code, GarmentService.objects.count()) == (409, 1)
    act(as_(manager), trousers, "hold", reason="on the wrong rail")
    on_hold = as_(clerk).post(f"alteration-garments/{trousers.pk}/services/", sent)
    assert (on_hold.status_code, GarmentService.objects.count()) == (409, 1)
    assert as_(clerk).get(f"alterations/{trousers.ticket_id}/").json()["total"] == "20.00"


def test_a_warranty_is_free_for_the_houses_faults_within_its_days_one_at_a_time(as_, clerk, manager, tailor, store):
    customer = CustomerFactory(places=[store])
    ticket = taken_in(store, by=clerk, customer=customer)
    old = ticket.garments.get()
    service = old.services.get().service_id

    def again(cause, whose=customer):
        garment = {
            "garment_type": "trs", "description": "again", "services": [{"service": service}],
            "warranty_of": old.pk, "cause": cause,
        }  # fmt: skip
        return as_(clerk).post("alterations/", {"customer": whose.pk, "location": store.pk, "garments": [garment]})

    assert (again("sewing_error").status_code, again("sewing_error").json()["code"]) == (409, "warranty_over")
    moved(old, "ready", by=manager, tailor=tailor)
    paid(ticket, "18.00", clerk)
    working.collect(garment=old, by=clerk)
    assert again("sewing_error", CustomerFactory(places=[store])).status_code == 400
    free = again("sewing_error")
    assert (free.status_code, free.json()["total"]) == (201, "0.00")
    assert (again("body_changed").status_code, again("body_changed").json()["code"]) == (409, "warranty_open")
    new = Garment.objects.get(pk=free.json()["garments"][0]["id"])
    other = {"services": [{"service": ServiceFactory(price="20.00").pk}]}  # which the warranty is not about
    assert as_(clerk).post(f"alteration-garments/{new.pk}/services/", other).json()["total"] == "20.00"
    working.cancel(garment=new, by=clerk)
    assert again("body_changed").json()["total"] == "18.00"
    Garment.objects.filter(pk=old.pk).update(collected_at=timezone.now() - datetime.timedelta(days=31))
    assert again("sewing_error").json()["code"] == "warranty_over"


def test_the_database_holds_states_timelines_and_sums(trousers, manager, tailor):
    for changes in ({"status": "ready"}, {"status": "assigned"}, {"status": "pinned", "tailor": tailor}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Garment.objects.filter(pk=trousers.pk).update(**changes)
    forgeries = "UPDATE alterations_garmentservice SET total = 1", "UPDATE alterations_ticket SET status = 'ready'"
    for forgery in forgeries:
        with pytest.raises(DatabaseError), transaction.atomic():
            sql(f"{forgery}; SET CONSTRAINTS ALL IMMEDIATE")
    assert list(checking.differences()) == []


def sql(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_tailors_are_planned_by_managers_and_show_what_waits_for_them(as_, manager, clerk, tailor, trousers):
    moved(trousers, "assigned", by=manager, tailor=tailor)
    week = {
        "weekly_minutes": [100, 100, 100, 100, 100, 0, 0],
        "skills": ["trs", {"skill": "drs", "level": 2}],
        "time_off": ["2026-12-24", {"from": "2027-01-01", "to": "2027-01-08"}],
    }

    shown = as_(manager).patch(f"tailors/{tailor.pk}/", week)
    wrong = as_(manager).patch(
        f"tailors/{tailor.pk}/", {"weekly_minutes": [1, 2], "skills": ["hats"], "time_off": [{"from": "x"}], "x": 1}
    )

    assert shown.status_code == 200, shown.content
    assert shown.json() | {"next_free_day": None} == {
        "id": tailor.pk,
        "username": "tailor",
        "name": tailor.get_full_name(),
        "locations": [place.pk for place in tailor.locations.all()],
        "location_codes": ["CENTRE"],
        "skills": [{"skill": "drs", "level": 2}, {"skill": "trs", "level": 5}],
        "weekly_minutes": [100, 100, 100, 100, 100, 0, 0],
        "time_off": [{"from": "2026-12-24", "to": "2026-12-24"}, {"from": "2027-01-01", "to": "2027-01-08"}],
        "open_minutes": 25,
        "next_free_day": None,
        "rework_rate": None,
    }
    assert shown.json()["next_free_day"] > timezone.localdate().isoformat()
    assert {field for field, _code in codes_of(wrong)} == {"weekly_minutes", "skills", "time_off", "x"}
    assert as_(clerk).patch(f"tailors/{tailor.pk}/", week).status_code == 403
    assert [row["id"] for row in as_(tailor).get("tailors/").json()["results"]] == [tailor.pk]
    assert Bench.objects.get().skills == {"trs": 5, "drs": 2}


def test_the_rework_rate_counts_the_houses_faults(as_, manager, tailor, clerk, store):
    for cause in ("sewing_error", "body_changed"):
        garment = moved(taken_in(store, by=clerk).garments.get(), "quality_check", by=manager, tailor=tailor)
        working.rework(garment=garment, cause=cause, by=manager)

    assert as_(clerk).get(f"tailors/{tailor.pk}/").json()["rework_rate"] == "0.500"


def test_people_without_the_role_see_no_alterations(as_, store, trousers):
    for role in (Role.VIEWER, Role.JUNIOR_DESIGNER):
        person = UserFactory(role=role, places=[store])
        assert as_(person).get(f"alteration-garments/{trousers.pk}/").status_code == 403
