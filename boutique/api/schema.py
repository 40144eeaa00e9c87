"""The OpenAPI document: read from the views' own tables, so that nothing is written down twice."""

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import get_doc, get_lib_doc_excludes
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter

from boutique.api import ANYONE
from boutique.api.parsers import UploadParser
from boutique.api.problems import TITLES
from boutique.api.serializers import HouseModelSerializer, HouseSerializer, Nothing
from boutique.api.viewsets import WRITES

PROBLEM = {
    "type": "object",
    "description": "Every refusal (RFC 9457). `code` is stable; `detail` is for people.",
    "required": ["type", "title", "status", "code", "detail", "request_id"],
    "properties": {
        "type": {"type": "string", "examples": ["about:blank"]},
        "title": {"type": "string", "examples": ["Invalid input"]},
        "status": {"type": "integer", "examples": [400]},
        "code": {"type": "string", "examples": ["invalid"]},
        "detail": {"type": "string", "examples": ["2 things need to be put right; see errors."]},
        "request_id": {"type": "string", "examples": ["5f2c0b6e9d1f4b7a8e3c"]},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {
                    "field": {"type": "string", "examples": ["lines.1.quantity"]},
                    "code": {"type": "string", "examples": ["required"]},
                    "message": {"type": "string", "examples": ["This field is required."]},
                    "params": {"type": "object", "additionalProperties": True},
                },
            },
        },
    },
    "additionalProperties": True,
}
MORE_TITLES = {
    409: "Not possible now",
    412: "Changed in the meantime",
    422: "Key already used, or all of it refused",
    507: "No room left",
}
SUMMARIES = {
    "list": "List",
    "retrieve": "Show one",
    "create": "Make one",
    "update": "Change, naming every required field",
    "partial_update": "Change",
    "destroy": "Delete",
}
IDEMPOTENCY_KEY = "A new value for each new act (1 to 255 ASCII characters); a repeat gets the first answer back."
IF_MATCH = "The ETag you read. If the row has changed since, nothing happens and the answer is 412."


# Where the words about an action stand that the viewset's mixins carry out.
OWN_WORDS = {"create": "make", "update": "change", "partial_update": "change", "destroy": "remove"}


def not_for_readers():
    """Classes whose docstrings are for who writes serializers, not for who calls the API."""
    return [*get_lib_doc_excludes(), HouseSerializer, HouseModelSerializer]


