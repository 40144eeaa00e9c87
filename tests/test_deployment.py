"""The files to deploy it, as far as they can be tried without a container engine: what they name is there and works."""

import http.client
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml
from django.core.management import get_commands
from django.db import connection

from boutique import postgres
from tests.test_ground import wait_until

ROOT = postgres.BASE_DIR
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
PROCFILE = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
UNITS = sorted((ROOT / "deploy").glob("*.service"))
DOCUMENTED = {
    name
    for row in re.findall(r"^\| (`.*?) \|", (ROOT / "docs" / "configuration.md").read_text(), re.MULTILINE)
    for name in re.findall(r"`(\w+)`", row)
}
# Read by PostgreSQL's image and by deploy/two-roles.sh alone.
OF_POSTGRES = {"POSTGRES_PASSWORD", "OWNER_DB_PASSWORD", "APP_DB_PASSWORD"}
PYTHONS_OWN = {"PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "PATH"}


def names_that_are_read():
    """Each variable of the environment that the code asks for."""
    asked = re.compile(r"""(?:env\.\w+|required|percentage|between|environ(?:\.get)?)[(\[]\s*"([A-Z][A-Z0-9_]+)\"""")
    sources = [*ROOT.glob("boutique/*.py"), *ROOT.glob("accounts/management/commands/*.py")]
    return {name for path in sources for name in asked.findall(path.read_text())}


# ------------------------------------------------------------------------------------------------ settings


def test_every_setting_is_documented_and_every_documented_one_is_read():
    assert names_that_are_read() - {"DJANGO_SETTINGS_MODULE"} == DOCUMENTED


def test_the_example_names_every_setting_and_no_other():
    example = (ROOT / ".env.example").read_text()

    named = re.findall(r"^(?:# )?([A-Z][A-Z0-9_]+)=", example, re.MULTILINE)

    assert len(named) == len(set(named))
    assert set(named) == (DOCUMENTED | OF_POSTGRES) - {"BOUTIQUE_ENV_FILE", "PROMETHEUS_MULTIPROC_DIR"}


def test_the_example_starts_a_real_server_once_its_secret_is_filled_in(tmp_path):
    example = tmp_path / "env"
    text = (ROOT / ".env.example").read_text()
    example.write_text(re.sub(r"^# ([A-Z_]+=)", r"\1", text, flags=re.MULTILINE))  # what it says is the default works
    said = {"BOUTIQUE_ENV_FILE": str(example), "BOUTIQUE_DATA": str(tmp_path)}
    command = [sys.executable, "-c", "import boutique.settings"]

    refused = subprocess.run(command, cwd=ROOT, env=os.environ | said, capture_output=True, text=True)
    said["SECRET_KEY"] = "0123456789abcdef" * 4
    started = subprocess.run(command, cwd=ROOT, env=os.environ | said, capture_output=True, text=True)

    assert "SECRET_KEY is not set" in refused.stderr
    assert (started.returncode, started.stderr) == (0, "")


def test_the_owners_address_alone_is_refused(tmp_path):
    said = {"MIGRATION_DATABASE_URL": "postgres://owner@elsewhere/shop", "BOUTIQUE_DATA": str(tmp_path)}
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | said

    done = subprocess.run(
        [sys.executable, "-c", "import boutique.settings"], cwd=ROOT, env=environment, capture_output=True, text=True
    )

    assert "so DATABASE_URL must be too" in done.stderr


def test_only_what_changes_tables_signs_in_as_their_owner(tmp_path):
    addresses = {"DATABASE_URL": "postgres://app@/nowhere", "MIGRATION_DATABASE_URL": "postgres://owner@/nowhere"}
    ask = "from django.conf import settings; print(settings.DATABASES['default']['USER'], settings.APP_ROLE)"
    asked = f"import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'boutique.settings'; {ask}"
    environment = os.environ | addresses | {"BOUTIQUE_DATA": str(tmp_path)}
    for before, answer in (("", "app app\n"), ("from boutique import postgres; postgres.as_owner(); ", "owner app\n")):
        command = [sys.executable, "-c", before + asked]
        assert subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True).stdout == answer


# ------------------------------------------------------------------------------------------------ the image


