"""The recordings that stand behind an activity, read again: what remains of it when one of them changes or goes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from service.domain.activity import Activity, Ref, Richness, merge, richness, same_workout
from service.ports import Archive, Database, Malformed, Raw, Readers, StoredRaw


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One recording of an activity; its streams lie in the archive under `streams_name` (None: it has none)."""

    activity: Activity
    streams_name: str | None
    richness: Richness


def recording(activity: Activity, streams_name: str | None) -> Recording:
    """Return an activity, its streams still in it, as a recording."""
    return Recording(activity=activity, streams_name=streams_name, richness=richness(activity))


def combined(recordings: Sequence[Recording]) -> Recording:
    """Return several recordings of one workout as one: the richest, completed by the others."""
    ranked = sorted(recordings, key=lambda one: one.richness, reverse=True)
    whole = reduce(merge, (one.activity for one in ranked))
    return replace(ranked[0], activity=whole)


def names_of_streams(name: str, found: Iterable[Activity]) -> list[str | None]:
    """Return under which names the streams of the activities in one body are kept, None for one without."""
    return [None if one.streams is None else f"{name}-{number}" for number, one in enumerate(found)]


def as_raw(kept: StoredRaw, body: bytes) -> Raw:
    """Return a kept recording as its source gave it."""
    return Raw(
        source=kept.source,
        external_id=kept.external_id,
        media_type=kept.media_type,
        body=body,
        received_at=kept.received_at,
        title=kept.title,
        sport=kept.sport,
        lasting_id=kept.lasting_id,
        expires_at=kept.expires_at,
        link=kept.link,
    )


def as_told(activity: Activity, raw: Raw) -> Activity:
    """Return the activity as the source tells of it beside its bytes, where the runner may have mended it."""
    other = bool(raw.sport) and raw.sport != activity.sport
    return replace(
        activity,
        title=raw.title or activity.title,
        sport=raw.sport or activity.sport,
        sub_sport="" if other else activity.sub_sport,
        expires_at=raw.expires_at or activity.expires_at,
        link=raw.link or activity.link,
    )


@dataclass(frozen=True, slots=True)
class Shelves:
    """Reads kept recordings again."""

    database: Database
    archive: Archive
    readers: Readers

    def behind(self, athlete: str, refs: Iterable[Ref], about: Activity) -> list[Recording]:
        """Return the recordings these refs stand for, as far as they can be read and are of the same workout."""
        with self.database.reading() as store:
            kept = [
                (ref, raw)
                for ref in refs
                for raw in store.raws_named(athlete, ref.source, recorded_as(ref.external_id))
            ]
        return [one for ref, raw in kept for one in self._read(raw, ref) if same_workout(one.activity, about)]

    def _read(self, kept: StoredRaw, ref: Ref) -> Iterator[Recording]:
        try:
            raw = as_raw(kept, self.archive.get_raw(kept.sha256))
            found = self.readers.begin(raw).result().activities
        except (KeyError, Malformed):
            return
        for activity, name in zip(found, names_of_streams(kept.sha256, found), strict=True):
            if activity.ref == ref:
                yield recording(as_told(activity, raw), name)


def recorded_as(external_id: str) -> str:
    """Return the name of the recording an activity was found in: "run.fit" for "run.fit#2", its second one."""
    name, mark, number = external_id.rpartition("#")
    return name if mark and number.isdecimal() else external_id
