import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult
from structlog.contextvars import bound_contextvars
from structlog.testing import capture_logs

from boutique import tasks
from boutique.models import Scheduled
from boutique.tasks import GiveUp, Outbox, Periodic, Worker, enqueue_if_due, enqueue_once, exactly_once, schedule

READY, RUNNING, FAILED, SUCCESSFUL = (TaskResultStatus[name] for name in ("READY", "RUNNING", "FAILED", "SUCCESSFUL"))

pytestmark = pytest.mark.django_db(transaction=True)

# ------------------------------------------------------------------------------------------------ tasks and workers

PROGRAM = """
import json, sys, django
from django.conf import settings
settings.DATABASES["default"].update(json.loads(sys.argv[1]))
django.setup()
from django.core.management import call_command
call_command("worker")
"""


@task
def sew(book, piece):
    with Path(book).open("a") as lines:
        lines.write(f"{piece}\n")


@task
def sew_slowly(book, piece):
    """Begins, and ends when the file `go` lies beside the book."""
    sew.call(book, f"{piece} begun")
    while not Path(book).with_name("go").exists():
        time.sleep(0.02)
    sew.call(book, f"{piece} done")


@task
def tear(final):
    raise GiveUp("The cloth is gone.") if final else ValueError("The thread tore.")


@task
@exactly_once
def note_in_database(name):
    Scheduled.objects.create(name=name, last_run_at=timezone.now())
    # What happens when this worker is taken for dead meanwhile: the row goes to another one.
    if name == "taken over":
        DBTaskResult.objects.update(worker_ids=["me", "another"])


@task
def say_nul():
    return "\0"


@pytest.fixture
def start_worker():
    """Real worker processes on the test database; none outlives its test."""
    started = []

    def start():
        database = {key: connection.settings_dict[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
        command = [sys.executable, "-c", PROGRAM, json.dumps(database)]
        process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=os.environ | {"PYTHONUNBUFFERED": "1"})  # noqa: S603
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def book(tmp_path):
    return tmp_path / "book"


def lines_of(book):
    return book.read_text().splitlines() if book.exists() else []


def wait_until(true, seconds=40):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def is_successful(result):
    return DBTaskResult.objects.get(pk=result.id).status == SUCCESSFUL


def only_row():
    return DBTaskResult.objects.get()


@contextmanager
def living(worker_id):
    life = tasks.ProofOfLife(worker_id)
    life.start()
    assert life.held.wait(5)
    yield life
    life.end()
    wait_until(lambda: is_free(life.key))  # the server takes a moment to notice that a session is gone


def is_free(key):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = %s)", [key & 0xFFFFFFFF]
        )
        return cursor.fetchone()[0]


def claimed_by(worker_id, task=sew, args=("nowhere", "hem")):
    task.enqueue(*args)
    return tasks.claim(worker_id)


# ------------------------------------------------------------------------------------------------ death of a worker


def test_a_task_whose_worker_is_killed_runs_once_more(start_worker, book):
    hem = sew_slowly.enqueue(str(book), "hem")
    first = start_worker()
    wait_until(lambda: lines_of(book) == ["hem begun"])
    first.kill()
    first.wait()
    book.with_name("go").touch()

    start_worker()
    wait_until(lambda: is_successful(hem))
    time.sleep(2)  # a third run would have begun

    assert lines_of(book) == ["hem begun", "hem begun", "hem done"]
    assert len(DBTaskResult.objects.get(pk=hem.id).worker_ids) == 2


def test_a_living_workers_task_is_left_to_it():
    row = claimed_by("anna")

    with living("anna"):
        tasks.give_back_orphans("berta")
        assert only_row().status == RUNNING

    tasks.give_back_orphans("berta")
    assert only_row().status == READY
    assert only_row().worker_ids == row.worker_ids


def test_a_worker_gives_back_what_it_lost_sight_of_itself():
    claimed_by("anna")

    with living("anna"):
        tasks.give_back_orphans("anna")

    assert only_row().status == READY


