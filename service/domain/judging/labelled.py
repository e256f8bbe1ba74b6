"""A run with the word of the person who ran it: what rules are measured against."""

from dataclasses import dataclass

from service.domain.activity import Activity
from service.domain.verdict import RunType


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledRun:
    """A run of a data set. `label` is None where nobody said, or where the word (a race) is none of the four types.

    `certain` tells the labels people were sure of.
    """

    run_id: str
    athlete: str
    activity: Activity
    label: RunType | None = None
    certain: bool = False
