"""The runner, as far as a decision needs to know them."""

from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum
from zoneinfo import ZoneInfo

from service.domain.movements import Kit


class Level(StrEnum):
    """How used to mobility work the runner is; a beginner starts with two or three movements."""

    BEGINNER = "beginner"
    REGULAR = "regular"


class Units(StrEnum):
    """What the runner reads distances in."""

    KILOMETRES = "km"
    MILES = "mi"


@dataclass(frozen=True, slots=True, kw_only=True)
class Athlete:
    """One runner's settings. Speeds in m/s, heart rates in beats a minute; None where the runner did not say.

    `quiet` is when nothing but a message about a run just ended may arrive (local time, may cross midnight);
    `evening` is when the second half of a long run's work suits them.
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
    digest_at: time = time(7, 0)
    evening: time = time(19, 30)
    sessions_per_week: int = 4