def copied():
    """What the image takes from this folder."""
    lines = re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE)
    return [path for line in lines for path in line.split()[:-1]]


def test_the_image_takes_only_what_is_there_and_what_may_go_in():
    for path in copied():
        assert (ROOT / path).exists(), path
        assert not is_kept_out(path), path


def test_the_image_has_every_app():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]

    assert set(contracts["root_packages"]) <= set(copied())


def is_kept_out(path):
    """As Docker reads .dockerignore: the last line that fits decides, for the path or a folder above it."""
    out = False
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.removeprefix("!")
        parts = Path(path).parts
        tails = {"/".join(parts[start:end]) for start in range(len(parts)) for end in range(start + 1, len(parts) + 1)}
        heads = {"/".join(parts[:end]) for end in range(1, len(parts) + 1)}
        reach, pattern = (tails, pattern[3:]) if pattern.startswith("**/") else (heads, pattern)
        if line and not line.startswith("#") and any(fnmatch(one, pattern) and one.count("/") == 0 for one in reach):
            out = not line.startswith("!")
    return out


@pytest.mark.parametrize(
    "path",
    [
        ".env", ".env.example", ".git/config", ".data/postgres/PG_VERSION", ".data/secret_key", ".venv/bin/python",
        "boutique/.env", "orders/.data/x", "orders/tests/conftest.py", "tests/plugin.py", "boutique/__pycache__/x.pyc",
    ],
)  # fmt: skip
def test_no_secret_data_or_history_goes_into_the_image(path):
    assert is_kept_out(path)
    assert not is_kept_out("boutique/settings.py")


def test_the_images_python_is_one_that_the_project_runs_on():
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    image = re.search(r"^ARG PYTHON=(\d+)\.(\d+)-slim", DOCKERFILE, re.MULTILINE)

    assert wanted == ">=3.11"
    assert (int(image[1]), int(image[2])) >= (3, 11)
    assert set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)) == {"python:${PYTHON}"}


def test_the_image_is_made_of_hashed_packages_and_is_not_root():
    assert "--require-hashes --only-binary :all: -r requirements-extras.txt" in DOCKERFILE
    assert re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE) == ["boutique"]
    assert DOCKERFILE.index("\nUSER boutique") < DOCKERFILE.index("\nHEALTHCHECK")
    pinned = (ROOT / "requirements-extras.txt").read_text()
    for unwanted in re.search(r"pip uninstall --yes (.*)", DOCKERFILE)[1].split():
        assert unwanted == "pip" or f"\n{unwanted}==" in pinned


def test_the_shop_needs_no_package_that_the_image_leaves_out():
    left_out = re.search(r"pip uninstall --yes (.*)", DOCKERFILE)[1].replace("-", "_").split()
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({left_out!r}));"
        "import django; django.setup();"
        "from boutique.wsgi import application; from django.urls import get_resolver; get_resolver().url_patterns"
    )
    said = {"DJANGO_SETTINGS_MODULE": "boutique.settings", "DATABASE_URL": "postgres://app@/nowhere"}

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=os.environ | said, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr


# ------------------------------------------------------------------------------------------------ who starts what


def commands():
    """Every command that one of the files runs, by where it stands."""
    for name, line in PROCFILE.items():
        yield f"Procfile {name}", line
    for kind in ("CMD",):
        for words in re.findall(rf"{kind} (\[.*\])$", DOCKERFILE, re.MULTILINE):
            yield "Dockerfile", shlex.join(yaml.safe_load(words))
    for name, service in COMPOSE["services"].items():
        if service.get("image") == "boutique" and "command" in service:
            yield f"compose {name}", shlex.join(service["command"])
    for unit in UNITS:
        for line in re.findall(r"^ExecStart=(.*)$", unit.read_text(), re.MULTILINE):
            yield unit.name, line


def test_every_command_names_something_that_is_there():
    asked = {where: re.findall(r"manage\.py (\w+)|(boutique[.:]\w+)", line) for where, line in commands()}
    assert len(asked) >= 8
    for where, found in asked.items():
        assert found, where
        for command, module in found:
            path = Path(*re.split("[.:]", module)).with_suffix(".py") if module else None
            assert command in get_commands() if command else (ROOT / path).is_file(), (where, command, module)


