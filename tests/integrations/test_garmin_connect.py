"""Garmin Connect is signed in to once; from then on there are tokens, kept before they are used, and manners."""

import json
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from garminconnect.client import sso

from integrations import garmin_connect
from integrations.garmin_connect import GarminConnect
from integrations.garmin_connect.client import Client
from service.domain.athlete import Athlete
from service.ports import Refused, Source, Throttled, Unavailable
from tests.fakes import Clock, Vault
from tests.integrations.http_source_contract import MOST_REQUESTS
from tests.integrations.listed_source_contract import NOW, ListedSourceContract, PutAt, Rename
from tests.integrations.source_contract import Put
from tests.peers.garmin_connect import GarminConnectPeer, number
from tests.peers.http import HttpPeer, Trouble, Way

KIM = Athlete(id="kim", timezone=ZoneInfo("Europe/Berlin"))
ANSWERS = {"email": "kim@example.org", "password": "a-password", "mfa": "123456"}
LOGIN, RENEWAL = "/mobile/api/login", "/di-oauth2-service/"


@dataclass
class Talk:
    """A person who answers as a test says; a list is answered from one after the other."""

    answers: Mapping[str, str | list[str]] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    asked: list[tuple[str, bool]] = field(default_factory=list)

    def say(self, line: str) -> None:
        self.said.append(line)

    def given(self, name: str) -> str | None:
        return None if name not in self.answers else self.ask(name, "beforehand")

    def ask(
        self, name: str, question: str, *, hidden: bool = False, meanwhile: Callable[[], str | None] | None = None
    ) -> str:
        assert question
        assert meanwhile is None
        self.asked.append((name, hidden))
        answer = self.answers[name]
        return answer.pop(0) if isinstance(answer, list) else answer

    def confirm(self, name: str, question: str) -> bool:
        return self.ask(name, question) == "yes"


@pytest.fixture(autouse=True)
def _in_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away the seconds that the library waits before it shows a password, as a human would."""
    for kind in ("MOBILE", "WIDGET", "LOGIN"):
        for end in ("MIN", "MAX"):
            monkeypatch.setattr(sso, f"{kind}_DELAY_{end}_S", 0.0)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def peer() -> Iterator[GarminConnectPeer]:
    with GarminConnectPeer(now=datetime.now(UTC)) as peer:
        yield peer


def tokens_of(peer: GarminConnectPeer) -> str:
    """Return tokens as the library writes them, as after signing in."""
    given = peer.sign_in()
    return json.dumps(
        {
            "di_token": given["access_token"],
            "di_refresh_token": given["refresh_token"],
            "di_client_id": "GARMIN_CONNECT_MOBILE_ANDROID_DI_2025Q2",
        }
    )


@pytest.fixture
def vault(peer: GarminConnectPeer) -> Vault:
    """Return a vault as it is after signing in."""
    return Vault({"tokens": tokens_of(peer)})


@pytest.fixture
def source(peer: GarminConnectPeer, vault: Vault, clock: Clock) -> GarminConnect:
    return garmin_connect.source(base_url=peer.url, vault=vault, clock=clock, athlete=KIM)


def signs_in(peer: GarminConnectPeer, vault: Vault, clock: Clock, **answers: str | list[str]) -> Talk:
    talk = Talk({**ANSWERS, **answers})
    garmin_connect.connect(talk, base_url=peer.url, vault=vault, clock=clock, athlete=KIM)
    return talk


class TestTheContract(ListedSourceContract):
    lists, recordings = "/activities/search/", "/download-service/"
    cheap = 2  # the library turns the pages until one is empty

    def named(self, name: str) -> str:
        return number(name)

    @pytest.fixture
    def clock(self, clock: Clock) -> Clock:
        return clock

    @pytest.fixture
    def peer(self, peer: GarminConnectPeer) -> GarminConnectPeer:
        return peer

    @pytest.fixture
    def again(self, peer: GarminConnectPeer, vault: Vault, clock: Clock) -> Callable[[], Source]:
        return lambda: garmin_connect.source(base_url=peer.url, vault=vault, clock=clock, athlete=KIM)

    @pytest.fixture
    def put_at(self, peer: GarminConnectPeer) -> PutAt:
        return lambda name, body, begun: peer.put(name, body, begun=begun)

    @pytest.fixture
    def take_away(self, peer: GarminConnectPeer) -> Callable[[str], None]:
        return lambda name: peer.activities.__delitem__(number(name))

    @pytest.fixture
    def rename(self, peer: GarminConnectPeer) -> Rename:
        return lambda name, title: peer.activities[number(name)].__setattr__("name", title)

    @pytest.fixture
    def secrets(self, peer: GarminConnectPeer, vault: Vault) -> list[str]:
        assert vault.secret
        return [*peer.tokens.access, *peer.tokens.refresh]

    @pytest.fixture
    def refuse(self, peer: GarminConnectPeer) -> Callable[[], None]:
        def refuse() -> None:
            peer.tokens.access.clear()
            peer.tokens.refresh.clear()

        return refuse

    @pytest.fixture
    def broken(self, peer: GarminConnectPeer, clock: Clock) -> Source:
        return garmin_connect.source(base_url=peer.url, vault=Vault(), clock=clock, athlete=KIM)

    def test_what_may_not_be_seen_is_a_humans_matter(self, source: Source, put: Put, peer: HttpPeer) -> None:
        """Here it is not: Garmin's guards shut whole networks out at times, and let them in again."""
        put("run-1", b"one")
        peer.trouble(Trouble(status=403), times=MOST_REQUESTS)
        with pytest.raises(Unavailable, match="403"):
            list(source.fetch(None))


