"""A stand-in of Strava on loopback, made from Strava's published documentation (developers.strava.com).

    with StravaPeer() as peer:
        ann = peer.athlete(7)
        code = ann.consents("read,activity:read_all,profile:read_all")
        run = ann.runs(a_run(...))                  a run is uploaded; run.streams_from says when its samples exist
        peer.told                                   what webhooks were sent, and to where

It rotates refresh tokens and refuses old ones, counts requests as Strava does, hides what the granted scopes do not
cover, and answers in Strava's words. By hand: python tests/peers/strava.py [--port P]
"""

import argparse
import hmac
import json
import time
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from itertools import count
from secrets import token_hex
from typing import Any
from urllib.parse import urlencode

import requests

from tests.peers.http import Answer, HttpPeer, Request, document

ACCESS_LASTS = timedelta(hours=6)
# Where a token lasts longer than this, Strava hands out the same ones again.
SAME_AGAIN = timedelta(hours=1)
QUARTER, DAY = 900, 86400
MOST_A_PAGE = 200
# The documentation's own example of a runner who has not set zones of their own.
ZONES = [{"min": 0, "max": 115}, {"min": 115, "max": 152}, {"min": 152, "max": 171}, {"min": 171, "max": 190}]
SOMEWHERE = [51.508, -0.128]

SECRET = "the-secret-of-the-application"

type Document = dict[str, Any]


class StravaError(Exception):
    """What Strava answers where it does not do as it is asked."""

    def __init__(self, status: int, message: str, *errors: tuple[str, str, str]) -> None:
        super().__init__(message)
        self.status = status
        self.document = {
            "message": message,
            "errors": [{"resource": resource, "field": name, "code": code} for resource, name, code in errors],
        }


@dataclass
class Run:
    """An activity with its samples, which exist from `streams_from` on (None: never)."""

    detail: Document
    streams: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    streams_from: float | None = 0.0
    vanished: bool = False

    @property
    def id(self) -> int:
        number: int = self.detail["id"]
        return number

    @property
    def summary(self) -> Document:
        left_out = {"laps", "splits_metric", "segment_efforts", "device_name", "calories", "description"}
        return {key: value for key, value in self.detail.items() if key not in left_out}


@dataclass
class Person:
    """An athlete: their activities, and the tokens an application holds."""

    id: int
    peer: "StravaPeer"
    activities: dict[int, Run] = field(default_factory=dict)
    zones: Document = field(
        default_factory=lambda: {"heart_rate": {"custom_zones": False, "zones": [*ZONES, {"min": 190, "max": -1}]}}
    )

    def consents(self, scope: str = "read,activity:read_all,profile:read_all") -> str:
        """Click "Authorize" with these boxes ticked, and return the code the browser is sent back with."""
        code = token_hex(20)
        self.peer.codes[code] = (self.id, scope)
        return code

    def runs(self, run: Run) -> Run:
        """Upload an activity."""
        self.activities[run.id] = run
        run.detail["athlete"] = {"id": self.id, "resource_state": 1}
        self.peer.tell(self.id, "create", run.id)
        return run

    def edits(self, run: Run, **changes: Any) -> None:  # noqa: ANN401 - fields of many types
        """Change an activity."""
        run.detail.update(changes)
        names = {"name": "title", "sport_type": "type", "private": "private"}
        self.peer.tell(self.id, "update", run.id, {names.get(key, key): value for key, value in changes.items()})

    def deletes(self, run: Run) -> None:
        """Delete an activity."""
        del self.activities[run.id]
        self.peer.tell(self.id, "delete", run.id)

    def takes_back(self) -> None:
        """Take an application's consent away, in Strava's settings."""
        self.peer.forget_tokens(self.id)
        self.peer.tell(self.id, "update", self.id, {"authorized": "false"}, about="athlete")


@dataclass
class Token:
    """What an access or a refresh token stands for."""

    athlete: int
    scope: str
    expires_at: float = 0.0
    partner: str = ""


