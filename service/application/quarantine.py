"""Recordings that could not be read: which, why, and another try."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.application.coach import Coach
from service.application.ingest import Ingest, Taken
from service.ports import Database, StoredRaw


@dataclass(frozen=True, slots=True)
class Quarantine:
    """Looks after what could not be read."""

    database: Database
    ingest: Ingest
    coach: Coach

    def parked(self, athlete: str) -> Sequence[StoredRaw]:
        """Return the athlete's recordings that could not be read, the newest first."""
        with self.database.reading() as store:
            return list(reversed(store.quarantined_raws(athlete)))

    def retry(self, athlete: str) -> list[tuple[str, Taken]]:
        """Read all of them again, judge what came of it, and return each one's name with what became of it."""
        taken = list(self.ingest.retry(athlete))
        self.coach.coach([athlete])
        return taken
