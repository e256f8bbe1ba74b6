"""How often one caller may knock: so many at once, then so many a minute."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil
from threading import Lock

# So many callers are remembered; the one not seen for longest is forgotten first.
MOST_CALLERS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """`burst` at once, and `per_minute` in the long run."""

    burst: int
    per_minute: float


@dataclass(slots=True)
class Limiter:
    """Counts knocks by caller, in the memory of this process. `now` returns seconds that only go forward."""

    pace: Pace
    now: Callable[[], float]
    _left: "OrderedDict[str, tuple[float, float]]" = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def wait(self, caller: str) -> int:
        """Count a knock and return 0 where it is let in, else the seconds after which the next one would be."""
        with self._lock:
            now = self.now()
            left, seen = self._left.pop(caller, (float(self.pace.burst), now))
            left = min(self.pace.burst, left + (now - seen) * self.pace.per_minute / 60)
            let_in = left >= 1
            self._left[caller] = (left - 1 if let_in else left, now)
            if len(self._left) > MOST_CALLERS:
                self._left.popitem(last=False)
        return 0 if let_in else ceil((1 - left) * 60 / self.pace.per_minute)
