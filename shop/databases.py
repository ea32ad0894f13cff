"""Where the databases are: DATABASE_URL, and DATABASE_REPLICA_URL for what only reads."""

import re
from typing import Any

import psycopg
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

# How libpq calls what Django has settings of its own for.
NAMES = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}

# Packets may vanish without a word, and a page thread would wait for their answer for a quarter of
# an hour, or for ever. Seconds, but for the last, in milliseconds.
WATCHED = {
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 5000,
}
# A command holds its stream's row lock for milliseconds; these free it when a worker hangs.
PRIMARY = {
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "10s",
    "transaction_timeout": "30s",
    # What is prepared (see eventstore.statements) looks rows up by their keys: one plan is
    # right for all of them, and planning takes longer than executing.
    "plan_cache_mode": "force_generic_plan",
}
# Whatever takes longer there is asked of the primary.
STANDBY = {
    "lock_timeout": "1s",
    "statement_timeout": "3s",
    "default_transaction_read_only": "on",
    "plan_cache_mode": "force_generic_plan",
}


def primary(url: str) -> dict[str, Any]:
    """Django's settings for the database that takes the writes. Raises ImproperlyConfigured.

    The URL may name several hosts, of which libpq takes the one that answers, and with
    target_session_attrs=read-write the one that is the primary now.
    """
    kept = {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True, "ATOMIC_REQUESTS": False}
    return kept | _read(url, "DATABASE_URL", PRIMARY, connect_timeout=5)


def standby(url: str) -> dict[str, Any]:
    """The same for one or more standbys of it. Each use asks for their health anyway."""
    kept = {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": False, "ATOMIC_REQUESTS": False}
    kept["TEST"] = {"MIRROR": "default"}
    # Two seconds are the least that libpq keeps to.
    return kept | _read(url, "DATABASE_REPLICA_URL", STANDBY, connect_timeout=2)


def _read(url: str, name: str, parameters: dict[str, str], **defaults: Any) -> dict[str, Any]:
    if not re.match("postgres(ql)?://[^/]*/[^/?]", url):
        raise ImproperlyConfigured(
            f"{name}: expected postgresql://USER:PASSWORD@HOST:PORT/NAME, found one that begins "
            f"with {url.partition(':')[0]!r}."
        )
    try:
        said = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        # Without what libpq says of it, which may quote a password.
        raise ImproperlyConfigured(
            f"{name}: expected postgresql://USER:PASSWORD@HOST:PORT/NAME with parameters of libpq, "
            "found one that libpq cannot read. In a user or a password, characters such as @ : / "
            "have to be percent-encoded."
        ) from None
    options = {
        "application_name": "tandem",
        **WATCHED,
        # For eventstore.statements; Django's own cursors prepare nothing.
        "prepare_threshold": 5,
        "options": " ".join(f"-c {parameter}={value}" for parameter, value in parameters.items()),
    }
    own = {name: said.pop(libpq, "") for libpq, name in NAMES.items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        **own,
        "OPTIONS": options | defaults | said,
    }
