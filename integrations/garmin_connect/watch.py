"""The watch's calendar as a channel: a routine as a workout on its day, put right in place, and taken off again.

Garmin's calendar knows days, not hours. A workout is known for ours by a mark in its note, so that a send whose answer
was lost is found again and never doubled. What is done, skipped or replaced is taken off, workout and all: in a year
there would be two hundred of them.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Protocol, Self
from uuid import uuid5
from zoneinfo import ZoneInfo

from garminconnect import Garmin

from integrations.garmin_connect.account import Account, NotThere
from integrations.garmin_connect.workout import LONGEST_TEXT, Document, Exercises, workout
from service.domain.message import Message, Phase
from service.domain.movements import Catalogue
from service.domain.plain_text import cut
from service.domain.sessions import NAMESPACE
from service.domain.timed import timed
from service.ports import Capabilities, Change, Clock, Happened, Malformed, Outcome, Shown, Unavailable

# Enough of a mark to tell a session by, and little enough to stand in a note that people read.
MARK_CHARS = 12
# The workouts made last that are looked through for a mark: a session makes one, and lives for hours.
LOOKED_THROUGH = 100
# The activities begun last that are looked through for one of our workouts.
LAST_ACTIVITIES = 20
# Garmin counts calls. Nobody waits at the watch for a calendar elsewhere to follow.
LISTEN_EVERY = timedelta(minutes=10)
ONE_DAY = timedelta(days=1)
# How far a person's move is followed into the next month.
MOVED_AT_MOST = timedelta(days=7)
# The receipt of what is no longer there: by us, or by whoever took it away, for then it stays away.
GONE = "gone"
NOT_FOR_A_WATCH = "this is no routine, and nothing else goes to the watch"
NOT_TAKEN = "Garmin will not take the routine as a workout: try another workout_sport in [sources.garmin_connect]"
NONSENSE = "Garmin Connect does not answer as it does: trying again later"


class Sending(Protocol):
    """A call of the library that sends a workout."""

    def __call__(self, garmin: Garmin, document: Document) -> Any:  # noqa: ANN401 - what Garmin answers
        """Send it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a session stands: its workout, and its entry on the calendar of a day (None where that is not known)."""

    workout: int
    entry: int | None
    day: date

    @classmethod
    def read(cls, receipt: str) -> Self | None:
        """Return what a receipt says; None for one of something that is gone, or not known."""
        try:
            number, entry, day = receipt.split("/")
            return cls(workout=int(number), entry=int(entry) if entry else None, day=date.fromisoformat(day))
        except ValueError:
            return None

    def __str__(self) -> str:
        return f"{self.workout}/{'' if self.entry is None else self.entry}/{self.day}"


class Watch:
    """Puts routines on the calendar that a Garmin watch shows. `sport` is what the watch is to take them for."""

    name = "garmin_connect"
    capabilities = Capabilities(idempotent=True, calendar=True, updates=True, body_limit=LONGEST_TEXT)

    def __init__(
        self, account: Account, *, sport: str, zone: ZoneInfo, catalogue: Catalogue, exercises: Exercises, clock: Clock
    ) -> None:
        self._account = account
        self._sport = sport
        self._zone = zone
        self._catalogue = catalogue
        self._exercises = exercises
        self._clock = clock
        self._heard: datetime | None = None

    def check(self) -> str:
        """Return how Garmin Connect answered, sending nothing; raise as Channel says."""
        self._account.ask(lambda garmin: garmin.get_workouts(0, 1))
        return "Garmin Connect answers, and lists workouts"

    def send(self, message: Message, earlier: str | None = None) -> str:
        """Put the routine on its day, put right what stands there, or take it off; return where it stands, or GONE.

        Raise as Channel says.
        """
        if message.routine is None:
            raise Malformed(NOT_FOR_A_WATCH)
        place = Place.read(earlier) if earlier else self._found(message)
        if message.phase in {Phase.DONE, Phase.WITHDRAWN}:
            return self._taken_off(place)
        if place is not None:
            return self._put_right(message, place)
        return self._put(message) if message.phase is Phase.NEW else GONE

    def reconcile(self, message: Message, since: datetime) -> Outcome:  # noqa: ARG002 - the mark tells, whenever it was
        """Look for the workout by its mark."""
        return Outcome.ABSENT if self._found(message) is None else Outcome.ARRIVED

    def changes(self, shown: Sequence[Shown]) -> Iterator[Change]:
        """Yield what was done on the watch, and what was moved or taken off on Garmin's calendar, every few minutes."""
        now = self._clock.now()
        if self._heard is not None and now - self._heard < LISTEN_EVERY:
            return
        places = [(one, place) for one in shown if (place := Place.read(one.receipt)) is not None]
        if not places:
            return
        days = {day for _, place in places for day in (place.day, place.day + MOVED_AT_MOST)}
        done, entries = self._done(now), {one.workout: one for one in self._entries(days)}
        for one, place in places:
            change = _change(one, place, done=done, there=entries.get(place.workout), now=now)
            if change is not None and (change.happened is not Happened.REMOVED or self._is_off(place)):
                yield change
        self._heard = now

    # --- putting it there

    def _put(self, message: Message) -> str:
        answer = self._sent(message, lambda garmin, document: garmin.upload_workout(document))
        return str(self._scheduled(_number(answer, "workoutId"), self._day(message)))

    def _put_right(self, message: Message, place: Place) -> str:
        try:
            self._sent(message, lambda garmin, document: garmin.update_workout(place.workout, document))
        except NotThere:
            return GONE
        day = self._day(message)
        if place.entry is None:
            return str(self._scheduled(place.workout, day))
        return str(place) if place.day == day else self._moved(place, day)

    def _moved(self, place: Place, day: date) -> str:
        """Have a workout stand on a day, and there alone, unless somebody took it off; return where it stands.

        It is put there first, so that a crash leaves it standing twice and not nowhere: the next attempt sees to it.
        """
        standing = [one for one in self._entries({place.day, day}) if one.workout == place.workout]
        if not standing:
            return self._taken_off(place)
        kept = next((one for one in standing if one.day == day), None) or self._scheduled(place.workout, day)
        for one in standing:
            if one.entry is not None and one.entry != kept.entry:
                self._unschedule(one.entry)
        return str(kept)

    def _taken_off(self, place: Place | None) -> str:
        if place is None:
            return GONE
        if place.entry is not None:
            self._unschedule(place.entry)
        with suppress(NotThere):
            self._account.ask(lambda garmin: garmin.delete_workout(place.workout), changing=True)
        return GONE

    def _sent(self, message: Message, sending: Sending) -> Any:  # noqa: ANN401 - what Garmin answers
        """Send the workout; where Garmin refuses it, once more without its own names for our movements."""
        trouble: Malformed | None = None
        for exercises in (self._exercises, {}):
            document = self._document(message, exercises)
            try:
                return self._account.ask(partial(sending, document=document), changing=True)
            except NotThere:
                raise
            except Malformed as exc:
                trouble = exc
        raise Malformed(NOT_TAKEN) from trouble

    def _document(self, message: Message, exercises: Exercises) -> Document:
        steps = message.routine.steps if message.routine else ()
        mark = f"\n(Afterrun {_mark(message)})"
        note = cut(message.body, lambda text: len(text) + len(mark) <= LONGEST_TEXT) + mark
        pieces = timed(steps, self._catalogue)
        return workout(message.title, note, pieces, sport=self._sport, exercises=exercises)

    def _unschedule(self, entry: int) -> None:
        with suppress(NotThere):
            self._account.ask(lambda garmin: garmin.unschedule_workout(entry), changing=True)

    def _scheduled(self, number: int, day: date) -> Place:
        """Put a workout on the calendar; return where it stands."""
        answer = self._account.ask(lambda garmin: garmin.schedule_workout(number, day.isoformat()), changing=True)
        return Place(workout=number, entry=_number(answer, "workoutScheduleId"), day=day)

    def _day(self, message: Message) -> date:
        return (message.starts_at or self._clock.now()).astimezone(self._zone).date()

    # --- finding it

    def _found(self, message: Message) -> Place | None:
        """Return where a session stands by the mark in its workout's note; None where it stands nowhere."""
        said = _documents(self._account.ask(_newest_workouts))
        mark, day = _mark(message), self._day(message)
        number = next((_number(one, "workoutId") for one in said if mark in str(one.get("description"))), None)
        if number is None:
            return None
        there = (one for one in self._entries({day}) if one.workout == number)
        return next(there, Place(workout=number, entry=None, day=day))

    def _entries(self, days: set[date]) -> list[Place]:
        """Return what stands on the calendar in the months of these days."""
        found = []
        for year, month in sorted({(day.year, day.month) for day in days}):
            said = self._account.ask(lambda garmin: garmin.get_scheduled_workouts(year, month))  # noqa: B023 - asked now
            for one in _documents(said.get("calendarItems") if isinstance(said, dict) else None):
                if one.get("itemType") == "workout" and one.get("workoutId"):
                    number, entry = _number(one, "workoutId"), _number(one, "id")
                    found.append(Place(workout=number, entry=entry, day=date.fromisoformat(str(one["date"])[:10])))
        return found

    def _done(self, now: datetime) -> set[int]:
        """Return the workouts that were done on the watch since yesterday."""
        day = now.astimezone(self._zone).date()
        first, last = (day - ONE_DAY).isoformat(), (day + ONE_DAY).isoformat()
        said = self._account.ask(
            lambda garmin: garmin.search_activities(start=0, limit=LAST_ACTIVITIES, startDate=first, endDate=last)
        )
        return {_number(one, "workoutId") for one in _documents(said) if one.get("workoutId")}

    def _is_off(self, place: Place) -> bool:
        """Return whether an entry was really taken off the calendar: a list of it may be wrong."""
        if (entry := place.entry) is None:
            return False
        try:
            self._account.ask(lambda garmin: garmin.get_scheduled_workout_by_id(entry))
        except NotThere:
            return True
        return False


