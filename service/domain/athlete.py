"""The runner, as far as a decision needs to know them."""

from dataclasses import dataclass, field
from datetime import time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from service.domain.movements import Kit


class Level(StrEnum):
    """How used to mobility work the runner is; a beginner starts with two or three movements."""

    BEGINNER = "beginner"
    REGULAR = "regular"


class Listing(StrEnum):
    """On which days the runner wants the morning list: with something to do, with something to tell, or every day."""

    TO_DO = "to_do"
    NEWS = "news"
    ALWAYS = "always"


class Units(StrEnum):
    """What the runner reads distances in."""

    KILOMETRES = "km"
    MILES = "mi"


@dataclass(frozen=True, slots=True, kw_only=True)
class Athlete:
    """One runner's settings. Speeds in m/s, heart rates in beats a minute; None where the runner did not say.

    `quiet` is when no message may arrive (local time, may cross midnight), but for one about a run just ended where
    `heard_after_runs`. `digest_at` is when the morning list comes, `catch_up_minutes` the most that what it makes up
    for may take, `digest_when` on which days it comes. `evening` is when the second half of a
    long run's work suits them. `fallback` is the channel used where the others fail for `fallback_after`.
    """

    id: str
    name: str = ""
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    units: Units = Units.KILOMETRES
    birth_year: int | None = None
    max_hr: float | None = None
    resting_hr: float | None = None
    threshold_speed_mps: float | None = None
    threshold_hr: float | None = None
    kit: frozenset[Kit] = frozenset()
    level: Level = Level.REGULAR
    quiet: tuple[time, time] | None = None
    heard_after_runs: bool = False
    digest_at: time = time(7, 0)
    digest_when: Listing = Listing.NEWS
    catch_up_minutes: int = 10
    evening: time = time(19, 30)
    sessions_per_week: int = 4
    fallback: str = ""
    fallback_after: timedelta = timedelta(minutes=15)