class StravaPeer(HttpPeer):
    """Strava, for one API application. `now` is the time by Strava's clock.

    `reads` and `requests_allowed` are limits in 15 minutes and a day. `lenient` lets an old refresh token live until
    the tokens it was exchanged for are used.
    """

    def __init__(
        self,
        *,
        now: Callable[[], float] = time.time,
        reads: tuple[int, int] = (100, 1000),
        requests_allowed: tuple[int, int] = (200, 2000),
        client_id: int = 12345,
        client_secret: str = SECRET,
        lenient: bool = False,
        port: int = 0,
    ) -> None:
        super().__init__(port=port)
        self.now = now
        self.client_id, self.client_secret = client_id, client_secret
        self.limits = {"X-RateLimit": requests_allowed, "X-ReadRateLimit": reads}
        self.lenient = lenient
        self.active = True
        self.always_rotates = True
        self.people: dict[int, Person] = {}
        self.codes: dict[str, tuple[int, str]] = {}
        self.access: dict[str, Token] = {}
        self.refresh: dict[str, Token] = {}
        self.subscription: Document | None = None
        self.deliver = True
        self.signs = False
        self.told: list[Document] = []
        self.shuffled = False
        self._counted: dict[tuple[str, int], int] = {}
        self._number = count(1001)

    def athlete(self, number: int) -> Person:
        """Return an athlete, who joins Strava now if they had not."""
        return self.people.setdefault(number, Person(number, self))

    def used(self, kind: str = "X-ReadRateLimit") -> tuple[int, int]:
        """Return how many requests were made in this quarter of an hour and on this day."""
        return (
            self._counted.get((kind, int(self.now() // QUARTER) * QUARTER), 0),
            self._counted.get((f"{kind} a day", int(self.now() // DAY)), 0),
        )

    def forget_tokens(self, athlete: int) -> None:
        """Have no token of an athlete be good any more."""
        for tokens in (self.access, self.refresh):
            for name in [name for name, token in tokens.items() if token.athlete == athlete]:
                del tokens[name]

    def expire(self, athlete: int) -> None:
        """Have the access tokens of an athlete be used up before their time."""
        for name in [name for name, token in self.access.items() if token.athlete == athlete]:
            del self.access[name]

    # --- what is asked of it

    def answered(self, request: Request) -> Answer:
        """Answer as Strava does."""
        try:
            return self._answer(request)
        except StravaError as exc:
            headers = self._headers() if request.path.startswith("/api/") else {}
            return document(exc.document, exc.status, **headers)

    def _answer(self, request: Request) -> Answer:
        match request.method, request.path.strip("/").split("/"):
            case "GET", ["oauth", "authorize"]:
                return self._authorize(request)
            case "POST", ["oauth", "token"]:
                return document(self._token(request.form))
            case "POST", ["oauth", "revoke"]:
                return self._revoke(request)
            case method, ["api", "v3", *path]:
                self._count()
                return self._api(request, method, path)
        raise StravaError(404, "Record Not Found")

    def _api(self, request: Request, method: str, path: list[str]) -> Answer:
        if not self.active:
            raise StravaError(403, "Forbidden", ("Application", "Status", "Inactive"))
        if path[0] == "push_subscriptions":
            return self._subscriptions(request, method, path[1:])
        return document(self._read(request, path), HTTPStatus.OK, **self._headers())

    def _read(self, request: Request, path: list[str]) -> Any:  # noqa: ANN401 - any JSON
        token = self._who(request)
        person = self.people[token.athlete]
        match path:
            case ["athlete"]:
                return {"id": person.id, "resource_state": 2, "firstname": "Ann", "city": "Anywhere"}
            case ["athlete", "zones"]:
                self._needs(token, "profile:read_all")
                return person.zones
            case ["athlete", "activities"]:
                self._needs(token, "activity:read_all", "activity:read")
                return self._list(request, person, token)
            case ["activities", number]:
                self._needs(token, "activity:read_all", "activity:read")
                return self._seen(person, token, number).detail
            case ["activities", number, "streams"]:
                self._needs(token, "activity:read_all", "activity:read")
                return self._streams(self._seen(person, token, number), request)
        raise StravaError(404, "Record Not Found")

    def _list(self, request: Request, person: Person, token: Token) -> list[Document]:
        after, page = float(request.query.get("after", 0)), int(request.query.get("page", 1))
        size = int(request.query.get("per_page", 30))
        if size > MOST_A_PAGE:
            raise StravaError(400, "Bad Request", ("Application", "per page", "invalid"))
        seen = [run for run in person.activities.values() if self._may_see(run, token)]
        listed = sorted((run for run in seen if _begun(run) > after), key=_begun, reverse="after" not in request.query)
        if self.shuffled:
            listed = listed[::2] + listed[1::2]
        return [run.summary for run in listed[(page - 1) * size : page * size]]

    def _seen(self, person: Person, token: Token, number: str) -> Run:
        run = person.activities.get(int(number))
        if run is None or run.vanished or not self._may_see(run, token):
            raise StravaError(404, "Record Not Found", ("Activity", "id", "not found"))
        return run

    @staticmethod
    def _may_see(run: Run, token: Token) -> bool:
        return not run.detail.get("private") or "activity:read_all" in token.scope

    def _streams(self, run: Run, request: Request) -> Document:
        if request.query.get("key_by_type") != "true" or "keys" not in request.query:
            raise StravaError(400, "Bad Request", ("Stream", "keys", "invalid"))
        if run.streams_from is None or self.now() < run.streams_from or not run.streams:
            raise StravaError(404, "Record Not Found", ("Stream", "", "not found"))
        size = len(run.streams["time"])
        about = {"original_size": size, "resolution": "high", "series_type": "distance"}
        wanted = request.query["keys"].split(",")
        return {key: {"data": list(run.streams[key]), **about} for key in wanted if key in run.streams}

    # --- consent

    def _authorize(self, request: Request) -> Answer:
        """Send the browser of the only athlete there is back, every box ticked."""
        if request.query.get("client_id") != str(self.client_id):
            raise StravaError(400, "Bad Request", ("Application", "client_id", "invalid"))
        (person,) = self.people.values()
        scope = request.query["scope"]
        back = {"state": request.query.get("state", ""), "code": person.consents(scope), "scope": scope}
        return Answer(status=302, headers={"Location": f"{request.query['redirect_uri']}?{urlencode(back)}"})

    def _token(self, form: Mapping[str, str]) -> Document:
        if form.get("client_id") != str(self.client_id) or form.get("client_secret") != self.client_secret:
            raise StravaError(400, "Bad Request", ("Application", "client_id", "invalid"))
        if not self.active:
            raise StravaError(403, "Forbidden", ("Application", "Status", "Inactive"))
        if form.get("grant_type") == "authorization_code":
            if form.get("code") not in self.codes:
                raise StravaError(400, "Bad Request", ("AuthorizationCode", "code", "invalid"))
            athlete, scope = self.codes.pop(form["code"])
            return {**self._issue(athlete, scope), "athlete": {"id": athlete, "firstname": "Ann", "resource_state": 2}}
        used = self.refresh.get(form.get("refresh_token", ""))
        if used is None:
            raise StravaError(400, "Bad Request", ("RefreshToken", "refresh_token", "invalid"))
        current = self.access.get(used.partner)
        if not self.always_rotates and current and current.expires_at - self.now() > SAME_AGAIN.total_seconds():
            return self._as_issued(used.partner, form["refresh_token"], current)
        if not self.lenient:
            del self.refresh[form["refresh_token"]]
        return self._issue(used.athlete, used.scope, instead_of=form["refresh_token"])

    def _issue(self, athlete: int, scope: str, *, instead_of: str = "") -> Document:
        access, refresh = token_hex(20), token_hex(20)
        expires_at = self.now() + ACCESS_LASTS.total_seconds()
        self.access[access] = Token(athlete, scope, expires_at, partner=instead_of)
        self.refresh[refresh] = Token(athlete, scope, partner=access)
        return self._as_issued(access, refresh, self.access[access])

    def _as_issued(self, access: str, refresh: str, token: Token) -> Document:
        return {
            "token_type": "Bearer",
            "access_token": access,
            "refresh_token": refresh,
            "expires_at": int(token.expires_at),
            "expires_in": int(token.expires_at - self.now()),
        }

    def _revoke(self, request: Request) -> Answer:
        given = request.headers.get("authorization", "").removeprefix("Basic ")
        if b64decode(given or "Og==").decode() != f"{self.client_id}:{self.client_secret}":
            raise StravaError(401, "Authorization Error", ("Application", "client_id", "invalid"))
        token = request.form["token"]
        known = self.refresh.get(token) or self.access.get(token)
        if known is not None:
            self.forget_tokens(known.athlete)
        return document({})

    def _who(self, request: Request) -> Token:
        name = request.headers.get("authorization", "").removeprefix("Bearer ")
        token = self.access.get(name)
        if token is None or token.expires_at <= self.now():
            raise StravaError(401, "Authorization Error", ("Athlete", "access_token", "invalid"))
        self.refresh.pop(token.partner, None)  # whoever was lenient is no longer: the new tokens are in use
        return token

    @staticmethod
    def _needs(token: Token, *scopes: str) -> None:
        granted = token.scope.split(",")
        if not any(scope in granted for scope in scopes):
            raise StravaError(401, "Authorization Error", ("AccessToken", f"{scopes[-1]}_permission", "missing"))

    # --- limits

    def _count(self) -> None:
        quarter, day = int(self.now() // QUARTER) * QUARTER, int(self.now() // DAY)
        over = False
        for kind, (short, long) in self.limits.items():
            for window, limit in ((kind, quarter), short), ((f"{kind} a day", day), long):
                self._counted[window] = self._counted.get(window, 0) + 1
                over |= self._counted[window] > limit
        if over:
            raise StravaError(429, "Rate Limit Exceeded", ("Application", "rate limit", "exceeded"))

    def _headers(self) -> dict[str, str]:
        told: dict[str, str] = {}
        for kind, (short, long) in self.limits.items():
            used = self.used(kind)
            told |= {f"{kind}-Limit": f"{short},{long}", f"{kind}-Usage": f"{used[0]},{used[1]}"}
        return told

    # --- webhooks

    def _subscriptions(self, request: Request, method: str, path: list[str]) -> Answer:
        proof = request.form if method == "POST" else request.query
        if proof.get("client_id") != str(self.client_id) or proof.get("client_secret") != self.client_secret:
            raise StravaError(401, "Authorization Error", ("Application", "client_id", "invalid"))
        match method, path:
            case "GET", []:
                return document([self.subscription] if self.subscription else [])
            case "POST", []:
                return document(self._subscribe(request.form), 201)
            case "DELETE", [number] if self.subscription and number == str(self.subscription["id"]):
                self.subscription = None
                return Answer(status=204)
        raise StravaError(404, "Record Not Found")

    def _subscribe(self, form: Mapping[str, str]) -> Document:
        if self.subscription:
            raise StravaError(400, "Bad Request", ("PushSubscription", "", "already exists"))
        challenge = token_hex(8)
        knock = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": form["verify_token"]}
        try:
            heard = requests.get(form["callback_url"], params=knock, timeout=2)
            fine = heard.status_code == 200 and heard.json() == {"hub.challenge": challenge}
        except (requests.RequestException, ValueError):
            fine = False
        if not fine:
            why = "GET to callback URL does not return 200"
            raise StravaError(400, "Bad Request", ("PushSubscription", "callback url", why))
        self.subscription = {"id": next(self._number), "callback_url": form["callback_url"]}
        return {"id": self.subscription["id"]}

    def tell(
        self, owner: int, aspect: str, number: int, updates: Document | None = None, *, about: str = "activity"
    ) -> None:
        """Tell the application of a change, where it has a subscription."""
        if self.subscription is None:
            return
        event = {
            "object_type": about,
            "object_id": number,
            "aspect_type": aspect,
            "updates": updates or {},
            "owner_id": owner,
            "subscription_id": self.subscription["id"],
            "event_time": int(self.now()),
        }
        self.told.append(event)
        if self.deliver:
            self.send(event)

    def send(self, event: Document, headers: Mapping[str, str] | None = None) -> requests.Response:
        """Send an event to the callback, now."""
        assert self.subscription is not None
        body = json.dumps(event).encode()
        signed = {"X-Strava-Signature": self.signature(body)} if self.signs else {}
        told = {"Content-Type": "application/json", **signed, **(headers or {})}
        return requests.post(self.subscription["callback_url"], data=body, headers=told, timeout=5)

    def signature(self, body: bytes) -> str:
        """Return a signature of a body, as one project documents it."""
        stamp = str(int(self.now()))
        made = hmac.new(self.client_secret.encode(), f"{stamp}.".encode() + body, "sha256").hexdigest()
        return f"t={stamp},v1={made}"


def _begun(run: Run) -> float:
    return datetime.fromisoformat(run.detail["start_date"]).timestamp()


_numbers = count(9_000_000_001)


def a_run(
    started_at: datetime,
    *,
    seconds: int = 2700,
    speed: float = 2.78,
    heart_rate: float | None = 140.0,
    name: str = "Morning Run",
    offset_s: int = 0,
    laps: Sequence[Document] = (),
    **fields: Any,  # noqa: ANN401 - fields of many types
) -> Run:
    """Return a run of one even speed, as Strava tells of it: with all that it tells beside what matters here."""
    metres = round(seconds * speed, 1)
    begun, local = started_at.astimezone(UTC), started_at.astimezone(UTC) + timedelta(seconds=offset_s)
    detail = {
        "id": next(_numbers),
        "resource_state": 3,
        "name": name,
        "type": "Run",
        "sport_type": "Run",
        "workout_type": 0,
        "start_date": f"{begun:%Y-%m-%dT%H:%M:%SZ}",
        "start_date_local": f"{local:%Y-%m-%dT%H:%M:%SZ}",
        "timezone": "(GMT+00:00) Europe/London",
        "utc_offset": float(offset_s),
        "elapsed_time": seconds,
        "moving_time": seconds,
        "distance": metres,
        "total_elevation_gain": 12.0,
        "trainer": False,
        "manual": False,
        "private": False,
        "has_heartrate": heart_rate is not None,
        "device_name": "Garmin Forerunner 245",
        "start_latlng": SOMEWHERE,
        "end_latlng": SOMEWHERE,
        "map": {"id": "a1", "polyline": "_p~iF~ps|U_ulLnnqC", "summary_polyline": "_p~iF~ps|U"},
        # What makes stravalib's models refuse a whole activity.
        "perceived_exertion": 5.5,
        "suffer_score": 61.5,
        "average_temp": 11.4,
        "segment_efforts": [{"segment": {"start_latlng": SOMEWHERE, "city": "London"}}],
        "laps": list(laps),
        "splits_metric": [{"distance": 1000.0, "elapsed_time": 360, "average_speed": 2.78}],
    }
    if heart_rate is not None:
        detail |= {"average_heartrate": heart_rate + 0.4, "max_heartrate": heart_rate + 12.5}
    clock = list(range(seconds + 1))
    streams: dict[str, Sequence[Any]] = {
        "time": clock,
        "latlng": [SOMEWHERE] * len(clock),
        "distance": [round(second * speed, 1) for second in clock],
        "velocity_smooth": [speed] * len(clock),
        "cadence": [84] * len(clock),
        "altitude": [20.0] * len(clock),
        "moving": [True] * len(clock),
    }
    if heart_rate is not None:
        streams["heartrate"] = [round(heart_rate)] * len(clock)
    return Run(detail={**detail, **fields}, streams=streams)


def main() -> None:
    """Serve until interrupted, with one athlete who has just run, and print what they would paste."""
    parser = argparse.ArgumentParser(description="A stand-in of Strava on loopback.")
    parser.add_argument("--port", type=int, default=8099)
    wish = parser.parse_args()
    with StravaPeer(port=wish.port) as peer:
        ann = peer.athlete(7)
        ann.runs(a_run(datetime.now(UTC) - timedelta(minutes=50)))
        print(f'[sources.strava]\nclient_id = {peer.client_id}\nclient_secret = "{peer.client_secret}"')  # noqa: T201
        print(f'base_url = "{peer.url}"\noauth_url = "{peer.url}"\n')  # noqa: T201 - this is its purpose
        print(f"afterrun connect strava --code {ann.consents()}")  # noqa: T201 - the same
        try:
            peer.closed.wait()
        except KeyboardInterrupt:
            print(f"{len(peer.requests)} requests")  # noqa: T201 - the same


if __name__ == "__main__":
    main()
