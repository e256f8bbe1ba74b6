"""Recordings, the activities they held, and the verdicts on them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from service.domain.activity import Activity, Ref, Richness
from service.domain.classification import Classification, PastRun, RunType
from service.domain.feelings import RunFelt
from service.ports.sources import Raw


class Fate(StrEnum):
    """What became of a recording."""

    IMPORTED = "imported"
    DUPLICATE = "duplicate"
    NOT_ACTIVITY = "not_activity"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRaw:
    """A recording's row. `bulk` is True where it came with many others and nobody is to be told of it."""

    id: int
    athlete: str
    source: str
    external_id: str
    media_type: str
    sha256: str
    received_at: datetime
    bulk: bool
    fate: Fate | None = None
    reason: str = ""
    title: str = ""
    sport: str = ""
    lasting_id: bool = False
    expires_at: datetime | None = None
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredActivity:
    """An activity's row; its streams lie in the archive under `streams_name` (None: it has none).

    `richness` rates the recording, streams included. `part_of` is the first part of the workout it was recorded in
    after that, None for a first or only part.
    """

    id: int
    athlete: str
    activity: Activity
    streams_name: str | None
    richness: Richness
    bulk: bool
    part_of: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedRun:
    """A run with what it is held to be. `id` is its first part's, `corrected` tells whether the runner said so."""

    id: int
    activity: Activity
    run_type: RunType
    confidence: float
    corrected: bool = False
    felt: RunFelt | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOfRuns:
    """A run, the verdict on it, and how it felt where the runner said so."""

    activity: Activity
    run_type: RunType
    felt: RunFelt | None = None


class RecordingQuestions(Protocol):
    """About recordings: bytes as they came, and what became of them."""

    def keep_raw(self, athlete: str, raw: Raw, sha256: str, *, bulk: bool) -> StoredRaw:
        """Return the row of these bytes for this athlete, made now or long ago.

        Under a lasting name another title or sport makes a known recording one to be decoded again.
        """

    def known_raws(self, athlete: str, names: Collection[str]) -> Mapping[str, StoredRaw]:
        """Return the rows of these bytes for this athlete, by sha256; those that are new are left out."""

    def add_raw(self, athlete: str, raw: Raw, sha256: str, fate: Fate, reason: str) -> None:
        """Write a recording of an archive with what became of it; one that is here already stays as it is."""

    def undecided_raws(self, limit: int, before: datetime | None = None) -> Sequence[StoredRaw]:
        """Return recordings kept (before a moment) but not yet decoded, oldest first: what a crash left behind."""

    def raw(self, raw_id: int) -> StoredRaw:
        """Return one recording's row; raise KeyError where there is none."""

    def quarantined_raws(self, athlete: str) -> Sequence[StoredRaw]:
        """Return the athlete's recordings that could not be read, oldest first."""

    def settle_raw(self, raw_id: int, fate: Fate, reason: str) -> None:
        """Say what became of a recording."""

    def raws_named(self, athlete: str, source: str, external_id: str) -> Sequence[StoredRaw]:
        """Return the recordings a source gave under a name, oldest first: a file's name may have held several runs."""

    def raws_of(self, athlete: str, source: str | None = None) -> Sequence[StoredRaw]:
        """Return all recordings a source (None: any) gave of an athlete, oldest first."""

    def expired_raws(self, now: datetime, limit: int) -> Sequence[StoredRaw]:
        """Return recordings whose source lets them be kept no longer, the longest overdue first."""

    def drop_raw(self, raw_id: int) -> None:
        """Forget a recording, and remember that its bytes are to be taken off the disk."""

    def discards(self, limit: int) -> Sequence[str]:
        """Return the sha256 of bytes that are to be taken off the disk; what has come anew meanwhile is left out."""

    def discarded(self, sha256: str) -> None:
        """Say that bytes are off the disk."""

    def undecided_count(self) -> int:
        """Return how many recordings are kept but not yet decoded."""

    def count_raws(self) -> Mapping[Fate, int]:
        """Return how many recordings met each fate."""

    def quarantine_reasons(self) -> Mapping[str, int]:
        """Return how many recordings could not be read for each reason, the most common first."""


