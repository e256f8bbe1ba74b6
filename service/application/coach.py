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
from service.application.catching_up import make_up
from service.application.wishing import debt_of, runners_wish
from service.domain.activity import Activity
from service.domain.announcement import because
from service.domain.athlete import Athlete
from service.domain.classification import RULESET, Classification, PastRun, RunType, classify
from service.domain.composing.policy import Policy
from service.domain.debt import areas_of
from service.domain.meeting import Homecoming, Meeting, left_to_others, meet, others_served, serving
from service.domain.moments import has_cooled
from service.domain.movements import BodyArea, Catalogue
from service.domain.quiet import WARM
from service.domain.routine import Part, Routine, compose
from service.domain.sessions import OPEN_STATES, Offer, Session, State, offers, session_key
from service.domain.workout import join
from service.ports import Archive, Clock, Database, NewSession, Store, StoredActivity

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
        with database.reading() as store:
            history = list(store.history(athlete))
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
            case = self._case_of(store, activity_id)
            if case is None:
                return {}
            still_open = [one for one in store.sessions_after(case.latest.id) if one.state in OPEN_STATES]
            said = {
                kind: replace(case, verdict=replace(case.verdict, run_type=kind, confidence=1.0)) for kind in RunType
            }
            return {
                kind: tuple(self._compose(store, other, one.part) for one in still_open) for kind, other in said.items()
            }

    def adapt(self, athlete: str) -> list[Session]:
        """Compose anew what the athlete has still to do, for a body of which more is known now; nothing new is said."""
        with self.database.writing() as store:
            for session in store.open_sessions(athlete):
                if session.makes_up:
                    self._make_up_anew(store, session)
                elif session.activity is not None and (case := self._case_of(store, session.activity)):
                    self._recompose(store, case, session)
            return list(store.open_sessions(athlete))

    def let_cool(self) -> int:
        """Compose anew what nobody has heard of although legs have cooled down meanwhile; return how many that were."""
        now = self.clock.now()
        with self.database.reading() as store:
            waiting = store.unheard(now, WARM)
        with self.database.writing() as store:
            cooled = [session for session in map(store.session, waiting) if has_cooled(session, now)]
            for session in cooled:
                if session.activity is not None and (case := self._case_of(store, session.activity)):
                    self._recompose(store, case, session, cold=True)
        return len(cooled)

    def _judge(
        self, parts: Sequence[StoredActivity], history: list[PastRun], correction: RunType | None
    ) -> "_Case | None":
        """Return the verdict on a run, None for one that trips a fault of ours: the others must not wait for it."""
        athlete = self.athletes[parts[0].athlete]
        try:
            verdict = judge(self.archive, parts, history, athlete, correction)
        except Exception:
            self.failed.add(_as_recorded(parts))
            log.exception("activity %d could not be judged; it is left out until the next start", parts[0].id)
            return None
        insort(history, verdict.remembered, key=lambda past: past.started_at)
        return self._case(parts, verdict)

    def settle(self, parts: Sequence[StoredActivity], verdict: Classification) -> None:
        """Write a verdict on a workout and what follows from it, in one transaction."""
        self._settle_all(self.database, [self._case(parts, verdict)])

    def _settle_all(self, database: Database, cases: "Sequence[_Case]") -> list[Coached]:
        """Write what was judged; a workout that a richer or another recording came to meanwhile is judged again."""
        with database.writing() as store:
            for athlete in {case.athlete.id for case in cases}:
                store.alone_with(athlete)
            now = store.workouts([case.parts[0].id for case in cases])
            return [self._settle(store, case) for case in cases if now.get(case.parts[0].id) == list(case.parts)]

    def _settle(self, store: Store, case: "_Case") -> Coached:
        number = case.parts[0].id
        store.add_classification(number, case.verdict, case.now)
        return Coached(activity_id=number, verdict=case.verdict, sessions=self._offer(store, case))

    def _case(self, parts: Sequence[StoredActivity], verdict: Classification) -> "_Case":
        return _Case(parts=parts, athlete=self.athletes[parts[0].athlete], verdict=verdict, now=self.clock.now())

    def _case_of(self, store: Store, activity_id: int) -> "_Case | None":
        """Return a workout judged before, None for one whose verdict is forgotten and still to be made anew."""
        parts, verdict = store.workout(activity_id), store.classification(activity_id)
        return None if verdict is None else self._case(parts, verdict)

    def _make_up_anew(self, store: Store, session: Session) -> None:
        """Give an open session that makes up for others the routine it would have now, where there is one."""
        now, athlete = self.clock.now(), self.athletes[session.athlete]
        owing = debt_of(store, athlete, now)
        made = make_up(store, athlete, owing, now, catalogue=self.catalogue, policy=self.policy)
        if made is not None and made != session.routine:
            store.rewrite_session(session.id, made, now)
            self.announcer.follow_up(store, store.session(session.id), now)

    def _offer(self, store: Store, case: "_Case") -> tuple[Session, ...]:
        """Write the sessions a run earns; what was offered before is rewritten where open, never offered again."""
        if known := store.sessions_after(case.latest.id):
            return self._rewrite(store, case, known)
        earned = offers(case.latest.activity, case.verdict.run_type, case.athlete, case.now)
        if case.latest.bulk or not earned:
            return ()
        met = _met(store, case, earned[0].announce_at)
        if serving_both := met[Meeting.SERVES_BOTH]:
            self._serve(store, case, serving_both[-1])
            return ()
        for session in met[Meeting.REPLACED]:
            self.announcer.become(store, session, State.REPLACED, case.now)
        added = [self._add(store, case, offer, met[Meeting.REPLACED]) for offer in earned]
        return tuple(session for session in added if session is not None)

    def _serve(self, store: Store, case: "_Case", session: Session) -> None:
        """Have a session still to do serve a run that ended before its own, too."""
        if its_own := self._case_of(store, session.run):
            self._recompose(store, its_own, session, (case.verdict.run_type,))

    def _add(self, store: Store, case: "_Case", offer: Offer, replaced: Sequence[Session]) -> Session | None:
        run = case.latest
        key = session_key(run.athlete, run.activity.started_at, offer.part)
        others = left_to_others(session for session in replaced if session.activity not in case.numbers)
        routine = self._compose(store, case, _Shape(offer.part, offer.cold, others, areas_of(replaced)))
        new = NewSession(key=key, offer=offer, routine=routine, ran=case.verdict.run_type)
        number = store.add_session(run.athlete, run.id, new, case.now)
        if number is None:
            return None
        store.cover([session.id for session in replaced], number)
        session = store.session(number)
        self.announcer.announce(store, session, offer.announce_at, case.why, case.now)
        return session

    def _rewrite(self, store: Store, case: "_Case", known: Sequence[Session]) -> tuple[Session, ...]:
        sure = case.verdict.confidence >= self.policy.unsure_below
        for session in known:
            ran = session.routine.run_type if session.ran is None else session.ran
            if session.state in OPEN_STATES and (ran, session.routine.sure) != (case.verdict.run_type, sure):
                self._recompose(store, case, session)
        return tuple(store.sessions_after(case.latest.id))

    def _recompose(
        self, store: Store, case: "_Case", session: Session, also: tuple[RunType, ...] = (), *, cold: bool = False
    ) -> None:
        """Give an open session the routine it would have now, where that is another one."""
        owing = areas_of(store.covered_by(session.id))
        shape = _Shape(session.part, cold or session.routine.cold, (*others_served(session), *also), owing)
        routine = self._compose(store, case, shape)
        if routine != session.routine:
            store.rewrite_session(session.id, routine, case.now, ran=case.verdict.run_type)
            self.announcer.follow_up(store, store.session(session.id), case.now, case.why)

    def _compose(self, store: Store, case: "_Case", shape: "_Shape") -> Routine:
        run_type, also = serving(case.verdict.run_type, () if shape.part is Part.NOW else shape.others)
        wish = runners_wish(store, case.athlete, run_type, case.now, case.latest.id)
        run = case.whole
        return compose(
            replace(
                wish,
                flags=case.verdict.flags,
                confidence=case.verdict.confidence,
                distance_m=run.distance_m,
                duration_s=run.moving_s,
                part=shape.part,
                cold=shape.cold,
                also=also,
                owed=wish.owed | shape.owing,
                seed=int(run.started_at.timestamp()) % 2**32,
            ),
            self.catalogue,
            self.policy,
        )


