"""Which workers there are."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select, update

from service.persistence._base import Questions
from service.persistence.tables import workers

FORGOTTEN = timedelta(days=1)
# What is further ahead was written by a clock that has been set back since, or by one that is wrong.
AHEAD = timedelta(minutes=3)


class WorkerQuestions(Questions):
    """Questions about workers."""

    def show_worker(self, name: str, at: datetime) -> None:
        """Write down that a worker lives, and forget those long gone."""
        if not self._insert_new(workers, name=name, seen_at=at):
            self.connection.execute(update(workers).where(workers.c.name == name).values(seen_at=at))
        gone = or_(workers.c.seen_at < at - FORGOTTEN, workers.c.seen_at > at + AHEAD)
        self.connection.execute(delete(workers).where(gone))

    def forget_worker(self, name: str) -> None:
        """Write down that a worker is gone."""
        self.connection.execute(delete(workers).where(workers.c.name == name))

    def worker_seen(self) -> datetime | None:
        """Return when any worker showed itself last."""
        seen_at: datetime | None = self.connection.execute(select(func.max(workers.c.seen_at))).scalar_one()
        return seen_at
