import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.db import OperationalError
from django.urls import NoReverseMatch, reverse
from django_tasks_db.models import DBTaskResult

from accounts.models import AccountEvent, Location, PromotionRequest, SignIn, User
from accounts.roles import Role
from accounts.services import people, places, sessions
from accounts.tests.desk import messages_on, page_of, press, typed
from accounts.tests.factories import PASSWORD, LocationFactory, UserFactory
from boutique import mail
from boutique.admin import TaskAdmin, panel
from boutique.errors import RuleError

pytestmark = pytest.mark.django_db

LIST = "admin:accounts_user_changelist"
TRAP = "<script>alert(1)</script>"
HIRED = {
    "username": "hilda",
    "email": "Hilda@Example.com",
    "first_name": "Hilda",
    "last_name": "Berg",
    "phone": "",
    "password": "Seven-brass-buttons-42",
    "role": Role.TAILOR,
}


@pytest.fixture
def newcomer(db):
    return people.register(
        username="nadia", email="nadia@example.com", password=PASSWORD, first_name="Nadia", last_name="Wolff"
    )


def kinds_of(person):
    return list(AccountEvent.objects.filter(person=person).order_by("pk").values_list("kind", flat=True))


# ------------------------------------------------------------------------------------------------ the staff life cycle


def test_the_owner_leads_somebody_through_their_whole_time_in_the_shop(at_desk, owner, newcomer, store, other_store):
    desk = at_desk(owner)

    press(desk, newcomer, "approve", role=Role.VIEWER, locations=[store.pk])
    newcomer.refresh_from_db()
    assert (newcomer.status, newcomer.role, newcomer.location_ids) == ("active", Role.VIEWER, [store.pk])

    desk.post(page_of(newcomer), typed(desk, newcomer, role=Role.MANAGER, places=[other_store.pk]))
    newcomer = User.objects.get(pk=newcomer.pk)
    assert (newcomer.role, newcomer.location_ids) == (Role.MANAGER, [other_store.pk])

    press(desk, newcomer, "demote", role=Role.STAFF, note="Wishes to sell.")
    press(desk, newcomer, "dismiss", reason="Moves away.")
    newcomer.refresh_from_db()
    assert (newcomer.status, newcomer.role) == ("dismissed", Role.STAFF)

    press(desk, newcomer, "reinstate", role=Role.TAILOR, locations=[store.pk])
    newcomer = User.objects.get(pk=newcomer.pk)
    assert (newcomer.status, newcomer.role, newcomer.location_ids) == ("active", Role.TAILOR, [store.pk])
    assert kinds_of(newcomer) == [
        "registered", "approved", "promoted", "moved", "demoted", "dismissed", "reinstated",
    ]  # fmt: skip
    assert set(AccountEvent.objects.exclude(kind="registered").values_list("by", flat=True)) == {owner.pk}
    assert not LogEntry.objects.exists()  # one log, and it is append-only


def test_the_owner_turns_a_newcomer_away(at_desk, owner, newcomer):
    press(at_desk(owner), newcomer, "reject", reason="Nobody here knows you.")

    newcomer.refresh_from_db()
    assert newcomer.status == "dismissed"
    assert AccountEvent.objects.filter(person=newcomer, kind="rejected", note="Nobody here knows you.").exists()


def test_the_owner_hires_through_the_service_and_deletes_who_never_did_anything(at_desk, owner, store):
    desk = at_desk(owner)

    answer = desk.post(reverse("admin:accounts_user_add"), HIRED | {"places": [store.pk]}, follow=True)

    hilda = User.objects.get(username="hilda")
    assert "was added successfully" in messages_on(answer)[0]
    assert (hilda.status, hilda.role, hilda.email, hilda.location_ids, hilda.created_by) == (
        "active", Role.TAILOR, "hilda@example.com", [store.pk], owner,
    )  # fmt: skip
    assert hilda.check_password("Seven-brass-buttons-42")
    assert kinds_of(hilda) == ["created"]

    press(desk, hilda, "delete")
    assert not User.objects.filter(pk=hilda.pk).exists()
    assert kinds_of(hilda) == ["created", "deleted"]


def test_whoever_has_a_history_is_not_deleted_and_the_page_says_so(at_desk, owner, manager, clerk):
    people.ask_promotion(user=clerk, to_role=Role.MANAGER, reason="Good", by=manager)
    desk = at_desk(owner)
    assert desk.get(page_of(manager, "delete")).status_code == 200

    answer = press(desk, manager, "delete")

    assert "has a history here" in answer.content.decode()
    assert User.objects.filter(pk=manager.pk).exists()
    assert kinds_of(manager) == []


