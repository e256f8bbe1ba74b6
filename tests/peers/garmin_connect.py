"""A stand-in for Garmin Connect on loopback: sign-in, tokens, activities, workouts and the calendar, on one host.

    with GarminConnectPeer(email=..., password=..., code="123456") as peer:
        ...base_url=peer.url...
        peer.calendar        what stands on the runner's calendar: (date, workout)

Garmin publishes nothing of this. It is made from what open projects have written down of it: the app's sign-in (a page,
then the password, then a code), service tickets exchanged for tokens, refresh tokens that die with their use, workouts
that are refused whole for a category that does not exist, schedules by date.
"""

from base64 import b64decode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from zlib import crc32

from garminconnect.exercises import EXERCISES

from tests.peers.garmin import NOTHING_THERE, ActivitiesPeer, jwt
from tests.peers.http import Answer, Request, document

EXERCISES_THERE = {(one["category"], one["exercise"]) for one in EXERCISES}
LONGEST_NAME, LONGEST_TEXT, MOST_STEPS = 80, 512, 50
APP = "GARMIN_CONNECT_MOBILE_ANDROID_DI_2025Q2"
SPORTS = {3: "other", 5: "strength_training", 6: "cardio_training", 7: "yoga", 8: "pilates", 11: "mobility"}

NO = Answer(status=401, body=b'{"message": "HTTP 401 Unauthorized"}')
DONE = Answer(status=204)


def number(name: str) -> str:
    """Return the number that stands for a name: Garmin's activities have no others."""
    return str(crc32(name.encode()))


@dataclass
class Tokens:
    """Who may ask."""

    refresh: set[str] = field(default_factory=set)
    access: dict[str, datetime] = field(default_factory=dict)


