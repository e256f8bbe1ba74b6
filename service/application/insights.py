"""What it did for the runner, from what is stored."""

from collections.abc import Mapping
from dataclasses import dataclass

from service.domain.athlete import Athlete
from service.domain.insights import WEEK, WEEKS, FeltRun, Insights, insights
from service.ports import Clock, Database

# The weeks shown, and a look beyond their beginning for what a day before its first one held.
LOOK_BACK = (WEEKS + 1) * WEEK


@dataclass(frozen=True, slots=True)
class Look:
    """Counts."""

    database: Database
    athletes: Mapping[str, Athlete]
    clock: Clock

    def back(self, athlete: str) -> Insights:
        """Return what an athlete's last weeks add up to."""
        now, zone = self.clock.now(), self.athletes[athlete].timezone
        since = now - LOOK_BACK
        with self.database.reading() as store:
            runs = [
                FeltRun(
                    day=run.activity.local_day(zone),
                    ended_at=run.activity.ended_at,
                    run_type=run.run_type,
                    felt=run.felt,
                )
                for run in store.runs_between(athlete, since, now)
            ]
            sessions = store.sessions_between(athlete, since, now + WEEK)
            return insights(sessions, runs, store.said_since(athlete, since), now, zone)
