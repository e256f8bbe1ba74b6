"""Taking recordings in.

    raw bytes kept -> decode -> same workout? -> activity (new, merged) or the reason why not

Each arrow ends in a commit. What a crash leaves between two of them is found again by `finish`.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from service.domain.activity import SAME_START_S, ZONE_REACH_S, Activity, merge, richness, same_workout
from service.ports import Archive, Database, Decoder, Fate, Malformed, Raw, Store, StoredActivity, StoredRaw

NEAR = timedelta(seconds=ZONE_REACH_S + SAME_START_S)
FINISH_AT_ONCE = 100
BROKEN_READER = "its reader failed in a way it should not: please report this file's kind; the file is kept"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a recording, and why. `activities` are the activities it stands for now."""

    fate: Fate
    reason: str = ""
    activities: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Ingest:
    """Takes recordings in. `decoders` are by media type."""

    database: Database
    archive: Archive
    decoders: Mapping[str, Decoder]

    def take(self, athlete: str, raw: Raw, *, bulk: bool = False) -> Taken:
        """Keep a recording and say what became of it; nothing is lost once this returns.

        `bulk` marks recordings nobody is to be told of, such as an archive of old ones.
        """
        sha256 = self.archive.put_raw(raw.body)
        with self.database.writing() as store:
            kept = store.keep_raw(athlete, raw, sha256, bulk=bulk)
        if kept.fate is Fate.MALFORMED:
            return Taken(fate=kept.fate, reason=kept.reason)
        if kept.fate is Fate.NOT_ACTIVITY:
            return Taken(fate=kept.fate, reason=kept.reason)
        if kept.fate is not None:
            return Taken(fate=Fate.DUPLICATE, reason="this very file is here already")
        return self._decode(kept, raw)

    def finish(self) -> int:
        """Decode what a crash left undecoded and return how many recordings that were."""
        finished = 0
        while True:
            with self.database.reading() as store:
                waiting = store.undecided_raws(FINISH_AT_ONCE)
            for kept in waiting:
                self._decode(kept, self._raw_again(kept))
            finished += len(waiting)
            if not waiting:
                return finished

    def _raw_again(self, kept: StoredRaw) -> Raw:
        return Raw(
            source=kept.source,
            external_id=kept.external_id,
            media_type=kept.media_type,
            body=self.archive.get_raw(kept.sha256),
            received_at=kept.received_at,
        )

    def _decode(self, kept: StoredRaw, raw: Raw) -> Taken:
        if raw.withheld:
            return self._settle(kept, Taken(fate=Fate.MALFORMED, reason=raw.withheld))
        decoder = self.decoders.get(raw.media_type)
        if decoder is None:
            return self._settle(kept, Taken(fate=Fate.MALFORMED, reason=f"no reader for {raw.media_type} files"))
        try:
            decoded = decoder.decode(raw)
        except Malformed as exc:
            return self._settle(kept, Taken(fate=Fate.MALFORMED, reason=str(exc)))
        except Exception:  # a reader that breaks its promise parks one file; it does not stop the others
            log.exception("recording %d broke its reader", kept.id)
            return self._settle(kept, Taken(fate=Fate.MALFORMED, reason=BROKEN_READER))
        if not decoded.activities:
            return self._settle(kept, Taken(fate=Fate.NOT_ACTIVITY, reason=decoded.skipped))
        return self._keep_activities(kept, decoded.activities)

    def _settle(self, kept: StoredRaw, taken: Taken) -> Taken:
        with self.database.writing() as store:
            store.settle_raw(kept.id, taken.fate, taken.reason)
        return taken

    def _keep_activities(self, kept: StoredRaw, found: tuple[Activity, ...]) -> Taken:
        names = [self._put_streams(kept, number, activity) for number, activity in enumerate(found)]
        with self.database.writing() as store:
            placed = [_place(store, kept, activity, name) for activity, name in zip(found, names, strict=True)]
            taken = _summed_up(placed, found)
            store.settle_raw(kept.id, taken.fate, taken.reason)
        return taken

    def _put_streams(self, kept: StoredRaw, number: int, activity: Activity) -> str | None:
        if activity.streams is None:
            return None
        name = f"{kept.sha256}-{number}"
        self.archive.put_streams(name, activity.streams)
        return name


@dataclass(frozen=True, slots=True)
class _Placed:
    activity_id: int
    twin_of: str = ""


def _place(store: Store, kept: StoredRaw, activity: Activity, streams_name: str | None) -> _Placed:
    """Write one activity, or join it to the same workout from elsewhere."""
    twin = _twin(store, kept.athlete, activity)
    if twin is None:
        return _Placed(store.add_activity(kept.athlete, activity, streams_name, bulk=kept.bulk))
    if richness(activity) > twin.richness:
        store.replace_activity(twin.id, replace(merge(activity, twin.activity), ref=twin.activity.ref), streams_name)
    store.add_ref(kept.athlete, activity.ref, twin.id)
    return _Placed(twin.id, twin_of=twin.activity.ref.external_id)


def _twin(store: Store, athlete: str, activity: Activity) -> StoredActivity | None:
    near = store.activities_near(athlete, activity.started_at, NEAR)
    return next((other for other in near if same_workout(other.activity, activity)), None)


def _summed_up(placed: list[_Placed], found: tuple[Activity, ...]) -> Taken:
    numbers = tuple(dict.fromkeys(place.activity_id for place in placed))
    twins = [place.twin_of for place in placed if place.twin_of]
    if len(twins) == len(placed):
        return Taken(fate=Fate.DUPLICATE, reason=f"the same workout as {twins[0]}", activities=numbers)
    others = sorted({activity.sport for activity in found if not activity.is_run})
    reasons = [f"other sport ({', '.join(others)}): kept as history, no routine"] if others else []
    notes = dict.fromkeys(note for activity in found for note in activity.notes)
    return Taken(fate=Fate.IMPORTED, reason="; ".join([*reasons, *notes]), activities=numbers)
