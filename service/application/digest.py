"""The morning list, once a local date."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from service.domain.athlete import Athlete
from service.domain.digest import Day, digest, digest_due, start_of_day, start_of_week
from service.domain.message import Message
from service.ports import Capabilities, Clock, Database, Store


@dataclass(frozen=True, slots=True)
class Digest:
    """Makes digests. `systems` are each athlete's sources and channels, named as in the settings."""

    database: Database
    athletes: Mapping[str, Athlete]
    channels: Mapping[str, Mapping[str, Capabilities]]
    systems: Mapping[str, Sequence[str]]
    clock: Clock

    def preview(self, athlete: str, day: date) -> Message | None:
        """Return what the digest of a date would say now, or None where it would be silent."""
        with self.database.reading() as store:
            return digest(self._facts(store, athlete, day))

    def make_due(self) -> int:
        """Queue the digests whose hour has come and return how many that were."""
        return sum(self.make(athlete) for athlete in self.due())

    def due(self) -> list[str]:
        """Return the athletes whose digest of today has had its hour and is not made."""
        now = self.clock.now()
        days = {athlete.id: digest_due(athlete, now) for athlete in self.athletes.values()}
        wanted = {(athlete, day) for athlete, day in days.items() if day is not None}
        if not wanted:
            return []
        with self.database.reading() as store:
            made = store.digests_since(min(day for _, day in wanted))
        return [athlete for athlete, day in wanted if (athlete, day) not in made]

    def make(self, who: str) -> int:
        """Queue an athlete's digest of today where its hour has come; return 1 where there was something to say."""
        athlete, now = self.athletes[who], self.clock.now()
        day = digest_due(athlete, now)
        if day is None:
            return 0
        with self.database.writing() as store:
            if not store.add_digest(athlete.id, day, now):
                return 0
            message = digest(self._facts(store, athlete.id, day))
            if message is None:
                return 0
            for name, can in self.channels.get(athlete.id, {}).items():
                if not can.calendar:
                    store.add_message(athlete.id, name, message, now)
        return 1

    def _facts(self, store: Store, athlete: str, day: date) -> Day:
        runner = self.athletes[athlete]
        zone = runner.timezone
        today, tomorrow = start_of_day(day, zone), start_of_day(day + timedelta(days=1), zone)
        yesterday = start_of_day(day - timedelta(days=1), zone)
        standings = [store.standing(athlete, system) for system in self.systems.get(athlete, ())]
        todos = [standing.todo or standing.notice for standing in standings]
        return Day(
            athlete=runner,
            date=day,
            pending=[session for session in store.open_sessions(athlete) if session.window.closes > today],
            runs_yesterday=[run.run_type for run in store.runs_between(athlete, yesterday, today)],
            done_this_week=store.done_between(athlete, start_of_week(day, zone), tomorrow),
            repairs=[todo for todo in todos if todo],
        )