def test_a_correction_goes_through_the_service_in_its_words(at_desk, owner, clerk):
    desk = at_desk(owner)

    desk.post(page_of(clerk), typed(desk, clerk, first_name="Adam", phone="+49 40 1234567"))

    clerk.refresh_from_db()
    assert (clerk.first_name, str(clerk.phone), clerk.updated_by) == ("Adam", "+49401234567", owner)
    assert AccountEvent.objects.get(person=clerk).changes == {"first_name": None, "phone": None}


def test_only_what_was_changed_is_sent_and_nothing_if_nothing_was(at_desk, owner, store, monkeypatch):
    sent = []
    monkeypatch.setattr(places, "change", lambda **words: sent.append(words))
    desk = at_desk(owner)

    desk.post(page_of(store), typed(desk, store))
    desk.post(page_of(store), typed(desk, store, name="Centre"))

    assert sent == [{"place": store, "by": owner, "name": "Centre"}]


def test_nobody_gives_themselves_another_role(at_desk, owner):
    UserFactory(role=Role.ADMIN)
    desk = at_desk(owner)

    desk.post(page_of(owner), typed(desk, owner, role=Role.VIEWER, first_name="Oda"))

    owner.refresh_from_db()
    assert (owner.role, owner.first_name) == (Role.ADMIN, "Oda")


def test_a_closed_place_stays_chosen_when_something_else_is_corrected(at_desk, owner, clerk, store):
    places.archive(place=store, by=owner)
    desk = at_desk(owner)

    desk.post(page_of(clerk), typed(desk, clerk, first_name="Adam"))

    assert User.objects.get(pk=clerk.pk).location_ids == [store.pk]
    assert kinds_of(clerk) == ["changed"]


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(at_desk, owner, clerk):
    desk = at_desk(owner)
    page = typed(desk, clerk, first_name="Adam")
    people.change(person=clerk, last_name="Smith", by=owner)

    answer = desk.post(page_of(clerk), page)

    assert "Somebody else changed this" in answer.content.decode()
    clerk.refresh_from_db()
    assert (clerk.first_name, clerk.last_name) == ("Ada", "Smith")


def test_the_password_link_goes_out_by_mail(at_desk, owner, clerk):
    press(at_desk(owner), clerk, "ask_reset")

    letter = DBTaskResult.objects.get().args_kwargs["args"]
    assert letter[:2] == ["accounts/password_reset", [clerk.email]]


def test_the_persons_page_shows_log_and_sessions_and_ends_them(at_desk, owner, clerk):
    people.change(person=clerk, first_name="Adam", by=owner)
    opened = sessions.sign_in(person=clerk, address="10.0.0.7", device="Till 3")
    desk = at_desk(owner)

    shown = desk.get(page_of(clerk)).content.decode()
    assert "Till 3" in shown
    assert "Details changed" in shown
    assert page_of(opened, "end") in shown

    press(desk, opened, "end")
    opened.refresh_from_db()
    assert opened.closed_because == SignIn.Closed.ENDED
    assert "Till 3" not in desk.get(page_of(clerk)).content.decode()


def test_portraits_are_shown(at_desk, owner, clerk):
    User.objects.filter(pk=clerk.pk).update(photo="people/ab/abc.webp")
    desk = at_desk(owner)

    for address in (reverse(LIST), page_of(clerk)):
        assert "/media/people/ab/abc.thumb.webp?key=" in desk.get(address).content.decode()


def test_no_page_shows_tokens_or_the_arguments_of_tasks(at_desk, owner, clerk):
    opened = sessions.sign_in(person=clerk)
    mail.send("accounts/password_reset", clerk.email, {"link": "https://shop.example/reset/secret"})
    desk = at_desk(owner)

    task_page = desk.get(page_of(DBTaskResult.objects.get())).content.decode()
    assert "boutique.mail.deliver" in task_page
    assert "secret" not in task_page
    assert str(opened.current_token) not in desk.get(page_of(opened)).content.decode()


# ------------------------------------------------------------------------------------------------ promotions and places


