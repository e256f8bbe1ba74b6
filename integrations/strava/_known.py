"""What is known of a runner's list of runs at Strava: the cursor.

    {"v": 1, "runs": {"123456": ["a1b2c3d4e5", 1780000000, 1780003000], ...}}

For each run a mark that changes when it is edited, when it began, and, while Strava has no samples of it yet, when it
was first looked at. Whatever is older than the list reaches is dropped.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from integrations.strava._documents import mark

FORM = 1
# `after` goes by the start of a run, so one that is uploaded late falls behind it: the list reaches back so far.
OVERLAP = timedelta(days=7)
# And no further than this, at the first look or after a long pause: what is older belongs to files.
LONGEST_REACH = timedelta(days=30)
# When to look for samples that were not there at first.
LOOK_AGAIN = (timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=45))


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run as it was seen last. `late_since`: its samples have been missing since then; None where they are here."""

    mark: str
    begun_at: datetime
    late_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """The runs that are known, by Strava's number."""

    runs: Mapping[str, Run]

    @classmethod
    def read(cls, cursor: str | None) -> Self:
        """Return what a cursor says; nothing where it has another form, for a repeat is better than a loss."""
        try:
            told = json.loads(cursor or "{}")
            if told.get("v") != FORM:
                return cls({})
            return cls({str(name): _run(*kept) for name, kept in told["runs"].items()})
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
            return cls({})

    def written(self) -> str:
        """Return the cursor."""
        runs = {
            name: [run.mark, _seconds(run.begun_at), *([_seconds(run.late_since)] if run.late_since else [])]
            for name, run in self.runs.items()
        }
        return json.dumps({"v": FORM, "runs": runs}, separators=(",", ":"))

    def reaches(self, now: datetime) -> datetime:
        """Return from when on runs are to be listed at the moment `now`."""
        newest = max((run.begun_at for run in self.runs.values()), default=now - LONGEST_REACH)
        return max(min(newest, now) - OVERLAP, now - LONGEST_REACH)

    def since(self, moment: datetime) -> "Known":
        """Return only the runs begun since a moment."""
        return Known({name: run for name, run in self.runs.items() if run.begun_at >= moment})

    def seen(self, activity: Mapping[str, Any], told: str, *, late_since: datetime | None) -> "Known":
        """Return the same with a run as it is now, by the mark it was listed with."""
        run = Run(mark=told, begun_at=begun(activity), late_since=late_since)
        return Known({**self.runs, str(activity["id"]): run})

    def without(self, name: str) -> "Known":
        """Return the same without a run."""
        return Known({other: run for other, run in self.runs.items() if other != name})

    def given_up(self, name: str, told: str, now: datetime) -> "Known":
        """Return the same with a run that Strava will not hand over as it is now."""
        return Known({**self.runs, name: Run(mark=told, begun_at=now)})

    def changed(self, listed: Iterable[Mapping[str, Any]]) -> list[str]:
        """Return the listed runs that are new or edited, the latest first: its legs are still warm."""
        latest_first = sorted(listed, key=begun, reverse=True)
        return list(dict.fromkeys(str(one["id"]) for one in latest_first if self._differs(one)))

    def _differs(self, one: Mapping[str, Any]) -> bool:
        known = self.runs.get(str(one["id"]))
        return known is None or known.mark != mark(one)


def looks_due(late_since: datetime, looked_at: datetime, now: datetime) -> bool:
    """Return whether a moment to look again lies between the last look and now."""
    return any(looked_at < late_since + after <= now for after in LOOK_AGAIN)


def next_look(late_since: datetime, looked_at: datetime) -> datetime | None:
    """Return when to look again, None where it was looked often enough."""
    return next((late_since + after for after in LOOK_AGAIN if late_since + after > looked_at), None)


def begun(activity: Mapping[str, Any]) -> datetime:
    """Return when an activity of Strava's began; raise ValueError, KeyError or TypeError where it does not say."""
    moment = datetime.fromisoformat(activity["start_date"])
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _run(told: str, begun_at: float, late_since: float | None = None) -> Run:
    late = None if late_since is None else datetime.fromtimestamp(late_since, UTC)
    return Run(mark=str(told), begun_at=datetime.fromtimestamp(begun_at, UTC), late_since=late)


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
