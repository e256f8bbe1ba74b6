"""What athletes own, chose and bring, and who may come in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol


class Stage(StrEnum):
    """How far an import from the pages has come."""

    SENDING = "sending"
    READING = "reading"
    JUDGING = "judging"
    DONE = "done"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bringing:
    """An import from the pages. `name` is what was sent ("export.zip"), `total` how many recordings it holds.

    `fates` counts what became of those taken so far, `judged` the runs judged since; `troubles` are recordings that
    could not be read with the reason, the first ones of many. `trouble` is why the whole of it broke off.
    """

    id: int
    athlete: str
    name: str
    stage: Stage
    begun_at: datetime
    changed_at: datetime
    total: int = 0
    fates: Mapping[str, int] = field(default_factory=dict)
    judged: int = 0
    to_judge: int = 0
    troubles: tuple[tuple[str, str], ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What an athlete chose for a setting, in the form the settings file would have it, and when."""

    value: Any
    at: datetime


class PassKind(StrEnum):
    """What lets someone in: a link that signs one browser in, that browser from then on, or a program's token."""

    INVITATION = "invitation"
    BROWSER = "browser"
    TOKEN = "token"  # noqa: S105 - a kind, no secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One of an athlete's passes. `name` is what its owner knows it by; `expires_at` is None where it lasts."""

    id: int
    kind: PassKind
    athlete: str
    name: str
    made_at: datetime
    expires_at: datetime | None


class OwnerQuestions(Protocol):
    """About everything an athlete owns."""

    def athletes_known(self) -> Sequence[str]:
        """Return every athlete who has recordings, runs or sessions here."""

    def everything_of(self, athlete: str) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """Return every row that is the athlete's, by table, as plain values; tokens and keys are left out."""

    def count_of(self, athlete: str) -> Mapping[str, int]:
        """Return how many rows are the athlete's, by table."""

    def drop_athlete(self, athlete: str) -> None:
        """Forget everything that is the athlete's, and remember which bytes are to be taken off the disk."""


class BringingQuestions(Protocol):
    """About imports from the pages."""

    def add_bringing(self, athlete: str, name: str, at: datetime) -> Bringing:
        """Write an import that begins."""

    def bringing(self, number: int) -> Bringing:
        """Return one import; raise KeyError where there is none."""

    def set_bringing(self, bringing: Bringing) -> None:
        """Write how far an import has come."""

    def bringings(self, athlete: str, limit: int) -> Sequence[Bringing]:
        """Return an athlete's imports, the newest first."""


class PreferenceQuestions(Protocol):
    """About what runners chose."""

    def preferences(self) -> Mapping[str, Mapping[str, Choice]]:
        """Return what each athlete chose over the settings file, by athlete and name."""

    def choose(self, athlete: str, name: str, choice: Choice) -> None:
        """Write a choice in the place of the last one."""

    def take_back(self, athlete: str, name: str) -> None:
        """Forget a choice, so that the settings file holds again."""


class PassQuestions(Protocol):
    """About who may come in."""

    def add_pass(
        self, kind: PassKind, digest: str, *, athlete: str, name: str, made_at: datetime, expires_at: datetime | None
    ) -> None:
        """Write a pass; those that have run out by now are forgotten."""

    def pass_of(self, kind: PassKind, digest: str, now: datetime) -> Pass | None:
        """Return the pass of this digest that still holds, None where there is none."""

    def use_up_pass(self, kind: PassKind, digest: str, now: datetime) -> Pass | None:
        """Take a pass that still holds away and return it: of two that try, one gets it."""

    def shorten_pass(self, pass_id: int, until: datetime) -> bool:
        """Let a pass run out at a moment; return False where it does so before, or is gone."""

    def passes(self, athlete: str, kind: PassKind, now: datetime) -> Sequence[Pass]:
        """Return an athlete's passes that still hold, the oldest first."""

    def revoke_pass(self, athlete: str, pass_id: int) -> bool:
        """Take one of an athlete's passes away; return False where it is not theirs."""
