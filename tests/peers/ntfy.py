"""A stand-in ntfy server on loopback, made from ntfy's published documentation.

    with NtfyPeer() as peer:
        ...publish to peer.topic("runs")...
        peer.messages      everything it took, in order
        peer.shown()       what a phone would show, a sequence collapsed into its newest message
        peer.requests      every request as it came

`sequences=False` makes it a server from before 2.16, `token` closes it, `trouble()` makes the next requests go wrong.
By hand: python tests/peers/ntfy.py [--old] [--token T] [--port P]
"""

import argparse
import json
import re
import sys
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from secrets import token_urlsafe
from threading import Event, Lock, Thread
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from tests.peers.serving import PeerServer

TOPIC = re.compile(r"[-_A-Za-z0-9]{1,64}")
MESSAGE_BYTES = 4096
TITLE_BYTES = 1024
CACHE_S = 12 * 3600
UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86400}
# A header or query parameter may be spelt in several ways.
SPELLINGS = {
    "title": ("x-title", "title", "ti", "t"),
    "message": ("x-message", "message", "m"),
    "priority": ("x-priority", "priority", "prio", "p"),
    "tags": ("x-tags", "tags", "tag", "ta"),
    "click": ("x-click", "click"),
    "sequence_id": ("x-sequence-id", "sequence-id", "sid"),
}

type Entry = dict[str, Any]


class Way(Enum):
    """How a request goes wrong."""

    ANSWER = "another answer than the true one"
    CUT = "the connection ends without an answer"
    HALF = "the answer ends in its middle"
    SILENCE = "nothing comes, until the peer is closed"
    DRIP = "the answer comes a byte at a time, until the peer is closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A fault on demand. Where `takes` is true, the request has had its effect all the same."""

    way: Way = Way.ANSWER
    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b'{"code":50001,"http":500,"error":"internal server error"}\n'
    takes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it came; header names in small letters."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


class ProtocolError(Exception):
    """A request ntfy would not take."""

    def __init__(self, status: int, code: int, error: str) -> None:
        super().__init__(error)
        self.status = status
        self.body = _line({"code": code, "http": status, "error": error})


