"""Taking recordings in.

    raw bytes kept -> decode -> same workout? -> activity (new, renewed, merged, or a part of a workout) or why not

Each arrow ends in a commit. What a crash leaves between two of them is found again by `finish`. An archive of many
recordings is taken in groups, one commit each: its bytes are still where they came from, so a crash costs one group
of reading again.
"""

import hashlib
import logging
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from service.application.reading import BrokenReaderError
from service.application.recordings import (
    Recording,
    Shelves,
    as_raw,
    as_told,
    combined,
    names_of_streams,
    recording,
)
from service.application.retention import Retention
from service.domain.activity import Activity, same_workout
from service.domain.workout import LONGEST_PART, chain
from service.ports import (
    Archive,
    Database,
    Decoded,
    Fate,
    Malformed,
    Raw,
    Readers,
    Reading,
    Removed,
    Shelf,
    Store,
    StoredActivity,
    StoredRaw,
)

FINISH_AT_ONCE = 100
# One wait for the disk serves so many recordings; a progress bar still moves every second. While one group is written,
# the next is being read.
GROUP = 32
GROUP_BYTES = 32 * 2**20
HERE_ALREADY = "this very file is here already"
RENEWED = "a later state of an activity that is here already"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a recording, and why.

    `activities` are the activities it stands for now; `begun_at` is the start of the first, where one is new.
    """

    fate: Fate
    reason: str = ""
    activities: tuple[int, ...] = ()
    begun_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ingest:
    """Takes recordings in."""

    database: Database
    archive: Archive
    readers: Readers

    def take(self, athlete: str, raw: Raw, *, bulk: bool = False) -> Taken:
        """Keep a recording and say what became of it; nothing is lost once this returns.

        `bulk` marks recordings nobody is to be told of, such as an archive of old ones.
        """
        name = self.archive.put_raw(raw.body) if not raw.withheld else _name(raw)
        with self.database.writing() as store:
            kept = store.keep_raw(athlete, raw, name, bulk=bulk)
        return _known(kept) or self._decode(kept, raw)

    def take_all(self, athlete: str, raws: Iterable[Raw]) -> Iterator[tuple[str, Taken]]:
        """Take an archive of recordings in, nobody told; yield each one's name with what became of it.

        What has been yielded is on the disk. Begun again after a crash, it knows what it took before.
        """
        ahead: deque[list[_Begun]] = deque()
        for group in _in_groups(raws):
            ahead.append(self._begin(athlete, group))
            if len(ahead) > 1:
                yield from self._commit(athlete, ahead.popleft())
        for begun in ahead:
            yield from self._commit(athlete, begun)

    def retry(self, athlete: str) -> Iterator[tuple[str, Taken]]:
        """Read again what could not be read before; yield each one's name with what became of it now."""
        with self.database.reading() as store:
            parked = store.quarantined_raws(athlete)
        for kept in parked:
            yield kept.external_id, self._again(kept)

    def remove(self, athlete: str, removed: Removed) -> None:
        """Let go of what a source gave under a name and has no longer."""
        Retention(self.database, self.archive, self.readers).remove(athlete, removed.source, removed.external_id)

    def forget(self, athlete: str, source: str) -> int:
        """Let go of all a source lent of an athlete, and return how many recordings that were."""
        return Retention(self.database, self.archive, self.readers).forget(athlete, source)

    def unfinished(self, before: datetime) -> list[int]:
        """Return recordings kept before a moment that nobody has decoded yet."""
        with self.database.reading() as store:
            return [kept.id for kept in store.undecided_raws(FINISH_AT_ONCE, before)]

    def finish_one(self, raw_id: int) -> Taken:
        """Decode one recording that a crash left undecoded, and say what became of it."""
        with self.database.reading() as store:
            kept = store.raw(raw_id)
        return self._again(kept)

    def finish(self) -> int:
        """Decode what a crash left undecoded and return how many recordings that were."""
        finished = 0
        while True:
            with self.database.reading() as store:
                waiting = store.undecided_raws(FINISH_AT_ONCE)
            for kept in waiting:
                self._again(kept)
            finished += len(waiting)
            if not waiting:
                return finished

    def _again(self, kept: StoredRaw) -> Taken:
        """Decode a kept recording; one whose bytes were never handed over keeps its reason."""
        try:
            body = self.archive.get_raw(kept.sha256)
        except KeyError:
            return self._write(kept, Malformed(kept.reason))
        return self._decode(kept, as_raw(kept, body))

    def _decode(self, kept: StoredRaw, raw: Raw) -> Taken:
        return self._write(kept, _outcome(self.readers.begin(raw), raw))

    def _write(self, kept: StoredRaw, outcome: "Outcome") -> Taken:
        with self.archive.together() as shelf:
            names = _shelve(shelf, kept.sha256, outcome)
        renewal = self._renewal(kept, outcome, names)
        with self.database.writing() as store:
            store.alone_with(kept.athlete)
            return _renew(store, kept, renewal) if renewal else _settle(store, kept, outcome, names)

    def _renewal(self, kept: StoredRaw, outcome: "Outcome", names: Sequence[str | None]) -> "_Renewal | None":
        """Return what becomes of a known activity whose later state this is; None where it is not."""
        if not kept.lasting_id or isinstance(outcome, Malformed) or len(outcome.activities) != 1:
            return None
        (activity,) = outcome.activities
        with self.database.reading() as store:
            known = store.activity_of(kept.athlete, activity.ref)
            others = [] if known is None else [ref for ref in store.refs_of(known.id) if ref != activity.ref]
        if known is None:
            return None
        if activity.hidden_start:  # guessed once: a second guess would only move what was made of the first
            activity = replace(activity, started_at=known.activity.started_at)
        behind = Shelves(self.database, self.archive, self.readers).behind(kept.athlete, others, activity)
        whole = combined([recording(activity, names[0]), *behind])
        return _Renewal(known.id, replace(whole, activity=replace(whole.activity, ref=known.activity.ref)))

    def _begin(self, athlete: str, group: Sequence[Raw]) -> "list[_Begun]":
        names = [_name(raw) for raw in group]
        with self.database.reading() as store:
            here = store.known_raws(athlete, names)
        known = [_known(here[name]) if name in here else None for name in names]
        return [
            _Begun(raw, name, taken, None if taken else self.readers.begin(raw))
            for raw, name, taken in zip(group, names, known, strict=True)
        ]

    def _commit(self, athlete: str, group: "Sequence[_Begun]") -> list[tuple[str, Taken]]:
        outcomes = [_outcome(begun.reading, begun.raw) if begun.reading else None for begun in group]
        with self.archive.together() as shelf:
            names = [
                [] if outcome is None else _shelve(shelf, begun.name, outcome, begun.raw)
                for begun, outcome in zip(group, outcomes, strict=True)
            ]
        with self.database.writing() as store:
            return [
                (begun.raw.external_id, begun.known or _keep(store, athlete, begun, outcome, streams))
                for begun, outcome, streams in zip(group, outcomes, names, strict=True)
            ]


