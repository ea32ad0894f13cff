"""The one place of a process that knows its open streams, and what to tell them.

It lives in the event loop and has one database connection for all of them: there it listens, looks
for what was appended, reads who is present, and asks whether the visitors are still welcome.

Whoever shows an order is told of its change at once. The other pages of the customer show it in a
menu or a list at the most: they are told in turn, so many a second, since a busy customer with many
pages would else cost changes times pages, and keep the process from serving any.
"""

import asyncio
import logging
import time
from collections import defaultdict
from itertools import islice
from uuid import UUID

import psycopg
from django.conf import settings
from django.db import connections

from eventstore.tail import Tail, last_position
from ordering.live.announce import CHANNEL
from ordering.live.board import Board
from ordering.live.door import Visitor, still_welcome
from ordering.live.presence import ARRIVED, LEFT, SIGNS, SWEEP, read_presence
from ordering.live.program import ProgramStream
from ordering.live.stream import Stream

logger = logging.getLogger(__name__)

LOOK = 0.25  # seconds between two looks when nobody notifies
REST = 0.02  # seconds between two looks at the least
CHECK_VISITORS = 2.0
# Between two looks at who is present: when somebody came, moved or left, and otherwise.
PRESENCE_MOVED, READ_PRESENCE = 0.2, 1.0
SWEEP_PRESENCE = 30.0
REMEMBER = 60.0  # how long ago a page may have been made that still hears what it missed
MARGIN = 5.0  # a page takes a moment to make, and clocks of two hosts differ
TRY_AGAIN = 0.5
PATIENCE = 10.0  # for all that one look asks of the database
MOST_SIGNS = 10_000  # signs of life in one look
# Between two looks at the clock, and how many pages hear of other orders in that time.
PULSE, IN_TURN = 0.05, 25

# Where the primary's log ends. A page that was told of a change must see it on a standby, too.
POSITION = "SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint"
CHANGED = "SELECT order_id, customer_id, version FROM ordering_orderhead WHERE order_id = ANY(%s)"