def test_a_manager_asks_and_the_owner_decides(at_desk, owner, manager, clerk):
    desk = at_desk(manager)
    desk.post(
        reverse("admin:accounts_promotionrequest_add"), {"user": clerk.pk, "to_role": Role.MANAGER, "reason": "Good"}
    )
    asked = PromotionRequest.objects.get(user=clerk)
    assert asked.created_by == manager
    assert press(desk, asked, "approve").status_code == 403

    press(at_desk(owner), asked, "approve", note="Yes")

    asked.refresh_from_db()
    clerk.refresh_from_db()
    assert (asked.status, asked.decided_by, clerk.role) == ("approved", owner, Role.MANAGER)


@pytest.mark.parametrize(("verb", "status"), [("reject", "rejected"), ("withdraw", "withdrawn")])
def test_a_request_can_be_refused_or_taken_back(verb, status, at_desk, owner, manager, clerk):
    asked = people.ask_promotion(user=clerk, to_role=Role.MANAGER, reason="Good", by=manager)

    press(at_desk(owner if verb == "reject" else manager), asked, verb, note="Not now")

    asked.refresh_from_db()
    assert (asked.status, asked.decision_note) == (status, "Not now")


def test_a_promotion_is_asked_for_on_the_persons_page(at_desk, manager, clerk):
    press(at_desk(manager), clerk, "ask_promotion", to_role=Role.MANAGER, reason="Good")

    assert PromotionRequest.objects.get().user == clerk


def test_the_owner_opens_changes_closes_and_deletes_a_place(at_desk, owner, manager):
    desk = at_desk(owner)
    new = {"code": "QUAY", "name": "Quay", "kind": "store", "address": "", "timezone": "UTC", "manager": manager.pk}
    desk.post(reverse("admin:accounts_location_add"), new)
    quay = Location.objects.get(code="QUAY")
    assert quay.pk in manager.location_ids  # the service did it
    assert quay.created_by == owner

    desk.post(page_of(quay), typed(desk, quay, name="The Quay"))
    press(desk, quay, "archive")
    quay.refresh_from_db()
    assert (quay.name, quay.is_active) == ("The Quay", False)
    press(desk, quay, "restore")
    quay.refresh_from_db()
    assert quay.is_active

    assert "has people or a history" in press(desk, quay, "delete").content.decode()
    unused = LocationFactory()
    press(desk, unused, "delete")
    assert set(Location.objects.filter(pk__in=[quay.pk, unused.pk])) == {quay}


def test_the_road_between_the_places_is_only_looked_at(at_desk, owner):
    road = Location.objects.get(kind="transit")
    desk = at_desk(owner)

    assert desk.get(page_of(road)).context["has_change_permission"] is False
    assert desk.post(page_of(road), {"name": "Street"}).status_code == 403
    assert desk.post(page_of(road, "delete")).status_code == 403
    assert "not possible" in messages_on(press(desk, road, "archive"))[0]
    assert Location.objects.get(kind="transit").is_active


# ------------------------------------------------------------------------------------------------ refusals


def test_a_rule_that_forbids_a_change_is_told_beside_its_field(at_desk, owner, clerk, viewer):
    desk = at_desk(owner)

    answer = desk.post(page_of(clerk), typed(desk, clerk, email=viewer.email.upper(), first_name="Adam"))

    assert answer.context["adminform"].form.errors == {"email": ["This email is already taken."]}
    clerk.refresh_from_db()
    assert (clerk.first_name, kinds_of(clerk)) == ("Ada", [])


def test_a_weak_password_is_told_beside_its_field(at_desk, owner):
    answer = at_desk(owner).post(reverse("admin:accounts_user_add"), HIRED | {"password": "short"})

    assert "password" in answer.context["adminform"].form.errors
    assert not User.objects.filter(username="hilda").exists()


def test_a_taken_user_name_is_told_beside_its_field(at_desk, owner, clerk):
    answer = at_desk(owner).post(reverse("admin:accounts_user_add"), HIRED | {"username": "CLERK"})

    assert answer.context["adminform"].form.errors == {"username": ["This username is already taken."]}


def test_a_rule_that_forbids_a_verb_is_told_on_its_page(at_desk, owner, manager, monkeypatch):
    def refuse(**_sent):
        raise RuleError("Not on a Sunday.", errors=[{"field": "reason", "code": "x", "message": "Say which day."}])

    monkeypatch.setattr(people, "end_sessions", lambda person: refuse())

    answer = press(at_desk(owner), manager, "dismiss", reason="x")

    assert answer.context["form"].errors == {"reason": ["Say which day."]}
    manager.refresh_from_db()
    assert manager.is_active


