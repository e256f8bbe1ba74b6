"""Strava's rate limits: counted in the ledger before each request, set right by the headers of each answer.

    X-RateLimit-Limit: 200,2000      X-RateLimit-Usage: 12,340          everything, in 15 minutes and in a day
    X-ReadRateLimit-Limit: 100,1000  X-ReadRateLimit-Usage: 8,310       all but uploads, which is all we ask

Windows turn at :00, :15, :30 and :45 and at midnight UTC. Requests beyond a limit count as well.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from service.domain.budget import Allowance, turns
from service.ports import Clock, Ledger

QUARTER, DAY = timedelta(minutes=15), timedelta(days=1)
# What an application of one athlete has, until an answer says more (developers.strava.com/docs/rate-limits).
ALLOWANCES = (
    Allowance(name="reads in 15 min", span=QUARTER, limit=100),
    Allowance(name="reads a day", span=DAY, limit=1000),
    Allowance(name="requests in 15 min", span=QUARTER, limit=200),
    Allowance(name="requests a day", span=DAY, limit=2000),
)
READ, OVERALL = "X-ReadRateLimit", "X-RateLimit"


class Limits:
    """The limits of one API application."""

    def __init__(self, ledger: Ledger, clock: Clock, client_id: int) -> None:
        self._ledger = ledger
        self._clock = clock
        self._account = f"strava:{client_id}"
        self._day_is_over = False

    def spend(self) -> None:
        """Count one request; raise Throttled where the limits leave none, until a window turns."""
        self._ledger.spend(self._account, ALLOWANCES)

    def hear(self, headers: Mapping[str, str]) -> None:
        """Take Strava's own count."""
        counts = dict(_counts(headers))
        self._day_is_over = any(used >= limit for name, (used, limit) in counts.items() if name.endswith("a day"))
        if counts:
            self._ledger.hear(self._account, ALLOWANCES, counts)

    def wait(self) -> timedelta:
        """Return how long Strava will go on refusing after it has refused for the number of requests."""
        now = self._clock.now()
        return turns(now, DAY if self._day_is_over else QUARTER) - now


def _counts(headers: Mapping[str, str]) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield how much of each allowance is used, and its limit, as the headers tell."""
    for which, kind in ((READ, "reads"), (OVERALL, "requests")):
        used, limits = _pair(headers.get(f"{which}-Usage", "")), _pair(headers.get(f"{which}-Limit", ""))
        if used and limits:
            yield f"{kind} in 15 min", (used[0], limits[0])
            yield f"{kind} a day", (used[1], limits[1])


def _pair(text: str) -> tuple[int, int] | None:
    numbers = [part.strip() for part in text.split(",")]
    if len(numbers) != 2 or not all(number.isdecimal() for number in numbers):  # noqa: PLR2004 - a pair
        return None
    return int(numbers[0]), int(numbers[1])
