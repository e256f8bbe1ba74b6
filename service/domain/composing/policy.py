"""The rules a routine is composed by, as values: what each kind of run wants, in order of importance.

The numbers and words themselves are data, in config/routines.toml.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from service.domain.classification import Flag, RunType
from service.domain.movements import BodyArea, Demand, Dose, Kind, Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """Something a routine should have: the first of `any` that is possible and fits.

    `must`: the routine is refused rather than left without, where one of `any` is possible at all. `early`: it comes
    before what the flags hint at. `vary`: those of `any` are equals, so the one done longest ago goes first.
    `once`: it is met as well by whatever works its area already.
    `because` is the reason the runner reads. `area` is what it is for, None for the main area of the movement taken.
    """

    any: tuple[str, ...]
    because: str
    area: BodyArea | None = None
    must: bool = False
    early: bool = False
    vary: bool = False
    once: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one kind of run asks for.

    `seconds` is the usual size (least, most), reached at `run_minutes` of running (from, to); `most_s` is never
    passed, whatever minutes the runner has. `asks` is why that size. `fullest` are the kinds dosed at the top of
    their range first. `leaves_out` and `without` are demands and kinds that do not belong after such a run. `split`:
    five minutes now and the rest later is offered without asking.
    """

    called: str
    seconds: tuple[int, int]
    run_minutes: tuple[int, int]
    most_s: int
    asks: str
    wants: tuple[Want, ...]
    fullest: frozenset[Kind] = frozenset()
    leaves_out: frozenset[Demand] = frozenset()
    without: frozenset[Kind] = frozenset()
    split: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shade:
    """What a flag changes: wants put before the usual ones, demands left out, a line for the routine.

    `holds_breath` False leaves out breathing with holds.
    """

    says: str = ""
    wants: tuple[Want, ...] = ()
    leaves_out: frozenset[Demand] = frozenset()
    holds_breath: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One slot of the fixed sequence. `joined`: it shares the slot before it, with no change between."""

    movement: str
    dose: Dose
    because: str
    joined: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Quick:
    """The fixed sequence for a runner short of time: the run types it serves, the change between its slots."""

    minutes: int
    run_types: frozenset[RunType]
    change_s: int
    title: str
    focus: tuple[BodyArea, ...]
    asks: str
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """From one movement to the next: `least_s`, or `most_s` when the position changes or something is fetched."""

    least_s: int
    most_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """The essentials right after the run: at most `most_s`, in these positions, without these kinds."""

    most_s: int
    positions: frozenset[Position]
    without: frozenset[Kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """The walk that opens every routine, and what is said of it later in the day and when something hurts."""

    want: Want
    later: str
    with_pain: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginner:
    """A beginner's routine holds `movements` beside walk and breathing, and one more after every few sessions."""

    movements: int
    sessions_for_one_more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What every routine closes with, and what is said when something hurts."""

    closing: str
    pain: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """All of config/routines.toml.

    `minutes` are the least and most a runner may ask for, `minutes_tolerance` the share by which they may be missed.
    `feedback_shift` is a share of the usual size's range. `vary_over` counts routines. `filling` is what a wish for
    more time than the run asks for is filled with.
    """

    start_within_s: int
    minutes: tuple[int, int]
    minutes_tolerance: float
    minimum_slack_s: int
    feedback_shift: float
    unsure_below: float
    vary_over: int
    steady_s_per_km: int
    change: Change
    now: Now
    walk: Walk
    beginner: Beginner
    said: Said
    quick: Quick
    filling: Want
    types: Mapping[RunType, Plan]
    flags: Mapping[Flag, Shade]
