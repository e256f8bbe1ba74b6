"""A runner's consent: what it has to cover, how it comes here, and how it is given back."""

from collections.abc import Callable
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from integrations.strava._callback import Callback
from integrations.strava.connecting import connect, disconnect
from service.ports import Refused, Unavailable
from tests.integrations.strava_home import Home, Talk
from tests.peers.http import Trouble
from tests.peers.strava import StravaPeer


def connects(runner: Home, talk: Talk) -> str:
    return connect(talk, **runner.application())  # type: ignore[arg-type]


def held(runner: Home) -> object:
    return runner.vault().read()


class TestWithACode:
    def test_the_tokens_are_kept_and_runs_come(self, newcomer: Home) -> None:
        newcomer.runs()

        talk = newcomer.connect()

        assert "connected as athlete 7" in talk.heard[-1]
        assert len(list(newcomer.source().fetch(None))) == 1
        assert newcomer.source().owner == "7"
        assert "activity:read_all" in newcomer.source().check()

    def test_the_runner_is_told_how_to_be_judged_by_their_whole_past(self, newcomer: Home) -> None:
        heard = " ".join(newcomer.connect().heard)

        assert "seven days" in heard
        assert "afterrun import export.zip" in heard

    @pytest.mark.parametrize("tells", [True, False])
    def test_without_the_box_for_activities_it_is_refused_and_says_which_to_tick(
        self, newcomer: Home, *, tells: bool
    ) -> None:
        with pytest.raises(Refused, match="“View data about your activities” ticked"):
            newcomer.connect("read,profile:read_all", tells=tells)
        assert held(newcomer) is None

    def test_with_public_runs_alone_it_works_and_says_what_stays_hidden(self, newcomer: Home) -> None:
        heard = " ".join(newcomer.connect("read,activity:read").heard)

        assert "“View data about your private activities”" in heard

    @pytest.mark.parametrize("spelling", ["read,activity:read_all", "read activity:read_all", "activity:read_all"])
    def test_what_was_granted_may_be_spelt_either_way(self, newcomer: Home, spelling: str) -> None:
        talk = Talk({"code": newcomer.person.consents("read,activity:read_all"), "scope": spelling})

        assert "connected" in connects(newcomer, talk)

    def test_a_code_is_good_once(self, newcomer: Home) -> None:
        talk = Talk({"code": newcomer.person.consents()})
        connects(newcomer, talk)

        with pytest.raises(Refused, match="does not know this code"):
            connects(newcomer, talk)
        assert held(newcomer) is not None

    def test_an_application_that_was_switched_off_is_explained(self, newcomer: Home) -> None:
        newcomer.peer.active = False

        with pytest.raises(Refused, match="paid Strava subscription"):
            newcomer.connect()

    def test_a_secret_that_is_wrong_is_said(self, newcomer: Home) -> None:
        talk = Talk({"code": newcomer.person.consents()})
        newcomer.peer.client_secret = "another"
        application = newcomer.application() | {"client_secret": "mistyped"}

        with pytest.raises(Refused, match="client_id and client_secret"):
            connect(talk, **application)  # type: ignore[arg-type]

    def test_where_strava_does_not_say_whose_consent_it_is_it_is_asked(
        self, newcomer: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tells = StravaPeer._token
        monkeypatch.setattr(StravaPeer, "_token", lambda *args: {**tells(*args), "athlete": None})

        assert "athlete 7" in newcomer.connect().heard[-1]

    def test_another_connection_takes_the_place_of_the_last(self, newcomer: Home) -> None:
        newcomer.connect()
        newcomer.person = newcomer.peer.athlete(8)
        newcomer.connect()

        assert newcomer.source().owner == "8"


class TestInTheBrowser:
    """The runner opens an address, and the browser comes back here by itself or its address is pasted."""

    class Runner(Talk):
        """Opens what it is told to open, as a browser on this machine does."""

        def __init__(self, *, comes_back: bool = True) -> None:
            super().__init__()
            self.comes_back = comes_back

        def ask(
            self, name: str, question: str, *, hidden: bool = False, meanwhile: Callable[[], str | None] | None = None
        ) -> str:
            assert (name, hidden) == ("code", False), question
            (address,) = [line for line in self.heard if line.startswith("http")]
            sent = requests.get(address, allow_redirects=False, timeout=5).headers["Location"]
            if not self.comes_back:
                return sent
            page = requests.get(sent, timeout=5)
            assert "Thank you" in page.text
            assert meanwhile is not None
            return meanwhile() or "nothing was heard"

    @pytest.mark.parametrize("comes_back", [True, False])
    def test_it_connects(self, newcomer: Home, *, comes_back: bool) -> None:
        talk = self.Runner(comes_back=comes_back)

        assert "athlete 7" in connects(newcomer, talk)
        assert newcomer.source().still_welcome()

    def test_the_address_asks_for_all_that_helps_and_comes_back_to_this_machine(self, newcomer: Home) -> None:
        talk = self.Runner()
        connects(newcomer, talk)

        (address,) = [line for line in talk.heard if line.startswith("http")]
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert address.startswith(f"{newcomer.peer.url}/oauth/authorize?")
        assert query["client_id"] == "12345"
        assert query["response_type"] == "code"
        assert query["scope"] == "read,activity:read_all,profile:read_all"
        assert urlsplit(query["redirect_uri"]).hostname == "127.0.0.1"
        assert len(query["state"]) > 16
        assert newcomer.peer.client_secret not in address

    @pytest.mark.parametrize(
        ("answer", "says"),
        [
            ("http://127.0.0.1/strava?state=&error=access_denied", "not given your consent"),
            ("http://127.0.0.1/strava?state=forged&code=abc&scope=read", "does not belong to this request"),
            ("https://www.strava.com/settings/api", "does not belong to this request"),
        ],
    )
    def test_what_is_pasted_is_looked_at(self, newcomer: Home, answer: str, says: str) -> None:
        class Pastes(Talk):
            def given(self, name: str) -> None:
                assert name in {"code", "scope"}

        with pytest.raises(Refused, match=says):
            connects(newcomer, Pastes({"code": answer}))
        assert held(newcomer) is None

    def test_an_address_given_as_an_option_is_read_like_one_pasted(self, newcomer: Home) -> None:
        code = newcomer.person.consents()
        talk = Talk({"code": f"http://127.0.0.1:8/strava?state=x&code={code}&scope=read,activity:read_all"})

        assert "athlete 7" in connects(newcomer, talk)

    def test_the_door_hears_only_who_comes_with_an_answer(self) -> None:
        with Callback() as callback:
            root = callback.url.removesuffix("/strava")
            assert requests.get(f"{root}/favicon.ico", timeout=5).status_code == 404
            assert callback.heard() is None
            knocks = [Thread(target=requests.get, args=(f"{callback.url}?code=a&state=b",), kwargs={"timeout": 5})]
            for knock in knocks:
                knock.start()
            for knock in knocks:
                knock.join()
            assert callback.heard() == "/strava?code=a&state=b"


class TestGivingItBack:
    def test_strava_is_told_and_the_tokens_are_forgotten(self, runner: Home) -> None:
        talk = Talk()

        disconnect(talk, **runner.application())  # type: ignore[arg-type]

        assert held(runner) is None
        assert (runner.peer.access, runner.peer.refresh) == ({}, {})
        assert "needs nothing more" in talk.heard[0]

    def test_where_strava_cannot_be_told_the_runner_learns_what_to_do(self, runner: Home) -> None:
        talk = Talk()
        runner.peer.trouble(Trouble(status=503))

        disconnect(talk, **runner.application())  # type: ignore[arg-type]

        assert held(runner) is None
        assert "https://www.strava.com/settings/apps" in talk.heard[0]

    def test_where_nothing_is_connected_nothing_is_given_back(self, newcomer: Home) -> None:
        talk = Talk()

        disconnect(talk, **newcomer.application())  # type: ignore[arg-type]

        assert talk.heard == ["Strava was not connected."]
        assert newcomer.peer.requests == []


class TestStillWelcome:
    def test_a_consent_that_stands(self, runner: Home) -> None:
        assert runner.source().still_welcome()

    def test_a_consent_that_was_taken_back(self, runner: Home) -> None:
        runner.person.takes_back()

        assert not runner.source().still_welcome()

    def test_while_strava_is_away_nobody_knows(self, runner: Home) -> None:
        runner.peer.trouble(Trouble(status=500))

        with pytest.raises(Unavailable):
            runner.source().still_welcome()

    def test_an_application_that_is_not_known_says_nothing_about_a_consent(self, runner: Home) -> None:
        runner.peer.client_secret = "renewed"
        application = runner.application() | {"client_secret": "the-old-one"}
        from integrations.strava.runs import source  # noqa: PLC0415 - with settings of its own

        with pytest.raises(Refused, match="client_id"):
            source(**application, webhook=False).still_welcome()  # type: ignore[arg-type]
