"""Bars, as numbers for an SVG that the server writes: no script, no inline style.

A drawing is stretched to its place, so that it has no text in it; its labels are HTML beside it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log10

from django.utils.formats import number_format
from django.utils.translation import gettext_lazy

STEP, BAR = 10, 7  # units of the drawing: from bar to bar, and a bar's width
HIGH = 100  # units
SERIES = 6  # colours; what is beyond shares the last one
OTHERS = gettext_lazy("all others")


@dataclass(frozen=True, slots=True)
class Part:
    """A rectangle of a bar, in the colour of the series with that number."""

    series: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    total: int
    counts: list[int]
    place: int
    x: float
    parts: list[Part]
    words: str


@dataclass(frozen=True, slots=True)
class Chart:
    """`series` are (name, sum), the largest first. `ticks` are what the axis says, top first.
    `labels` are those of every so many bars, each standing for as many."""

    series: list[tuple[str, int]]
    bars: list[Bar]
    ticks: list[str]
    labels: list[str]
    total: int

    @property
    def width(self) -> int:
        return STEP * len(self.bars)


def stacked(bars: Iterable[tuple[str, Mapping[str, int]]], *, every: int = 1) -> Chart:
    """A chart of bars, each (label, {series: count}), in that order."""
    bars = list(bars)
    sums: dict[str, int] = {}
    for _, counts in bars:
        for name, count in counts.items():
            sums[name] = sums.get(name, 0) + count
    names = sorted(sums, key=lambda name: (-sums[name], name))
    shown = names if len(names) <= SERIES else names[: SERIES - 1]
    rest = names[len(shown) :]
    series = [(name, sums[name]) for name in shown]
    if rest:
        series.append((str(OTHERS), sum(sums[name] for name in rest)))
    top = nice(max((sum(counts.values()) for _, counts in bars), default=0))
    drawn = []
    for place, (label, counts) in enumerate(bars):
        row = {name: counts.get(name, 0) for name in shown}
        if rest:
            row[str(OTHERS)] = sum(counts.get(name, 0) for name in rest)
        drawn.append(_bar(label, row, place, top))
    labels = [label for label, _ in bars[::every]]
    return Chart(
        series, drawn, [_grouped(top), _grouped(top // 2), "0"], labels, sum(sums.values())
    )


def _bar(label: str, counts: Mapping[str, int], place: int, top: int) -> Bar:
    parts, low = [], float(HIGH)
    for series, count in enumerate(counts.values()):
        if count:
            height = HIGH * count / top
            low -= height
            parts.append(Part(series, round(low, 3), round(height, 3)))
    total = sum(counts.values())
    words = f"{label}: {_grouped(total)}"
    if len(counts) > 1 and total:
        of_each = ", ".join(f"{name} {_grouped(count)}" for name, count in counts.items() if count)
        words = f"{words} ({of_each})"
    x = place * STEP + (STEP - BAR) / 2
    return Bar(label, total, list(counts.values()), place * STEP, x, parts, words)


def _grouped(number: int) -> str:
    return number_format(number, force_grouping=True)


def nice(most: int) -> int:
    """The next even number from `most` on that an axis may end at: 2, 4, 10, 20, 40, 60, 100..."""
    if most <= 2:
        return 2
    unit = 10 ** int(log10(most))
    ends = (step * unit for step in (1, 2, 4, 6, 10))
    return next(end for end in ends if end >= most and end % 2 == 0)
