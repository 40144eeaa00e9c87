import datetime
import uuid

import jwt
import pytest
from django.conf import settings
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import AccountEvent, SignIn, User
from accounts.services import people, sessions
from accounts.tests.factories import PASSWORD, UserFactory
from boutique.models import Attempts

pytestmark = pytest.mark.django_db


def sign_in(client, username, password=PASSWORD, **extra):
    return client.post("auth/login/", {"username": username, "password": password}, **extra)


def test_login_gives_two_tokens_and_the_person(stranger, clerk):
    answer = sign_in(stranger, "clerk")

    assert answer.status_code == 200
    assert answer.json()["user"]["username"] == "clerk"
    assert stranger.get("profile/", HTTP_AUTHORIZATION=f"Bearer {answer.json()['access']}").status_code == 200


@pytest.mark.parametrize("name", ["CLERK", "clerk@example.com", "Clerk@Example.COM", " clerk "])
def test_login_takes_any_spelling_of_the_name_or_the_address(stranger, clerk, name):
    assert sign_in(stranger, name).status_code == 200


def test_wrong_and_unknown_get_the_same_answer(stranger, clerk):
    wrong, unknown = sign_in(stranger, "clerk", "wrong"), sign_in(stranger, "nobody", "wrong")

    assert wrong.status_code == unknown.status_code == 401
    drop = lambda answer: {k: v for k, v in answer.json().items() if k != "request_id"}  # noqa: E731
    assert drop(wrong) == drop(unknown)


def test_an_unknown_name_costs_a_hash_too(stranger, clerk, monkeypatch):
    hashed = []

    def counting(password, encoded, **options):
        hashed.append(encoded)
        return False

    monkeypatch.setattr(sessions, "check_password", counting)
    sign_in(stranger, "clerk", "wrong")
    sign_in(stranger, "nobody", "wrong")

    known, unknown = hashed
    assert known.split("$")[0] == unknown.split("$")[0]  # the same algorithm, so the same time


@pytest.mark.parametrize(("status", "code"), [("pending", "account_pending"), ("dismissed", "account_dismissed")])
def test_who_is_not_active_learns_it_only_with_the_right_password(stranger, status, code):
    UserFactory(username="late", status=status)

    assert sign_in(stranger, "late", "wrong").json()["code"] == "invalid_credentials"
    right = sign_in(stranger, "late")
    assert (right.status_code, right.json()["code"]) == (403, code)


def test_ten_failures_in_a_minute_are_enough(stranger, clerk):
    answers = [sign_in(stranger, "clerk", "wrong").status_code for _ in range(10)]
    blocked = sign_in(stranger, "clerk")

    assert answers == [401] * 10
    assert blocked.status_code == 429
    assert blocked.json()["code"] == "throttled"
    assert 0 < int(blocked["Retry-After"]) <= 60


def test_a_forged_forwarding_header_is_no_new_address(stranger, clerk):
    for n in range(10):
        sign_in(stranger, "clerk", "wrong", HTTP_X_FORWARDED_FOR=f"10.0.0.{n}")

    assert sign_in(stranger, "clerk", HTTP_X_FORWARDED_FOR="10.0.0.99").status_code == 429


def test_one_bad_typist_locks_out_neither_colleagues_nor_themselves_elsewhere(stranger, clerk, manager):
    for _ in range(11):
        sign_in(stranger, "clerk", "wrong")

    assert sign_in(stranger, "manager").status_code == 200
    assert sign_in(stranger, "clerk", REMOTE_ADDR="10.9.8.7").status_code == 200


def test_a_block_tells_nothing_about_other_spellings_or_numbers(stranger, clerk):
    for _ in range(11):
        sign_in(stranger, "clerk", "wrong")

    for name in (clerk.email, str(clerk.pk), "nobody"):
        assert sign_in(stranger, name, "wrong").status_code == 401


def test_every_spelling_of_a_name_counts_as_one(stranger, clerk):
    for n in range(10):
        sign_in(stranger, "clerk" if n % 2 else " CLERK", "wrong")

    assert sign_in(stranger, "Clerk").status_code == 429