def test_they_set_only_what_the_settings_read():
    for name, service in COMPOSE["services"].items():
        environment = set(service.get("environment", {}))
        if service["image"] == "boutique":
            assert environment <= DOCUMENTED | OF_POSTGRES, name
    for unit in UNITS:
        (line,) = re.findall(r"^Environment=(.*)$", unit.read_text(), re.MULTILINE)
        assert {word.split("=")[0] for word in line.split()} <= DOCUMENTED | PYTHONS_OWN, unit.name
    block = re.search(r"^ENV (.*?)(?<!\\)\n", DOCKERFILE, re.MULTILINE | re.DOTALL)[1]
    assert set(re.findall(r"(\w+)=", block)) <= DOCUMENTED | PYTHONS_OWN


def test_compose_asks_for_no_secret_that_the_example_does_not_name():
    text = (ROOT / "compose.yaml").read_text()

    assert set(re.findall(r"\$\{(\w+)", text)) <= DOCUMENTED | OF_POSTGRES
    assert not re.search(r"(?i)(password|secret)[^$\n]*: [\"']?\w", text.replace('_PASSWORD: ""', ""))


def test_compose_gives_web_and_worker_no_word_of_the_owner():
    for name in ("web", "worker"):
        given = COMPOSE["services"][name]["environment"]
        assert given["DATABASE_URL"].startswith("postgres://boutique_app:")
        assert [given[key] for key in ("MIGRATION_DATABASE_URL", "POSTGRES_PASSWORD", "OWNER_DB_PASSWORD")] == [""] * 3


def test_compose_starts_each_when_what_it_needs_is_ready_and_mounts_what_is_there():
    services = COMPOSE["services"]
    for name in ("web", "worker"):
        assert services[name]["depends_on"] == {"release": {"condition": "service_completed_successfully"}}
    assert services["release"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    for name, service in services.items():
        for needed in service.get("depends_on", {}):
            assert needed in services
        for mount in service.get("volumes", []):
            source = mount.split(":")[0]
            assert (ROOT / source).is_file() if source.startswith(".") else source in COMPOSE["volumes"], (name, mount)


def test_the_two_roles_of_compose_are_those_that_the_shop_is_told(tmp_path):
    script = (ROOT / "deploy" / "two-roles.sh").read_text()

    assert set(re.findall(r"CREATE ROLE (\w+) LOGIN", script)) == {"boutique", "boutique_app"}
    assert "CREATE DATABASE boutique OWNER boutique;" in script
    assert set(re.findall(r"\$(\w+_PASSWORD)", script)) == {"OWNER_DB_PASSWORD", "APP_DB_PASSWORD"}
    assert subprocess.run(["sh", "-n", ROOT / "deploy" / "two-roles.sh"], check=True).returncode == 0


def test_both_services_are_hardened_alike():
    wanted = {
        "NoNewPrivileges=yes", "ProtectSystem=strict", "ProtectHome=yes", "PrivateTmp=yes", "PrivateDevices=yes",
        "CapabilityBoundingSet=", "SystemCallFilter=@system-service", "User=boutique", "ProtectKernelTunables=yes",
    }  # fmt: skip
    assert [unit.stem for unit in UNITS] == ["boutique-backup", "boutique-web", "boutique-worker"]
    for unit in UNITS:
        assert wanted <= set(unit.read_text().splitlines()), unit.name


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not on this machine")
def test_systemd_understands_the_units(tmp_path):
    python = tmp_path / "python"  # a path with a space would have to be quoted in a unit
    python.symlink_to(sys.executable)
    units = [*UNITS, ROOT / "deploy" / "boutique-backup.timer"]
    for unit in units:
        (tmp_path / unit.name).write_text(unit.read_text().replace("/opt/boutique/.venv/bin/python", str(python)))

    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(tmp_path / unit.name for unit in units)],
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_a_buildpack_collects_nothing_and_takes_the_python_of_the_tests():
    from django.conf import settings

    heroku = guide("## On a host like Heroku")

    assert settings.STATIC_ROOT is None
    assert "DISABLE_COLLECTSTATIC=1" in heroku
    assert (ROOT / ".python-version").read_text() == "3.11\n"
    assert "--python-version 3.11" in (ROOT / "run").read_text()