def test_the_last_owner_stays(at_desk, owner, monkeypatch):
    other = UserFactory(role=Role.ADMIN)
    desk = at_desk(other)
    press(desk, owner, "dismiss", reason="x")

    answer = press(desk, owner, "dismiss", reason="x")

    assert messages_on(answer) == [f"“Dismiss” is not possible for {owner} now."]


def test_what_a_trigger_refuses_becomes_a_message(at_desk, owner, clerk, monkeypatch):
    AccountEvent.objects.create(person=clerk, person_name="x", kind="changed")
    monkeypatch.setattr(people, "change", lambda **_sent: AccountEvent.objects.update(note="rewritten"))
    monkeypatch.setattr(people, "withdraw_open_requests", lambda *_who: AccountEvent.objects.update(note="rewritten"))
    desk = at_desk(owner)

    for answer in (
        desk.post(page_of(clerk), typed(desk, clerk, last_name="B")),
        press(desk, clerk, "dismiss", reason="x"),
    ):
        assert answer.status_code == 200
        assert "The shop&#x27;s books do not allow this change." in answer.content.decode()
    clerk.refresh_from_db()
    assert clerk.is_active


def test_a_lock_that_cannot_be_had_becomes_a_message(at_desk, owner, clerk, monkeypatch):
    class LockTimeout(Exception):
        pgcode = "55P03"

    def wait(**_sent):
        raise OperationalError("canceling statement due to lock timeout") from LockTimeout()

    monkeypatch.setattr(people, "change", wait)
    desk = at_desk(owner)

    answer = desk.post(page_of(clerk), typed(desk, clerk, last_name="B"))

    assert "Somebody else is changing the same things right now." in answer.content.decode()


def test_a_bug_stays_a_bug(at_desk, owner, clerk, monkeypatch):
    def stumble(**_sent):
        raise ZeroDivisionError

    monkeypatch.setattr(people, "change", stumble)
    desk = at_desk(owner)
    page = typed(desk, clerk, last_name="B")

    with pytest.raises(ZeroDivisionError):
        desk.post(page_of(clerk), page)


def test_control_characters_are_refused_as_in_the_api(at_desk, owner, clerk):
    desk = at_desk(owner)

    desk.post(page_of(clerk), typed(desk, clerk, first_name="A\x07da"))
    answer = press(desk, clerk, "dismiss", reason="bell\x07")

    assert answer.context["form"].errors == {"reason": ["Holds control characters."]}
    assert kinds_of(clerk) == []


# ------------------------------------------------------------------------------------------------ managers and others


def test_a_manager_sees_the_people_of_their_places_and_those_who_wait(at_desk, manager, clerk, newcomer, other_store):
    elsewhere = UserFactory(username="elsewhere", places=[other_store])
    desk = at_desk(manager)

    shown = {person.username for person in desk.get(reverse(LIST)).context["cl"].result_list}
    assert shown == {"manager", "clerk", "nadia"}
    assert "doesn’t exist" in messages_on(desk.get(page_of(elsewhere), follow=True))[0]
    assert "doesn’t exist" in messages_on(press(desk, elsewhere, "dismiss", reason="x"))[0]
    elsewhere.refresh_from_db()
    assert elsewhere.is_active


def test_a_manager_reads_the_log_of_the_people_they_see(at_desk, manager, clerk, owner, other_store):
    elsewhere = UserFactory(places=[other_store])
    for person in (clerk, elsewhere):
        people.change(person=person, first_name="Adam", by=owner)
    desk = at_desk(manager)

    listed = desk.get(reverse("admin:accounts_accountevent_changelist")).context["cl"].result_list

    assert [line.person for line in listed] == [clerk]
    assert desk.get(page_of(AccountEvent.objects.get(person=elsewhere))).status_code == 302
    assert desk.get(reverse("admin:accounts_accountevent_changelist"), {"person": clerk.pk}).status_code == 200


def test_the_people_offered_for_a_promotion_are_those_the_manager_sees(at_desk, manager, clerk, other_store):
    UserFactory(places=[other_store])
    asked = {"app_label": "accounts", "model_name": "promotionrequest", "field_name": "user", "term": ""}

    offered = at_desk(manager).get(reverse("admin:autocomplete"), asked).json()["results"]

    assert {row["id"] for row in offered} == {str(manager.pk), str(clerk.pk)}


