"""Our own OpenAPI document turned against us: whatever it allows is answered as it promises, and never with a 500."""

import os

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from drf_spectacular.generators import SchemaGenerator
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

pytestmark = pytest.mark.django_db

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

# Every bound of every field, one after the other, are ten thousand requests more: FUZZ=whole asks them, too.
schema.config.phases.coverage.enabled = os.environ.get("FUZZ") == "whole"


@pytest.fixture(scope="module")
def headers_of_the_owner(django_db_setup, django_db_blocker):
    """Of a demo shop that is opened once: each request is taken back."""
    # The server would close the connection after each request, and with it the transaction.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    with django_db_blocker.unblock(), transaction.atomic():
        opening.open_shop(demo=True)
        owner = User.objects.get(username="owner")
        yield {"Authorization": f"Bearer {sessions.tokens_of(sessions.sign_in(person=owner))['access']}"}
        transaction.set_rollback(True)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@schema.parametrize()
@effort(max_examples=3)
def test_whatever_the_document_allows_is_answered_as_it_promises(case, headers_of_the_owner):
    with transaction.atomic():
        case.call_and_validate(headers=headers_of_the_owner, checks=WANTED)
        transaction.set_rollback(True)
