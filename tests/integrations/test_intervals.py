"""intervals.icu gives what a watch's own service sends there, for an API key."""

import gzip
import logging
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator

import pytest

from integrations import intervals
from integrations.intervals import Intervals
from service.ports import Refused, Source
from tests.fakes import Clock
from tests.integrations.listed_source_contract import NOW, TODAY, ListedSourceContract, PutAt, Rename
from tests.integrations.source_contract import given
from tests.peers.garmin import zipped
from tests.peers.http import Trouble
from tests.peers.intervals import IntervalsPeer


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def peer() -> Iterator[IntervalsPeer]:
    with IntervalsPeer() as peer:
        yield peer


@pytest.fixture
def source(peer: IntervalsPeer, clock: Clock) -> Intervals:
    return intervals.source(api_key="a-key", base_url=peer.url, clock=clock)


class TestTheContract(ListedSourceContract):
    lists, recordings = "/activities", "/file"

    @pytest.fixture
    def clock(self, clock: Clock) -> Clock:
        return clock

    @pytest.fixture
    def peer(self, peer: IntervalsPeer) -> IntervalsPeer:
        return peer

    @pytest.fixture
    def again(self, peer: IntervalsPeer, clock: Clock) -> Callable[[], Source]:
        return lambda: intervals.source(api_key="a-key", base_url=peer.url, clock=clock)

    @pytest.fixture
    def put_at(self, peer: IntervalsPeer) -> PutAt:
        return lambda name, body, begun: peer.put(name, body, begun=begun)

    @pytest.fixture
    def take_away(self, peer: IntervalsPeer) -> Callable[[str], None]:
        return peer.activities.__delitem__

    @pytest.fixture
    def rename(self, peer: IntervalsPeer) -> Rename:
        return lambda name, title: peer.activities[name].__setattr__("name", title)

    @pytest.fixture
    def secrets(self) -> list[str]:
        return ["a-key", b64encode(b"API_KEY:a-key").decode()]

    @pytest.fixture
    def refuse(self, peer: IntervalsPeer) -> Callable[[], None]:
        return peer.keys.clear

    @pytest.fixture
    def broken(self, peer: IntervalsPeer, clock: Clock) -> Source:
        return intervals.source(api_key="another-key", base_url=peer.url, clock=clock)


class TestTheKey:
    def test_it_goes_as_the_password_of_a_name_that_is_always_the_same(
        self, peer: IntervalsPeer, source: Intervals
    ) -> None:
        source.check()
        shown = peer.requests[0].headers["authorization"].removeprefix("Basic ")
        assert b64decode(shown) == b"API_KEY:a-key"

    def test_it_stands_in_no_error(self, peer: IntervalsPeer, clock: Clock) -> None:
        broken = intervals.source(api_key="s3cret-key", base_url=peer.url, clock=clock)
        peer.trouble(Trouble(status=401, body=b'{"error": "no such key: s3cret-key"}'))
        with pytest.raises(Refused) as caught:
            broken.check()
        assert "s3cret-key" not in f"{caught.value} {caught.value.__cause__!r}"


class TestWhatIsTaken:
    @pytest.mark.parametrize(
        ("kind", "taken"),
        [("Run", True), ("TrailRun", True), ("VirtualRun", True), ("Ride", False), ("Swim", False), ("Walk", False)],
    )
    def test_runs(self, peer: IntervalsPeer, source: Intervals, kind: str, taken: bool) -> None:
        peer.put("i1", b"a recording", begun=TODAY, kind=kind)
        assert bool(list(source.fetch(None))) is taken

    def test_the_name_the_runner_gave_it_comes_along(self, peer: IntervalsPeer, source: Intervals) -> None:
        peer.put("i1", b"a recording", begun=TODAY, name="Tempo 25 min")
        ((raw, _),) = given(source)
        assert (raw.title, raw.sport) == ("Tempo 25 min", "running")

    def test_what_was_typed_in_by_hand_has_no_recording(self, peer: IntervalsPeer, source: Intervals) -> None:
        peer.put("i1", b"", begun=TODAY, source="MANUAL")
        assert list(source.fetch(None)) == []
        assert peer.asked("/file") == []

    @pytest.mark.parametrize(
        ("sent", "media_type"),
        [
            (gzip.compress(b"\x0e\x10\0\0\0\0\0\0.FIT"), "fit"),
            (b"\x0e\x10\0\0\0\0\0\0.FIT", "fit"),
            (gzip.compress(b'<?xml version="1.0"?><gpx version="1.1"/>'), "gpx"),
            (gzip.compress(b'\xef\xbb\xbf<?xml version="1.0"?>\n\n<TrainingCenterDatabase/>'), "tcx"),
            (zipped({"run.tcx": b"<TrainingCenterDatabase/>"}), "tcx"),
        ],
        ids=["gzip", "bare", "gpx", "tcx", "zip"],
    )
    def test_the_original_file_is_known_by_what_it_is(
        self, peer: IntervalsPeer, source: Intervals, sent: bytes, media_type: str
    ) -> None:
        peer.put("i1", b"", begun=TODAY)
        peer.activities["i1"].file = sent
        ((raw, _),) = given(source)
        assert raw.media_type == media_type


class TestByWayOfStrava:
    @pytest.fixture(autouse=True)
    def _a_stub(self, peer: IntervalsPeer) -> None:
        peer.put("15000000001", b"", begun=TODAY, source="STRAVA")
        peer.put("i2", b"from the watch", begun=TODAY)

    def test_it_is_passed_over_and_said_once(
        self, peer: IntervalsPeer, source: Intervals, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.WARNING):
            found = [raw.body for _ in range(3) for raw, _ in given(source)]
        assert set(found) == {b"from the watch"}
        assert [record.message.count("Strava") for record in caplog.records] == [1]
        assert not any("15000000001" in asked.path for asked in peer.asked("/file"))

    def test_whoever_connects_is_told(self, source: Intervals) -> None:
        assert "by way of Strava" in source.check()
