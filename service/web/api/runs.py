"""Runs: what each was held to be and why, and what the runner says it was."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Self

from pydantic import Field

from service.application.body import NoSuchRunError
from service.application.runs import Story
from service.domain.classification import Flag, RunType
from service.domain.feelings import RunFelt
from service.domain.insights import Insights, compared
from service.domain.movements import BodyArea
from service.domain.past import Past
from service.domain.sessions import FUTURE, OPEN_STATES
from service.ports import JudgedRun
from service.web.api.operation import MOST_ID, Call, Model, Operation, RefusedError

NO_RUN = "there is no such run"
MOST_WEEKS = 520
LISTED = timedelta(days=28)
RUN = "/runs/{run_id:int}"
UNKNOWN = {404: NO_RUN}


class RunOut(Model):
    """A run in a list. Lengths in metres and seconds, speed in metres a second, heart rate in beats a minute."""

    id: int
    started_at: datetime
    title: str
    distance_m: float | None
    moving_s: float
    elapsed_s: float
    speed_mps: float | None
    avg_hr: float | None
    run_type: RunType
    confidence: float
    corrected: bool
    felt: RunFelt | None
    source: str
    link: str

    @classmethod
    def of(cls, run: JudgedRun, **more: object) -> Self:
        """Return a run as it is sent."""
        activity = run.activity
        return cls.model_validate(
            {
                "id": run.id,
                "started_at": activity.started_at,
                "title": activity.title,
                "distance_m": activity.distance_m,
                "moving_s": activity.moving_s,
                "elapsed_s": activity.elapsed_s,
                "speed_mps": activity.speed_mps,
                "avg_hr": activity.avg_hr,
                "run_type": run.run_type,
                "confidence": run.confidence,
                "corrected": run.corrected,
                "felt": run.felt,
                "source": activity.ref.source,
                "link": activity.link,
                **more,
            }
        )


class ReasonOut(Model):
    """One line of the receipt, and how many points it gave."""

    text: str
    weight: float


class EffortOut(Model):
    """One stretch of harder running. `relative` is its speed as a share of threshold speed."""

    start_s: float
    duration_s: float
    distance_m: float
    speed_mps: float
    relative: float | None


class RunWhole(RunOut):
    """A run with its receipt. `if_it_were` are the titles of what is still to do, were it of another kind."""

    secondary: RunType | None
    flags: list[Flag]
    reasons: list[ReasonOut]
    efforts: list[EffortOut]
    thresholds: dict[str, float]
    sessions: list[int]
    if_it_were: dict[RunType, list[str]]

    @classmethod
    def whole(cls, story: Story, if_it_were: dict[RunType, list[str]]) -> Self:
        """Return a run with its receipt."""
        verdict = story.verdict
        return cls.of(
            story.run,
            secondary=verdict.secondary,
            flags=sorted(verdict.flags),
            reasons=[{"text": reason.text, "weight": reason.weight} for reason in verdict.reasons],
            efforts=[{name: getattr(effort, name) for name in EffortOut.model_fields} for effort in verdict.efforts],
            thresholds=dict(verdict.thresholds),
            sessions=[session.id for session in story.sessions],
            if_it_were=if_it_were,
        )


class DayOut(Model):
    """One local date: its runs, and the sessions done."""

    date: date
    runs: list[RunType]
    done: int


class WeekOut(Model):
    """One week from its Monday on."""

    monday: date
    done: int
    runs: int
    distance_m: float
    feelings: dict[str, int]


class PastOut(Model):
    """Whole weeks up to today, the oldest first."""

    days: list[DayOut]
    weeks: list[WeekOut]
    areas: dict[BodyArea, int]

    @classmethod
    def of(cls, past: Past) -> Self:
        """Return the weeks behind as they are sent."""
        return cls(
            days=[DayOut(date=day.date, runs=list(day.runs), done=day.done) for day in past.days],
            weeks=[
                WeekOut(
                    monday=week.monday,
                    done=week.done,
                    runs=week.runs,
                    distance_m=week.distance_m,
                    feelings=dict(week.feelings),
                )
                for week in past.weeks
            ],
            areas=dict(past.areas),
        )


class WeekCount(Model):
    """One week from its Monday on: the runs, the sessions offered after them, and the sessions done."""

    monday: date
    runs: int
    offered: int
    done: int


class InsightsOut(Model):
    """What the last weeks add up to: counts, and what can be said of them in words, naming no cause."""

    weeks: list[WeekCount]
    areas_s: dict[BodyArea, int]
    after_session: dict[RunFelt, int]
    after_none: dict[RunFelt, int]
    enough_to_compare: bool
    tight_after: dict[RunType, dict[BodyArea, int]]
    words: list[str]

    @classmethod
    def of(cls, found: Insights) -> Self:
        """Return what was counted as it is sent."""
        names = WeekCount.model_fields
        return cls(
            weeks=[WeekCount.model_validate({name: getattr(week, name) for name in names}) for week in found.weeks],
            areas_s=dict(found.areas_s),
            after_session=dict(found.after_session),
            after_none=dict(found.after_none),
            enough_to_compare=found.is_enough,
            tight_after={kind: dict(areas) for kind, areas in found.tight_after.items()},
            words=list(compared(found)),
        )


class SpanIn(Model):
    """From when and until when, in UTC where no zone is given; the last four weeks unless stated."""

    since: datetime | None = None
    until: datetime | None = None


class WeeksIn(Model):
    """How many weeks."""

    weeks: Annotated[int, Field(ge=1, le=MOST_WEEKS)] = 26


class KindIn(Model):
    """What a run really was."""

    run_type: RunType


class RunFeltIn(Model):
    """How a run felt."""

    felt: RunFelt


def list_runs(call: Call) -> list[RunOut]:
    """Return the runs begun in a span of time, the newest first."""
    now = call.site.clock.now()
    until = _moment(call.query.until) if call.query.until else now + FUTURE
    since = _moment(call.query.since) if call.query.since else until - LISTED
    return [RunOut.of(run) for run in call.site.runs.between(call.athlete, since, until)]


def get_run(call: Call) -> RunWhole:
    """Return a run with its receipt."""
    story = _story(call)
    still_open = any(session.state in OPEN_STATES for session in story.sessions)
    changes = call.site.coach.if_it_were(story.run.id) if still_open else {}
    return RunWhole.whole(story, {kind: [one.title for one in routines] for kind, routines in changes.items()})


def correct_run(call: Call) -> RunWhole:
    """Say what a run really was."""
    call.site.coach.correct(_story(call).run.id, call.body.run_type)
    return get_run(call)


def feel_run(call: Call) -> RunOut:
    """Say how a run felt."""
    run = _story(call).run
    call.site.body.run_felt(call.athlete, call.body.felt, run.id)
    return RunOut.of(_story(call).run)


def look_back(call: Call) -> PastOut:
    """Return the last weeks at a glance."""
    return PastOut.of(call.site.runs.past(call.athlete, call.query.weeks))


def add_up(call: Call) -> InsightsOut:
    """Return what the last weeks add up to."""
    return InsightsOut.of(call.site.look.back(call.athlete))


def _story(call: Call) -> Story:
    number = call.path["run_id"]
    if number > MOST_ID:
        raise RefusedError(404, NO_RUN)
    try:
        return call.site.runs.story(call.athlete, number)
    except NoSuchRunError as exc:
        raise RefusedError(404, NO_RUN) from exc


def _moment(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


OPERATIONS = (
    Operation("GET", "/runs", list_runs, asks=SpanIn),
    Operation("GET", RUN, get_run, refuses=UNKNOWN),
    Operation("POST", f"{RUN}/was", correct_run, takes=KindIn, refuses=UNKNOWN),
    Operation("POST", f"{RUN}/felt", feel_run, takes=RunFeltIn, refuses=UNKNOWN),
    Operation("GET", "/history", look_back, asks=WeeksIn),
    Operation("GET", "/insights", add_up),
)
