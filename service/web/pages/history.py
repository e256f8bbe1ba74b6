"""The weeks behind: a calendar of runs and sessions, the goal, what was worked, how it felt, and every run."""

from datetime import timedelta

from starlette.responses import Response

from service.application.runs import day_of
from service.domain.announcement import RUN_NAMES
from service.domain.classification import RunType
from service.domain.digest import start_of_day
from service.domain.past import monday_of
from service.domain.sessions import FUTURE
from service.domain.words import area_words
from service.web.asking import Ask, Door
from service.web.pictures.weeks import feelings_picture, goal_picture, heat_map

WEEKS = 26
GOAL_WEEKS = 12
# Runs are listed by so many weeks at a time.
LISTED_WEEKS = 4
MOST_AREAS = 8


def show(ask: Ask) -> Response:
    """Show the weeks behind, and the runs of a few of them: the newest, or those of `back` pages before."""
    athlete, now = ask.athlete, ask.site.clock.now()
    past = ask.site.runs.past(athlete.id, WEEKS)
    back = _whole(ask.query.get("back", "0"))
    monday = monday_of(now.astimezone(athlete.timezone).date())
    since = start_of_day(monday - timedelta(weeks=LISTED_WEEKS * (back + 1) - 1), athlete.timezone)
    until = start_of_day(monday - timedelta(weeks=LISTED_WEEKS * back - 1), athlete.timezone) if back else now + FUTURE
    runs = ask.site.runs.between(athlete.id, since, until)
    return ask.page(
        "history.html",
        here="history",
        past=past,
        heat=heat_map(past),
        goal=goal_picture(past.weeks[-GOAL_WEEKS:], athlete.sessions_per_week),
        feelings=feelings_picture(past.weeks[-GOAL_WEEKS:]),
        areas=[(area_words(area), count) for area, count in past.areas[:MOST_AREAS]],
        runs=[(day_of(run.activity, athlete), run) for run in runs],
        back=back,
        run_names=RUN_NAMES,
        kinds=RunType,
    )


def _whole(text: str) -> int:
    return min(int(text), 10_000) if text.isdecimal() else 0


DOORS = (Door(path="/history", page=show),)