class TestLeaving:
    def leave(self, peer: GarminConnectPeer, vault: Vault, clock: Clock, token_file: Path | None = None) -> str:
        talk = Talk()
        garmin_connect.disconnect(
            talk, base_url=peer.url, token_file=token_file, vault=vault, clock=clock, athlete=KIM, workouts=True
        )
        return " ".join(talk.said)

    def test_the_tokens_are_forgotten(
        self, peer: GarminConnectPeer, source: GarminConnect, vault: Vault, clock: Clock
    ) -> None:
        source.check()
        self.leave(peer, vault, clock)
        assert not any(token in json.dumps(vault.secret) for token in peer.tokens.access)
        with pytest.raises(Refused, match="afterrun connect garmin_connect"):
            source.check()

    def test_a_block_is_not(self, peer: GarminConnectPeer, source: GarminConnect, vault: Vault, clock: Clock) -> None:
        peer.trouble(Trouble(status=429))
        with pytest.raises(Throttled):
            source.check()
        self.leave(peer, vault, clock)
        with pytest.raises(Throttled):
            signs_in(peer, vault, clock)

    def test_a_file_of_tokens_stays_and_is_named(self, peer: GarminConnectPeer, clock: Clock, tmp_path: Path) -> None:
        file = tmp_path / "tokens.json"
        file.write_text(tokens_of(peer))
        assert str(file) in self.leave(peer, Vault(), clock, file)
        assert file.exists()


