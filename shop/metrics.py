"""The figures of a process, for Prometheus. Those of the database are in shop/database_figures.py.

Names and units follow Prometheus' conventions: seconds, and `_total` for what only rises. A label
has few values: names of views, commands and types, never ids or addresses.

Several processes behind one port count together when PROMETHEUS_MULTIPROC_DIR names a folder, which
`manage.py serve --workers` sees to.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

disable_created_metrics()  # a time for each series, which nobody asks for

# From a read by key to the longest that a command may wait.
SECONDS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
OUTCOMES = ("accepted", "refused", "conflict", "repeated", "failed")

COMMANDS = Counter(
    "tandem_commands",
    "Commands by what came of them; conflict: refused since it met unseen changes; repeated: its "
    "first outcome was told again; failed: the database was away or busy.",
    ["command", "outcome"],
)
COMMAND_SECONDS = Histogram(
    "tandem_command_duration_seconds",
    "From the first attempt to lock the stream until the append is committed, or refused.",
    ["command"],
    buckets=SECONDS,
)
RETRIES = Counter(
    "tandem_command_retries",
    "Attempts after the first: deadlocks, locks that came too late, lost connections.",
    ["command"],
)
EVENTS = Counter("tandem_events_appended", "Events that commands appended.", ["type"])
REQUESTS = Counter("tandem_http_requests", "Answered requests.", ["view", "status"])
REQUEST_SECONDS = Histogram(
    "tandem_http_request_duration_seconds",
    "From a request to its answer; of a stream, to its end.",
    ["view"],
    buckets=SECONDS,
)
STREAMS = Gauge(
    "tandem_streams_open", "Open pages and programs that listen.", multiprocess_mode="livesum"
)
LOGINS = Counter("tandem_logins", "Logins.")
LOGIN_FAILURES = Counter("tandem_login_failures", "Logins that were refused.")


def begin_at_zero(commands: Iterable[str]) -> None:
    """A rate knows nothing of how a series came to its first value."""
    for command in commands:
        RETRIES.labels(command)
        for outcome in OUTCOMES:
            COMMANDS.labels(command, outcome)


# Looking one up takes longer than counting, and each request counts several.
@cache
def _series(metric: Any, *labels: Any) -> Any:
    return metric.labels(*labels)


def count_command(
    sender: Any,
    *,
    command: str,
    outcome: str,
    attempts: int,
    seconds: float,
    events: tuple = (),
    **kwargs: Any,
) -> None:
    """Receiver of `command_handled`."""
    _series(COMMANDS, command, outcome).inc()
    if attempts:
        _series(COMMAND_SECONDS, command).observe(seconds)
    if attempts > 1:
        _series(RETRIES, command).inc(attempts - 1)
    for recorded in events:
        _series(EVENTS, type(recorded.event).__name__).inc()


def count_request(view: str, status: int, seconds: float) -> None:
    _series(REQUESTS, view, status).inc()
    _series(REQUEST_SECONDS, view).observe(seconds)


def count_login(sender: Any, **kwargs: Any) -> None:
    """Receiver of `user_logged_in`."""
    LOGINS.inc()


def count_login_failure(sender: Any, **kwargs: Any) -> None:
    """Receiver of `user_login_failed`."""
    LOGIN_FAILURES.inc()
