"""Mobility debt: what sessions that were not done would have worked, for as long as it still matters.

    sessions -> those not done -> their areas, less with every day -> minus what was worked since -> owed

It is never held against anybody. It shapes the next routine, it is folded into one short session of the morning list,
and after a few days it is let go.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from service.domain.movements import BodyArea
from service.domain.sessions import OPEN_STATES, Session, State

# What a run asked for has faded after so many days, whatever was done about it (ours: the article has no number, and
# says that consistency matters more than perfect timing, L21).
LET_GO_AFTER = timedelta(days=4)
# What was let go of is mentioned once, on the next morning.
MENTIONED_FOR = timedelta(days=1)
# Breathing helps to settle after hard running; days later nothing is left of that.
NEVER_OWED = frozenset({BodyArea.NERVOUS_SYSTEM})


@dataclass(frozen=True, slots=True, kw_only=True)
class Debt:
    """What is owed: each area with its share left, from just under 1 for the day of the run down to 0, the most first.

    `missed` are the sessions it comes from, the newest first; `let_go` are those let go of during the last day.
    """

    owed: Mapping[BodyArea, float] = field(default_factory=dict)
    missed: tuple[Session, ...] = ()
    let_go: tuple[Session, ...] = ()


def debt(sessions: Iterable[Session], now: datetime) -> Debt:
    """Return what is owed at a moment, from the runner's sessions in any order (older ones change nothing).

    A session skipped, expired or replaced owes its areas from when it opened, each until a session done since has
    worked it. What makes up for others owes nothing of its own.
    """
    known = sorted((session for session in sessions if session.window.opens <= now), key=lambda one: one.window.opens)
    owing = [(session, left) for session in reversed(known) if (left := _unworked(session, known, now))]
    shares: dict[BodyArea, float] = {}
    for session, areas in owing:
        for area in areas:
            shares[area] = max(shares.get(area, 0.0), _share(session, now))
    return Debt(
        owed={area: share for area, share in sorted(shares.items(), key=lambda item: -item[1]) if share > 0},
        missed=tuple(session for session, _ in owing if _age(session, now) < LET_GO_AFTER),
        let_go=tuple(
            session for session, _ in owing if LET_GO_AFTER <= _age(session, now) < LET_GO_AFTER + MENTIONED_FOR
        ),
    )


def areas_of(sessions: Iterable[Session]) -> frozenset[BodyArea]:
    """Return what these sessions are mostly for, as far as it can be owed."""
    return frozenset(area for session in sessions for area in session.routine.focus) - NEVER_OWED


def _unworked(session: Session, sessions: Sequence[Session], now: datetime) -> frozenset[BodyArea]:
    """Return the areas of a session not done that nothing has worked since it opened."""
    if session.makes_up or session.state in OPEN_STATES | {State.DONE}:
        return frozenset()
    return areas_of([session]) - frozenset(_worked_since(session.window.opens, sessions, now))


def _worked_since(since: datetime, sessions: Iterable[Session], now: datetime) -> Iterator[BodyArea]:
    for session in sessions:
        if session.state is State.DONE and since <= (session.changed_at or session.window.opens) <= now:
            yield from (area for step in session.routine.steps[1:] for area in step.areas)


def _share(session: Session, now: datetime) -> float:
    return max(0.0, 1 - _age(session, now) / LET_GO_AFTER)


def _age(session: Session, now: datetime) -> timedelta:
    return now - session.window.opens