class GarminConnectPeer(ActivitiesPeer):
    """One account. `code` is what it asks for after the password, "" for nothing; `now` is its clock."""

    def __init__(
        self,
        *,
        now: datetime,
        email: str = "kim@example.org",
        password: str = "a-password",  # noqa: S107 - made up
        code: str = "",
        lifetime: timedelta = timedelta(hours=20),
        sports: dict[int, str] | None = None,
    ) -> None:
        super().__init__()
        self.now = now
        self.email, self.password, self.code = email, password, code
        self.lifetime = lifetime
        self.sports = SPORTS if sports is None else sports
        self.known = EXERCISES_THERE
        self.tokens = Tokens()
        self.tickets: set[str] = set()
        self.workouts: dict[int, dict[str, Any]] = {}
        self.schedules: dict[int, tuple[str, int]] = {}
        self._count = count(1)
        self._knows_the_page = False

    @property
    def calendar(self) -> list[tuple[str, dict[str, Any]]]:
        """What stands on the calendar, by date."""
        return sorted(((day, self.workouts[one]) for day, one in self.schedules.values()), key=lambda pair: pair[0])

    def sign_in(self) -> dict[str, str]:
        """Return tokens, as after signing in."""
        return self._tokens(APP)

    def put(
        self, name: str, body: bytes, *, begun: datetime, kind: str = "running", workout: int | None = None
    ) -> None:
        """Put an activity there; `workout` is the one that was done with it."""
        super().put(number(name), body, begun=begun, kind=kind)
        self.activities[number(name)].workout = workout

    def answered(self, request: Request) -> Answer:
        match request.path.strip("/").split("/"):
            case ["mobile", "sso", _, "sign-in"]:
                self._knows_the_page = True
                return Answer(headers={"Set-Cookie": "SESSION=abc; Path=/"}, body=b"<html>Sign in</html>")
            case ["mobile", "api", "login"]:
                return self._password(request)
            case [_, "api", "mfa", "verifyCode"]:
                return self._code(request)
            case ["di-oauth2-service", "oauth", "token"]:
                return self._exchange(request)
        return self._inside(request) if self._admits(request) else NO

    # --- signing in

    def _password(self, request: Request) -> Answer:
        """Without the page and its cookie first, Garmin's guards answer 429."""
        if not self._knows_the_page or "SESSION=abc" not in request.headers.get("cookie", ""):
            return document({"error": {"status-code": "429"}}, 429)
        said = request.json()
        if (said["username"], said["password"]) != (self.email, self.password):
            return document({"responseStatus": {"type": "INVALID_USERNAME_PASSWORD"}})
        if self.code:
            asked = {"responseStatus": {"type": "MFA_REQUIRED"}, "customerMfaInfo": {"mfaLastMethodUsed": "email"}}
            return document(asked)
        return self._ticket()

    def _code(self, request: Request) -> Answer:
        if request.json()["mfaVerificationCode"] != self.code:
            return document({"responseStatus": {"type": "MFA_CODE_INVALID"}})
        return self._ticket()

    def _ticket(self) -> Answer:
        ticket = f"ST-{next(self._count)}-cas"
        self.tickets.add(ticket)
        return document({"responseStatus": {"type": "SUCCESSFUL"}, "serviceTicketId": ticket})

    def _exchange(self, request: Request) -> Answer:
        """Exchange a ticket or a refresh token; either dies with it."""
        client = b64decode(request.headers["authorization"].removeprefix("Basic ")).decode().rstrip(":")
        said = request.form
        held = self.tokens.refresh if said["grant_type"] == "refresh_token" else self.tickets
        shown = said.get("refresh_token") or said.get("service_ticket") or ""
        if shown not in held or client != said["client_id"]:
            return document({"error": "invalid_grant"}, 400)
        held.remove(shown)
        return document({**self._tokens(client), "token_type": "Bearer"})

    def _tokens(self, client: str) -> dict[str, str]:
        expires = self.now + self.lifetime
        access = jwt(client_id=client, exp=int(expires.timestamp()), jti=next(self._count))
        refresh = f"refresh-{next(self._count)}"
        self.tokens.access[access] = expires
        self.tokens.refresh.add(refresh)
        return {"access_token": access, "refresh_token": refresh}

    def _admits(self, request: Request) -> bool:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        return self.tokens.access.get(token, self.now) > self.now

    # --- what is inside

    def _inside(self, request: Request) -> Answer:
        match request.method, request.path.strip("/").split("/"):
            case "GET", ["userprofile-service", "socialProfile"]:
                return document({"displayName": "kim", "fullName": "Kim", "profileId": 1})
            case "GET", ["activitylist-service", "activities", "search", "activities"]:
                return self.search(request)
            case "GET", ["download-service", "files", "activity", name]:
                return self.file(name)
            case "GET", ["calendar-service", "year", year, "month", month]:
                return self._month(int(year), int(month) + 1)
            case method, ["workout-service", *rest]:
                return self._workout(method, rest, request)
        return document(NOTHING_THERE, 404)

    def _workout(self, method: str, path: list[str], request: Request) -> Answer:  # noqa: PLR0911 - a table
        match method, path:
            case "GET", ["workouts"]:
                start, limit = int(request.query.get("start", 0)), int(request.query.get("limit", 20))
                newest_first = sorted(self.workouts.values(), key=lambda one: one["workoutId"], reverse=True)
                return document([_summary(one) for one in newest_first[start : start + limit]])
            case "POST", ["workout"]:
                return self._keep(next(self._count), request.json())
            case "PUT", ["workout", given] if int(given) in self.workouts:
                kept = self._keep(int(given), request.json())
                return DONE if kept.status == 200 else kept
            case "DELETE", ["workout", given] if int(given) in self.workouts:
                del self.workouts[int(given)]
                self.schedules = {key: one for key, one in self.schedules.items() if one[1] != int(given)}
                return DONE
            case "POST", ["schedule", given] if int(given) in self.workouts:
                key = next(self._count)
                self.schedules[key] = (request.json()["date"], int(given))
                return document(self._schedule(key))
            case "GET", ["schedule", given] if int(given) in self.schedules:
                return document(self._schedule(int(given)))
            case "DELETE", ["schedule", given] if int(given) in self.schedules:
                del self.schedules[int(given)]
                return DONE
        return document(NOTHING_THERE, 404)

    def _keep(self, key: int, workout: dict[str, Any]) -> Answer:
        trouble = self._trouble(workout)
        if trouble:
            return document({"message": trouble, "error": "BadRequestException"}, 400)
        self.workouts[key] = {**workout, "workoutId": key}
        return document(self.workouts[key])

    def _trouble(self, workout: dict[str, Any]) -> str:
        """Return why a workout is refused whole, "" where it is not."""
        sport = workout["sportType"]
        steps = list(all_steps(workout))
        if self.sports.get(sport["sportTypeId"]) != sport["sportTypeKey"]:
            return "Invalid sport type"
        if not 0 < len(workout["workoutName"]) <= LONGEST_NAME or len(workout.get("description") or "") > LONGEST_TEXT:
            return "Invalid name or description"
        if len(steps) > MOST_STEPS or [step["stepOrder"] for step in steps] != list(range(1, len(steps) + 1)):
            return "Invalid steps"
        if any(len(step.get("description") or "") > LONGEST_TEXT for step in steps):
            return "Invalid step note"
        named = [(step["category"], step["exerciseName"]) for step in steps if step.get("category")]
        return "" if set(named) <= self.known else "Invalid category"

    def _schedule(self, key: int) -> dict[str, Any]:
        day, workout = self.schedules[key]
        return {"workoutScheduleId": key, "calendarDate": day, "workout": _summary(self.workouts[workout])}

    def _month(self, year: int, month: int) -> Answer:
        there = [(key, day, one) for key, (day, one) in self.schedules.items() if day.startswith(f"{year}-{month:02}-")]
        return document(
            {
                "calendarItems": [
                    {
                        "id": key,
                        "itemType": "workout",
                        "date": day,
                        "workoutId": one,
                        "title": _name(self.workouts[one]),
                    }
                    for key, day, one in there
                ]
            }
        )


def all_steps(workout: dict[str, Any]) -> list[dict[str, Any]]:
    """Return every step of a workout, groups before what is in them."""
    found: list[dict[str, Any]] = []
    todo = [step for segment in workout["workoutSegments"] for step in segment["workoutSteps"]]
    while todo:
        step = todo.pop(0)
        found.append(step)
        todo = [*step.get("workoutSteps", ()), *todo]
    return found


def _summary(workout: dict[str, Any]) -> dict[str, Any]:
    return {key: workout.get(key) for key in ("workoutId", "workoutName", "description", "sportType")}


def _name(workout: dict[str, Any]) -> str:
    return str(workout["workoutName"])
