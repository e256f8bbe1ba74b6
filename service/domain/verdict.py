"""What a verdict on a run is made of: types, shades, efforts, reasons, and what is remembered of a run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class RunType(StrEnum):
    """The four kinds of run a routine follows."""

    EASY = "easy"
    TEMPO = "tempo"
    INTERVAL = "interval"
    LONG = "long"


class Tier(StrEnum):
    """What there was to judge by; each tier has a cap on confidence."""

    STREAMS_HR = "streams_hr"
    STREAMS = "streams"
    SUMMARY = "summary"
    NEWCOMER = "newcomer"
    TOLD = "told"


class Flag(StrEnum):
    """Shades that change the routine or the wording, never the type by themselves."""

    HILLY = "hilly"
    FAST = "fast"
    RACE = "race"
    RECOVERY = "recovery"
    STRIDES = "strides"
    HEAT = "heat"
    PROGRESSION = "progression"
    RUN_WALK = "run_walk"
    TREADMILL = "treadmill"
    TRAIL = "trail"
    FARTLEK = "fartlek"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """One stretch of harder running. `relative` is its speed as a share of threshold speed (1.0 = threshold)."""

    start_s: float
    duration_s: float
    distance_m: float
    speed_mps: float
    relative: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One line of the receipt: a sentence with its numbers, and how many points it gave the verdict."""

    text: str
    weight: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRun:
    """What is remembered of a run to judge later ones by: its summary and the figures measured in it.

    `features` are the measured values by name (units as where they are defined); `corrected` is the type the runner
    said it was, None where they said nothing.
    """

    started_at: datetime
    elapsed_s: float
    moving_s: float
    distance_m: float
    avg_hr: float | None = None
    max_hr: float | None = None
    climb_m: float | None = None
    features: Mapping[str, float] = field(default_factory=dict)
    corrected: RunType | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """A verdict on one run. `confidence` is the share of such calls expected to be right (0 to 1).

    `thresholds` are the runner's own figures it was judged by (threshold_speed_mps, easy_speed_mps, hr_top),
    `remembered` is what later runs will be judged by, `ruleset` names the rules so that a change can be replayed.
    """

    run_type: RunType
    confidence: float
    reasons: tuple[Reason, ...]
    tier: Tier
    ruleset: str
    remembered: PastRun
    secondary: RunType | None = None
    flags: frozenset[Flag] = frozenset()
    efforts: tuple[Effort, ...] = ()
    thresholds: Mapping[str, float] = field(default_factory=dict)
