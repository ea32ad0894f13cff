"""How a simulation goes, while it goes: on a terminal in place, else a line every few seconds."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, wait
from contextlib import ExitStack
from math import ceil

from rich.console import Group
from rich.live import Live
from rich.progress_bar import ProgressBar

from ordering.simulation.agents import Board
from ordering.simulation.browser import Browser

EVERY = 5  # seconds between two lines
TICK = 0.25  # seconds between two looks at a terminal


class Display:
    """Counts from its making on: the agents' waits and requests until then are forgotten."""

    def __init__(self, board: Board, browsers: Sequence[Browser], seconds: float) -> None:
        self.board = board
        self.browsers = browsers
        self.seconds = seconds
        for browser in browsers:
            browser.waits.clear()
            browser.requests = 0
        self.began = time.monotonic()
        self.ended: float | None = None

    def watch(self, work: list[Future], say: Callable[[str], None], *, terminal: bool) -> None:
        """Show how it goes until the time is over, or one of `work` has failed."""
        with ExitStack() as stack:
            if terminal:
                live = stack.enter_context(Live(auto_refresh=False))
                say = lambda line: live.update(Group(self.bar(), line), refresh=True)  # noqa: E731
            while (left := self.seconds - self.elapsed) > 0:
                tick = min(TICK if terminal else EVERY, left)
                if wait(work, tick, return_when=FIRST_EXCEPTION).done:
                    break
                say(self.line())

    def stop(self) -> None:
        self.ended = time.monotonic()

    @property
    def elapsed(self) -> float:
        return (self.ended or time.monotonic()) - self.began

    @property
    def requests(self) -> int:
        return sum(browser.requests for browser in self.browsers)

    @property
    def retried(self) -> int:
        return sum(browser.retried for browser in self.browsers)

    @property
    def waits(self) -> list[float]:
        """Seconds, from a click to its answer."""
        return [wait for browser in self.browsers for wait in list(browser.waits)]

    def bar(self) -> ProgressBar:
        return ProgressBar(total=self.seconds, completed=self.elapsed)

    def line(self) -> str:
        answers = Counter(intent.answer.value for intent in list(self.board.intents))
        p50, p95 = percentiles(self.waits, 50, 95)
        elapsed = self.elapsed
        return (
            f"{elapsed:.0f} s, {max(0, self.seconds - elapsed):.0f} s left: "
            f"{self.requests / elapsed:.0f} requests/s, "
            f"accepted {answers['accepted']}, asked {answers['asked']}, "
            f"refused {answers['refused']}, errors {len(self.board.errors)}, "
            f"p50 {p50:.0f} ms, p95 {p95:.0f} ms"
        )


def percentiles(seconds: Sequence[float], *percents: int) -> list[float]:
    """In milliseconds: the least wait that so many percent of all waits do not exceed."""
    ordered = sorted(seconds) or [0.0]
    return [1000 * ordered[max(0, ceil(len(ordered) * each / 100) - 1)] for each in percents]
