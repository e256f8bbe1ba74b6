"""A day of ten runners at four platforms: forty runs, edits and deletes, five who leave, five outages.

The table of what was expected and what happened is printed with `pytest -s`, and stands in docs/day.md.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from statistics import median

import pytest

from service.domain.classification import RunType
from tests.a_day import (
    READS,
    ZONE,
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
    at,
    the_day,
)
from tests.integrations.strava_home import stored
from tests.peers.http import Trouble
from tests.peers.ntfy import Trouble as NtfyTrouble

# When somebody may come home; each does so a few minutes later than the one before.
SLOTS = (at(6, 40), at(9, 45), at(12, 50), at(15, 55), at(19))
# Who runs in which of the slots, and leaves when.
STRAVA = {
    "ann": ((0, 1, 2, 3), None),
    "bob": ((0, 1, 2, 3, 4), None),
    "cem": ((0, 1), at(12, 40)),
    "dora": ((0, 1, 2, 3), at(17, 50)),
}
GARMIN = {"eli": ((0, 1, 2, 3, 4), None), "fay": ((0, 1, 2), at(15, 45))}
INTERVALS = {"gus": ((0, 1, 2, 3, 4), None), "hana": ((0, 1, 2), at(15, 45))}
GARMIN_CONNECT = {"ivo": ((0, 1, 2, 3, 4), None), "jun": ((0, 1, 2, 3), at(18, 45))}

# Who gives a run another title forty minutes later, and who deletes one after two hours: in which slot.
EDITS = {"bob": 2, "eli": 3, "gus": 1, "ivo": 2}
DELETES = {"ann": 1, "bob": 3, "eli": 0, "gus": 4, "ivo": 3}

OUTAGES = (
    Outage("strava", at(6, 30), at(8), Trouble(status=503)),
    Outage("garmin_connect", at(9, 45), at(10, 20), Trouble(status=429)),
    Outage("garmin", at(12, 50), at(14, 15), Trouble(status=429, headers={"Retry-After": "900"})),
    Outage("ntfy", at(14), at(14, 30), NtfyTrouble(status=503)),
    Outage("intervals", at(15, 55), at(17), Trouble(status=200, body=b"<html>Down for maintenance</html>")),
    # Strava answers, and tells nothing by itself.
    Outage("strava", at(17, 30), at(19), None),
)


def ten(peers: Peers) -> list[Runner]:
    """Return the ten with their forty runs."""
    (strava,) = peers["strava"]
    homes: dict[str, Home] = {name: AtStrava(strava, strava.athlete(7 + n)) for n, name in enumerate(STRAVA)}
    homes |= {name: AtGarminByKey(peer) for name, peer in zip(GARMIN, peers["garmin"], strict=True)}
    homes |= {name: AtIntervals(peer) for name, peer in zip(INTERVALS, peers["intervals"], strict=True)}
    homes |= {name: AtGarminConnect(peer) for name, peer in zip(GARMIN_CONNECT, peers["garmin_connect"], strict=True)}
    groups = {"strava": STRAVA, "garmin": GARMIN, "intervals": INTERVALS, "garmin_connect": GARMIN_CONNECT}
    return [
        Runner(name=name, homes={source: homes[name]}, runs=_runs(name, slots), leaves=leaves)
        for source, group in groups.items()
        for name, (slots, leaves) in group.items()
    ]


def _runs(name: str, slots: Sequence[int]) -> list[Ran]:
    return [_run(name, slot, number) for slot, number in zip(slots, count(), strict=False)]


def _run(name: str, slot: int, number: int) -> Ran:
    place = [*STRAVA, *GARMIN, *INTERVALS, *GARMIN_CONNECT].index(name)
    ended = SLOTS[slot] + timedelta(minutes=3 * place)
    uploaded = ended + timedelta(minutes=1 + 7 * (place + number) % 15)
    return Ran(
        name=f"{name}-{slot}",
        ended=ended,
        seconds=1800 + 60 * (7 * slot + place),
        uploaded=uploaded,
        edited=uploaded + timedelta(minutes=40) if EDITS.get(name) == slot else None,
        deleted=uploaded + timedelta(hours=2) if DELETES.get(name) == slot else None,
    )


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a runner's day comes to.

    How many sessions their runs earned, and how many of those runs were judged anew after an edit; what made the phone
    ring: about a run, with the morning list, for a hand that is needed; which runs are still kept.
    """

    sessions: int
    judged_anew: int
    pushes: int
    lists: int
    hands: int
    kept: int

    def __str__(self) -> str:
        return " | ".join(map(str, astuple(self)))


