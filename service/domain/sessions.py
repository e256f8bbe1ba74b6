"""Sessions: a routine with a moment. When it is offered, how it is split, and what may become of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid5

from service.domain.activity import Activity
from service.domain.athlete import Athlete
from service.domain.classification import RunType
from service.domain.localtime import on_the_day
from service.domain.quiet import WARM, speaks_at
from service.domain.routine import Part, Routine

NAMESPACE = UUID("6f0f3f0e-6c1d-4d0a-9d0b-2f4a53c7e1a7")

# A watch that tells local time as UTC is at most fourteen hours ahead; further in the future its clock is wrong, and
# nobody knows when the run was.
FUTURE = timedelta(hours=14)
# A run that ended longer ago than this is history: the legs are cold and the day is another one.
FRESH = timedelta(hours=12)
# Shorter recordings are a button pressed by mistake, or a piece of another run.
SHORTEST_RUN_S = 300.0
# A long run is split only where the evening is this far off; nearer, one session does it all.
SPLIT_AHEAD = timedelta(hours=3)
# How long an evening session, or one that was put off, stays open at least (ours).
STAYS_OPEN = timedelta(hours=4)
# The smallest step "not now" makes; the evening and tomorrow are asked for by name (putting_off).
SNOOZE = timedelta(hours=1)


NO_RUN = "No one run is kept for this session: correct what a run was from the session that follows it."


class State(StrEnum):
    """What has become of a session."""

    PENDING = "pending"
    SNOOZED = "snoozed"
    DONE = "done"
    SKIPPED = "skipped"
    EXPIRED = "expired"
    REPLACED = "replaced"


OPEN_STATES = frozenset({State.PENDING, State.SNOOZED})


class SettledError(ValueError):
    """What is wished for no longer fits what has become of the session; the text says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """From when and until when a session makes sense (UTC)."""

    opens: datetime
    closes: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A session to be: which part, its window, when to speak of it, and whether legs will have cooled down by then."""

    part: Part
    window: Window
    announce_at: datetime
    cold: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A routine offered to a runner.

    `activity` is the run it follows, None where it makes up for several, or where the run may be kept no longer: what
    was done stays known. `ran` is what that run was held to be when the routine was composed, which may serve harder
    runs as well. `key` names everything said about it. `offered_at` is when it was first written, `changed_at` when its
    state, window or routine changed last: for a session done, when it was done.
    """

    id: int
    key: str
    athlete: str
    activity: int | None
    part: Part
    routine: Routine
    window: Window
    state: State
    offered_at: datetime | None = None
    changed_at: datetime | None = None
    ran: RunType | None = None

    @property
    def makes_up(self) -> bool:
        """Whether it follows no run of its own but makes up for what was left undone after several."""
        return self.activity is None and self.ran is None

    @property
    def run(self) -> int:
        """The run it follows; raise SettledError where it makes up for several, or its run may be kept no longer."""
        if self.activity is None:
            raise SettledError(NO_RUN)
        return self.activity


def session_key(athlete: str, started_at: datetime, part: Part) -> str:
    """Return the name of the session that follows the run begun at `started_at`: always the same, on any machine.

    A receiver that saw this session before a database was lost and made anew still knows it for the same one.
    """
    return str(uuid5(NAMESPACE, f"{athlete}/{started_at.astimezone(UTC).isoformat(timespec='seconds')}/{part}"))


def offers(activity: Activity, run_type: RunType, athlete: Athlete, now: datetime) -> tuple[Offer, ...]:
    """Return the sessions a run earns at the moment `now`: none, one, or two for a split long run.

    None for other sports, for recordings under five minutes, and for runs that ended more than twelve hours ago or
    are dated tomorrow. A long run that ends well before the runner's evening gets its five minutes now and the
    thorough rest that evening. What is heard of late stays open for some hours from then.
    """
    ended = min(activity.ended_at, now)
    dated = now - FRESH <= ended and activity.ended_at <= now + FUTURE
    if not activity.is_run or activity.moving_s < SHORTEST_RUN_S or not dated:
        return ()
    spoken = speaks_at(now, athlete, ended=ended)
    cold = spoken - ended > WARM
    evening = on_the_day(ended, athlete.evening, athlete.timezone)
    if run_type is not RunType.LONG or evening - max(ended, spoken) < SPLIT_AHEAD:
        whole = Window(opens=ended, closes=max(ended + FRESH, spoken + STAYS_OPEN))
        return (Offer(part=Part.WHOLE, window=whole, announce_at=spoken, cold=cold),)
    later = Window(opens=evening, closes=evening + STAYS_OPEN)
    return (
        Offer(part=Part.NOW, window=Window(opens=ended, closes=evening), announce_at=spoken, cold=cold),
        Offer(part=Part.LATER, window=later, announce_at=speaks_at(evening, athlete)),
    )


def expired(sessions: Sequence[Session], now: datetime) -> tuple[Session, ...]:
    """Return the sessions still open whose window has closed."""
    return tuple(session for session in sessions if session.state in OPEN_STATES and session.window.closes <= now)


def settle(state: State, wish: State) -> State:
    """Return what becomes of a session in `state` when its runner wishes it done or skipped.

    Done counts whenever it was done, also after the window closed or "not today". Raise SettledError for skipping what
    was done.
    """
    if wish is State.SKIPPED and state is State.DONE:
        raise SettledError("This session is done already: nothing to skip.")
    return wish


def snoozed(window: Window, until: datetime) -> Window:
    """Return the window moved to `until`, open from then for as long as an evening session at least."""
    return Window(opens=until, closes=max(window.closes, until + STAYS_OPEN))
