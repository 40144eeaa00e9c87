import json
import logging
import os
import subprocess
import sys
import threading
import uuid
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from types import SimpleNamespace

import pytest
import structlog
from django.conf import settings as house
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db import Error, OperationalError, connection
from django.http import HttpResponse, JsonResponse
from django.test import RequestFactory
from django.urls import path
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django_tasks_db.models import DBTaskResult
from rest_framework_simplejwt.tokens import AccessToken
from structlog.testing import capture_logs

from boutique import health, logs, metrics, middleware, tasks

# ------------------------------------------------------------------------------------------------ a small house


def show(request, pk):
    structlog.get_logger("shop").info("shown", piece=pk)
    return JsonResponse({"id": pk})


def stumble(request):
    secret = request.GET.get("token")
    raise RuntimeError("The thread tore." if secret else "The needle broke.")


def keep(request):
    return HttpResponse("x", headers={"Cache-Control": "private, max-age=60"})


urlpatterns = [
    path("", lambda request: HttpResponse("welcome")),
    path("api/v1/things/<int:pk>/", show),
    path("api/v1/stumble/", stumble),
    path("api/v1/kept/", keep),
    path("api/docs/", lambda request: HttpResponse("docs")),
    path("admin/", lambda request: HttpResponse("admin")),
    path("media/<str:name>", lambda request, name: HttpResponse("picture")),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", metrics.metrics),
]


@pytest.fixture
def shop(client, settings):
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = ["boutique.middleware.RequestLog", "boutique.middleware.ContentSecurity"]
    client.raise_request_exception = False
    return client


@pytest.fixture
def lines():
    with capture_logs(processors=[structlog.contextvars.merge_contextvars, logs.name_the_person]) as captured:
        yield captured


def request_lines(lines):
    return [line for line in lines if line["event"] == "request"]


class Terminal(StringIO):
    def isatty(self):
        return True


@contextmanager
def written(level="INFO", to=StringIO):
    """What our logging writes to stdout, a list of lines, filled when the block ends."""
    before, stdout = structlog.get_config(), to()
    root = logging.getLogger()
    handlers, old_level = root.handlers[:], root.level
    found = []
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "stdout", stdout)
            logs.configure({"level": level})
            yield found
    finally:
        root.handlers[:], root.level = handlers, old_level
        structlog.configure(**before)
        found.extend(stdout.getvalue().splitlines())


# ------------------------------------------------------------------------------------------------ the request's id


@pytest.mark.parametrize("given", ["till-7", "a" * 64, "A.b_c-9"])
def test_a_clients_request_id_is_kept_and_sent_back(shop, lines, given):
    answer = shop.get("/api/v1/things/3/", headers={"X-Request-ID": given})

    assert answer["X-Request-ID"] == given
    assert {line["request_id"] for line in lines} == {given}
    assert [line["event"] for line in lines] == ["shown", "request"]


@pytest.mark.parametrize("given", ["", "a" * 65, "two words", "new\nline", "ü", '{"a":1}'])
def test_an_unfit_request_id_is_replaced(shop, given):
    answer = shop.get("/api/v1/things/3/", headers={"X-Request-ID": given})

    assert uuid.UUID(answer["X-Request-ID"]).hex == answer["X-Request-ID"]


@pytest.mark.parametrize(("address", "status"), [("/api/v1/stumble/", 500), ("/nowhere", 404)])
def test_errors_carry_the_request_id_too(shop, lines, address, status):
    answer = shop.get(address, headers={"X-Request-ID": "till-7"})

    assert answer.status_code == status
    assert answer["X-Request-ID"] == "till-7"
    assert [line["request_id"] for line in request_lines(lines)] == ["till-7"]


def test_nothing_of_a_request_is_left_for_the_next_one(shop):
    shop.get("/api/v1/things/3/")

    assert structlog.contextvars.get_contextvars() == {}


# ------------------------------------------------------------------------------------------------ the request's line


def test_each_request_leaves_one_line_without_its_query(shop, lines):
    shop.get("/api/v1/things/3/?token=do-not-tell")

    (line,) = request_lines(lines)
    assert (line["method"], line["path"], line["status"]) == ("GET", "/api/v1/things/3/", 200)
    assert line["route"] == "api/v1/things/<int:pk>/"
    assert line["ms"] >= 0
    assert "do-not-tell" not in str(lines)


def test_the_machines_questions_leave_no_line_unless_they_fail(shop, lines, monkeypatch):
    shop.get("/healthz")
    shop.get("/static/nothing.css")
    assert request_lines(lines) == []

    monkeypatch.setattr(health.Probe, "run", lambda probe: None)
    monkeypatch.setattr(health.Probe, "migrated", False)
    monkeypatch.setattr(health, "DATABASE_SECONDS", 0.01)
    shop.get("/readyz")
    assert [line["status"] for line in request_lines(lines)] == [503]


