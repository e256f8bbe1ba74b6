"""Small wins: what came true yesterday and is worth a word. Counted, never compared with anybody (routine_facts K7)."""

from collections.abc import Collection
from datetime import date, timedelta

# Round numbers of sessions; from a hundred on, each hundred.
MILESTONES = frozenset({10, 25, 50})
HUNDRED = 100
# Days in a row that are rare enough to be mentioned.
RUNS_OF_DAYS = {3: "Three", 7: "Seven"}
ORDINALS = {2: "second", 3: "third", 4: "fourth", 5: "fifth", 6: "sixth", 7: "seventh", 8: "eighth"}
DAY, WEEK = timedelta(days=1), timedelta(days=7)


def small_win(done: Collection[date], today: date, goal: int) -> str:
    """Return a sentence for what came true yesterday, the rarest first; nothing on other days.

    `done` are the local dates of all sessions done so far, one entry a session; `goal` is how many a week should have.
    """
    yesterday = today - DAY
    until_then = [day for day in done if day <= yesterday]
    if yesterday not in until_then:
        return ""
    before = [day for day in until_then if day < yesterday]
    return _milestone(before, until_then) or _goal(before, until_then, yesterday, goal) or _row(until_then, yesterday)


def _milestone(before: Collection[date], until_then: Collection[date]) -> str:
    if not before:
        return "Your first session is done: a good beginning."
    passed = range(len(before) + 1, len(until_then) + 1)
    reached = [number for number in passed if number in MILESTONES or number % HUNDRED == 0]
    return f"Yesterday's session was your {reached[-1]}th." if reached else ""


def _goal(before: Collection[date], until_then: Collection[date], yesterday: date, goal: int) -> str:
    monday = yesterday - timedelta(days=yesterday.weekday())
    if _since(monday, before) >= goal or _since(monday, until_then) < goal:
        return ""
    weeks = 1
    while _since(monday - weeks * WEEK, until_then) - _since(monday - (weeks - 1) * WEEK, until_then) >= goal:
        weeks += 1
    if weeks == 1:
        return "You met the week's goal yesterday. Well done."
    return f"You met the week's goal yesterday, the {ORDINALS.get(weeks, f'{weeks}th')} week in a row. Well done."


def _since(day: date, done: Collection[date]) -> int:
    return sum(one >= day for one in done)


def _row(until_then: Collection[date], yesterday: date) -> str:
    days, length = frozenset(until_then), 0
    while yesterday - length * DAY in days:
        length += 1
    return f"{RUNS_OF_DAYS[length]} days in a row." if length in RUNS_OF_DAYS else ""
