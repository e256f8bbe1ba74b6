"""The morning list, once a local date.

what has run out expires -> what is for today, what is left over -> one session -> facts -> message (one transaction)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from service.application.announce import Announcer
from service.application.catching_up import make_up
from service.application.wishing import EVER, LATELY
from service.domain.activity import Activity
from service.domain.athlete import Athlete, Listing
from service.domain.body import REMEMBERED, today
from service.domain.composing.policy import Policy
from service.domain.debt import LET_GO_AFTER, MENTIONED_FOR, Debt
from service.domain.digest import Day, digest, digest_due, digest_key, start_of_day, start_of_week
from service.domain.localtime import at
from service.domain.message import Message
from service.domain.morning import Plan, all_day, catch_up_key, plan
from service.domain.movements import Catalogue
from service.domain.quiet import waking
from service.domain.routine import Part
from service.domain.sessions import Offer, Session, State, expired
from service.domain.wins import small_win
from service.ports import Clock, Database, DayOfRuns, NewSession, Store

DAY, WEEK = timedelta(days=1), timedelta(days=7)
# Local dates reach so far to either side of a UTC one.
ZONES = timedelta(hours=14)
UNSAVED = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """Makes digests. `systems` are each athlete's sources and channels, named as in the settings."""

    database: Database
    athletes: Mapping[str, Athlete]
    announcer: Announcer
    systems: Mapping[str, Sequence[str]]
    catalogue: Catalogue
    policy: Policy
    clock: Clock

    def preview(self, athlete: str, day: date) -> Message | None:
        """Return what the digest of a date would say as things stand, or None where it would be silent."""
        return digest(self._day(athlete, day))

    def asked_for(self, athlete: str, day: date) -> Message | None:
        """Return the same for somebody who asks: everything is told, although they have heard of it before."""
        return digest(replace(self._day(athlete, day), is_news=True, repairs_told=False))

    def make_due(self) -> int:
        """Queue the digests whose hour has come and return how many that were."""
        return sum(self.make(athlete) for athlete in self.due())

    def due(self) -> list[str]:
        """Return the athletes whose digest of today has had its hour and is not made."""
        now = self.clock.now()
        days = {athlete.id: digest_due(athlete, now) for athlete in self.athletes.values()}
        wanted = {(athlete, day) for athlete, day in days.items() if day is not None}
        if not wanted:
            return []
        with self.database.reading() as store:
            made = store.digests_since(min(day for _, day in wanted))
        return [athlete for athlete, day in wanted if (athlete, day) not in made]

    def make(self, who: str) -> int:
        """Queue an athlete's digest of today where its hour has come; return 1 where there was something to say."""
        athlete, now = self.athletes[who], self.clock.now()
        due = digest_due(athlete, now)
        if due is None:
            return 0
        with self.database.writing() as store:
            return self._make(store, athlete, now) if store.add_digest(who, due, now) else 0

    def make_again(self, who: str) -> int:
        """Queue today's digest where it had nothing to say, and yesterday's runs came home since; return as `make`.

        As after a week offline: too late to be announced, they are told of here. Nothing is told of twice.
        """
        athlete, now = self.athletes[who], self.clock.now()
        due = digest_due(athlete, now)
        if due is None:
            return 0
        with self.database.reading() as store:  # after nearly every run there is nothing to do
            if not _came_late(store, athlete, due, now):
                return 0
        with self.database.writing() as store:
            store.alone_with(who)
            return self._make(store, athlete, now) if _came_late(store, athlete, due, now) else 0

    def _make(self, store: Store, athlete: Athlete, now: datetime) -> int:
        self._expire(store, athlete, now)
        planned = self._plan(store, athlete, now)
        day = self._facts(store, athlete, now, planned)
        if digest(day) is None:
            return 0
        first = self._arrange(store, planned, now)
        message = digest(replace(day, first=first, link=self._link(first)))
        if message is not None:
            self.announcer.list_in_the_morning(store, athlete, message, waking(now, athlete), first)
        return 1

    def _expire(self, store: Store, athlete: Athlete, now: datetime) -> None:
        for session in expired(store.open_sessions(athlete.id), now):
            self.announcer.become(store, session, State.EXPIRED, now)

    def _arrange(self, store: Store, planned: Plan, now: datetime) -> Session | None:
        """Put one session in the place of everything left over, and return what the day begins with."""
        first = planned.first
        if first is not None and first.id == UNSAVED:
            first = self._written(store, first, now)
        if instead := first or next(iter(planned.later), None):
            for session in planned.left_over:
                self.announcer.become(store, session, State.REPLACED, now)
            store.cover([session.id for session in planned.left_over], instead.id)
        return first

    def _written(self, store: Store, made: Session, now: datetime) -> Session | None:
        offer = Offer(part=made.part, window=made.window, announce_at=now, cold=True)
        number = store.add_session(made.athlete, None, NewSession(key=made.key, offer=offer, routine=made.routine), now)
        if number is None:
            return None
        session = store.session(number)
        self.announcer.enter(store, session, now)
        return session

    def _catching_up(self, store: Store, athlete: Athlete, owing: Debt, now: datetime) -> Session | None:
        """Return the session that makes up for what is owed, not yet written; None where nothing fits."""
        routine = make_up(store, athlete, owing, now, catalogue=self.catalogue, policy=self.policy)
        if routine is None:
            return None
        return Session(
            id=UNSAVED,
            key=catch_up_key(athlete.id, now.astimezone(athlete.timezone).date()),
            athlete=athlete.id,
            activity=None,
            part=Part.WHOLE,
            routine=routine,
            window=all_day(now, athlete),
            state=State.PENDING,
        )

    def _link(self, session: Session | None) -> str:
        return (
            ""
            if session is None or session.id == UNSAVED
            else self.announcer.links.session(session.id, session.offered_at)
        )

    def _day(self, athlete: str, day: date) -> Day:
        runner = self.athletes[athlete]
        now = self._moment(runner, day)
        with self.database.reading() as store:
            return self._facts(store, runner, now, self._plan(store, runner, now))

    def _moment(self, athlete: Athlete, day: date) -> datetime:
        """Return the moment a digest of a date is looked at: at its hour, or now where that is later on that date."""
        now, its_hour = self.clock.now(), at(day, athlete.digest_at, athlete.timezone)
        return max(now, its_hour) if now.astimezone(athlete.timezone).date() == day else its_hour

    def _plan(self, store: Store, athlete: Athlete, now: datetime) -> Plan:
        lately = store.sessions_between(athlete.id, now - LET_GO_AFTER - MENTIONED_FOR, now + DAY)
        still_open = store.open_sessions(athlete.id)
        planned = plan(list({session.id: session for session in (*lately, *still_open)}.values()), now, athlete)
        if not planned.makes_up:
            return planned
        return replace(planned, first=self._catching_up(store, athlete, planned.debt, now))

    def _facts(self, store: Store, athlete: Athlete, now: datetime, planned: Plan) -> Day:
        zone = athlete.timezone
        day = now.astimezone(zone).date()
        monday, runs = start_of_week(day, zone), _runs_of(store, athlete, day - DAY)
        first = planned.first
        standings = [store.standing(athlete.id, system) for system in self.systems.get(athlete.id, ())]
        needed = [standing.todo or standing.notice for standing in standings]
        repairs = list(dict.fromkeys(filter(None, needed)))
        return Day(
            athlete=athlete,
            today=day,
            now=now,
            first=first,
            link=self._link(first),
            later=planned.later,
            is_news=planned.is_news if first is None or first.makes_up else not self.announcer.was_heard(store, first),
            runs_yesterday=[run.run_type for run in runs],
            ran_m=_ran(runs),
            is_going=bool(store.sessions_between(athlete.id, now - LATELY, now)),
            done_this_week=store.done_between(athlete.id, monday, start_of_day(day + DAY, zone)),
            done_last_week=store.done_between(athlete.id, start_of_week(day - WEEK, zone), monday),
            win=small_win(_days_done(store, athlete, now), day, athlete.sessions_per_week),
            let_go=planned.debt.let_go,
            sore=today(store.said_since(athlete.id, now - REMEMBERED), now).said,
            repairs=repairs,
            repairs_told={*repairs} <= {told.text for told in store.notices_told(athlete.id).values()},
            away=_away(store, athlete, runs),
        )


