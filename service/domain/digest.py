"""The morning list: a day of facts as one message, or none where there is nothing to say."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import uuid5
from zoneinfo import ZoneInfo

from service.domain.announcement import a_run, answers, first_line, steps_of
from service.domain.athlete import Athlete, Listing
from service.domain.classification import RunType
from service.domain.judging.quantities import distance
from service.domain.localtime import at
from service.domain.message import Message
from service.domain.moments import Moment, moment_of
from service.domain.movements import Site
from service.domain.sessions import NAMESPACE, Session
from service.domain.words import area_words, feels, listed, whole_minutes

# So many days after the runner spoke of a sore place they are asked how it is; the second time, it has stayed for a
# week, and somebody should look at it (routine_facts P3).
ASKED_ON = (3, 7)
NOON, EVENING = 12, 17


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What there is to tell at the moment `now` of the local date `today`.

    `first` is what to do, at the address `link`; `later` waits for an hour of its own; `is_news` is False where `first`
    makes up for nothing new. `runs_yesterday` are the kinds, `ran_m` the metres, None where they may not be told.
    `is_going`: there were sessions lately, so that the week can be counted. `let_go` is what is owed no more. `sore` is
    when the runner spoke of each sore place last. `repairs` are what sources and channels need a human for,
    `repairs_told` whether the runner has heard of them all. `away` is how far the clock of yesterday's run was from the
    runner's own.
    """

    athlete: Athlete
    today: date
    now: datetime
    first: Session | None = None
    link: str = ""
    later: Sequence[Session] = ()
    is_news: bool = True
    runs_yesterday: Sequence[RunType] = ()
    ran_m: float | None = None
    is_going: bool = True
    done_this_week: int = 0
    done_last_week: int = 0
    win: str = ""
    let_go: Sequence[Session] = ()
    sore: Sequence[tuple[Site, datetime]] = ()
    repairs: Sequence[str] = ()
    repairs_told: bool = False
    away: timedelta = timedelta()

    @property
    def questions(self) -> list[tuple[Site, date]]:
        """The sore places to ask about today, with the day the runner spoke of them."""
        days = [(site, said.astimezone(self.athlete.timezone).date()) for site, said in self.sore]
        return [(site, day) for site, day in days if (self.today - day).days in ASKED_ON]

    @property
    def is_wanted(self) -> bool:
        """Whether there is enough to say for a message, as the runner wishes it."""
        to_do = bool(self.later) or (self.first is not None and self.is_news)
        asks = to_do or bool(self.questions) or self.needs_a_hand
        match self.athlete.digest_when:
            case Listing.ALWAYS:
                return True
            case Listing.NEWS:
                return asks or bool(self.runs_yesterday or self.win)
            case Listing.TO_DO:
                return asks

    @property
    def needs_a_hand(self) -> bool:
        """Whether something needs a human and the runner has not heard of it."""
        return bool(self.repairs) and not self.repairs_told


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the first moment of a local date, in UTC."""
    return at(day, time(), zone)


def start_of_week(day: date, zone: ZoneInfo) -> datetime:
    """Return the first moment of the local week (Monday) a date lies in, in UTC."""
    return start_of_day(day - timedelta(days=day.weekday()), zone)


def digest_due(athlete: Athlete, now: datetime) -> date | None:
    """Return the local date whose digest may be made now, or None before the hour it is wanted at.

    Asked by date, not by alarm: the night the clocks change has one digest like any other.
    """
    local = now.astimezone(athlete.timezone)
    return local.date() if local.time() >= athlete.digest_at else None


def digest(day: Day) -> Message | None:
    """Return the message a day begins with, or None where there is nothing to say and the runner wants no empty one."""
    if not day.is_wanted:
        return None
    return Message(
        key=digest_key(day.athlete.id, day.today),
        title=f"{_greeting(day)}: {_headline(day)}",
        body="\n".join(_lines(day)),
        why=_distance(day),
        details=steps_of(day.first.routine) if day.first else (),
        link=day.link,
        actions=answers(day.link) if day.link else (),
        useful_until=start_of_day(day.today + timedelta(days=1), day.athlete.timezone),
        tags=("digest",),
    )


def digest_key(athlete: str, day: date) -> str:
    """Return the name of an athlete's message of a date: always the same, on any machine."""
    return str(uuid5(NAMESPACE, f"{athlete}/digest/{day.isoformat()}"))


