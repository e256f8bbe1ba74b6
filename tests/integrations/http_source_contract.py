"""What every source promises that is asked over HTTP, whatever the platform does to it. A new one inherits these tests.

A subclass gives a stand-in of its platform (tests/peers/http.py) and a few things that can be done to it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.utils import format_datetime

import pytest

from integrations import _http
from service.ports import EdgeError, Raw, Refused, Source, Throttled, Unavailable
from tests.fakes import NOON, Clock
from tests.integrations.source_contract import FIVE, Given, Put, Said, SourceContract, given
from tests.peers.http import HttpPeer, Trouble, Way

PAGE = b"<!doctype html><title>Hotel</title><p>Welcome. Please sign in to use the network."
JSON = {"Content-Type": "application/json"}
FAULTS = {
    "500": Trouble(status=500),
    "502": Trouble(status=502, body=PAGE),
    "503": Trouble(status=503),
    "504": Trouble(status=504, body=b""),
    "a page in place of JSON": Trouble(status=200, headers={"Content-Type": "text/html"}, body=PAGE),
    "JSON of another shape": Trouble(status=200, headers=JSON, body=b'"welcome"'),
    "half a body": Trouble(way=Way.HALF, takes=True),
    "a cut": Trouble(way=Way.CUT),
    "silence": Trouble(way=Way.SILENCE),
    "a byte at a time": Trouble(way=Way.DRIP),
}
# No source here makes more requests than this in one round of the few recordings of a test.
MOST_REQUESTS = 16


@contextmanager
def short_of_patience(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let silence and dripping be given up soon; whatever is slow meanwhile counts as that, too."""
    with monkeypatch.context() as within:
        within.setattr(_http, "SILENCE_S", 0.3)
        within.setattr(_http, "WHOLE_S", 0.6)
        yield