def test_a_manager_reads_no_names_of_other_places(at_desk, manager, clerk, store, other_store, owner):
    people.change(person=clerk, locations=[store, other_store], by=owner)
    desk = at_desk(manager)

    lists = ["accounts_user_changelist", "accounts_location_changelist", "accounts_accountevent_changelist", "index"]
    pages = [page_of(clerk), page_of(AccountEvent.objects.get(person=clerk))]
    for address in [*(reverse(f"admin:{name}") for name in lists), *pages]:
        shown = desk.get(address).content.decode()
        assert "CENTRE" in shown or "Places changed" in shown
        assert "HARBOUR" not in shown


def test_a_manager_cannot_edit_hire_or_delete(at_desk, manager, clerk, store):
    desk = at_desk(manager)

    assert desk.post(page_of(clerk), {"first_name": "Adam"}).status_code == 403
    assert desk.get(reverse("admin:accounts_user_add")).status_code == 403
    assert desk.post(reverse("admin:accounts_user_add"), HIRED).status_code == 403
    assert desk.post(page_of(clerk, "delete")).status_code == 403
    assert desk.post(page_of(store), {"name": "Mine"}).status_code == 403
    for verb in ("demote", "reinstate", "ask_reset"):
        assert press(desk, clerk, verb, role=Role.VIEWER).status_code == 403
    clerk.refresh_from_db()
    assert (clerk.first_name, clerk.role) == ("Ada", Role.STAFF)


def test_a_manager_lets_people_in_up_to_staff_and_into_their_own_places(at_desk, manager, newcomer, store, other_store):
    desk = at_desk(manager)

    too_high = press(desk, newcomer, "approve", role=Role.MANAGER, locations=[store.pk])
    elsewhere = press(desk, newcomer, "approve", role=Role.STAFF, locations=[other_store.pk])
    assert list(too_high.context["form"].errors) == ["role"]
    assert list(elsewhere.context["form"].errors) == ["locations"]

    press(desk, newcomer, "approve", role=Role.STAFF, locations=[store.pk])
    newcomer.refresh_from_db()
    assert (newcomer.role, newcomer.location_ids) == (Role.STAFF, [store.pk])


def test_whoever_leaves_a_managers_sight_leaves_without_an_error(at_desk, manager, newcomer):
    answer = press(at_desk(manager), newcomer, "reject", reason="x")

    assert answer.redirect_chain == [(reverse(LIST), 302)]
    assert messages_on(answer) == ["Nadia Wolff: Turned away."]


def test_a_manager_does_not_ask_for_people_they_cannot_see(at_desk, manager, other_store):
    elsewhere = UserFactory(places=[other_store])

    answer = at_desk(manager).post(
        reverse("admin:accounts_promotionrequest_add"), {"user": elsewhere.pk, "to_role": Role.MANAGER, "reason": "x"}
    )

    assert list(answer.context["adminform"].form.errors) == ["user"]
    assert not PromotionRequest.objects.exists()


def test_buttons_are_those_the_state_and_the_role_allow(at_desk, owner, manager, clerk, newcomer):
    def buttons(person, row):
        return {button["title"] for button in at_desk(person).get(page_of(row)).context["actions_detail"]}

    assert buttons(owner, newcomer) == {"Approve", "Turn away"}
    assert buttons(owner, clerk) == {"Ask for promotion", "Demote", "Send password link", "Dismiss"}
    assert buttons(owner, owner) == set()
    assert buttons(manager, clerk) == {"Ask for promotion", "Dismiss"}


def test_lists_cannot_be_asked_about_what_they_do_not_show(at_desk, manager, clerk):
    desk = at_desk(manager)

    assert desk.get(reverse(LIST), {"password__startswith": "argon"}).status_code == 400
    assert desk.get(reverse(LIST), {"created_by__password__startswith": "a"}).status_code == 400
    assert desk.get(reverse(LIST), {"status__exact": "active"}).status_code == 200


def test_the_place_filter_offers_and_takes_only_places_the_caller_sees(at_desk, manager, clerk, store, other_store):
    UserFactory(places=[other_store, store], username="both")
    desk = at_desk(manager)

    here = desk.get(reverse(LIST), {"place": store.pk}).context["cl"]
    hidden = desk.get(reverse(LIST), {"place": other_store.pk}).context["cl"]

    assert {person.username for person in here.result_list} == {"manager", "clerk", "both"}
    assert {person.username for person in hidden.result_list} == {"manager", "clerk", "both"}