@pytest.mark.parametrize("said", ["1.2.3.4:5678", "unknown", "[::1]:80", "", "x" * 500])
def test_behind_a_proxy_an_odd_forwarding_header_stops_nobody(stranger, clerk, settings, monkeypatch, said):
    monkeypatch.setattr("rest_framework.throttling.api_settings.NUM_PROXIES", 1)

    assert sign_in(stranger, "clerk", HTTP_X_FORWARDED_FOR=said).status_code == 200


@pytest.mark.parametrize("path", ["auth/login/", "auth/refresh/", "auth/logout/"])
def test_a_token_that_has_run_out_does_not_stop_its_own_renewal(stranger, as_, clerk, path):
    sent = {"username": "clerk", "password": PASSWORD} if "login" in path else {"refresh": as_(clerk).tokens["refresh"]}

    assert stranger.post(path, sent, HTTP_AUTHORIZATION="Bearer run.out.long-ago").status_code in (200, 204)


def test_success_starts_the_count_anew(stranger, clerk):
    for _ in range(9):
        sign_in(stranger, "clerk", "wrong")
    sign_in(stranger, "clerk")

    assert sign_in(stranger, "clerk", "wrong").status_code == 401


def test_each_block_is_twice_as_long_and_tries_during_it_do_not_lengthen_it(stranger, clerk):
    waits = []
    for _ in range(3):
        Attempts.objects.update(blocked_until=timezone.now() - datetime.timedelta(seconds=1))
        for _ in range(11):
            blocked = sign_in(stranger, "clerk", "wrong")
        waits.append(int(blocked["Retry-After"]))
    for _ in range(5):
        sign_in(stranger, "clerk", "wrong")

    assert waits == [60, 120, 240]
    assert int(sign_in(stranger, "clerk", "wrong")["Retry-After"]) <= 240


# ------------------------------------------------------------------------------------------------ staying signed in


def refreshed(client, refresh):
    return client.post("auth/refresh/", {"refresh": refresh})


def test_refresh_gives_a_new_pair(stranger, as_, clerk):
    first = as_(clerk).tokens

    second = refreshed(stranger, first["refresh"]).json()

    assert second["refresh"] != first["refresh"]
    assert stranger.get("profile/", HTTP_AUTHORIZATION=f"Bearer {second['access']}").status_code == 200


def test_a_lost_answer_can_be_asked_for_again(stranger, as_, clerk):
    first = as_(clerk).tokens

    assert refreshed(stranger, first["refresh"]).json() == refreshed(stranger, first["refresh"]).json()


def test_an_old_token_that_comes_back_late_ends_the_family(stranger, as_, clerk):
    device = as_(clerk)
    stolen = device.tokens["refresh"]
    newest = refreshed(stranger, stolen).json()
    SignIn.objects.update(rotated_at=timezone.now() - sessions.GRACE - datetime.timedelta(seconds=1))

    late = refreshed(stranger, stolen)

    assert (late.status_code, late.json()["code"]) == (401, "invalid_token")
    assert refreshed(stranger, newest["refresh"]).status_code == 401
    assert stranger.get("profile/", HTTP_AUTHORIZATION=f"Bearer {newest['access']}").status_code == 401
    assert AccountEvent.objects.filter(person=clerk, kind="token_reused").exists()


def test_logout_ends_the_session_at_once(stranger, as_, clerk):
    device = as_(clerk)

    assert stranger.post("auth/logout/", {"refresh": device.tokens["refresh"]}).status_code == 204

    assert device.get("profile/").status_code == 401
    assert refreshed(stranger, device.tokens["refresh"]).status_code == 401


def test_logout_everywhere_ends_every_device_of_this_person_only(as_, clerk, manager):
    till, phone, other = as_(clerk), as_(clerk), as_(manager)

    assert till.post("auth/logout-all/").status_code == 204

    assert [device.get("profile/").status_code for device in (till, phone, other)] == [401, 401, 200]


def forged(sign_in, **changes):
    claims = {
        "token_type": "access",
        "sid": sign_in.pk,
        "jti": uuid.uuid4().hex,
        "sub": str(sign_in.user_id),
        "iat": timezone.now(),
        "exp": timezone.now() + datetime.timedelta(minutes=5),
        "aud": "boutique-api",
        "iss": "boutique",
    }
    return claims | changes


