"""How much was recorded lately, for people.

The log only grows, so that an hour that is over is counted once and kept in Django's cache; only
the hour that goes on is counted again.
"""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from django.core.cache import cache
from django.db import connection
from django.db.models import F, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from eventstore.finding import SOURCE, kinds
from eventstore.models import Refusal

HOUR = timedelta(hours=1)
HOURS = 24
DAYS = 14
# Nothing is added to an hour that has been over for so long: no append takes that time.
COMPLETE = timedelta(minutes=5)
KEPT = 25 * 60 * 60  # seconds in the cache

# By kind, as the index has them: in a merged log, positions do not rise with times of recording.
BY_HOUR = f"""
SELECT date_trunc('hour', recorded_at, 'UTC') AS hour, type, count(*)
  FROM unnest(%(types)s::text[], %(sources)s::text[]) AS kind (type, source), LATERAL (
      SELECT recorded_at FROM eventstore_event AS event
       WHERE event.type = kind.type AND {SOURCE} = kind.source
         AND recorded_at >= %(since)s AND recorded_at < %(until)s OFFSET 0) AS event
 GROUP BY 1, 2
"""  # noqa: S608  (constants)

Hours = dict[datetime, Counter[str]]


def by_hour(now: datetime) -> Hours:
    """The events of the last HOURS hours by type, oldest hour first, the one that goes on included.
    Two queries, over what is not in the cache."""
    this = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    hours = [this - HOUR * back for back in reversed(range(HOURS))]
    keys = {hour: _key(hour) for hour in hours}
    known = cache.get_many(keys.values())
    unknown = [hour for hour in hours if keys[hour] not in known]
    counted = _count(unknown[0], this + HOUR) if unknown else {}
    complete = {
        keys[hour]: counted.get(hour, {}) for hour in unknown if hour + HOUR + COMPLETE <= now
    }
    if complete:
        cache.set_many(complete, KEPT)
    return {hour: Counter(known.get(keys[hour]) or counted.get(hour) or {}) for hour in hours}


def _key(hour: datetime) -> str:
    return f"eventstore.traffic.{connection.settings_dict['NAME']}.{hour:%Y%m%d%H}"


def _count(since: datetime, until: datetime) -> dict[datetime, dict[str, int]]:
    found: dict[datetime, dict[str, int]] = {}
    found_kinds = kinds()
    with connection.cursor() as cursor:
        asked = {
            "since": since,
            "until": until,
            "types": [kind.type for kind in found_kinds],
            "sources": [kind.source for kind in found_kinds],
        }
        cursor.execute(BY_HOUR, asked)
        for hour, type_, count in cursor.fetchall():
            found.setdefault(hour, {})[type_] = count
    return found


def conflicts_by_day(now: datetime) -> dict[date, int]:
    """The commands that met others' changes and were refused, on each of the last DAYS days."""
    today = timezone.localdate(now)
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    midnight = timezone.make_aware(datetime.combine(days[0], datetime.min.time()))
    counted = (
        Refusal.objects.filter(code="conflict", recorded_at__gte=midnight)
        .values_list(TruncDate("recorded_at"))
        .annotate(count=Sum(F("repeats") + 1))
    )
    return dict.fromkeys(days, 0) | {day: count for day, count in counted if day in days}
