import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django_tasks_db.models import DBTaskResult

from accounts.models import AccountEvent, Location, PromotionRequest, SignIn, User
from accounts.roles import Role
from accounts.services import opening, people, places
from accounts.tests.factories import PASSWORD, LocationFactory, UserFactory
from boutique.errors import Forbidden, IllegalTransition, Invalid, OwnRequest
from tests.threads import at_once, errors_of

pytestmark = pytest.mark.django_db

NEWCOMER = {
    "username": "newcomer",
    "email": "New.Comer@Example.com",
    "password": PASSWORD,
    "first_name": "Nora",
    "last_name": "Comer",
    "phone": "040 1234567",
}


def letters(template=None):
    rows = DBTaskResult.objects.order_by("enqueued_at").values_list("args_kwargs", flat=True)
    sent = [(row["args"][0].removeprefix("accounts/"), row["args"][1]) for row in rows]
    return [to for name, to in sent if name == template] if template else sent


def kinds(person):
    return list(AccountEvent.objects.filter(person=person).order_by("id").values_list("kind", flat=True))


# ------------------------------------------------------------------------------------------------ coming in


def test_registering_makes_a_person_without_any_right(stranger, owner):
    answer = stranger.post("auth/register/", NEWCOMER)

    person = User.objects.get(username="newcomer")
    assert answer.status_code == 201
    assert answer.json()["status"] == "pending"
    assert (person.role, person.email, str(person.phone)) == (None, "new.comer@example.com", "+49401234567")
    assert not person.is_staff
    assert kinds(person) == ["registered"]
    assert letters() == [("registered", [person.email]), ("registration_waits", [owner.email])]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("role", "admin"),
        ("is_superuser", True),
        ("is_staff", True),
        ("status", "active"),
        ("locations", [1]),
        ("id", 1),
    ],
)
def test_nobody_registers_with_rights_of_their_own(stranger, name, value):
    answer = stranger.post("auth/register/", NEWCOMER | {name: value})

    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [name]
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("username", ""), ("username", "a"), ("username", "with space"), ("username", "a@b"), ("username", "ünal"),
        ("username", "x" * 61), ("username", 7), ("username", ["x"]), ("username", None), ("username", "a\u0000b"),
        ("email", "nobody"), ("email", "a@b@c"), ("email", {"x": 1}), ("email", "x" * 250 + "@example.com"),
        ("password", "short"), ("password", "x" * 257), ("password", None), ("password", 123456789012345),
        ("first_name", "x" * 81), ("first_name", "a\nb"), ("first_name", "\x07"), ("first_name", True),
        ("last_name", "x" * 1_000_000), ("phone", "12"), ("phone", "0" * 100), ("phone", 401234567),
    ],
)  # fmt: skip
def test_a_registration_with_a_bad_field_is_refused_and_names_it(stranger, name, value):
    answer = stranger.post("auth/register/", NEWCOMER | {name: value})

    assert answer.status_code == 400, answer.content
    assert {error["field"] for error in answer.json()["errors"]} == {name}
    assert not User.objects.exists()


def test_all_mistakes_of_a_registration_are_told_at_once(stranger):
    answer = stranger.post("auth/register/", {"email": "x", "password": "short", "colour": "red"})

    named = {error["field"] for error in answer.json()["errors"]}
    assert {"username", "email", "first_name", "last_name", "colour"} <= named


@pytest.mark.parametrize(
    ("name", "value"), [("username", "NewComer"), ("username", "ｎewcomer"), ("email", "NEW.comer@example.COM")]
)
def test_a_taken_name_or_address_is_409_in_any_spelling(stranger, name, value):
    stranger.post("auth/register/", NEWCOMER)
    other = NEWCOMER | {"username": "other", "email": "other@example.com"} | {name: value}

    answer = stranger.post("auth/register/", other)

    assert (answer.status_code, answer.json()["code"]) == (409, "duplicate")
    assert [error["field"] for error in answer.json()["errors"]] == [name]
    assert User.objects.count() == 1


