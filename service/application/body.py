"""What the runner says of their body and of their runs; the routines still to do take it to heart at once."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from service.application.coach import Coach
from service.domain.body import REMEMBERED, BodyToday, Felt, Said, today
from service.domain.feelings import RunFelt
from service.domain.movements import Site
from service.ports import Clock, Database, Store, StoredActivity


class NoSuchRunError(LookupError):
    """There is no run of that number, or none at all; the text says which."""


@dataclass(frozen=True, slots=True)
class Body:
    """Listens to the runner."""

    database: Database
    coach: Coach
    clock: Clock

    def today(self, athlete: str) -> BodyToday:
        """Return how the athlete's body is today, as far as they said."""
        now = self.clock.now()
        with self.database.reading() as store:
            return today(store.said_since(athlete, now - REMEMBERED), now)

    def tell(self, athlete: str, felt: Felt, sites: Iterable[Site]) -> BodyToday:
        """Write down how places on the body feel, compose what is pending anew, and return how the body is today."""
        now = self.clock.now()
        with self.database.writing() as store:
            for site in dict.fromkeys(sites):
                store.add_said(athlete, Said(site=site, felt=felt, at=now))
        self.coach.adapt(athlete)
        return self.today(athlete)

    def run_felt(self, athlete: str, felt: RunFelt, activity_id: int | None = None) -> StoredActivity:
        """Write down how a run felt, the newest where none is named; a later word replaces an earlier one.

        Raise NoSuchRunError where the athlete has no such run.
        """
        with self.database.writing() as store:
            run = _find(store, athlete, activity_id)
            store.set_run_felt(run.id, felt, self.clock.now())
            return run


def _find(store: Store, athlete: str, activity_id: int | None) -> StoredActivity:
    if activity_id is None:
        if newest := store.newest_run(athlete):
            return newest
        raise NoSuchRunError("There is no run yet: the first one that comes in can be spoken of.")
    with suppress(KeyError):
        found = store.activity(activity_id)
        if found.athlete == athlete and found.activity.is_run:
            return found
    raise NoSuchRunError(f"There is no run {activity_id}.")
