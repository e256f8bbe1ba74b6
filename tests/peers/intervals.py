"""A stand-in for intervals.icu on loopback, made from its published API description (/api/v1/docs).

    with IntervalsPeer(keys={"a-key"}) as peer:
        peer.put("i1001", gzip_bytes, begun=datetime(2026, 11, 20, 18, 10))

Published: Basic authentication with the name API_KEY, GET /api/v1/athlete/{id}/activities with oldest (needed), newest
and fields, newest first and without pages; GET /api/v1/activity/{id}/file, the original file. Seen by its users: the
file is packed with gzip, and what came by way of Strava is a stub with a note in it.
"""

import gzip
from base64 import b64decode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.peers.http import Answer, HttpPeer, Request, document


@dataclass(kw_only=True)
class Activity:
    """An activity of the athlete; `file` is None where it has none."""

    id: str
    begun: datetime
    file: bytes | None
    name: str = "Lunch Run"
    kind: str = "Run"
    source: str = "GARMIN_CONNECT"


class IntervalsPeer(HttpPeer):
    """intervals.icu with one athlete who has these keys."""

    def __init__(self, *, keys: set[str] | None = None) -> None:
        super().__init__()
        self.keys = keys if keys is not None else {"a-key"}
        self.activities: dict[str, Activity] = {}

    def put(self, number: str, body: bytes, *, begun: datetime, **more: str) -> None:
        """Put a recording there."""
        self.activities[number] = Activity(id=number, begun=begun, file=gzip.compress(body), **more)

    def answered(self, request: Request) -> Answer:
        if not self._knows(request):
            return document({"status": 401, "error": "Unauthorized"}, 401)
        match request.method, request.path.strip("/").split("/"):
            case "GET", ["api", "v1", "athlete", "0", "activities"]:
                return self._list(request)
            case "GET", ["api", "v1", "activity", name, "file"]:
                return self._file(name)
        return document({"status": 404, "error": "Not Found"}, 404)

    def _knows(self, request: Request) -> bool:
        scheme, _, shown = request.headers.get("authorization", "").partition(" ")
        user, _, key = b64decode(shown).decode().partition(":")
        return scheme == "Basic" and user == "API_KEY" and key in self.keys

    def _list(self, request: Request) -> Answer:
        if "oldest" not in request.query:
            return document({"status": 400, "error": "oldest is required"}, 400)
        oldest = datetime.fromisoformat(request.query["oldest"])
        newest = datetime.fromisoformat(request.query.get("newest", "9999-01-01"))
        within = [one for one in self.activities.values() if oldest <= one.begun <= newest]
        return document([_listed(one, request) for one in sorted(within, key=lambda one: one.begun, reverse=True)])

    def _file(self, name: str) -> Answer:
        activity = self.activities.get(name)
        if activity is None or activity.file is None:
            return document({"status": 404, "error": "Not Found"}, 404)
        return Answer(headers={"Content-Type": "application/gzip"}, body=activity.file)


def _listed(activity: Activity, request: Request) -> dict[str, Any]:
    local = activity.begun.isoformat(timespec="seconds")
    if activity.source == "STRAVA":
        note = "STRAVA activities are not available via the API"
        return {"id": activity.id, "start_date_local": local, "source": "STRAVA", "_note": note}
    said = {
        "id": activity.id,
        "start_date_local": local,
        "start_date": (activity.begun - timedelta(hours=1)).isoformat(timespec="seconds") + "Z",
        "name": activity.name,
        "type": activity.kind,
        "source": activity.source,
        "distance": 10012.3,
        "moving_time": 3000,
    }
    fields = request.query.get("fields")
    return said if fields is None else {name: said[name] for name in fields.split(",") if name in said}
