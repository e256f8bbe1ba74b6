"""Whatever a platform or a phone does over HTTP, each run comes once, each message comes once, and the rest goes on."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.conftest import Fault, Tally
from tests.faults.homes import PLATFORMS, Home, peer_of
from tests.integrations.http_source_contract import FAULTS, short_of_patience
from tests.peers.http import Trouble

MISERIES = {
    **FAULTS,
    "403": Trouble(status=403),
    "429": Trouble(status=429, headers={"Retry-After": "420"}),
    "503 with a time": Trouble(status=503, headers={"Retry-After": "90"}),
}
# No source asks more often than this for one new run.
MOST_PLACES = 6
ROUNDS = 4


@pytest.fixture(params=PLATFORMS, ids=lambda kind: kind.source)
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Home]:
    """Return a home at each platform, connected, with the run of a calm day behind it."""
    with peer_of(request.param) as peer:
        home: Home = request.param(tmp_path, peer)
        home.connect()
        home.upload()
        assert home.round() == ""
        assert home.told() == 1
        yield home
        home.app.close()


def a_day_later(home: Home) -> None:
    home.next_morning()
    home.upload()


@pytest.mark.faults
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_run_a_day_and_every_day_something_else_goes_wrong(
    home: Home, tally: Tally, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the first request of the day, then at the second, and so on."""
    a_day_later(home)
    before = len(home.peer.requests)
    home.round()
    places = min(len(home.peer.requests) - before, MOST_PLACES)
    assert places > 1

    for name, misery in MISERIES.items():
        for place in range(places):
            a_day_later(home)
            home.peer.trouble(misery, after=place)
            with short_of_patience(monkeypatch):
                home.round()
            tally.add(Fault.MISERY)
            home.peer.calm()
            for _ in range(ROUNDS):
                home.forward(minutes=10)
                home.round()
            if home.needs_you():
                assert misery.takes, "only new tokens that were lost on their way need somebody to connect again"
                home.connect()
                home.restart()
                home.round()
            assert home.counted("activities") == home.uploaded, f"{name} at request {place + 1}"
            assert home.told() == home.uploaded, f"{name} at request {place + 1}"

    keys = Counter(message.key for message in home.phone.received)
    assert max(keys.values()) == 1


def test_a_runner_whose_consent_is_gone_is_asked_once_and_nothing_is_lost(home: Home, tally: Tally) -> None:
    home.revoke()
    heard = len(home.phone.received)
    for _ in range(2):
        a_day_later(home)
        for _ in range(6):
            home.round()
            home.forward(hours=1)
    tally.add(Fault.REVOKED)
    (asked,) = home.phone.received[heard:]
    assert home.source in f"{asked.title} {asked.body}".lower().replace(" ", "_").replace(".icu", "")
    assert home.counted("activities") == home.uploaded - 2

    home.connect()
    home.restart()
    home.round()
    assert home.counted("activities") == home.uploaded
    keys = Counter(message.key for message in home.phone.received)
    assert max(keys.values()) == 1
