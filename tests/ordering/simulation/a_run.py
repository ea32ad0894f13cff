"""A run of the simulation: what its agents meant, and what the store made of it."""

from dataclasses import replace
from functools import reduce
from uuid import UUID

from eventstore.models import Command
from eventstore.store import Metadata, RecordedEvent
from ordering.domain.order import (
    INITIAL,
    evolve,
)
from ordering.simulation.verdict import Answer, Intent, Shown, judge
from tests.ordering.domain.samples import OPENED, added

ALICE, BOB = 1, 2
ORDER, OTHER = UUID(int=1), UUID(int=2)
SET_5 = {"sku": "FLR-25", "quantity": 5}


class Run:
    """Intents and what the store made of them. It begins with Alice's order of 2 x FLR-25."""

    def __init__(self):
        self.intents, self.events, self.commands = [], [], []
        self.rows = {}
        self.since = 0
        self.sends(ALICE, "open", OPENED, reference=OPENED.reference)
        self.sends(ALICE, "add", added("FLR-25", 2), sku="FLR-25", quantity=2, seen=1)

    @property
    def version(self):
        return len(self.events)

    def asks(self, agent, kind, answer=Answer.ACCEPTED, **said):
        """An intent of which the store knows nothing."""
        key = UUID(int=len(self.intents))
        said = {"order": ORDER, **said}
        self.intents.append(Intent(agent=agent, key=key, kind=kind, answer=answer, **said))
        return self.intents[-1]

    def sends(self, agent, kind, *events, over_own=False, **said):
        """An intent that the store accepted, and its events."""
        intent = self.asks(agent, kind, **said)
        self.accepts(intent.command_ids[over_own], *events, agent=agent)
        return intent

    def accepts(self, command_id, *events, agent=ALICE, stream=ORDER):
        before = self.version
        self.commands.append(
            Command(id=command_id, stream_id=stream, before=before, after=before + len(events))
        )
        for version, event in enumerate(events, before + 1):
            self.events.append(
                RecordedEvent(
                    version, stream, version, event, Metadata(agent), command_id, recorded_at=None
                )
            )

    def shows(self, **otherwise):
        """The order's rows, of the events so far."""
        order = reduce(evolve, (recorded.event for recorded in self.events), INITIAL)
        shown = Shown(order, self.version, len(order.lines), order.total)
        self.rows[ORDER] = replace(shown, **otherwise)

    def judged(self):
        if not self.rows:
            self.shows()
        return judge(self.intents, self.events, self.commands, self.rows, since=self.since)
