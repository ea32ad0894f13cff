"""Given these events, when this command, then these events, or a refusal."""

from dataclasses import dataclass
from functools import reduce

import pytest

from ordering.domain.order import INITIAL, Command, Event, Order, decide, evolve
from ordering.domain.refusal import MESSAGES, Refused


@dataclass(frozen=True)
class Scenario:
    order: Order
    command: Command | None = None

    def when(self, command: Command) -> "Scenario":
        return Scenario(self.order, command)

    def then(self, *events: Event) -> None:
        # By repr too: 5 equals True, and Decimal("5") equals Decimal("5.00"), but not in the store.
        decided = decide(self.command, self.order)
        assert decided == list(events)
        assert repr(decided) == repr(list(events))

    def then_refused(self, code: str, **params: str | int) -> None:
        with pytest.raises(Refused) as caught:
            decide(self.command, self.order)
        assert (caught.value.code, caught.value.params) == (code, params)
        assert str(caught.value) == MESSAGES[code].format(**params)


def given(*events: Event) -> Scenario:
    return Scenario(reduce(evolve, events, INITIAL))