class TestSigningIn:
    def test_it_takes_a_password_that_is_then_forgotten(self, peer: GarminConnectPeer, clock: Clock) -> None:
        vault = Vault()
        talk = signs_in(peer, vault, clock)
        assert talk.asked == [("email", False), ("password", True)]
        assert "a-password" not in json.dumps(vault.secret)
        garmin_connect.source(base_url=peer.url, vault=vault, clock=clock, athlete=KIM).check()

    def test_it_takes_a_code_where_garmin_wants_one(self, peer: GarminConnectPeer, clock: Clock) -> None:
        peer.code = "123456"
        vault = Vault()
        talk = signs_in(peer, vault, clock)
        assert [name for name, _ in talk.asked] == ["email", "password", "mfa"]
        garmin_connect.source(base_url=peer.url, vault=vault, clock=clock, athlete=KIM).check()

    def test_a_mistyped_code_may_be_typed_again(self, peer: GarminConnectPeer, clock: Clock) -> None:
        peer.code = "123456"
        talk = signs_in(peer, Vault(), clock, mfa=["123465", "123456"])
        assert any("does not take this code" in line for line in talk.said)
        assert len(peer.asked(LOGIN)) == 1

    def test_a_wrong_code_given_beforehand_is_not_shown_again(self, peer: GarminConnectPeer, clock: Clock) -> None:
        peer.code = "123456"
        with pytest.raises(Refused, match="newest one"):
            signs_in(peer, Vault(), clock, mfa="000000")
        assert len(peer.asked("/mfa/")) == 2  # the library knows two doors for a code

    def test_a_wrong_password_is_shown_once(self, peer: GarminConnectPeer, clock: Clock) -> None:
        """Garmin locks an account after a few."""
        vault = Vault()
        with pytest.raises(Refused, match="email and password"):
            signs_in(peer, vault, clock, password="a-wrong-one")
        assert len(peer.asked(LOGIN)) == 1
        assert vault.secret is None

    def test_it_mends_a_vault_that_nobody_can_open(self, peer: GarminConnectPeer, clock: Clock) -> None:
        vault = Vault(locked=True)
        signs_in(peer, vault, clock)
        assert vault.read()

    def test_what_is_in_the_way_is_passed_by_another_way(self, peer: GarminConnectPeer, clock: Clock) -> None:
        """A challenge for browsers at the app's door, and there is none at the third; the second is gone."""
        peer.trouble(Trouble(status=403), times=3, at="/mobile/sso/")
        with pytest.raises(Unavailable, match="try again later"):
            signs_in(peer, Vault(), clock)
        assert peer.asked("/portal/")

    def test_tokens_that_cannot_be_had_are_no_wrong_password(self, peer: GarminConnectPeer, clock: Clock) -> None:
        peer.trouble(Trouble(status=500), times=40, at=RENEWAL)
        with pytest.raises(Unavailable):
            signs_in(peer, Vault(), clock)


class TestBeingLeftAlone:
    def test_after_a_block_at_sign_in_nothing_is_sent_for_hours(self, peer: GarminConnectPeer, clock: Clock) -> None:
        vault = Vault()
        peer.trouble(Trouble(status=429), times=9, at=LOGIN)
        with pytest.raises(Throttled, match="23:00") as caught:  # two hours on, where Kim lives
            signs_in(peer, vault, clock)
        assert caught.value.retry_after == timedelta(hours=2)
        asked = len(peer.requests)
        talk = Talk(ANSWERS)
        with pytest.raises(Throttled, match="23:00"):
            garmin_connect.connect(talk, base_url=peer.url, vault=vault, clock=clock, athlete=KIM)
        assert talk.asked == []
        assert len(peer.requests) == asked

    def test_no_other_way_in_is_tried_after_a_block(self, peer: GarminConnectPeer, clock: Clock) -> None:
        peer.trouble(Trouble(status=429), times=9, at=LOGIN)
        with pytest.raises(Throttled):
            signs_in(peer, Vault(), clock)
        assert peer.asked("/portal/") == peer.asked("/sso/embed") == []

    def test_a_block_that_follows_a_block_lasts_twice_as_long_up_to_a_day(
        self, peer: GarminConnectPeer, clock: Clock
    ) -> None:
        vault = Vault()
        waits = []
        for _ in range(6):
            peer.trouble(Trouble(status=429), times=3, at=LOGIN)
            with pytest.raises(Throttled) as caught:
                signs_in(peer, vault, clock)
            waits.append(caught.value.retry_after / timedelta(hours=1))
            clock.moment += caught.value.retry_after
        assert waits == [2, 4, 8, 16, 24, 24]
        signs_in(peer, vault, clock)
        assert vault.secret
        assert vault.secret["blocks"] == 0

    def test_a_block_of_calls_holds_them_all_until_its_end(
        self, peer: GarminConnectPeer, source: GarminConnect, vault: Vault, clock: Clock
    ) -> None:
        peer.trouble(Trouble(status=429, headers={"Retry-After": "300"}), at="/search/")
        with pytest.raises(Throttled):
            list(source.fetch(None))
        asked = len(peer.requests)
        for other in (source, garmin_connect.source(base_url=peer.url, vault=vault, clock=clock, athlete=KIM)):
            clock.forward(minutes=2)
            with pytest.raises(Throttled) as caught:
                other.check()
            assert caught.value.retry_after <= timedelta(minutes=3)
        assert len(peer.requests) == asked
        clock.forward(minutes=2)
        source.check()

    def test_where_garmin_does_not_say_how_long_it_is_an_hour(
        self, peer: GarminConnectPeer, source: GarminConnect
    ) -> None:
        peer.trouble(Trouble(status=429), at="/search/")
        with pytest.raises(Throttled) as caught:
            source.check()
        assert caught.value.retry_after == timedelta(hours=1)

    def test_a_block_of_renewals_counts_as_well(
        self, peer: GarminConnectPeer, source: GarminConnect, vault: Vault
    ) -> None:
        peer.tokens.access.clear()
        peer.trouble(Trouble(status=429, headers={"Retry-After": "60"}), at=RENEWAL)
        kept = vault.secret
        with pytest.raises(Throttled) as caught:
            source.check()
        assert caught.value.retry_after == timedelta(minutes=1)
        assert kept
        assert vault.secret
        assert vault.secret["tokens"] == kept["tokens"]

    def test_a_restart_does_not_end_it(self, peer: GarminConnectPeer, vault: Vault, clock: Clock) -> None:
        peer.trouble(Trouble(status=429), at="/search/")
        for _ in range(2):
            with pytest.raises(Throttled):
                garmin_connect.source(base_url=peer.url, vault=vault, clock=clock, athlete=KIM).check()
        assert len(peer.asked("/search/")) == 1


