"""Work in the background: what is enqueued in a transaction runs after its commit, again until it succeeds.

Tasks are rows of django-tasks-db, taken with SKIP LOCKED by any number of workers on any number of machines. This
file adds what the library leaves out: retries, the work of dead workers given back, and jobs that come round by the
clock. docs/decisions/0002-tasks-in-postgresql.md has the reasons.

For whoever writes a task:

- Arguments are JSON: ids, never rows. Enqueue inside the transaction of the cause.
- A task may run more than once: its worker can die after the work and before the note of it. Write it so that a
  second run does no harm, or mark it `exactly_once` if all it does is in the database and short. `enqueue_once`
  makes one task per key. Outside the house, hand on the task's id (`context.task_result.id`, the same on each run).
- An error runs the task again after 10 s, 1 min, 5 min and 30 min; a letter after 2 h, 6 h and 12 h, too. Raise
  `GiveUp` when trying again cannot help.
"""

import hashlib
import json
import os
import random
import select
import signal
import socket
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import import_module
from traceback import format_exception
from zoneinfo import ZoneInfo

import structlog
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import (
    Error,
    InterfaceError,
    InternalError,
    OperationalError,
    close_old_connections,
    connection,
    transaction,
)
from django.utils import timezone
from django.utils.module_loading import module_has_submodule
from django_tasks import TaskContext, TaskResultStatus, task
from django_tasks.base import Task
from django_tasks.signals import task_enqueued
from django_tasks.utils import normalize_json
from django_tasks_db import DatabaseBackend
from django_tasks_db.models import DBTaskResult, get_date_max

from boutique.models import Scheduled

log = structlog.get_logger(__name__)

RETRY_AFTER = [timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30)]
# A mail server may be away for a night, and nobody sits and waits for a letter as for a picture.
PATIENCE = {"boutique.mail.deliver": [timedelta(hours=2), timedelta(hours=6), timedelta(hours=12)]}
# A worker's death is seldom the task's fault, but a task that kills every worker must not stop the shop.
MOST_DEATHS = 20
POLL_SECONDS = 1
LOOK_FOR_ORPHANS_SECONDS = 5
# After the database itself was away, living workers need a moment to take their locks again.
GRACE_SECONDS = 10
KEPT_FOR = timedelta(days=30)
# The last is what a server answers that has become, for a moment, a read-only standby.
DATABASE_AWAY = (OperationalError, InterfaceError, InternalError)


class GiveUp(Exception):
    """Raised by a task whose error is final."""


class TakenOver(Exception):
    """The row went to another worker while this one was busy with it: what this one did must not count."""


class WorkerDied(Exception):
    """The workers that ran this task died of it, or beside it, too often."""


# ------------------------------------------------------------------------------------------------ enqueueing


class Outbox(DatabaseBackend):
    """Rows in the caller's transaction, which also name the request they came from."""

    def enqueue(self, task, args, kwargs):
        self.validate_task(task)
        row = row_for(task, args, kwargs, pk=self._get_id())
        row.save(force_insert=True)
        task_enqueued.send(type(self), task_result=row.task_result)
        return row.task_result


def enqueue_once(task, key, *args, **kwargs):
    """Enqueues `task` unless it was enqueued with this key before, by anybody (remembered for 30 days)."""
    pk = uuid.uuid5(uuid.NAMESPACE_OID, f"{task.module_path} {key}")
    DBTaskResult.objects.bulk_create([row_for(task, args, kwargs, pk=pk)], ignore_conflicts=True)


def row_for(task, args, kwargs, *, pk):
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    return DBTaskResult(
        pk=pk,
        args_kwargs=normalize_json({"args": args, "kwargs": kwargs, "request_id": request_id}),
        priority=task.priority,
        task_path=task.module_path,
        queue_name=task.queue_name,
        run_after=task.run_after or get_date_max(),  # the library's way to say "at once", whatever the clocks say
        backend_name=task.backend,
    )


def exactly_once(function):
    """For short tasks that only write to the database: the work and the note that it is done commit together.

    Stands under `@task`. A worker that dies leaves nothing behind; one that was taken for dead cannot commit.
    """
    function.exactly_once = True
    return function


