"""The checkpoints of projections and reactors: made, compared with the log, set right by people."""

import logging

from django.db import connection, transaction

from eventstore.models import Checkpoint, Skip
from eventstore.projections import asynchronous, inline
from eventstore.reactors import reactors
from eventstore.subscriptions import settled

logger = logging.getLogger(__name__)

# What a checkpoint says of an event that fails, when none does.
WELL = {"failing_position": None, "error": "", "attempts": 0, "retry_at": None}

LAST_EVENT = """
SELECT stream_id || '@' || version FROM eventstore_event
 WHERE position <= %s ORDER BY position DESC LIMIT 1
"""


class LogRewound(Exception):
    """The log is not the one that a checkpoint was made in: it was put back, or exchanged."""

    def __init__(self, checkpoint: Checkpoint, expected: str, actual: str) -> None:
        name = checkpoint.name
        reactor = checkpoint.kind == "reactor"
        way = f"run_projections --from-now {name}" if reactor else f"replay_projections {name}"
        super().__init__(
            f"{name}: its checkpoint expects {expected}, the log has {actual}. The log was put back"
            f" or exchanged; go on with: manage.py {way}"
        )


def ensure_checkpoints(**kwargs: object) -> None:
    """Give each projection and reactor its checkpoint. Receiver of `post_migrate`.

    A reactor begins at the end of the log: what happened before it existed is no news.
    """
    if Checkpoint._meta.db_table not in connection.introspection.table_names():
        return  # migrated in part
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(position), 0) FROM eventstore_event")
        [end] = cursor.fetchone()
        identity = cluster()
        for kind, named in (
            ("inline", inline),
            ("asynchronous", asynchronous),
            ("reactor", reactors),
        ):
            for name, one in named.items():
                begins = end if kind == "reactor" else 0
                Checkpoint.objects.get_or_create(
                    name=name,
                    defaults={
                        "kind": kind,
                        "position": begins,
                        "last_event": last_event(begins),
                        "cluster": identity,
                        "code": one.code if kind != "reactor" and not end else "",
                    },
                )


def cluster() -> str:
    """The identity of the database cluster; a dump that was restored elsewhere has another."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT system_identifier::text FROM pg_control_system()")
        return cursor.fetchone()[0]


def last_event(position: int) -> str:
    """The last event up to a position, as "stream@version"; "" when there is none."""
    with connection.cursor() as cursor:
        cursor.execute(LAST_EVENT, [position])
        row = cursor.fetchone()
    return row[0] if row else ""


def check_place(checkpoint: Checkpoint) -> None:
    """Raises LogRewound when the log is not the one that the checkpoint was made in."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(position), 0) FROM eventstore_event")
        [end] = cursor.fetchone()
    found = last_event(checkpoint.position)
    if found != checkpoint.last_event:
        raise LogRewound(
            checkpoint,
            f"{checkpoint.last_event or 'no event'} at or before position {checkpoint.position}",
            f"{found or 'no event'} there, and ends at {end}",
        )
    if (here := cluster()) != checkpoint.cluster:
        logger.warning("%s goes on in another cluster; its log is the same", checkpoint.name)
        Checkpoint.objects.filter(pk=checkpoint.pk).update(cluster=here)


def retry(name: str) -> None:
    """Try a failing event again at once."""
    Checkpoint.objects.filter(pk=name).update(retry_at=None)


def go_on_from_now(name: str) -> None:
    """Let a reactor pass over what is in the log. Raises ValueError for a projection."""
    if name not in reactors:
        raise ValueError(f"{name}: expected a reactor; replay a projection instead")
    end = settled()
    Checkpoint.objects.filter(pk=name).update(
        position=end,
        last_event=last_event(end),
        **WELL,
    )


def skip(name: str, position: int, *, by: str) -> None:
    """Leave out the event that `name` fails at, on the record. Raises ValueError for another."""
    with transaction.atomic():
        checkpoint = Checkpoint.objects.select_for_update().get(pk=name)
        if checkpoint.failing_position != position:
            failing = checkpoint.failing_position
            raise ValueError(
                f"{name}: expected the event that it fails at "
                f"({'none' if failing is None else failing}), found {position}"
            )
        Skip.objects.create(
            subscription=name, position=position, error=checkpoint.error, skipped_by=by
        )
        Checkpoint.objects.filter(pk=name).update(**WELL)