class TestTokens:
    def test_new_ones_are_kept_before_they_are_used(
        self, peer: GarminConnectPeer, source: GarminConnect, vault: Vault
    ) -> None:
        """Killed right after, what lies in the vault works, although the old refresh token is dead."""
        peer.tokens.access.clear()
        peer.trouble(Trouble(status=500), at="/search/", after=1)
        with pytest.raises(Unavailable):
            source.check()
        (kept,) = vault.written
        assert json.loads(kept["tokens"])["di_refresh_token"] in peer.tokens.refresh

    def test_one_that_ends_soon_is_renewed_first(
        self, peer: GarminConnectPeer, source: GarminConnect, vault: Vault
    ) -> None:
        peer.lifetime = timedelta(minutes=10)
        vault.secret = {"tokens": tokens_of(peer)}
        peer.lifetime = timedelta(hours=20)
        source.check()
        source.check()
        assert [asked.path.split("/")[1] for asked in peer.requests] == [
            "di-oauth2-service",
            "activitylist-service",
            "activitylist-service",
        ]

    def test_those_another_process_has_renewed_are_taken_over(
        self, peer: GarminConnectPeer, source: GarminConnect, vault: Vault, clock: Clock
    ) -> None:
        source.check()
        peer.tokens.access.clear()
        garmin_connect.source(base_url=peer.url, vault=vault, clock=clock, athlete=KIM).check()
        source.check()
        assert len(peer.asked(RENEWAL)) == 1

    def test_those_of_a_new_sign_in_are_used_at_once(
        self, peer: GarminConnectPeer, source: GarminConnect, vault: Vault
    ) -> None:
        peer.tokens.access.clear()
        peer.tokens.refresh.clear()
        with pytest.raises(Refused):
            source.check()
        vault.secret = {"tokens": tokens_of(peer)}
        source.check()

    def test_where_garmin_has_ended_the_sign_in_nothing_but_a_human_helps(
        self, peer: GarminConnectPeer, source: GarminConnect
    ) -> None:
        peer.tokens.access.clear()
        peer.tokens.refresh.clear()
        for _ in range(2):
            with pytest.raises(Refused, match="afterrun connect garmin_connect"):
                source.check()
        assert peer.asked(LOGIN) == []

    @pytest.mark.parametrize(
        "trouble", [Trouble(status=500), Trouble(status=200, body=b"<html></html>"), Trouble(way=Way.CUT)]
    )
    def test_a_passing_fault_of_a_renewal_loses_nothing(
        self, peer: GarminConnectPeer, source: GarminConnect, vault: Vault, trouble: Trouble
    ) -> None:
        peer.tokens.access.clear()
        peer.trouble(trouble, at=RENEWAL)
        with pytest.raises(Unavailable):
            source.check()
        assert vault.written == []
        source.check()

    def test_neither_token_stands_in_an_error(
        self, peer: GarminConnectPeer, source: GarminConnect, vault: Vault, caplog: pytest.LogCaptureFixture
    ) -> None:
        assert vault.secret
        kept = json.loads(vault.secret["tokens"])
        peer.tokens.access.clear()
        peer.tokens.refresh.clear()
        with pytest.raises(Refused) as caught:
            source.check()
        for secret in (kept["di_token"], kept["di_refresh_token"]):
            assert secret not in f"{caught.value} {caught.value.__cause__!r} {caplog.text}"


