"""The OpenAPI document says what the code does, and what it shows as an example works."""

import pytest
from django.conf import settings
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIRequestFactory

from accounts.tests.factories import LocationFactory, UserFactory
from tests.role_matrix import MATRIX
from tests.test_role_matrix import patterns

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def document():
    return SchemaGenerator().get_schema(request=None, public=True)


def operations(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_it_is_openapi_3_1_and_knows_every_route(document):
    known = {name.replace("{id}", "{pk}").replace("/api/v1/", "", 1) for name, _ in operations(document)}

    assert document["openapi"].startswith("3.1")
    assert document["info"]["version"] == settings.API_VERSION
    assert known == set(MATRIX)


def test_every_operation_names_its_refusals_in_the_one_shape(document):
    for name, operation in operations(document):
        refused = {code: body for code, body in operation["responses"].items() if code >= "400"}
        assert {"400", "401", "403", "503"} <= set(refused), name
        assert all(body["$ref"].startswith("#/components/responses/Problem") for body in refused.values()), name
        for body in refused.values():
            assert body["$ref"].rpartition("/")[2] in document["components"]["responses"]


def test_every_operation_says_what_it_does(document):
    for name, operation in operations(document):
        assert operation.get("description") or operation.get("summary"), name


def test_a_write_may_carry_its_headers(document):
    for name, operation in operations(document):
        headers = {p["name"] for p in operation.get("parameters", []) if p["in"] == "header"}
        method = name.split(" ")[0]
        if method in ("PUT", "PATCH", "DELETE"):
            assert "If-Match" in headers, name
        only_answers = name in (
            "POST /api/v1/labels/",
            "POST /api/v1/barcodes/read/",
            "POST /api/v1/alterations/recommend/",
        )
        if method == "POST" and operation["security"] != [{}] and not only_answers:
            assert "Idempotency-Key" in headers, name


def test_every_body_has_an_example(document):
    for name, operation in operations(document):
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        assert body is None or body.get("examples"), name


def test_every_example_is_taken_by_its_serializer():
    request = APIRequestFactory().post("/")
    request.user = UserFactory(role="admin")
    LocationFactory(pk=2)  # a place that is not there is 404 for the whole document
    for _route, entry in patterns():
        view = getattr(getattr(entry, "callback", None), "cls", None)
        for action, sent in getattr(view, "examples", {}).items():
            serializer_class = view.inputs.get(action, view.serializer_class)
            partial = action in ("partial_update", "edit")
            serializer = serializer_class(data=sent, partial=partial, context={"request": request})
            serializer.is_valid()
            # Ids of rows are the only thing an example cannot know.
            wrong = {name for name, details in serializer.errors.items() if "not_found" not in codes(details)}
            assert not {name for name in wrong if "does_not_exist" not in codes(serializer.errors[name])}, (
                view,
                action,
            )


def codes(details):
    if isinstance(details, dict):
        return {code for inner in details.values() for code in codes(inner)}
    return {detail.code for detail in details}


def test_what_an_answer_always_carries_is_required(document):
    user = document["components"]["schemas"]["User"]

    assert set(user["required"]) == set(user["properties"])
    assert "password" not in user["properties"]
    assert document["components"]["schemas"]["PaginatedUserList"]["required"][:2] == ["count", "count_exact"]


def test_what_an_answer_carries_only_sometimes_is_not_required(document):
    assert document["components"]["schemas"]["Outcome"]["required"] == ["index", "client_id", "result"]