class NtfyPeer:
    """An ntfy server that remembers everything. Usable from several threads."""

    def __init__(
        self,
        *,
        sequences: bool = True,
        cache: bool = True,
        token: str = "",
        readable: bool = True,
        clock_error_s: float = 0,
        port: int = 0,
    ) -> None:
        self.sequences = sequences
        self.cache = cache
        self.token = token
        self.readable = readable
        self.clock_error_s = clock_error_s
        self.entries: list[Entry] = []
        self.requests: list[Request] = []
        self.closed = Event()
        self._troubles: deque[Trouble] = deque()
        self._lock = Lock()
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
        """The server's root, without a slash at its end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def topic(self, name: str = "runs") -> str:
        """Return a topic's address."""
        return f"{self.url}/{name}"

    @property
    def messages(self) -> list[Entry]:
        """Every message taken, in order, repeats included."""
        return [entry for entry in list(self.entries) if entry["event"] == "message"]

    def shown(self) -> list[Entry]:
        """Return what a phone shows: of each sequence the newest message, nothing of what was cleared or deleted."""
        newest: dict[str, Entry] = {}
        for entry in list(self.entries):
            newest[str(entry.get("sequence_id") or entry["id"])] = entry
        return [entry for entry in newest.values() if entry["event"] == "message"]

    def trouble(self, *troubles: Trouble, times: int = 1) -> None:
        """Let the next requests go wrong, one after the other; those after them go well again."""
        self._troubles.extend(troubles * times)

    def calm(self) -> None:
        """Let everything go well from now on."""
        self._troubles.clear()

    def answer(self, request: Request) -> tuple[bytes, Trouble | None]:
        """Take a request; return the true answer and the trouble it runs into. Raise ProtocolError as ntfy refuses."""
        with self._lock:
            self.requests.append(request)
            trouble = self._troubles.popleft() if self._troubles else None
            if trouble is not None and not trouble.takes:
                return b"", trouble
            return self._route(request), trouble

    def _route(self, request: Request) -> bytes:
        parts = request.path.strip("/").split("/")
        if request.method == "GET":
            return self._read(request, parts)
        return _line(self._write(request, parts))

    def _read(self, request: Request, parts: list[str]) -> bytes:
        match parts:
            case ["v1", "health"]:
                return _line({"healthy": True})
            case [topic, "json"] if request.query.get("poll") == "1":
                return self._poll(request, topic)
        raise ProtocolError(404, 40401, "page not found")

    def _write(self, request: Request, parts: list[str]) -> Entry:
        match request.method, parts:
            case "POST" | "PUT", [""]:
                return self._publish_json(request)
            case "POST" | "PUT", [topic]:
                return self._publish_text(request, topic, "")
            case "POST" | "PUT", [topic, sequence] if self.sequences:
                return self._publish_text(request, topic, sequence)
            case "DELETE", [topic, sequence] if self.sequences:
                return self._event(request, topic, sequence, "message_delete")
            case "PUT", [topic, sequence, "clear" | "read"] if self.sequences:
                return self._event(request, topic, sequence, "message_clear")
        raise ProtocolError(404, 40401, "page not found")

    def _publish_json(self, request: Request) -> Entry:
        if len(request.body) > 2 * MESSAGE_BYTES:
            raise ProtocolError(413, 41303, "JSON body too large")
        try:
            document = json.loads(request.body)
        except ValueError as exc:
            raise ProtocolError(400, 40024, "invalid request: request body must be valid JSON") from exc
        return self._publish(request, document.pop("topic", ""), document)

    def _publish_text(self, request: Request, topic: str, sequence: str) -> Entry:
        given = {**request.query, **request.headers}
        document: Entry = {
            name: given[spelling]
            for name, spellings in SPELLINGS.items()
            for spelling in spellings
            if spelling in given
        }
        if "tags" in document:
            document["tags"] = [tag.strip() for tag in document["tags"].split(",")]
        if "priority" in document:
            document["priority"] = int(document["priority"])
        if sequence:
            document["sequence_id"] = sequence
        return self._publish(request, topic, {"message": request.body.decode()} | document)

    def _publish(self, request: Request, topic: str, document: Entry) -> Entry:
        self._admit(request, topic)
        _check(document)
        sequence = document.pop("sequence_id", "")
        if sequence and self.sequences and not TOPIC.fullmatch(sequence):
            raise ProtocolError(400, 40049, "invalid request: sequence ID invalid")
        entry = self._new("message", topic)
        entry |= {name: value for name, value in document.items() if value}
        entry["message"] = document.get("message", "").strip() or "triggered"
        if len(entry["message"].encode()) > MESSAGE_BYTES:
            entry |= {"message": "You received a file: attachment.txt", "attachment": {"name": "attachment.txt"}}
        if sequence and self.sequences:
            entry["sequence_id"] = sequence
        for number, action in enumerate(entry.get("actions", ())):
            action["id"] = f"action{number}"
        self.entries.append(entry)
        return entry

    def _event(self, request: Request, topic: str, sequence: str, event: str) -> Entry:
        self._admit(request, topic)
        entry = self._new(event, topic) | {"sequence_id": sequence}
        self.entries.append(entry)
        return entry

    def _poll(self, request: Request, topic: str) -> bytes:
        self._admit(request, topic)
        if not self.readable:
            raise ProtocolError(403, 40301, "forbidden")
        if not self.cache:
            return b""
        found = [entry for entry in self._since(request.query.get("since", "all")) if entry["topic"] == topic]
        return b"".join(map(_line, found))

    def _since(self, since: str) -> Iterator[Entry]:
        """Yield what was taken since a moment: all, none, 10m, a Unix time, or a message's id."""
        ids = [entry["id"] for entry in self.entries]
        if since in ids:
            yield from self.entries[ids.index(since) + 1 :]
        elif since != "none":
            yield from (entry for entry in self.entries if entry["time"] >= self._moment(since))

    def _moment(self, since: str) -> float:
        if since == "all":
            return 0
        if since.isdecimal():
            return int(since)
        if re.fullmatch(r"\d+[smhd]", since):
            return self._now() - int(since[:-1]) * UNITS_S[since[-1]]
        raise ProtocolError(400, 40008, "invalid since parameter")

    def _admit(self, request: Request, topic: str) -> None:
        if not TOPIC.fullmatch(topic):
            raise ProtocolError(400, 40009, "invalid request: topic invalid")
        given = request.headers.get("authorization", "")
        if given and given != f"Bearer {self.token}":
            raise ProtocolError(401, 40101, "unauthorized")
        if self.token and not given:
            raise ProtocolError(403, 40301, "forbidden")

    def _new(self, event: str, topic: str) -> Entry:
        now = int(self._now())
        expires = {"expires": now + CACHE_S} if self.cache else {}
        return {"id": token_urlsafe(9), "time": now, **expires, "event": event, "topic": topic}

    def _now(self) -> float:
        return time.time() + self.clock_error_s


