"""The one place where HTTP is spoken.

Every exchange is bounded in time and bytes, every status becomes a reply or one of our four errors, redirects are
followed only where asked for, and nothing secret stands in an error's text.
"""

import json
import logging
import socket
from base64 import b64encode
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from functools import cached_property
from http import HTTPStatus
from threading import Timer
from time import monotonic
from typing import Any
from urllib.parse import quote, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase, HTTPDigestAuth
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError

from service.ports import EdgeError, Malformed, Refused, Throttled, Unavailable

# No answer to the knock: the machine is off, or the address wrong.
CONNECT_S = 5.0
# Silence in mid-answer; the slowest honest server known here, Strava at its worst, answers within 8 s.
SILENCE_S = 10.0
# An exchange as a whole. The outbox leases a message for two minutes on the promise of half a minute a send.
WHOLE_S = 25.0
# A day's ultra with every sensor is about 10 MB as FIT.
BODY_BYTES = 32 * 1024 * 1024
# Servers whose connections are kept open, and how many to one: more than threads that ask at the same time.
HOSTS_KEPT, AT_ONCE = 32, 100
# Where a busy server does not say when to come back.
BUSY_WAIT = timedelta(minutes=1)
# No server is believed that asks for more.
LONGEST_WAIT = timedelta(days=1)

NEEDS_A_HUMAN: Mapping[int, str] = {
    HTTPStatus.UNAUTHORIZED: "check the token or the password",
    HTTPStatus.FORBIDDEN: "check what the token or the account may do",
    HTTPStatus.NOT_FOUND: "nothing is at this address, so correct it",
    HTTPStatus.GONE: "nothing is at this address any more, so correct it",
}
# 503 is defined as "not handled", unlike the other 5xx, behind which the work may have been done.
UNHANDLED = HTTPStatus.SERVICE_UNAVAILABLE
PASSING = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, UNHANDLED})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "PROPFIND", "REPORT"})
PIECE_BYTES = 64 * 1024
EXPLANATION_CHARS = 200
# How a web page, or a message in JSON, begins.
NO_FILES, HEAD_BYTES = (b"<!doctype html", b"<html", b"{", b"[", b'"'), 1024

