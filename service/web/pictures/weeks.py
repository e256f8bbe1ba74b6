"""Weeks: a calendar of days, the goal met or not, how sessions felt, and this week as a running track."""

from collections.abc import Sequence
from datetime import date, timedelta
from math import ceil

from service.domain.past import Day, Past, Week
from service.web.pictures.scale import BOX, Scale, above, below, picture, rule

CELL, GAP = 13, 3
LEFT, TOP = 34, 20  # beside and above the days of the calendar
WEEKDAYS = ("Mon", "", "Wed", "", "Fri", "", "Sun")
BAR = 0.68  # of a week's width
LABELS = 6
TRACK_W, TRACK_H, LANE = 200, 104, 13.0
FEELINGS = ("too much", "good", "too easy")


def heat_map(past: Past) -> str:
    """Return the days as a calendar, a column a week: coloured by the hardest run, marked where sessions were done."""
    width, height = LEFT + len(past.weeks) * (CELL + GAP), TOP + len(WEEKDAYS) * (CELL + GAP)
    cells = "".join(_cell(day, past.weeks[0].monday) for day in past.days)
    rows = "".join(
        f'<text x="0" y="{TOP + row * (CELL + GAP) + CELL - 2}">{name}</text>'
        for row, name in enumerate(WEEKDAYS)
        if name
    )
    ran, done = sum(len(day.runs) for day in past.days), sum(day.done for day in past.days)
    told = f"{ran} runs and {done} sessions done in {len(past.weeks)} weeks"
    return (
        f'<svg class="picture heat" viewBox="0 0 {width} {height}" role="img" aria-label="{told}">'
        f"{_months(past.weeks)}{rows}{cells}</svg>"
    )


def _cell(day: Day, first: date) -> str:
    x, y = _column(day.date, first), TOP + day.date.weekday() * (CELL + GAP)
    mark = f'<circle class="mark" cx="{x + CELL / 2}" cy="{y + CELL / 2}" r="2.6"/>' if day.done else ""
    return f'<rect class="day {day.hardest or "none"}" x="{x}" y="{y}" width="{CELL}" height="{CELL}" rx="3.5"/>{mark}'


def _column(day: date, first: date) -> int:
    return LEFT + (day - first).days // len(WEEKDAYS) * (CELL + GAP)


def _months(weeks: Sequence[Week]) -> str:
    """Name each month above the week in which it begins."""
    firsts = [(week.monday, week.monday + timedelta(days=number)) for week in weeks for number in range(len(WEEKDAYS))]
    return "".join(
        f'<text x="{_column(monday, weeks[0].monday)}" y="10">{day:%b}</text>' for monday, day in firsts if day.day == 1
    )


def goal_picture(weeks: Sequence[Week], goal: int) -> str:
    """Return the sessions of each week as bars against the goal."""
    up = Scale(0.0, max([goal, *(week.done for week in weeks)]) + 0.5, BOX, 0.0)
    bars = [
        _bar(number, len(weeks), up, week.done, kind="met" if week.done >= goal else "")
        for number, week in enumerate(weeks)
    ]
    met = sum(week.done >= goal for week in weeks)
    told = f"The goal of {goal} was met in {met} of {len(weeks)} weeks"
    words = [*_dates(weeks), above(f"goal {goal}", up.at(goal), "threshold")]
    return picture("goal-picture", [*bars, rule("threshold", up.at(goal))], words, told)


def _bar(number: int, of: int, up: Scale, value: float, *, kind: str, foot: float = 0.0) -> str:
    step = BOX / of
    return (
        f'<rect class="column {kind}" x="{(number + (1 - BAR) / 2) * step:.0f}" y="{up.at(foot + value):.0f}"'
        f' width="{BAR * step:.0f}" height="{up.at(foot) - up.at(foot + value):.0f}"/>'
    )


def _dates(weeks: Sequence[Week]) -> list[str]:
    step, every = BOX / len(weeks), ceil(len(weeks) / LABELS)
    return [
        below(f"{week.monday.day} {week.monday:%b}", (number + 0.5) * step)
        for number, week in enumerate(weeks)
        if number % every == 0
    ]


def feelings_picture(weeks: Sequence[Week]) -> str:
    """Return how often each feeling was told of a session, week by week; nothing where none was."""
    most = max((sum(week.feelings.get(name, 0) for name in FEELINGS) for week in weeks), default=0)
    if not most:
        return ""
    up = Scale(0.0, most + 0.5, BOX, 0.0)
    bars = []
    for number, week in enumerate(weeks):
        foot = 0.0
        for name in FEELINGS:
            count = week.feelings.get(name, 0)
            if count:
                bars.append(_bar(number, len(weeks), up, count, kind=name.replace(" ", "-"), foot=foot))
            foot += count
    told = ", ".join(f"{sum(week.feelings.get(name, 0) for week in weeks)} times {name}" for name in FEELINGS)
    return picture("goal-picture", bars, _dates(weeks), told)


def lanes(done: int, goal: int) -> str:
    """Return the week as a running track: one lane for each session of the goal, from the outside in."""
    most = max(goal, 1)
    gap = min(LANE, (TRACK_H / 2 - 8) / most)
    drawn = [_lane(4 + number * gap, "done" if number < done else "") for number in range(most)]
    told = f"{done} of {goal} sessions this week"
    return f'<svg class="lanes" viewBox="0 0 {TRACK_W} {TRACK_H}" role="img" aria-label="{told}">{"".join(drawn)}</svg>'


def _lane(inset: float, kind: str) -> str:
    return (
        f'<rect class="lane {kind}" x="{inset:.1f}" y="{inset:.1f}" width="{TRACK_W - 2 * inset:.1f}"'
        f' height="{TRACK_H - 2 * inset:.1f}" rx="{TRACK_H / 2 - inset:.1f}"/>'
    )
