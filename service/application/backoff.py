"""What a fault changes in how a system is doing."""

from dataclasses import replace
from datetime import datetime

from service.domain.delivery import REFUSED_WAIT, wait_after
from service.ports import EdgeError, Refused, Standing, Throttled


def troubled(standing: Standing, error: EdgeError, now: datetime, spread: float) -> Standing:
    """Return the standing after one more failure, with when to try again.

    `next_try` is our own back-off, which a person may override; `held_until` is the platform's word, which nobody may.
    """
    failures = standing.failures + 1
    held_until = now + error.retry_after if isinstance(error, Throttled) else None
    refused = isinstance(error, Refused)
    wait = REFUSED_WAIT if refused else wait_after(failures, spread)
    return replace(
        standing,
        failures=failures,
        trouble=str(error),
        todo=str(error) if refused else "",
        next_try=held_until or now + wait,
        held_until=held_until,
    )
