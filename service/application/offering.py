"""Which sessions a run earns, and with which routines, beside what is still to do and owed.

    case -> earned -> met with what is still to do -> composed -> session + messages

What was offered before is rewritten where it is still open, and never offered again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from service.application.announce import Announcer
from service.application.catching_up import make_up
from service.application.wishing import debt_of, runners_wish
from service.domain.activity import Activity
from service.domain.announcement import because
from service.domain.athlete import Athlete
from service.domain.classification import Classification, RunType
from service.domain.composing.policy import Policy
from service.domain.debt import areas_of
from service.domain.meeting import Homecoming, Meeting, left_to_others, meet, others_served, serving
from service.domain.movements import BodyArea, Catalogue
from service.domain.routine import Part, Routine, compose
from service.domain.sessions import OPEN_STATES, Offer, Session, State, offers, session_key
from service.domain.workout import join
from service.ports import NewSession, Store, StoredActivity


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One workout and the verdict on it, by its parts in the order they were run: nearly always one."""

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


@dataclass(frozen=True, slots=True)
class Offering:
    """Writes sessions and their routines."""

    announcer: Announcer
    catalogue: Catalogue
    policy: Policy

    def case(self, parts: Sequence[StoredActivity], verdict: Classification, now: datetime) -> Case:
        """Return a workout with the verdict on it."""
        return Case(parts=parts, athlete=self.announcer.athletes[parts[0].athlete], verdict=verdict, now=now)

    def case_of(self, store: Store, activity_id: int, now: datetime) -> Case | None:
        """Return a workout judged before, None for one whose verdict is forgotten and still to be made anew."""
        parts, verdict = store.workout(activity_id), store.classification(activity_id)
        return None if verdict is None else self.case(parts, verdict, now)

    def renew(self, store: Store, session: Session, now: datetime, *, cold: bool = False) -> None:
        """Give an open session the routine it would have now; one whose run is let go of keeps what it has."""
        if session.makes_up:
            self._make_up_anew(store, session, now)
        elif session.activity is not None and (case := self.case_of(store, session.activity, now)):
            self._recompose(store, case, session, cold=cold)

    def if_it_were(self, store: Store, activity_id: int, now: datetime) -> Mapping[RunType, tuple[Routine, ...]]:
        """Return, for each kind of run, the routines that what is still to do after this one would have."""
        case = self.case_of(store, activity_id, now)
        if case is None:
            return {}
        still_open = [one for one in store.sessions_after(case.latest.id) if one.state in OPEN_STATES]
        said = {kind: replace(case, verdict=replace(case.verdict, run_type=kind, confidence=1.0)) for kind in RunType}
        return {
            kind: tuple(self._compose(store, other, _shape(store, one)) for one in still_open)
            for kind, other in said.items()
        }

    def _make_up_anew(self, store: Store, session: Session, now: datetime) -> None:
        """Give an open session that makes up for others the routine it would have now, where there is one."""
        athlete = self.announcer.athletes[session.athlete]
        owing = debt_of(store, athlete, now)
        made = make_up(store, athlete, owing, now, catalogue=self.catalogue, policy=self.policy)
        if made is not None and made != session.routine:
            store.rewrite_session(session.id, made, now)
            self.announcer.follow_up(store, store.session(session.id), now)

    def offer(self, store: Store, case: Case) -> tuple[Session, ...]:
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

    def _serve(self, store: Store, case: Case, session: Session) -> None:
        """Have a session still to do serve a run that ended before its own, too."""
        if its_own := self.case_of(store, session.run, case.now):
            self._recompose(store, its_own, session, (case.verdict.run_type,))

    def _add(self, store: Store, case: Case, offer: Offer, replaced: Sequence[Session]) -> Session | None:
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

    def _rewrite(self, store: Store, case: Case, known: Sequence[Session]) -> tuple[Session, ...]:
        sure = case.verdict.confidence >= self.policy.unsure_below
        for session in known:
            ran = session.routine.run_type if session.ran is None else session.ran
            if session.state in OPEN_STATES and (ran, session.routine.sure) != (case.verdict.run_type, sure):
                self._recompose(store, case, session)
        return tuple(store.sessions_after(case.latest.id))

    def _recompose(
        self, store: Store, case: Case, session: Session, also: tuple[RunType, ...] = (), *, cold: bool = False
    ) -> None:
        """Give an open session the routine it would have now, where that is another one."""
        routine = self._compose(store, case, _shape(store, session, also, cold=cold))
        if routine != session.routine:
            store.rewrite_session(session.id, routine, case.now, ran=case.verdict.run_type)
            self.announcer.follow_up(store, store.session(session.id), case.now, case.why)

    def _compose(self, store: Store, case: Case, shape: "_Shape") -> Routine:
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


def _shape(store: Store, session: Session, also: tuple[RunType, ...] = (), *, cold: bool = False) -> _Shape:
    """Return the form of a session's routine, should it be composed anew."""
    owing = areas_of(store.covered_by(session.id))
    return _Shape(session.part, cold or session.routine.cold, (*others_served(session), *also), owing)


def _met(store: Store, case: Case, spoken: datetime) -> Mapping[Meeting, Sequence[Session]]:
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
