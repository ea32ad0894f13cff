"""How often a token, or an agent's session, may ask. Counted in each process by itself, unless
API_RATE_STORAGE names a place that all share (see the library `limits`)."""

import math
import time

from django.conf import settings
from django.utils.functional import SimpleLazyObject
from limits import RateLimitItem, parse
from limits.storage import storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter

from ordering.api.problems import Problem

limiter = SimpleLazyObject(
    lambda: SlidingWindowCounterRateLimiter(storage_from_string(settings.API_RATE_STORAGE))
)


def wait_for(rate: RateLimitItem, who: str) -> int:
    """Count one more; for how many whole seconds `who` has to wait, 0 when they need not."""
    if limiter.hit(rate, who):
        return 0
    return max(1, math.ceil(limiter.get_window_stats(rate, who).reset_time - time.time()))


def check_rate(who: str) -> None:
    """Raises Problem (429) with Retry-After in whole seconds."""
    rate = parse(settings.API_RATE)
    if wait := wait_for(rate, who):
        raise Problem(
            429,
            f"Expected at most {rate}. Wait {wait} s.",
            headers={"Retry-After": str(wait)},
        )
