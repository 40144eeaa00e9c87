"""Every refusal leaves the house here, as RFC 9457 `application/problem+json`."""

import itertools
import json
import logging
import sys

from django.core.exceptions import (
    ObjectDoesNotExist,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError, DataError, IntegrityError, InterfaceError, InternalError, OperationalError
from django.db.models import ProtectedError, RestrictedError
from django.http import Http404, HttpResponse
from django.shortcuts import render
from rest_framework import exceptions

from boutique import errors
from boutique.transactions import sqlstate

logger = logging.getLogger("boutique.problems")

TITLES = {
    400: "Invalid input",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    413: "Too large",
    415: "Unsupported media type",
    429: "Too many requests",
    500: "Server error",
    503: "Not available now",
}
# DRF's own words for what the contract calls otherwise.
CODES = {"does_not_exist": "not_found", "parse_error": "invalid", "error": "server_error"}
# Every line of the largest document may have one; a small body must not buy an endless answer.
MOST_ERRORS = 5000
LOCK_NOT_AVAILABLE, QUERY_CANCELED, DISK_FULL = "55P03", "57014", "53100"
UNIQUE, CHECK, FOREIGN_KEY, NOT_NULL = "23505", "23514", "23503", "23502"


def problem(request, status, code, detail, *, title=None, errors=(), headers=None, **extra):
    body = {
        "type": "about:blank",
        "title": title or TITLES.get(status, "Refused"),
        "status": status,
        "code": code,
        "detail": detail,
        "request_id": getattr(request, "request_id", ""),
        **extra,
    }
    if errors:
        body["errors"] = list(errors)
    headers = dict(headers or {})
    if status == 401:
        headers.setdefault("WWW-Authenticate", 'Bearer realm="boutique"')
    return HttpResponse(
        json.dumps(body, cls=DjangoJSONEncoder, ensure_ascii=False),
        status=status,
        content_type="application/problem+json",
        headers=headers,
    )


def problem_handler(error, context):
    """DRF's exception handler. What it does not know is a bug: it goes on to Django and becomes a logged 500."""
    request = context["request"]
    for kind, answer in ANSWERS:
        if isinstance(error, kind):
            return answer(request, error)
    return None


def rule(request, error):
    retry = getattr(error, "retry_after", None)
    return problem(
        request,
        error.status,
        error.code,
        error.detail,
        title=error.title,
        errors=error.errors,
        headers={"Retry-After": str(retry)} if retry else None,
        **error.extra,
    )


def told(error):
    """The same in short, for one of many things that were sent at once."""
    answer = problem_handler(error, {"request": None})
    body = json.loads(answer.content)
    return {name: body.get(name, []) for name in ("code", "detail", "errors")}


def not_found(request, error):
    return problem(request, 404, "not_found", "There is nothing here that you can see.")


def not_allowed(request, error):
    said = str(getattr(error, "detail", ""))
    usual = str(exceptions.PermissionDenied.default_detail)
    detail = said if said and said != usual else "Your role does not allow this."
    return problem(request, 403, "permission_denied", detail)


def drf(request, error):
    if isinstance(error, exceptions.ValidationError):
        entries = list(itertools.islice(flatten(error.detail), MOST_ERRORS + 1))
        return problem(request, 400, "invalid", summary(entries), errors=entries[:MOST_ERRORS])
    code = CODES.get(error.detail.code, error.detail.code)
    return problem(request, error.status_code, code, str(error.detail))


def flatten(detail, path=""):
    """DRF's nested error details as a flat list with dotted paths: `lines.1.quantity`."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            step = "" if name == "non_field_errors" else str(name)
            yield from flatten(inner, ".".join(part for part in (path, step) if part))
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            yield from flatten(inner, f"{path}.{index}" if isinstance(inner, dict) else path)
    else:
        yield errors.line_error(path, CODES.get(detail.code, detail.code), str(detail))


def summary(entries):
    if len(entries) == 1:
        return entries[0]["message"]
    count = f"More than {MOST_ERRORS}" if len(entries) > MOST_ERRORS else len(entries)
    return f"{count} things need to be put right; see errors."


def too_big(request, error):
    return problem(request, 413, "too_large", "The body is larger than this route takes.")


def malformed(request, error):
    logger.warning("malformed input", exc_info=error)
    return problem(request, 400, "invalid", "The request holds something that cannot be read.")


def in_use(request, error):
    return problem(
        request,
        409,
        "in_use",
        "Other records still refer to this, so it cannot be deleted. Archive or dismiss it instead.",
        title=errors.InUse.title,
    )


def database(request, error):
    """What the database refused. Its own words stay in the log: they name tables and constraints."""
    state = sqlstate(error)
    if state == UNIQUE:
        return rule(request, duplicate(error))
    if state == FOREIGN_KEY:
        return in_use(request, error)
    if state in (CHECK, NOT_NULL) or isinstance(error, DataError):
        return refused_value(request, error)
    if isinstance(error, IntegrityError | InternalError):
        logger.warning("refused by the database", exc_info=error)
        return problem(request, 409, "conflict", "The shop's books do not allow this change.", title="Not possible now")
    return unavailable(request, error, state)


def unavailable(request, error, state):
    if isinstance(error, OperationalError) and state == LOCK_NOT_AVAILABLE:
        return rule(
            request, errors.Busy("Somebody else is changing the same things right now. Send the request again.")
        )
    if not isinstance(error, OperationalError | InterfaceError):
        return None  # a broken query is a bug, and says so
    logger.error("database not available", exc_info=error)
    if state == QUERY_CANCELED:
        detail = "This took too long and was stopped. Nothing was changed; ask for less at once, or try again later."
    elif state == DISK_FULL:
        detail = "The database has no room left. Nothing was changed; tell whoever runs the server."
    else:
        detail = "The database was lost. It is not certain whether this was done: look before you send it again."
    return problem(request, 503, "busy", detail, headers={"Retry-After": "2"})


def refused_value(request, error):
    logger.warning("value refused by the database", exc_info=error)
    _model, constraint = named_constraint(error)
    detail = getattr(constraint, "violation_error_message", None)
    if not detail or detail == constraint.default_violation_error_message:
        detail = "A value lies outside of what is possible."
    return problem(request, 400, "invalid", detail)


def duplicate(error):
    """A taken unique value, named by its field."""
    model, constraint = named_constraint(error)
    names = constrained_fields(constraint)
    # Of "this name in this category" it is the name that is taken.
    field = next((name for name in names if not model._meta.get_field(name).is_relation), "".join(names[:1]))
    message = getattr(constraint, "violation_error_message", None) or "This is already there."
    if not constraint or message == constraint.default_violation_error_message:
        message = f"This {field.replace('_', ' ') or 'record'} is already taken."
    return errors.Duplicate(message, errors=[errors.line_error(field, "duplicate", message)])


def named_constraint(error):
    from django.apps import apps

    diag = getattr(error.__cause__, "diag", None)
    name = getattr(diag, "constraint_name", None)
    for model in apps.get_models():
        if model._meta.db_table == getattr(diag, "table_name", None):
            return model, next((found for found in model._meta.constraints if found.name == name), None)
    return None, None


def constrained_fields(constraint):
    names = list(getattr(constraint, "fields", ()))
    for expression in getattr(constraint, "expressions", ()):
        parts = expression.flatten() if hasattr(expression, "flatten") else [expression]  # a plain column is an F
        names += [found.name for found in parts if hasattr(found, "name")]
    return names


ANSWERS = [
    (errors.RuleError, rule),
    (Http404, not_found),
    (ObjectDoesNotExist, not_found),  # gone between being read and being locked
    (exceptions.NotFound, not_found),
    (PermissionDenied, not_allowed),
    (exceptions.PermissionDenied, not_allowed),
    (exceptions.APIException, drf),
    (RequestDataTooBig, too_big),
    ((TooManyFieldsSent, TooManyFilesSent, SuspiciousOperation), malformed),
    ((ProtectedError, RestrictedError), in_use),
    (DatabaseError, database),
    (InterfaceError, database),
    ((RecursionError, OverflowError, UnicodeError), malformed),
]


# Django's own handlers (boutique.urls names them): what never reached a view of the API.


def is_api(request):
    return request.path.startswith("/api/")


def page(request, status, title, detail):
    return render(request, "boutique/refusal.html", {"title": title, "detail": detail}, status=status)


def bad_request(request, exception):
    detail = "The request cannot be understood."
    return problem(request, 400, "invalid", detail) if is_api(request) else page(request, 400, "Bad request", detail)


def forbidden(request, exception=None, reason=""):
    detail = "You may not open this page. Sign in again, and allow cookies for this site."
    return (
        problem(request, 403, "permission_denied", detail)
        if is_api(request)
        else page(request, 403, "Not allowed", detail)
    )


def missing(request, exception):
    if is_api(request):
        return not_found(request, exception)
    return page(request, 404, "Not found", "There is no page at this address.")


def server_error(request):
    error = sys.exc_info()[1]
    if isinstance(error, OperationalError | InterfaceError) and not is_api(request):
        answer = page(
            request, 503, "Not available now", "The shop cannot reach its books just now. Try again in a moment."
        )
        answer["Retry-After"] = "2"
        return answer
    detail = "This is our mistake. It has been noted under the number of this request."
    if is_api(request):
        return problem(request, 500, "server_error", detail)
    return page(request, 500, "Something broke", detail)
