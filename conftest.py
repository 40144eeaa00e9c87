"""What every test may ask for: a shop with two stores, people in them, and a client that is signed in."""

import os

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as effort
from rest_framework.test import APIClient

from accounts.roles import Role
from accounts.services import sessions
from accounts.tests.factories import LocationFactory, UserFactory
from boutique import tasks
from tests import clearing

# A suite says the same twice, on a slow machine too. FUZZ=whole looks where nobody has looked yet.
effort.register_profile(
    "house", deadline=None, suppress_health_check=list(HealthCheck), derandomize=os.environ.get("FUZZ") != "whole"
)
effort.load_profile("house")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        clearing.instead_of_flushing()


@pytest.fixture(autouse=True)
def no_clock(monkeypatch):
    """The hour that strikes in the middle of a test would hand its worker everybody's periodic jobs."""
    monkeypatch.setattr(tasks, "schedule", list)


class ApiClient(APIClient):
    """Speaks JSON, relative to /api/v1/, as one person or as nobody."""

    def __init__(self, person=None, **options):
        super().__init__(**options)
        self.default_format = "json"
        self.person = person
        if person is not None:
            self.sign_in = sessions.sign_in(person=person)
            self.tokens = sessions.tokens_of(self.sign_in)
            self.credentials(HTTP_AUTHORIZATION=f"Bearer {self.tokens['access']}")

    def request(self, **environ):
        if not environ["PATH_INFO"].startswith("/"):
            environ["PATH_INFO"] = f"/api/v1/{environ['PATH_INFO']}"
        return super().request(**environ)

    def raw(self, method, path, body, content_type="application/json", **extra):
        return self.generic(method, path, body, content_type=content_type, **extra)


@pytest.fixture
def store(db):
    return LocationFactory(code="CENTRE")


@pytest.fixture
def other_store(db):
    return LocationFactory(code="HARBOUR")


@pytest.fixture
def owner(db):
    return UserFactory(username="owner", role=Role.ADMIN)


@pytest.fixture
def manager(store):
    return UserFactory(username="manager", role=Role.MANAGER, places=[store])


@pytest.fixture
def clerk(store):
    return UserFactory(username="clerk", role=Role.STAFF, places=[store])


@pytest.fixture
def viewer(store):
    return UserFactory(username="viewer", role=Role.VIEWER, places=[store])


@pytest.fixture
def stranger():
    """Nobody."""
    return ApiClient()


@pytest.fixture
def as_():
    """`as_(clerk).get("users/")`: a client signed in as this person."""
    return ApiClient


@pytest.fixture
def at_desk(client):
    """`at_desk(owner)`: a browser in which this person is signed in to the admin."""

    def sign_in(person):
        client.force_login(person)
        return client

    return sign_in


@pytest.fixture
def bare_desk(settings, monkeypatch):
    """For walks over hundreds of pages: without the sidebar, a third of each and on all the same."""
    monkeypatch.setitem(settings.UNFOLD["SIDEBAR"], "navigation", [])
