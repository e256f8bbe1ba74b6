"""What it did for me: counts of sessions, areas and feelings, and no more than the counts can carry.

sessions, runs and how they felt -> by week, by area, on days after a session against days after none
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from service.domain.body import Felt, Said, can_be_tight
from service.domain.classification import RunType
from service.domain.feelings import FELT_WELL, RunFelt
from service.domain.movements import BodyArea
from service.domain.sessions import Session, State

DAY, WEEK = timedelta(days=1), timedelta(days=7)
# How far back weeks are counted, and areas.
WEEKS, LATELY = 8, timedelta(days=28)
# With fewer runs on either side, a difference is as likely an accident (ours: with eight and eight, one run more or
# less still moves a share by an eighth).
ENOUGH = 8
# What feels tight is put down to a run that ended at most so long before (ours).
FELT_AFTER = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeltRun:
    """A run, and how it felt where the runner said so; `day` is its date where it was run."""

    day: date
    ended_at: datetime
    run_type: RunType
    felt: RunFelt | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One week from its Monday on: the runs, the sessions offered after them, and the sessions done."""

    monday: date
    runs: int
    offered: int
    done: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Insights:
    """What can be counted. `areas_s` are seconds worked, the most first; `tight_after` counts what felt tight.

    `after_session` and `after_none` count how runs felt on days after a session, and on days after none.
    """

    weeks: tuple[Week, ...] = ()
    areas_s: Mapping[BodyArea, int] = field(default_factory=dict)
    after_session: Mapping[RunFelt, int] = field(default_factory=dict)
    after_none: Mapping[RunFelt, int] = field(default_factory=dict)
    tight_after: Mapping[RunType, Mapping[BodyArea, int]] = field(default_factory=dict)

    @property
    def is_enough(self) -> bool:
        """Whether there are enough runs on both sides to be compared at all."""
        return min(sum(self.after_session.values()), sum(self.after_none.values())) >= ENOUGH


def insights(
    sessions: Sequence[Session], runs: Sequence[FeltRun], said: Iterable[Said], now: datetime, zone: ZoneInfo
) -> Insights:
    """Return what the runner's sessions, runs and words add up to."""
    done = [session for session in sessions if session.state is State.DONE]
    days_done = [_done_on(session, zone) for session in done]
    after = {felt: _felt(runs, frozenset(days_done), after_session=felt) for felt in (True, False)}
    return Insights(
        weeks=_weeks(sessions, days_done, runs, now.astimezone(zone).date(), zone),
        areas_s=_areas(session for session in done if (session.changed_at or session.window.opens) > now - LATELY),
        after_session=after[True],
        after_none=after[False],
        tight_after=_tight_after(runs, said),
    )


def _done_on(session: Session, zone: ZoneInfo) -> date:
    return (session.changed_at or session.window.opens).astimezone(zone).date()


def _weeks(
    sessions: Iterable[Session], days_done: Sequence[date], runs: Iterable[FeltRun], today: date, zone: ZoneInfo
) -> tuple[Week, ...]:
    offered = Counter(_monday(one.window.opens.astimezone(zone).date()) for one in sessions if not one.makes_up)
    done, ran = Counter(map(_monday, days_done)), Counter(_monday(run.day) for run in runs)
    mondays = [_monday(today) - back * WEEK for back in reversed(range(WEEKS))]
    weeks = [Week(monday=day, runs=ran[day], offered=offered[day], done=done[day]) for day in mondays]
    begun = next((place for place, week in enumerate(weeks) if week.runs or week.offered or week.done), len(weeks))
    return tuple(weeks[begun:])


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _areas(done: Iterable[Session]) -> dict[BodyArea, int]:
    """Return how long each area was worked: a step counts for its main area alone."""
    worked: Counter[BodyArea] = Counter()
    for session in done:
        for step in session.routine.steps[1:]:
            worked[step.areas[0]] += step.seconds
    return dict(worked.most_common())


def _felt(runs: Iterable[FeltRun], days_done: frozenset[date], *, after_session: bool) -> dict[RunFelt, int]:
    counted = Counter(run.felt for run in runs if run.felt and (run.day - DAY in days_done) is after_session)
    return {felt: counted[felt] for felt in RunFelt if counted[felt]}


def _tight_after(runs: Sequence[FeltRun], said: Iterable[Said]) -> dict[RunType, dict[BodyArea, int]]:
    """Return which areas felt tight after which kind of run: what was said is put down to the last run before it."""
    counted: dict[RunType, Counter[BodyArea]] = {}
    for word in said:
        before = [run for run in runs if word.at - FELT_AFTER <= run.ended_at <= word.at]
        if word.felt is Felt.TIGHT and can_be_tight(word.site) and before:
            last = max(before, key=lambda run: run.ended_at)
            counted.setdefault(last.run_type, Counter())[BodyArea(word.site.value)] += 1
    return {kind: dict(areas.most_common()) for kind, areas in counted.items()}


def well(felt: Mapping[RunFelt, int]) -> tuple[int, int]:
    """Return how many of the runs felt good or better, and how many there are."""
    return sum(count for one, count in felt.items() if one in FELT_WELL), sum(felt.values())


def compared(found: Insights) -> tuple[str, ...]:
    """Return what can be said of runs on days after a session and after none, a sentence a line, naming no cause."""
    (well_after, after), (well_without, without) = well(found.after_session), well(found.after_none)
    if not after + without:
        return ("How your runs feel is not known yet: say so with `afterrun feel --run good`.",)
    counted = (
        f"On days after a session {well_after} of {after} runs felt good or great, on days after none {well_without} of"
        f" {without}."
    )
    if not found.is_enough:
        return (
            counted,
            f"Too few to compare: it takes {ENOUGH} of each before a difference may mean anything.",
        )
    return (counted, "That is what was counted. Those days differed in other things too, so it does not say why.")
