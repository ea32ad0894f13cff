"""The one way in: lock the stream, load, fold, decide, append, tell; in one transaction."""

import hashlib
import inspect
import json
import logging
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db import Error, connection, transaction

from eventstore import command_ids, refusals, snapshots, store
from eventstore.away import may_be_away, sqlstate
from eventstore.codec import UnreadableEvent, codec
from eventstore.shapes import Shape, shape_of
from eventstore.signals import command_handled, events_appended
from eventstore.statements import run
from eventstore.store import Metadata, RecordedEvent, WrongVersion

logger = logging.getLogger(__name__)

ATTEMPTS = 5
JITTER = 0.005, 0.100  # seconds; full jitter between tries
# Seconds after which nothing is tried again: whoever waits holds one of the few page threads.
PATIENCE = 3.0
# deadlock_detected, serialization_failure, lock_not_available: nothing was done, try again.
TRANSIENT = {"40P01", "40001", "55P03"}
# Two shutdowns, and two timeouts of a transaction, which are InternalErrors: PostgreSQL has ended
# the session, also when the end of its connection has not been noticed yet.
HUNG_UP = {"57P01", "57P02", "25P03", "25P04"}


class CommandIdReused(Exception):
    """A command id that stands for another command already."""

    def __init__(self, command_id: UUID) -> None:
        self.command_id = command_id
        super().__init__(f"command id {command_id}: expected the same command as before")


