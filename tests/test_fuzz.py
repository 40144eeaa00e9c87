"""Our own OpenAPI document turned against us: whatever it allows is answered as it promises, and never with a 500."""

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck
from hypothesis import settings as effort
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.models import User
from accounts.services import opening, sessions
from boutique.wsgi import application

schema = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(request=None, public=True))
schema.app = application
# "Valid data is accepted" is left out: rules of the shop refuse what a schema cannot know.
WANTED = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]


@pytest.fixture(autouse=True)
def demo_shop(db):
    opening.open_shop(demo=True)
    # The server would close the connection after each request, and with it the test's transaction.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@schema.parametrize()
@effort(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_the_document_allows_is_answered_as_it_promises(case):
    owner = User.objects.filter(username="owner", status="active").first()
    token = sessions.tokens_of(sessions.sign_in(person=owner))["access"]
    case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=WANTED)
