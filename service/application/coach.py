"""From a run to the sessions that follow it.

    runs without a verdict -> classify -> offers -> compose -> verdict + sessions + messages (one transaction)

Runs are judged in the order they were run, each by what is remembered of those before it.
"""

import logging
from bisect import insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from service.application.announce import Announcer
from service.domain.athlete import Athlete
from service.domain.classification import RULESET, Classification, PastRun, RunType, classify
from service.domain.composing.policy import Policy
from service.domain.digest import start_of_week
from service.domain.movements import Catalogue
from service.domain.routine import Part, Routine, compose
from service.domain.sessions import OPEN_STATES, Offer, Session, offers, session_key
from service.domain.wish import Done, Feedback, Wish
from service.ports import Archive, Clock, Database, NewSession, Store, StoredActivity

log = logging.getLogger(__name__)

# As far back as a routine looks so as not to repeat itself.
LATELY = timedelta(days=14)
EVER = datetime.min.replace(tzinfo=UTC)


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
    failed: set[int] = field(default_factory=set)

    def coach(self) -> list[Coached]:
        """Judge every run that has no verdict yet under these rules, oldest first."""
        with self.database.reading() as store:
            waiting = store.unclassified(RULESET, self.athletes.keys())
        coached: list[Coached] = []
        histories: dict[str, list[PastRun]] = {}
        for number in waiting:
            if number in self.failed:
                continue
            try:
                coached.append(self._judge(number, histories))
            except Exception:  # one run that trips a fault of ours must not keep the others waiting
                self.failed.add(number)
                log.exception("activity %d could not be judged; it is left out until the next start", number)
        return coached

    def verdict(self, activity_id: int) -> Classification | None:
        """Return the newest verdict on a run, None where there is none."""
        with self.database.reading() as store:
            return store.classification(activity_id)

    def correct(self, activity_id: int, run_type: RunType) -> list[Coached]:
        """Take the runner's word for what a run was; its open session is rewritten, later runs learn from it."""
        with self.database.writing() as store:
            store.correct(activity_id, run_type, self.clock.now())
        return self.coach()

    def _judge(self, number: int, histories: dict[str, list[PastRun]]) -> Coached:
        with self.database.reading() as store:
            run, correction = store.activity(number), store.correction(number)
            if run.athlete not in histories:
                histories[run.athlete] = list(store.history(run.athlete))
        history = histories[run.athlete]
        verdict = judge(self.archive, run, history, self.athletes[run.athlete], correction)
        insort(history, verdict.remembered, key=lambda past: past.started_at)
        return self.settle(run, verdict)

    def settle(self, run: StoredActivity, verdict: Classification) -> Coached:
        """Write a verdict and what follows from it, in one transaction."""
        case = _Case(run=run, athlete=self.athletes[run.athlete], verdict=verdict, now=self.clock.now())
        with self.database.writing() as store:
            store.add_classification(run.id, verdict, case.now)
            sessions = self._offer(store, case)
        return Coached(activity_id=run.id, verdict=verdict, sessions=sessions)

    def _offer(self, store: Store, case: "_Case") -> tuple[Session, ...]:
        """Write the sessions a run earns; what was offered before is rewritten where open, never offered again."""
        if known := store.sessions_after(case.run.id):
            return self._rewrite(store, case, known)
        if case.run.bulk:
            return ()
        earned = offers(case.run.activity, case.verdict.run_type, case.athlete, case.now)
        added = [self._add(store, case, offer) for offer in earned]
        return tuple(session for session in added if session is not None)

    def _add(self, store: Store, case: "_Case", offer: Offer) -> Session | None:
        key = session_key(case.run.athlete, case.run.activity.started_at, offer.part)
        new = NewSession(key=key, offer=offer, routine=self._compose(store, case, offer.part))
        number = store.add_session(case.run.athlete, case.run.id, new, case.now)
        if number is None:
            return None
        session = store.session(number)
        self.announcer.announce(store, session, offer.announce_at, case.why, case.now)
        return session

    def _rewrite(self, store: Store, case: "_Case", known: Sequence[Session]) -> tuple[Session, ...]:
        for session in known:
            if session.state in OPEN_STATES and session.routine.run_type is not case.verdict.run_type:
                store.rewrite_session(session.id, self._compose(store, case, session.part), case.now)
                self.announcer.reword(store, store.session(session.id), case.why)
        return tuple(store.sessions_after(case.run.id))

    def _compose(self, store: Store, case: "_Case", part: Part) -> Routine:
        return compose(_wish(store, case, part), self.catalogue, self.policy)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """One run before the coach."""

    run: StoredActivity
    athlete: Athlete
    verdict: Classification
    now: datetime

    @property
    def why(self) -> str:
        """The first reason in the runner's own numbers, or nothing where the source forbids passing them on."""
        if self.run.activity.expires_at is not None or not self.verdict.reasons:
            return ""
        return self.verdict.reasons[0].text


def judge(
    archive: Archive, run: StoredActivity, history: Sequence[PastRun], athlete: Athlete, correction: RunType | None
) -> Classification:
    """Return the verdict on a stored run, its streams taken from the archive."""
    streams = archive.get_streams(run.streams_name) if run.streams_name else None
    return classify(replace(run.activity, streams=streams), history, athlete, correction=correction)


def _wish(store: Store, case: _Case, part: Part) -> Wish:
    athlete, activity, now = case.athlete, case.run.activity, case.now
    lately = store.sessions_between(athlete.id, now - LATELY, now)
    monday = start_of_week(now.astimezone(athlete.timezone).date(), athlete.timezone)
    return Wish(
        run_type=case.verdict.run_type,
        flags=case.verdict.flags,
        confidence=case.verdict.confidence,
        distance_m=activity.distance_m,
        duration_s=activity.moving_s,
        part=part,
        kit=athlete.kit,
        level=athlete.level,
        recent=tuple(_as_done(session) for session in reversed(lately) if session.activity != case.run.id),
        feedback=_feedback(store.last_feeling(athlete.id)),
        sessions_done=store.done_between(athlete.id, EVER, now),
        week_done=store.done_between(athlete.id, monday, now),
        week_goal=athlete.sessions_per_week,
        seed=int(activity.started_at.timestamp()) % 2**32,
    )


def _as_done(session: Session) -> Done:
    movements = tuple(step.movement for step in session.routine.steps)
    return Done(run_type=session.routine.run_type, movements=movements)


def _feedback(feeling: str | None) -> Feedback | None:
    return Feedback(feeling) if feeling in list(Feedback) else None