def _newest_workouts(garmin: Garmin) -> Any:  # noqa: ANN401 - what Garmin answers
    return garmin.get_workouts(0, LOOKED_THROUGH, my_workouts_only=True, order_by="CREATED_DATE", order_seq="DESC")


def _change(one: Shown, place: Place, *, done: set[int], there: Place | None, now: datetime) -> Change | None:
    """Return what a person did to a session that stands in a place, and was found to be `there` (None: nowhere)."""
    if place.workout in done:
        return Change(session_id=one.session_id, happened=Happened.DONE)
    if there is None:
        return Change(session_id=one.session_id, happened=Happened.REMOVED)
    moved_to = one.starts_at + (there.day - place.day)
    if there.day == place.day or moved_to <= now:
        return None
    return Change(session_id=one.session_id, happened=Happened.MOVED, moved_to=moved_to)


def _mark(message: Message) -> str:
    return uuid5(NAMESPACE, message.key).hex[:MARK_CHARS]


def _documents(said: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - what Garmin answered
    if not isinstance(said, list) or not all(isinstance(one, dict) for one in said):
        raise Unavailable(NONSENSE)
    return said


def _number(said: Any, key: str) -> int:  # noqa: ANN401 - what Garmin answered
    number = said.get(key) if isinstance(said, dict) else None
    if not isinstance(number, int):
        raise Unavailable(NONSENSE, perhaps_done=True)
    return number