def test_one_address_is_not_registered_with_again_and_again(stranger):
    answers = [stranger.post("auth/register/", NEWCOMER).status_code for _ in range(11)]

    assert answers == [201] + [409] * 9 + [429]


def test_a_manager_lets_somebody_in_to_their_own_place(as_, manager, store, stranger):
    person = people.register(**NEWCOMER)

    answer = as_(manager).post(f"users/{person.pk}/approve/", {"role": "staff", "locations": [store.pk]})

    assert answer.status_code == 200
    assert {k: answer.json()[k] for k in ("status", "role", "locations")} == {
        "status": "active", "role": "staff", "locations": [store.pk]
    }  # fmt: skip
    assert kinds(person) == ["registered", "approved"]
    assert letters("approved") == [[person.email]]
    assert stranger.post("auth/login/", {"username": "newcomer", "password": PASSWORD}).status_code == 200


@pytest.mark.parametrize("role", ["manager", "admin"])
def test_a_manager_makes_nobody_a_manager(as_, manager, store, role):
    person = people.register(**NEWCOMER)

    answer = as_(manager).post(f"users/{person.pk}/approve/", {"role": role, "locations": [store.pk]})

    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    assert User.objects.get(pk=person.pk).status == "pending"


def test_a_manager_gives_away_no_place_of_another(as_, manager, other_store):
    person = people.register(**NEWCOMER)

    answer = as_(manager).post(f"users/{person.pk}/approve/", {"role": "staff", "locations": [other_store.pk]})

    assert answer.status_code == 400
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [("locations.0", "not_found")]
    assert User.objects.get(pk=person.pk).status == "pending"


def test_a_closed_place_and_the_road_are_no_places_to_work(as_, owner):
    closed, road = LocationFactory(is_active=False), Location.objects.get(kind="transit")
    person = people.register(**NEWCOMER)

    for place in (closed, road):
        answer = as_(owner).post(f"users/{person.pk}/approve/", {"role": "staff", "locations": [place.pk]})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "locations.0")
    assert User.objects.get(pk=person.pk).status == "pending"


def test_somebody_turned_away_never_signs_in(as_, manager, stranger):
    person = people.register(**NEWCOMER)

    answer = as_(manager).post(f"users/{person.pk}/reject/", {"reason": "unknown to us"})

    assert answer.json()["status"] == "dismissed"
    assert kinds(person) == ["registered", "rejected"]
    login = stranger.post("auth/login/", {"username": "newcomer", "password": PASSWORD})
    assert login.json()["code"] == "account_dismissed"


def test_the_owner_hires_somebody_who_can_work_at_once(as_, owner, store, stranger):
    answer = as_(owner).post("users/", NEWCOMER | {"role": "tailor", "locations": [store.pk]})

    assert answer.status_code == 201
    assert answer["Location"].endswith(f"/users/{answer.json()['id']}/")
    assert (answer.json()["created_by"], answer.json()["created_by_name"]) == (owner.pk, str(owner))
    assert stranger.post("auth/login/", {"username": "newcomer", "password": PASSWORD}).status_code == 200


# ------------------------------------------------------------------------------------------------ rights that end


@pytest.mark.parametrize(
    ("verb", "sent"),
    [
        ("dismiss/", {"reason": "left"}),
        ("demote/", {"role": "viewer"}),
        ("", {"role": "manager"}),
        ("", {"locations": []}),
    ],
)
def test_the_very_next_request_shows_that_the_rights_have_changed(as_, owner, clerk, stranger, verb, sent):
    device = as_(clerk)
    assert device.get("profile/").status_code == 200

    method = as_(owner).post if verb else as_(owner).patch
    assert method(f"users/{clerk.pk}/{verb}", sent).status_code == 200

    assert (device.get("profile/").status_code, device.get("profile/").json()["code"]) == (401, "invalid_token")
    assert stranger.post("auth/refresh/", {"refresh": device.tokens["refresh"]}).status_code == 401


