"""What a routine is composed for: the run, the runner today, the place and the minutes."""

from dataclasses import dataclass
from enum import StrEnum

from service.domain.athlete import Level
from service.domain.classification import Flag, RunType
from service.domain.movements import BodyArea, Kit, Position, Site


class Part(StrEnum):
    """Which part of a session: the five minutes right now, the thorough rest later, or all of it at once."""

    NOW = "now"
    LATER = "later"
    WHOLE = "whole"


class Feedback(StrEnum):
    """What the runner said of the last routine."""

    TOO_MUCH = "too much"
    TOO_EASY = "too easy"


class Unmet(ValueError):
    """No routine fits the wish. The text is one line that says why and names the nearest that works."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A routine done lately: what kind of run it followed and the ids of its movements."""

    run_type: RunType
    movements: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Everything that compose() looks at; whatever is left out has a sensible meaning.

    `confidence` is how sure the run type is (0 to 1). `minutes` is the time the runner has (2 to 30), None for the
    size that suits the run. `positions` are those possible where the runner is; standing always counts as one.
    `cold`: the run is a while ago and the legs have cooled down. `also` are the kinds of other runs that the routine
    serves as well. `tight` is what the runner says feels tight, `owed` what sessions that were not done would have
    worked, `pain` where it hurts. `recent` is newest first. `sessions_done` counts all sessions so far (it lets a
    beginner grow), `week_done` those of this week. `seed` varies what may be varied: one seed, one routine.
    """

    run_type: RunType
    flags: frozenset[Flag] = frozenset()
    distance_m: float | None = None
    duration_s: float | None = None
    confidence: float = 1.0
    part: Part = Part.WHOLE
    cold: bool = False
    also: tuple[RunType, ...] = ()
    minutes: float | None = None
    kit: frozenset[Kit] = frozenset({Kit.WALL})
    positions: frozenset[Position] = frozenset(Position)
    level: Level = Level.REGULAR
    sessions_done: int = 0
    tight: frozenset[BodyArea] = frozenset()
    owed: frozenset[BodyArea] = frozenset()
    pain: frozenset[Site] = frozenset()
    recent: tuple[Done, ...] = ()
    feedback: Feedback | None = None
    week_done: int = 0
    week_goal: int = 4
    breath_holds: bool = True
    seed: int = 0