HOUR = datetime.timedelta(hours=1)
BAD_TOKENS = {
    "nonsense": lambda s: "abc",
    "two words": lambda s: "a b",
    "not ascii": lambda s: "ü.ü.ü",
    "unsigned": lambda s: jwt.encode(forged(s), None, algorithm="none"),
    "another key": lambda s: jwt.encode(forged(s), "x" * 64, algorithm="HS256"),
    "the page key": lambda s: jwt.encode(forged(s), settings.SECRET_KEY, algorithm="HS256"),
    "another algorithm": lambda s: jwt.encode(forged(s), settings.SIGNING_KEY, algorithm="HS512"),
    "run out": lambda s: signed(forged(s, exp=timezone.now() - HOUR)),
    "from the future": lambda s: signed(forged(s, iat=timezone.now() + HOUR)),
    "for another audience": lambda s: signed(forged(s, aud="elsewhere")),
    "of another issuer": lambda s: signed(forged(s, iss="elsewhere")),
    "a refresh token": lambda s: sessions.tokens_of(s)["refresh"],
    "without a session": lambda s: signed({k: v for k, v in forged(s).items() if k != "sid"}),
    "with a text for a session": lambda s: signed(forged(s, sid="1 OR 1=1")),
    "with a huge session": lambda s: signed(forged(s, sid=10**30)),
    "with a session nobody has": lambda s: signed(forged(s, sid=999_999_999)),
}


def signed(claims):
    return jwt.encode(claims, settings.SIGNING_KEY, algorithm="HS256")


@pytest.mark.parametrize("kind", BAD_TOKENS)
def test_a_bad_token_opens_nothing(stranger, clerk, kind):
    token = BAD_TOKENS[kind](sessions.sign_in(person=clerk))

    answer = stranger.get("profile/", HTTP_AUTHORIZATION=f"Bearer {token}")

    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_the_forger_s_pattern_itself_would_open(stranger, clerk):
    token = signed(forged(sessions.sign_in(person=clerk)))

    assert stranger.get("profile/", HTTP_AUTHORIZATION=f"Bearer {token}").status_code == 200


def test_the_role_comes_from_the_database_and_never_from_the_token(stranger, clerk):
    token = signed(forged(sessions.sign_in(person=clerk), role="admin", is_superuser=True))

    assert stranger.get("users/", HTTP_AUTHORIZATION=f"Bearer {token}").status_code == 403


def test_knowing_who_asks_costs_one_query(as_, clerk, django_assert_num_queries):
    device = as_(clerk)

    with django_assert_num_queries(1):
        assert device.get("roles/").status_code == 200


# ------------------------------------------------------------------------------------------------ passwords


def test_changing_the_password_ends_the_other_devices(stranger, as_, clerk):
    till, phone = as_(clerk), as_(clerk)

    answer = till.post("auth/password/change/", {"current_password": PASSWORD, "new_password": "Nine-linen-shirts-7"})

    assert answer.status_code == 204
    assert till.get("profile/").status_code == 200
    assert phone.get("profile/").status_code == 401
    assert sign_in(stranger, "clerk").status_code == 401
    assert sign_in(stranger, "clerk", "Nine-linen-shirts-7").status_code == 200


def test_the_password_is_not_changed_without_the_old_one(stranger, as_, clerk):
    answer = as_(clerk).post(
        "auth/password/change/", {"current_password": "guess", "new_password": "Nine-linen-shirts-7"}
    )

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "current_password")
    assert sign_in(stranger, "clerk").status_code == 200


def test_the_old_password_cannot_be_guessed_with_a_stolen_token(as_, clerk):
    device = as_(clerk)
    guess = {"current_password": "guess", "new_password": "Nine-linen-shirts-7"}

    answers = [device.post("auth/password/change/", guess).status_code for _ in range(11)]

    assert answers == [400] * 10 + [429]


@pytest.mark.parametrize("weak", ["short", "123456789012345", "clerk@example.co", "q1w2e3r4t5y6"])
def test_a_weak_password_is_refused(as_, clerk, weak):
    answer = as_(clerk).post("auth/password/change/", {"current_password": PASSWORD, "new_password": weak})

    assert answer.status_code == 400
    assert {error["field"] for error in answer.json()["errors"]} == {"new_password"}