class HouseSchema(AutoSchema):
    def get_description(self):
        own = getattr(self.view, OWN_WORDS.get(self.view.action, ""), None)
        return get_doc(own) or super().get_description()

    def get_request_serializer(self):
        action = self.view.action
        if self.method not in WRITES or self.method == "DELETE":
            return None
        plain = self.view.serializer_class if action in ("create", "update", "partial_update") else None
        serializer = self.view.inputs.get(action, plain)
        return None if serializer is Nothing else serializer

    def get_response_serializers(self):
        action, shown = self.view.action, self.view.serializer_class
        if action in self.view.outputs:
            code, serializer = self.view.outputs[action]
            return {code: serializer}
        if self.method == "DELETE":
            return {204: None}
        return {201 if action == "create" else 200: shown}

    def _get_response_bodies(self, direction="response"):
        bodies = super()._get_response_bodies(direction)
        for code, body in bodies.items():
            if code in ("200", "201", "202"):
                body["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in self.answer_headers(code)}
        refused = {str(code): {"$ref": f"#/components/responses/Problem{code}"} for code in self.refusals()}
        return dict(sorted((bodies | refused).items()))

    def answer_headers(self, code):
        headers = ["X-Request-ID"]
        if self.takes_key():
            headers.append("Idempotent-Replayed")
        if self.view.action != "list" and issubclass(self.shown(), HouseModelSerializer):
            headers.append("ETag")
        return [*headers, "Location"] if self.view.action == "create" else headers

    def shown(self):
        """The serializer of what this action answers."""
        shown = self.view.outputs.get(self.view.action, (200, self.view.serializer_class))[1]
        return shown if isinstance(shown, type) else HouseSerializer  # nothing, a file or a plain list

    def refusals(self):
        codes = {400, 401, 403, 406, 503}
        is_of_rows = "{" in self.path or self.view.action == "list"
        if is_of_rows or self.method == "POST" or self.view.action in self.view.inputs:
            codes.add(404)  # a POST or a question may be about a place that is not there
        if self.method in WRITES:
            codes |= {409, 413, 415}
        if self.method == "POST":
            codes.add(429)
        if self.takes_key():
            codes.add(422)
        if self.method in ("PUT", "PATCH", "DELETE") or (self.method == "POST" and "{id}" in self.path):
            codes.add(412)
        if self.method in WRITES and any(isinstance(parser, UploadParser) for parser in self.view.get_parsers()):
            codes.add(507)
        return codes

    def takes_key(self):
        action = self.view.action
        is_ours = self.view.permissions.get(action) != ANYONE and action not in self.view.makes_nothing
        return self.method == "POST" and is_ours

    def get_override_parameters(self):
        parameters = []
        if self.takes_key():
            required = self.view.action in self.view.needs_key
            parameters.append(header("Idempotency-Key", IDEMPOTENCY_KEY, required=required))
        if self.method in ("PUT", "PATCH", "DELETE"):
            parameters.append(header("If-Match", IF_MATCH))
        expandable = sorted(getattr(self.shown(), "expandable", {}))
        if self.method == "GET" and expandable:
            text = f"Objects where ids stand: any of {', '.join(expandable)}, separated by commas."
            parameters.append(OpenApiParameter("expand", OpenApiTypes.STR, description=text))
        if self.method == "GET" and self.view.action in self.view.inputs:
            parameters.append(self.view.inputs[self.view.action])  # what a question may say, as its serializer knows
        return parameters

    def get_tags(self):
        return super().get_tags() or ["api"]

    def get_summary(self):
        action = self.view.action
        return SUMMARIES.get(action) or action.replace("_", " ").capitalize()

    def _map_serializer_field(self, field, direction, bypass_extensions=False):
        """Where `expand` puts an object in the place of an id, both are said."""
        schema = super()._map_serializer_field(field, direction, bypass_extensions)
        nested = getattr(field.parent, "expandable", {}).get(field.field_name)
        if direction != "response" or nested is None:
            return schema
        brief = self.resolve_serializer(nested, direction).ref
        if schema.get("type") == "array":
            return {**schema, "items": {"oneOf": [schema["items"], brief]}}
        return {"oneOf": [schema, brief]}

    def _get_paginator(self):
        paginator = super()._get_paginator()
        if paginator:
            paginator.counted = getattr(self.view, "counted", True)
        return paginator

    def _map_basic_serializer(self, serializer, direction):
        schema = super()._map_basic_serializer(serializer, direction)
        if guarded := sorted(getattr(serializer, "guarded", {})):
            schema["x-not-for-everybody"] = guarded  # what is missing for some cannot be required
        if sometimes := [name for name, field in serializer.fields.items() if is_sometimes_answered(field)]:
            schema["x-not-always"] = sometimes
        return schema

    def get_examples(self):
        sent = self.view.examples.get(self.view.action)
        return [OpenApiExample("example", sent, request_only=True)] if sent else []

    def get_auth(self):
        return [{}] if self.view.permissions.get(self.view.action) == ANYONE else [{"bearer": []}]


class BearerToken(OpenApiAuthenticationExtension):
    target_class = "accounts.authentication.TokenAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema):
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "The access token of `auth/login/`.",
        }


def is_sometimes_answered(field):
    """DRF counts every read-only field as not required: only the one that says so itself may be missing."""
    return field.read_only and field._kwargs.get("required") is False


def header(name, description, *, required=False):
    return OpenApiParameter(name, OpenApiTypes.STR, OpenApiParameter.HEADER, description=description, required=required)


def mend(result, generator, request, public):
    """What every route shares: the one error shape, the headers; and what an answer always carries is required."""
    components = result["components"]
    for name, schema in components["schemas"].items():
        if "properties" in schema and not name.endswith("Request"):
            missing = {*schema.get("x-not-for-everybody", ()), *schema.get("x-not-always", ())}
            schema["required"] = [field for field in schema["properties"] if field not in missing]
    components["schemas"]["Problem"] = PROBLEM
    components["securitySchemes"] = {"bearer": BearerToken(None).get_security_definition(None)}
    components["responses"] = {f"Problem{code}": refusal(code) for code in sorted(TITLES.keys() | MORE_TITLES.keys())}
    components["headers"] = {
        "X-Request-ID": text_header("The number of this request in the server's log."),
        "Idempotent-Replayed": text_header("true: this is the first answer to this key, given again."),
        "ETag": text_header("Send it back in If-Match to change only what you have seen."),
        "Location": text_header("Where the new row is."),
        "Retry-After": {"description": "Seconds to wait before asking again.", "schema": {"type": "integer"}},
    }
    return result


def refusal(code):
    body = {
        "description": TITLES.get(code) or MORE_TITLES[code],
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if code in (429, 503):
        body["headers"] = {"Retry-After": {"$ref": "#/components/headers/Retry-After"}}
    return body


def text_header(description):
    return {"description": description, "schema": {"type": "string"}}