def test_a_change_of_name_ends_no_session(as_, owner, clerk):
    device = as_(clerk)

    as_(owner).patch(f"users/{clerk.pk}/", {"first_name": "Eve"})

    assert device.get("profile/").json()["first_name"] == "Eve"


def test_a_manager_dismisses_staff_but_no_other_manager(as_, manager, clerk, store):
    colleague = UserFactory(role=Role.MANAGER, places=[store])

    assert as_(manager).post(f"users/{clerk.pk}/dismiss/", {"reason": "left"}).status_code == 200
    assert as_(manager).post(f"users/{colleague.pk}/dismiss/", {"reason": "rival"}).status_code == 403
    assert User.objects.get(pk=colleague.pk).status == "active"


def test_nobody_acts_upon_themselves(as_, owner):
    UserFactory(role=Role.ADMIN)
    mine = as_(owner)

    for verb, sent in (("dismiss/", {"reason": "x"}), ("demote/", {"role": "staff"})):
        answer = mine.post(f"users/{owner.pk}/{verb}", sent)
        assert (answer.status_code, answer.json()["code"]) == (409, "own_request")
    assert mine.patch(f"users/{owner.pk}/", {"role": "viewer"}).json()["code"] == "own_request"
    assert mine.delete(f"users/{owner.pk}/").json()["code"] == "own_request"
    assert User.objects.get(pk=owner.pk).role == Role.ADMIN


@pytest.mark.parametrize("name", ["role", "status", "locations", "username", "id", "is_superuser"])
def test_nobody_changes_their_own_rights_through_the_profile(as_, manager, name):
    answer = as_(manager).patch("profile/", {name: "admin"})

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, name)
    assert User.objects.get(pk=manager.pk).role == Role.MANAGER


def test_the_last_owner_stays(owner):
    helper = UserFactory(role=Role.ADMIN)
    people.dismiss(person=helper, reason="x", by=owner)
    helper.refresh_from_db()
    assert helper.status == "dismissed"

    with pytest.raises(people.LastAdmin):
        people.refuse_last_admin(owner)


def test_a_dismissed_person_comes_back_as_they_were(as_, owner, clerk, store):
    as_(owner).post(f"users/{clerk.pk}/dismiss/", {"reason": "season over"})

    answer = as_(owner).post(f"users/{clerk.pk}/reinstate/", {})

    assert {k: answer.json()[k] for k in ("status", "role", "locations")} == {
        "status": "active", "role": "staff", "locations": [store.pk]
    }  # fmt: skip
    assert kinds(clerk) == ["dismissed", "reinstated"]


def test_who_never_had_a_role_is_not_taken_back_without_one(as_, owner):
    person = people.register(**NEWCOMER)
    people.reject(person=person, reason="x", by=owner)

    assert as_(owner).post(f"users/{person.pk}/reinstate/", {}).json()["errors"][0]["field"] == "role"
    assert as_(owner).post(f"users/{person.pk}/reinstate/", {"role": "viewer"}).status_code == 200


@pytest.mark.parametrize(
    ("status", "verb", "allowed"),
    [
        ("active", "approve", ["dismiss", "demote"]),
        ("active", "reinstate", ["dismiss", "demote"]),
        ("pending", "dismiss", ["approve", "reject"]),
        ("dismissed", "dismiss", ["reinstate"]),
        ("dismissed", "approve", ["reinstate"]),
    ],
)
def test_an_illegal_move_is_409_and_names_the_legal_ones(as_, owner, store, status, verb, allowed):
    person = UserFactory(status=status)
    sent = {"approve": {"role": "staff", "locations": []}, "reinstate": {}, "dismiss": {"reason": "x"}}[verb]

    answer = as_(owner).post(f"users/{person.pk}/{verb}/", sent)

    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition")
    assert answer.json()["allowed"] == allowed
    assert as_(owner).get(f"users/{person.pk}/").json()["allowed_actions"] == allowed