class ActivityQuestions(Protocol):
    """About activities, and the workouts they are parts of."""

    def activity(self, activity_id: int) -> StoredActivity:
        """Return one activity; raise KeyError where there is none."""

    def activity_of(self, athlete: str, ref: Ref) -> StoredActivity | None:
        """Return the activity a source's identifier stands for."""

    def activities_near(self, athlete: str, moment: datetime, reach: timedelta) -> Sequence[StoredActivity]:
        """Return the athlete's activities that started within `reach` of `moment`."""

    def add_activity(self, athlete: str, activity: Activity, streams_name: str | None, *, bulk: bool) -> int:
        """Write an activity with its ref and return its number."""

    def replace_activity(
        self, activity_id: int, activity: Activity, streams_name: str | None, richness: Richness
    ) -> None:
        """Write a richer or later recording over an activity and forget the verdict on the one before."""

    def drop_activity(self, activity_id: int) -> None:
        """Forget an activity, the verdict on it and its refs; sessions stay, and so do other parts of its workout."""

    def workout(self, activity_id: int) -> Sequence[StoredActivity]:
        """Return the recordings of the workout an activity belongs to, in the order they were run."""

    def workouts(self, first_parts: Collection[int]) -> Mapping[int, Sequence[StoredActivity]]:
        """Return the recordings of each workout, by the number of its first part, in the order they were run."""

    def join_workout(self, in_order: Sequence[int]) -> None:
        """Remember that these activities are parts of one workout, and forget the verdicts on them."""

    def add_ref(self, athlete: str, ref: Ref, activity_id: int) -> None:
        """Remember that a source's identifier stands for this activity from now on."""

    def newest_run(self, athlete: str) -> StoredActivity | None:
        """Return the athlete's run that was begun last (its first part), None where there is none."""

    def refs_of(self, activity_id: int) -> Sequence[Ref]:
        """Return the identifiers that stand for an activity."""

    def refs_named(self, athlete: str, source: str, external_id: str) -> Sequence[tuple[Ref, int]]:
        """Return the identifiers a recording's name begins, each with the number of the activity it stands for."""

    def drop_ref(self, athlete: str, ref: Ref) -> None:
        """Forget a source's identifier."""

    def ends_of_runs(self, athlete: str, since: datetime) -> Sequence[datetime]:
        """Return when the runs begun since a moment ended, oldest first."""

    def newest_start(self, athlete: str, source: str) -> datetime | None:
        """Return when the newest activity of a source started."""


class VerdictQuestions(Protocol):
    """About what runs are held to be."""

    def unclassified(self, ruleset: str, athlete: str | None = None) -> Mapping[str, Sequence[int]]:
        """Return by athlete (or for one) the first parts of runs without a verdict under `ruleset`, oldest first."""

    def forget_verdicts(self, athlete: str, since: datetime, *, lasting: bool = False) -> None:
        """Forget the verdicts on the athlete's runs begun since a moment: what came before them has changed.

        With `lasting`, only on runs that may be kept for good.
        """

    def history(self, athlete: str, since: datetime | None = None) -> Sequence[PastRun]:
        """Return what is remembered of the athlete's runs, oldest first.

        With `since`, of those begun since that moment, and of older ones that the runner corrected.
        """

    def add_classification(self, activity_id: int, verdict: Classification, made_at: datetime) -> None:
        """Write a verdict; one under the same ruleset is replaced."""

    def classification(self, activity_id: int) -> Classification | None:
        """Return the newest verdict on an activity, or on the workout it is a part of."""

    def runs_of(self, athlete: str) -> Sequence[int]:
        """Return the numbers of all the athlete's runs (the first part where there are several), oldest first."""

    def correct(self, activity_id: int, run_type: RunType, at: datetime) -> None:
        """Write down what the runner says a run (all its parts) was, and forget the verdicts on it."""

    def correction(self, activity_id: int) -> RunType | None:
        """Return what the runner said a run, or the workout it is a part of, was."""

    def corrections(self, first_parts: Collection[int]) -> Mapping[int, RunType]:
        """Return what the runner said workouts were, by the number of their first part; most are left out."""

    def runs_between(self, athlete: str, since: datetime, until: datetime) -> Sequence[DayOfRuns]:
        """Return the runs begun in a span of time with their verdicts, oldest first."""

    def judged_runs(self, athlete: str, since: datetime, until: datetime) -> Sequence[JudgedRun]:
        """Return the runs begun in a span of time with what they are held to be, the newest first."""
