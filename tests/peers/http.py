"""What the stand-ins for web platforms share: a server on loopback that goes wrong on demand.

class FooPeer(HttpPeer):
    def answered(self, request): ...return an Answer, as Foo's documentation says...

with FooPeer() as peer:
    peer.trouble(Trouble(way=Way.HALF), at="/download")    the next request there breaks off in its middle
    peer.requests                                          every request as it came
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from threading import Event, Lock, Thread
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from tests.peers.serving import PeerServer


class Way(Enum):
    """How a request goes wrong."""

    ANSWER = "another answer than the true one"
    CUT = "the connection ends without an answer"
    HALF = "the answer ends in its middle"
    SILENCE = "nothing comes, until the peer is closed"
    DRIP = "the answer comes a byte at a time, until the peer is closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is sent back."""

    status: int = HTTPStatus.OK
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def document(said: object, status: int = HTTPStatus.OK, **headers: str) -> Answer:
    """Return an answer of JSON."""
    body = json.dumps(said).encode()
    return Answer(status=status, headers={"Content-Type": "application/json", **headers}, body=body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A fault on demand. Where `takes` is true, the request has had its effect all the same.

    `echoes`: the answer repeats the request's Authorization and body, as a careless server would.
    """

    way: Way = Way.ANSWER
    status: int = HTTPStatus.INTERNAL_SERVER_ERROR
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b"<html>Something went wrong</html>"
    takes: bool = False
    echoes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it came; header names in small letters."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:  # noqa: ANN401 - whatever the client sent
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return {name: values[-1] for name, values in parse_qs(self.body.decode()).items()}


class HttpPeer:
    """A platform on loopback. Usable from several threads."""

    def __init__(self, *, port: int = 0) -> None:
        self.requests: list[Request] = []
        self.closed = Event()
        self.at_once = 0
        self.most_at_once = 0
        self.lock = Lock()
        self._troubles: list[_Awaiting] = []
        self._server = _Server(self, port)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closed.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """Scheme and host."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def connections(self) -> int:
        """How many connections were made to it."""
        return self._server.connections

    def asked(self, path: str) -> list[Request]:
        """Return the requests whose path holds these words."""
        return [request for request in list(self.requests) if path in request.path]

    def trouble(self, *troubles: Trouble, times: int = 1, at: str = "", after: int = 0) -> None:
        """Let the next requests whose path holds `at` go wrong, `after` so many; then they go well again."""
        self._troubles.extend(_Awaiting(at, trouble, after) for trouble in troubles * times)

    def calm(self) -> None:
        """Let everything go well from now on."""
        self._troubles.clear()

    def answered(self, request: Request) -> Answer:
        """Return the true answer."""
        raise NotImplementedError

    def take(self, request: Request) -> tuple[Answer, Trouble | None]:
        """Take a request; return the true answer and the trouble it runs into."""
        with self.lock:
            self.requests.append(request)
            trouble = self._next_trouble(request)
            if trouble is not None and not trouble.takes:
                return Answer(body=b'{"what": "was on its way"}'), trouble
            return self.answered(request), trouble

    def _next_trouble(self, request: Request) -> Trouble | None:
        for place, awaiting in enumerate(self._troubles):
            if awaiting.at not in request.path:
                continue
            if awaiting.after == 0:
                return self._troubles.pop(place).trouble
            awaiting.after -= 1
            return None
        return None


@dataclass(slots=True)
class _Awaiting:
    at: str
    trouble: Trouble
    after: int


class _Server(PeerServer):
    def __init__(self, peer: HttpPeer, port: int) -> None:
        super().__init__(port, _Handler)
        self.peer = peer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet an answer: a second one would wait for the first to be acknowledged
    server: "_Server"

    def do_GET(self) -> None:
        self._take()

    def do_POST(self) -> None:
        self._take()

    def do_PUT(self) -> None:
        self._take()

    def do_DELETE(self) -> None:
        self._take()

    def do_PROPFIND(self) -> None:
        self._take()

    def do_REPORT(self) -> None:
        self._take()

    def log_message(self, *_: object) -> None:
        """Stay silent: the requests are remembered."""

    def _take(self) -> None:
        peer = self.server.peer
        request = self._request()
        with peer.lock:
            peer.at_once += 1
            peer.most_at_once = max(peer.most_at_once, peer.at_once)
        try:
            answer, trouble = peer.take(request)
            if trouble is None:
                self._say(answer)
            else:
                self._go_wrong(trouble, answer, request)
        finally:
            with peer.lock:
                peer.at_once -= 1

    def _request(self) -> Request:
        parts = urlsplit(self.path)
        return Request(
            method=self.command,
            path=unquote(parts.path),
            query={name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()},
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(self.headers.get("Content-Length", 0))),
        )

    def _say(self, answer: Answer, *, length: int | None = None) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != HTTPStatus.NO_CONTENT:
            self.send_header("Content-Length", str(len(answer.body) if length is None else length))
        self.end_headers()
        self.wfile.write(answer.body)

    def _go_wrong(self, trouble: Trouble, answer: Answer, request: Request) -> None:
        self.close_connection = trouble.way is not Way.ANSWER
        match trouble.way:
            case Way.ANSWER:
                body = _echo(request) if trouble.echoes else trouble.body
                self._say(Answer(status=trouble.status, headers=trouble.headers, body=body))
            case Way.HALF:
                half = Answer(headers=answer.headers, body=answer.body[: len(answer.body) // 2])
                self._say(half, length=len(answer.body))
            case Way.SILENCE:
                self.server.peer.closed.wait()
            case Way.DRIP:
                self._drip()

    def _drip(self) -> None:
        """Send one more byte of a header, again and again."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not self.server.peer.closed.wait(0.02):
            try:
                self.wfile.write(b".")
                self.wfile.flush()
            except OSError:
                return


def _echo(request: Request) -> bytes:
    said = f"{request.headers.get('authorization', '')} {request.body.decode(errors='replace')}"
    return json.dumps({"message": said}).encode()