# At DEBUG it writes down whole addresses, and a path may be a secret.
logging.getLogger("urllib3").setLevel(logging.INFO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A whole answer. `host` and `system` name who gave it."""

    system: str
    host: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    changing: bool

    def json(self) -> Any:  # noqa: ANN401 - whatever the server put there; the caller checks its shape
        """Return the body as JSON; raise Unavailable where something else came, as from a hotel's sign-in page."""
        return self._parsed(self.body)

    def json_lines(self) -> list[Any]:
        """Return a body of one JSON document a line; raise as `json` does."""
        return [self._parsed(line) for line in self.body.splitlines() if line.strip()]

    def file(self) -> bytes:
        """Return the body as it is; raise as `json` does where nothing came, or a web page in its place."""
        if not self.body or is_no_file(self.body):
            raise self.nonsense()
        return self.body

    def _parsed(self, text: bytes) -> Any:  # noqa: ANN401 - as `json`
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as exc:
            raise self.nonsense() from exc

    def nonsense(self) -> Unavailable:
        """Return the error for an answer that is not as this system answers."""
        text = f"{self.host} does not answer as {self.system} does: check the address, or try again later"
        return Unavailable(text, perhaps_done=self.changing)


class Bearer(AuthBase):
    """Sends a token, or nothing where it is empty; either way keeps requests from looking into a .netrc file.

    `scheme` is what the server calls this way of showing one.
    """

    def __init__(self, token: str = "", scheme: str = "Bearer") -> None:
        self.shown = token
        self._scheme = scheme

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if not (self.shown.isascii() and self.shown.isprintable()):
            raise requests.exceptions.InvalidHeader("the token holds a sign that no header can")
        if self.shown:
            request.headers["Authorization"] = f"{self._scheme} {self.shown}"
        return request


class Login(HTTPDigestAuth):
    """Sends a name and a password as the server asks for them: Digest where it offers that, else Basic.

    Nothing is sent before the server asked; from then on without being asked again.
    """

    def __init__(self, username: str, password: str) -> None:
        super().__init__(username, password)
        self.shown = b64encode(f"{username}:{password}".encode()).decode()  # RFC 7617: in UTF-8
        self._is_basic = False

    def __call__(self, r: Any) -> Any:  # noqa: ANN401 - as requests has it, which ships without types here
        """Put the login onto a request, if it is known how, or wait to be asked."""
        if not self._is_basic:
            return super().__call__(r)  # type: ignore[no-untyped-call] # the same
        r.headers["Authorization"] = f"Basic {self.shown}"
        return r

    def handle_401(self, r: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as above
        """Return the answer to the same request with the login, or the refusal where it cannot be sent."""
        offered = r.headers.get("WWW-Authenticate", "").lower()
        if r.status_code != HTTPStatus.UNAUTHORIZED or "digest" in offered or "basic" not in offered:
            return super().handle_401(r, **kwargs)  # type: ignore[no-untyped-call] # as above
        self._is_basic = True
        r.close()
        again = self(r.request.copy())
        answer = r.connection.send(again, **kwargs)
        answer.history.append(r)
        return answer


def basic(user: str, password: str) -> Bearer:
    """Return what shows a name and a password."""
    return Bearer(b64encode(f"{user}:{password}".encode()).decode(), scheme="Basic")


class Client:
    """Speaks HTTP with one outside system.

    `system` is its name in error texts. `secrets`, and what `auth` shows, never stand in one. `advice` says by status
    what a person is to do. Redirects are an error that names the new place, or are followed where `follow` is true.
    """

    def __init__(
        self,
        system: str,
        *,
        auth: AuthBase | None = None,
        secrets: Iterable[str] = (),
        advice: Mapping[int, str] | None = None,
        follow: bool = False,
    ) -> None:
        self._system = system
        self._auth = auth or Bearer()
        self._secrets = tuple(filter(None, (*secrets, getattr(auth, "shown", ""))))
        self._advice = advice or {}
        self._follow = follow

    @cached_property
    def _session(self) -> "_Session":
        session = _Session()
        session.follow = self._follow
        session.headers["User-Agent"] = "Afterrun"
        mount(session)
        return session

    def request(
        self,
        method: str,
        url: str,
        *,
        accept: Collection[int] = (),
        body_bytes: int = BODY_BYTES,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        data: bytes | None = None,
    ) -> Reply:
        """Return the answer where its status is 2xx or in `accept`.

        Otherwise raise Refused (a human is needed), Malformed (this request will never be taken), Throttled, or
        Unavailable; `perhaps_done` is set where a request that changes something may have reached the server.
        """
        reply = self._exchange(method, url, body_bytes, params=params, headers=headers, data=data)
        if HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES or reply.status in accept:
            return reply
        raise self.refusal(reply)

    def _exchange(self, method: str, url: str, body_bytes: int, **what: Any) -> Reply:  # noqa: ANN401 - handed on
        host, changing, began = _host(url), method not in SAFE_METHODS, monotonic()
        patience = (CONNECT_S, SILENCE_S)
        try:
            with self._session.request(method, url, auth=self._auth, timeout=patience, stream=True, **what) as response:
                body = _read(response, body_bytes)
        except requests.RequestException as exc:
            raise self._fault(exc, host, changing=changing) from self.without_secrets(exc)
        # A socket that was shut looks like the end of a body without a length.
        if body is None or monotonic() - began >= WHOLE_S:
            text = f"{self._system} at {host} sends too much or too slowly: try again later"
            raise Unavailable(text, perhaps_done=changing)
        return Reply(
            system=self._system,
            host=host,
            status=response.status_code,
            headers=response.headers,
            body=body,
            changing=changing,
        )

    def hide(self, *secrets: str) -> None:
        """Keep more secrets, such as tokens that came later, out of every text."""
        self._secrets = tuple(dict.fromkeys((*self._secrets, *secrets)))

    def _fault(self, exc: Exception, host: str, *, changing: bool) -> EdgeError:
        who = f"{self._system} at {host}"
        if isinstance(exc, ValueError):  # what requests raises for addresses and headers it cannot use
            return Refused(f"the address or the token of {self._system} is not well-formed: correct it")
        if isinstance(exc, requests.TooManyRedirects):
            return Refused(f"{who} sends us round in circles: correct the address")
        if isinstance(exc, requests.exceptions.SSLError):
            return Unavailable(f"the certificate of {who} is not trusted: check the address and this machine's clock")
        if _never_connected(exc):
            return Unavailable(f"cannot reach {who}: check the address and the network")
        if isinstance(exc, requests.ReadTimeout):
            return Unavailable(f"{who} did not answer within {SILENCE_S:.0f} s", perhaps_done=changing)
        return Unavailable(f"{who} broke off in mid-answer", perhaps_done=changing)

    def refusal(self, reply: Reply) -> EdgeError:
        """Return the error that an answer of a status other than 2xx stands for, as `request` would raise it."""
        status = reply.status
        what = f"{self._system} at {reply.host} answered {status}{self._explained(reply)}"
        if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
            return Refused(f"{what}: it has moved{_whereto(reply)}, so correct the address")
        if status == HTTPStatus.TOO_MANY_REQUESTS or (status == UNHANDLED and "Retry-After" in reply.headers):
            wait = retry_after(reply.headers)
            return Throttled(f"{what}: trying again in {wait.total_seconds():.0f} s or later", wait)
        if status in PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            done = reply.changing and status not in PASSING
            return Unavailable(f"{what}: trying again later", perhaps_done=done)
        kind = Refused if status in NEEDS_A_HUMAN else Malformed
        if status in self._advice:  # whoever reads it, on a phone perhaps, can do without the number
            return kind(f"{self._system}: {self._advice[status]}")
        return kind(f"{what}: {NEEDS_A_HUMAN.get(status, 'it will not take this')}")

    def _explained(self, reply: Reply) -> str:
        """Return what the server itself says about it, in one line and without secrets."""
        try:
            said = json.loads(reply.body)
        except (ValueError, RecursionError):
            return ""
        words = [said[key] for key in ("error", "message", "detail") if said.get(key)] if isinstance(said, dict) else []
        line = " ".join(str(words[0]).split())[:EXPLANATION_CHARS] if words else ""
        return f" ({redacted(line, self._secrets)})" if line else ""

    def without_secrets(self, exc: Exception) -> requests.RequestException:
        """Return the same error as it may be logged: requests puts whole addresses into its texts."""
        return requests.RequestException(redacted(f"{type(exc).__name__}: {exc}", self._secrets))


def is_no_file(body: bytes) -> bool:
    """Return whether a web page or a message in JSON came in place of a file."""
    return body[:HEAD_BYTES].lstrip().lower().startswith(NO_FILES)


def redacted(text: str, secrets: Iterable[str]) -> str:
    """Return a text with every secret, plain or as it stands in an address, replaced by an ellipsis."""
    spellings = {spelling for secret in secrets for spelling in (secret, quote(secret), quote(secret, safe=""))}
    for spelling in sorted(spellings - {""}, key=len, reverse=True):
        text = text.replace(spelling, "…")
    return text


def retry_after(headers: Mapping[str, str]) -> timedelta:
    """Return how long a server asks us to wait: given in seconds or as a date, else a minute; a day at most."""
    asked = headers.get("Retry-After", "").strip()
    try:
        if asked.isdecimal():
            return timedelta(seconds=min(int(asked), LONGEST_WAIT.total_seconds()))
        # Both dates are the server's own, so that its clock may be wrong.
        wait = parsedate_to_datetime(asked) - parsedate_to_datetime(headers.get("Date", ""))
    except (ValueError, TypeError):  # absent, garbled, endless, or one of them without a zone
        return BUSY_WAIT
    return min(max(wait, timedelta(0)), LONGEST_WAIT)


def _read(response: requests.Response, most: int) -> bytes | None:
    """Return the whole body, or None where it is larger than `most` bytes."""
    body = bytearray()
    for piece in response.iter_content(PIECE_BYTES):
        body += piece
        if len(body) > most:
            return None
    return bytes(body)


def _never_connected(exc: Exception) -> bool:
    reason = getattr(exc.args[0], "reason", None) if exc.args else None
    return isinstance(exc, requests.ConnectTimeout | requests.exceptions.ProxyError) or isinstance(
        reason, NewConnectionError
    )


def _host(url: str) -> str:
    """Return host and port of an address, without the user and password it may hold."""
    with suppress(ValueError):
        return urlsplit(url).netloc.rpartition("@")[2] or "?"
    return "?"


def _whereto(reply: Reply) -> str:
    """Return where a redirect leads, scheme and host only, for a path may be a secret."""
    with suppress(ValueError):
        target = urlsplit(reply.headers.get("Location", ""))
        return f" to {target.scheme}://{target.netloc.rpartition('@')[2]}" if target.netloc else ""
    return ""


class _Session(requests.Session):
    """A session that looks at a redirect's target only where told to; requests would read a body without bounds."""

    follow = False

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        return super().get_redirect_target(resp) if self.follow else None


class _Bounded(HTTPConnection):
    """A connection whose answer has to be whole within WHOLE_S.

    A read timeout only bounds the silence between two bytes: a server that sends one a second could hold us for ever.
    """

    _watch: Timer | None = None

    def request(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - handed on
        if self._watch is not None:  # of the exchange before, which ended well
            self._watch.cancel()
        super().request(*args, **kwargs)

    def getresponse(self) -> Any:  # noqa: ANN401 - urllib3's and the standard library's types differ here
        # Left to run when the answer is whole: shutting a socket that nobody reads harms nobody.
        self._watch = Timer(WHOLE_S, hang_up, [self.sock])
        self._watch.daemon = True
        self._watch.start()
        return super().getresponse()


class _BoundedTls(_Bounded, HTTPSConnection):
    """The same over TLS."""


class BoundedAdapter(HTTPAdapter):
    """Bounds each exchange in time, and in bytes unless it is read piece by piece; for libraries' sessions, too."""

    def send(  # type: ignore[override]  # the rest is handed on
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002 - as requests calls it
        **how: Any,  # noqa: ANN401 - handed on
    ) -> requests.Response:
        """Return the answer, whole within the bounds; raise requests' own errors where it is not."""
        began = monotonic()
        response = super().send(request, stream=True, **how)
        if not stream:
            body = _read(response, BODY_BYTES)
            if body is None or monotonic() - began >= WHOLE_S:
                raise requests.ReadTimeout("too much, or too slowly", request=request)
            response._content = body  # noqa: SLF001 - where requests itself puts what it has read
        return response

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - handed on as they are
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        pool.ConnectionCls = _BoundedTls if pool.scheme == "https" else _Bounded
        return pool


# One for all clients: a thousand athletes at one platform need no thousand open connections, nor as many handshakes.
_SHARED = BoundedAdapter(pool_connections=HOSTS_KEPT, pool_maxsize=AT_ONCE)


def mount(session: requests.Session) -> None:
    """Have a session, ours or a library's, speak over the connections that all share, within the bounds."""
    for scheme in ("http://", "https://"):
        session.mount(scheme, _SHARED)


def hang_up(connection: socket.socket | None) -> None:
    """Shut the socket below any TLS, so that a read under way in another thread ends."""
    if connection is not None:
        with suppress(OSError):
            socket.socket.shutdown(connection, socket.SHUT_RDWR)
