"""The ground under the house: the embedded PostgreSQL, the parent of `make run`, a start that refuses to be unsafe."""

import contextlib
import http.client
import importlib.util
import os
import runpy
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg2
import pytest

from boutique import postgres

AS_ROOT = os.geteuid() == 0
HOLD = "import sys; from boutique import postgres\nwith postgres.running(): print('here', flush=True); sys.stdin.read()"


@pytest.fixture
def place(monkeypatch):
    """A data folder of its own, with a space in its path, and no other database in sight."""
    folder = Path(tempfile.mkdtemp(prefix="boutique test "))
    folder.chmod(0o755)  # PostgreSQL's own user walks through it when we are root
    for name in [name for name in os.environ if name.startswith("PG")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("BOUTIQUE_DATA", str(folder))
    yield folder
    postgres.Server(folder).stop()
    shutil.rmtree(folder)


def ask(question):
    entry = postgres.settings(postgres.data_dir())
    where = {"host": entry["HOST"], "port": entry["PORT"], "user": entry["USER"], "dbname": entry["NAME"]}
    with contextlib.closing(psycopg2.connect(**where)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone()


def is_up(place):
    return postgres.Server(place).answers()


def postmaster(place):
    return int((place / "postgres" / "postmaster.pid").read_text().split("\n")[0])


@contextlib.contextmanager
def another_user():
    """A second process that uses the same database."""
    command = [sys.executable, "-c", HOLD]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=postgres.BASE_DIR) as process:
        assert process.stdout.readline() == b"here\n"
        yield process


def wait_until(is_so, what, seconds=90):
    give_up_at = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < give_up_at, f"not within {seconds} s: {what}"
        time.sleep(0.1)


# ------------------------------------------------------------------------------------------------ PostgreSQL


linux = pytest.mark.skipif(sys.platform != "linux", reason="/proc and PR_SET_PDEATHSIG are Linux's")


def test_the_first_start_makes_a_database_for_a_plain_role(place):
    with postgres.running():
        assert ask("SELECT current_setting('is_superuser'), current_setting('server_encoding')") == ("off", "UTF8")
        assert ask("SELECT upper('straße'), 'Ä' ILIKE 'ä'") == ("STRASSE", True)
        assert ask("SELECT current_setting('listen_addresses'), current_setting('fsync')") == ("", "on")


@linux
def test_the_shells_words_for_postgresql_and_our_secrets_stay_outside(place, monkeypatch):
    monkeypatch.setenv("PGDATA", "/nowhere")
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("AI_API_KEY", "secret")

    with postgres.running():
        assert ask("SELECT 1") == (1,)
        assert b"AI_API_KEY" not in Path(f"/proc/{postmaster(place)}/environ").read_bytes()


def test_only_the_tests_server_may_forget(place):
    with postgres.running(durable=False):
        assert ask("SELECT current_setting('fsync'), current_setting('synchronous_commit')") == ("off", "off")


def test_with_a_database_url_no_server_is_started(place, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://elsewhere/shop")

    with postgres.running():
        postgres.revive()

    assert list(place.iterdir()) == []


def test_the_server_stays_until_its_last_user_leaves(place):
    with postgres.running():
        first = postmaster(place)
        with another_user() as other:
            assert postmaster(place) == first
            other.stdin.close()
            other.wait()
        assert is_up(place)

    assert not is_up(place)


def test_who_started_the_server_may_leave_before_the_others(place):
    with contextlib.ExitStack() as stay:
        with postgres.running():
            other = stay.enter_context(another_user())
        assert is_up(place)
        other.stdin.close()
        other.wait()

    assert not is_up(place)


def test_two_first_starts_at_once_share_one_server(place):
    command = [sys.executable, "-c", HOLD]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "cwd": postgres.BASE_DIR}
    with subprocess.Popen(command, **pipes) as one, subprocess.Popen(command, **pipes) as two:
        assert [one.stdout.readline(), two.stdout.readline()] == [b"here\n", b"here\n"]
        one.communicate()
        assert is_up(place)
        two.communicate()

    assert not is_up(place)


def test_a_killed_user_no_longer_counts(place):
    with postgres.running(), another_user() as other:
        other.kill()
        other.wait()

    assert not is_up(place)


def test_a_killed_server_comes_back_with_what_was_committed(place):
    with postgres.running():
        ask("CREATE TABLE dress AS SELECT 'silk' AS cloth; SELECT 1")
        os.kill(postmaster(place), signal.SIGKILL)
        wait_until(lambda: not is_up(place), "the server is gone")

        postgres.revive()

        assert ask("SELECT cloth FROM dress") == ("silk",)


def test_a_number_left_by_a_dead_server_does_not_hinder_the_next(place):
    with postgres.running():
        left_behind = (place / "postgres" / "postmaster.pid").read_text()
    account = postgres.Server(place).account
    with subprocess.Popen(["sleep", "60"], **account) as somebody_else:
        _, _, rest = left_behind.partition("\n")
        (place / "postgres" / "postmaster.pid").write_text(f"{somebody_else.pid}\n{rest}")

        with postgres.running():
            assert ask("SELECT 1") == (1,)

        assert somebody_else.poll() is None
        somebody_else.kill()


def test_an_empty_number_left_by_a_power_cut_does_not_hinder_the_next(place):
    with postgres.running():
        pass
    (place / "postgres" / "postmaster.pid").touch()

    with postgres.running():
        assert ask("SELECT 1") == (1,)


def test_a_first_start_killed_halfway_begins_anew(place):
    with subprocess.Popen([sys.executable, "-c", HOLD], stdin=subprocess.PIPE, cwd=postgres.BASE_DIR) as first:
        wait_until(lambda: list(place.glob("unfinished-*/base")), "initdb is at work", seconds=10)
        first.kill()
    assert not (place / "postgres").exists()

    with postgres.running():
        assert ask("SELECT 1") == (1,)

    assert not list(place.glob("unfinished-*"))


@pytest.mark.parametrize("name", ["x" * 90, "left,right"], ids=["too long for a socket", "a comma"])
def test_a_path_that_no_socket_can_have_gets_a_private_folder_elsewhere(place, monkeypatch, name):
    monkeypatch.setenv("BOUTIQUE_DATA", str(place / name))
    elsewhere = Path(postgres.settings(postgres.data_dir())["HOST"])

    with postgres.running():
        assert ask("SELECT 1") == (1,)
        assert not elsewhere.is_relative_to(place)
        assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o700

    assert not elsewhere.exists()


def test_a_socket_folder_that_others_can_enter_is_refused(place, monkeypatch):
    monkeypatch.setenv("BOUTIQUE_DATA", str(place / ("x" * 90)))
    elsewhere = Path(postgres.settings(postgres.data_dir())["HOST"])
    elsewhere.mkdir()
    elsewhere.chmod(0o777)
    if account := postgres.Server(postgres.data_dir()).account:
        os.chown(elsewhere, account["user"], account["group"])

    try:
        with pytest.raises(postgres.CannotStart, match="not ours alone"), postgres.running():
            pass
    finally:
        elsewhere.rmdir()


def test_what_the_server_keeps_is_for_its_owner_only(place):
    with postgres.running():
        assert stat.S_IMODE((place / "postgres").stat().st_mode) == 0o700
        assert stat.S_IMODE((place / "postgres.log").stat().st_mode) == 0o600


def test_a_refused_statement_leaves_no_words_in_the_log(place):
    with postgres.running(), pytest.raises(psycopg2.Error):
        ask("SELECT 'Jane Doe'::integer")

    assert "Jane" not in (place / "postgres.log").read_text()


@pytest.mark.skipif(not AS_ROOT, reason="an ordinary user's server is that user")
def test_root_opens_the_folders_above_for_walking_and_for_nothing_more(place, monkeypatch, capsys):
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setenv("BOUTIQUE_DATA", str(closed / "data"))

    with postgres.running():
        assert (closed / "data" / "postgres").stat().st_uid != 0

    assert stat.S_IMODE(closed.stat().st_mode) == 0o701
    assert f"Opened {closed} for passing through" in capsys.readouterr().err
    assert str(place / "closed" / "data") not in capsys.readouterr().err


@pytest.mark.skipif(AS_ROOT, reason="root may be anybody")
def test_the_folder_of_another_user_is_refused(place):
    (place / "postgres").symlink_to("/")

    with pytest.raises(postgres.CannotStart, match="belongs to another user"), postgres.running():
        pass
    (place / "postgres").unlink()


# ------------------------------------------------------------------------------------------------ make run


class Shop:
    """A `make run` with a data folder of its own."""

    def __init__(self, place):
        self.place = place
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.log = place / "output"
        self.start()

    def start(self):
        environment = os.environ | {
            "BOUTIQUE_DATA": str(self.place / "data"),
            "BOUTIQUE_DEMO": "0",
            "BOUTIQUE_OWNER_PASSWORD": "boutique-demo",
            "PORT": str(self.port),
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "boutique.run"],
                cwd=postgres.BASE_DIR,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until(self.is_ready, "/readyz answers 200")

    def is_ready(self):
        assert self.process.poll() is None, self.log.read_text()
        question = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(question):
            question.request("GET", "/readyz")
            return question.getresponse().status == 200
        return False

    def processes(self):
        """Everything that was started for this shop's data folder, with its command line; Linux tells."""
        mark = f"BOUTIQUE_DATA={self.place / 'data'}".encode()
        found = {}
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                words = (process / "cmdline").read_bytes().decode().replace("\0", " ")
                if mark in (process / "environ").read_bytes().split(b"\0") or str(self.place) in words:
                    found[int(process.name)] = words
        return {pid: words for pid, words in found.items() if words}  # a zombie has none

    def pid(self, *, of):
        """The oldest process with these words in its command line."""
        return min(pid for pid, words in self.processes().items() if of in words)

    def stop(self):
        os.killpg(self.process.pid, signal.SIGTERM)
        return self.process.wait(30)


@pytest.fixture
def shop(place):
    shop = Shop(place)
    yield shop
    if shop.process.poll() is None:
        shop.stop()
    (place / "data").rename(place / "closed")


@pytest.mark.slow
@linux
def test_make_run_says_where_it_is_brings_back_whatever_is_killed_and_leaves_nothing_behind(shop):
    wait_until(lambda: "Ctrl-C" in shop.log.read_text(), "it says so")
    said = shop.log.read_text()
    for page in ("/", "/admin/", "/api/v1/", "/api/docs/"):
        assert f"http://127.0.0.1:{shop.port}{page}\n" in said
    assert any("manage.py worker" in words for words in shop.processes().values())

    for victim in ("gunicorn", "manage.py worker", "listen_addresses"):
        killed = shop.pid(of=victim)
        os.kill(killed, signal.SIGKILL)

        def is_back(victim=victim, killed=killed):
            return any(victim in words and pid != killed for pid, words in shop.processes().items())

        wait_until(is_back, f"a new {victim}")
        wait_until(shop.is_ready, f"/readyz answers 200 after {victim} was killed")

    shop.process.kill()
    shop.process.wait()
    wait_until(
        lambda: all("postgres" in words for words in shop.processes().values()), "web server and worker are gone", 3
    )

    shop.start()
    told = len(shop.log.read_text())
    assert shop.stop() == 0

    assert shop.processes() == {}
    assert not list((shop.place / "data").glob("metrics-*"))
    assert "Traceback" not in shop.log.read_text()[told:]  # the killed ones may have had something to say


def start_refused(**environment):
    """What `make run` says when it does not start."""
    command = [sys.executable, "-m", "boutique.run"]
    done = subprocess.run(
        command, cwd=postgres.BASE_DIR, env=os.environ | environment, capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 1
    return done.stdout + done.stderr


def test_a_taken_port_is_told_before_anything_starts(place):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        said = start_refused(PORT=str(port))

    assert f"Port {port} of 127.0.0.1 is taken by another program" in said
    assert f"PORT={port + 1} make run" in said
    assert list(place.iterdir()) == []


@pytest.mark.parametrize("port", ["http", "70000"])
def test_a_port_that_is_none_is_told(place, port):
    assert start_refused(PORT=port) == f"PORT={port} is not a number up to 65535.\n"


def test_an_address_of_another_machine_is_told(place):
    assert "HOST=192.0.2.1 with PORT=8000 cannot be used" in start_refused(HOST="192.0.2.1")


# ------------------------------------------------------------------------------------------------ settings


@pytest.mark.parametrize(
    ("secret", "sentence"),
    [
        ("", "SECRET_KEY is not set. Set it to 50 or more random characters"),
        ("changeme" * 10, "SECRET_KEY is too simple"),
    ],
)
def test_a_real_server_does_not_start_without_a_secret(place, secret, sentence):
    environment = os.environ | {"DEBUG": "0", "SECRET_KEY": secret, "DATABASE_URL": "postgres://elsewhere/shop"}
    command = [sys.executable, "manage.py", "check"]

    done = subprocess.run(command, cwd=postgres.BASE_DIR, env=environment, capture_output=True, text=True)

    assert done.returncode != 0
    assert sentence in done.stderr


def test_psycopg_3_is_not_installed():
    # Django would switch to it without a word, and the project is tried on psycopg2.
    assert importlib.util.find_spec("psycopg") is None


def test_the_demo_is_refused_in_whatever_word_and_a_real_server_is_asked_for_it(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "".join(map(chr, range(48, 110))))
    monkeypatch.setenv("ALLOWED_HOSTS", "boutique.example")
    words = {"false": False, "no": False, "off": False, "0": False, "1": True}
    for debug, by_itself in ((None, True), ("1", True), ("0", False)):
        for demo, wanted in {**words, None: by_itself}.items():
            for name, word in (("DEBUG", debug), ("BOUTIQUE_DEMO", demo)):
                monkeypatch.delenv(name, raising=False) if word is None else monkeypatch.setenv(name, word)
            assert runpy.run_path(postgres.BASE_DIR / "boutique/settings.py")["BOUTIQUE_DEMO"] is wanted, (debug, demo)


def test_a_shop_without_the_demo_opens_for_the_owner_alone_and_letters_are_private(db, settings, capsys):
    from django.core.management import call_command

    from accounts.models import User

    settings.BOUTIQUE_DEMO = False
    call_command("open_shop")

    assert list(User.objects.values_list("username", flat=True)) == ["owner"]
    assert "boutique-demo" not in capsys.readouterr().out
    assert settings.DATA_DIR.joinpath("mail").stat().st_mode & 0o077 == 0


def test_the_documents_are_open_unless_the_settings_see_a_real_server(monkeypatch):
    from boutique import run

    for word, is_server in (("0", True), ("false", True), ("off", True), ("1", False), ("true", False)):
        monkeypatch.setenv("DEBUG", word)
        assert run._is_server() is is_server, word
    monkeypatch.delenv("DEBUG")
    assert run._is_server() is False


def test_the_owners_chosen_password_is_checked_folded_and_not_printed(db, settings, capsys, monkeypatch):
    from django.core.management import CommandError, call_command

    from accounts.services import sessions

    settings.BOUTIQUE_DEMO = False
    monkeypatch.setenv("BOUTIQUE_OWNER_PASSWORD", "short")
    with pytest.raises(CommandError, match="BOUTIQUE_OWNER_PASSWORD"):
        call_command("open_shop")

    monkeypatch.setenv("BOUTIQUE_OWNER_PASSWORD", "\ufb01ne-passw\u00f6rt-2026")
    call_command("open_shop")
    assert "2026" not in capsys.readouterr().out
    assert sessions.check_credentials(name="owner", password="fine-passw\u00f6rt-2026", address=None)


def test_a_model_that_cannot_be_asked_is_told_before_a_start():
    command = [sys.executable, "-c", "import boutique.settings"]
    for said, sentence in (
        ({"AI_PROVIDER": "oracle"}, "AI_PROVIDER=oracle is none of none, openai and anthropic."),
        ({"AI_PROVIDER": "openai"}, "AI_MODEL is not set."),
        ({"AI_PROVIDER": "anthropic", "AI_MODEL": "m"}, "AI_API_KEY is not set."),
        (
            {"AI_PROVIDER": "openai", "AI_MODEL": "m", "AI_BASE_URL": "localhost"},
            "AI_BASE_URL=localhost is no address.",
        ),
    ):
        done = subprocess.run(command, cwd=postgres.BASE_DIR, env=os.environ | said, capture_output=True, text=True)
        assert (done.returncode, sentence in done.stderr) == (1, True), done.stderr