class TestATokenFile:
    @pytest.fixture
    def place(self, tmp_path: Path) -> Path:
        return tmp_path / "garmin_tokens.json"

    def test_tokens_of_another_program_are_used_without_signing_in(
        self, peer: GarminConnectPeer, place: Path, clock: Clock
    ) -> None:
        place.write_text(tokens_of(peer))
        garmin_connect.source(base_url=peer.url, token_file=place, vault=Vault(), clock=clock, athlete=KIM).check()

    def test_a_folder_holds_the_file_that_the_library_would_look_for(
        self, peer: GarminConnectPeer, place: Path, clock: Clock
    ) -> None:
        place.write_text(tokens_of(peer))
        garmin_connect.source(
            base_url=peer.url, token_file=place.parent, vault=Vault(), clock=clock, athlete=KIM
        ).check()

    def test_new_tokens_go_into_it_and_nobody_else_may_read_it(
        self, peer: GarminConnectPeer, place: Path, clock: Clock
    ) -> None:
        vault = Vault()
        talk = Talk(ANSWERS)
        garmin_connect.connect(talk, base_url=peer.url, token_file=place, vault=vault, clock=clock, athlete=KIM)
        first = place.read_text()
        peer.tokens.access.clear()
        garmin_connect.source(base_url=peer.url, token_file=place, vault=vault, clock=clock, athlete=KIM).check()
        assert place.read_text() != first
        assert stat.S_IMODE(place.stat().st_mode) == 0o600
        assert [left.name for left in place.parent.iterdir()] == [place.name]
        assert "refresh" not in json.dumps(vault.written)

    @pytest.mark.parametrize("text", ["", "{}", "[]", "not JSON", '{"oauth_token": "of garth"}'])
    def test_one_that_holds_something_else_is_named_and_left_as_it_is(
        self, peer: GarminConnectPeer, place: Path, clock: Clock, text: str
    ) -> None:
        place.write_text(text)
        with pytest.raises(Refused, match=r"garmin_tokens\.json"):
            garmin_connect.source(base_url=peer.url, token_file=place, vault=Vault(), clock=clock, athlete=KIM).check()
        assert place.read_text() == text

    def test_where_none_is_there_yet_somebody_has_to_sign_in(
        self, peer: GarminConnectPeer, place: Path, clock: Clock
    ) -> None:
        with pytest.raises(Refused, match="not been signed in"):
            garmin_connect.source(base_url=peer.url, token_file=place, vault=Vault(), clock=clock, athlete=KIM).check()


class TestHosts:
    @pytest.mark.parametrize(
        ("base_url", "hosts"),
        [
            ("https://connectapi.garmin.com", {"connectapi.garmin.com", "sso.garmin.com", "diauth.garmin.com"}),
            ("https://connectapi.garmin.cn", {"connectapi.garmin.cn", "sso.garmin.cn", "diauth.garmin.cn"}),
            ("http://127.0.0.1:9", {"127.0.0.1:9"}),
        ],
    )
    def test_garmins_own_are_known_and_another_stands_for_all_of_them(self, base_url: str, hosts: set[str]) -> None:
        client = Client(base_url)
        assert {urlsplit(one).netloc for one in (client._connectapi, client._sso, client._di_token_url)} == hosts

    def test_the_worker_knows_no_password(self, source: GarminConnect) -> None:
        source.check()
        library = source._account._garmin
        assert library is not None
        assert (library.username, library.password) == (None, None)
