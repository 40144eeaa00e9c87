"""Around every request: its id, its log line, its share in the metrics, and what browsers may do with the answer."""

import re
import time
import uuid

import structlog
from django.conf import settings

from boutique import metrics

log = structlog.get_logger(__name__)

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
# Asked all day by machines; they get a line only when they fail.
QUIET = ("/healthz", "/readyz", "/metrics", settings.STATIC_URL)


class RequestLog:
    """Stands first, so that its line and its header are there for every answer, errors included."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.request_id = given_or_new_id(request)
        structlog.contextvars.clear_contextvars()
        # The request itself lets each line name the person, once that is known (logs.name_the_person).
        structlog.contextvars.bind_contextvars(request_id=request.request_id, request=request)
        started = time.perf_counter()
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request.request_id
            note(request, response, time.perf_counter() - started)
        finally:
            structlog.contextvars.clear_contextvars()
        return response


def given_or_new_id(request):
    given = request.headers.get("X-Request-ID", "")
    return given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def note(request, response, seconds):
    if request.path.startswith(QUIET) and response.status_code < 500:
        return
    route = request.resolver_match.route if request.resolver_match else metrics.UNMATCHED
    metrics.observe(request.method, route, response.status_code, seconds)
    log.info(
        "request",
        method=request.method[:20],
        path=request.path[:500],
        route=route,
        status=response.status_code,
        ms=round(seconds * 1000, 1),
    )


OURS_ONLY = {
    "default-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
}
NOTHING = {"default-src": "'none'", "frame-ancestors": "'none'"}
# Swagger UI and the admin's theme set styles from JavaScript and carry small pictures in their style sheets.
# Pictures may lie in a bucket elsewhere.
PICTURES = "'self' data: blob: https:" if settings.S3_BUCKET else "'self' data: blob:"
WITH_STYLES = OURS_ONLY | {"style-src": "'self' 'unsafe-inline'", "img-src": PICTURES}

# The first prefix that fits.
POLICIES = [
    ("/admin/", WITH_STYLES | {"script-src": "'self' 'unsafe-eval'"}),  # Alpine evaluates its attributes
    ("/api/docs", WITH_STYLES),
    ("/api/", NOTHING),
    (settings.MEDIA_URL, NOTHING | {"sandbox": ""}),
    ("/", OURS_ONLY),
]


def as_header(policy):
    return "; ".join(f"{directive} {sources}".strip() for directive, sources in policy.items())


HEADERS = [(prefix, as_header(policy)) for prefix, policy in POLICIES]


class ContentSecurity:
    """What a browser may load, run and share for the pages and files of this house. Everything comes from ourselves."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        policy = next(header for prefix, header in HEADERS if request.path.startswith(prefix))
        response.headers.setdefault("Content-Security-Policy", policy)
        # Scanning barcodes with a tablet's camera is the one device we ask for.
        response.headers.setdefault(
            "Permissions-Policy", "camera=(self), geolocation=(), microphone=(), payment=(), usb=()"
        )
        # A shop front on another address shows our pictures; nothing else of ours belongs into other pages.
        shared = request.path.startswith(settings.MEDIA_URL)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin" if shared else "same-origin")
        if request.path.startswith("/api/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response
