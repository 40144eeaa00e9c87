"""What happens when the world changes while a request waits for a lock: over HTTP, with real threads and locks."""

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection

from accounts.models import Location, PromotionRequest, User
from accounts.roles import Role
from accounts.services import people, places, sessions
from accounts.tests.factories import PASSWORD, LocationFactory, UserFactory
from conftest import ApiClient
from tests.threads import at_once, while_waiting

pytestmark = pytest.mark.django_db(transaction=True)


def deadlocks():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return cursor.fetchone()[0]


@pytest.fixture
def owners():
    return [UserFactory(role=Role.ADMIN) for _ in range(4)]


def test_a_row_deleted_by_four_at_once_is_gone_once(owners):
    for make in (lambda: (LocationFactory(), "locations"), lambda: (UserFactory(), "users")):
        row, path = make()
        devices = [ApiClient(owner) for owner in owners]

        address = f"{path}/{row.pk}/"
        answers = at_once(*(lambda d=device, at=address: d.delete(at) for device in devices))

        assert sorted(answer.status_code for answer in answers) == [204, 404, 404, 404]


def test_owners_who_change_each_other_at_once_never_deadlock(owners):
    before = deadlocks()
    ring = list(zip(owners, owners[1:] + owners[:1], strict=True))
    devices = [(ApiClient(owner), other) for owner, other in ring]

    answers = at_once(
        *(lambda d=device, o=other: d.patch(f"users/{o.pk}/", {"first_name": "N"}) for device, other in devices)
    )

    assert [answer.status_code for answer in answers] == [200] * 4
    assert deadlocks() == before


def test_deciding_about_somebody_who_is_being_demoted_never_deadlocks(owners):
    before, asker = deadlocks(), UserFactory(role=Role.ADMIN)
    one, two = ApiClient(owners[0]), ApiClient(owners[1])
    for _round in range(5):
        clerk = UserFactory()
        asked = people.ask_promotion(user=clerk, to_role=Role.MANAGER, reason="x", by=asker)
        answers = at_once(
            lambda asked=asked: one.post(f"promotion-requests/{asked.pk}/approve/", {}),
            lambda clerk=clerk: two.post(f"users/{clerk.pk}/demote/", {"role": "viewer"}),
        )
        assert {answer.status_code for answer in answers} <= {200, 409}
        assert PromotionRequest.objects.get(pk=asked.pk).status in ("approved", "withdrawn")
    assert deadlocks() == before


def test_places_and_their_managers_changed_at_once_never_deadlock(owners):
    before = deadlocks()
    place, manager = LocationFactory(), UserFactory(role=Role.MANAGER)
    one, two = ApiClient(owners[0]), ApiClient(owners[1])
    for n in range(5):
        answers = at_once(
            lambda: one.patch(f"locations/{place.pk}/", {"manager": manager.pk}),
            lambda n=n: two.patch(f"users/{manager.pk}/", {"first_name": f"N{n}", "locations": [place.pk]}),
        )
        assert [answer.status_code for answer in answers] == [200, 200]
    assert deadlocks() == before


def test_a_stale_write_is_412_even_if_the_row_changed_while_it_waited(owners):
    place, device = LocationFactory(), ApiClient(owners[0])
    tag = device.get(f"locations/{place.pk}/")["ETag"]

    answer = while_waiting(
        lambda: places.change(place=place, name="First", by=owners[1]),
        lambda: device.patch(f"locations/{place.pk}/", {"name": "Lost"}, HTTP_IF_MATCH=tag),
    )

    assert answer.status_code == 412
    assert Location.objects.get(pk=place.pk).name == "First"


def test_somebody_who_moved_away_meanwhile_is_not_the_managers_to_dismiss(owners):
    here, there = LocationFactory(), LocationFactory()
    manager, clerk = UserFactory(role=Role.MANAGER, places=[here]), UserFactory(places=[here])
    device = ApiClient(manager)

    answer = while_waiting(
        lambda: people.change(person=clerk, locations=[there], by=owners[0]),
        lambda: device.post(f"users/{clerk.pk}/dismiss/", {"reason": "x"}),
    )

    assert answer.status_code == 404
    assert User.objects.get(pk=clerk.pk).status == "active"