def test_a_task_that_kills_every_worker_fails_in_the_end():
    row = claimed_by("anna")
    DBTaskResult.objects.update(worker_ids=["dead"] * tasks.MOST_DEATHS)
    row.refresh_from_db()

    with capture_logs() as lines:
        tasks.give_back_orphans("berta")

    assert only_row().status == FAILED
    assert only_row().exception_class_path == "boutique.tasks.WorkerDied"
    assert [line["log_level"] for line in lines] == ["error"]


def test_a_worker_takes_its_lock_again_after_its_session_was_ended():
    with living("anna") as life:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND classid::bigint = %s",
                [(life.key >> 32) & 0xFFFFFFFF],
            )
        wait_until(lambda: life.lost_at > 0, 5)
        assert life.held.wait(5)
        with transaction.atomic():
            assert not tasks.is_dead("anna")


def test_a_worker_that_lost_its_own_lock_declares_nobody_dead_for_a_while():
    claimed_by("dead")
    worker = Worker()
    worker.life.lost_at = time.monotonic()

    worker._give_back_orphans()
    assert only_row().status == RUNNING

    worker.life.lost_at -= tasks.GRACE_SECONDS + 1
    worker.looked_for_orphans_at = float("-inf")
    wait_until(tasks.database_has_settled)
    worker._give_back_orphans()
    assert only_row().status == READY


def test_what_a_worker_did_does_not_count_once_its_task_was_given_to_another():
    row = claimed_by("anna")
    DBTaskResult.objects.update(worker_ids=["anna", "berta"])

    assert not tasks.settle(row, **tasks.succeeded(None))

    assert only_row().status == RUNNING


def test_a_worker_survives_the_loss_of_all_its_sessions(start_worker, book):
    start_worker()
    hem = sew.enqueue(str(book), "hem")
    wait_until(lambda: is_successful(hem))

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert len(cursor.fetchall()) >= 2
    cuff = sew.enqueue(str(book), "cuff")

    wait_until(lambda: is_successful(cuff))
    assert lines_of(book) == ["hem", "cuff"]


def test_a_note_that_could_not_be_written_is_written_when_the_database_is_back():
    tries = []

    def write():
        tries.append(1)
        if len(tries) == 1:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return DBTaskResult.objects.count() == 0

    assert Worker()._patiently(write)
    assert len(tries) == 2


# ------------------------------------------------------------------------------------------------ several workers


def test_two_workers_run_each_task_once(start_worker, book):
    pieces = [str(number) for number in range(60)]
    for piece in pieces:
        sew.enqueue(str(book), piece)

    start_worker()
    start_worker()
    wait_until(lambda: DBTaskResult.objects.successful().count() == len(pieces))

    assert sorted(lines_of(book), key=int) == pieces


def test_a_task_that_is_being_claimed_is_passed_over():
    sew.enqueue("nowhere", "hem")
    found = []

    def claim_beside():
        found.append(tasks.claim("berta"))
        connection.close()

    with transaction.atomic():
        assert tasks.claim("anna")
        rival = threading.Thread(target=claim_beside)
        rival.start()
        rival.join(2)

    assert found == [None]


def test_sigterm_lets_the_task_in_hand_finish_and_takes_no_other(start_worker, book):
    hem = sew_slowly.enqueue(str(book), "hem")
    cuff = sew.using(priority=-1).enqueue(str(book), "cuff")
    worker = start_worker()
    wait_until(lambda: lines_of(book) == ["hem begun"])

    worker.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    assert worker.poll() is None
    book.with_name("go").touch()

    assert worker.wait(10) == 0
    assert is_successful(hem)
    assert DBTaskResult.objects.get(pk=cuff.id).status == READY


def test_a_second_sigterm_ends_the_worker_at_once(start_worker, book):
    sew_slowly.enqueue(str(book), "hem")
    worker = start_worker()
    wait_until(lambda: lines_of(book) == ["hem begun"])

    worker.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    worker.send_signal(signal.SIGTERM)

    assert worker.wait(5) == -signal.SIGTERM


# ------------------------------------------------------------------------------------------------ errors


