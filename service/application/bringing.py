"""Bringing runs in from the pages: one athlete's files and archives, with how far it has come for all to see.

    begin -> (files are sent) -> bring: read, newest first -> judge, oldest first -> done

How far it has come is written down every second or so. A process that dies on the way leaves the files where they are:
begun again, what was taken is known, and the rest is taken.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from service.application.coach import Coach
from service.application.ingest import Ingest, Taken
from service.ports import Bringing, Clock, Database, Fate, Raw, Stage

log = logging.getLogger(__name__)

TOLD_EVERY = timedelta(seconds=1)
# A reason repeats; the first few tell what is the matter, and quarantine has them all.
MOST_TROUBLES = 50
# Who watches sees a change every second; one that has none for so long goes on nowhere.
STALLED_AFTER = timedelta(minutes=3)
# One import waits for those before it; what has not been opened for so long never will be.
WAITS_AT_MOST = timedelta(hours=12)
BROKEN = "this should not happen: the log says why; what was taken stays, send the rest again"
LISTED = 20


class NoSuchImportError(LookupError):
    """There is no import of that number, or it is another athlete's."""


class Found(Protocol):
    """What was found in what was sent: how many recordings, read newest first, and whether they are an archive."""

    @property
    def total(self) -> int:
        """How many recordings."""

    @property
    def bulk(self) -> bool:
        """Whether this is an archive of old runs rather than today's."""

    def raws(self, now: datetime) -> Iterable[Raw]:
        """Yield the recordings, those begun last before the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bring:
    """Brings runs in. `find` opens the folder that an import was sent to, by its number."""

    database: Database
    ingest: Ingest
    coach: Coach
    find: Callable[[int], AbstractContextManager[Found]]
    clock: Clock

    def begin(self, athlete: str, name: str) -> Bringing:
        """Begin an import, called by what is to be sent."""
        with self.database.writing() as store:
            return store.add_bringing(athlete, name, self.clock.now())

    def take_up(self, bringing: Bringing) -> Bringing:
        """Say that everything was sent: from now on it waits for its turn, for all to see."""
        taken_up = replace(bringing, stage=Stage.READING, changed_at=self.clock.now())
        with self.database.writing() as store:
            store.set_bringing(taken_up)
        return taken_up

    def of(self, athlete: str, number: int) -> Bringing:
        """Return one of an athlete's imports; raise NoSuchImportError where it is none."""
        try:
            with self.database.reading() as store:
                found = store.bringing(number)
        except KeyError as exc:
            raise NoSuchImportError(number) from exc
        if found.athlete != athlete:
            raise NoSuchImportError(number)
        return found

    def latest(self, athlete: str) -> Sequence[Bringing]:
        """Return an athlete's latest imports, the newest first."""
        with self.database.reading() as store:
            return store.bringings(athlete, LISTED)

    def under_way(self, bringing: Bringing) -> bool:
        """Tell whether an import goes on: those that broke off without a word do not."""
        waits = bringing.stage is Stage.READING and not bringing.total
        patience = WAITS_AT_MOST if waits else STALLED_AFTER
        stale = self.clock.now() - bringing.changed_at > patience
        return bringing.stage in {Stage.SENDING, Stage.READING, Stage.JUDGING} and not stale

    def bring(self, number: int) -> None:
        """Take in what was sent, and judge the runs; one process at a time does so for an import."""
        with self.database.turn(f"bring/{number}") as mine:
            if mine is None:
                return
            with self.database.reading() as store:
                begun = store.bringing(number)
            if begun.stage in {Stage.DONE, Stage.BROKEN}:
                return
            try:
                self._bring(begun)
            except Exception:
                log.exception("an import broke off")
                self._tell(replace(begun, stage=Stage.BROKEN, trouble=BROKEN))

    def _bring(self, begun: Bringing) -> None:
        with self.find(begun.id) as found:
            began = self._take(replace(begun, stage=Stage.READING, total=found.total), found)
        if found.bulk and began.since is not None:
            self.coach.hear_of_the_past(begun.athlete, began.since)
        self._judge(began.bringing)

    def _take(self, bringing: Bringing, found: Found) -> "_Took":
        athlete, raws, told_at = bringing.athlete, found.raws(self.clock.now()), self._tell(bringing)
        taken = (
            self.ingest.take_all(athlete, raws)
            if found.bulk
            else ((raw.external_id, self.ingest.take(athlete, raw)) for raw in raws)
        )
        fates: Counter[str] = Counter()
        troubles: list[tuple[str, str]] = []
        since: datetime | None = None
        for name, one in taken:
            fates[one.fate.value] += 1
            since = min(filter(None, (since, one.begun_at)), default=None)
            troubles += _trouble(name, one)
            bringing = replace(bringing, fates=dict(fates), troubles=tuple(troubles[:MOST_TROUBLES]))
            if self.clock.now() - told_at >= TOLD_EVERY:
                told_at = self._tell(bringing)
        return _Took(bringing=bringing, since=since)

    def _judge(self, bringing: Bringing) -> None:
        bringing = replace(bringing, stage=Stage.JUDGING, to_judge=self.coach.waiting())
        told_at = self._tell(bringing)
        for number, _ in enumerate(self.coach.coach_each([bringing.athlete]), start=1):
            bringing = replace(bringing, judged=number)
            if self.clock.now() - told_at >= TOLD_EVERY:
                told_at = self._tell(bringing)
        self._tell(replace(bringing, stage=Stage.DONE))

    def _tell(self, bringing: Bringing) -> datetime:
        now = self.clock.now()
        with self.database.writing() as store:
            store.set_bringing(replace(bringing, changed_at=now))
        return now


@dataclass(frozen=True, slots=True, kw_only=True)
class _Took:
    bringing: Bringing
    since: datetime | None


def _trouble(name: str, taken: Taken) -> list[tuple[str, str]]:
    return [(name, taken.reason)] if taken.fate is Fate.MALFORMED else []