def guide(heading):
    """What docs/deployment.md says below this heading."""
    text = (ROOT / "docs" / "deployment.md").read_text()
    return text.split(f"{heading}\n", 1)[1].split("\n## ", 1)[0]


def test_what_the_guide_makes_of_the_proxies_files_is_a_site_of_this_name(tmp_path):
    server = guide("## On a server with systemd")
    told = re.search(r"^ +(sed .*) deploy/Caddyfile >", server, re.MULTILINE)[1]

    command = [*shlex.split(told), ROOT / "deploy" / "Caddyfile"]
    made = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert "\nshop.example {\n" in made
    assert "reverse_proxy 127.0.0.1:8000" in made
    assert "{$" not in made
    nginx = (ROOT / "deploy" / "nginx.conf").read_text()
    folders = set(re.findall(r"/etc/letsencrypt/live/(\S+)/", nginx))
    assert folders == set(re.findall(r"^ +certbot certonly .*--domain (\S+)", server, re.MULTILINE))


def test_the_guide_installs_what_it_uses_and_migrates_with_nobody_at_work():
    server = guide("## On a server with systemd")
    installed = set(re.search(r"^ +apt install (.*)$", server, re.MULTILINE)[1].split())

    used = set(re.findall(r"^ +(git|sudo|curl|certbot|nginx) ", server, re.MULTILINE))

    assert used == {"git", "sudo", "curl", "certbot", "nginx"} <= installed
    version = server.split("A new version:")[1]
    steps = ["boutique-backup", "systemctl stop", "pip install", "as_owner migrate", "systemctl start boutique-web"]
    assert sorted(steps, key=version.index) == steps


def test_without_a_network_the_tests_do_not_wait_for_node():
    script = (ROOT / "run").read_text()
    (told,) = re.findall(r"\(export (.*); packages requirements-node\.txt\)", script)

    assert {"PIP_RETRIES=1", "PIP_TIMEOUT=10"} <= set(told.split())


# ------------------------------------------------------------------------------------------------ for once, really


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_procfiles_processes_work_on_a_real_servers_settings(tmp_path):
    """Web and worker as a host starts them: DEBUG=0, a PostgreSQL that DATABASE_URL names, and no `make run` above."""
    entry = connection.settings_dict
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    secrets = {"DEBUG": "0", "SECRET_KEY": "0123456789abcdef" * 4, "ALLOWED_HOSTS": "shop.example"}
    where = {"DATABASE_URL": f"postgres://{entry['USER']}@/{entry['HOST']}/{entry['NAME']}", "PORT": str(port)}
    path = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "BOUTIQUE_DATA": str(tmp_path)}
    environment = os.environ | secrets | where | path | {"WEB_WORKERS": "1"}
    options = {"cwd": ROOT, "env": environment, "start_new_session": True, "stderr": subprocess.STDOUT}
    with (tmp_path / "log").open("wb") as log:
        options["stdout"] = log
        started = [subprocess.Popen(["sh", "-c", f"exec {PROCFILE[name]}"], **options) for name in ("web", "worker")]
    try:
        wait_until(lambda: answers(port, "/readyz") == 200, "/readyz answers 200", 15)
        ready = subprocess.run([sys.executable, "-m", "boutique.run", "ready"], cwd=ROOT, env=environment)
        assert ready.returncode == 0
        assert answers(port, "/api/v1/profile/") == 301  # to HTTPS
        assert answers(port, "/static/boutique/icon.svg", {"X-Forwarded-Proto": "https"}) in (200, 301)
        assert [process.poll() for process in started] == [None, None], (tmp_path / "log").read_text()
    finally:
        for process in started:
            os.killpg(process.pid, signal.SIGTERM)
        ends = [process.wait(15) for process in started]
    assert ends == [0, 0], (tmp_path / "log").read_text()
    assert subprocess.run([sys.executable, "-m", "boutique.run", "ready"], cwd=ROOT, env=environment).returncode == 1


def answers(port, path, headers=None):
    question = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        question.request("GET", path, headers={"Host": "shop.example"} | (headers or {}))
        return question.getresponse().status
    except OSError:
        return None
    finally:
        question.close()
