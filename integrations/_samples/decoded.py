"""What a decoder hands on of the activities it found in one body."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from service.domain.activity import Activity

# Zones apart, a recording cannot end after it was received.
_AHEAD = timedelta(days=1)
CLOCK_AHEAD = "The watch's clock was ahead: the date lies after the day the file arrived."


def numbered(found: Iterable[Activity], received_at: datetime) -> Iterator[Activity]:
    """Yield activities with names of their own: "#2", "#3", ... behind the body's; say where a clock was ahead."""
    for place, activity in enumerate(found, start=1):
        suffix = "" if place == 1 else f"#{place}"
        ref = replace(activity.ref, external_id=activity.ref.external_id + suffix)
        ahead = (CLOCK_AHEAD,) if activity.ended_at > received_at + _AHEAD else ()
        yield replace(activity, ref=ref, notes=activity.notes + ahead)
