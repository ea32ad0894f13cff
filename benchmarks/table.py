"""A table of a benchmark: samples of contenders that took turns in one run, and what they say.

A noisy machine slows whoever is on it. So contenders take turns, round by round, and only ratios
between neighbours of one round are compared with a goal: the median of a round's ratios, with the
smallest and the largest beside it.
"""

from dataclasses import asdict, dataclass, field
from statistics import median

OURS = "Tandem"


@dataclass(frozen=True, slots=True)
class Goal:
    """What `of` divided by `to` in the same group should be. One of the bounds is None."""

    group: str
    to: str
    at_least: float | None = None
    at_most: float | None = None
    of: str = OURS

    def __str__(self) -> str:
        bound = f"at least {self.at_least}" if self.at_most is None else f"at most {self.at_most}"
        return f"{bound} × {self.to}"

    def met(self, ratio: float) -> bool:
        return ratio >= self.at_least if self.at_most is None else ratio <= self.at_most


@dataclass(frozen=True, slots=True)
class Ratio:
    """Medians of the ratios of all rounds, and the smallest and largest of them."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f}–{self.high:.2f})"


@dataclass(slots=True)
class Table:
    """`samples` has, for each group (such as "4 writers") and contender, one sample a round, in
    `unit`. `notes` are figures beside it, in words; `title` says what was done."""

    name: str
    title: str
    unit: str
    goals: list[Goal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    samples: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    machine: str = ""

    def add(self, group: str, contender: str, sample: float) -> None:
        self.samples.setdefault(group, {}).setdefault(contender, []).append(sample)

    def ratio(self, group: str, of: str, to: str) -> Ratio:
        """Raises KeyError for a contender that took no part."""
        pairs = zip(self.samples[group][of], self.samples[group][to], strict=True)
        ratios = [one / other for one, other in pairs]
        return Ratio(median(ratios), min(ratios), max(ratios))

    def markdown(self) -> str:
        lines = [
            f"**{self.title}** ({self.unit}; medians of {self._rounds()} interleaved runs,"
            " smallest and largest in brackets)",
            "",
            f"| | contender | {self.unit} | {OURS} is |",
            "|---|---|--:|--:|",
        ]
        for group, contenders in self.samples.items():
            for contender, samples in contenders.items():
                ours = OURS in contenders and contender != OURS
                ratio = f"{self.ratio(group, OURS, contender)} ×" if ours else ""
                lines.append(f"| {group} | {contender} | {_figures(samples)} | {ratio} |")
        if self.goals:
            lines += ["", "| goal | | reached | |", "|---|---|--:|---|"]
        for goal in self.goals:
            ratio = self.ratio(goal.group, goal.of, goal.to)
            verdict = "reached" if goal.met(ratio.median) else "**not reached**"
            who = "" if goal.of == OURS else f"{goal.of}: "
            lines.append(f"| {goal.group} | {who}{goal} | {ratio} | {verdict} |")
        if self.notes:
            lines += ["", *(f"- {note}" for note in self.notes)]
        return "\n".join([*lines, "", f"Machine: {self.machine}"])

    def json(self) -> dict:
        reached = [
            asdict(goal) | asdict(self.ratio(goal.group, goal.of, goal.to)) for goal in self.goals
        ]
        return asdict(self) | {"goals": reached}

    def _rounds(self) -> int:
        return max(len(s) for group in self.samples.values() for s in group.values())


def _figures(samples: list[float]) -> str:
    return f"{_short(median(samples))} ({_short(min(samples))}–{_short(max(samples))})"


def _short(value: float) -> str:
    """Three figures that say something, thousands apart."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