type Outcome = Decoded | Malformed


@dataclass(frozen=True, slots=True)
class _Renewal:
    """An activity as it is from now on."""

    activity_id: int
    state: Recording


@dataclass(frozen=True, slots=True)
class _Begun:
    """A recording on its way in: `known` where it has come before, else `reading`. `name` is what it is kept under."""

    raw: Raw
    name: str
    known: Taken | None
    reading: Reading | None


def _in_groups(raws: Iterable[Raw]) -> Iterator[list[Raw]]:
    """Yield the recordings in groups, none of more bytes than it may have (but for one recording by itself)."""
    group: list[Raw] = []
    for raw in raws:
        if len(group) == GROUP or sum(len(one.body) for one in [*group, raw]) > GROUP_BYTES:
            yield group
            group = []
        group.append(raw)
    if group:
        yield group


def _name(raw: Raw) -> str:
    """Return what a recording is known by: its bytes, or who withheld what and why."""
    told = f"{raw.source}/{raw.external_id}: {raw.withheld}".encode()
    return hashlib.sha256(told if raw.withheld else raw.body).hexdigest()


def _known(kept: StoredRaw) -> Taken | None:
    """Return what to say of a recording that came before; None for one still to be decoded."""
    if kept.fate in {Fate.MALFORMED, Fate.NOT_ACTIVITY}:
        return Taken(fate=kept.fate, reason=kept.reason)
    return None if kept.fate is None else Taken(fate=Fate.DUPLICATE, reason=HERE_ALREADY)


def _outcome(reading: Reading, raw: Raw) -> Outcome:
    try:
        decoded = reading.result()
    except BrokenReaderError as exc:
        log.exception("a recording (%s) broke its reader", raw.media_type)
        return exc
    except Malformed as exc:
        return exc
    return replace(decoded, activities=tuple(as_told(activity, raw) for activity in decoded.activities))


def _shelve(shelf: Shelf, name: str, outcome: Outcome, raw: Raw | None = None) -> list[str | None]:
    """Put a recording's bytes and streams on the shelf and return the names of the streams, None for none."""
    if raw is not None and not raw.withheld:
        shelf.put_raw(raw.body)
    if isinstance(outcome, Malformed):
        return []
    names = names_of_streams(name, outcome.activities)
    for streams_name, activity in zip(names, outcome.activities, strict=True):
        if streams_name is not None and activity.streams is not None:
            shelf.put_streams(streams_name, activity.streams)
    return names


def _keep(store: Store, athlete: str, begun: _Begun, outcome: Outcome | None, names: Sequence[str | None]) -> Taken:
    """Write a recording that came in bulk and what became of it."""
    if outcome is None:
        return Taken(fate=Fate.DUPLICATE, reason=HERE_ALREADY)
    store.alone_with(athlete)
    taken = _accounted(store, athlete, outcome, names, bulk=True, lasting=begun.raw.lasting_id)
    store.add_raw(athlete, begun.raw, begun.name, taken.fate, taken.reason)
    return taken