def test_a_manager_who_was_moved_meanwhile_dismisses_nobody_there(owners):
    here, there = LocationFactory(), LocationFactory()
    manager, clerk = UserFactory(role=Role.MANAGER, places=[here]), UserFactory(places=[here])
    device = ApiClient(manager)

    answer = while_waiting(
        lambda: people.change(person=manager, locations=[there], by=owners[0]),
        lambda: device.post(f"users/{clerk.pk}/dismiss/", {"reason": "x"}),
    )

    assert answer.status_code == 404
    assert User.objects.get(pk=clerk.pk).status == "active"


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("patch", "locations/{place}/", {"name": "Lost"}),
        ("post", "locations/", {"code": "LOST", "name": "Lost", "kind": "store"}),
        ("patch", "profile/", {"first_name": "Lost"}),
        ("post", "promotion-requests/", {"user": "{clerk}", "to_role": "manager", "reason": "x"}),
        ("delete", "users/{clerk}/", None),
    ],
)
def test_an_owner_who_was_demoted_meanwhile_changes_nothing(owners, method, path, sent):
    place, clerk, device = LocationFactory(), UserFactory(), ApiClient(owners[1])
    words = {"place": place.pk, "clerk": clerk.pk}
    sent = {k: clerk.pk if v == "{clerk}" else v for k, v in sent.items()} if sent else None

    answer = while_waiting(
        lambda: people.demote(person=owners[1], role=Role.VIEWER, by=owners[0]),
        lambda: getattr(device, method)(path.format(**words), sent),
    )

    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    assert not Location.objects.filter(name="Lost").exists()
    assert not User.objects.filter(first_name="Lost").exists()
    assert User.objects.filter(pk=clerk.pk).exists()


def test_a_person_deleted_meanwhile_gets_an_answer(owners):
    person = UserFactory(role=Role.MANAGER)
    device = ApiClient(person)

    answer = while_waiting(
        lambda: people.delete(person=person, by=owners[0]), lambda: device.patch("profile/", {"first_name": "Lost"})
    )

    assert answer.status_code in (401, 403, 404)


def test_nobody_starts_in_a_place_that_is_closing(owners):
    place, person = LocationFactory(), UserFactory(status="pending", role=None)
    device = ApiClient(owners[0])

    answer = while_waiting(
        lambda: Location.objects.select_for_update().filter(pk=place.pk).update(is_active=False),
        lambda: device.post(f"users/{person.pk}/approve/", {"role": "staff", "locations": [place.pk]}),
    )

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "locations.0")
    assert User.objects.get(pk=person.pk).status == "pending"


def test_a_dismissal_ends_a_refresh_that_waited_for_it(owners):
    clerk = UserFactory()
    tokens = sessions.tokens_of(sessions.sign_in(person=clerk))

    answer = while_waiting(
        lambda: people.dismiss(person=clerk, reason="x", by=owners[0]),
        lambda: ApiClient().post("auth/refresh/", {"refresh": tokens["refresh"]}),
    )

    assert answer.status_code == 401


def test_two_refreshes_at_once_get_the_same_pair():
    token = sessions.tokens_of(sessions.sign_in(person=UserFactory()))["refresh"]

    answers = at_once(*([lambda: ApiClient().post("auth/refresh/", {"refresh": token})] * 6))

    assert [answer.status_code for answer in answers] == [200] * 6
    assert len({answer.content for answer in answers}) == 1


def test_people_are_locked_in_the_order_of_their_numbers(owners):
    lowest, *_, highest = sorted(owners, key=lambda owner: owner.pk)
    for caller, other in ((lowest, highest), (highest, lowest)):
        device = ApiClient(caller)

        def nobody_holds_the_highest_yet():
            User.objects.select_for_update(nowait=True).get(pk=highest.pk)

        answer = while_waiting(
            lambda: User.objects.select_for_update().get(pk=lowest.pk),
            lambda d=device, o=other: d.patch(f"users/{o.pk}/", {"first_name": "N"}),
            look=nobody_holds_the_highest_yet,
        )

        assert answer.status_code == 200


def test_a_password_is_hashed_before_anything_is_locked(owners, monkeypatch):
    held = []

    def looking(password):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND mode = 'RowShareLock'")
            held.append(cursor.fetchone()[0])
        return make_password(password)

    monkeypatch.setattr(people, "make_password", looking)
    sent = {"current_password": PASSWORD, "new_password": "Nine-linen-shirts-7"}

    assert ApiClient(owners[0]).post("auth/password/change/", sent).status_code == 204
    assert held == [0]


def test_two_changes_of_one_password_at_once_make_one(owners):
    devices = [ApiClient(owners[0]), ApiClient(owners[0])]
    sent = {"current_password": PASSWORD, "new_password": "Nine-linen-shirts-7"}

    answers = at_once(*(lambda d=device: d.post("auth/password/change/", sent) for device in devices))

    codes = sorted(answer.status_code for answer in answers)
    assert codes[0] == 204
    assert codes[1] in (400, 401, 403)
