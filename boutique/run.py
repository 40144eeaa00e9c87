"""`make run`: the one parent of PostgreSQL, the web server and the task worker. When it ends, they end."""

import contextlib
import ctypes
import errno
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time

import environ

from boutique import postgres

env = environ.Env()
ENDINGS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
LAST_WORDS = 15  # seconds a child may take to finish what it is doing; gunicorn's own limit is 10
C_LIBRARY = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1  # linux/prctl.h


class Stop(BaseException):
    """Somebody asked us to end."""


class Child:
    """A process of the house, started again whenever it ends."""

    def __init__(self, name, *command, **options):
        self.name = name
        self.command = command
        self.options = options
        self.delay = 0.5
        self.start()

    def start(self):
        self.process = _spawn(*self.command, **self.options)
        self.started_at = time.monotonic()
        self.due_at = None

    def look_after(self):
        now = time.monotonic()
        if self.due_at is None and self.process.poll() is not None:
            self.kill()  # what a killed gunicorn leaves behind would go on answering
            self.delay = 1 if now - self.started_at > 60 else min(self.delay * 2, 30)
            self.due_at = now + self.delay
            _say(f"The {self.name} ended with {self.process.returncode}; it starts again in {self.delay} s.")
        elif self.due_at is not None and now >= self.due_at:
            self.start()

    def kill(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


def main():
    for ending in ENDINGS:
        signal.signal(ending, _asked_to_stop)
    with contextlib.suppress(Stop):
        host, port = os.environ.get("HOST") or "127.0.0.1", _port()
        door = _open_door(host, port)
        if not _is_server():
            os.environ["BOUTIQUE_PUBLIC_DOCS"] = os.environ.get("BOUTIQUE_PUBLIC_DOCS") or "1"
        with postgres.running(), metrics_folder(f"metrics-{port}"):
            _prepare()
            _keep_house(door, host, port)


def prepare():
    """In a process of its own, once: the tables as this version wants them, and people who can sign in."""
    import django
    from django.conf import settings
    from django.core.management import call_command

    postgres.as_owner()

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "boutique.settings")
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("open_shop")
    if settings.BOUTIQUE_DEMO:
        _load_demo()


def _load_demo():
    """A shop without goods is a shop all the same: what went wrong is told, and the doors open."""
    from django.core.management import call_command

    try:
        call_command("load_demo", if_empty=True)
    except Exception as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        _say(f"The demo shop could not be filled, and stays empty; the next start tries again ({reason}).")


def _is_server():
    """As the settings read it; they themselves are read by the children, once there is a PostgreSQL."""
    return "DEBUG" in os.environ and not env.bool("DEBUG")


def die_with_parent():
    """Linux kills this process when its parent is gone, even if that was killed itself."""
    if sys.platform == "linux":
        C_LIBRARY.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _keep_house(door, host, port):
    web = ("-m", "gunicorn", "--config", "python:boutique.gunicorn_conf", "--bind", f"fd://{door.fileno()}")
    children = [
        Child("web server", *web, "boutique.wsgi", pass_fds=[door.fileno()]),
        Child("worker", "manage.py", "worker"),
    ]
    announced = False
    try:
        while True:
            for child in children:
                child.look_after()
            try:
                postgres.revive()
            except postgres.CannotStart as error:
                _say(error)
            if not announced and _is_ready(host, port):
                _announce(host, port)
                announced = True
            time.sleep(1 if announced else 0.25)
    finally:
        door.close()
        _end(children)


def _end(children):
    for child in children:
        if child.process.poll() is None:
            child.process.terminate()
    give_up_at = time.monotonic() + LAST_WORDS
    for child in children:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.process.wait(max(0, give_up_at - time.monotonic()))
        child.kill()


def _spawn(*words, **options):
    us = os.getpid()

    def before():
        die_with_parent()
        if os.getppid() != us:
            os._exit(1)  # the parent died before it could be noticed

    return subprocess.Popen(  # noqa: S603 (our own words, and no shell)
        [sys.executable, *words],
        cwd=postgres.BASE_DIR,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # Ctrl-C is for the parent, which stops the rest in order
        preexec_fn=before,
        **options,
    )


def _prepare():
    with _spawn("-m", "boutique.run", "prepare") as preparing:
        try:
            preparing.wait()
        except BaseException:
            preparing.kill()
            raise
    if preparing.returncode:
        sys.exit("The shop was not opened; the lines above say why.")


def _open_door(host, port):
    # Held by the parent, so that a web server that is started again finds its callers waiting.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    give_up_at = time.monotonic() + 2  # for what is left of a run that was killed
    while True:
        try:
            return socket.create_server((host, port), family=family, backlog=1024)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                sys.exit(f"HOST={host} with PORT={port} cannot be used: {error.strerror}.")
            if time.monotonic() > give_up_at:
                sys.exit(
                    f"Port {port} of {host} is taken by another program (`ss -ltnp` names it). "
                    f"Stop that one, or choose another port: PORT={port + 1} make run"
                )
        time.sleep(0.1)


@contextlib.contextmanager
def metrics_folder(name):
    """Where all web processes count together; the figures of those that are gone must not be counted again."""
    folder = postgres.data_dir() / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _is_ready(host, port):
    named = (os.environ.get("ALLOWED_HOSTS") or host).split(",")[0].strip().replace("*", "").lstrip(".")
    question = http.client.HTTPConnection(_reachable(host), port, timeout=2)
    with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(question):
        question.request("GET", "/readyz", headers={"Host": named or "127.0.0.1"})
        return question.getresponse().status == 200
    return False


def _announce(host, port):
    where = _reachable(host)
    shop = (os.environ.get("BOUTIQUE_URL") or f"http://{f'[{where}]' if ':' in where else where}:{port}").rstrip("/")
    pages = {"The shop": "/", "Admin": "/admin/", "API": "/api/v1/", "Its documentation": "/api/docs/"}
    _say(
        "\n".join(
            ["", *(f"  {name:<18} {shop}{path}" for name, path in pages.items()), "", "  Ctrl-C stops it all.", ""]
        )
    )


def _reachable(host):
    """An address to ask the server at, where it listens on all of them."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 (read, not bound)


def _port():
    value = os.environ.get("PORT") or "8000"
    if not value.isdecimal() or int(value) > 65535:
        sys.exit(f"PORT={value} is not a number up to 65535.")
    return int(value)


def _asked_to_stop(*_):
    # Once is enough: a second Ctrl-C must not leave half of it running.
    for ending in ENDINGS:
        signal.signal(ending, lambda *_: None)
    raise Stop


def _say(words):
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def ready():
    """For whoever watches a container: ends with 0 while the web server on PORT may be used."""
    sys.exit(0 if _is_ready(os.environ.get("HOST") or "127.0.0.1", _port()) else 1)


if __name__ == "__main__":
    {("prepare",): prepare, ("ready",): ready}.get(tuple(sys.argv[1:]), main)()
