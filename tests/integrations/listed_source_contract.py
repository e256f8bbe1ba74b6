"""What every source promises whose platform lists activities by day and hands each over by itself.

It inherits what every source over HTTP promises. Each case runs against a stand-in on loopback, by the real client.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest

from service.ports import EdgeError, Raw, Removed, Source, Throttled, Unavailable
from tests.fakes import Clock
from tests.integrations.http_source_contract import MOST_REQUESTS, HttpSourceContract
from tests.integrations.source_contract import Put, given
from tests.peers.http import HttpPeer, Trouble

NOW = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
TODAY = NOW.replace(tzinfo=None)

type Again = Callable[[], Source]
type Rename = Callable[[str, str], None]


class PutAt(Protocol):
    """Puts a recording there, begun at a local time, or takes it away."""

    def __call__(self, name: str, body: bytes, begun: datetime) -> None: ...


def bodies(found: Iterable[Raw | Removed]) -> list[bytes]:
    """Return what was found, in order; fail where anything was taken back."""
    return [raw.body for raw in found if isinstance(raw, Raw) or pytest.fail(f"{raw} was taken back")]


class ListedSourceContract(HttpSourceContract):
    # Where in a path of the platform its lists and its recordings are found.
    lists: str
    recordings: str
    # A list with nothing in it.
    empty_list = b"[]"
    # The most requests that a look may cost where nothing is new.
    cheap = 1

    def named(self, name: str) -> str:
        """Return what the platform calls an activity that was put there under a name."""
        return name

    @pytest.fixture
    def clock(self) -> Clock:
        return Clock(NOW)

    @pytest.fixture
    def put_at(self) -> PutAt:
        raise NotImplementedError

    @pytest.fixture
    def take_away(self) -> Callable[[str], None]:
        """Return what deletes an activity there."""
        raise NotImplementedError

    @pytest.fixture
    def rename(self) -> Rename:
        """Return what gives an activity there another name."""
        raise NotImplementedError

    @pytest.fixture
    def source(self, again: Again) -> Source:
        return again()

    @pytest.fixture
    def put(self, put_at: PutAt) -> Put:
        def put(name: str, body: bytes) -> None:
            put_at(name, body, TODAY - timedelta(hours=2))

        return put

    @pytest.fixture
    def vanish(self, peer: HttpPeer) -> Callable[[str], None]:
        return lambda name: peer.trouble(Trouble(status=404, body=b"{}"), times=MOST_REQUESTS, at=self.named(name))

    @pytest.fixture
    def backlog(self, put_at: PutAt) -> Callable[[int], None]:
        def backlog(size: int) -> None:
            for number in range(size):
                put_at(f"run-{number}", b"older" if number else b"newest", TODAY - timedelta(hours=8 * number))

        return backlog

    def listings(self, peer: HttpPeer) -> int:
        """Return how often a list was asked for."""
        return sum(self.recordings not in request.path for request in peer.asked(self.lists))

    def looks(self, source: Source, cursor: str | None = None) -> tuple[list[Raw], str | None]:
        """Return what a look finds, and the cursor after it."""
        found = given(source, cursor)
        return [raw for raw, _ in found], found[-1][1] if found else cursor

    def looks_until_trouble(
        self, source: Source, cursor: str | None = None
    ) -> tuple[list[Raw], str | None, EdgeError | None]:
        """Return what a look finds until it ends, the cursor after it, and the trouble it ended in."""
        found = []
        try:
            for raw, after in source.fetch(cursor):
                assert isinstance(raw, Raw)
                found.append(raw)
                cursor = after
        except EdgeError as exc:
            return found, cursor, exc
        return found, cursor, None

    # --- what is found, and in which order

    def test_the_newest_comes_first(self, source: Source, put_at: PutAt) -> None:
        for age in (3, 0, 200, 2, 40):
            put_at(f"run-{age}", f"{age}".encode(), TODAY - timedelta(days=age))
        assert [raw.body for raw in self.looks(source)[0]] == [b"0", b"2", b"3", b"40", b"200"]

    def test_pages_are_followed(self, source: Source, put_at: PutAt) -> None:
        for number in range(95):
            put_at(f"run-{number}", f"{number}".encode(), TODAY - timedelta(hours=number))
        assert sorted(int(raw.body) for raw in self.looks(source)[0]) == list(range(95))

    def test_a_run_that_is_uploaded_days_later_is_found(self, source: Source, put_at: PutAt) -> None:
        put_at("run-1", b"today", TODAY)
        _, cursor = self.looks(source)
        put_at("run-2", b"five days ago", TODAY - timedelta(days=5))
        found, _ = self.looks(source, cursor)
        assert [raw.body for raw in found] == [b"five days ago"]

    def test_years_are_taken_and_then_left_alone(
        self, source: Source, again: Again, peer: HttpPeer, put_at: PutAt
    ) -> None:
        for year in range(15):
            put_at(f"run-{year}", f"{year}".encode(), TODAY - timedelta(days=366 * year))
        found, cursor = self.looks(source)
        assert len(found) == 15
        peer.requests.clear()
        assert self.looks(again(), cursor)[0] == []
        assert self.listings(peer) <= self.cheap
        assert peer.asked(self.recordings) == []

    def test_where_nothing_is_one_look_at_the_past_is_enough(self, source: Source, peer: HttpPeer) -> None:
        list(source.fetch(None))
        peer.requests.clear()
        list(source.fetch(None))
        assert self.listings(peer) <= self.cheap

    def test_a_backlog_of_ten_thousand_is_taken_piece_by_piece(
        self, again: Again, peer: HttpPeer, put_at: PutAt
    ) -> None:
        """No look asks twice for what an earlier one took, and what is remembered of it stays small."""
        for number in range(10_000):
            put_at(f"run-{number}", b"%d" % number, TODAY - timedelta(hours=8 * number))
        cursor: str | None = None
        taken: set[bytes] = set()
        for piece in (50, 400, 1000):
            looking = again().fetch(cursor)
            for _ in range(piece):
                raw, cursor = next(looking)
                assert isinstance(raw, Raw)
                assert raw.body not in taken
                taken.add(raw.body)
        assert taken == {b"%d" % number for number in range(1450)}
        assert len(cursor or "") < 20_000
        assert len(peer.asked(self.recordings)) <= 1450 + 3
        assert self.listings(peer) < 200

    def test_a_run_dated_tomorrow_is_taken_once(self, source: Source, put_at: PutAt) -> None:
        """East of us it may be, and a watch may be wrong."""
        put_at("run-1", b"tomorrow", TODAY + timedelta(days=1))
        found, cursor = self.looks(source)
        assert len(found) == 1
        assert self.looks(source, cursor)[0] == []

    @pytest.mark.parametrize("error", [timedelta(days=-40), timedelta(days=40)], ids=["behind", "ahead"])
    def test_our_clock_may_have_been_wrong(self, source: Source, clock: Clock, put_at: PutAt, error: timedelta) -> None:
        put_at("run-1", b"one", TODAY - timedelta(days=1))
        clock.moment = NOW + error
        found, cursor = self.looks(source)
        clock.moment = NOW
        put_at("run-2", b"two", TODAY)
        later, _ = self.looks(source, cursor)
        assert {raw.body for raw in [*found, *later]} == {b"one", b"two"}

    # --- what changes later

    def test_another_name_is_followed_for_a_week(self, source: Source, put_at: PutAt, rename: Rename) -> None:
        put_at("run-1", b"1", TODAY - timedelta(days=3))
        put_at("run-2", b"2", TODAY)
        _, cursor = self.looks(source)
        rename("run-1", "Tempo, 25 min")
        (raw,), cursor = self.looks(source, cursor)
        assert (raw.title, raw.body, raw.lasting_id) == ("Tempo, 25 min", b"1", True)
        assert self.looks(source, cursor)[0] == []

    def test_a_run_that_is_deleted_there_is_let_go_of(
        self, source: Source, put_at: PutAt, take_away: Callable[[str], None]
    ) -> None:
        put_at("run-1", b"1", TODAY - timedelta(days=3))
        put_at("run-2", b"2", TODAY)
        _, cursor = self.looks(source)
        take_away("run-1")
        ((gone, cursor),) = source.fetch(cursor)
        assert gone == Removed(source=source.name, external_id=self.named("run-1"))
        assert list(source.fetch(cursor)) == []

    def test_a_list_that_forgets_a_run_is_not_believed(self, source: Source, peer: HttpPeer, put_at: PutAt) -> None:
        put_at("run-1", b"1", TODAY)
        _, cursor = self.looks(source)
        peer.trouble(Trouble(status=200, body=self.empty_list), at=self.lists)
        assert list(source.fetch(cursor)) == []

    def test_where_all_runs_are_gone_at_once_none_is_let_go_of(
        self, source: Source, put_at: PutAt, take_away: Callable[[str], None]
    ) -> None:
        """It may be the key of another account."""
        for day in range(3):
            put_at(f"run-{day}", b"%d" % day, TODAY - timedelta(days=day))
        _, cursor = self.looks(source)
        for day in range(3):
            take_away(f"run-{day}")
        assert list(source.fetch(cursor)) == []

    # --- faults

    def test_a_platform_that_is_busy_handing_over_is_left_alone(self, source: Source, peer: HttpPeer, put: Put) -> None:
        put("run-1", b"the bytes")
        peer.trouble(Trouble(status=429, headers={"Retry-After": "14"}, body=b"{}"), at=self.recordings)
        with pytest.raises(Throttled) as caught:
            list(source.fetch(None))
        assert timedelta(seconds=14) <= caught.value.retry_after <= timedelta(seconds=15)

    def test_a_platform_that_hands_nothing_over_is_not_asked_for_everything(
        self, source: Source, peer: HttpPeer, put_at: PutAt
    ) -> None:
        for day in range(9):
            put_at(f"run-{day}", b"%d" % day, TODAY - timedelta(days=day))
        peer.trouble(Trouble(status=500), times=9, at=self.recordings)
        with pytest.raises(Unavailable):
            list(source.fetch(None))
        assert len(peer.asked(self.recordings)) == 2
        peer.calm()
        assert sorted(raw.body for raw, _ in given(source)) == [b"%d" % day for day in range(9)]

    def test_todays_run_comes_although_the_past_cannot_be_listed(
        self, source: Source, peer: HttpPeer, put: Put
    ) -> None:
        put("run-1", b"the bytes")
        looking = source.fetch(None)
        peer.trouble(Trouble(status=500), at=self.lists, after=self.cheap)
        assert bodies([next(looking)[0]]) == [b"the bytes"]
        with pytest.raises(Unavailable):
            next(looking)

    def test_one_recording_that_cannot_be_had_stops_no_other(
        self, source: Source, peer: HttpPeer, put_at: PutAt
    ) -> None:
        for day in (3, 2, 1):
            put_at(f"run-{day}", f"{day}".encode(), TODAY - timedelta(days=day))
        peer.trouble(Trouble(status=500), at=self.named("run-2"))
        found, cursor, trouble = self.looks_until_trouble(source)
        assert [raw.body for raw in found] == [b"1", b"3"]
        assert isinstance(trouble, Unavailable)
        assert [raw.body for raw, _ in given(source, cursor)] == [b"2"]

    def test_what_cannot_be_had_for_days_is_given_up_and_named(
        self, source: Source, peer: HttpPeer, clock: Clock, put_at: PutAt
    ) -> None:
        put_at("run-1", b"1", TODAY - timedelta(days=1))
        cursor: str | None = None
        found: list[Raw] = []
        for day in range(8):
            put_at(f"run-new-{day}", b"new", TODAY + timedelta(days=day))
            clock.moment = NOW + timedelta(days=day)
            peer.trouble(Trouble(status=500), at=self.named("run-1"))
            more, cursor, _ = self.looks_until_trouble(source, cursor)
            found += more
        (given_up,) = [raw for raw in found if raw.withheld]
        assert given_up.external_id == self.named("run-1")
        assert len(found) == 9

    def test_what_is_damaged_at_the_platform_comes_as_it_is_and_stops_no_other(
        self, source: Source, peer: HttpPeer, put_at: PutAt
    ) -> None:
        put_at("run-1", b"1", TODAY - timedelta(days=1))
        put_at("run-2", b"2", TODAY - timedelta(days=2))
        damaged = b"PK\x03\x04 and then nothing"
        peer.trouble(Trouble(status=200, body=damaged), at=self.named("run-1"))
        first, second = self.looks(source)[0]
        assert (first.body, first.media_type) == (damaged, "zip")
        assert second.body == b"2"

    def test_what_it_will_not_hand_over_is_named_and_stops_no_other(
        self, source: Source, peer: HttpPeer, put_at: PutAt
    ) -> None:
        put_at("run-1", b"1", TODAY - timedelta(days=1))
        put_at("run-2", b"2", TODAY - timedelta(days=2))
        peer.trouble(Trouble(status=422, body=b"{}"), at=self.named("run-1"))
        named, whole = self.looks(source)[0]
        assert named.withheld
        assert whole.body == b"2"