def _check(document: Entry) -> None:
    if len(document.get("title", "").encode()) > TITLE_BYTES:
        raise ProtocolError(400, 40050, "invalid request: title too long")
    actions = document.get("actions", [])
    if len(actions) > 3 or not all(action.get("label") and action.get("url") for action in actions):
        raise ProtocolError(400, 40018, "invalid request: actions invalid")
    if document.get("priority", 3) not in range(1, 6):
        raise ProtocolError(400, 40007, "invalid request: priority invalid")


def _line(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


class _Server(PeerServer):
    def __init__(self, peer: NtfyPeer, port: int) -> None:
        super().__init__(port, _Handler)
        self.peer = peer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet an answer: a second one would wait for the first to be acknowledged
    server: "_Server"

    def do_POST(self) -> None:
        self._take()

    def do_GET(self) -> None:
        self._take()

    def do_PUT(self) -> None:
        self._take()

    def do_DELETE(self) -> None:
        self._take()

    def log_message(self, *_: object) -> None:
        """Stay silent: the requests are remembered."""

    def _take(self) -> None:
        try:
            body, trouble = self.server.peer.answer(self._request())
        except ProtocolError as exc:
            self._say(exc.status, {}, exc.body)
            return
        if trouble is None:
            self._say(HTTPStatus.OK, {}, body)
        else:
            self._go_wrong(trouble, trouble.body if trouble.way is Way.ANSWER else body or b"{}")

    def _request(self) -> Request:
        parts = urlsplit(self.path)
        return Request(
            method=self.command,
            path=parts.path,
            query={name: values[-1] for name, values in parse_qs(parts.query).items()},
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(self.headers.get("Content-Length", 0))),
        )

    def _say(self, status: int, headers: Mapping[str, str], body: bytes, *, length: int | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def _go_wrong(self, trouble: Trouble, body: bytes) -> None:
        self.close_connection = trouble.way is not Way.ANSWER
        match trouble.way:
            case Way.ANSWER:
                self._say(trouble.status, trouble.headers, body)
            case Way.HALF:
                self._say(HTTPStatus.OK, {}, body[: len(body) // 2], length=len(body))
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


def main() -> None:
    """Serve until interrupted, and print what comes."""
    parser = argparse.ArgumentParser(description="A stand-in ntfy server on loopback.")
    parser.add_argument("--port", type=int, default=2586)
    parser.add_argument("--token", default="")
    parser.add_argument("--old", action="store_true", help="a server that does not know sequence ids")
    wish = parser.parse_args()
    with NtfyPeer(port=wish.port, token=wish.token, sequences=not wish.old) as peer:
        sys.stdout.write(f"publish to {peer.topic()}\n")
        said = 0
        try:
            while True:
                time.sleep(0.2)
                for entry in peer.entries[said:]:
                    sys.stdout.write(json.dumps(entry, ensure_ascii=False, indent=2) + "\n")
                    said += 1
        except KeyboardInterrupt:
            sys.stdout.write(f"{len(peer.messages)} taken, {len(peer.shown())} shown\n")


if __name__ == "__main__":
    main()
