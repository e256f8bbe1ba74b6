"""The list of activities as Garmin writes it: the same behind both of its doors."""

from typing import Any

from integrations._samples.sports import named
from integrations._taken import Entry, line, moment
from service.domain.activity import RUNNING

# What may hold a run, beside runs.
PERHAPS_RUNS = frozenset({"", "multi_sport", "other", "uncategorized"})


def entry(said: dict[str, Any]) -> Entry | None:
    """Return an activity as it is listed; None for one that holds no run, no recording or no date."""
    kind = said.get("activityType")
    word = str(kind.get("typeKey", "")) if isinstance(kind, dict) else ""
    sport, _ = named(word)
    begun = moment(said.get("startTimeLocal")) or moment(said.get("startTimeGMT"))
    if "activityId" not in said or begun is None or said.get("manualActivity") is True:
        return None
    if sport != RUNNING and word not in PERHAPS_RUNS:
        return None
    title = line(said.get("activityName"))
    return Entry(id=str(said["activityId"]), begun=begun, title=title, sport=sport if sport == RUNNING else "")
