"""Looking at runs: the newest, those of a span of time, and one with everything known of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from service.application.body import NoSuchRunError
from service.domain.activity import Activity
from service.domain.athlete import Athlete
from service.domain.classification import Classification
from service.domain.digest import start_of_day
from service.domain.past import Past, Ran, look_back, monday_of
from service.domain.sessions import FUTURE, Session
from service.domain.workout import join
from service.ports import Archive, Clock, Database, JudgedRun, Store

# Who has not run for so long has no last run that is worth a word.
RECENT = timedelta(days=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One run with everything known of it. `whole` is all its parts as one activity, streams included."""

    run: JudgedRun
    whole: Activity
    verdict: Classification
    sessions: tuple[Session, ...]


@dataclass(frozen=True, slots=True)
class Runs:
    """Looks at runs."""

    database: Database
    archive: Archive
    athletes: Mapping[str, Athlete]
    clock: Clock

    def newest(self, athlete: str) -> JudgedRun | None:
        """Return the athlete's newest run of late, None where there is none."""
        now = self.clock.now()
        return next(iter(self.between(athlete, now - RECENT, now + FUTURE)), None)

    def between(self, athlete: str, since: datetime, until: datetime) -> Sequence[JudgedRun]:
        """Return the runs begun in a span of time, the newest first."""
        with self.database.reading() as store:
            return store.judged_runs(athlete, since, until)

    def story(self, athlete: str, run_id: int) -> Story:
        """Return everything known of a run; raise NoSuchRunError where the athlete has no such run, or none judged."""
        with self.database.reading() as store:
            parts = store.workout(run_id)
            verdict = store.classification(run_id) if parts and parts[0].athlete == athlete else None
            if verdict is None:
                raise NoSuchRunError(f"There is no run {run_id}.")
            run = _found(store, athlete, parts[0].activity.started_at, parts[0].id)
            sessions = sorted(
                (session for part in parts for session in store.sessions_after(part.id)),
                key=lambda session: session.window.opens,
            )
        recorded = [
            replace(part.activity, streams=self.archive.get_streams(part.streams_name) if part.streams_name else None)
            for part in parts
        ]
        return Story(run=run, whole=join(recorded), verdict=verdict, sessions=tuple(sessions))

    def past(self, athlete: str, weeks: int) -> Past:
        """Return the last so many weeks at a glance."""
        zone, now = self.athletes[athlete].timezone, self.clock.now()
        today = now.astimezone(zone).date()
        since = start_of_day(monday_of(today) - timedelta(weeks=weeks), zone)
        with self.database.reading() as store:
            runs = store.judged_runs(athlete, since, now + FUTURE)
            sessions = store.sessions_between(athlete, since, now + FUTURE)
            feelings = store.feelings(athlete, since, now + FUTURE)
        ran = [_ran(run, self.athletes[athlete]) for run in runs]
        return look_back(ran, sessions, feelings, today=today, weeks=weeks, zone=zone)


def day_of(activity: Activity, athlete: Athlete) -> date:
    """Return the local date a run was run on: where it was run, where that is known."""
    if activity.utc_offset is not None:
        return (activity.started_at + activity.utc_offset).date()
    return activity.started_at.astimezone(athlete.timezone).date()


def _ran(run: JudgedRun, athlete: Athlete) -> Ran:
    activity = run.activity
    day = day_of(activity, athlete)
    return Ran(day=day, run_type=run.run_type, distance_m=activity.distance_m, moving_s=activity.moving_s)


def _found(store: Store, athlete: str, started_at: datetime, run_id: int) -> JudgedRun:
    at_once = store.judged_runs(athlete, started_at, started_at + timedelta(microseconds=1))
    return next(run for run in at_once if run.id == run_id)
