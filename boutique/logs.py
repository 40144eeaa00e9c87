"""Log lines: JSON on stdout, one per event, with the request's id and the person's in each; readable on a terminal.

No line holds a body, a query string, a token or a password: tracebacks carry no local variables, and Django's own
lines about requests, which quote what was asked, give way to the one line of `middleware.RequestLog`.
"""

import logging
import logging.config
import re
import sys

import structlog
from django.utils.functional import LazyObject
from structlog.tracebacks import ExceptionDictTransformer

# The tokens of links to a new password, which are part of a path, and of the API.
SECRET = re.compile(r"\b[0-9a-z]{6,7}-[0-9a-f]{32}\b|\beyJ[\w-]+\.[\w-]+\.[\w-]+")


class Stdout(logging.StreamHandler):
    """Writes to what stdout is at that moment: test runners and servers exchange it."""

    def __init__(self):
        logging.Handler.__init__(self)

    @property
    def stream(self):
        return sys.stdout


def configure(config):
    """LOGGING_CONFIG's callable, and for gunicorn's own process, which never loads Django. `config` is {"level": …}."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "line": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": known_about_a_line(),
                    "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *written_out()],
                }
            },
            "handlers": {"stdout": {"class": "boutique.logs.Stdout", "formatter": "line"}},
            "root": {"handlers": ["stdout"], "level": config["level"]},
            "loggers": loggers(),
        }
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *known_about_a_line(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )


def loggers():
    through_root = {"handlers": [], "propagate": True, "level": "NOTSET"}
    names = ("django", "django_tasks", "django_tasks_db", "gunicorn", "gunicorn.error")
    return dict.fromkeys(names, through_root) | {
        # They quote addresses with their query strings, or the values of a statement.
        "django.request": through_root | {"level": "ERROR"},
        # A typing mistake in the admin's address is answered, and no attack.
        "django.security.DisallowedModelAdminLookup": through_root | {"level": "CRITICAL"},
        "django.security.DisallowedModelAdminToField": through_root | {"level": "CRITICAL"},
        "django.server": through_root | {"level": "ERROR"},
        "gunicorn.access": {"handlers": [], "propagate": False},
        "django.db.backends": through_root | {"level": "WARNING"},
    }


def known_about_a_line():
    return [
        structlog.contextvars.merge_contextvars,
        name_the_person,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def written_out():
    if sys.stdout.isatty():
        console = structlog.dev.ConsoleRenderer(pad_event_to=0, exception_formatter=structlog.dev.plain_traceback)
        return [console, hide_secrets]
    traceback = ExceptionDictTransformer(show_locals=False, max_frames=15)
    return [structlog.processors.ExceptionRenderer(traceback), structlog.processors.JSONRenderer(), hide_secrets]


def hide_secrets(_logger, _method, text):
    """Last of all, so that the words of an exception are covered too."""
    return SECRET.sub("…", text)


def name_the_person(_logger, _method, line):
    """`RequestLog` leaves the request among the context variables; who is asking is known only later."""
    request = line.pop("request", None)
    person = request and id_of_person(request)
    return line | {"user_id": person} if person else line


def id_of_person(request):
    """The id of whoever is signed in, if that is known already: a log line must not ask the database."""
    person = request.__dict__.get("user")
    if isinstance(person, LazyObject):
        person = request.__dict__.get("_cached_user")
    return getattr(person, "pk", None)