def test_a_failing_task_is_tried_five_times_with_growing_delays():
    tear.enqueue(final=False)
    waits = []

    for _attempt in range(4):
        assert Worker().run_due() == 1
        row = only_row()
        assert row.status == READY
        assert "The thread tore." in row.traceback
        waits.append((row.run_after - timezone.now()).total_seconds())
        assert Worker().run_due() == 0
        DBTaskResult.objects.update(run_after=timezone.now())
    with capture_logs() as lines:
        Worker().run_due()

    for wait, expected in zip(waits, [10, 60, 300, 1800], strict=True):
        assert expected * 0.9 - 2 < wait < expected * 1.1
    assert only_row().status == FAILED
    assert len(only_row().worker_ids) == 5
    assert ("task_failed", "error") in [(line["event"], line["log_level"]) for line in lines]


def test_deaths_of_workers_do_not_use_up_the_tries_of_a_task():
    tear.enqueue(final=False)
    DBTaskResult.objects.update(worker_ids=["dead"] * 7)

    Worker().run_due()

    assert only_row().status == READY
    assert only_row().args_kwargs["failures"] == 1


def test_a_final_error_is_not_tried_again():
    tear.enqueue(final=True)

    with capture_logs() as lines:
        Worker().run_due()

    assert only_row().status == FAILED
    assert only_row().exception_class_path == "boutique.tasks.GiveUp"
    assert "task_failed" in [line["event"] for line in lines]


def test_an_answer_the_database_cannot_keep_is_the_tasks_error():
    say_nul.enqueue()

    assert Worker().run_due() == 1

    assert only_row().status == READY
    assert "PostgreSQL keeps no NUL" in only_row().traceback


def test_a_task_of_a_newer_version_is_tried_again_later():
    sew.enqueue("nowhere", "hem")
    DBTaskResult.objects.update(task_path="boutique.tests.test_tasks.not_yet_there")

    Worker().run_due()

    assert only_row().status == READY
    assert only_row().run_after > timezone.now()


def test_each_task_leaves_one_line_with_the_request_it_came_from(book):
    with bound_contextvars(request_id="till-7"):
        sew.enqueue(str(book), "hem")

    with capture_logs(processors=[tasks.structlog.contextvars.merge_contextvars]) as lines:
        Worker().run_due()

    (line,) = [line for line in lines if line["event"] == "task"]
    assert line["task"] == "boutique.tests.test_tasks.sew"
    assert (line["outcome"], line["attempt"], line["request_id"]) == ("done", 1, "till-7")
    assert line["seconds"] >= 0
    assert line["task_id"] == str(only_row().pk)


# ------------------------------------------------------------------------------------------------ effects keyed


def test_a_task_belongs_to_the_transaction_that_enqueued_it():
    with transaction.atomic():
        sew.enqueue("nowhere", "hem")
        transaction.set_rollback(True)

    assert Worker().run_due() == 0


def test_one_key_makes_one_task(book):
    for _time in range(2):
        enqueue_once(sew, "order 7", str(book), "hem")
    enqueue_once(sew, "order 8", str(book), "cuff")

    Worker().run_due()
    enqueue_once(sew, "order 7", str(book), "hem")
    Worker().run_due()

    assert sorted(lines_of(book)) == ["cuff", "hem"]


def test_an_exactly_once_task_commits_its_work_and_its_end_together():
    note_in_database.enqueue("kept")
    Worker().run_due()
    assert only_row().status == SUCCESSFUL
    assert Scheduled.objects.filter(name="kept").exists()


def test_an_exactly_once_task_that_was_taken_over_leaves_nothing():
    note_in_database.enqueue("taken over")

    with capture_logs() as lines:
        Worker().run_due()

    assert not Scheduled.objects.filter(name="taken over").exists()
    assert "taken_over" in [line.get("outcome") for line in lines]


def test_the_settings_enqueue_through_our_outbox():
    assert isinstance(sew.get_backend(), Outbox)


