"""What a routine is to be composed for, as far as it is about the runner: their kit, body, week and what is owed."""

from datetime import UTC, datetime, timedelta

from service.domain.athlete import Athlete
from service.domain.body import REMEMBERED, today
from service.domain.classification import RunType
from service.domain.debt import LET_GO_AFTER, MENTIONED_FOR, Debt, debt
from service.domain.digest import start_of_week
from service.domain.morning import as_of
from service.domain.movements import BodyArea
from service.domain.sessions import Session
from service.domain.wish import Done, Feedback, Wish
from service.ports import Store

# As far back as a routine looks so as not to repeat itself.
LATELY = timedelta(days=14)
EVER = datetime.min.replace(tzinfo=UTC)
# More areas than these, of those owed, would crowd out what the run itself asks for (ours).
OWED_AT_ONCE = 3


def runners_wish(store: Store, athlete: Athlete, run_type: RunType, now: datetime, about: int | None = None) -> Wish:
    """Return the runner's side of a wish for today; `about` is the run it is for, whose sessions are no news to it."""
    body = today(store.said_since(athlete.id, now - REMEMBERED), now)
    lately = [as_of(session, now) for session in store.sessions_between(athlete.id, now - LATELY, now)]
    monday = start_of_week(now.astimezone(athlete.timezone).date(), athlete.timezone)
    return Wish(
        run_type=run_type,
        kit=athlete.kit,
        level=athlete.level,
        tight=body.tight,
        pain=body.sore,
        owed=_most_owed(debt((session for session in lately if about is None or session.activity != about), now)),
        recent=tuple(_as_done(session) for session in reversed(lately) if about is None or session.activity != about),
        feedback=_feedback(store.last_feeling(athlete.id)),
        sessions_done=store.done_between(athlete.id, EVER, now),
        week_done=store.done_between(athlete.id, monday, now),
        week_goal=athlete.sessions_per_week,
    )


def debt_of(store: Store, athlete: Athlete, now: datetime) -> Debt:
    """Return what a runner owes at a moment."""
    lately = store.sessions_between(athlete.id, now - LET_GO_AFTER - MENTIONED_FOR, now)
    return debt([as_of(session, now) for session in lately], now)


def _most_owed(debt: Debt) -> frozenset[BodyArea]:
    return frozenset(list(debt.owed)[:OWED_AT_ONCE])


def _as_done(session: Session) -> Done:
    movements = tuple(step.movement for step in session.routine.steps)
    return Done(run_type=session.routine.run_type, movements=movements)


def _feedback(feeling: str | None) -> Feedback | None:
    return Feedback(feeling) if feeling in list(Feedback) else None
