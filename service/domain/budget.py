"""A platform's allowance: how much of it is used, who may use the rest, and when there is more again.

An allowance is counted in windows that follow one another on the clock (quarter hours, days in UTC), by application
and not by athlete. Half of what may be used is for whoever comes first; the other half is kept for the athletes in
equal parts, so that one runner's backlog never costs another their routine.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

# Where to stop: what is left covers what others ask through the same application, and counts that arrive late.
STOP_AT = 0.8
# The part of it that is for whoever comes first.
COMMON = 0.5
MIDNIGHT = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """So many requests (`limit`) in each window of `span`, which divides a day or is one."""

    name: str
    span: timedelta
    limit: int


def window(now: datetime, span: timedelta) -> datetime:
    """Return when the window `now` lies in began."""
    return now - (now - MIDNIGHT) % span


def turns(now: datetime, span: timedelta) -> datetime:
    """Return when the next window begins."""
    return window(now, span) + span


def usable(limit: int) -> int:
    """Return how much of an allowance we use at most."""
    return int(limit * STOP_AT)


def may_spend(*, limit: int, used: int, mine: int, others: Sequence[int]) -> bool:
    """Return whether an athlete may ask once more in this window.

    `used` counts everyone's requests, those of other programs included; `mine` and `others` what was asked for each
    athlete who shares the allowance.
    """
    left = usable(limit) - used
    part = int(usable(limit) * (1 - COMMON)) // (1 + len(others))
    kept_for_others = sum(max(part - other, 0) for other in others)
    return left > 0 and (mine < part or left > kept_for_others)