# ------------------------------------------------------------------------------------------------ by the clock


def always():
    return True


@dataclass(frozen=True, kw_only=True)
class Periodic:
    """A job that comes round: `every` so often, or `daily_at` an hour of the shop's time zone.

    Apps list theirs as SCHEDULE in their tasks.py. A job that is seen for the first time waits for its next turn; one
    that was missed while everything was off runs once when a worker is back. One that comes every few seconds says by
    `wanted` whether there is anything to do, so that an idle shop's table of tasks does not fill up.
    """

    name: str
    task: Task
    every: timedelta | None = None
    daily_at: int | None = None
    wanted: Callable = always

    def turn(self, now):
        """When the period began that `now` is in."""
        if self.every:
            epoch = datetime.fromtimestamp(0, UTC)
            return epoch + (now - epoch) // self.every * self.every
        local = now.astimezone(ZoneInfo(settings.BOUTIQUE_TIME_ZONE))
        turn = local.replace(hour=self.daily_at, minute=0, second=0, microsecond=0, fold=0)
        return turn if turn <= local else turn - timedelta(days=1)


@cache
def schedule():
    jobs = {}
    for app in apps.get_app_configs():
        if module_has_submodule(app.module, "tasks"):
            for job in getattr(import_module(f"{app.name}.tasks"), "SCHEDULE", []):
                if job.name in jobs or (job.every is None) == (job.daily_at is None):
                    raise ImproperlyConfigured(f"The periodic job {job.name} needs a name of its own, and one period.")
                jobs[job.name] = job
    return list(jobs.values())


def enqueue_if_due(job, now):
    """However many workers ask, each period enqueues once: the row is changed and the task made in one transaction."""
    if not job.wanted():
        return
    with transaction.atomic():
        Scheduled.objects.get_or_create(name=job.name, defaults={"last_run_at": now})
        if Scheduled.objects.filter(name=job.name, last_run_at__lt=job.turn(now)).update(last_run_at=now):
            job.task.enqueue()


# ------------------------------------------------------------------------------------------------ life and death


class ProofOfLife(threading.Thread):
    """Holds, on a session of its own, the advisory lock that says this worker lives.

    PostgreSQL drops the lock when the process ends, however it ends, so nobody guesses from silence. A thread, because
    a long task must not keep the worker from taking the lock again after the database was away.
    """

    def __init__(self, worker_id):
        super().__init__(name="proof of life", daemon=True)
        self.key = lock_key(worker_id)
        self.held = threading.Event()
        self.ended = threading.Event()
        self.bell, self.rope = os.pipe()
        self.lost_at = float("-inf")
        self.trouble = ""

    def run(self):
        while not self.ended.is_set():
            session = connection.copy()
            try:
                self._hold(session)
            except (Error, OSError) as error:
                self.trouble = str(error).strip()
            finally:
                was_held = self.held.is_set()
                self.held.clear()  # first: whoever sees that it was lost must not take it for held still
                if was_held and not self.ended.is_set():
                    self.lost_at = time.monotonic()
                    log.warning("proof_of_life_lost", error=self.trouble)
                session.close()
            self.ended.wait(0.5)

    def _hold(self, session):
        with session.cursor() as cursor:
            # This session idles for weeks, and a machine that lost its power must be missed within a minute.
            cursor.execute(
                "SET idle_session_timeout = 0; SET tcp_keepalives_idle = 30;"
                " SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3"
            )
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [self.key])
            if not cursor.fetchone()[0]:
                return  # another worker is just asking whether we live
        self.held.set()
        while not self.ended.is_set():
            # A healthy idle session never has anything to read: what comes is its end.
            if session.connection in select.select([session.connection, self.bell], [], [])[0]:
                with session.wrap_database_errors:
                    session.connection.poll()

    def end(self):
        self.ended.set()
        os.write(self.rope, b".")
        self.join()
        os.close(self.bell)
        os.close(self.rope)


