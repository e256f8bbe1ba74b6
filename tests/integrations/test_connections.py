"""Connections are shared by all clients, and what happened on one before harms no exchange after it."""

from threading import Timer

import pytest

from integrations import _http
from integrations._http import Bearer, Client
from tests.peers.http import Answer, HttpPeer, Request


class Echo(HttpPeer):
    """Answers with the token it was shown."""

    def answered(self, request: Request) -> Answer:
        return Answer(body=request.headers["authorization"].encode())


def test_many_clients_share_a_few_connections() -> None:
    with Echo() as peer:
        for athlete in range(20):
            client = Client("Example", auth=Bearer(f"token-of-{athlete}"))
            assert client.request("GET", peer.url).body == f"Bearer token-of-{athlete}".encode()

        assert peer.connections == 1


def test_a_server_that_came_back_is_asked_anew() -> None:
    client = Client("Example", auth=Bearer("a-token"))
    with Echo() as peer:
        client.request("GET", peer.url)
    with Echo(port=peer.port) as again:
        assert client.request("POST", again.url).body == b"Bearer a-token"


def test_nobody_is_cut_off_by_the_watch_over_an_exchange_before(monkeypatch: pytest.MonkeyPatch) -> None:
    watches: list[Timer] = []
    still_on: list[bool] = []

    class Watch(Timer):
        def start(self) -> None:
            watches.append(self)
            super().start()

    class Peer(Echo):
        def answered(self, request: Request) -> Answer:
            still_on.extend(not watch.finished.is_set() for watch in watches[: len(self.requests) - 1])
            return super().answered(request)

    monkeypatch.setattr(_http, "Timer", Watch)
    with Peer() as peer:
        client = Client("Example", auth=Bearer("a-token"))
        for _ in range(3):
            client.request("GET", peer.url)

    assert still_on == [False, False, False]