def test_a_demotion_leads_down(as_, owner, clerk):
    answer = as_(owner).post(f"users/{clerk.pk}/demote/", {"role": "manager"})

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "role")


def test_the_person_is_told_of_every_step(owner, store):
    person = people.register(**NEWCOMER)
    people.approve(person=person, role=Role.STAFF, locations=[store], by=owner)
    people.change(person=person, role=Role.MANAGER, by=owner)
    people.demote(person=person, role=Role.STAFF, by=owner)
    people.change(person=person, locations=[], by=owner)
    people.dismiss(person=person, reason="left", by=owner)
    people.reinstate(person=person, by=owner)
    people.change(person=person, email="else@example.com", by=owner)

    told = [name for name, to in letters() if to == ["new.comer@example.com"]]
    assert told == [
        "registered", "approved", "promoted", "demoted", "moved", "dismissed", "reinstated", "address_changed"
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------------ deleting


def test_a_person_without_a_history_can_be_deleted_and_the_log_remembers(as_, owner):
    person = people.register(**NEWCOMER)

    assert as_(owner).delete(f"users/{person.pk}/").status_code == 204

    assert not User.objects.filter(pk=person.pk).exists()
    log = AccountEvent.objects.filter(person_name="Nora Comer").order_by("id")
    assert [event.kind for event in log] == ["registered", "deleted"]


def test_a_person_with_a_history_is_dismissed_instead(as_, owner, manager, store):
    people.approve(person=people.register(**NEWCOMER), role=Role.VIEWER, locations=[store], by=manager)

    answer = as_(owner).delete(f"users/{manager.pk}/")

    assert (answer.status_code, answer.json()["code"]) == (409, "in_use")
    assert "dismiss" in answer.json()["detail"].lower()
    assert User.objects.filter(pk=manager.pk).exists()


# ------------------------------------------------------------------------------------------------ promotions


@pytest.fixture
def asked(manager, clerk):
    return people.ask_promotion(user=clerk, to_role=Role.MANAGER, reason="runs the shop already", by=manager)


def test_a_manager_asks_and_the_owner_decides(as_, owner, manager, clerk):
    sent = {"user": clerk.pk, "to_role": "manager", "reason": "runs the shop already"}
    asked = as_(manager).post("promotion-requests/", sent)
    assert (asked.status_code, asked.json()["allowed_actions"]) == (201, ["withdraw"])

    answer = as_(owner).post(f"promotion-requests/{asked.json()['id']}/approve/", {"note": "well deserved"})

    assert (answer.status_code, answer.json()["status"], answer.json()["decided_by"]) == (200, "approved", owner.pk)
    assert User.objects.get(pk=clerk.pk).role == Role.MANAGER
    assert kinds(clerk) == ["promotion_requested", "promoted"]


def test_a_request_is_decided_once(as_, owner, asked):
    decide = as_(owner)

    assert decide.post(f"promotion-requests/{asked.pk}/reject/", {}).status_code == 200
    again = decide.post(f"promotion-requests/{asked.pk}/approve/", {})

    assert (again.status_code, again.json()["code"]) == (409, "illegal_transition")
    assert User.objects.get(pk=asked.user_id).role == Role.STAFF


def test_an_owner_does_not_decide_what_they_asked_for(as_, owner, clerk):
    asked = people.ask_promotion(user=clerk, to_role=Role.MANAGER, reason="x", by=owner)

    answer = as_(owner).post(f"promotion-requests/{asked.pk}/approve/", {})

    assert (answer.status_code, answer.json()["code"]) == (409, "own_request")
    assert User.objects.get(pk=clerk.pk).role == Role.STAFF


def test_nobody_asks_for_themselves(as_, manager):
    answer = as_(manager).post("promotion-requests/", {"user": manager.pk, "to_role": "admin", "reason": "me"})

    assert (answer.status_code, answer.json()["code"]) == (409, "own_request")


@pytest.mark.parametrize("to_role", ["staff", "viewer", "king", "", None, 7])
def test_a_promotion_leads_up(as_, manager, clerk, to_role):
    answer = as_(manager).post("promotion-requests/", {"user": clerk.pk, "to_role": to_role, "reason": "x"})

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "to_role")