@dataclass(frozen=True, eq=False)
class Decider[C, E, S]:
    """An aggregate: pure functions around a state.

    `refusal` is the exception that `decide` raises for a broken rule; it is made of a stable
    `code` and of `params` that are JSON values, so that the outcome can be stored and told again.
    `collide` names the events, of those that the sender had not seen, which a person should know
    of before the command is done; any at all refuse it with the code "conflict" and the params
    `seen` and `version`, between which those events lie.
    """

    category: str
    initial: S
    evolve: Callable[[S, E], S]
    decide: Callable[[C, S], Sequence[E]]
    refusal: type[Exception] = field(repr=False)
    collide: Callable[[C, Sequence[E], S], Sequence[E]] | None = None

    @cached_property
    def fingerprint(self) -> str:
        """Of the source that folds: a snapshot made by other code is not used."""
        modules = {inspect.getmodule(self.evolve), inspect.getmodule(type(self.initial))}
        sources = sorted(inspect.getsource(module) for module in modules)
        source = "".join([*sources, *codec.upcast_sources()])
        return hashlib.sha256(source.encode()).hexdigest()

    @cached_property
    def shape(self) -> Shape:
        return shape_of(type(self.initial))

    def load(self, stream_id: UUID, *, upto: int | None = None) -> tuple[S, int]:
        """The state folded up to version `upto` (None: the last), and its version."""
        state, version, _ = snapshots.fold(self, stream_id, upto=upto)
        return state, version


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a command: the stream, its version after it, and the events it caused.

    `replayed`: this is the first outcome of the same command id, told again.
    """

    stream_id: UUID
    version: int
    events: tuple[RecordedEvent, ...]
    replayed: bool = False


def fingerprint(*asked: Any) -> bytes:
    """A digest of what was asked, to know a repeated command from a reused id."""
    return hashlib.sha256(json.dumps(asked).encode()).digest()


def handle(
    decider: Decider,
    stream_id: UUID,
    command: Any,
    *,
    metadata: Metadata,
    command_id: UUID | None = None,
    fingerprint: bytes = b"",
    guard: Callable[[Any], None] | None = None,
    seen: int | None = None,
) -> Outcome:
    """Decide `command` on the stream and append what it causes.

    Owns its transaction: when it returns, the events are committed. With a `command_id`, the same
    id and `fingerprint` again give the first outcome, and a connection lost on the way is tried
    again; without one, an outcome may be unknown and OperationalError says so. `guard` sees the
    state before the command does, and may raise the decider's refusal. `seen` is the version that
    the sender saw: the command merges with what came after it, unless the decider says that they
    collide. None: the sender does not care.

    Raises the decider's refusal, CommandIdReused, UnreadableEvent, and OperationalError when the
    database stays away or busy. Tells `command_handled` what came of it, but for the two in the
    middle, which the sender has to explain.
    """
    told = _Told(decider, type(command).__name__)
    try:
        outcome = _until_done(
            lambda: _once(
                decider, stream_id, command, metadata, command_id, fingerprint, guard, seen
            ),
            told,
            stream_id,
            command_id,
            fingerprint,
        )
    except decider.refusal:
        told.ends("repeated")
        raise
    except (Error, WrongVersion):
        told.ends("failed")
        raise
    if isinstance(outcome, decider.refusal):
        told.ends("conflict" if outcome.code == "conflict" else "refused")
        raise outcome
    told.ends("repeated" if outcome.replayed else "accepted", outcome)
    return outcome


class _Told:
    """What `command_handled` is told of a command: from the first attempt on."""

    def __init__(self, decider: Decider, command: str) -> None:
        self.decider, self.command, self.attempts = decider, command, 0
        self.began = time.perf_counter()

    def ends(self, outcome: str, done: Outcome | None = None) -> None:
        command_handled.send_robust(
            sender=self.decider,
            command=self.command,
            outcome=outcome,
            attempts=self.attempts,
            seconds=time.perf_counter() - self.began,
            events=done.events if done and not done.replayed else (),
        )


def _until_done(
    once: Callable[[], Outcome | Exception],
    told: _Told,
    stream_id: UUID,
    command_id: UUID | None,
    fingerprint: bytes,
) -> Outcome | Exception:
    give_up = time.monotonic() + PATIENCE
    for attempt in range(1, ATTEMPTS + 1):
        told.attempts = attempt
        try:
            with transaction.atomic(durable=True):
                return once()
        except (command_ids.Known, UnreadableEvent):
            # An id is seldom known: it is looked for when it cannot be kept a second time, and
            # when the stream has become unreadable since the first.
            if command_id and (earlier := outcome_of(told.decider, command_id, fingerprint)):
                return earlier
            raise
        except WrongVersion:
            if attempt == ATTEMPTS:
                raise
        except Error as error:
            if not may_be_away(error):
                raise
            code = sqlstate(error)
            closed = connection.connection is None or connection.connection.closed
            lost = closed or code is None or code in HUNG_UP
            again = code in TRANSIENT or (lost and command_id)
            if not again or attempt == ATTEMPTS or time.monotonic() > give_up:
                raise
            if lost:
                connection.close()
            # Its name only: what it asks may be somebody's note.
            logger.info("%s on %s, attempt %s: %s", told.command, stream_id, attempt, error)
        time.sleep(random.uniform(*JITTER))  # noqa: S311  (spreads retries, guards nothing)
    raise AssertionError("unreachable: the last attempt returns or raises")


def _once(
    decider: Decider,
    stream_id: UUID,
    command: Any,
    metadata: Metadata,
    command_id: UUID | None,
    fingerprint: bytes,
    guard: Callable[[Any], None] | None,
    seen: int | None,
) -> Outcome | Exception:
    before = store.lock(stream_id)
    state, _, since = snapshots.fold(decider, stream_id)
    try:
        if guard:
            guard(state)
        if seen is not None:
            _meet_unseen(decider, stream_id, command, state, seen, before)
        events = decider.decide(command, state)
    except decider.refusal as refusal:
        if command_id:
            command_ids.keep(command_id, stream_id, fingerprint, before, before, refusal)
        refusals.note(
            refusal,
            decider.category,
            stream_id,
            type(command).__name__,
            command,
            metadata,
            command_id=command_id,
            seen=seen,
            version=before,
        )
        return refusal

    after = before + len(events)
    keep = command_ids.keeping(command_id, stream_id, fingerprint, before, after)
    if events:
        recorded = store.append(
            stream_id, decider.category, before, events, metadata, command_id, also=keep
        )
    else:
        recorded = ()
        if command_id:
            command_ids.expect_kept(run(keep))
    if recorded:
        events_appended.send(sender=decider, stream_id=stream_id, events=recorded)
        if snapshots.due(since, after):
            for event in events:
                state = decider.evolve(state, event)
            snapshots.save(decider, stream_id, after, state)
    return Outcome(stream_id, after, recorded)


def _meet_unseen(
    decider: Decider, stream_id: UUID, command: Any, state: Any, seen: int, version: int
) -> None:
    if seen > version:
        raise decider.refusal("unknown-version", expected=version, actual=seen)
    if seen == version or decider.collide is None:
        return
    unseen = [recorded.event for recorded in store.read_stream(stream_id, after=seen)]
    if decider.collide(command, unseen, state):
        raise decider.refusal("conflict", seen=seen, version=version)


def outcome_of(decider: Decider, command_id: UUID, fingerprint: bytes) -> Outcome | None:
    """The first outcome of a command id, or None. Raises as the command did, or CommandIdReused."""
    known = command_ids.find(command_id)
    if known is None:
        return None
    if known.fingerprint != fingerprint:
        raise CommandIdReused(command_id)
    if known.refusal:
        raise decider.refusal(known.refusal["code"], **known.refusal["params"])
    events = store.read_stream(known.stream_id, after=known.before, upto=known.after)
    return Outcome(known.stream_id, known.after, tuple(events), replayed=True)
