"""The weeks behind: a calendar of runs and sessions, the goal, what was worked, how it felt, and every run."""

from collections.abc import Mapping
from datetime import timedelta

from starlette.responses import Response

from service.application.runs import day_of
from service.domain.announcement import RUN_NAMES
from service.domain.classification import RunType
from service.domain.digest import start_of_day
from service.domain.insights import Insights, compared, well
from service.domain.movements import BodyArea
from service.domain.past import monday_of
from service.domain.sessions import FUTURE
from service.domain.words import area_words, listed
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
    added_up = ask.site.look.back(athlete.id)
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
        empty=not back and not any(day.runs or day.done for day in past.days),
        compared=_compared(added_up),
        words=compared(added_up),
        tight_after={kind: _counted(areas) for kind, areas in added_up.tight_after.items()},
        run_names=RUN_NAMES,
        kinds=RunType,
    )


def _compared(found: Insights) -> list[tuple[str, int, int]]:
    """Return how many runs felt good, and of how many, on days after a session and after none; nothing of neither."""
    sides = (("after a session", found.after_session), ("after none", found.after_none))
    counted = [(words, *well(felt)) for words, felt in sides]
    return counted if any(of for _, _, of in counted) else []


def _counted(areas: Mapping[BodyArea, int]) -> str:
    return listed(
        [area_words(area) if count == 1 else f"{area_words(area)} {count} ×" for area, count in areas.items()]
    )


def _whole(text: str) -> int:
    return min(int(text), 10_000) if text.isdecimal() else 0


DOORS = (Door(path="/history", page=show),)
