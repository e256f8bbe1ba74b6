"""Garmin's Personal API gives the runner's activities for a key of their own."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import date, timedelta

import pytest

from integrations import garmin
from integrations.garmin import Garmin
from service.ports import Refused, Source, Unavailable
from tests.fakes import Clock, Vault
from tests.integrations.listed_source_contract import NOW, TODAY, ListedSourceContract, PutAt, Rename
from tests.integrations.source_contract import Put, given
from tests.peers.garmin import GarminPeer, zipped
from tests.peers.http import Trouble


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def peer() -> Iterator[GarminPeer]:
    with GarminPeer(now=NOW) as peer:
        yield peer


@pytest.fixture
def vault() -> Vault:
    return Vault()


@pytest.fixture
def source(peer: GarminPeer, vault: Vault, clock: Clock) -> Garmin:
    return garmin.source(api_key="a-key", base_url=peer.url, vault=vault, clock=clock)


class TestTheContract(ListedSourceContract):
    lists, recordings = "/activities/search/", "/download-service/"

    @pytest.fixture
    def clock(self, clock: Clock) -> Clock:
        return clock

    @pytest.fixture
    def peer(self, peer: GarminPeer) -> GarminPeer:
        return peer

    @pytest.fixture
    def again(self, peer: GarminPeer, clock: Clock) -> Callable[[], Source]:
        return lambda: garmin.source(api_key="a-key", base_url=peer.url, vault=Vault(), clock=clock)

    @pytest.fixture
    def put_at(self, peer: GarminPeer) -> PutAt:
        return lambda name, body, begun: peer.put(name, body, begun=begun)

    @pytest.fixture
    def take_away(self, peer: GarminPeer) -> Callable[[str], None]:
        return peer.activities.__delitem__

    @pytest.fixture
    def rename(self, peer: GarminPeer) -> Rename:
        return lambda name, title: peer.activities[name].__setattr__("name", title)

    @pytest.fixture
    def secrets(self, peer: GarminPeer) -> list[str]:
        return ["a-key", *peer.tokens]

    @pytest.fixture
    def refuse(self, peer: GarminPeer) -> Callable[[], None]:
        def refuse() -> None:
            peer.keys, peer.tokens = set(), {}

        return refuse

    @pytest.fixture
    def broken(self, peer: GarminPeer, clock: Clock) -> Source:
        return garmin.source(api_key="another-key", base_url=peer.url, vault=Vault(), clock=clock)


class TestTheToken:
    def test_one_key_is_exchanged_once_a_day(self, peer: GarminPeer, source: Garmin, clock: Clock) -> None:
        for _ in range(5):
            list(source.fetch(None))
        assert len(peer.asked("/token")) == 1
        clock.forward(hours=23, minutes=30)
        list(source.fetch(None))
        assert len(peer.asked("/token")) == 2

    def test_a_restart_goes_on_with_the_token_in_the_vault(self, peer: GarminPeer, vault: Vault, clock: Clock) -> None:
        for _ in range(3):
            garmin.source(api_key="a-key", base_url=peer.url, vault=vault, clock=clock).check()
        assert len(peer.asked("/token")) == 1

    def test_another_key_takes_effect_at_once(self, peer: GarminPeer, vault: Vault, clock: Clock) -> None:
        garmin.source(api_key="a-key", base_url=peer.url, vault=vault, clock=clock).check()
        peer.keys = {"the-next-key"}
        garmin.source(api_key="the-next-key", base_url=peer.url, vault=vault, clock=clock).check()
        with pytest.raises(Refused):
            garmin.source(api_key="a-key", base_url=peer.url, vault=vault, clock=clock).check()

    def test_a_token_ended_before_its_time_is_exchanged_for_a_new_one(self, peer: GarminPeer, source: Garmin) -> None:
        source.check()
        peer.tokens = dict.fromkeys(peer.tokens, NOW)
        source.check()
        assert len(peer.asked("/token")) == 2

    def test_a_key_that_was_revoked_is_asked_about_once_and_told(self, peer: GarminPeer, source: Garmin) -> None:
        source.check()
        peer.tokens = dict.fromkeys(peer.tokens, NOW)
        peer.keys = set()
        with pytest.raises(Refused, match=r"settings/personalApiToken.*afterrun connect garmin"):
            source.check()
        assert len(peer.asked("/token")) == 2

    @pytest.mark.parametrize("hours", [-48, 48])
    def test_a_clock_that_is_wrong_costs_an_exchange_and_no_more(
        self, peer: GarminPeer, source: Garmin, clock: Clock, hours: int
    ) -> None:
        clock.forward(hours=hours)
        source.check()
        source.check()
        assert len(peer.asked("/token")) == 1

    def test_a_page_in_place_of_a_token_is_no_token(self, peer: GarminPeer, source: Garmin, vault: Vault) -> None:
        peer.trouble(Trouble(status=200, body=b"<html>Please accept our terms</html>"), at="/token")
        with pytest.raises(Unavailable):
            source.check()
        assert vault.read() is None
        source.check()

    def test_a_vault_that_cannot_be_opened_does_not_matter(self, peer: GarminPeer, clock: Clock) -> None:
        vault = Vault(locked=True)
        garmin.source(api_key="a-key", base_url=peer.url, vault=vault, clock=clock).check()

    def test_neither_key_nor_token_stands_in_an_error(self, peer: GarminPeer, clock: Clock) -> None:
        broken = garmin.source(api_key="s3cret-key", base_url=peer.url, vault=Vault(), clock=clock)
        peer.trouble(Trouble(status=401, body=b'{"message": "no such key: s3cret-key"}'))
        with pytest.raises(Refused) as caught:
            broken.check()
        assert "s3cret-key" not in f"{caught.value} {caught.value.__cause__!r}"


class TestTheEndOfTheKey:
    @pytest.mark.parametrize(("days", "warned"), [(8, False), (7, True), (0, True), (-1, True)])
    def test_a_week_before_it_the_runner_hears_of_it(
        self, peer: GarminPeer, clock: Clock, days: int, warned: bool
    ) -> None:
        ends = NOW.date() + timedelta(days=days)
        source = garmin.source(api_key="a-key", base_url=peer.url, key_ends=ends, vault=Vault(), clock=clock)
        assert bool(source.notice) is warned
        if warned:
            assert f"{ends.day} November 2026" in source.notice
            assert "personalApiToken" in source.notice

    def test_where_it_is_not_stated_the_check_says_where_to_state_it(self, source: Garmin) -> None:
        assert "key_ends" in source.check()
        assert source.notice == ""

    def test_where_it_is_stated_the_check_repeats_it(self, peer: GarminPeer, clock: Clock) -> None:
        ends = date(2027, 5, 21)
        source = garmin.source(api_key="a-key", base_url=peer.url, key_ends=ends, vault=Vault(), clock=clock)
        assert "21 May 2027" in source.check()


class TestWhatIsTaken:
    @pytest.mark.parametrize(
        ("kind", "taken"),
        [
            ("running", True),
            ("trail_running", True),
            ("treadmill_running", True),
            ("virtual_run", True),
            ("ultra_run", True),
            ("multi_sport", True),
            ("other", True),
            ("cycling", False),
            ("lap_swimming", False),
            ("walking", False),
        ],
    )
    def test_runs_and_what_may_hold_one(self, peer: GarminPeer, source: Garmin, kind: str, taken: bool) -> None:
        peer.put("1001", b"a recording", begun=TODAY, kind=kind)
        assert bool(list(source.fetch(None))) is taken

    def test_what_was_typed_in_by_hand_has_no_recording(self, peer: GarminPeer, source: Garmin) -> None:
        peer.put("1001", b"", begun=TODAY)
        peer.activities["1001"].manual = True
        assert list(source.fetch(None)) == []
        assert peer.asked("/download-service/") == []

    def test_the_name_the_runner_gave_it_comes_along(self, peer: GarminPeer, source: Garmin, put_one: Put) -> None:
        put_one("1001", b"bytes")
        peer.activities["1001"].name = " 6 x 800 m\n"
        ((raw, _),) = given(source)
        assert (raw.title, raw.sport, raw.media_type) == ("6 x 800 m", "running", "fit")

    def test_no_position_of_the_listing_comes_along(self, source: Garmin, put_one: Put) -> None:
        put_one("1001", b"bytes")
        ((raw, cursor),) = given(source)
        assert "52.5" not in f"{raw}{cursor}"

    def test_the_recording_comes_out_of_its_archive(self, source: Garmin, put_one: Put) -> None:
        """So that it is known for the same one that lies in a watched folder."""
        put_one("1001", b"\x0e\x10\0\0\0\0\0\0.FIT")
        ((raw, _),) = given(source)
        assert raw.body == b"\x0e\x10\0\0\0\0\0\0.FIT"

    def test_an_archive_of_several_is_left_to_its_reader(self, peer: GarminPeer, source: Garmin) -> None:
        peer.put("1001", b"", begun=TODAY)
        peer.activities["1001"].download = zipped({"a.fit": b"one", "b.tcx": b"two"})
        ((raw, _),) = given(source)
        assert (raw.body, raw.media_type) == (peer.activities["1001"].download, "zip")

    def test_an_archive_that_would_fill_the_memory_is_left_packed(self, peer: GarminPeer, source: Garmin) -> None:
        peer.put("1001", bytes(65 * 2**20), begun=TODAY)
        ((raw, _),) = given(source)
        assert len(raw.body) < 2**20


class TestManners:
    def test_requests_go_one_after_another_in_pages_that_are_answered(self, peer: GarminPeer, source: Garmin) -> None:
        for number in range(60):
            peer.put(f"{number}", b"%d" % number, begun=TODAY - timedelta(hours=number))
        assert len(list(source.fetch(None))) == 60
        assert peer.most_at_once == 1
        assert all(int(asked.query["limit"]) <= 45 for asked in peer.asked("/search/"))

    def test_it_is_left_alone_between_two_looks(self, source: Garmin) -> None:
        assert source.ask_every >= timedelta(minutes=1)

    def test_a_server_that_gives_the_same_page_for_ever_is_left(
        self, peer: GarminPeer, source: Garmin, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(garmin, "MOST_LISTED", 100)
        for number in range(20):
            peer.put(f"{number}", b"%d" % number, begun=TODAY)
        same = peer.search
        monkeypatch.setattr(peer, "search", lambda request: same(type(request)(**{**asdict(request), "query": {}})))
        assert len(list(source.fetch(None))) == 20


@pytest.fixture
def put_one(peer: GarminPeer) -> Put:
    return lambda name, body: peer.put(name, body, begun=TODAY)
