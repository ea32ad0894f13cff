"""Django's sessions in the database, read by a statement that is prepared: each page asks for one.

Nothing of a session is remembered between requests: one that was ended is over for the next.
Beside each one whose agent logged in stands who it is, so that agents find theirs.
"""

from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.backends import db
from django.utils import timezone

from eventstore.away import while_it_takes_changes
from eventstore.statements import Statement, run

SEEN_EVERY = timedelta(minutes=10)  # that somebody was here is not written with each request
LOAD = """
SELECT session.session_data, known.seen_at
  FROM django_session AS session
  LEFT JOIN ordering_agentsession AS known ON known.session_id = session.session_key
 WHERE session.session_key = %s AND session.expire_date > %s
"""
SEE = "UPDATE ordering_agentsession SET seen_at = %s WHERE session_id = %s"
MOVE = "UPDATE ordering_agentsession SET session_id = %s WHERE session_id = %s"


class SessionStore(db.SessionStore):
    def load(self) -> dict:
        now = timezone.now()
        rows = run(Statement(LOAD, [self.session_key, now]))
        seen_at = rows[0][1] if rows else None
        if not rows or is_idle(seen_at, now):
            self._session_key = None  # as Django's: a key that we never gave is not taken on
            return {}
        if seen_at and now - seen_at > SEEN_EVERY:
            with while_it_takes_changes():
                run(Statement(SEE, [now, self.session_key]))
        return self.decode(rows[0][0])

    def cycle_key(self):
        # As Django's, but what stands beside the session goes with it.
        data, key = self._session, self.session_key
        self.create()
        self._session_cache = data
        if key:
            run(Statement(MOVE, [self.session_key, key]))
            self.delete(key)


def is_idle(seen_at, now) -> bool:
    """Whether nobody was there for too long. Never of a session that no agent logged in with."""
    days = settings.SESSION_IDLE_DAYS
    return bool(seen_at and days) and now - seen_at > timedelta(days=days)
