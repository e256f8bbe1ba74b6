"""How sources and channels are doing, and what platforms told."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from service.ports.platforms import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a source or channel is doing.

    `todo` is what a human has to do, empty where none is needed; `notice` is what one had better do soon, while all is
    still well. `next_try` is our own back-off; `held_until` is the platform's word, which even an impatient person may
    not break.
    """

    cursor: str | None = None
    last_success: datetime | None = None
    failures: int = 0
    next_try: datetime | None = None
    held_until: datetime | None = None
    trouble: str = ""
    todo: str = ""
    notice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """How much of one allowance of a platform is used in the window that ends at `until`, and what we use at most."""

    name: str
    used: int
    usable: int
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeTold:
    """What the runner was told of a system last, empty for nothing; `key` names the message about a trouble."""

    text: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """An event's row, of the athlete whose source it is about."""

    id: int
    athlete: str
    event: Event


class SystemQuestions(Protocol):
    """About sources and channels."""

    def standing(self, athlete: str, system: str) -> Standing:
        """Return how a system, named as in the settings ("sources.folder"), is doing; a fresh standing at first."""

    def standings(self) -> Sequence[tuple[str, str, Standing]]:
        """Return how every system was doing that was ever used, by athlete and name."""

    def set_standing(self, athlete: str, system: str, standing: Standing) -> None:
        """Write how a system is doing."""

    def waiting_systems(self, now: datetime, *, impatient: bool) -> Collection[tuple[str, str]]:
        """Return the systems, by athlete and name, whose next try is later than now (`impatient`: by a platform)."""

    def held_systems(self, now: datetime) -> Collection[tuple[str, str]]:
        """Return the systems, by athlete and name, that are in trouble until later than now or held by a platform."""

    def athletes_of_note(self) -> Collection[str]:
        """Return the athletes with a system that is in trouble or needs a human, or of which they were told so."""

    def notices_told(self, athlete: str) -> Mapping[str, NoticeTold]:
        """Return what an athlete was told of their systems last; those with nothing told are left out."""

    def set_notice_told(self, athlete: str, system: str, told: NoticeTold) -> None:
        """Write down what an athlete was told of a system."""

    def call_off(self, athlete: str, key: str, at: datetime) -> bool:
        """Settle what still waits of a message as outdated; return whether any channel brought it, or may have."""

    def forget_back_off(self) -> None:
        """Have every system in trouble tried again at once, but for those that a platform told to wait."""

    def usage(self, athlete: str, platform: str, now: datetime) -> Sequence[Usage]:
        """Return how much of a platform's allowances is used in the accounts an athlete is asked for through."""


class EventQuestions(Protocol):
    """About what platforms told by themselves."""

    def add_event(self, athlete: str, event: Event, at: datetime) -> None:
        """Write down what a platform told; told again it is the same event, to be looked into once more."""

    def open_events(self, athlete: str, source: str) -> Sequence[StoredEvent]:
        """Return what was told of an athlete's source and not yet looked into, oldest first."""

    def sources_with_news(self) -> Sequence[tuple[str, str]]:
        """Return the sources, by athlete and name, with events not yet looked into, in the order they were told of."""

    def settle_events(self, event_ids: Collection[int], at: datetime) -> None:
        """Say that events were looked into."""

    def drop_events(self, before: datetime) -> None:
        """Forget events that were looked into before a moment."""