def test_a_line_names_the_person_once_known_and_never_asks_the_database():
    def ask():
        raise AssertionError("asked the database")

    request = RequestFactory().get("/")
    assert logs.name_the_person(None, None, {"request": request}) == {}
    request.user = SimpleLazyObject(ask)
    assert logs.name_the_person(None, None, {"request": request}) == {}
    request._cached_user = SimpleNamespace(pk=7)
    assert logs.name_the_person(None, None, {"request": request}) == {"user_id": 7}
    request.user = SimpleNamespace(pk=8)
    assert logs.name_the_person(None, None, {"request": request}) == {"user_id": 8}
    request.user = AnonymousUser()
    assert logs.name_the_person(None, None, {"request": request}) == {}


# ------------------------------------------------------------------------------------------------ what is written


def test_every_logger_writes_one_json_line_with_the_request_id():
    with structlog.contextvars.bound_contextvars(request_id="till-7"), written() as found:
        structlog.get_logger("shop").info("sold", pieces=2)
        for name in ("django.security.csrf", "gunicorn.error", "django_tasks", "anything"):
            logging.getLogger(name).warning("hem\n%s", "torn")

    said = [json.loads(line) for line in found]
    assert [line["logger"] for line in said] == [
        "shop",
        "django.security.csrf",
        "gunicorn.error",
        "django_tasks",
        "anything",
    ]
    assert all({"timestamp", "level", "event", "request_id"} <= line.keys() for line in said)
    assert (said[0]["event"], said[0]["pieces"], said[1]["event"]) == ("sold", 2, "hem\ntorn")


def test_a_traceback_is_inside_its_line_and_shows_no_values(shop):
    with written() as found:
        shop.get("/api/v1/stumble/?token=do-not-tell", headers={"Authorization": "Bearer do-not-tell"})

    error, request = (json.loads(line) for line in found)
    assert error["exception"][0]["exc_value"] == "The thread tore."
    assert error["request_id"] == request["request_id"]
    assert "do-not-tell" not in str(found)


def test_the_token_of_a_link_is_hidden_wherever_a_path_is_written(shop):
    person = SimpleNamespace(pk=7, password="x", last_login=None, get_email_field_name=lambda: "email", email="a@b.c")
    reset, access = PasswordResetTokenGenerator().make_token(person), str(AccessToken())
    with written() as found:
        shop.get(f"/reset/Nw/{reset}/")
        logging.getLogger("anything").warning("Bearer %s at %s.", access, reset)

    assert json.loads(found[0])["path"] == "/reset/Nw/…/"
    assert json.loads(found[1])["event"] == "Bearer … at …."


@pytest.mark.parametrize("name", ["django.request", "django.server", "django.db.backends", "gunicorn.access"])
def test_loggers_that_quote_what_was_asked_are_quiet(name):
    with written("DEBUG") as found:
        logging.getLogger(name).info("GET /?token=do-not-tell")

    assert found == []


def test_a_terminal_gets_lines_for_people():
    with written(to=Terminal) as found:
        structlog.get_logger("shop").info("sold", pieces=2)

    (line,) = found
    assert "sold" in line
    with pytest.raises(json.JSONDecodeError):
        json.loads(line)


# ------------------------------------------------------------------------------------------------ what browsers may do

STRICT = "default-src 'none'; frame-ancestors 'none'"


def test_the_api_may_load_nothing_and_is_not_stored(shop):
    for address in ("/api/v1/things/3/", "/api/v1/stumble/", "/api/nowhere"):
        answer = shop.get(address)
        assert answer["Content-Security-Policy"] == STRICT
        assert answer["Cache-Control"] == "no-store"


def test_a_view_that_says_how_long_it_keeps_is_believed(shop):
    assert shop.get("/api/v1/kept/")["Cache-Control"] == "private, max-age=60"