def test_the_sidebar_holds_what_the_caller_may_see_and_counts_who_waits(at_desk, owner, manager, newcomer):
    def sidebar(person):
        groups = at_desk(person).get(reverse("admin:index")).context["sidebar_navigation"]
        return {item["title"]: item.get("badge") for group in groups for item in group["items"]}

    own = {
        "Start": None, "People": 1, "Roles": None, "Promotion requests": None, "Places": None,
        "Log of people": None, "Sessions": None, "Background tasks": None,
    }  # fmt: skip
    assert own.items() <= sidebar(owner).items()
    assert own.keys() - sidebar(manager).keys() == {"Sessions", "Background tasks"}


def test_the_start_page_greets_and_counts_what_the_caller_sees(at_desk, owner, manager, clerk, newcomer, other_store):
    UserFactory(places=[other_store])

    def start_page(person):
        shown = at_desk(person).get(reverse("admin:index"))
        assert "Hello, Ada" in shown.content.decode()
        return {figure["title"]: figure["number"] for figure in shown.context["figures"]}, shown.context["panels"]

    figures, panels = start_page(owner)
    assert figures == {"Waiting for approval": 1, "Active": 4, "Dismissed": 0, "Open promotion requests": 0}
    assert [panel["title"] for panel in panels] == ["Waiting to be let in", "Lately"]
    assert start_page(manager)[0]["Active"] == 2


def test_the_start_page_holds_no_news_of_what_the_caller_may_not_see(at_desk, owner, manager, monkeypatch):
    monkeypatch.setattr(TaskAdmin, "news", lambda page, request: [panel("Machines", [], [])])

    def titles(person):
        return [shown["title"] for shown in at_desk(person).get(reverse("admin:index")).context["panels"]]

    assert "Machines" in titles(owner)
    assert "Machines" not in titles(manager)


def test_a_search_is_bounded(at_desk, owner, clerk, django_assert_max_num_queries):
    desk = at_desk(owner)

    with django_assert_max_num_queries(20) as asked:
        found = desk.get(reverse(LIST), {"q": "clerk " + "e " * 2000}).context["cl"].result_list

    assert list(found) == [clerk]
    assert max(len(query["sql"]) for query in asked) < 50_000


def test_the_roles_page_is_the_table_in_force(at_desk, manager):
    rows = at_desk(manager).get(reverse("admin:roles")).context["rows"]

    approve = next(row for row in rows if row["code"] == "accounts.approve_user")
    assert approve["cells"] == [True, True, False, False, False, False]
    assert approve["text"] == "Let people in, or turn them away"


# ------------------------------------------------------------------------------------------------ the door


def sign_in(client, name, password=PASSWORD):
    return client.post(reverse("admin:login"), {"username": name, "password": password})


@pytest.mark.parametrize("name", ["owner", "OWNER@example.com"])
def test_owners_sign_in_by_name_or_address(name, client, owner):
    assert sign_in(client, name).status_code == 302
    assert client.get(reverse("admin:index")).status_code == 200


@pytest.mark.parametrize("role", [Role.STAFF, Role.TAILOR, Role.JUNIOR_DESIGNER, Role.VIEWER])
def test_everybody_else_is_told_that_the_admin_is_not_for_them(role, client):
    person = UserFactory(role=role)

    answer = sign_in(client, person.username)

    assert "the admin is for owners and managers" in answer.content.decode()
    client.force_login(person)
    for page in ("index", "accounts_user_changelist", "password_change", "roles"):
        assert client.get(reverse(f"admin:{page}")).status_code == 302


@pytest.mark.parametrize(
    ("status", "text"), [("pending", "waits for somebody to approve"), ("dismissed", "has been closed")]
)
def test_who_waits_or_was_dismissed_is_told_so(status, text, client):
    person = UserFactory(role=Role.ADMIN, status=status)

    assert text in sign_in(client, person.username).content.decode()
    assert text not in sign_in(client, person.username, "wrong").content.decode()


def test_a_wrong_password_and_too_many_of_them_are_told(client, owner):
    assert "User name or password is wrong." in sign_in(client, "owner", "wrong").content.decode()
    for _ in range(9):
        sign_in(client, "owner", "wrong")
    assert "Too many attempts." in sign_in(client, "owner").content.decode()


