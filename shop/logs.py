"""What the processes log: for people on a terminal in local mode, else one JSON object a line.

Libraries write it: `logging` everywhere, python-json-logger as its formatter. (structlog and
django-structlog would be three packages, a second way to log beside that of every library, and
lines with addresses and query strings, which must not be there.)
"""

import logging
from contextvars import ContextVar

from pythonjsonlogger.core import RESERVED_ATTRS

# Attributes of records that no line has: a request shows its query string, a statement its values.
UNTOLD = [*RESERVED_ATTRS, "request", "sql", "params", "alias", "color_message", "server_time"]
OURS = ("shop", "ordering", "catalog", "eventstore")

_ids: ContextVar[tuple[tuple[str, object], ...]] = ContextVar("ids", default=())


def belong_to(**ids: object) -> None:
    """From here on each line of this context carries these ids: of a thread, or of a task.

    They stay until others are set: what Django says of a request, it says behind its middleware.
    """
    _ids.set(tuple(ids.items()))


def uncaught(*exc_info) -> None:
    """For sys.excepthook: what ends a process is a line like the others."""
    logging.getLogger("shop").critical("Ended by an error", exc_info=exc_info)


class WithIds(logging.Filter):
    """Gives a record the ids of its context, but for those that it brings."""

    def filter(self, record: logging.LogRecord) -> bool:
        for name, value in _ids.get():
            record.__dict__.setdefault(name, value)
        return True


class NoAnswers(logging.Filter):
    """Two changes that met are asked about, and a broken rule is explained: nothing went wrong."""

    def filter(self, record: logging.LogRecord) -> bool:
        return getattr(record, "status_code", 0) not in (409, 422)


def configuration(*, local: bool) -> dict:
    """For Django's LOGGING."""
    loggers = {
        "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "django.request": {"filters": ["no_answers"]},
    }
    if not local:
        loggers |= {name: {"level": "INFO"} for name in OURS}
        # Uvicorn's command line brings handlers of its own, and a line for each request with its
        # query string and the visitor's address.
        loggers["uvicorn"] = {"handlers": [], "level": "INFO"}
        loggers["uvicorn.error"] = {"handlers": []}
        loggers["uvicorn.access"] = {"handlers": [], "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
            "json": {
                "()": "pythonjsonlogger.json.JsonFormatter",
                "fmt": ["levelname", "name", "message"],
                "rename_fields": {
                    "levelname": "level",
                    "name": "logger",
                    "exc_info": "exception",
                },
                "timestamp": "time",
                "reserved_attrs": UNTOLD,
            },
        },
        "filters": {"no_answers": {"()": NoAnswers}, "with_ids": {"()": WithIds}},
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "line" if local else "json",
                "filters": ["with_ids"],
            }
        },
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": loggers,
    }