def lock_key(worker_id):
    digest = hashlib.sha256(b"boutique worker " + worker_id.encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def is_dead(worker_id):
    """Call it in a transaction: until its end a worker that is found dead cannot come back to life."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [lock_key(worker_id)])
        return cursor.fetchone()[0]


def database_has_settled():
    with connection.cursor() as cursor:
        cursor.execute("SELECT now() - pg_postmaster_start_time() > make_interval(secs => %s)", [GRACE_SECONDS])
        return cursor.fetchone()[0]


def give_back_orphans(worker_id):
    """Called by a worker between two tasks: whatever runs under its own name it has lost sight of."""
    for row in DBTaskResult.objects.running():
        with transaction.atomic():
            if row.worker_ids[-1] == worker_id or is_dead(row.worker_ids[-1]):
                give_back(row)


def give_back(row):
    deaths = len(row.worker_ids) - failures_of(row)
    if deaths < MOST_DEATHS:
        settle(row, status=TaskResultStatus.READY)
        log.warning("task_given_back", task=row.task_path, task_id=str(row.pk), attempt=len(row.worker_ids))
    else:
        settle(row, **failed(WorkerDied(f"Its worker died {deaths} times.")))
        log.error("task_failed", task=row.task_path, task_id=str(row.pk), deaths=deaths)


# ------------------------------------------------------------------------------------------------ running


def claim(worker_id):
    """Takes the next row that is due. Each claim adds the worker to the row, so the row counts its attempts."""
    with transaction.atomic():
        row = DBTaskResult.objects.ready().get_locked()
        if row:
            row.claim(worker_id)
    return row


def settle(row, **changes):
    """Notes how an attempt ended, unless the row has been taken from its worker meanwhile."""
    same_attempt = DBTaskResult.objects.running().filter(pk=row.pk, worker_ids=row.worker_ids)
    return same_attempt.update(**changes) == 1


def call(row):
    task = row.task
    result = row.task_result
    context = [TaskContext(task_result=result)] if task.takes_context else []
    if not getattr(task.func, "exactly_once", False):
        return succeeded(task.call(*context, *result.args, **result.kwargs))
    with transaction.atomic():
        changes = succeeded(task.call(*context, *result.args, **result.kwargs))
        if not settle(row, **changes):
            raise TakenOver
    return None


def succeeded(return_value):
    return {
        "status": TaskResultStatus.SUCCESSFUL,
        "finished_at": timezone.now(),
        "return_value": storable(return_value),
        "exception_class_path": "",
        "traceback": "",
    }


def storable(value):
    """JSON that PostgreSQL can keep. Refused here, it counts as the task's error and not as the worker's."""
    text = json.dumps(normalize_json(value), ensure_ascii=False)
    if "\\u0000" in text:
        raise ValueError("PostgreSQL keeps no NUL.")
    return json.loads(text.encode())  # half a surrogate pair fails here


def failed(error):
    return {"status": TaskResultStatus.FAILED, "finished_at": timezone.now()} | described(error)


def to_be_retried(row, error):
    """The number of failures lies beside the arguments, so that it survives every restart and the admin shows it."""
    failures = failures_of(row) + 1
    wait = waits_of(row)[failures - 1] * random.uniform(0.9, 1.1)  # noqa: S311 (jitter, not a secret)
    return {
        "status": TaskResultStatus.READY,
        "run_after": timezone.now() + wait,
        "args_kwargs": row.args_kwargs | {"failures": failures},
    } | described(error)


def described(error):
    # An error may quote anything, NUL and half a surrogate pair included.
    traceback = "".join(format_exception(error)).replace("\0", "").encode("utf-8", "backslashreplace").decode()
    return {"exception_class_path": f"{type(error).__module__}.{type(error).__qualname__}", "traceback": traceback}


def waits_of(row):
    return RETRY_AFTER + PATIENCE.get(row.task_path, [])


def failures_of(row):
    return row.args_kwargs.get("failures", 0)


class Worker:
    """Runs one task after another. `run` goes on until it is told to stop, `run_due` until nothing is due."""

    def __init__(self):
        self.id = f"{socket.gethostname()[:30]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self.life = ProofOfLife(self.id)
        self.stopping = False
        self.looked_for_orphans_at = float("-inf")
        self.turns = {}
        self.bell = []

    def run(self):
        log.info("worker_started", worker=self.id)
        self.life.start()
        try:
            while not self.stopping:
                row = self._patiently(self._next)
                if row:
                    self._run(row)
                else:
                    self._sleep(POLL_SECONDS)
        finally:
            self.life.end()
        log.info("worker_stopped", worker=self.id)

    def run_due(self):
        """For cron and tests. Returns how many tasks it ran; an absent database is an error here."""
        self.life.start()
        try:
            ran = 0
            while row := self._next():
                self._run(row)
                ran += 1
            return ran
        finally:
            self.life.end()

    def stop_on_signals(self):
        reader, writer = os.pipe()
        self.bell = [reader]

        def stop(number, _frame):
            # The same signal again ends the process at once, even in the middle of a library's C code.
            signal.signal(number, signal.SIG_DFL)
            self.stopping = True
            os.write(writer, b".")

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)

    def _next(self):
        close_old_connections()
        if not self.life.held.wait(5):
            # Without its lock a worker looks dead, and what it takes would be taken from it.
            raise OperationalError(f"The worker could not take its advisory lock. {self.life.trouble}")
        self._give_back_orphans()
        self._enqueue_due_jobs()
        return claim(self.id)

    def _give_back_orphans(self):
        now = time.monotonic()
        if now - self.looked_for_orphans_at < LOOK_FOR_ORPHANS_SECONDS:
            return
        self.looked_for_orphans_at = now
        if now - self.life.lost_at > GRACE_SECONDS and database_has_settled():
            give_back_orphans(self.id)

    def _enqueue_due_jobs(self):
        now = timezone.now()
        for job in schedule():
            turn = job.turn(now)
            # Asked once per period, not once per second.
            if self.turns.get(job.name) != turn:
                enqueue_if_due(job, now)
                self.turns[job.name] = turn

    def _run(self, row):
        request_id = row.args_kwargs.get("request_id")
        known = {"task": row.task_path, "task_id": str(row.pk), "attempt": len(row.worker_ids)}
        with structlog.contextvars.bound_contextvars(**known, **({"request_id": request_id} if request_id else {})):
            started = time.monotonic()
            outcome, changes = self._attempt(row)
            if changes and not self._patiently(lambda: settle(row, **changes)):
                outcome = "unrecorded"
            log.info("task", outcome=outcome, seconds=round(time.monotonic() - started, 3))

    def _attempt(self, row):
        try:
            return "done", call(row)
        except TakenOver:
            return "taken_over", None
        except Exception as error:
            if isinstance(error, GiveUp) or failures_of(row) >= len(waits_of(row)):
                log.exception("task_failed")
                return "failed", failed(error)
            log.warning("task_will_be_retried", exc_info=True)
            return "retry", to_be_retried(row, error)

    def _patiently(self, work):
        """Does `work` once the database answers, however long that takes; None if told to stop while it does not."""
        wait = 0.5
        while True:
            try:
                return work()
            except DATABASE_AWAY as error:
                log.warning("database_away", error=str(error).strip())
                connection.close()
            if self.stopping:
                return None
            self._sleep(wait)
            wait = min(wait * 2, 5)

    def _sleep(self, seconds):
        select.select(self.bell, [], [], seconds)


# ------------------------------------------------------------------------------------------------ housekeeping


@task
def prune_finished_tasks():
    DBTaskResult.objects.finished().filter(finished_at__lt=timezone.now() - KEPT_FOR).delete()


# Whoever enqueues imports this file, and need not load the REST framework and the storages with it.
@task
def forget_old_idempotency_keys():
    from boutique.idempotency import forget_old_keys

    forget_old_keys()


@task
def forget_old_attempts():
    from boutique.attempts import forget_old

    forget_old()


@task
def sweep_media():
    from boutique import media

    media.sweep()


SCHEDULE = [
    Periodic(name="boutique.prune_finished_tasks", task=prune_finished_tasks, daily_at=3),
    Periodic(name="boutique.forget_old_idempotency_keys", task=forget_old_idempotency_keys, daily_at=3),
    Periodic(name="boutique.forget_old_attempts", task=forget_old_attempts, daily_at=3),
    Periodic(name="boutique.sweep_media", task=sweep_media, daily_at=4),
]
