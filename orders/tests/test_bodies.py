"""Measurements over the wire: what is taken, what is refused, what is asked about, and in which versions."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.roles import Role
from accounts.tests.factories import UserFactory
from orders.models import BodyDataRead, MeasurementDefinition, MeasurementSet, MeasurementValue
from orders.services import customers, measurements
from orders.tests.factories import CustomerFactory, MeasurementSetFactory
from orders.vocabulary import VOCABULARY

pytestmark = pytest.mark.django_db


@pytest.fixture
def tailor(store):
    return UserFactory(username="tailor", role=Role.TAILOR, places=[store])


@pytest.fixture
def amina(store):
    return CustomerFactory(name="Amina Rahman", places=[store])


@pytest.fixture
def take(as_, junior, amina):
    """Measures Amina: `take({"chest_girth": "92"}, unit="in")`; the answer."""

    def post(values, **more):
        sent = {"customer": amina.pk, "basis": "body", "type": "shirt", "unit": "cm", "values": values} | more
        return as_(junior).post("measurements/", sent)

    return post


def taken(answer):
    assert answer.status_code in (200, 201), answer.content
    return answer.json()


def told(answer, status, code="invalid"):
    """{field: code} of a refusal."""
    body = answer.json()
    assert (answer.status_code, body["code"]) == (status, code), body
    return {error["field"]: error["code"] for error in body["errors"]}


# ------------------------------------------------------------------------------------------------ taking


def test_a_set_is_taken_and_reads_back_as_it_was_typed(as_, junior, take, amina):
    answer = take({"chest_girth": "92.5", "arm_length": {"left": "60", "right": "60.5"}}, note="Right shoulder low.")

    row = taken(as_(junior).get(answer["Location"]))
    assert answer.status_code == 201
    assert (row["customer"], row["customer_name"], row["version"], row["wearer"]) == (amina.pk, "Amina Rahman", 1, "")
    assert row["values"] == {"chest_girth": "92.5", "arm_length": {"left": "60", "right": "60.5"}}
    assert row["values_cm"] == {"chest_girth": "92.50", "arm_length": {"left": "60.00", "right": "60.50"}}
    assert row["missing"] == ["neck_girth", "waist_girth", "shoulder_width", "nape_to_wrist", "wrist_girth"]
    assert (row["warnings"], row["was_confirmed"], row["note"]) == ([], False, "Right shoulder low.")
    assert row["review_on"] == (timezone.now().date() + timedelta(days=365)).isoformat()


def test_inches_are_kept_in_centimetres_and_shown_in_either(as_, junior, take):
    row = taken(take({"chest_girth": "36 1/2", "waist_girth": "30"}, unit="in"))

    assert row["values"] == {"chest_girth": "36.5", "waist_girth": "30"}
    assert row["values_cm"] == {"chest_girth": "92.71", "waist_girth": "76.20"}
    in_cm = taken(as_(junior).get(f"measurements/{row['id']}/?unit=cm"))
    assert (in_cm["unit"], in_cm["values"]["chest_girth"]) == ("cm", "92.71")
    (listed,) = as_(junior).get("measurements/?unit=cm").json()["results"]
    assert listed["values"] == in_cm["values"]
    assert as_(junior).get(f"measurements/{row['id']}/?unit=yards").status_code == 400
    assert as_(junior).get("measurements/?unit=yards").status_code == 400


def test_numbers_may_come_as_numbers(take):
    row = taken(take({"chest_girth": 92.5, "waist_girth": 74, "arm_length": {"left": 60.25, "right": 61}}))

    assert row["values"] == {"chest_girth": "92.5", "waist_girth": "74", "arm_length": {"left": "60.25", "right": "61"}}


def test_sixteenths_of_an_inch_are_shown_exactly_and_may_be_sent_again(take):
    row = taken(take({"waist_girth": "27 9/16", "chest_girth": "0036", "hip_girth": "038 1/2"}, unit="in"))

    assert row["values"] == {"chest_girth": "36", "waist_girth": "27.5625", "hip_girth": "38.5"}
    again = taken(take(row["values"], unit="in"))
    assert (again["values"], again["values_cm"]) == (row["values"], row["values_cm"])


def test_one_number_of_a_pair_stands_for_both_alike(take):
    row = taken(take({"arm_length": "60"}))

    assert row["values"] == {"arm_length": "60"}
    assert MeasurementValue.objects.get().side == "both"


@pytest.mark.parametrize(
    ("values", "field", "code"),
    [
        ({"chest_girth": "38"}, "values.chest_girth", "out_of_bounds"),
        ({"chest_girth": "740"}, "values.chest_girth", "out_of_bounds"),
        ({"chest_girth": "0"}, "values.chest_girth", "out_of_bounds"),
        ({"chest_girth": "-92"}, "values.chest_girth", "invalid"),
        ({"chest_girth": "wide"}, "values.chest_girth", "invalid"),
        ({"chest_girth": ""}, "values.chest_girth", "invalid"),
        ({"chest_girth": None}, "values.chest_girth", "invalid"),
        ({"chest_girth": True}, "values.chest_girth", "invalid"),
        ({"chest_girth": -92.5}, "values.chest_girth", "invalid"),
        ({"chest_girth": ["92"]}, "values.chest_girth", "invalid"),
        ({"chest_girth": "9" * 30}, "values.chest_girth", "invalid"),
        ({"chest_girth": {"left": "92", "right": "92"}}, "values.chest_girth", "invalid"),
        ({"arm_length": {"left": "60"}}, "values.arm_length.right", "required"),
        ({"arm_length": {"right": "60"}}, "values.arm_length.left", "required"),
        ({"arm_length": {"left": "60", "right": "600"}}, "values.arm_length.right", "out_of_bounds"),
        ({"arm_length": {"left": "60", "right": "60", "middle": "60"}}, "values.arm_length.middle", "unknown_field"),
        ({"arm_length": {"left": {"left": "1"}, "right": "60"}}, "values.arm_length.left", "invalid"),
        ({"chest_grith": "92"}, "values.chest_grith", "unknown_dimension"),
        ({"a.b.c": "92"}, "values.a.b.c", "unknown_dimension"),
        ({"": "92"}, "values", "unknown_dimension"),
        ({}, "values", "empty"),
        ([], "values", "not_an_object"),
        ("92", "values", "not_an_object"),
        (None, "values", "null"),
    ],
)
def test_what_cannot_be_is_refused_by_its_dimension(take, values, field, code):
    assert told(take(values), 400) == {field: code}
    assert not MeasurementSet.objects.exists()


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"a": "1", "a.b": "2"}, {"values.a", "values.a.b"}),
        ({"chest_girth": "x", "chest_girth.foo": "1"}, {"values.chest_girth", "values.chest_girth.foo"}),
        (
            {"arm_length": {"left": "x", "right": "60"}, "arm_length.left.z": "1"},
            {"values.arm_length.left", "values.arm_length.left.z"},
        ),
        (
            {"arm_length": {"left": "x", "right": "60", "left.z": "1"}},
            {"values.arm_length.left", "values.arm_length.left.z"},
        ),
    ],
)
def test_dots_in_names_are_refused_by_name(as_, junior, take, values, fields):
    path = f"measurements/{taken(take({'waist_girth': '74'}))['id']}/"

    for answer in (
        take(values),
        as_(junior).put(path, {"values": values}),
        as_(junior).patch(path, {"values": values}),
    ):
        assert set(told(answer, 400)) == fields
    assert MeasurementSet.objects.count() == 1


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"customer": 2_000_000_000}, "customer"), ({"customer": "Amina"}, "customer"), ({"type": "tent"}, "type"),
        ({"basis": "soul"}, "basis"), ({"unit": "yards"}, "unit"), ({"wearer": "x" * 101}, "wearer"),
        ({"shoe": 1}, "shoe"),
        ({"version": 3}, "version"), ({"confirm": "perhaps"}, "confirm"), ({"warnings": []}, "warnings"),
    ],
)  # fmt: skip
def test_the_rest_is_checked_too(take, sent, field):
    assert list(told(take({"chest_girth": "92"}, **sent), 400)) == [field]
    assert not MeasurementSet.objects.exists()


def test_inches_typed_as_centimetres_are_asked_about(take):
    (error,) = take({"chest_girth": "38"}).json()["errors"]

    assert "Did you mean 38 in?" in error["message"]
    assert "below 45 cm; possible is 45 to 200 cm." in error["message"]


def test_a_slip_in_the_name_is_met_with_names_there_are(take):
    (error,) = take({"chest_grith": "92"}).json()["errors"]

    assert "chest_girth" in error["message"]


def test_all_slips_are_told_at_once(take):
    answer = take({"chest_girth": "38", "arm_length": {"left": "60"}, "nose": "7"}, type="tent", unit="yards")

    assert set(told(answer, 400)) == {
        "values.chest_girth", "values.arm_length.right", "values.nose", "type", "unit",
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["body", "garment"])
def test_each_dimension_keeps_its_bounds(take, kind):
    """All of a kind in each request: sixty-two dimensions one by one took longer than anything else here."""
    dimensions = MeasurementDefinition.objects.filter(kind=kind)
    assert {dimension.code for dimension in dimensions} == {each.code for each in VOCABULARY if each.kind == kind}

    def answer(bound, nudge="0", **more):
        numbers = {each.code: getattr(each, bound) + Decimal(nudge) for each in dimensions}
        values = {code: str(number) for code, number in numbers.items() if number >= 0}
        return values, take(values, type="full", basis=kind, wearer=f"{bound}{nudge}", **more)

    for bound, nudge in (("reject_max", "0.01"), ("reject_min", "-0.01")):
        values, refused = answer(bound, nudge, confirm=True)
        assert told(refused, 400) == {f"values.{code}": "out_of_bounds" for code in values}
    for bound, nudge in (("warn_max", "0.01"), ("warn_min", "-0.01")):
        values, asked = answer(bound, nudge)
        assert told(asked, 409, "needs_confirmation") == {f"values.{code}": "unusual" for code in values}
    for bound in ("reject_max", "reject_min"):
        assert answer(bound, confirm=True)[1].status_code == 201
    for bound in ("warn_max", "warn_min"):
        assert answer(bound)[1].status_code == 201


# ------------------------------------------------------------------------------------------------ looking again


def test_what_is_unusual_is_kept_once_it_is_confirmed(take):
    answer = take({"chest_girth": "160", "waist_girth": "165", "hip_girth": "150"})

    assert told(answer, 409, "needs_confirmation") == {
        "values.chest_girth": "unusual",
        "values.waist_girth": "unusual",
    }
    assert not MeasurementSet.objects.exists()
    row = taken(take({"chest_girth": "160", "waist_girth": "165", "hip_girth": "150"}, confirm=True))
    assert row["was_confirmed"] is True
    assert {"values.chest_girth", "values.waist_girth"} <= {warning["field"] for warning in row["warnings"]}


def test_confirming_does_not_make_the_impossible_possible(take):
    assert told(take({"chest_girth": "740"}, confirm=True), 400) == {"values.chest_girth": "out_of_bounds"}


def test_more_than_fifteen_percent_from_the_last_version_is_asked_about(take):
    taken(take({"chest_girth": "100", "arm_length": "60"}))

    assert taken(take({"chest_girth": "115"}))["version"] == 2
    sent = {"chest_girth": "99", "arm_length": "60"}
    assert taken(take(sent))["version"] == 3
    answer = take({"chest_girth": "114", "arm_length": {"left": "60", "right": "70"}})
    assert told(answer, 409, "needs_confirmation") == {
        "values.chest_girth": "changed_much",
        "values.arm_length.right": "changed_much",
    }
    assert MeasurementSet.objects.count() == 3


def test_a_smaller_change_is_told(take):
    taken(take({"chest_girth": "100"}))

    (warning,) = taken(take({"chest_girth": "106"}))["warnings"]

    assert (warning["field"], warning["code"]) == ("values.chest_girth", "changed")
    assert warning["params"] == {"last": "100.00"}


def test_numbers_that_fit_badly_together_are_told_and_kept(take):
    row = taken(take({"height": "170", "inside_leg": "100", "arm_length": {"left": "58", "right": "61"}}))

    assert {warning["code"] for warning in row["warnings"]} == {"unusual_ratio", "left_right_differ"}


def test_a_garments_dimension_on_a_body_is_told(take):
    (warning,) = taken(take({"g_chest": "100"}))["warnings"]

    assert (warning["field"], warning["code"]) == ("values.g_chest", "other_basis")


def test_what_is_switched_off_is_not_missing(take):
    MeasurementDefinition.objects.filter(code="neck_girth").update(is_active=False)

    row = taken(take({"chest_girth": "92", "arm_length": "60"}))

    assert row["missing"] == ["waist_girth", "shoulder_width", "nape_to_wrist", "wrist_girth"]


def test_a_garment_needs_no_profile(take):
    assert taken(take({"g_chest": "100"}, basis="garment"))["missing"] == []


def test_each_basis_is_compared_with_its_own(take):
    taken(take({"chest_girth": "100"}))
    taken(take({"chest_girth": "130"}, basis="garment"))  # a garment is wider than who is in it


# ------------------------------------------------------------------------------------------------ versions


def test_versions_count_per_customer_wearer_and_type(take, store):
    somebody = CustomerFactory(places=[store])

    counted = [
        taken(take({"waist_girth": "74"}, **more))["version"]
        for more in ({}, {}, {"type": "skirt"}, {"wearer": "Leila"}, {"wearer": "LEILA"}, {"customer": somebody.pk})
    ]

    assert counted == [1, 2, 1, 1, 2, 1]


def test_put_makes_the_next_version_with_these_numbers_only(as_, junior, take, amina):
    numbers = {"chest_girth": "92", "waist_girth": "74"}
    first = taken(take(numbers))

    answer = as_(junior).put(
        f"measurements/{first['id']}/",
        {"customer": amina.pk, "type": "shirt", "basis": "body", "unit": "in", "values": {"chest_girth": "37"}},
    )

    second = taken(answer)
    assert (second["version"], second["values"]) == (2, {"chest_girth": "37"})
    assert second["id"] != first["id"]
    assert taken(as_(junior).get(f"measurements/{first['id']}/"))["values"] == numbers


def test_patch_makes_the_next_version_and_keeps_the_other_numbers(as_, junior, take):
    first = taken(take({"chest_girth": "92", "arm_length": {"left": "60", "right": "61"}}, note="Slim."))

    second = taken(as_(junior).patch(f"measurements/{first['id']}/", {"values": {"chest_girth": "94"}}))
    third = taken(as_(junior).patch(f"measurements/{second['id']}/", {"unit": "in", "note": "Grown."}))

    assert (second["version"], second["note"]) == (2, "Slim.")
    assert second["values"] == {"chest_girth": "94", "arm_length": {"left": "60", "right": "61"}}
    assert (third["unit"], third["note"], third["values"]["chest_girth"]) == ("in", "Grown.", "37.01")
    assert third["values_cm"] == second["values_cm"]


def test_a_patch_of_an_older_version_brings_no_old_numbers_back(as_, junior, take):
    first = taken(take({"chest_girth": "92", "waist_girth": "80"}))
    taken(take({"waist_girth": "100"}, confirm=True, note="Grown."))
    taken(take({"waist_girth": "120"}, basis="garment"))

    fourth = taken(as_(junior).patch(f"measurements/{first['id']}/", {"values": {"chest_girth": "94"}}))

    assert (fourth["version"], fourth["note"]) == (4, "Grown.")
    assert fourth["values"] == {"chest_girth": "94", "waist_girth": "100"}


@pytest.mark.parametrize(
    "sent", [{}, {"values": {}}, {"values": {"waist_girth": "74.0"}, "note": "Slim.", "unit": "cm"}]
)
def test_a_patch_that_changes_nothing_makes_no_version(as_, junior, take, sent):
    first = taken(take({"chest_girth": "92", "waist_girth": "74"}, note="Slim."))

    answer = as_(junior).patch(f"measurements/{first['id']}/", sent)

    assert (answer.status_code, answer.json()["id"], answer.json()["version"]) == (200, first["id"], 1)
    assert MeasurementSet.objects.count() == 1


def test_a_patch_asks_only_about_what_it_brings(as_, junior, take):
    first = taken(take({"chest_girth": "160", "waist_girth": "120"}, confirm=True))

    second = taken(as_(junior).patch(f"measurements/{first['id']}/", {"values": {"waist_girth": "121"}}))

    assert (second["version"], second["was_confirmed"]) == (2, False)


@pytest.mark.parametrize("sent", [{"type": "skirt"}, {"wearer": "Leila"}, {"basis": "garment"}])
def test_a_version_stays_whose_it_is(as_, junior, take, sent):
    first = taken(take({"waist_girth": "74"}))

    answer = as_(junior).patch(f"measurements/{first['id']}/", sent | {"values": {"waist_girth": "75"}})

    assert told(answer, 400) == {next(iter(sent)): "invalid"}
    assert MeasurementSet.objects.count() == 1


def test_a_version_is_not_given_to_another_customer(as_, junior, take, store):
    first = taken(take({"waist_girth": "74"}))
    somebody = CustomerFactory(places=[store])

    answer = as_(junior).patch(f"measurements/{first['id']}/", {"customer": somebody.pk})

    assert told(answer, 400) == {"customer": "invalid"}


def test_whoever_changes_what_was_measured_again_meanwhile_is_stopped(as_, junior, take):
    first = taken(take({"waist_girth": "74"}))
    tag = as_(junior).get(f"measurements/{first['id']}/")["ETag"]
    take({"waist_girth": "75"})

    answer = as_(junior).patch(f"measurements/{first['id']}/", {"note": "old"}, headers={"If-Match": tag})

    assert answer.status_code == 412
    assert MeasurementSet.objects.count() == 2


def test_versions_are_listed(as_, junior, take):
    ids = [taken(take({"waist_girth": number}))["id"] for number in ("74", "75", "76")]
    other = taken(take({"waist_girth": "80"}, wearer="Leila"))["id"]

    for pk in ids:
        listed = as_(junior).get(f"measurements/{pk}/versions/").json()["results"]
        assert [row["id"] for row in listed] == ids[::-1]
    newest = as_(junior).get("measurements/?newest=true").json()["results"]
    assert {row["id"] for row in newest} == {ids[-1], other}


def test_the_database_lets_nobody_rewrite_a_version(take):
    pk = taken(take({"waist_girth": "74"}))["id"]

    for rewrite in (
        lambda: MeasurementSet.objects.filter(pk=pk).update(version=7),
        lambda: MeasurementSet.objects.filter(pk=pk).update(unit="in"),
        lambda: MeasurementValue.objects.filter(taken=pk).update(size=80),
    ):
        with pytest.raises(DatabaseError, match="annot"), transaction.atomic():
            rewrite()


def test_an_order_can_keep_what_it_was_cut_to(take):
    first = taken(take({"waist_girth": "29"}, unit="in", wearer="Leila"))

    kept = measurements.snapshot(MeasurementSet.objects.get(pk=first["id"]))

    assert kept["values"] == {"waist_girth": "29"}
    assert kept["values_cm"] == {"waist_girth": "73.66"}
    assert (kept["id"], kept["version"], kept["wearer"], kept["type"]) == (first["id"], 1, "Leila", "shirt")


# ------------------------------------------------------------------------------------------------ taking out


def test_what_is_taken_out_is_gone_and_keeps_its_number(as_, manager, junior, take):
    first = taken(take({"waist_girth": "74"}))

    assert as_(manager).delete(f"measurements/{first['id']}/").status_code == 204
    assert as_(junior).get(f"measurements/{first['id']}/").status_code == 404
    assert as_(junior).get("measurements/").json()["count"] == 0
    assert taken(take({"waist_girth": "100"}))["version"] == 2
    kept = MeasurementSet.objects.get(pk=first["id"])
    assert (kept.deleted_by, kept.values.count()) == (manager, 1)


def test_juniors_take_out_their_own_on_the_same_day(as_, junior, manager, take, amina):
    with time_machine.travel(timezone.now() - timedelta(days=1), tick=False):
        old = MeasurementSetFactory(customer=amina, wearer="Noor", created_by=junior)
    fresh = taken(take({"waist_girth": "74"}))["id"]
    others = MeasurementSetFactory(customer=amina, wearer="Leila", created_by=manager).pk

    assert as_(junior).delete(f"measurements/{fresh}/").status_code == 204
    assert as_(junior).delete(f"measurements/{old.pk}/").status_code == 403
    assert as_(junior).delete(f"measurements/{others}/").status_code == 404
    assert MeasurementSet.objects.current().count() == 2


# ------------------------------------------------------------------------------------------------ who sees them


def test_nobody_measures_or_sees_the_customers_of_other_stores(as_, junior, take, other_store):
    theirs = CustomerFactory(places=[other_store])
    hidden = MeasurementSetFactory(customer=theirs)

    assert told(take({"waist_girth": "74"}, customer=theirs.pk), 400) == {"customer": "not_found"}
    assert as_(junior).get(f"measurements/{hidden.pk}/").status_code == 404
    assert as_(junior).get(f"measurements/{hidden.pk}/versions/").status_code == 404
    assert as_(junior).get("measurements/").json()["results"] == []


def jobs_of(person):
    return Q(customer__name="Amina Rahman", pk__gt=0)


def test_a_tailor_sees_those_of_their_own_jobs(as_, tailor, take, store, settings):
    first = taken(take({"waist_girth": "74"}))
    MeasurementSetFactory(customer=CustomerFactory(places=[store]))

    assert as_(tailor).get("measurements/").json()["results"] == []
    assert as_(tailor).get(f"measurements/{first['id']}/").status_code == 404
    settings.BODIES_AT_WORK = ["orders.tests.test_bodies.jobs_of"]
    assert [row["id"] for row in as_(tailor).get("measurements/").json()["results"]] == [first["id"]]
    assert as_(tailor).get(f"measurements/{first['id']}/").status_code == 200


def test_an_archived_customer_is_not_measured(take, manager, amina):
    customers.archive(customer=amina, by=manager)

    assert told(take({"waist_girth": "74"}), 400) == {"customer": "archived"}


# ------------------------------------------------------------------------------------------------ who looked


def looks():
    return list(BodyDataRead.objects.order_by("id").values_list("by__username", "customers", "route"))


def test_warnings_that_tell_the_last_numbers_are_a_look_at_them(take, amina):
    taken(take({"waist_girth": "74"}))
    taken(take({"waist_girth": "75"}))
    assert looks() == []

    taken(take({"waist_girth": "100"}, confirm=True))
    taken(take({"waist_girth": "106"}))

    assert looks() == [("junior", [amina.pk], "POST /api/v1/measurements/")] * 2


def test_each_look_is_written_down_in_one_row(as_, junior, clerk, take, amina, store):
    somebody = CustomerFactory(places=[store])
    first = taken(take({"waist_girth": "74"}))
    taken(take({"waist_girth": "75"}))
    MeasurementSetFactory(customer=somebody)
    assert looks() == []

    as_(clerk).get("measurements/")
    as_(clerk).get(f"measurements/{first['id']}/")
    as_(junior).get(f"measurements/{first['id']}/versions/")
    as_(junior).patch(f"measurements/{first['id']}/", {"note": "Slim."})

    here = "/api/v1/measurements/"
    assert looks() == [
        ("clerk", sorted([amina.pk, somebody.pk]), f"GET {here}"),
        ("clerk", [amina.pk], f"GET {here}{first['id']}/"),
        ("junior", [amina.pk], f"GET {here}{first['id']}/versions/"),
        ("junior", [amina.pk], f"PATCH {here}{first['id']}/"),
    ]


def test_a_refusal_that_tells_of_earlier_numbers_is_a_look(take, amina):
    take({"waist_girth": "74"})
    take({"waist_girth": "100"})

    assert looks() == [("junior", [amina.pk], "POST /api/v1/measurements/")]


def test_nothing_seen_is_no_look(as_, clerk, take):
    take({"chest_girth": "160"})
    as_(clerk).get("measurements/")
    as_(clerk).get("measurements/1/")

    assert looks() == []


def test_the_owner_reads_the_log(as_, owner, clerk, manager, take, amina):
    take({"waist_girth": "74"})
    as_(clerk).get("measurements/")
    as_(manager).get("measurements/")

    def listed(**asked):
        return [row["by"] for row in as_(owner).get("body-data-reads/", asked).json()["results"]]

    row = as_(owner).get("body-data-reads/").json()["results"][0]
    assert (row["customers"], row["customer_names"], row["by_name"]) == ([amina.pk], ["Amina Rahman"], str(manager))
    assert listed(person=clerk.pk) == [clerk.pk]
    assert listed(customer=amina.pk) == [manager.pk, clerk.pk]
    assert listed(customer=amina.pk + 1) == []
    assert listed(after="2999-01-01T00:00:00Z") == []
    assert listed(before="2999-01-01T00:00:00Z") == [manager.pk, clerk.pk]
    assert as_(manager).get("body-data-reads/").status_code == 403


def test_the_log_is_only_added_to(take, as_, clerk):
    take({"waist_girth": "74"})
    as_(clerk).get("measurements/")

    for spoil in (BodyDataRead.objects.all().delete, lambda: BodyDataRead.objects.update(route="")):
        with pytest.raises(DatabaseError, match="annot"), transaction.atomic():
            spoil()


def test_a_page_of_measurements_costs_the_same_whatever_is_on_it(as_, clerk, store):
    client = as_(clerk)

    def statements(path):
        with CaptureQueriesContext(connection) as caught:
            assert client.get(path).status_code == 200
        return len(caught)

    one = MeasurementSetFactory(customer=CustomerFactory(places=[store]))
    few = statements("measurements/"), statements(f"measurements/{one.pk}/")
    for _ in range(5):
        MeasurementSetFactory(
            customer=CustomerFactory(places=[store]), sizes={"waist_girth": "74", "arm_length": ("60", "61")}
        )

    assert (statements("measurements/"), statements(f"measurements/{one.pk}/")) == few
    assert few[0] <= 6


def test_taking_many_numbers_costs_as_many_statements_as_taking_one(take):
    def statements(values, wearer):
        with CaptureQueriesContext(connection) as caught:
            taken(take(values, wearer=wearer))
        return len(caught)

    few = statements({"waist_girth": "74"}, "Leila")
    many = {"waist_girth": "74", "hip_girth": "98", "thigh_girth": {"left": "57", "right": "57"}, "calf_girth": "36"}

    assert statements(many, "Noor") == few


# ------------------------------------------------------------------------------------------------ the vocabulary


CAPE = {
    "code": "cape_length", "name": "Cape length", "garments": ["coat"],
    "warn_min": "60", "warn_max": "140", "reject_min": "30", "reject_max": "180",
}  # fmt: skip


def test_a_shop_adds_a_dimension_and_measures_by_it(as_, manager, take):
    answer = as_(manager).post("measurement-definitions/", CAPE)

    row = taken(answer)
    assert (row["kind"], row["side"], row["unit"], row["warn_min"]) == ("body", "none", "cm", "60.00")
    assert taken(take({"cape_length": "100"}))["values"] == {"cape_length": "100"}
    assert told(take({"cape_length": "200"}), 400) == {"values.cape_length": "out_of_bounds"}


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"code": "Cape Length"}, "code"), ({"garments": ["tent"]}, "garments"), ({"unit": "in"}, "unit"),
        ({"warn_min": "20"}, "warn_min"), ({"warn_max": "200"}, "reject_max"), ({"reject_min": "-1"}, "reject_min"),
        ({"warn_max": "60"}, "warn_max"), ({"name": ""}, "name"), ({"reject_max": "123456"}, "reject_max"),
    ],
)  # fmt: skip
def test_a_dimension_without_sense_is_refused(as_, manager, sent, field):
    answer = as_(manager).post("measurement-definitions/", CAPE | sent)

    assert answer.status_code == 400
    assert {error["field"].split(".")[0] for error in answer.json()["errors"]} == {field}
    assert not MeasurementDefinition.objects.filter(name="Cape length").exists()


def test_a_code_is_taken_once(as_, manager):
    answer = as_(manager).post("measurement-definitions/", CAPE | {"code": "chest_girth"})

    assert told(answer, 409, "duplicate") == {"code": "duplicate"}


def test_a_dimension_in_use_keeps_its_meaning_and_may_change_its_bounds(as_, manager, take):
    row = taken(as_(manager).post("measurement-definitions/", CAPE))
    path = f"measurement-definitions/{row['id']}/"
    take({"cape_length": "100"})

    assert told(as_(manager).patch(path, {"side": "pair", "unit": "deg"}), 409, "in_use") == {
        "side": "in_use",
        "unit": "in_use",
    }
    assert as_(manager).delete(path).json()["code"] == "in_use"
    assert taken(as_(manager).patch(path, {"warn_min": "110"}))["warn_min"] == "110.00"
    assert told(as_(manager).patch(path, {"warn_min": "10"}), 400) == {"warn_min": "invalid"}
    taken(as_(manager).patch(path, {"is_active": False}))
    assert told(take({"cape_length": "120"}), 400) == {"values.cape_length": "unknown_dimension"}


def test_a_dimension_nobody_used_may_go(as_, manager):
    row = taken(as_(manager).post("measurement-definitions/", CAPE))

    assert as_(manager).delete(f"measurement-definitions/{row['id']}/").status_code == 204
    assert MeasurementDefinition.objects.count() == 62


def test_the_vocabulary_is_listed_from_head_to_foot(as_, junior):
    page = as_(junior).get("measurement-definitions/?page_size=100&kind=body").json()
    (chest,) = as_(junior).get("measurement-definitions/?code=chest_girth").json()["results"]

    assert page["count"] == 46
    assert [row["code"] for row in page["results"][:2]] == ["height", "body_mass"]
    assert (chest["reject_min"], chest["reject_max"], chest["side"]) == ("45.00", "200.00", "none")
    assert "shirt" in chest["garments"]
    assert as_(junior).get("measurement-definitions/?garment=skirt&side=pair").json()["count"] > 0
