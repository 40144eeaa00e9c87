import threading
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from accounts.models import Location
from accounts.roles import Role
from accounts.tests.factories import UserFactory
from boutique import idempotency
from boutique.models import IdempotencyKey
from boutique.transactions import in_one_transaction
from conftest import ApiClient
from tests.threads import at_once

pytestmark = pytest.mark.django_db
PLACE = {"code": "NEW", "name": "New place", "kind": "store"}


def post(client, sent=PLACE, key="one", path="locations/"):
    return client.post(path, sent, HTTP_IDEMPOTENCY_KEY=key)


def test_a_repeat_gets_the_first_answer_to_the_byte(as_, owner):
    device = as_(owner)
    first, again = post(device), post(device)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert (first["Location"], first["ETag"]) == (again["Location"], again["ETag"])
    assert (first.get("Idempotent-Replayed"), again.get("Idempotent-Replayed")) == (None, "true")
    assert Location.objects.filter(code="NEW").count() == 1


def test_the_same_json_written_otherwise_is_the_same_request(as_, owner):
    device = as_(owner)
    post(device)
    again = device.raw(
        "POST", "locations/", b'{ "kind":"store",  "name":"New place","code":"NEW"}', HTTP_IDEMPOTENCY_KEY="one"
    )

    assert again["Idempotent-Replayed"] == "true"


def test_another_body_under_the_same_key_is_422(as_, owner):
    device = as_(owner)
    post(device)

    answer = post(device, PLACE | {"code": "OTHER"})

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert not Location.objects.filter(code="OTHER").exists()


def test_a_refusal_stores_nothing_and_frees_the_key(as_, owner):
    device = as_(owner)

    assert post(device, PLACE | {"name": ""}).status_code == 400
    assert IdempotencyKey.objects.count() == 0
    assert post(device).status_code == 201


def test_a_refusal_by_a_rule_frees_the_key_too(as_, owner, store):
    device = as_(owner)

    assert post(device, PLACE | {"code": store.code}).status_code == 409
    assert post(device).status_code == 201


def test_keys_belong_to_a_person_and_a_route(as_, owner, store):
    colleague = UserFactory(role=Role.ADMIN)

    assert post(as_(owner)).status_code == 201
    assert post(as_(colleague), PLACE | {"code": "OTHER"}).status_code == 201
    assert post(as_(owner), {}, path=f"locations/{store.pk}/archive/").status_code == 200


def test_a_new_token_of_the_same_person_replays(as_, owner):
    assert post(as_(owner)).content == post(as_(owner)).content


def test_a_replay_is_not_for_those_who_lost_the_right(as_, owner):
    device = as_(owner)
    post(device)
    type(owner).objects.filter(pk=owner.pk).update(role=Role.MANAGER)

    assert post(device).status_code == 403


@pytest.mark.parametrize("key", ["", "k" * 256, "ü", "a\tb"])
def test_a_key_that_is_no_key_is_400(as_, owner, key):
    assert post(as_(owner), key=key).status_code == 400
    assert not Location.objects.filter(code="NEW").exists()


def test_the_longest_key_is_good(as_, owner):
    assert post(as_(owner), key="k" * 255).status_code == 201


def test_a_route_may_insist_on_a_key(as_, owner, monkeypatch):
    monkeypatch.setattr("accounts.views.LocationViewSet.needs_key", {"create"})

    answer = as_(owner).post("locations/", PLACE)

    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")


def test_keys_are_kept_for_a_week(as_, owner):
    post(as_(owner))
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(days=6))
    assert idempotency.forget_old_keys() == 0

    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(days=8))
    assert idempotency.forget_old_keys() == 1


# ------------------------------------------------------------------------------------------------ threads, real locks


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_with_one_key_do_the_work_once():
    owner = UserFactory(role=Role.ADMIN)
    devices = [ApiClient(owner) for _ in range(8)]

    answers = at_once(*(partial(post, device) for device in devices))

    assert [answer.status_code for answer in answers] == [201] * 8
    assert len({answer.content for answer in answers}) == 1
    assert sorted(answer.get("Idempotent-Replayed", "") for answer in answers) == [""] + ["true"] * 7
    assert Location.objects.filter(code="NEW").count() == 1


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_without_a_key_are_eight_requests():
    owner = UserFactory(role=Role.ADMIN)
    devices = [ApiClient(owner) for _ in range(8)]

    answers = at_once(*(partial(device.post, "locations/", PLACE) for device in devices))

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7


class Holding:
    """Another session that holds a row while the test looks on."""

    def __init__(self, statement, *params):
        self.statement, self.params = statement, params

    def __enter__(self):
        self.ready, self.done = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self.hold)
        self.thread.start()
        assert self.ready.wait(timeout=10)

    def hold(self):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(self.statement, self.params)
                self.ready.set()
                self.done.wait(timeout=30)
                transaction.set_rollback(True)
        finally:
            connections.close_all()

    def __exit__(self, *error):
        self.done.set()
        self.thread.join(timeout=10)


@pytest.fixture
def impatient(transactional_db):
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '300ms'")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '3s'")


@pytest.mark.django_db(transaction=True)
def test_a_lock_that_is_not_to_be_had_is_503_and_changes_nothing(impatient):
    device = ApiClient(UserFactory(role=Role.ADMIN))
    place = Location.objects.create(**PLACE)

    with Holding("SELECT 1 FROM accounts_location WHERE id = %s FOR UPDATE", place.pk):
        answer = device.patch(f"locations/{place.pk}/", {"name": "Other"})
        read = device.get(f"locations/{place.pk}/")

    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert int(answer["Retry-After"]) >= 1
    assert read.json()["name"] == "New place"
    assert device.patch(f"locations/{place.pk}/", {"name": "Other"}).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_key_that_is_still_being_worked_on_is_409_in_progress(impatient):
    owner = UserFactory(role=Role.ADMIN)
    device = ApiClient(owner)
    claim = """INSERT INTO boutique_idempotencykey (user_id, route, key, fingerprint, body, headers, created_at)
               VALUES (%s, 'POST /api/v1/locations/', 'one', '', '', '{}', now())"""

    with Holding(claim, owner.pk):
        answer = post(device)

    assert (answer.status_code, answer.json()["code"]) == (409, "in_progress")
    assert answer["Retry-After"]
    assert post(device).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_a_deadlock_is_repeated_and_never_seen_by_the_caller():
    first, second = (Location.objects.create(**PLACE | {"code": code}) for code in ("A", "B"))
    met, tries = threading.Barrier(2), [0, 0]

    def lock(n):
        mine, yours = (first, second) if n == 0 else (second, first)

        def work():
            tries[n] += 1
            Location.objects.select_for_update().get(pk=mine.pk)
            if tries[n] == 1:
                met.wait(timeout=10)
            Location.objects.filter(pk=yours.pk).update(name=f"by {n}")
            return "done"

        return in_one_transaction(work)

    assert at_once(partial(lock, 0), partial(lock, 1)) == ["done", "done"]
    assert sorted(tries) == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_a_deadlock_is_repeated_a_bounded_number_of_times():
    from django.db import OperationalError

    tries = []

    def work():
        tries.append(1)
        with connection.cursor() as cursor:
            cursor.execute("DO $$ BEGIN RAISE EXCEPTION 'tie' USING ERRCODE = '40001'; END $$")

    with pytest.raises(OperationalError):
        in_one_transaction(work)
    assert len(tries) == 3