# ------------------------------------------------------------------------------------------------ by the clock

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def test_a_missed_job_runs_once_when_two_workers_come_back(start_worker):
    Scheduled.objects.create(name="boutique.prune_finished_tasks", last_run_at=timezone.now() - timedelta(days=3))
    prunings = DBTaskResult.objects.filter(task_path="boutique.tasks.prune_finished_tasks")

    start_worker()
    start_worker()
    wait_until(lambda: prunings.successful().exists())
    wait_until(lambda: number_of_living_workers() == 2)
    time.sleep(2)

    assert prunings.count() == 1


def number_of_living_workers():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database ON oid = database"
            " WHERE locktype = 'advisory' AND datname = current_database()"
        )
        return cursor.fetchone()[0]


def test_workers_that_ask_at_the_same_moment_enqueue_a_job_once():
    job = Periodic(name="press", task=tasks.prune_finished_tasks, every=timedelta(hours=1))
    Scheduled.objects.create(name="press", last_run_at=NOON - timedelta(hours=2))
    together = threading.Barrier(4)

    def ask():
        together.wait()
        enqueue_if_due(job, NOON)
        connection.close()

    rivals = [threading.Thread(target=ask) for _rival in range(4)]
    for rival in rivals:
        rival.start()
    for rival in rivals:
        rival.join()

    assert DBTaskResult.objects.count() == 1


def test_a_job_comes_round_once_per_period():
    job = Periodic(name="press", task=tasks.prune_finished_tasks, every=timedelta(hours=1))
    moments = [NOON, NOON + timedelta(minutes=59), NOON + timedelta(minutes=60), NOON + timedelta(minutes=61), NOON]

    made = []
    for moment in moments:
        enqueue_if_due(job, moment)
        made.append(DBTaskResult.objects.count())

    # Seen first at noon, it waits for one o'clock; a clock that is set back changes nothing.
    assert made == [0, 0, 1, 1, 1]


def test_a_job_comes_only_where_there_is_work_for_it():
    work = []
    job = Periodic(name="press", task=sew, every=timedelta(seconds=2), wanted=lambda: work)
    Scheduled.objects.create(name="press", last_run_at=NOON)

    enqueue_if_due(job, NOON + timedelta(seconds=2))
    assert DBTaskResult.objects.count() == 0
    work.append("a shirt")
    enqueue_if_due(job, NOON + timedelta(seconds=3))
    assert DBTaskResult.objects.count() == 1  # of this turn: nothing was counted as done


@pytest.mark.parametrize(
    ("now", "turn"),
    [
        ("2026-06-01T12:00Z", "2026-06-01T01:00Z"),
        ("2026-06-01T00:59Z", "2026-05-31T01:00Z"),
        ("2026-01-10T02:00Z", "2026-01-10T02:00Z"),
        # The night the clocks go forward, three o'clock is an hour earlier in UTC.
        ("2026-03-29T00:59Z", "2026-03-28T02:00Z"),
        ("2026-03-29T01:00Z", "2026-03-29T01:00Z"),
    ],
)
def test_a_daily_job_comes_at_its_hour_in_the_shops_time_zone(settings, now, turn):
    settings.BOUTIQUE_TIME_ZONE = "Europe/Berlin"
    job = Periodic(name="press", task=sew, daily_at=3)

    assert job.turn(datetime.fromisoformat(now)) == datetime.fromisoformat(turn)


def test_every_app_may_list_jobs_and_each_has_its_own_name():
    names = [job.name for job in schedule()]

    assert "boutique.sweep_media" in names
    assert len(names) == len(set(names))


def test_the_houses_own_jobs_run():
    for job in tasks.SCHEDULE:
        job.task.enqueue()

    Worker().run_due()

    assert DBTaskResult.objects.successful().count() == len(tasks.SCHEDULE)


def test_finished_tasks_are_forgotten_after_thirty_days():
    for age in (29, 31):
        row = claimed_by("anna")
        tasks.settle(row, **tasks.succeeded(None) | {"finished_at": timezone.now() - timedelta(days=age)})
    sew.enqueue("nowhere", "hem")

    tasks.prune_finished_tasks.call()

    assert DBTaskResult.objects.count() == 2
