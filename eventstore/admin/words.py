"""Names, numbers and times as people read them, the same on every page."""

import re
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from eventstore.subscriptions import Blocker

# A unit of time, its seconds, and how many of it are told at the most.
UNITS = (
    (gettext_lazy("%(number)d s"), 1, 120),
    (gettext_lazy("%(number)d min"), 60, 120),
    (gettext_lazy("%(number)d h"), 3600, 48),
)


def in_words(name: str) -> str:
    """ "Change quantity" of "ChangeQuantity", "Order closed" of "order-closed"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|-", " ", name).capitalize()


def moment(at: datetime | None) -> SafeString:
    """ "24 Nov 2026, 08:07:03"."""
    if at is None:
        return SafeString("—")
    local = timezone.localtime(at)
    return format_html(
        '<time datetime="{}">{}, {}</time>',
        local.isoformat(),
        date_format(local, "DATE_FORMAT"),
        date_format(local, "H:i:s"),
    )


def thousands(number: int | None) -> str:
    return "" if number is None else number_format(number, force_grouping=True)


def tenths(number: float) -> str:
    return number_format(round(number, 1), 1)


def span(seconds: float) -> str:
    """A length of time, in its largest unit."""
    if seconds < 10:
        return _("%(number)s s") % {"number": tenths(seconds)}
    for unit, length, most in UNITS:
        if seconds < length * most:
            return unit % {"number": seconds // length}
    days = int(seconds // 86_400)
    return ngettext("%(days)d day", "%(days)d days", days) % {"days": days}


def ago(when: datetime | None) -> str:
    if when is None:
        return _("never")
    seconds = (timezone.now() - when).total_seconds()
    return _("just now") if seconds < 10 else _("%(span)s ago") % {"span": span(seconds)}


def pace(rate: float | None) -> str:
    """Events a second; a slow one with its tenths."""
    if rate is None:
        return _("with each event")
    return f"{thousands(round(rate)) if rate >= 10 or not rate else tenths(max(rate, 0.1))}/s"


def blocking(blocker: Blocker) -> str:
    """Who keeps the log's reader waiting."""
    if blocker.pid is None:
        return _("a prepared transaction (see pg_prepared_xacts)")
    who = {
        "pid": blocker.pid,
        "user": blocker.user,
        "application": blocker.application,
        "state": blocker.state,
    }
    if blocker.since is None:
        return _("process %(pid)s (%(user)s, %(application)s, %(state)s)") % who
    who["time"] = date_format(timezone.localtime(blocker.since), "H:i:s")
    return _("process %(pid)s (%(user)s, %(application)s, %(state)s) since %(time)s") % who
