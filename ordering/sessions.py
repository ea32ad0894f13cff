"""Django's sessions in the database, read by a statement that is prepared: each page asks for one.

Nothing of a session is remembered between requests: one that was ended is over for the next.
"""

from django.contrib.sessions.backends import db
from django.utils import timezone

from eventstore.statements import Statement, run

LOAD = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"


class SessionStore(db.SessionStore):
    def load(self) -> dict:
        rows = run(Statement(LOAD, [self.session_key, timezone.now()]))
        if not rows:
            self._session_key = None  # as Django's: a key that we never gave is not taken on
            return {}
        return self.decode(rows[0][0])
