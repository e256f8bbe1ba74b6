"""From a run to the sessions that follow it.

    runs without a verdict -> classify -> offers -> compose -> verdict + sessions + messages (one transaction)

Runs are judged in the order they were run, each by what is remembered of those before it.
"""

import logging
from bisect import insort
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import batched

from service.application.announce import Announcer
from service.application.offering import Case, Offering
from service.domain.activity import Activity
from service.domain.athlete import Athlete
from service.domain.classification import (
    RULESET,
    Classification,
    PastRun,
    RunType,
    classify,
    reaches_back_to,
    reaches_no_further,
)
from service.domain.composing.policy import Policy
from service.domain.moments import has_cooled
from service.domain.movements import Catalogue
from service.domain.quiet import WARM
from service.domain.routine import Routine
from service.domain.sessions import Session, State
from service.domain.workout import join
from service.ports import Archive, Clock, Database, EdgeError, Store, StoredActivity

log = logging.getLogger(__name__)

# One wait for the disk serves so many verdicts.
GROUP = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Coached:
    """What the coach made of a run: the verdict and the sessions it earned, if any."""

    activity_id: int
    verdict: Classification
    sessions: tuple[Session, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coach:
    """Judges runs and offers sessions."""

    database: Database
    archive: Archive
    announcer: Announcer
    athletes: Mapping[str, Athlete]
    catalogue: Catalogue
    policy: Policy
    clock: Clock
    failed: "set[_AsRecorded]" = field(default_factory=set)

    def coach(self, athletes: Collection[str] | None = None) -> list[Coached]:
        """Judge every run of these athletes (None: all) that has no verdict yet under these rules, oldest first."""
        return list(self.coach_each(athletes))

    def due(self) -> list[str]:
        """Return the athletes who have runs without a verdict under these rules."""
        return list(self._waiting())

    def waiting(self) -> int:
        """Return how many runs have no verdict yet under these rules."""
        return sum(len(numbers) for numbers in self._waiting().values())

    def coach_each(self, athletes: Collection[str] | None = None) -> Iterator[Coached]:
        """Judge every waiting run, oldest first, and yield each once its verdict is written.

        An athlete whose runs another process is judging is left to it: each run is judged by those before it.
        """
        for athlete in self.due() if athletes is None else athletes:
            with self.database.turn(f"{athlete}/coach") as mine:
                yield from self._coach(mine, athlete) if mine else ()

    def _waiting(self, athlete: str | None = None) -> dict[str, list[int]]:
        with self.database.reading() as store:
            waiting = store.unclassified(RULESET, athlete)
        return {runner: list(numbers) for runner, numbers in waiting.items() if runner in self.athletes}

    def _coach(self, database: Database, athlete: str) -> Iterator[Coached]:
        numbers = self._waiting(athlete).get(athlete, [])
        history = _past_before(database, athlete, numbers[0]) if numbers else []
        for group in batched(numbers, GROUP):
            with database.reading() as store:
                workouts, corrections = store.workouts(group), store.corrections(group)
            found = [number for number in group if number in workouts]
            left = [number for number in found if _as_recorded(workouts[number]) not in self.failed]
            judged = [self._judge(workouts[number], history, corrections.get(number)) for number in left]
            yield from self._settle_all(database, [case for case in judged if case is not None])

    def hear_of_the_past(self, athlete: str, since: datetime) -> None:
        """Have the runs begun since a moment judged anew, because runs before them have become known."""
        with self.database.writing() as store:
            store.forget_verdicts(athlete, since)

    def verdict(self, activity_id: int) -> Classification | None:
        """Return the newest verdict on a run, None where there is none."""
        with self.database.reading() as store:
            return store.classification(activity_id)

    def run(self, activity_id: int) -> Activity:
        """Return a run without its streams."""
        with self.database.reading() as store:
            return store.activity(activity_id).activity

    def correct(self, activity_id: int, run_type: RunType) -> list[Coached]:
        """Take the runner's word for what a run was; its open session is rewritten, later runs learn from it."""
        with self.database.writing() as store:
            store.correct(activity_id, run_type, self.clock.now())
        return self.coach()

    def if_it_were(self, activity_id: int) -> Mapping[RunType, tuple[Routine, ...]]:
        """Return, for each kind of run, the routines that what is still to do after this one would have; none judged.

        Nothing is written: it shows what a correction would change.
        """
        with self.database.reading() as store:
            return self._offering.if_it_were(store, activity_id, self.clock.now())

    def adapt(self, athlete: str) -> list[Session]:
        """Compose anew what the athlete has still to do, for a body of which more is known now; nothing new is said."""
        now = self.clock.now()
        with self.database.writing() as store:
            store.alone_with(athlete)
            for session in store.open_sessions(athlete):
                self._offering.renew(store, session, now)
            return list(store.open_sessions(athlete))

    def let_cool(self) -> int:
        """Compose anew what nobody has heard of although legs have cooled down meanwhile; return how many that were."""
        now = self.clock.now()
        with self.database.reading() as store:
            waiting = [session for session in map(store.session, store.unheard(now, WARM)) if has_cooled(session, now)]
            cooled = [one for one in waiting if one.state is State.SNOOZED or not self.announcer.was_heard(store, one)]
        for session in cooled:
            with self.database.writing() as store:
                store.alone_with(session.athlete)
                self._offering.renew(store, store.session(session.id), now, cold=True)
        return len(cooled)

    @property
    def _offering(self) -> Offering:
        return Offering(self.announcer, self.catalogue, self.policy)

    def _judge(
        self, parts: Sequence[StoredActivity], history: list[PastRun], correction: RunType | None
    ) -> Case | None:
        """Return the verdict on a run, None for one that trips a fault of ours: the others must not wait for it."""
        athlete = self.athletes[parts[0].athlete]
        try:
            verdict = judge(self.archive, parts, history, athlete, correction)
        except EdgeError:  # the disk, not the run
            raise
        except Exception:
            self.failed.add(_as_recorded(parts))
            log.exception("activity %d could not be judged; it is left out until the next start", parts[0].id)
            return None
        insort(history, verdict.remembered, key=lambda past: past.started_at)
        return self._offering.case(parts, verdict, self.clock.now())

    def settle(self, parts: Sequence[StoredActivity], verdict: Classification) -> None:
        """Write a verdict on a workout and what follows from it, in one transaction."""
        self._settle_all(self.database, [self._offering.case(parts, verdict, self.clock.now())])

    def _settle_all(self, database: Database, cases: Sequence[Case]) -> list[Coached]:
        """Write what was judged; a workout that a richer or another recording came to meanwhile is judged again."""
        with database.writing() as store:
            for athlete in {case.athlete.id for case in cases}:
                store.alone_with(athlete)
            now = store.workouts([case.parts[0].id for case in cases])
            return [self._settle(store, case) for case in cases if now.get(case.parts[0].id) == list(case.parts)]

    def _settle(self, store: Store, case: Case) -> Coached:
        number = case.parts[0].id
        store.add_classification(number, case.verdict, case.now)
        return Coached(activity_id=number, verdict=case.verdict, sessions=self._offering.offer(store, case))


def _past_before(database: Database, athlete: str, oldest: int) -> list[PastRun]:
    """Return what is remembered that matters for a run and all later ones: seldom the whole of it."""
    with database.reading() as store:
        for part in store.workouts([oldest]).get(oldest, ())[:1]:
            start = part.activity.started_at
            history = list(store.history(athlete, since=reaches_back_to(start)))
            if reaches_no_further(history, start):
                return history
        return list(store.history(athlete))


type _AsRecorded = tuple[tuple[int, str | None], ...]


def _as_recorded(parts: Sequence[StoredActivity]) -> _AsRecorded:
    """Return what a workout is known by once it could not be judged: recorded otherwise, it is another case."""
    return tuple((part.id, part.streams_name) for part in parts)


def judge(
    archive: Archive,
    parts: Sequence[StoredActivity],
    history: Sequence[PastRun],
    athlete: Athlete,
    correction: RunType | None,
) -> Classification:
    """Return the verdict on a stored workout, its streams taken from the archive."""
    recorded = [
        replace(part.activity, streams=archive.get_streams(part.streams_name) if part.streams_name else None)
        for part in parts
    ]
    return classify(join(recorded), history, athlete, correction=correction)
