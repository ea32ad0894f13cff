"""An agent's sessions, as the agent sees them: by which browser, since when; and their end."""

import re
from dataclasses import dataclass
from itertools import islice

from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Case, F, When
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from ordering.models import Agent, AgentSession
from ordering.sessions import SessionStore, is_idle

MOST_SHOWN = 50  # a script may log in each minute

# The first that is found: most browsers also name those that they descend from.
BROWSERS = (
    (r"Edge?/|EdgA/|EdgiOS/", "Edge"),
    (r"OPR/|Opera", "Opera"),
    (r"SamsungBrowser/", "Samsung Internet"),
    (r"Vivaldi/", "Vivaldi"),
    (r"Firefox/|FxiOS/", "Firefox"),
    (r"Chrom(e|ium)/|CriOS/", "Chrome"),
    (r"Safari/", "Safari"),
)
SYSTEMS = (
    (r"iPhone|iPod", "iPhone"),
    (r"iPad", "iPad"),
    (r"Android", "Android"),
    (r"Windows", "Windows"),
    (r"CrOS", "ChromeOS"),
    (r"Macintosh|Mac OS", "macOS"),
    (r"Linux", "Linux"),
)


@dataclass(frozen=True)
class OwnSession:
    """`here`: it is the one that asks."""

    known: AgentSession
    here: bool

    @property
    def where(self) -> str:
        told = {"browser": self.known.browser, "system": self.known.system}
        if all(told.values()):
            return _("%(browser)s on %(system)s") % told
        return self.known.browser or self.known.system or _("An unknown browser")


def begin(request: HttpRequest, agent: Agent) -> None:
    """Note that the agent has just logged in with this session."""
    session = request.session
    if not session.session_key:
        session.create()
    said = request.headers.get("User-Agent", "")
    AgentSession.objects.update_or_create(
        session_id=session.session_key,
        defaults={
            "agent": agent,
            "browser": _first_of(BROWSERS, said),
            "system": _first_of(SYSTEMS, said),
            "began_at": timezone.now(),
            "seen_at": timezone.now(),
        },
    )


def _first_of(names, said: str) -> str:
    return next((name for pattern, name in names if re.search(pattern, said)), "")


def of(request: HttpRequest) -> tuple[list[OwnSession], bool]:
    """Those that are good now, this one first, and then the last seen first; MOST_SHOWN at the
    most. And whether there are more."""
    here, now, agent = request.session.session_key, timezone.now(), request.user
    found = AgentSession.objects.filter(agent=agent.pk, session__expire_date__gt=now)
    found = found.select_related("session").order_by(
        Case(When(session=here, then=0), default=1), "-seen_at"
    )
    own = (
        OwnSession(known, known.session_id == here)
        for known in found.iterator(MOST_SHOWN)
        if not is_idle(known.seen_at, now) and _is_good(known.session, agent)
    )
    shown = list(islice(own, MOST_SHOWN))
    return shown, next(own, None) is not None


def _is_good(session: Session, agent: Agent) -> bool:
    """As Django asks: another password has ended it."""
    proved = SessionStore().decode(session.session_data).get(HASH_SESSION_KEY, "")
    return constant_time_compare(proved, agent.get_session_auth_hash())


def end(agent: Agent, session_id: int) -> bool:
    """End that one; whether it is the agent's. Its streams end within seconds, too."""
    known = AgentSession.objects.filter(agent=agent.pk, pk=session_id).first()
    if known is None:
        return False
    Session.objects.filter(pk=known.session_id).delete()
    return True


def end_all(agent: Agent, but: str | None = None) -> None:
    """End all but the one with that key; also those that are not known here, which are compared
    with the round: the caller renews the one that stays."""
    with transaction.atomic():
        Agent.objects.filter(pk=agent.pk).update(session_round=F("session_round") + 1)
        theirs = AgentSession.objects.filter(agent=agent.pk).exclude(session=but)
        Session.objects.filter(pk__in=theirs.values("session")).delete()
    agent.refresh_from_db(fields=["session_round"])
