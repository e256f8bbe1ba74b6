"""Whether Afterrun does its work: the database answers, and a worker was seen lately."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.ports import Clock, Database

# A worker shows itself this often, and counts as gone after missing it twice.
BEAT_EVERY = timedelta(minutes=1)
FRESH = 3 * BEAT_EVERY


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """What was found. `worker_seen` is when any worker showed itself last, None for never or where nobody can tell."""

    database: bool
    worker_seen: datetime | None
    ready: bool


@dataclass(frozen=True, slots=True)
class Health:
    """Shows that a worker lives, and looks whether one does. `name` is this process's among all workers."""

    database: Database
    clock: Clock
    name: str

    def beat(self) -> None:
        """Show that this worker lives."""
        with self.database.writing() as store:
            store.show_worker(self.name, self.clock.now())

    def end(self) -> None:
        """Show that this worker ends, so that nobody waits for it to be missed."""
        with self.database.writing() as store:
            store.forget_worker(self.name)

    def look(self) -> Readiness:
        """Return whether the database answers and a worker was seen lately; never raises."""
        with suppress(Exception), self.database.reading() as store:
            seen = store.worker_seen()
            fresh = seen is not None and abs(self.clock.now() - seen) < FRESH
            return Readiness(database=True, worker_seen=seen, ready=fresh)
        return Readiness(database=False, worker_seen=None, ready=False)
