"""What a day begins with: one thing to do, whatever is left over, and what waits for later.

sessions -> as they stand at that hour -> for today? -> that, in the place of all left over
-> nothing for today -> one that makes up for what is left over
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from uuid import uuid5

from service.domain.athlete import Athlete
from service.domain.debt import Debt, debt
from service.domain.localtime import at
from service.domain.sessions import NAMESPACE, OPEN_STATES, Session, State, Window

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a day has to offer.

    `first` is what to do, None where that is nothing or still to be composed from the `debt`. `left_over` are sessions
    of days before, still open, that one for today takes the place of. `later` waits for an hour of its own.
    `is_news`: something was left undone since the morning before.
    """

    first: Session | None = None
    left_over: tuple[Session, ...] = ()
    later: tuple[Session, ...] = ()
    debt: Debt = field(default_factory=Debt)
    is_news: bool = False

    @property
    def makes_up(self) -> bool:
        """Whether the day begins with a session that is to be composed from what is owed."""
        return self.first is None and not self.later and bool(self.debt.owed)


def plan(sessions: Sequence[Session], now: datetime, athlete: Athlete) -> Plan:
    """Return what a runner's day has to offer at a moment, from their sessions of the last days in any order."""
    standing = [as_of(session, now) for session in sessions]
    today = now.astimezone(athlete.timezone).date()
    still_open = sorted((one for one in standing if one.state in OPEN_STATES), key=lambda one: one.window.opens)
    for_today = [one for one in still_open if _opens_on(one, athlete) == today and one.window.opens <= now]
    left_over = [one for one in still_open if _opens_on(one, athlete) < today]
    owing = debt([*(one for one in standing if one not in left_over), *map(_left, left_over)], now)
    return Plan(
        first=for_today[-1] if for_today else None,
        left_over=tuple(left_over),
        later=tuple(one for one in still_open if _opens_on(one, athlete) == today and one.window.opens > now),
        debt=owing,
        is_news=bool(left_over) or any((one.changed_at or one.window.closes) > now - DAY for one in owing.missed),
    )


def as_of(session: Session, now: datetime) -> Session:
    """Return a session as it will stand at a moment if nothing is done about it: expired where its window closes."""
    if session.state in OPEN_STATES and session.window.closes <= now:
        return replace(session, state=State.EXPIRED, changed_at=session.window.closes)
    return session


def catch_up_key(athlete: str, day: date) -> str:
    """Return the name of the session that makes up for others on a day: always the same, on any machine."""
    return str(uuid5(NAMESPACE, f"{athlete}/catch-up/{day.isoformat()}"))


def all_day(now: datetime, athlete: Athlete) -> Window:
    """Return the window from a moment to the end of the runner's day."""
    tomorrow = now.astimezone(athlete.timezone).date() + DAY
    return Window(opens=now, closes=at(tomorrow, time(), athlete.timezone))


def _left(session: Session) -> Session:
    return replace(session, state=State.EXPIRED)


def _opens_on(session: Session, athlete: Athlete) -> date:
    return session.window.opens.astimezone(athlete.timezone).date()
