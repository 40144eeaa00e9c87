"""An environment and a PostgreSQL of the tests' own. pytest.ini loads this before Django's settings are read."""

import os
import re

# What a developer keeps in .env or the shell is for their shop, not for the tests. DATABASE_URL alone is kept, from the
# shell: it says on which PostgreSQL to run them.
SHOP = re.compile(
    r"BOUTIQUE_\w+|AI_\w+|S3_\w+|EMAIL_\w+|\w*ALLOWED_\w+|SECURE_\w+|\w+_ORIGINS|DATABASE_REPLICA_\w+|MIGRATION_\w+|PROMETHEUS_\w+"
)
NAMES = {
    "DEBUG",
    "SECRET_KEY",
    "HOST",
    "PORT",
    "REDIS_URL",
    "MEDIA_URL",
    "SENTRY_DSN",
    "LOG_LEVEL",
    "NUM_PROXIES",
    "BEHIND_PROXY",
}
for name in list(os.environ):
    if SHOP.fullmatch(name) or name in NAMES:
        del os.environ[name]
os.environ |= {"BOUTIQUE_ENV_FILE": os.devnull, "BOUTIQUE_DATA": ".data/tests"}

import pytest  # noqa: E402 (the environment comes first)

from boutique import postgres  # noqa: E402


@pytest.hookimpl(trylast=True)  # once pytest-django has set Django up
def pytest_configure(config):
    from django.conf import settings

    # Every test's client is a server anew, which would look all static files up before its first answer.
    settings.WHITENOISE_AUTOREFRESH = True
    # Argon2 is slow on purpose; a suite signs in hundreds of times.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if not hasattr(config, "workerinput"):  # xdist's workers share the server of the process that started them
        server = postgres.running(durable=False)
        server.__enter__()
        config.add_cleanup(lambda: server.__exit__(None, None, None))


@pytest.fixture(autouse=True)
def _own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
