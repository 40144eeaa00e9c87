"""What is measured: a PostgreSQL with an empty shop, and the web server as `make run` starts it."""

import contextlib
import dataclasses
import http.client
import os
import signal
import socket
import subprocess
import sys
import time

import psycopg2
from django.core.management import call_command
from django.db import connection

from bench import processes
from boutique import gunicorn_conf, postgres
from boutique.run import die_with_parent, metrics_folder

PATIENCE = 30  # seconds for a start or an end
LOCAL = ("", "localhost", "127.0.0.1", "::1")


class CannotMeasure(SystemExit):
    """Uncaught, it ends the command with its sentence."""


@contextlib.contextmanager
def own_database():
    """Empty at the start, gone at the end, whatever else the server holds."""
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    try:
        administer(f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}")
    except psycopg2.errors.ObjectInUse:
        raise CannotMeasure("Another bench uses this PostgreSQL. Wait for its end, or stop it.") from None
    except psycopg2.OperationalError as error:
        raise CannotMeasure(f"The database does not answer: {error}") from None
    except psycopg2.errors.InsufficientPrivilege:
        raise CannotMeasure("The bench needs a database of its own: give the role of DATABASE_URL CREATEDB.") from None
    try:
        call_command("migrate", interactive=False, verbosity=0)
        yield
    finally:
        connection.close()
        with contextlib.suppress(psycopg2.Error):  # the next run begins by dropping it
            administer(f"DROP DATABASE {name}")


def administer(*statements):
    where = connection.get_connection_params() | {"dbname": "postgres", "cursor_factory": None}
    with contextlib.closing(psycopg2.connect(**where)) as session, session.cursor() as cursor:
        session.autocommit = True
        for statement in statements:
            cursor.execute(statement)


def postmaster():
    """The parent of PostgreSQL's processes, where it runs on this machine and can be seen."""
    host = connection.settings_dict["HOST"]
    if not processes.is_there() or not (host.startswith("/") or host in LOCAL):
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
    with contextlib.suppress(OSError):
        # In a container the number may be somebody else's.
        if processes.name_of(backend) == "postgres":
            return processes.parent_of(backend)
    return None


@dataclasses.dataclass
class WebServer:
    address: tuple
    parent: int
    start_seconds: float
    start_cpu_seconds: float | None
    database: int | None

    def workers(self):
        return processes.children_of(self.parent) if processes.is_there() else []

    def cpu_seconds(self):
        """Of the web processes and of PostgreSQL's; None where it cannot be seen."""
        web = processes.cpu_seconds(self.parent) if processes.is_there() else None
        return web, processes.cpu_seconds(self.database) if self.database else None

    def worker_mb(self):
        return max((processes.resident_mb(worker) for worker in self.workers()), default=None)


@contextlib.contextmanager
def serving():
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as door, metrics_folder("metrics"):
        database = postmaster()
        # A connection that waits in this process is one that the clients' processes would inherit.
        connection.close()
        began = time.monotonic()
        with open(postgres.data_dir() / "web.log", "w", opener=postgres.private) as log:
            web = _start(door, log)
        try:
            _wait_for(web, door.getsockname(), began)
            seconds = time.monotonic() - began
            cpu = processes.cpu_seconds(web.pid) if processes.is_there() else None
            yield WebServer(door.getsockname(), web.pid, seconds, cpu, database)
        finally:
            _end(web)


def _start(door, log):
    words = ("-m", "gunicorn", "--config", "python:boutique.gunicorn_conf", "--bind", f"fd://{door.fileno()}")
    return subprocess.Popen(
        [sys.executable, *words, "boutique.wsgi"],
        cwd=postgres.BASE_DIR,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        pass_fds=[door.fileno()],
        start_new_session=True,  # Ctrl-C is for us
        preexec_fn=die_with_parent,
    )


def _wait_for(web, address, began):
    while time.monotonic() - began < PATIENCE:
        if web.poll() is not None:
            break
        question = http.client.HTTPConnection(*address, timeout=PATIENCE)
        with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(question):
            question.request("GET", "/healthz")
            if question.getresponse().status == 200:
                return
        time.sleep(0.02)
    raise CannotMeasure(f"The web server does not answer. {postgres.data_dir() / 'web.log'} says why.")


def _end(web):
    web.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        web.wait(PATIENCE)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(web.pid, signal.SIGKILL)
    web.wait()


def size():
    return gunicorn_conf.workers, gunicorn_conf.threads