def _settle(store: Store, kept: StoredRaw, outcome: Outcome, names: Sequence[str | None]) -> Taken:
    """Write what became of a recording that is kept already, unless somebody else has done so meanwhile."""
    now = store.raw(kept.id)
    if now.fate != kept.fate:
        return _known(now) or Taken(fate=Fate.DUPLICATE, reason=HERE_ALREADY)
    taken = _accounted(store, kept.athlete, outcome, names, bulk=kept.bulk, lasting=kept.lasting_id)
    store.settle_raw(kept.id, taken.fate, taken.reason)
    return taken


def _renew(store: Store, kept: StoredRaw, renewal: _Renewal) -> Taken:
    """Write the later state of a known activity, and let go of the state before."""
    number, state = renewal.activity_id, renewal.state
    store.replace_activity(number, state.activity, state.streams_name, state.richness)
    near = store.activities_near(kept.athlete, state.activity.started_at, LONGEST_PART)
    _join_parts(store, number, state.activity, [other for other in near if other.id != number])
    for earlier in store.raws_named(kept.athlete, kept.source, kept.external_id):
        if earlier.id != kept.id:
            store.drop_raw(earlier.id)
    store.settle_raw(kept.id, Fate.DUPLICATE, RENEWED)
    return Taken(fate=Fate.DUPLICATE, reason=RENEWED, activities=(number,))


def _accounted(
    store: Store, athlete: str, outcome: Outcome, names: Sequence[str | None], *, bulk: bool, lasting: bool
) -> Taken:
    if isinstance(outcome, Malformed):
        return Taken(fate=Fate.MALFORMED, reason=str(outcome))
    if not outcome.activities:
        return Taken(fate=Fate.NOT_ACTIVITY, reason=outcome.skipped)
    found = zip(outcome.activities, names, strict=True)
    placed = [_place(store, athlete, activity, name, bulk=bulk, lasting=lasting) for activity, name in found]
    return _summed_up(placed, outcome.activities)


@dataclass(frozen=True, slots=True)
class _Placed:
    activity_id: int
    twin_of: str = ""


def _place(
    store: Store, athlete: str, activity: Activity, streams_name: str | None, *, bulk: bool, lasting: bool
) -> _Placed:
    """Write one activity, or join it to the same workout from elsewhere."""
    near = store.activities_near(athlete, activity.started_at, LONGEST_PART)
    twin = _twin(near, activity, lasting=lasting)
    if twin is None:
        number = store.add_activity(athlete, activity, streams_name, bulk=bulk)
        _join_parts(store, number, activity, near)
        return _Placed(number)
    here = Recording(activity=twin.activity, streams_name=twin.streams_name, richness=twin.richness)
    whole = combined([here, recording(activity, streams_name)])
    one = replace(whole.activity, ref=twin.activity.ref)
    if whole.richness > twin.richness or one != twin.activity:
        store.replace_activity(twin.id, one, whole.streams_name, whole.richness)
    store.add_ref(athlete, activity.ref, twin.id)
    return _Placed(twin.id, twin_of=twin.activity.ref.external_id)


def _twin(near: Iterable[StoredActivity], activity: Activity, *, lasting: bool) -> StoredActivity | None:
    """Return the same workout from elsewhere, the nearest in time where several may be; None where there is none.

    `lasting`: it comes from a platform, whose own list tells two of its activities apart by the hour.
    """
    nearest_first = sorted(near, key=lambda other: abs(other.activity.started_at - activity.started_at))
    for other in nearest_first:
        one_clock = lasting and other.activity.ref.source == activity.ref.source
        if same_workout(other.activity, activity, one_clock=one_clock):
            return other
    return None


def _join_parts(store: Store, number: int, activity: Activity, near: Iterable[StoredActivity]) -> None:
    parts = chain([(number, activity), *((other.id, other.activity) for other in near)], number)
    if len(parts) > 1:
        store.join_workout(parts)


def _summed_up(placed: list[_Placed], found: tuple[Activity, ...]) -> Taken:
    numbers = tuple(dict.fromkeys(place.activity_id for place in placed))
    twins = [place.twin_of for place in placed if place.twin_of]
    if len(twins) == len(placed):
        return Taken(fate=Fate.DUPLICATE, reason=f"the same workout as {twins[0]}", activities=numbers)
    others = sorted({activity.sport for activity in found if not activity.is_run})
    reasons = [f"other sport ({', '.join(others)}): kept as history, no routine"] if others else []
    notes = dict.fromkeys(note for activity in found for note in activity.notes)
    return Taken(
        fate=Fate.IMPORTED,
        reason="; ".join([*reasons, *notes]),
        activities=numbers,
        begun_at=min(activity.started_at for activity in found),
    )
