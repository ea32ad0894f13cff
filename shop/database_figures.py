"""What the database knows of the shop, asked when /metrics is: the same for every process.

Lag, stalls and presence are figures of the log and of tables, so that whichever process is asked
tells them; the one that runs the projections needs no port.
"""

import logging
from collections.abc import Iterable, Iterator

from django.db import Error, connection, transaction
from django.utils import timezone
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from eventstore import stalls
from eventstore.standing import standings, working
from ordering.live.presence import ALIVE

logger = logging.getLogger(__name__)

PATIENCE = "1s"  # for one statement
TIMEOUT = "SELECT set_config('statement_timeout', %s, true)"
LAST_POSITION = "SELECT coalesce(max(position), 0) FROM eventstore_event"
PRESENT = f"""
SELECT count(DISTINCT agent_id) FROM ordering_presence
 WHERE seen_at > clock_timestamp() - interval '{ALIVE} seconds'
"""  # noqa: S608  (a constant)

UP = "Whether the database answered all that was asked for the other figures, in time."


class DatabaseFigures(Collector):
    """To be registered where nothing is asked in advance: its figures cost queries."""

    def collect(self) -> Iterable[Metric]:
        figures: list[Metric] = []
        try:
            with transaction.atomic():
                _ask(TIMEOUT, [PATIENCE])
                figures.extend(_figures())
        except Error as error:
            logger.warning("No figures of the database: %s", " ".join(f"{error}".split()))
            return [_gauge("tandem_database_up", UP, 0)]
        return [_gauge("tandem_database_up", UP, 1), *figures]


def _figures() -> Iterator[Metric]:
    yield _gauge("tandem_log_position", "Position of the last event.", _ask(LAST_POSITION))
    yield _gauge("tandem_agents_present", "Agents with an order's page open.", _ask(PRESENT))
    yield from _projections()
    yield _gauge(
        "tandem_runner_working",
        "Whether a run_projections follows the log.",
        working() is not None,
    )
    yield _gauge(
        "tandem_gate_stall_seconds",
        "For how long an append has kept the log's reader from going on; 0: nothing does for "
        "longer than a second. +Inf: a prepared transaction.",
        _stalled(),
    )


def _projections() -> Iterator[Metric]:
    events = GaugeMetricFamily(
        "tandem_projection_lag_events",
        "Events that wait to be handled; 10000 and fewer are counted.",
        labels=["projection"],
    )
    seconds = GaugeMetricFamily(
        "tandem_projection_lag_seconds", "How old the first of those is.", labels=["projection"]
    )
    failing = GaugeMetricFamily(
        "tandem_projection_failing",
        "Whether it stands at an event that it cannot handle.",
        labels=["projection"],
    )
    skipped = GaugeMetricFamily(
        "tandem_projection_skipped_events",
        "Events that somebody let it leave out.",
        labels=["projection"],
    )
    for standing in standings():
        name = [standing.checkpoint.name]
        events.add_metric(name, standing.events)
        seconds.add_metric(name, standing.seconds)
        failing.add_metric(name, standing.checkpoint.failing_position is not None)
        skipped.add_metric(name, standing.skipped)
    yield from (events, seconds, failing, skipped)


def _stalled() -> float:
    holders = stalls.holding()
    if any(one.since is None for one in holders):
        return float("inf")
    now = timezone.now()
    return max(((now - one.since).total_seconds() for one in holders), default=0.0)


def _gauge(name: str, said: str, value: float) -> Metric:
    return GaugeMetricFamily(name, said, value=value)


def _ask(sql: str, params: list | None = None):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchone()[0]