def _greeting(day: Day) -> str:
    hour = day.now.astimezone(day.athlete.timezone).hour
    return "Good morning" if hour < NOON else "Good afternoon" if hour < EVENING else "Good evening"


def _headline(day: Day) -> str:
    if day.first is not None:
        size = f"{whole_minutes(day.first.routine.seconds)} min"
        return f"{size} to catch up" if day.first.makes_up else f"{size} for today"
    if day.later:
        return f"{whole_minutes(day.later[0].routine.seconds)} min {_when(day.later[0], day.athlete)}"
    return "a hand is needed" if day.needs_a_hand else "nothing to catch up on"


def _lines(day: Day) -> Iterator[str]:
    """Yield the lines, the one that must be read first at the top."""
    if day.first is not None:
        yield first_line(day.first, day.athlete, _moment(day.first, day))
    yield from (_later_line(session, day.athlete) for session in day.later)
    if day.runs_yesterday:
        yield f"Yesterday: {listed([a_run(run) for run in day.runs_yesterday])}."
    if day.is_going:
        yield _week(day)
    if day.win:
        yield day.win
    if day.let_go:
        yield f"What was left of {listed(_days(day.let_go, day.athlete))} is let go of: nothing is owed for ever."
    yield from (_question(site, said, day.today) for site, said in day.questions)
    yield from day.repairs
    if day.away:
        yield _away(day.away)


def _moment(session: Session, day: Day) -> Moment:
    return moment_of(session, day.now, day.athlete)


def _later_line(session: Session, athlete: Athlete) -> str:
    size, run = whole_minutes(session.routine.seconds), session.routine.run_type
    return f"{_when(session, athlete).capitalize()}: {size} min, after {a_run(run)}."


def _when(session: Session, athlete: Athlete) -> str:
    return f"at {session.window.opens.astimezone(athlete.timezone):%H:%M}"


def _week(day: Day) -> str:
    goal = day.athlete.sessions_per_week
    if day.today.weekday() == 0 and not day.done_this_week:
        return f"Last week: {_of(day.done_last_week, goal)}. A new week begins."
    return f"This week: {_of(day.done_this_week, goal)}{' so far' if day.done_this_week < goal else ''}."


def _of(done: int, goal: int) -> str:
    return f"{done} of {goal} sessions" if done <= goal else f"{done} sessions, the goal was {goal}"


def _days(sessions: Sequence[Session], athlete: Athlete) -> list[str]:
    days = (f"{session.window.opens.astimezone(athlete.timezone):%A}" for session in reversed(sessions))
    return list(dict.fromkeys(days))


def _question(site: Site, said: date, today: date) -> str:
    asked = f"On {said:%A} your {area_words(site)} {'was' if feels(site) == 'feels' else 'were'} sore. Better by now?"
    if (today - said).days < ASKED_ON[-1]:
        return asked
    return f"{asked} If not, let a physiotherapist or a doctor have a look."


def _away(away: timedelta) -> str:
    hours = abs(away) / timedelta(hours=1)
    apart = f"{'an hour' if hours == 1 else f'{hours:g} hours'} {'ahead of' if away > timedelta() else 'behind'}"
    return f"Yesterday's run was {apart} your own clock. Messages keep to it until you change your timezone."


def _distance(day: Day) -> str:
    return f"You ran {distance(day.ran_m, day.athlete.units)} yesterday." if day.ran_m else ""