def test_nobody_asks_for_a_person_of_another_place(as_, manager, other_store):
    elsewhere = UserFactory(places=[other_store])

    answer = as_(manager).post("promotion-requests/", {"user": elsewhere.pk, "to_role": "manager", "reason": "x"})

    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [("user", "not_found")]


def test_one_open_request_per_person(as_, manager, asked):
    answer = as_(manager).post("promotion-requests/", {"user": asked.user_id, "to_role": "admin", "reason": "more"})

    assert (answer.status_code, answer.json()["code"]) == (409, "duplicate")


def test_only_the_asker_withdraws(as_, owner, manager, asked):
    assert as_(owner).post(f"promotion-requests/{asked.pk}/withdraw/", {}).status_code == 403
    assert as_(manager).post(f"promotion-requests/{asked.pk}/withdraw/", {}).json()["status"] == "withdrawn"


def test_a_dismissal_settles_what_was_asked_for(owner, asked):
    people.dismiss(person=asked.user, reason="left", by=owner)

    asked.refresh_from_db()
    assert asked.status == "withdrawn"


def test_a_request_that_the_world_has_overtaken_is_not_approved(owner, manager, clerk):
    asked = people.ask_promotion(user=clerk, to_role=Role.MANAGER, reason="x", by=manager)
    User.objects.filter(pk=clerk.pk).update(role=Role.ADMIN)

    with pytest.raises(IllegalTransition):
        people.approve_promotion(asked=asked, by=owner)


# ------------------------------------------------------------------------------------------------ in the database


def test_the_log_is_append_only_whoever_asks(clerk, owner):
    people.log(clerk, AccountEvent.Kind.CHANGED, by=owner)

    for attempt in (
        lambda: AccountEvent.objects.update(note="never happened"),
        lambda: AccountEvent.objects.all().delete(),
        lambda: connection.cursor().execute("DELETE FROM accounts_accountevent"),
    ):
        with pytest.raises(DatabaseError, match="append"), transaction.atomic():
            attempt()
    assert AccountEvent.objects.get().note == ""


@pytest.mark.parametrize(
    ("table", "change"),
    [
        (User, {"role": None}),
        (User, {"email": "UPPER@example.com"}),
        (PromotionRequest, {"status": "approved"}),
        (SignIn, {"closed_because": "ended"}),
    ],
)
def test_the_database_refuses_half_a_fact(asked, as_, table, change):
    as_(asked.user)

    with pytest.raises(IntegrityError), transaction.atomic():
        table.objects.update(**change)


def test_the_database_refuses_a_decision_by_the_asker(asked, manager):
    from django.utils import timezone

    with pytest.raises(IntegrityError, match="promotion_decided_by_another"), transaction.atomic():
        PromotionRequest.objects.update(status="approved", decided_by=manager, decided_at=timezone.now())


# ------------------------------------------------------------------------------------------------ the first day


def test_an_empty_shop_opens_once():
    first, second = opening.open_shop(demo=True), opening.open_shop(demo=True)

    assert [name for name, *_ in first] == ["owner", "manager", "staff", "junior", "tailor", "viewer"]
    assert second == []
    assert set(User.objects.values_list("role", flat=True)) == set(Role.values)
    assert opening.is_still_demo()


