"""Who keeps the log's reader from going on: at this moment, and in the time before.

An append that is not committed holds the gate (see eventstore.subscriptions). For milliseconds
that is as it should be; for seconds, projections stand still.
"""

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from eventstore.models import Stall
from eventstore.subscriptions import APPENDING, PATIENCE, WHO, Blocker, Stalled

LONG = timedelta(seconds=1)  # that no append should take
KEPT = timedelta(days=30)
# Two notes this far apart are of one stall.
TOGETHER = timedelta(seconds=3 * PATIENCE)


def holding() -> list[Blocker]:
    """The sessions that hold the gate for longer than an append should take, longest first."""
    with connection.cursor() as cursor:
        cursor.execute(APPENDING)
        appending = [name for [name] in cursor.fetchall()]
        if not appending:
            return []
        cursor.execute(WHO, [appending])
        blockers = [Blocker(*row) for row in cursor.fetchall()]
    since = timezone.now() - LONG
    return [one for one in blockers if one.since is None or one.since < since]


def note(stalled: Stalled) -> None:
    """Keep that the reader could not go on; the same stall is noted once, however long it takes."""
    now = timezone.now()
    who = "; ".join(map(str, stalled.blockers)) or "a session that has just gone"
    running = Stall.objects.filter(began_at__gt=now - KEPT, seen_at__gt=now - TOGETHER)
    if not running.update(seen_at=now, who=who):
        Stall.objects.create(began_at=now - timedelta(seconds=PATIENCE), seen_at=now, who=who)
        Stall.objects.filter(began_at__lt=now - KEPT).delete()