def test_the_same_keys_are_the_same_password_however_the_browser_writes_them(client, owner):
    owner.set_password(User.normalize_username("Größe-zweiundvierzig"))
    owner.save()

    assert sign_in(client, "owner", "Gro\u0308ße-zweiundvierzig").status_code == 302


def test_a_dismissed_managers_next_click_leads_out(at_desk, owner, manager):
    desk = at_desk(manager)
    assert desk.get(reverse("admin:index")).status_code == 200

    people.dismiss(person=manager, reason="x", by=owner)

    assert desk.get(reverse("admin:index")).status_code == 302


def test_ones_own_password_changes_through_the_service(at_desk, owner):
    opened = sessions.sign_in(person=owner)
    desk, page = at_desk(owner), reverse("admin:password_change")
    new = {"new_password": "Nine-silk-ribbons-77", "again": "Nine-silk-ribbons-77"}

    wrong = desk.post(page, {"current_password": "wrong", **new})
    differ = desk.post(page, {"current_password": PASSWORD, **new, "again": "other"})
    weak = desk.post(page, {"current_password": PASSWORD, "new_password": "short", "again": "short"})
    assert list(wrong.context["form"].errors) == ["current_password"]
    assert list(differ.context["form"].errors) == ["again"]
    assert list(weak.context["form"].errors) == ["new_password"]
    owner.refresh_from_db()
    assert owner.check_password(PASSWORD)

    answer = desk.post(page, {"current_password": PASSWORD, **new}, follow=True)
    assert messages_on(answer) == ["Your password is changed."]
    assert answer.context["user"] == owner  # still signed in
    owner.refresh_from_db()
    opened.refresh_from_db()
    assert owner.check_password("Nine-silk-ribbons-77")
    assert opened.closed_because == SignIn.Closed.PASSWORD_CHANGED
    assert kinds_of(owner) == ["password_changed"]


def test_ones_own_password_cannot_be_guessed_at_an_open_desk(at_desk, owner):
    desk, page = at_desk(owner), reverse("admin:password_change")
    new = {"new_password": "Nine-silk-ribbons-77", "again": "Nine-silk-ribbons-77"}
    for _ in range(10):
        desk.post(page, {"current_password": "guess", **new})

    answer = desk.post(page, {"current_password": PASSWORD, **new})

    assert "Too many attempts." in answer.content.decode()
    owner.refresh_from_db()
    assert owner.check_password(PASSWORD)


# ------------------------------------------------------------------------------------------------ every page


@pytest.fixture
def full_shop(owner, manager, clerk, newcomer):
    """One row or more of everything the admin shows, and somebody whose name is a trap."""
    people.change(person=newcomer, first_name=TRAP, by=owner)
    people.ask_promotion(user=clerk, to_role=Role.MANAGER, reason="Good", by=manager)
    sessions.sign_in(person=clerk, address="10.0.0.7", device="Till 3")


def addresses():
    """Every page of the admin, each with a row that is there, one that is not, and nonsense for a row."""
    for name in names_of_pages():
        try:
            yield reverse(f"admin:{name}")
        except NoReverseMatch:
            for page in admin.site._registry.values():
                prefix = f"{page.opts.app_label}_{page.opts.model_name}_"
                if name.startswith(prefix):
                    rows = page.model.objects.order_by("-pk").values_list("pk", flat=True)[:1]
                    yield from (reverse(f"admin:{name}", args=[pk]) for pk in (*rows, 99999999, "nonsense", 2**70))


def names_of_pages():
    return [pattern.name for pattern in patterns(admin.site.get_urls()) if pattern.name]


def patterns(entries):
    for entry in entries:
        if hasattr(entry, "url_patterns"):
            yield from patterns(entry.url_patterns)
        else:
            yield entry


@pytest.mark.parametrize("who", ["owner", "manager"])
def test_no_page_of_the_admin_breaks(who, request, at_desk, full_shop):
    desk = at_desk(request.getfixturevalue(who))
    walked = [address for address in addresses() if "logout" not in address]
    assert len(walked) > 100

    for address in walked:
        answer = desk.get(address, {"app_label": "accounts"})
        assert answer.status_code < 500, address
        assert TRAP not in answer.content.decode() or answer.headers["Content-Type"] == "application/json", address


