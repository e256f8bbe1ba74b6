"""Replaying the rules of today over the whole stored history.

    every run, oldest first -> classify by the replayed past -> what would change -> (unless a preview) write it

Open sessions take the new verdict in place; nothing that was offered is offered or announced again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from service.application.coach import Coach, judge
from service.domain.activity import Activity
from service.domain.athlete import Athlete
from service.domain.classification import Classification, PastRun
from service.ports import Archive, Database, StoredActivity


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """One run under the rules of today. `before` is the verdict that stands, None where there was none."""

    activity_id: int
    activity: Activity
    before: Classification | None
    after: Classification

    @property
    def changes(self) -> bool:
        """Whether the run would be called something else."""
        return self.before is None or self.before.run_type is not self.after.run_type


@dataclass(frozen=True, slots=True, kw_only=True)
class Reclassify:
    """Replays."""

    database: Database
    archive: Archive
    coach: Coach
    athletes: Mapping[str, Athlete]

    def count(self) -> int:
        """Return how many runs there are to replay."""
        with self.database.reading() as store:
            return sum(len(store.runs_of(athlete)) for athlete in self.athletes)

    def replay(self, *, preview: bool) -> Iterator[Replayed]:
        """Yield every run under today's rules, writing each verdict unless this is a preview."""
        for athlete in self.athletes.values():
            history: list[PastRun] = []
            with self.database.reading() as store:
                numbers = store.runs_of(athlete.id)
            for number in numbers:
                replayed, parts = self._replay(number, athlete, history)
                history.append(replayed.after.remembered)
                if not preview:
                    self.coach.settle(parts, replayed.after)
                yield replayed

    def _replay(
        self, number: int, athlete: Athlete, history: list[PastRun]
    ) -> tuple[Replayed, Sequence[StoredActivity]]:
        with self.database.reading() as store:
            parts, before = store.workout(number), store.classification(number)
            correction = store.correction(number)
        after = judge(self.archive, parts, history, athlete, correction)
        return Replayed(activity_id=number, activity=parts[0].activity, before=before, after=after), parts
