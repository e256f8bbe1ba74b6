"""The whole thread in real processes: Strava tells of a run, and it becomes one entry in a calendar.

Then it is edited, deleted, and its runner leaves. The service is killed without warning on the way.
"""

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from tests.integrations.strava_home import stored
from tests.peers.strava import Run, StravaPeer, a_run
from tests.test_one_run_all_the_way import _free_port, until

AFTERRUN = Path(sys.executable).with_name("afterrun")
TITLE = "Round the lake with Wilhelmine"


class Household:
    """A machine at home that the internet reaches, and a runner who uploads their runs to Strava."""

    def __init__(self, home: Path, peer: StravaPeer) -> None:
        self.home, self.peer, self.ann = home, peer, peer.athlete(7)
        self.port = _free_port()
        (home / "afterrun.toml").write_text(
            f"""
            base_url = "http://127.0.0.1:{self.port}"
            [athlete]
            timezone = "UTC"
            [web]
            listen = "127.0.0.1:{self.port}"
            [sources.strava]
            client_id = {peer.client_id}
            client_secret = "{peer.client_secret}"
            base_url = "{peer.url}"
            oauth_url = "{peer.url}"
            webhook = true
            [channels.calendar]
            path = "calendar"
            """
        )

    def says(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - our own
            [AFTERRUN, *command], cwd=self.home, capture_output=True, text=True, check=False
        )

    @contextmanager
    def serving(self) -> Iterator[subprocess.Popen[bytes]]:
        process = subprocess.Popen([AFTERRUN, "run"], cwd=self.home, stderr=subprocess.DEVNULL)  # noqa: S603 - our own
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def answers(self) -> bool:
        with suppress(requests.RequestException):
            return requests.get(f"http://127.0.0.1:{self.port}/readyz", timeout=5).status_code == 200
        return False

    def comes_home(self) -> Run:
        begun = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=50)
        return self.ann.runs(a_run(begun, name=TITLE))

    def pending(self) -> list[dict[str, object]]:
        sessions: list[dict[str, object]] = json.loads(self.says("pending", "--json").stdout)
        return sessions

    def state(self) -> str:
        state: str = json.loads(self.says("status", "--json").stdout)["sources"]["strava"]["state"]
        return state

    @property
    def calendar(self) -> list[Path]:
        return sorted((self.home / "calendar").glob("*.ics"))

    def holds(self, words: str) -> bool:
        return words.encode() in stored(self.home / "afterrun-data")


@pytest.fixture
def household(tmp_path: Path) -> Iterator[Household]:
    with StravaPeer() as peer:
        yield Household(tmp_path, peer)


@pytest.fixture
def told(household: Household) -> Iterator[Household]:
    """Return a household that Strava tells of each run."""
    household.says("connect", "strava", "--code", household.ann.consents())
    with household.serving():
        until(household.answers, "the pages to answer")
        created = household.says("webhook", "strava", "create")
        assert created.returncode == 0, created.stderr
        yield household


def test_from_upload_to_calendar_and_back_again(told: Household) -> None:
    run = told.comes_home()
    until(lambda: bool(told.calendar), "the calendar entry")
    (session,) = told.pending()
    assert told.holds(TITLE)

    told.ann.edits(run, name="8 x 400 m intervals")
    until(lambda: told.pending()[0]["run_type"] == "interval", "the new verdict")
    assert [one["id"] for one in told.pending()] == [session["id"]]
    assert len(told.calendar) == 1

    told.ann.deletes(run)
    until(lambda: not told.holds("8 x 400 m"), "the run to be let go of")
    assert len(told.pending()) == 1

    told.comes_home()
    until(lambda: told.holds(TITLE), "another run")
    told.ann.takes_back()
    until(lambda: not told.holds(TITLE), "everything lent to be let go of")
    until(lambda: told.state() == "needs_you", "the runner to be asked")


def test_forged_events_change_nothing(told: Household, tmp_path: Path) -> None:
    run = told.comes_home()
    until(lambda: bool(told.calendar), "the calendar entry")
    assert told.peer.subscription is not None
    asked = len(told.peer.requests)
    event = {
        "object_type": "activity",
        "object_id": run.id,
        "aspect_type": "delete",
        "updates": {},
        "owner_id": 7,
        "subscription_id": told.peer.subscription["id"] + 1,
        "event_time": 1,
    }

    assert told.peer.send(event).status_code == 403
    assert told.peer.send(event | {"owner_id": 8}).status_code == 403
    genuine = event | {"subscription_id": told.peer.subscription["id"]}
    assert told.peer.send(genuine, {"X-Strava-Signature": "t=1,v1=" + "0" * 64}).status_code == 403
    guessed = f"http://127.0.0.1:{told.port}/webhooks/strava/guessed"
    assert requests.post(guessed, json=genuine, timeout=5).status_code == 404
    assert len(told.peer.requests) == asked

    left = genuine | {"object_type": "athlete", "object_id": 7, "aspect_type": "update"}
    assert told.peer.send(left | {"updates": {"authorized": "false"}}).status_code == 200
    assert told.peer.send(genuine).status_code == 200
    until(lambda: len(told.peer.requests) > asked + 1, "both to be looked into")
    assert told.holds(TITLE)
    assert told.state() == "ok"


def test_killed_again_and_again_each_run_is_answered_once(household: Household) -> None:
    household.says("connect", "strava", "--code", household.ann.consents())
    with household.serving():
        until(household.answers, "the pages to answer")
        household.says("webhook", "strava", "create")
        household.comes_home()
    dice = random.Random(7)
    for _ in range(6):
        with household.serving() as process, suppress(subprocess.TimeoutExpired):
            process.wait(timeout=dice.uniform(1.0, 4.0))
    with household.serving():
        until(lambda: bool(household.calendar), "the calendar entry")

    assert len(household.calendar) == 1
    assert len(household.pending()) == 1
    assert household.says("sync").returncode == 0