@pytest.mark.usefixtures("bare_desk")
def test_no_list_of_the_admin_breaks_by_what_is_asked_of_it(owner, at_desk, full_shop):
    desk = at_desk(owner)
    lists = [address for address in addresses() if "logout" not in address and address.count("/") == 4]
    assert len(lists) > 20

    for address in lists:
        for query in ("q=Ad", "q=%00", "o=-1.2", "o=9", "p=x", "p=9999", "status__exact=x", "all=", "e=1", "state=x"):
            assert desk.get(f"{address}?{query}").status_code < 500, (address, query)


def test_every_page_follows_the_house_rules():
    for model, page in admin.site._registry.items():
        assert not page.admin_site._actions, model  # nothing is done to many rows but what a page names itself
        assert {"add", "change", "delete", "history"}.isdisjoint(page.verbs), model
    assert Group not in admin.site._registry


@pytest.mark.parametrize("model", [AccountEvent, SignIn, DBTaskResult])
def test_logs_are_only_looked_at_whatever_the_roles_say(model, at_desk, owner, full_shop, monkeypatch):
    monkeypatch.setattr(User, "has_perm", lambda *_asked: True)
    desk, before = at_desk(owner), list(model.objects.values())
    row = model.objects.first()

    assert desk.get(page_of(row)).status_code == 200
    assert desk.post(page_of(row), {"note": "rewritten"}).status_code == 403
    assert desk.post(page_of(row, "delete"), {"post": "yes"}).status_code == 403
    assert desk.post(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add"), {}).status_code == 403
    listed = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    desk.post(listed, {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
    assert list(model.objects.values()) == before


def test_the_list_of_people_costs_the_same_however_long_it_is(
    at_desk, owner, store, other_store, django_assert_max_num_queries
):
    def people_more(number):
        for _ in range(number):
            UserFactory(places=[store, other_store])

    desk, queries = at_desk(owner), []
    for number in (3, 27):
        people_more(number)
        with django_assert_max_num_queries(20) as counted:
            desk.get(reverse(LIST))
        queries.append(len(counted))
    assert queries[0] == queries[1]


@pytest.mark.parametrize("page", ["abc", "0", "-1", "99999", ""])
def test_a_made_up_page_of_the_search_is_no_bug(at_desk, owner, page):
    assert at_desk(owner).get(f"/admin/search/?s=a&page={page}").status_code in (200, 404)


ODD = [
    "_to_field=",
    "status=%00",
    "role__exact=%00",
    "kind__exact=%00",
    "user=a",
    "user=%00",
    "manager=[]",
    "manager=1,2",
]


@pytest.mark.parametrize("query", ODD)
@pytest.mark.parametrize("page", ["user/", "promotionrequest/add/", "location/add/", "location/1/change/"])
def test_made_up_words_in_an_address_are_no_bug(at_desk, owner, page, query):
    desk = at_desk(owner)

    assert desk.get(f"/admin/accounts/{page}?{query}").status_code < 500
    assert desk.post(f"/admin/accounts/{page}", {"user": "a", "manager": "a"}).status_code < 500


@pytest.mark.parametrize("why", ["dismissed", "demoted", "logout"])
def test_the_admins_cookie_ends_with_the_other_sessions(at_desk, owner, manager, as_, why):
    desk = at_desk(manager)
    assert desk.get("/admin/").status_code == 200

    if why == "dismissed":
        people.dismiss(person=manager, reason="x", by=owner)
        people.reinstate(person=manager, by=owner)
    elif why == "demoted":
        people.demote(person=manager, role=Role.STAFF, by=owner)
        people.change(person=manager, role=Role.MANAGER, by=owner)
    else:
        as_(manager).post("auth/logout-all/")

    assert desk.get("/admin/").status_code == 302


def test_the_fourth_password_link_within_an_hour_is_not_called_sent(at_desk, owner, clerk):
    desk = at_desk(owner)
    for _ in range(4):
        answer = desk.post(f"/admin/accounts/user/{clerk.pk}/ask_reset/", follow=True)

    assert "No letter was sent" in answer.text


def test_the_admin_says_503_while_the_database_is_away(at_desk, owner, monkeypatch):
    from django.db import OperationalError

    def away(*args, **options):
        raise OperationalError("gone")

    desk = at_desk(owner)
    desk.raise_request_exception = False
    monkeypatch.setattr("accounts.admin.PersonAdmin.get_queryset", away, raising=False)
    monkeypatch.setattr("boutique.admin.HouseAdmin.get_queryset", away)

    answer = desk.get("/admin/accounts/user/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "2")
