"""What there is to know today: what is still to do, the last run, the week, the body, and what needs a hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from service.application.body import Body
from service.application.feedback import Feedback
from service.application.runs import Runs
from service.application.status import Condition, Status
from service.domain.athlete import Athlete
from service.domain.body import BodyToday
from service.domain.classification import Classification
from service.domain.digest import start_of_day, start_of_week
from service.domain.sessions import Session, State
from service.ports import Clock, Database, JudgedRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """Today at a glance. `now` is local; `done` are the sessions done today; `conditions` are those with a todo."""

    now: datetime
    pending: Sequence[Session]
    done: Sequence[Session]
    last_run: JudgedRun | None
    verdict: Classification | None
    week_done: int
    week_goal: int
    body: BodyToday
    conditions: Sequence[Condition]

    @property
    def date(self) -> date:
        """The local date."""
        return self.now.date()


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAtToday:
    """Looks at today."""

    database: Database
    feedback: Feedback
    runs: Runs
    body: Body
    status: Status
    athletes: Mapping[str, Athlete]
    clock: Clock

    def look(self, athlete: str) -> Today:
        """Return what there is to know today; what has run out is settled as expired on the way."""
        runner = self.athletes[athlete]
        now = self.clock.now().astimezone(runner.timezone)
        pending = self.feedback.pending(athlete)
        last_run = self.runs.newest(athlete)
        today = start_of_day(now.date(), runner.timezone)
        tomorrow = start_of_day(now.date() + timedelta(days=1), runner.timezone)
        with self.database.reading() as store:
            verdict = store.classification(last_run.id) if last_run else None
            week_done = store.done_between(athlete, start_of_week(now.date(), runner.timezone), tomorrow)
            lately = store.sessions_between(athlete, now - timedelta(days=2), now)
        return Today(
            now=now,
            pending=pending,
            done=[one for one in lately if one.state is State.DONE and one.changed_at and one.changed_at >= today],
            last_run=last_run,
            verdict=verdict,
            week_done=week_done,
            week_goal=runner.sessions_per_week,
            body=self.body.today(athlete),
            conditions=[one for one in self.status.conditions(athlete) if one.todo or one.trouble],
        )
