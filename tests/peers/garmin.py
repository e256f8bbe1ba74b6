"""A stand-in for Garmin's Connect Personal API on loopback, made from what Garmin publishes with its own client.

    with GarminPeer(keys={"a-key"}) as peer:
        peer.put("1001", zip_bytes, begun=datetime(2026, 11, 20, 18, 10))
        ...base_url=peer.url...

Published: the exchange of a key for a JWT, the bearer's header, the search with start, limit, startDate, endDate and
activityType, the download of a zip. Reported by users: a page of more than 45 answers 500, requests side by side
answer 429 with Retry-After: 14, and the download wants to be asked for a zip.
"""

import io
import json
import zipfile
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.peers.http import Answer, HttpPeer, Request, Trouble, document

LARGEST_PAGE = 45
DEFAULT_PAGE = 20
NOTHING_THERE = {"message": "HTTP 404 Not Found", "error": "NotFoundException"}
ZIP_TYPES = ("application/x-zip-compressed", "application/zip", "application/octet-stream")


@dataclass(kw_only=True)
class Activity:
    """An activity of the account; `download` is what its download answers, None where it has no file."""

    id: str
    begun: datetime
    download: bytes | None
    name: str = "Berlin Running"
    kind: str = "running"
    manual: bool = False
    workout: int | None = None


def zipped(members: Mapping[str, bytes]) -> bytes:
    """Return a zip of these members."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as into:
        for name, body in members.items():
            into.writestr(name, body)
    return packed.getvalue()


class ActivitiesPeer(HttpPeer):
    """The part that both of Garmin's doors share: the list of activities and their files."""

    def __init__(self) -> None:
        super().__init__()
        self.activities: dict[str, Activity] = {}

    def put(self, name: str, body: bytes, *, begun: datetime, kind: str = "running") -> None:
        """Put a recording there, packed as Garmin packs it."""
        packed = zipped({f"{name}_ACTIVITY.fit": body})
        self.activities[name] = Activity(id=name, begun=begun, download=packed, kind=kind)

    def search(self, request: Request) -> Answer:
        limit = int(request.query.get("limit", DEFAULT_PAGE))
        if limit > LARGEST_PAGE:
            return document({"message": "HTTP 500 Internal Server Error"}, 500)
        start = int(request.query.get("start", 0))
        found = [one for one in self.activities.values() if _is_within(one, request)]
        newest_first = sorted(found, key=lambda one: one.begun, reverse=request.query.get("sortOrder") != "asc")
        return document([_listed(one) for one in newest_first[start : start + limit]])

    def file(self, name: str) -> Answer:
        activity = self.activities.get(name)
        if activity is None or activity.download is None:
            return document(NOTHING_THERE, 404)
        return Answer(headers={"Content-Type": "application/x-zip-compressed"}, body=activity.download)


def _is_within(activity: Activity, request: Request) -> bool:
    day = activity.begun.date().isoformat()
    first, last = request.query.get("startDate", ""), request.query.get("endDate", "9999")
    return first <= day <= last and request.query.get("activityType", activity.kind) == activity.kind


def _listed(activity: Activity) -> dict[str, Any]:
    number: int | str = int(activity.id) if activity.id.isdecimal() else activity.id
    return {
        "activityId": number,
        "activityName": activity.name,
        "startTimeLocal": activity.begun.strftime("%Y-%m-%d %H:%M:%S"),
        "startTimeGMT": (activity.begun - timedelta(hours=1)).strftime("%Y-%m-%d %H:%M:%S"),
        "activityType": {"typeId": 1, "typeKey": activity.kind, "parentTypeId": 17},
        "distance": 10012.3,
        "duration": 3000.1,
        "startLatitude": 52.5,
        "startLongitude": 13.4,
        "manualActivity": activity.manual,
        "workoutId": activity.workout,
    }


class GarminPeer(ActivitiesPeer):
    """The Personal API of one account with these keys. `now` is its clock."""

    def __init__(self, *, keys: set[str] | None = None, now: datetime, lifetime: timedelta = timedelta(days=1)) -> None:
        super().__init__()
        self.keys = keys if keys is not None else {"a-key"}
        self.now = now
        self.lifetime = lifetime
        self.tokens: dict[str, datetime] = {}

    def answered(self, request: Request) -> Answer:
        match request.method, request.path.strip("/").split("/"):
            case "POST", ["personalapitoken-service", "personal-api", "personal-api-key", "token"]:
                return self._exchange(request)
            case "GET", ["activitylist-service", "activities", "search", "activities"]:
                return self._known(request) or self.search(request)
            case "GET", ["download-service", "files", "activity", name]:
                return self._known(request) or self._download(request, name)
        return document(NOTHING_THERE, 404)

    def _exchange(self, request: Request) -> Answer:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme != "ApiKey" or key not in self.keys:
            return document({"message": "HTTP 401 Unauthorized", "error": "NotAuthorizedException"}, 401)
        expires = self.now + self.lifetime
        token = jwt(exp=int(expires.timestamp()), jti=len(self.tokens))
        self.tokens[token] = expires
        return Answer(headers={"Content-Type": "text/plain"}, body=token.encode())

    def _known(self, request: Request) -> Answer | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme == "Bearer" and self.tokens.get(token, self.now) > self.now:
            return None
        return document({"message": "HTTP 401 Unauthorized", "error": "NotAuthorizedException"}, 401)

    def _download(self, request: Request, name: str) -> Answer:
        if not any(kind in request.headers.get("accept", "") for kind in ZIP_TYPES):
            return document({"message": "HTTP 406 Not Acceptable"}, 406)
        return self.file(name)


def jwt(**claims: object) -> str:
    """Return a JWT with these claims, signed by nobody."""
    parts = [{"alg": "RS256", "typ": "JWT"}, claims]
    return ".".join([*(_encoded(json.dumps(part).encode()) for part in parts), _encoded(b"signature")])


def _encoded(part: bytes) -> str:
    return urlsafe_b64encode(part).rstrip(b"=").decode()


def too_fast(retry_after: str = "14") -> Trouble:
    """Return what Garmin answers to requests side by side."""
    return Trouble(status=429, headers={"Retry-After": retry_after}, body=b'{"message": "Too Many Requests"}')
