"""What admins see first: how much happens, and whether all that follows it keeps up."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from eventstore import stalls, traffic
from eventstore.admin.cards import Card, cards
from eventstore.charts import Chart, stacked
from eventstore.figures import MOST_COUNTED, Figure, figures
from eventstore.models import Event, Stall
from eventstore.standing import Working
from eventstore.subscriptions import Blocker


@dataclass(frozen=True, slots=True)
class Tile:
    label: str
    value: int
    more: bool
    page: str


@dataclass(slots=True)
class Board:
    """None, or empty: this user may not see it."""

    tiles: list[Tile]
    last_event: datetime | None = None
    events: Chart | None = None
    conflicts: Chart | None = None
    cards: list[Card] = field(default_factory=list)
    runner: Working | None = None
    holding: list[Blocker] | None = None
    stalls: int = 0

    @property
    def is_empty(self) -> bool:
        return not (self.tiles or self.events or self.conflicts or self.cards)

    @property
    def troubled(self) -> int:
        """How many projections and reactors need somebody."""
        return sum(card.tone in ("bad", "warn") for card in self.cards)


def dashboard(user) -> Board:
    now = timezone.now()
    told = [figure for figure in figures if user.has_perm(figure.permission)]
    board = Board([_tile(one) for one in told])
    if user.has_perm("eventstore.view_event"):
        newest = Event.objects.order_by("-pk").values_list("recorded_at", flat=True)
        board.last_event = newest.first()
        board.events = stacked(
            [(_hour(hour), counts) for hour, counts in traffic.by_hour(now).items()], every=6
        )
    if user.has_perm("eventstore.view_refusal"):
        by_day = traffic.conflicts_by_day(now)
        board.conflicts = stacked(
            # Translators: a day of the year, as Django's filter "date" takes it.
            [
                (date_format(day, pgettext("format", "j M")), {_("conflicts"): count})
                for day, count in by_day.items()
            ],
            every=2,
        )
    if user.has_perm("eventstore.view_checkpoint"):
        board.cards = cards()
        board.runner = board.cards[0].runner if board.cards else None
        board.holding = stalls.holding()
        board.stalls = Stall.objects.filter(began_at__gt=now - timedelta(days=1)).count()
    return board


def _tile(figure: Figure) -> Tile:
    value = figure.value()
    return Tile(str(figure.label), value, value >= MOST_COUNTED, figure.page())


def _hour(hour: datetime) -> str:
    return date_format(timezone.localtime(hour), "H:i")