def _days_done(store: Store, athlete: Athlete, now: datetime) -> list[date]:
    return [moment.astimezone(athlete.timezone).date() for moment in store.times_done(athlete.id, EVER, now)]


def _runs_of(store: Store, athlete: Athlete, day: date) -> list[DayOfRuns]:
    """Return the runs of a date, each by the clock where it was run."""
    begins = start_of_day(day, athlete.timezone)
    near = store.runs_between(athlete.id, begins - ZONES, begins + DAY + ZONES)
    return [run for run in near if run.activity.local_day(athlete.timezone) == day]


def _came_late(store: Store, athlete: Athlete, day: date, now: datetime) -> bool:
    """Return whether yesterday's runs came home after a list that had nothing to say, and were not announced."""
    return (
        athlete.digest_when is Listing.NEWS
        and store.was_digested(athlete.id, day)
        and bool(_runs_of(store, athlete, day - DAY))
        and not store.sessions_between(athlete.id, start_of_day(day - DAY, athlete.timezone), now)
        and not store.was_queued(athlete.id, digest_key(athlete.id, day))
    )


def _ran(runs: Sequence[DayOfRuns]) -> float | None:
    """Return how far the runs went in all, None where a source forbids passing that on or a distance is unknown."""
    told = [run.activity.distance_m for run in runs if run.activity.expires_at is None]
    known = [metres for metres in told if metres is not None]
    return sum(known) if known and len(known) == len(runs) else None


def _away(store: Store, athlete: Athlete, runs: Sequence[DayOfRuns]) -> timedelta:
    """Return how far the clock of the last of these runs was from the runner's own.

    Nothing where that is no news, or a source forbids passing it on.
    """
    if not runs:
        return timedelta()
    last = runs[-1].activity
    if last.expires_at is not None:  # where somebody ran is as little to be passed on as how far
        return timedelta()
    before = store.runs_between(athlete.id, last.started_at - REMEMBERED, last.started_at)
    away = _apart(last, athlete)
    return timedelta() if before and _apart(before[-1].activity, athlete) == away else away


def _apart(activity: Activity, athlete: Athlete) -> timedelta:
    own = activity.started_at.astimezone(athlete.timezone).utcoffset()
    return timedelta() if activity.utc_offset is None or own is None else activity.utc_offset - own
