"""Real calendar servers on loopback: Radicale and Xandikos, with every request remembered and faults on demand.

    with CalendarPeer(radicale_at(folder)) as peer:
        ...keep entries in peer.url...
        peer.entries()     what the calendar holds, by name
        peer.write(...)    what its owner does to it, as a calendar program would

By hand: python tests/peers/calendars.py FOLDER [--xandikos] [--port P]
"""

import argparse
import sys
from base64 import b64encode
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from socketserver import ThreadingMixIn
from threading import Event, Lock, Thread
from typing import Any, Self
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import requests
from defusedxml import ElementTree

type Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

HOME, CALENDAR = "/anna/", "/anna/mobility/"
LIST = '<?xml version="1.0"?><D:propfind xmlns:D="DAV:"><D:prop><D:getetag/></D:prop></D:propfind>'


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A fault on demand: another answer, or none at all. Where `takes` is true, the request has its effect first."""

    status: str = "500 Internal Server Error"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b"out of order"
    takes: bool = False
    cuts: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]


def radicale_at(folder: Path) -> Application:
    """Return a Radicale that keeps its calendars in a folder."""
    import radicale  # noqa: PLC0415 - a second's work, for the tests of calendars only
    from radicale import config  # noqa: PLC0415 - the same

    (folder / "collection-root" / HOME.strip("/")).mkdir(parents=True)
    settings = config.load()
    settings.update(
        {
            "auth": {"type": "none"},
            "rights": {"type": "authenticated"},
            "storage": {"filesystem_folder": str(folder)},
            "logging": {"level": "critical"},
        },
        "test",
    )
    application: Application = radicale.Application(settings)  # type: ignore[attr-defined] # it is there all the same
    return application


def xandikos_at(folder: Path) -> Application:
    """Return a Xandikos that keeps its calendars in a folder."""
    from xandikos.web import SingleUserFilesystemBackend, XandikosApp  # noqa: PLC0415 - as above

    folder.mkdir(parents=True, exist_ok=True)
    backend = SingleUserFilesystemBackend(str(folder), autocreate=True)
    backend.create_principal(HOME, create_defaults=False)  # type: ignore[no-untyped-call] # half of it has types
    application: Application = XandikosApp(backend, HOME).handle_wsgi_request
    return application


class CalendarPeer:
    """A calendar server. `account` closes it: by Basic, or by Digest where `digest` is true."""

    def __init__(self, application: Application, *, account: tuple[str, str] | None = None, port: int = 0) -> None:
        self.requests: list[Request] = []
        self._application = application
        self._account = account
        self._troubles: deque[Trouble] = deque()
        self._lock = Lock()
        self._server = make_server("127.0.0.1", port, self._answer, _Server, _Handler)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ask("MKCALENDAR", CALENDAR)
        self.requests.clear()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def root(self) -> str:
        """The server's address, without a slash at its end."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def url(self) -> str:
        """The calendar's own address."""
        return self.root + CALENDAR

    def entries(self) -> dict[str, bytes]:
        """Return what the calendar holds, by name."""
        listed = self._ask("PROPFIND", CALENDAR, data=LIST, headers={"Depth": "1", "Content-Type": "application/xml"})
        hrefs = [href.text or "" for href in ElementTree.fromstring(listed.content).iter("{DAV:}href")]
        names = sorted(href.split("/")[-1] for href in hrefs if href.endswith(".ics"))
        return {name: self._ask("GET", CALENDAR + name).content for name in names}

    def write(self, name: str, content: bytes) -> None:
        """Put an entry in the place of another, as its owner's calendar program does."""
        self._ask("PUT", CALENDAR + name, data=content, headers={"Content-Type": "text/calendar"})

    def remove(self, name: str) -> None:
        """Remove an entry, as its owner does."""
        self._ask("DELETE", CALENDAR + name)

    def clear(self) -> None:
        """Remove every entry, as its owner does."""
        for name in self.entries():
            self.remove(name)

    def trouble(self, *troubles: Trouble) -> None:
        """Let the next requests go wrong, one after the other; those after them go well again."""
        self._troubles.extend(troubles)

    def calm(self) -> None:
        """Let everything go well from now on."""
        self._troubles.clear()

    def _ask(self, method: str, path: str, **what: Any) -> requests.Response:  # noqa: ANN401 - handed on
        """Ask as the owner does, whatever troubles wait for others."""
        with self._lock:
            waiting, seen = list(self._troubles), len(self.requests)
            self._troubles.clear()
        headers = what.pop("headers", {}) | ({"Authorization": _basic(*self._account)} if self._account else {})
        answer = requests.request(method, self.root + path, headers=headers, timeout=30, **what)
        answer.raise_for_status()
        with self._lock:
            self._troubles.extend(waiting)
            del self.requests[seen:]
        return answer

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        # A body ends where it was said to; not every application stops there by itself.
        environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
        with self._lock:
            self.requests.append(_request(environ))
            trouble = self._troubles.popleft() if self._troubles else None
        if self._account is not None and environ.get("HTTP_AUTHORIZATION") != _basic(*self._account):
            start_response(
                "401 Unauthorized", [("WWW-Authenticate", 'Basic realm="calendars"'), ("Content-Length", "0")]
            )
            return [b""]
        if trouble is None:
            with self._lock:
                return list(self._application(environ, start_response))
        if trouble.takes:
            with self._lock:
                list(self._application(environ, lambda *_: None))
        if trouble.cuts:
            raise ConnectionAbortedError
        headers = {"Content-Length": str(len(trouble.body)), **trouble.headers}
        start_response(trouble.status, list(headers.items()))
        return [trouble.body]


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Handler(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Stay silent: the requests are remembered."""


def _request(environ: Mapping[str, Any]) -> Request:
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name[:5] == "HTTP_"}
    return Request(method=environ["REQUEST_METHOD"], path=environ["PATH_INFO"], headers=headers)


def _basic(username: str, password: str) -> str:
    return f"Basic {b64encode(f'{username}:{password}'.encode()).decode()}"


def main() -> None:
    """Serve until interrupted, then print what the calendar holds."""
    parser = argparse.ArgumentParser(description="A real calendar server on loopback.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--xandikos", action="store_true")
    parser.add_argument("--port", type=int, default=5232)
    wish = parser.parse_args()
    application = (xandikos_at if wish.xandikos else radicale_at)(wish.folder)
    with CalendarPeer(application, port=wish.port) as peer:
        sys.stdout.write(f"keep entries in {peer.url}\n")
        try:
            Event().wait()
        except KeyboardInterrupt:
            sys.stdout.writelines(f"{content.decode()}\n" for content in peer.entries().values())


if __name__ == "__main__":
    main()
