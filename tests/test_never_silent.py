"""Nothing stops in silence: the runner hears once what needs them, and once that it works; the rest goes on meanwhile.

One runner has an account at every platform; otherwise it is as in tests/a_day.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle
from pathlib import Path

import pytest

from service.application.status import Condition, Health
from tests.a_day import (
    AtGarminByKey,
    AtGarminConnect,
    AtIntervals,
    AtStrava,
    Day,
    Home,
    Outage,
    Peers,
    Ran,
    Runner,
    answers,
    at,
    the_day,
)
from tests.integrations.strava_home import Talk
from tests.peers.http import Trouble
from tests.peers.ntfy import Trouble as NtfyTrouble

HALF_AN_HOUR = timedelta(minutes=30)
NAMED = {
    "strava": "Strava",
    "garmin": "Garmin",
    "intervals": "intervals.icu",
    "garmin_connect": "Garmin Connect",
}


@dataclass
class AtGarminUntil(AtGarminByKey):
    """An account at Garmin whose key ends in eight days, as its owner has stated."""

    def settings(self) -> str:
        return f'{super().settings()}\nkey_ends = "{at(8 * 24 + 12).date()}"'


def everywhere(peers: Peers) -> list[Runner]:
    """Return one runner with an account at every platform."""
    (strava,) = peers["strava"]
    homes: dict[str, Home] = {
        "strava": AtStrava(strava, strava.athlete(7)),
        "garmin": AtGarminByKey(peers["garmin"][0]),
        "intervals": AtIntervals(peers["intervals"][0]),
        "garmin_connect": AtGarminConnect(peers["garmin_connect"][0]),
    }
    return [Runner(name="kim", homes=homes)]


def by_key(peers: Peers) -> list[Runner]:
    return [Runner(name="kim", homes={"garmin": AtGarminUntil(peers["garmin"][0])})]


def a_run(ended: datetime, number: int, source: str = "") -> Ran:
    """Return a run that no other is taken for: each is longer than the one before."""
    return Ran(name=f"run-{number}", ended=ended, seconds=1500 + 300 * number, uploaded=ended, source=source)


def titles(day: Day) -> list[str]:
    return [entry["title"] for entry in day.rang(day.runners[0])]


def kept(day: Day, ran: Ran) -> bool:
    with day.app.database.reading() as store:
        return bool(store.runs_between("kim", ran.begun, ran.begun + timedelta(seconds=1)))


def conditions(day: Day) -> dict[str, Condition]:
    return {one.system: one for one in day.app.status.overview().conditions}


def mend(day: Day, source: str, home: Home) -> None:
    """Do what a person does who is told that a source needs them."""
    if isinstance(home, AtGarminByKey | AtIntervals):
        home.peer.keys.add("a-key")
    day.app.connect("kim", source, Talk(answers(home)))


def test_each_platform_that_ends_is_told_of_once_and_its_return_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with the_day(tmp_path, monkeypatch, everywhere, []) as day:
        (kim,) = day.runners
        for number, (source, home) in enumerate(kim.homes.items()):
            other = [*kim.homes][number - 1]
            theirs = a_run(day.clock.now() - timedelta(hours=3), 2 * number)
            own = a_run(day.clock.now(), 2 * number + 1)
            home.ends()
            kim.homes[other].uploads(theirs)
            home.uploads(own)
            day.goes_by(day.clock.now() + 4 * HALF_AN_HOUR, step=HALF_AN_HOUR)

            stands = conditions(day)
            assert stands[f"sources.{source}"].health is Health.NEEDS_YOU
            assert f"`afterrun connect {source}`" in stands[f"sources.{source}"].todo
            assert stands[f"sources.{other}"].health is Health.OK
            assert (kept(day, theirs), kept(day, own)) == (True, False)

            mend(day, source, home)
            day.goes_by(day.clock.now() + 3 * HALF_AN_HOUR, step=HALF_AN_HOUR)
            assert conditions(day)[f"sources.{source}"].health is Health.OK
            assert kept(day, own)

        told = [title for title in titles(day) if title.endswith(("needs a hand", "works again"))]
        assert told == [f"{name} {what}" for name in NAMED.values() for what in ("needs a hand", "works again")]


def test_who_leaves_on_purpose_is_not_asked_to_come_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with the_day(tmp_path, monkeypatch, everywhere, []) as day:
        for name in ("strava", "garmin_connect"):
            day.app.disconnect("kim", name, Talk())
        day.goes_by(at(10), step=HALF_AN_HOUR)
        assert conditions(day)["sources.strava"].health is Health.NEEDS_YOU
        mend(day, "strava", day.runners[0].homes["strava"])
        day.goes_by(at(11), step=HALF_AN_HOUR)

        assert titles(day) == []


def test_a_key_that_ends_is_told_of_a_week_before_and_again_when_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with the_day(tmp_path, monkeypatch, by_key, []) as day:
        day.goes_by(at(12), step=timedelta(hours=1))
        assert titles(day) == []

        day.goes_by(at(5 * 24), step=timedelta(hours=3))
        assert titles(day) == ["Garmin will need a hand soon"]
        day.runners[0].home.ends()
        day.goes_by(at(10 * 24), step=timedelta(hours=3))
        assert titles(day)[1:] == ["Garmin needs a hand"]


AWAY = at(12), at(7 * 24 + 12)
# A router whose line is down answers in everybody's place.
A_WEEK = [
    *(Outage(whose, *AWAY, Trouble(status=503)) for whose in NAMED),
    Outage("ntfy", *AWAY, NtfyTrouble(status=503)),
]


@pytest.fixture
def week(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Day]:
    """Return the week with a run every day, by another platform each, and no line for all of it."""
    with the_day(tmp_path, monkeypatch, everywhere, A_WEEK) as day:
        (kim,) = day.runners
        ends = [at(24 * number + 18, 7 * number) for number in range(7)]
        kim.runs = [a_run(end, n, source) for n, (end, source) in enumerate(zip(ends, cycle(kim.homes), strict=False))]
        yield day


def test_a_week_offline_is_caught_up_with_and_ends_in_one_list(week: Day) -> None:
    week.goes_by(AWAY[1] - timedelta(hours=2), step=timedelta(hours=2))
    assert titles(week) == []
    asked = week.strava.used()[1]

    week.goes_by(at(7 * 24 + 22))

    assert all(kept(week, ran) for ran in week.runners[0].runs)
    assert titles(week) == ["Good afternoon: nothing to catch up on"]
    assert {one.health for one in conditions(week).values()} == {Health.OK}
    assert week.strava.used()[1] - asked < 40