class HttpSourceContract(SourceContract):
    @pytest.fixture
    def peer(self) -> HttpPeer:
        """Return the platform's stand-in, running."""
        raise NotImplementedError

    @pytest.fixture
    def clock(self) -> Clock:
        """Return the clock both go by."""
        return Clock(NOON)

    @pytest.fixture
    def secrets(self) -> list[str]:
        """Return what no text may ever hold."""
        raise NotImplementedError

    @pytest.fixture
    def refuse(self) -> Callable[[], None]:
        """Return what makes the platform refuse this runner from now on: the key has ended, the consent is gone."""
        raise NotImplementedError

    @pytest.fixture
    def vanish(self) -> Callable[[str], None]:
        """Return what makes a recording vanish that is still listed."""
        raise NotImplementedError

    @pytest.fixture
    def backlog(self) -> Callable[[int], None]:
        """Return what puts so many recordings there, the newest of today and called "newest"."""
        raise NotImplementedError

    @pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
    def test_a_fault_is_a_passing_one_and_each_recording_comes_once(
        self, source: Source, put: Put, said: Said, peer: HttpPeer, fault: Trouble, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _put_five(put)
        taken: Given = []
        with short_of_patience(monkeypatch):
            for place in (0, 1, 3):
                peer.trouble(fault, after=place)
                self._ask(source, taken, Unavailable)
                peer.calm()
        self._ask(source, taken)
        assert sorted(said(raw) for raw, _ in taken) == sorted(FIVE.values())

    @pytest.mark.parametrize("place", range(8))
    def test_so_it_is_wherever_it_strikes(
        self, source: Source, put: Put, said: Said, peer: HttpPeer, place: int
    ) -> None:
        _put_five(put)
        taken: Given = []
        peer.trouble(Trouble(status=503), after=place)
        self._ask(source, taken, Unavailable)
        peer.calm()
        self._ask(source, taken)
        assert sorted(said(raw) for raw, _ in taken) == sorted(FIVE.values())

    @staticmethod
    def _ask(source: Source, taken: Given, *expected: type[EdgeError]) -> None:
        """Take what there is, up to a fault that may strike."""
        try:
            for one, cursor in source.fetch(taken[-1][1] if taken else None):
                assert isinstance(one, Raw)
                taken.append((one, cursor))
        except expected:
            return

    def test_a_refusal_asks_for_the_human_and_says_what_to_do(
        self, source: Source, put: Put, refuse: Callable[[], None]
    ) -> None:
        put("run-1", b"one")
        refuse()
        with pytest.raises(Refused) as caught:
            list(source.fetch(None))
        assert f"afterrun connect {source.name}" in str(caught.value) or f"[sources.{source.name}]" in str(caught.value)

    def test_what_may_not_be_seen_is_a_humans_matter(self, source: Source, put: Put, peer: HttpPeer) -> None:
        put("run-1", b"one")
        list(source.fetch(None))
        put("run-2", b"two")
        peer.trouble(Trouble(status=403), times=MOST_REQUESTS)
        with pytest.raises(Refused):
            list(source.fetch(None))

    @pytest.mark.parametrize("spelling", ["seconds", "date"])
    def test_told_to_wait_it_waits_at_least_so_long(
        self, source: Source, put: Put, peer: HttpPeer, spelling: str
    ) -> None:
        put("run-1", b"one")
        list(source.fetch(None))
        later = format_datetime(NOON + timedelta(minutes=7), usegmt=True)
        wait = {"Retry-After": "420" if spelling == "seconds" else later, "Date": format_datetime(NOON, usegmt=True)}
        peer.trouble(Trouble(status=429, headers=wait))
        with pytest.raises(Throttled) as caught:
            list(source.fetch(None))
        assert caught.value.retry_after >= timedelta(minutes=7)

    def test_a_busy_platform_is_given_the_time_it_asks_for(self, source: Source, put: Put, peer: HttpPeer) -> None:
        put("run-1", b"one")
        peer.trouble(Trouble(status=503, headers={"Retry-After": "90"}))
        with pytest.raises(Throttled) as caught:
            list(source.fetch(None))
        assert caught.value.retry_after == timedelta(seconds=90)

    def test_what_vanished_between_list_and_fetch_stops_no_other(
        self, source: Source, put: Put, said: Said, vanish: Callable[[str], None]
    ) -> None:
        _put_five(put)
        vanish("run-2")
        taken = {said(raw) for raw, _ in given(source)}
        assert taken == set(FIVE.values()) - {FIVE["run-2"]}

    @pytest.mark.parametrize("hours", [-25, -1, 1, 25])
    def test_a_clock_that_is_wrong_loses_none(
        self, source: Source, put: Put, said: Said, clock: Clock, hours: int
    ) -> None:
        _put_five(put)
        clock.forward(hours=hours)
        assert sorted(said(raw) for raw, _ in given(source)) == sorted(FIVE.values())

    def test_of_ten_thousand_todays_comes_first_and_soon(
        self, source: Source, peer: HttpPeer, said: Said, backlog: Callable[[int], None]
    ) -> None:
        backlog(10_000)
        raw, _ = next(source.fetch(None))
        assert isinstance(raw, Raw)
        assert said(raw) == b"newest"
        assert len(peer.requests) < 100

    def test_no_text_ever_holds_a_secret(
        self,
        source: Source,
        put: Put,
        peer: HttpPeer,
        secrets: list[str],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        caplog.set_level("DEBUG")
        put("run-1", b"one")
        for status in (400, 401, 403, 404, 418, 429, 500, 302):
            peer.trouble(Trouble(status=status, echoes=True), times=MOST_REQUESTS)
            try:
                list(source.fetch(None))
            except EdgeError as exc:
                assert not any(secret in f"{exc} {exc.__cause__!r}" for secret in secrets)  # noqa: PT017 - see above
            peer.calm()
        assert not any(secret in caplog.text for secret in secrets)


def _put_five(put: Put) -> None:
    for name, body in FIVE.items():
        put(name, body)
