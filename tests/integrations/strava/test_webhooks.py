"""What Strava tells by itself is believed for as much as a look, and the subscription is created, checked and ended."""

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from integrations.strava.webhooks import Webhook, webhook
from service.persistence.vault import SqlVault, cipher
from service.ports import Aspect, Refused
from tests.integrations.strava_home import KEY, Home, Talk
from tests.peers.strava import StravaPeer

TOKEN = "what-strava-has-to-say"
type Document = dict[str, Any]


@pytest.fixture
def hook(newcomer: Home) -> Webhook:
    vault = SqlVault(newcomer.database.engine, cipher(KEY), "webhook", "sources.strava", clock=newcomer.clock)
    return webhook(**newcomer.application() | {"vault": vault})  # type: ignore[arg-type]


@pytest.fixture
def door(hook: Webhook) -> Iterator[str]:
    """Return the address of a door that lets Strava in."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = hook.challenge(dict(parse_qsl(urlsplit(self.path).query)), TOKEN)
            self.send_response(200 if answer else 403)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/webhooks/strava/secret"
        server.shutdown()
        thread.join()


@pytest.fixture
def subscribed(hook: Webhook, door: str) -> Webhook:
    hook.create(Talk(), door, TOKEN)
    return hook


@pytest.fixture
def event(peer: StravaPeer) -> Callable[..., Document]:
    def event(**changes: object) -> Document:
        number = peer.subscription["id"] if peer.subscription else 0
        told: Document = {
            "object_type": "activity",
            "object_id": 1360128428,
            "aspect_type": "create",
            "updates": {},
            "owner_id": 7,
            "subscription_id": number,
            "event_time": 1516126040,
        }
        return told | changes

    return event


def as_body(document: object) -> bytes:
    return json.dumps(document).encode()


class TestTheSubscription:
    def test_it_is_created_and_strava_has_knocked_meanwhile(self, hook: Webhook, peer: StravaPeer, door: str) -> None:
        talk = Talk()

        hook.create(talk, door, TOKEN)

        assert peer.subscription is not None
        assert peer.subscription["callback_url"] == door
        assert str(peer.subscription["id"]) in talk.heard[0]
        hook.check(talk, door)

    def test_created_again_it_stays_the_one(self, subscribed: Webhook, peer: StravaPeer, door: str) -> None:
        before = peer.subscription

        subscribed.create(Talk(), door, TOKEN)

        assert peer.subscription == before

    def test_where_nobody_opens_strava_says_so(self, hook: Webhook, peer: StravaPeer) -> None:
        with pytest.raises(Refused, match="GET to callback URL does not return 200"):
            hook.create(Talk(), "http://127.0.0.1:9/webhooks/strava/secret", TOKEN)
        assert peer.subscription is None

    def test_one_that_leads_elsewhere_is_not_taken_away_unasked(
        self, hook: Webhook, peer: StravaPeer, door: str
    ) -> None:
        peer.subscription = {"id": 3, "callback_url": "https://elsewhere.example/webhooks/strava/another-secret"}

        with pytest.raises(Refused, match=r"https://elsewhere.example\).*webhook strava remove") as caught:
            hook.create(Talk(), door, TOKEN)
        assert "another-secret" not in str(caught.value)
        with pytest.raises(Refused, match=r"https://elsewhere.example\)"):
            hook.check(Talk(), door)

    def test_where_there_is_none_a_check_says_how_to_have_one(self, hook: Webhook, door: str) -> None:
        with pytest.raises(Refused, match="afterrun webhook strava create"):
            hook.check(Talk(), door)

    def test_one_that_is_not_the_one_kept_here_is_said(self, subscribed: Webhook, peer: StravaPeer, door: str) -> None:
        assert peer.subscription is not None
        peer.subscription["id"] += 1

        with pytest.raises(Refused, match="not the one Strava has"):
            subscribed.check(Talk(), door)
        subscribed.create(Talk(), door, TOKEN)
        subscribed.check(Talk(), door)

    def test_it_is_ended(self, subscribed: Webhook, peer: StravaPeer, event: Callable[..., Document]) -> None:
        talk = Talk()

        subscribed.remove(talk)
        subscribed.remove(talk)

        assert peer.subscription is None
        assert talk.heard == ["Strava tells nothing by itself any more.", "Strava had no subscription."]
        assert subscribed.event(as_body(event()), {}) is None

    def test_a_secret_that_is_wrong_is_said(self, hook: Webhook, peer: StravaPeer, door: str) -> None:
        peer.client_secret = "renewed"
        with pytest.raises(Refused, match="client_id and client_secret"):
            hook.create(Talk(), door, TOKEN)


class TestTheKnock:
    def test_strava_is_let_in(self, hook: Webhook) -> None:
        query = {
            "hub.mode": "subscribe",
            "hub.challenge": "15f7d1a91c1f40f8a748fd134752feb3",
            "hub.verify_token": TOKEN,
        }

        assert hook.challenge(query, TOKEN) == {"hub.challenge": "15f7d1a91c1f40f8a748fd134752feb3"}

    @pytest.mark.parametrize(
        "change", [{"hub.verify_token": "guessed"}, {"hub.mode": "unsubscribe"}, {"hub.verify_token": "☃"}]
    )
    def test_nobody_else_is(self, hook: Webhook, change: dict[str, str]) -> None:
        query = {"hub.mode": "subscribe", "hub.challenge": "abc", "hub.verify_token": TOKEN}

        assert hook.challenge(query | change, TOKEN) is None
        assert hook.challenge({}, TOKEN) is None


class TestEvents:
    @pytest.mark.parametrize("aspect", ["create", "update", "delete"])
    def test_what_happened_to_a_run(self, subscribed: Webhook, event: Callable[..., Document], aspect: str) -> None:
        told = subscribed.event(as_body(event(aspect_type=aspect, updates={"title": "Hills"})), {})

        assert told is not None
        assert (told.source, told.owner, told.subject, told.aspect) == ("strava", "7", "1360128428", Aspect(aspect))

    @pytest.mark.parametrize("authorized", ["false", False, "False"])
    def test_a_runner_who_leaves(self, subscribed: Webhook, event: Callable[..., Document], authorized: object) -> None:
        body = event(object_type="athlete", object_id=7, aspect_type="update", updates={"authorized": authorized})

        told = subscribed.event(as_body(body), {})

        assert told is not None
        assert (told.subject, told.aspect) == ("", Aspect.LEFT)

    def test_what_else_happens_to_a_runner_is_of_no_interest(
        self, subscribed: Webhook, event: Callable[..., Document]
    ) -> None:
        assert subscribed.event(as_body(event(object_type="athlete", updates={"weight": 60})), {}) is None

    @pytest.mark.parametrize(
        "change",
        [
            {"subscription_id": 999},
            {"subscription_id": None},
            {"subscription_id": "x"},
            {"object_type": "club"},
            {"aspect_type": "explode"},
            {"owner_id": None},
            {"object_id": "'; DROP TABLE"},
            {"event_time": 10**30},
            {"updates": 7, "object_type": "athlete"},
        ],
    )
    def test_what_is_not_as_strava_tells_is_left_aside(
        self, subscribed: Webhook, event: Callable[..., Document], change: Document
    ) -> None:
        assert subscribed.event(as_body(event(**change)), {}) is None

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"[" * 10_000, b"\xff", b'"x"', b"{}"])
    def test_what_is_no_event_is_left_aside(self, subscribed: Webhook, body: bytes) -> None:
        assert subscribed.event(body, {}) is None

    def test_before_there_is_a_subscription_nothing_is_believed(
        self, hook: Webhook, event: Callable[..., Document]
    ) -> None:
        assert hook.event(as_body(event(subscription_id=0)), {}) is None

    def test_a_signature_that_is_there_has_to_be_right(
        self, subscribed: Webhook, peer: StravaPeer, event: Callable[..., Document]
    ) -> None:
        body = as_body(event())
        signed = peer.signature(body)

        assert subscribed.event(body, {"x-strava-signature": signed}) is not None
        assert subscribed.event(body + b" ", {"x-strava-signature": signed}) is None
        for forged in ("", "t=1", "v1=abc", "t=1,v1=" + "0" * 64, signed[:-1], "☃", signed.replace("t=", "t=1")):
            assert subscribed.event(body, {"x-strava-signature": forged}) is None
