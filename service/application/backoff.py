"""What a fault changes in how a system is doing, and what its end may mean for the others."""

from dataclasses import replace
from datetime import UTC, datetime

from service.domain.delivery import LONGEST_WAIT, REFUSED_WAIT, wait_after
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


def line_is_back(before: Standing, now: datetime) -> bool:
    """Return whether what works again was away for so long that the line may have been down, and others back as well.

    So long that something that fails every now and then never has the others tried out of their turn.
    """
    return bool(before.trouble) and now - (before.last_success or datetime.min.replace(tzinfo=UTC)) >= LONGEST_WAIT