class Hub:
    def __init__(self) -> None:
        self.streams: dict[UUID, Stream] = {}
        self._watching: dict[UUID, set[Stream]] = defaultdict(set)  # by order
        self._pages: dict[int, dict[Stream, None]] = defaultdict(dict)  # by customer
        self._position: int | None = None  # all that was seen was committed there
        # By customer.
        self._boards: dict[int, Board] = defaultdict(lambda: Board(self._position))
        self._waiting: dict[Stream, None] = {}  # who waits longest comes first
        self._reaches_back_to: float | None = None
        self._arrived: list[Stream] = []
        self._left: list[UUID] = []
        self._signs: dict[UUID, str] = {}
        self._places: dict[UUID, str] = {}  # as they were written last
        self._moved = False
        self._untold: set[UUID] = set()
        self._closed = False
        self._task: asyncio.Task | None = None
        self._clock: asyncio.Task | None = None

    def start(self) -> None:
        """Begin to look, in the running event loop. Safe to repeat."""
        loop = asyncio.get_running_loop()
        if self._task is None or self._task.done():
            self._task = loop.create_task(self._run())
        if self._clock is None or self._clock.done():
            self._clock = loop.create_task(self._keep_time())

    def close(self) -> None:
        """End all streams: the process is going."""
        self._closed = True
        for stream in self.streams.values():
            stream.end()

    async def stop(self) -> None:
        self.close()
        running = [task for task in (self._task, self._clock) if task]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    # --- What the application asks of it -----------------------------------------------------

    def open(self, visitor: Visitor, order_id: UUID | None, since: float) -> Stream:
        """A stream for a page that shows all that had happened at `since` (seconds, Unix time)."""
        stream = Stream(visitor, order_id, self._boards[visitor.customer_id])
        self._pages[visitor.customer_id][stream] = None
        self._enter(stream)
        if order_id:
            self._arrived.append(stream)
        if self._reaches_back_to is None or since < self._reaches_back_to:
            stream.look_again()
        else:
            stream.go_back_to(since - MARGIN)
        return stream

    def open_program(self, stream: ProgramStream) -> None:
        self._enter(stream)
        # What came since its version was read.
        self._untold.add(stream.watched)

    def _enter(self, stream: Stream) -> None:
        if self._closed:
            stream.end()
        self.streams[stream.id] = stream
        if stream.watched:
            self._watching[stream.watched].add(stream)

    def leave(self, stream: Stream) -> None:
        del self.streams[stream.id]
        self._waiting.pop(stream, None)
        theirs = self._pages.get(stream.visitor.customer_id, {})
        theirs.pop(stream, None)
        if not theirs:
            self._pages.pop(stream.visitor.customer_id, None)
        if stream.watched:
            watching = self._watching[stream.watched]
            watching.discard(stream)
            if not watching:
                del self._watching[stream.watched]
        if stream.order_id:
            self._left.append(stream.id)
            self._places.pop(stream.id, None)

    def sign_of_life(self, stream_id: UUID, place: str) -> None:
        """The page of a stream, of this process or another, is still there."""
        if len(self._signs) < MOST_SIGNS:
            self._signs[stream_id] = place
            # That it is where it was may wait, and be written with all others'.
            self._moved |= place != self._places.get(stream_id)

    # --- What it does by itself ---------------------------------------------------------------

    async def _run(self) -> None:
        tail: Tail | None = None
        while True:
            try:
                async with await _connect() as connection:
                    tail = await self._catch_up(connection, tail)
                    await self._watch(connection, tail)
            except (psycopg.Error, TimeoutError) as error:
                reason = " ".join(str(error).split()) or f"no answer in {PATIENCE:.0f} s"
                logger.warning("Live pages wait for the database: %s", reason)
            except Exception:
                # Without this task no page would hear of anything any more.
                logger.exception("Live pages start again")
            await asyncio.sleep(TRY_AGAIN)

    async def _keep_time(self) -> None:
        """What is told in turn, and the streams' beats; also while the database is away."""
        while True:
            await asyncio.sleep(PULSE)
            self._tell_in_turn()
            now = time.monotonic()
            for stream in self.streams.values():
                stream.pulse(now)

    def _tell_in_turn(self) -> None:
        for stream in list(islice(self._waiting, IN_TURN)):
            del self._waiting[stream]
            if stream.is_behind:
                stream.wake()

    async def _catch_up(self, connection: psycopg.AsyncConnection, tail: Tail | None) -> Tail:
        """The tail to go on with after a break. A log that is shorter now is another log."""
        await connection.execute(f"LISTEN {CHANNEL}")
        self._all_arrive()
        if tail and await last_position(connection) >= tail.position:
            return tail
        began = time.time()
        tail = await Tail.at_the_end(connection)
        await self._note_position(connection)
        # Only now: until then a page that opens has to look again.
        self._reaches_back_to = began
        for stream in self.streams.values():
            stream.look_again()
            if isinstance(stream, ProgramStream):
                self._untold.add(stream.watched)
        return tail

    def _all_arrive(self) -> None:
        """A crash of the database empties an unlogged table."""
        self._arrived = [stream for stream in self.streams.values() if stream.order_id]

    async def _watch(self, connection: psycopg.AsyncConnection, tail: Tail) -> None:
        last: dict[str, float] = defaultdict(float)
        while True:
            async with asyncio.timeout(PATIENCE):
                await self._look(connection, tail, last)
            await asyncio.sleep(REST)
            async for _ in connection.notifies(timeout=LOOK, stop_after=1):
                pass

    async def _look(
        self, connection: psycopg.AsyncConnection, tail: Tail, last: dict[str, float]
    ) -> None:
        await self._tell_changes(connection, tail)
        moved = self._arrived or self._left or self._moved
        if _is_due(last, "presence", PRESENCE_MOVED if moved else READ_PRESENCE):
            await self._write_presence(connection)
            await self._tell_presence(connection)
        if self.streams and _is_due(last, "visitors", CHECK_VISITORS):
            await self._check_visitors(connection)
        if _is_due(last, "sweep", SWEEP_PRESENCE):
            await connection.execute(SWEEP)
            self._all_arrive()
            # Those of other processes' streams: nobody says when they leave.
            self._places = {name: at for name, at in self._places.items() if name in self.streams}

    async def _tell_changes(self, connection: psycopg.AsyncConnection, tail: Tail) -> None:
        self._untold |= {stream_id for stream_id, _ in await tail.read(connection)}
        changed = []
        if self._untold:
            cursor = await connection.execute(CHANGED, [list(self._untold)])
            changed = await cursor.fetchall()
            self._untold = set()
            await self._note_position(connection)
        # Now, and not when the look began: it may have waited, and pages heard of nothing since.
        now = time.time()
        for order_id, customer_id, version in changed:
            self._tell(order_id, customer_id, version, now)
        if self._reaches_back_to < now - 2 * REMEMBER:
            self._forget(now - REMEMBER)

    async def _note_position(self, connection: psycopg.AsyncConnection) -> None:
        if not settings.DATABASE_ROUTERS:
            return  # pages are asked of the primary only
        cursor = await connection.execute(POSITION)
        [self._position] = await cursor.fetchone()
        for board in self._boards.values():
            board.position = self._position

    def _tell(self, order_id: UUID, customer_id: int, version: int, now: float) -> None:
        self._boards[customer_id].note(order_id, version, now)
        for stream in self._watching.get(order_id, ()):
            stream.tick(version)
        self._waiting |= self._pages.get(customer_id, {})

    def _forget(self, before: float) -> None:
        self._reaches_back_to = before
        for customer_id, board in list(self._boards.items()):
            board.forget(before - MARGIN)
            if not board and customer_id not in self._pages:
                del self._boards[customer_id]

    async def _write_presence(self, connection: psycopg.AsyncConnection) -> None:
        arrived, self._arrived = self._arrived, []
        signs, self._signs = self._signs, {}
        left, self._left = self._left, []
        self._moved = False
        if arrived:
            rows = [(s.id, s.order_id, s.visitor.agent_id) for s in arrived]
            await connection.execute(ARRIVED, [list(column) for column in zip(*rows, strict=True)])
        if signs:
            await connection.execute(SIGNS, [list(signs), list(signs.values())])
            self._places |= signs
        if left:
            await connection.execute(LEFT, [left])

    async def _tell_presence(self, connection: psycopg.AsyncConnection) -> None:
        watched = {stream.order_id for stream in self.streams.values() if stream.order_id}
        if not watched:
            return
        here = await read_presence(connection, watched)
        for stream in self.streams.values():
            if stream.order_id:
                stream.present(here.get(stream.order_id, ()))

    async def _check_visitors(self, connection: psycopg.AsyncConnection) -> None:
        visitors = {stream.visitor for stream in self.streams.values()}
        welcome = await still_welcome(connection, visitors)
        for stream in self.streams.values():
            if (stream.visitor.session_key, stream.visitor.agent_id) not in welcome:
                stream.end()


async def _connect() -> psycopg.AsyncConnection:
    params = connections["default"].get_connection_params()
    # These two are Django's, for its own cursors.
    del params["cursor_factory"], params["context"]
    params["application_name"] = "tandem live"
    return await psycopg.AsyncConnection.connect(**params, autocommit=True)


def _is_due(last: dict[str, float], name: str, every: float) -> bool:
    now = time.monotonic()
    if now < last[name] + every:
        return False
    last[name] = now
    return True
