"""Asking the sources what is new. One source's trouble never stops another.

Where asking costs something, it is done when a run is likely to have just ended: domain/polling.py.
"""

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from service.application.backoff import line_is_back, troubled
from service.application.ingest import Ingest, Taken
from service.domain.athlete import Athlete
from service.domain.polling import FORGOTTEN_AFTER, habit, next_asking
from service.ports import Clock, Database, EdgeError, Fate, Raw, Removed, Source, Standing, Unavailable

# A folder is looked at every few seconds; writing down each fruitless look would only wear the disk.
SUCCESS_IS_NEWS_AFTER = timedelta(minutes=1)
BROKEN_SOURCE = "it failed in a way it should not: the log says where; it is tried again"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How asking one source went: what came, by fate, how many recordings are no more, and its trouble in one line."""

    athlete: str
    system: str
    taken: tuple[tuple[Raw, Taken], ...] = ()
    removed: int = 0
    trouble: str = ""

    @property
    def imported(self) -> int:
        """How many recordings were new."""
        return sum(taken.fate is Fate.IMPORTED for _, taken in self.taken)


@dataclass(frozen=True, slots=True)
class Sync:
    """Asks sources. `sources` are by athlete and name."""

    database: Database
    ingest: Ingest
    athletes: Mapping[str, Athlete]
    sources: Mapping[tuple[str, str], Source] = field(default_factory=dict)
    clock: Clock = field(kw_only=True)
    spread: Callable[[], float] = field(kw_only=True)

    def ask(self, only: Collection[str] = (), *, impatient: bool = False) -> list[Asked]:
        """Ask every source whose turn it is, or only those named; `impatient` overrides our back-off, no platform's."""
        asked = [self.ask_one(athlete, name) for athlete, name in self.due(only, impatient=impatient)]
        return [answer for answer in asked if answer is not None]

    def due(self, only: Collection[str] = (), *, impatient: bool = False) -> list[tuple[str, str]]:
        """Return the sources whose turn it is, by athlete and name; for the rest see `ask`."""
        with self.database.reading() as store:
            waiting = store.waiting_systems(self.clock.now(), impatient=impatient)
        return [
            (athlete, name)
            for athlete, name in self.sources
            if (not only or name in only) and (athlete, system(name)) not in waiting
        ]

    def not_to_ask(self) -> Collection[tuple[str, str]]:
        """Return the sources that may not be asked before their turn: a platform holds us, or asking failed lately."""
        with self.database.reading() as store:
            held = store.held_systems(self.clock.now())
        return [(athlete, name) for athlete, name in self.sources if (athlete, system(name)) in held]

    def failed(self, athlete: str, name: str, error: EdgeError) -> None:
        """Write down that a source could not be asked something, and when to try again."""
        place = _Place(self.database, athlete, system(name))
        self._troubled(Asked(athlete=athlete, system=system(name)), place, place.read(), error)

    def ask_one(self, athlete: str, name: str) -> Asked | None:
        """Ask one source now; return None where another process is asking it."""
        with self.database.turn(f"{athlete}/{system(name)}") as mine:
            return None if mine is None else self._ask(_Place(mine, athlete, system(name)), self.sources[athlete, name])

    def _ask(self, place: "_Place", source: Source) -> Asked:
        asked = Asked(athlete=place.athlete, system=place.system)
        standing = place.read()
        try:
            for given, cursor in source.fetch(standing.cursor):
                asked = self._take(asked, given)
                standing = replace(standing, cursor=cursor)
                place.write(standing)
        except EdgeError as exc:
            return self._troubled(asked, place, standing, exc)
        except Exception:  # a source that breaks its promise must not keep the others from being asked
            log.exception("%s broke its promise", place)
            return self._troubled(asked, place, standing, Unavailable(BROKEN_SOURCE))
        self._write_success(place, standing, source)
        return asked

    def _take(self, asked: Asked, given: Raw | Removed) -> Asked:
        if isinstance(given, Removed):
            self.ingest.remove(asked.athlete, given)
            return replace(asked, removed=asked.removed + 1)
        return replace(asked, taken=(*asked.taken, (given, self.ingest.take(asked.athlete, given))))

    def _troubled(self, asked: Asked, place: "_Place", standing: Standing, error: EdgeError) -> Asked:
        if standing.trouble != str(error):
            log.warning("%s: %s (it is tried again; this is said once)", place, error)
        place.write(troubled(standing, error, self.clock.now(), self.spread()))
        return replace(asked, trouble=str(error))

    def _ask_again(self, athlete: str, source: Source) -> datetime | None:
        """Return when to ask a source that answered again, None for at once, where that costs nothing."""
        if not source.ask_every:
            return None
        now, zone = self.clock.now(), self.athletes[athlete].timezone
        with self.database.reading() as store:
            ends = store.ends_of_runs(athlete, now - FORGOTTEN_AFTER)
        likely = next_asking(habit(ends, zone, now, source.ask_every), now)
        return likely if source.ready_at is None else min(source.ready_at, likely)

    def _write_success(self, place: "_Place", standing: Standing, source: Source) -> None:
        now, again = self.clock.now(), self._ask_again(place.athlete, source)
        known = standing.last_success is not None and now - standing.last_success < SUCCESS_IS_NEWS_AFTER
        if standing.trouble:
            log.info("%s works again", place)
        if standing.trouble or standing.notice != source.notice or again or not known:
            well = Standing(cursor=standing.cursor, last_success=now, next_try=again, notice=source.notice)
            place.write(well)
        if line_is_back(standing, now):
            with self.database.writing() as store:
                store.forget_back_off()


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a source's standing is written for as long as the turn to ask it lasts."""

    database: Database
    athlete: str
    system: str

    def read(self) -> Standing:
        with self.database.reading() as store:
            return store.standing(self.athlete, self.system)

    def write(self, standing: Standing) -> None:
        with self.database.writing() as store:
            store.set_standing(self.athlete, self.system, standing)

    def __str__(self) -> str:
        return f"{self.system} of {self.athlete}"


def system(name: str) -> str:
    """Return what the settings call a source."""
    return f"sources.{name}"
