"""The stream of a program that watches one order: /api/v1/orders/<id>/live.

It hears the order's version, and each that follows; the id of each message is the version itself,
so that a program which comes back with Last-Event-ID hears what it missed, and nothing twice.
"""

import re
from http.cookies import CookieError
from uuid import UUID

from django.db import close_old_connections

from ordering.api.limits import check_rate
from ordering.api.models import ApiToken
from ordering.api.problems import Problem
from ordering.live.board import Board
from ordering.live.door import TurnedAway, Visitor, admit, digest
from ordering.live.stream import Stream, come_back_in
from ordering.models import OrderHead

UNKNOWN = "Expected a good token or a session, found none."


class ProgramStream(Stream):
    """`watched` is the order, `heard` the version that the program heard last; None: none."""

    def __init__(self, visitor: Visitor, watched: UUID, version: int, heard: int | None) -> None:
        super().__init__(visitor, None, Board())
        self.watched, self._version, self._version_told = watched, version, heard
        self.wake()

    def tick(self, version: int) -> None:
        if version > self._version:
            self._version = version
            self.wake()

    def look_again(self) -> None:
        """Nothing to do: the hub asks for the watched orders' versions itself."""

    def _first(self) -> bytes:
        return b": open\n" + come_back_in() + b"\n"

    def _take(self) -> bytes:
        beat, self._beat = self._beat, False
        if self._version == self._version_told:
            return b": beat\n\n" if beat else b""
        self._version_told = version = self._version
        return f'id: {version}\nevent: version\ndata: {{"version": {version}}}\n\n'.encode()


def admit_program(authorization: str, cookies: str, order_id: UUID) -> tuple[Visitor, int]:
    """Who asks, by token or session, and the version of the order, which is theirs.

    Takes a thread and a connection while it looks. Raises Problem, and OperationalError while the
    database is away.
    """
    close_old_connections()
    try:
        visitor = _by_token(authorization) if authorization else _by_session(cookies)
        heads = OrderHead.objects.filter(pk=order_id, customer=visitor.customer_id)
        version = heads.values_list("version", flat=True).first()
        if version is None:
            problem = Problem(404, "There is no such order.", code="no-such-order")
            problem.agent_id = visitor.agent_id
            raise problem
        return visitor, version
    finally:
        close_old_connections()


def _by_token(authorization: str) -> Visitor:
    scheme, _, secret = authorization.partition(" ")
    token = ApiToken.objects.by_secret(secret) if scheme.lower() == "bearer" else None
    if token is None:
        raise _nobody()
    check_rate(f"token {token.pk}")
    agent = token.agent
    # Staff without a customer have no orders: they find none.
    return Visitor(f"token {token.pk}", agent.pk, agent.customer_id or 0, digest(agent.password))


def _by_session(cookies: str) -> Visitor:
    try:
        return admit(cookies, None)
    except (TurnedAway, CookieError):
        raise _nobody() from None


def _nobody() -> Problem:
    return Problem(401, UNKNOWN, headers={"WWW-Authenticate": 'Bearer realm="tandem"'})


def version_heard(headers: dict[bytes, bytes]) -> int | None:
    said = headers.get(b"last-event-id", b"").decode("latin-1")
    return int(said) if re.fullmatch("[0-9]{1,9}", said) else None