@dataclass(frozen=True, slots=True)
class _Shape:
    """Of what form a routine is: which part, for cold legs or warm ones, for which other runs, owing which areas."""

    part: Part
    cold: bool
    others: tuple[RunType, ...]
    owing: frozenset[BodyArea]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """One workout before the coach, by its parts in the order they were run: nearly always one."""

    parts: Sequence[StoredActivity]
    athlete: Athlete
    verdict: Classification
    now: datetime

    @property
    def latest(self) -> StoredActivity:
        """The part after which the routine is done."""
        return self.parts[-1]

    @property
    def numbers(self) -> frozenset[int]:
        """The numbers of its parts."""
        return frozenset(part.id for part in self.parts)

    @property
    def keys(self) -> frozenset[str]:
        """The names of the sessions it may have earned before it was let go of and came back."""
        run = self.latest
        return frozenset(session_key(run.athlete, run.activity.started_at, part) for part in Part)

    @property
    def whole(self) -> Activity:
        """The workout as one activity."""
        return join([part.activity for part in self.parts])

    @property
    def why(self) -> str:
        """The verdict with its first reason in the runner's own numbers; nothing where a source forbids telling it."""
        limited = any(part.activity.expires_at is not None for part in self.parts)
        return "" if limited else because(self.verdict)


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


def _met(store: Store, case: _Case, spoken: datetime) -> Mapping[Meeting, Sequence[Session]]:
    """Return what is still to do, by what becomes of it now that this run came home.

    What was offered after an earlier part of the same workout is replaced: one workout earns one routine.
    """
    home = Homecoming(run_type=case.verdict.run_type, ended=case.latest.activity.ended_at, spoken=spoken)
    met: dict[Meeting, list[Session]] = {meeting: [] for meeting in Meeting}
    for session in store.open_sessions(case.athlete.id):
        if session.window.closes <= case.now or session.key in case.keys:
            continue
        own = session.activity in case.numbers
        met[Meeting.REPLACED if own else meet(session, _ran_until(store, session), home)].append(session)
    return met


def _ran_until(store: Store, session: Session) -> datetime | None:
    return None if session.activity is None else store.activity(session.activity).activity.ended_at