def test_pages_load_from_this_house_only(shop):
    for address in ("/", "/api/docs/", "/admin/"):
        policy = shop.get(address)["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "http" not in policy
        # Only Alpine, in the admin, evaluates text as a program; nobody runs scripts written into a page.
        assert ("'unsafe-eval'" in policy) == (address == "/admin/")
        assert "script-src 'self' 'unsafe-inline'" not in policy
    assert "unsafe" not in shop.get("/")["Content-Security-Policy"]


def test_pictures_may_be_shown_elsewhere_and_run_nothing(shop):
    answer = shop.get("/media/hem.webp")

    assert answer["Content-Security-Policy"] == STRICT + "; sandbox"
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert shop.get("/")["Cross-Origin-Resource-Policy"] == "same-origin"
    assert shop.get("/")["Permissions-Policy"].startswith("camera=(self)")


# ------------------------------------------------------------------------------------------------ health


def test_alive_needs_no_database(shop):
    answer = shop.get("/healthz")  # this test has no database: a query would fail it

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.django_db(transaction=True)
def test_ready_when_the_database_answers_and_is_up_to_date(shop, monkeypatch):
    monkeypatch.setattr(health.Probe, "migrated", False)

    answer = shop.get("/readyz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert health.Probe.migrated


@pytest.mark.django_db(transaction=True)
def test_not_ready_before_the_migrations(shop, monkeypatch):
    monkeypatch.setattr(health.Probe, "migrated", False)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions' RETURNING app, name, applied")
        taken = cursor.fetchall()
    try:
        answer = shop.get("/readyz")
    finally:
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, %s)", taken)

    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert answer.json() == {"status": "unavailable", "database": "ok", "migrations": "failing"}


def test_not_ready_while_the_database_refuses_or_hangs(shop, monkeypatch):
    monkeypatch.setattr(health, "DATABASE_SECONDS", 0.1)
    monkeypatch.setattr(health.Probe, "migrated", True)
    hanging = threading.Event()

    def refuse():
        raise OperationalError("secret host refused")

    def hang():
        hanging.wait()
        refuse()

    for behaviour in (refuse, hang):
        monkeypatch.setattr(health, "connection", SimpleNamespace(cursor=behaviour, close=lambda: None))
        answer = shop.get("/readyz")
        assert answer.status_code == 503
        assert answer.json() == {"status": "unavailable", "database": "failing", "migrations": "ok"}
    hanging.set()
    for thread in threading.enumerate():
        if isinstance(thread, health.Probe):
            thread.join()


# ------------------------------------------------------------------------------------------------ metrics


def sample(name, **labels):
    return metrics.REGISTRY.get_sample_value(name, labels) or 0


def test_requests_are_counted_by_route_and_never_by_path(shop):
    known = {"method": "GET", "route": "api/v1/things/<int:pk>/", "status": "2xx"}
    unknown = {"method": "GET", "route": "unmatched", "status": "4xx"}
    odd = {"method": "OTHER", "route": "unmatched", "status": "4xx"}
    before = [sample("boutique_requests_total", **labels) for labels in (known, unknown, odd)]

    for number in range(3):
        shop.get(f"/api/v1/things/{number}/")
        shop.get(f"/guess/{uuid.uuid4()}")
    shop.generic("BREW", "/guess")

    after = [sample("boutique_requests_total", **labels) for labels in (known, unknown, odd)]
    assert [new - old for new, old in zip(after, before, strict=True)] == [3, 3, 1]
    assert sample("boutique_request_seconds_count", method="GET", route="api/v1/things/<int:pk>/") >= 3


@pytest.mark.django_db
def test_the_queue_is_measured_at_each_scrape(shop):
    tasks.prune_finished_tasks.enqueue()
    tasks.prune_finished_tasks.enqueue()
    tasks.prune_finished_tasks.using(run_after=timezone.now() + timedelta(hours=1)).enqueue()
    DBTaskResult.objects.update(enqueued_at=timezone.now() - timedelta(seconds=90))

    text = shop.get("/metrics").content.decode()

    assert "boutique_tasks_waiting 2.0" in text
    (age,) = [float(line.split()[1]) for line in text.splitlines() if line.startswith("boutique_tasks_oldest")]
    assert 90 <= age < 100


@pytest.mark.django_db
def test_a_retry_waits_since_it_is_due_and_not_since_it_was_made():
    tasks.prune_finished_tasks.using(run_after=timezone.now() - timedelta(seconds=5)).enqueue()
    DBTaskResult.objects.update(enqueued_at=timezone.now() - timedelta(hours=9))

    _waiting, oldest = metrics.Queue().collect()

    assert 5 <= oldest.samples[0].value < 15


def test_metrics_survive_the_loss_of_the_database(shop, monkeypatch):
    def refuse():
        raise Error("gone")

    monkeypatch.setattr(metrics.DBTaskResult.objects, "ready", refuse)

    answer = shop.get("/metrics")

    assert answer.status_code == 200
    assert "boutique_requests_total" in answer.content.decode()
    assert "boutique_tasks_waiting" not in answer.content.decode()


WEB_PROCESS = """
import django
django.setup()
from boutique import metrics
metrics.observe("GET", "hem/", 200, 0.01)
print(metrics.generate_latest(metrics.web()).decode())
"""


def test_all_web_processes_add_up_when_they_share_a_folder(tmp_path):
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    counted = [
        subprocess.run(  # noqa: S603
            [sys.executable, "-c", WEB_PROCESS], cwd=house.BASE_DIR, env=environment, stdout=subprocess.PIPE, check=True
        ).stdout.decode()
        for _process in range(2)
    ]

    for number, text in enumerate(counted, start=1):
        assert f'boutique_requests_total{{method="GET",route="hem/",status="2xx"}} {number}.0' in text


def test_every_prefix_has_a_policy():
    assert middleware.HEADERS[-1][0] == "/"


def test_an_exception_that_quotes_a_token_does_not_put_it_into_the_log():
    secret = "cabc12-" + "a1" * 16
    line = logs.hide_secrets(None, "", json.dumps({"exception": [{"exc_value": f"no /reset/Mg/{secret}/"}]}))

    assert secret not in line
    assert "/reset/Mg/" in line
