"""How often a token, or an agent's session, may ask. Counted in each process by itself, unless
API_RATE_STORAGE names a place that all share (see the library `limits`)."""

import math
import time

from django.conf import settings
from django.utils.functional import SimpleLazyObject
from limits import parse
from limits.storage import storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter

from ordering.api.problems import Problem

limiter = SimpleLazyObject(
    lambda: SlidingWindowCounterRateLimiter(storage_from_string(settings.API_RATE_STORAGE))
)


def check_rate(who: str) -> None:
    """Raises Problem (429) with Retry-After in whole seconds."""
    rate = parse(settings.API_RATE)
    if limiter.hit(rate, who):
        return
    reset = limiter.get_window_stats(rate, who).reset_time
    wait = max(1, math.ceil(reset - time.time()))
    raise Problem(
        429,
        f"Expected at most {rate}. Wait {wait} s.",
        headers={"Retry-After": str(wait)},
    )
