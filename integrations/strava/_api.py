"""Strava's API through stravalib, with our own door in place of its session.

stravalib bounds nothing in time, sleeps where a limit is near, reads the environment and turns warnings on for the
whole program; the door bounds every exchange and leads it to where the settings say Strava is, and the rest is undone
here. JSON comes as it is: stravalib's models refuse a whole activity for a heart rate with a fraction.
"""

import io
import logging
import warnings
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import urlencode, urlsplit, urlunsplit

import requests

from integrations._http import Client, Reply
from integrations.strava._limits import Limits
from service.ports import Clock, Ledger, Refused, Throttled, Unavailable

with warnings.catch_warnings():  # stravalib would show every warning of the program from here on
    from stravalib import exc
    from stravalib.protocol import ApiV3

    logging.captureWarnings(capture=False)

ANY_STATUS = range(100, 600)
FORM = "application/x-www-form-urlencoded"
SCOPES = ("read", "activity:read_all", "profile:read_all")

CONNECT = "run `afterrun connect strava`"
GONE = f"Strava no longer lets Afterrun in: {CONNECT}"
INACTIVE = (
    "Strava has switched this API application off: since June 2026 its owner needs a paid Strava subscription (see"
    " strava.com/settings/api); without one take runs from [sources.folder], [sources.garmin] or [sources.intervals]"
)
NOT_YOUR_APP = "Strava does not know this API application: correct client_id and client_secret in [sources.strava]"
BOXES = {
    "activity:read": "View data about your activities",
    "activity:read_all": "View data about your private activities",
    "profile:read_all": "View your complete Strava profile",
}
CODE_REFUSED = f"Strava does not know this code, or it was used before: {CONNECT} again for a new one"
NO_SUBSCRIPTION = "Strava refuses the subscription ({why}): `afterrun webhook strava check` says what to look at"
NONSENSE = "what answers for Strava does not answer as Strava does: check base_url, or try again later"
NO_ACTIVITIES = f"Strava lets Afterrun see no activities: {CONNECT} again and leave “{BOXES['activity:read']}” ticked"


class NotThereError(Exception):
    """Strava has nothing of that name, or no longer shows it to us."""


class StaleError(Exception):
    """The access token is used up before its time: another may do."""


class GoneError(Refused):
    """What was handed in is good for nothing any more: the runner's consent, or a code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Tokens as Strava hands them out; `expires_at` is seconds since 1970, `athlete` Strava's number or 0."""

    access: str
    refresh: str
    expires_at: int
    athlete: int = 0


class Api:
    """Asks Strava for one API application. Every method raises one of our four errors where it gets no answer."""

    def __init__(
        self, *, client_id: int, client_secret: str, base_url: str, oauth_url: str, ledger: Ledger, clock: Clock
    ) -> None:
        self._proof: dict[str, Any] = {"client_id": client_id, "client_secret": client_secret}
        self._oauth_url = oauth_url
        self._limits = limits = Limits(ledger, clock, client_id)
        self._http = Client("Strava", secrets=[client_secret])
        self._protocol = _Protocol(
            requests_session=_Door(self._http, base_url, oauth_url, limits),
            rate_limiter=lambda headers, _method: limits.hear(headers),
        )

    def get(self, path: str, access: str, **params: Any) -> Any:  # noqa: ANN401 - JSON; the caller checks its shape
        """Return what is at a path of the API; raise NotThereError or StaleError as well."""
        with self._asking(access):
            return self._protocol.get(path, **params)

    def exchange(self, code: str) -> Grant:
        """Return the tokens that a code of consent stands for."""
        self._http.hide(code)
        with self._asking(refused=CODE_REFUSED):
            info, athlete = self._protocol.exchange_code_for_token(**self._proof, code=code, return_athlete=True)
            return self._grant(info, athlete)

    def refresh(self, refresh: str) -> Grant:
        """Return new tokens for a refresh token, which is used up by it; raise GoneError where it is refused."""
        self._http.hide(refresh)
        with self._asking(refused=GONE):
            return self._grant(self._protocol.refresh_access_token(**self._proof, refresh_token=refresh))

    def revoke(self, token: str) -> None:
        """Give the runner's consent back; one that is gone already is fine."""
        self._http.hide(token)
        proof = b64encode("{client_id}:{client_secret}".format(**self._proof).encode()).decode()
        reply = self._http.request(
            "POST",
            f"{self._oauth_url}/oauth/revoke",
            accept=ANY_STATUS,
            headers={"Authorization": f"Basic {proof}", "Content-Type": FORM},
            data=urlencode({"token": token, "token_type_hint": "refresh_token"}).encode(),
        )
        if reply.status >= HTTPStatus.BAD_REQUEST and not _about(_errors(reply), "token"):
            raise self._http.refusal(reply)

    def subscriptions(self) -> list[dict[str, Any]]:
        """Return the application's webhook subscriptions: none, or one."""
        with self._asking(refused=NO_SUBSCRIPTION):
            found = self._protocol.get("/push_subscriptions", **self._proof)
            return [{"id": int(one["id"]), "callback_url": str(one["callback_url"])} for one in found]

    def subscribe(self, callback: str, token: str) -> int:
        """Have events sent to `callback` and return the subscription's number. Strava knocks there meanwhile."""
        self._http.hide(token)
        wish = {**self._proof, "callback_url": callback, "verify_token": token}
        with self._asking(refused=NO_SUBSCRIPTION):
            return int(self._protocol.post("/push_subscriptions", data=wish)["id"])

    def unsubscribe(self, number: int) -> None:
        """End a subscription; one that has ended already is fine."""
        with suppress(NotThereError), self._asking(refused=NO_SUBSCRIPTION):
            self._protocol.delete(f"/push_subscriptions/{number}", **self._proof)

    def _grant(self, info: Mapping[str, Any], athlete: Mapping[str, Any] | None = None) -> Grant:
        grant = Grant(
            access=str(info["access_token"]),
            refresh=str(info["refresh_token"]),
            expires_at=int(info["expires_at"]),
            athlete=int(athlete["id"]) if athlete else 0,
        )
        self._http.hide(grant.access, grant.refresh)
        return grant

    @contextmanager
    def _asking(self, access: str | None = None, *, refused: str = "") -> Iterator[None]:
        """Ask with an access token or for the application itself, and turn what stravalib raises into our errors.

        `refused` says what it means where Strava does not take what is handed in for the application; it may quote
        {why}.
        """
        if access:
            self._http.hide(access)
        self._protocol.access_token = access
        try:
            yield
        except exc.ApplicationInactive as fault:
            raise Refused(INACTIVE) from self._http.without_secrets(fault)
        except exc.Fault as fault:
            reply = cast("_Answer", fault.response).reply
            raise self._translated(reply, refused) from self._http.without_secrets(fault)
        except (ValueError, KeyError, TypeError, AttributeError) as fault:  # JSON that is none, or none of Strava's
            raise Unavailable(NONSENSE) from self._http.without_secrets(fault)

    def _translated(self, reply: Reply, refused: str) -> Exception:
        errors, status = _errors(reply), reply.status
        if refused and status in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED}:
            told = GoneError(refused.format(why=_why(errors)))
            return Refused(NOT_YOUR_APP) if _about(errors, "application") else told
        if any(error.get("code") == "missing" for error in errors):
            return Refused(_missing(errors))
        if status == HTTPStatus.NOT_FOUND:
            return NotThereError()
        if status == HTTPStatus.UNAUTHORIZED:
            return StaleError()
        if status == HTTPStatus.TOO_MANY_REQUESTS and "Retry-After" not in reply.headers:
            wait = self._limits.wait()
            return Throttled(f"Strava's limit is reached: asking again in {wait.total_seconds():.0f} s", wait)
        return self._http.refusal(reply)


