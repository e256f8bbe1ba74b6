"""Asking the sources what is new. One source's trouble never stops another."""

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from service.application.backoff import troubled
from service.application.ingest import Ingest, Taken
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
    sources: Mapping[tuple[str, str], Source] = field(default_factory=dict)
    clock: Clock = field(kw_only=True)
    spread: Callable[[], float] = field(kw_only=True)

    def ask(self, only: Collection[str] = (), *, impatient: bool = False) -> list[Asked]:
        """Ask every source whose turn it is, or only those named; `impatient` overrides our back-off, no platform's."""
        return [
            self._ask(athlete, name, source)
            for (athlete, name), source in self.sources.items()
            if (not only or name in only) and self._due(athlete, name, impatient=impatient)
        ]

    def _due(self, athlete: str, name: str, *, impatient: bool) -> bool:
        with self.database.reading() as store:
            standing = store.standing(athlete, _system(name))
        waits_for = standing.held_until if impatient else standing.next_try
        return waits_for is None or waits_for <= self.clock.now()

    def _ask(self, athlete: str, name: str, source: Source) -> Asked:
        asked = Asked(athlete=athlete, system=_system(name))
        with self.database.reading() as store:
            standing = store.standing(athlete, _system(name))
        try:
            for given, cursor in source.fetch(standing.cursor):
                asked = self._take(asked, given)
                standing = replace(standing, cursor=cursor)
                self._write(athlete, name, standing)
        except EdgeError as exc:
            return self._troubled(asked, name, standing, exc)
        except Exception:  # a source that breaks its promise must not keep the others from being asked
            log.exception("%s broke its promise", _system(name))
            return self._troubled(asked, name, standing, Unavailable(BROKEN_SOURCE))
        self._write_success(athlete, name, standing, self._ask_again(source))
        return asked

    def _take(self, asked: Asked, given: Raw | Removed) -> Asked:
        if isinstance(given, Removed):
            self.ingest.remove(asked.athlete, given)
            return replace(asked, removed=asked.removed + 1)
        return replace(asked, taken=(*asked.taken, (given, self.ingest.take(asked.athlete, given))))

    def _troubled(self, asked: Asked, name: str, standing: Standing, error: EdgeError) -> Asked:
        self._write(asked.athlete, name, troubled(standing, error, self.clock.now(), self.spread()))
        return replace(asked, trouble=str(error))

    def _ask_again(self, source: Source) -> datetime | None:
        """Return when to ask a source that answered again: at once where that costs nothing."""
        if not source.ask_every:
            return None
        regularly = self.clock.now() + source.ask_every
        return regularly if source.ready_at is None else min(source.ready_at, regularly)

    def _write_success(self, athlete: str, name: str, standing: Standing, again: datetime | None) -> None:
        now = self.clock.now()
        known = standing.last_success is not None and now - standing.last_success < SUCCESS_IS_NEWS_AFTER
        if standing.trouble or again or not known:
            self._write(athlete, name, Standing(cursor=standing.cursor, last_success=now, next_try=again))

    def _write(self, athlete: str, name: str, standing: Standing) -> None:
        with self.database.writing() as store:
            store.set_standing(athlete, _system(name), standing)


def _system(name: str) -> str:
    return f"sources.{name}"