def test_a_sign_in_begun_with_the_old_password_opens_nothing(clerk):
    checked = sessions.check_credentials(name="clerk", password=PASSWORD, address="10.0.0.1")
    people.change_password(by=clerk, current_password=PASSWORD, new_password="Nine-linen-shirts-7")

    with pytest.raises(sessions.WrongCredentials):
        sessions.sign_in(person=checked)


def reset_letter():
    row = DBTaskResult.objects.get(args_kwargs__args__0="accounts/password_reset")
    return row.args_kwargs["args"]


def test_a_forgotten_password_is_set_by_a_link_that_works_once(stranger, as_, clerk):
    device = as_(clerk)
    assert stranger.post("auth/password/reset/", {"email": "Clerk@example.com"}).status_code == 204
    _template, to, words = reset_letter()
    sent = {"uid": words["uid"], "token": words["token"], "new_password": "Nine-linen-shirts-7"}

    assert to == ["clerk@example.com"]
    assert stranger.post("auth/password/reset/confirm/", sent).status_code == 204
    assert device.get("profile/").status_code == 401
    assert sign_in(stranger, "clerk", "Nine-linen-shirts-7").status_code == 200
    again = stranger.post("auth/password/reset/confirm/", sent)
    assert (again.status_code, again.json()["errors"][0]["field"]) == (400, "token")


def test_the_link_opens_a_page_that_sets_the_password(stranger, clerk, client):
    stranger.post("auth/password/reset/", {"email": clerk.email})
    path = reset_letter()[2]["link"].removeprefix(settings.BOUTIQUE_URL)

    assert "At least 12 characters" in client.get(path).text
    assert "The two differ." in client.post(path, {"password": "Nine-linen-shirts-7", "again": "x"}).text
    assert "too short" in client.post(path, {"password": "x", "again": "x"}).text
    assert "Done" in client.post(path, {"password": "Nine-linen-shirts-7", "again": "Nine-linen-shirts-7"}).text
    assert "no longer good" in client.get(path).text
    assert sign_in(stranger, "clerk", "Nine-linen-shirts-7").status_code == 200


@pytest.mark.parametrize("uid", ["", "x", "MQ", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "😀"])
def test_a_made_up_link_is_refused(stranger, clerk, uid):
    sent = {"uid": uid, "token": "abc-def", "new_password": "Nine-linen-shirts-7"}

    assert stranger.post("auth/password/reset/confirm/", sent).status_code == 400


def test_nobody_learns_whether_an_address_is_known(stranger, clerk):
    UserFactory(username="late", status=User.Status.DISMISSED)

    for address in ("nobody@example.com", "late@example.com", "clerk@example.com"):
        answer = stranger.post("auth/password/reset/", {"email": address})
        assert (answer.status_code, answer.content) == (204, b"")
    assert DBTaskResult.objects.count() == 1


def test_a_borrowed_till_does_not_give_the_account_away(as_, stranger, clerk):
    as_(clerk).patch("profile/", {"email": "thief@example.com"})

    stranger.post("auth/password/reset/", {"email": "thief@example.com"})
    assert not DBTaskResult.objects.filter(args_kwargs__args__0="accounts/password_reset").exists()

    User.objects.update(email_changed_at=timezone.now() - datetime.timedelta(days=1, minutes=1))
    stranger.post("auth/password/reset/", {"email": "thief@example.com"})
    assert reset_letter()[1] == ["thief@example.com"]


def test_a_mailbox_gets_at_most_three_letters_an_hour(stranger, clerk):
    answers = [stranger.post("auth/password/reset/", {"email": clerk.email}).status_code for _ in range(4)]

    assert DBTaskResult.objects.count() == 3
    assert answers == [204] * 4  # still telling nobody anything


def test_families_that_have_run_out_are_forgotten(as_, clerk):
    as_(clerk), as_(clerk)
    old = SignIn.objects.earliest("pk")
    SignIn.objects.filter(pk=old.pk).update(rotated_at=timezone.now() - datetime.timedelta(days=15))

    assert sessions.forget_old() == 1
    assert not SignIn.objects.filter(pk=old.pk).exists()