class _Protocol(ApiV3):
    """stravalib's protocol, without its look into the environment for an application of another program."""

    def _check_credentials(self) -> None:
        """Hold nothing, and keep silent about each request: it would name Strava's host, wherever that is moved to."""
        self.client_id = self.client_secret = None
        self.log.setLevel(logging.WARNING)


class _Answer(requests.Response):
    """A reply of our door as stravalib expects one."""

    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self.reply = reply
        self.status_code = reply.status
        self.reason = HTTPStatus(reply.status).phrase if reply.status in list(HTTPStatus) else ""
        self.headers.update(reply.headers)
        self.raw = io.BytesIO(reply.body)
        self.encoding = "utf-8"


class _Door(requests.Session):
    """A session that leads to where the settings say Strava is, bounded like every exchange of ours."""

    def __init__(self, http: Client, base_url: str, oauth_url: str, limits: Limits) -> None:
        super().__init__()
        self._http = http
        self._base_url, self._oauth_url = base_url, oauth_url
        self._limits = limits

    def request(self, method: str, url: str, **what: Any) -> requests.Response:  # type: ignore[override]  # noqa: ANN401 - what stravalib hands on
        """Return the answer whatever its status; raise as Client.request does where there is none."""
        for_tokens = urlsplit(url).path.startswith("/oauth/")
        if not for_tokens:
            self._limits.spend()
        form = what.get("data")
        return _Answer(
            self._http.request(
                method,
                _moved(url, self._oauth_url if for_tokens else self._base_url),
                accept=ANY_STATUS,
                params=what.get("params"),
                headers={**what["headers"], **({"Content-Type": FORM} if form else {})},
                data=urlencode(form).encode() if form else None,
            )
        )


def _moved(url: str, base: str) -> str:
    """Return an address at another host."""
    there = urlsplit(base)
    return urlunsplit(urlsplit(url)._replace(scheme=there.scheme, netloc=there.netloc))


def _errors(reply: Reply) -> list[Mapping[str, Any]]:
    """Return what Strava says is wrong: errors of a resource, a field and a code."""
    try:
        said = reply.json()
    except Unavailable:
        return []
    errors = said.get("errors") if isinstance(said, dict) else None
    return [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []


def _about(errors: list[Mapping[str, Any]], what: str) -> bool:
    """Return whether an error is about a resource or field whose name holds `what`."""
    names = [str(error.get(key, "")).lower() for error in errors for key in ("resource", "field")]
    return any(what.lower() in name for name in names)


def _why(errors: list[Mapping[str, Any]]) -> str:
    """Return Strava's reasons in one line."""
    return "; ".join(f"{error.get('field', '?')}: {error.get('code', '?')}" for error in errors)[:120] or "no reason"


def _missing(errors: list[Mapping[str, Any]]) -> str:
    fields = " ".join(str(error.get("field", "")) for error in errors)
    if "activity" in fields:
        return NO_ACTIVITIES
    return f"Strava does not let Afterrun see this ({fields}): {CONNECT} again and leave every box ticked"