def test_without_the_demo_only_the_owner_exists_with_a_password_of_its_own(stranger):
    ((name, password, _role),) = opening.open_shop(demo=False)

    assert password != opening.DEMO_PASSWORD
    assert stranger.post("auth/login/", {"username": name, "password": password}).status_code == 200
    assert not opening.is_still_demo()


# ------------------------------------------------------------------------------------------------ two at once


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_dismiss_each_other_at_once_leave_one():
    for _round in range(5):
        one, two = UserFactory(role=Role.ADMIN), UserFactory(role=Role.ADMIN)
        outcomes = at_once(
            lambda one=one, two=two: people.dismiss(person=two, reason="x", by=one),
            lambda one=one, two=two: people.dismiss(person=one, reason="x", by=two),
        )

        assert errors_of(outcomes) == [Forbidden]
        assert User.objects.filter(pk__in=[one.pk, two.pk], status="active").count() == 1
        User.objects.filter(pk__in=[one.pk, two.pk]).update(status="dismissed")


@pytest.mark.django_db(transaction=True)
def test_two_owners_deciding_one_request_at_once_decide_it_once():
    place = LocationFactory()
    asker, clerk = UserFactory(role=Role.MANAGER, places=[place]), UserFactory(places=[place])
    owners = [UserFactory(role=Role.ADMIN) for _ in range(2)]
    asked = people.ask_promotion(user=clerk, to_role=Role.MANAGER, reason="x", by=asker)

    outcomes = at_once(
        lambda: people.approve_promotion(asked=asked, by=owners[0]),
        lambda: people.reject_promotion(asked=asked, by=owners[1]),
    )

    assert errors_of(outcomes) == [IllegalTransition]
    asked.refresh_from_db()
    clerk.refresh_from_db()
    assert (clerk.role == Role.MANAGER) == (asked.status == "approved")


def test_what_was_asked_by_oneself_is_refused_in_the_service_too(clerk):
    with pytest.raises(OwnRequest):
        people.ask_promotion(user=clerk, to_role=Role.MANAGER, reason="me", by=clerk)


@pytest.mark.django_db(transaction=True)
def test_a_manager_dismissed_while_being_given_a_place_stays_dismissed():
    owner, colleague = UserFactory(role=Role.ADMIN), UserFactory(role=Role.ADMIN)
    for _round in range(5):
        manager, place = UserFactory(role=Role.MANAGER), LocationFactory()
        outcomes = at_once(
            lambda manager=manager: people.dismiss(person=manager, reason="x", by=owner),
            lambda manager=manager, place=place: places.change(place=place, manager=manager, by=colleague),
        )

        assert errors_of(outcomes) in ([], [Invalid])
        assert User.objects.get(pk=manager.pk).status == "dismissed"


# ------------------------------------------------------------------------------------------------ what others may see


@pytest.fixture
def traveller(store, other_store):
    """Works in a place the manager sees and in one they do not."""
    return UserFactory(username="traveller", places=[store, other_store])


def test_a_manager_sees_of_a_colleagues_places_only_their_own(as_, manager, traveller, store, other_store):
    for path in (f"users/{traveller.pk}/", f"users/{traveller.pk}/?expand=locations"):
        assert "HARBOUR" not in as_(manager).get(path).text
    assert as_(manager).get(f"users/?location={store.pk}").json()["count"] == 2
    assert as_(manager).get(f"users/?location={other_store.pk}").json()["count"] == 0


def test_the_log_names_no_place_the_reader_cannot_see(as_, owner, manager, clerk, store, other_store):
    people.change(person=clerk, locations=[store, other_store], by=owner)

    path = f"users/{clerk.pk}/events/"
    assert "HARBOUR" in as_(owner).get(path).text
    (event,) = as_(manager).get(path).json()["results"]
    assert [[place["code"] for place in side] for side in event["changes"]["locations"]] == [["CENTRE"], ["CENTRE"]]
    assert (event["by"], event["by_name"]) == (owner.pk, str(owner))