def expected(one: Runner) -> Outcome:
    """Return what becomes of a runner's day where all goes well.

    Files stay when somebody leaves; what Strava lent goes at once where Strava tells, and else when its week is over.
    """
    return Outcome(
        sessions=len(one.runs),
        judged_anew=sum(ran.edited is not None for ran in one.runs),
        pushes=len(one.runs),
        lists=1,
        hands=int(one.leaves is not None),
        kept=0 if _is_told(one) else sum(ran.deleted is None for ran in one.runs),
    )


def _is_told(one: Runner) -> bool:
    """Return whether Strava told us that a runner has left."""
    return one.source == "strava" and one.leaves is not None and not OUTAGES[-1].holds(one.leaves)


def happened(day: Day, one: Runner) -> Outcome:
    """Return what did become of it."""
    with day.app.database.reading() as store:
        made = store.sessions_between(one.name, at(0), at(48))
        runs = store.runs_of(one.name)
    verdicts = [verdict for run in runs if (verdict := day.app.coach.verdict(run)) is not None]
    rang = Counter(_about(entry["title"]) for entry in day.rang(one))
    return Outcome(
        sessions=sum(session.ran is not None for session in made),
        judged_anew=sum(verdict.run_type is RunType.INTERVAL for verdict in verdicts),
        pushes=rang["a run"],
        lists=rang["the day"],
        hands=rang["a hand"],
        kept=len(runs),
    )


def _about(title: str) -> str:
    if title.endswith("needs a hand"):
        return "a hand"
    return "the day" if title.startswith("Good ") else "a run"


@pytest.fixture
def day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Day]:
    with the_day(tmp_path, monkeypatch, ten, OUTAGES) as day:
        yield day


def test_each_run_is_answered_once_and_each_trouble_told_once(day: Day, tmp_path: Path) -> None:
    """It takes its seconds: it is a day of ten people, with everything that is real about it."""
    day.goes_by(at(22))
    assert len(day.peers["garmin_connect"][0].calendar) == 1, "what was replaced is on Ivo's watch no more"
    day.goes_by(at(31), step=timedelta(hours=1))
    day.goes_by(at(31, 20))

    table = [*_rows(day)]
    print("", *HEAD, *table, *_figures(day), sep="\n")  # noqa: T201 - the table is what is looked for
    for one in day.runners:
        assert happened(day, one) == expected(one), one.name
    assert "\n".join(table) in (Path(__file__).parents[1] / "docs" / "day.md").read_text(), "renew the page: pytest -s"
    for one in day.runners:
        told = " ".join(f"{entry['title']} {entry['message']}" for entry in day.rang(one))
        assert (" km" in told) is (one.source != "strava"), "Strava lets nobody pass on how far it was"
    disk = stored(tmp_path)
    for token in [*day.strava.access, *day.strava.refresh, "a-password"]:
        assert token.encode() not in disk

    a_week_later_what_strava_lent_is_gone(day)


def a_week_later_what_strava_lent_is_gone(day: Day) -> None:
    before = {one.name: happened(day, one) for one in day.runners}
    day.clock.moment += timedelta(days=8)
    day.app.retention.purge(day.clock.now())

    for one in day.runners:
        lent = one.source == "strava"
        assert happened(day, one).kept == (0 if lent else before[one.name].kept)
        assert happened(day, one).sessions == before[one.name].sessions
        with day.app.database.reading() as store:
            assert not (lent and store.history(one.name))


HEAD = (
    "| runner | source | runs | leaves | sessions | judged anew | pushes | lists | hands | kept | as expected |",
    "|---|---|---|---|---|---|---|---|---|---|---|",
)


def _rows(day: Day) -> Iterator[str]:
    for one in day.runners:
        came, wanted = happened(day, one), expected(one)
        leaves = "" if one.leaves is None else f"{one.leaves.astimezone(ZONE):%H:%M}"
        verdict = "yes" if came == wanted else f"no: {wanted}"
        yield f"| {one.name} | {one.source} | {len(one.runs)} | {leaves} | {came} | {verdict} |"


def _figures(day: Day) -> Iterator[str]:
    waits = sorted(wait / timedelta(minutes=1) for one in day.runners for wait in day.waits(one))
    asked = sum(len(peer.requests) for peers in day.peers.values() for peer in peers)
    yield f"{len(waits)} runs; from upload to push {median(waits):.0f} min at the median, {waits[-1]:.0f} at most"
    yield f"{asked} requests; at most {day.most_used} of Strava's {READS[0]} reads in a quarter of an hour"
