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


def decided(*, limit: int, used: int, mine: int, others: int) -> bool | None:
    """Return whether an athlete may ask once more; None where it takes knowing what was asked for each of the others.

    `used` counts everyone's requests, those of other programs included; `mine` those for this athlete, who shares the
    allowance with so many `others`.
    """
    left, part = usable(limit) - used, _part(limit, others)
    if left <= 0:
        return False
    return True if mine < part or left > part * others else None


def may_spend(*, limit: int, used: int, mine: int, others: Sequence[int]) -> bool:
    """Return whether an athlete may ask once more in this window; `others` is what was asked for each of these."""
    is_decided = decided(limit=limit, used=used, mine=mine, others=len(others))
    if is_decided is not None:
        return is_decided
    part = _part(limit, len(others))
    return usable(limit) - used > sum(max(part - other, 0) for other in others)


def _part(limit: int, others: int) -> int:
    return int(usable(limit) * (1 - COMMON)) // (1 + others)