def test_what_became_of_a_row_shows_no_more_than_the_row_did(as_, manager, other_store):
    person = people.register(**NEWCOMER)
    person.assignments.create(location=other_store)

    answer = as_(manager).post(f"users/{person.pk}/reject/", {"reason": "x"})

    assert answer.json()["location_codes"] == []


# ------------------------------------------------------------------------------------------------ smaller rules


def test_a_manager_lets_nobody_in_to_nowhere(as_, manager):
    person = people.register(**NEWCOMER)

    answer = as_(manager).post(f"users/{person.pk}/approve/", {"role": "staff", "locations": []})

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "locations")


@pytest.mark.parametrize("role", ["", None, "king", 7])
def test_a_role_that_is_none_is_refused(as_, owner, clerk, role):
    for answer in (
        as_(owner).patch(f"users/{clerk.pk}/", {"role": role}),
        as_(owner).post(f"users/{clerk.pk}/demote/", {"role": role}),
    ):
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "role")


def test_what_was_read_of_a_person_can_be_put_back(as_, owner, clerk, store):
    Location.objects.filter(pk=store.pk).update(is_active=False)
    mine = as_(owner)
    for person in (owner, clerk):
        row = mine.get(f"users/{person.pk}/").json()
        sent = {name: row[name] for name in ("email", "first_name", "last_name", "phone", "role", "locations")}
        assert mine.put(f"users/{person.pk}/", sent).status_code == 200


@pytest.mark.parametrize("verb", ["dismiss", "demote", "move"])
def test_a_place_names_no_manager_who_has_left(owner, manager, store, verb):
    places.change(place=store, manager=manager, by=owner)

    if verb == "dismiss":
        people.dismiss(person=manager, reason="x", by=owner)
    elif verb == "demote":
        people.demote(person=manager, role=Role.STAFF, by=owner)
    else:
        people.change(person=manager, locations=[], by=owner)

    store.refresh_from_db()
    assert store.manager is None


def test_an_owner_who_manages_a_place_stays_signed_in(as_, owner, store):
    device = as_(owner)

    assert device.patch(f"locations/{store.pk}/", {"manager": owner.pk}).status_code == 200
    assert device.get("profile/").status_code == 200


def test_old_tokens_stay_dead_after_somebody_is_taken_back(as_, owner, clerk, other_store):
    device = as_(clerk)
    people.dismiss(person=clerk, reason="x", by=owner)
    people.reinstate(person=clerk, locations=[other_store], by=owner)

    assert device.get("profile/").status_code == 401
    assert User.objects.get(pk=clerk.pk).location_ids == [other_store.pk]
    assert [place["code"] for place in AccountEvent.objects.latest("id").changes["locations"]] == ["HARBOUR"]


def test_only_active_people_are_promoted(as_, owner):
    gone = UserFactory(status="dismissed")

    answer = as_(owner).post("promotion-requests/", {"user": gone.pk, "to_role": "manager", "reason": "x"})

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "user")


def test_the_owner_gets_one_letter_an_hour_however_many_register(owner):
    for n in range(5):
        people.register(**NEWCOMER | {"username": f"u{n}", "email": f"u{n}@example.com"})

    assert letters("registration_waits") == [[owner.email]]


def test_a_password_is_the_same_however_its_keys_are_encoded(stranger):
    stranger.post("auth/register/", NEWCOMER | {"password": "Sieben-Kn\u00f6pfe-42"})
    people.approve(person=User.objects.get(), role=Role.STAFF, locations=[], by=UserFactory(role=Role.ADMIN))

    login = {"username": "newcomer", "password": "Sieben-Kno\u0308pfe-42"}
    assert stranger.post("auth/login/", login).status_code == 200


def test_the_domain_of_an_address_stays_the_domain_it_is(stranger):
    stranger.post("auth/register/", NEWCOMER | {"email": "Nora@Stra\u00dfe.example"})

    assert User.objects.get().email == "nora@stra\u00dfe.example"
