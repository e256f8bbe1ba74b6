"""Whose runs a platform speaks of, known without opening every athlete's tokens for each event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from service.ports import Clock, Informed, Source

# How often to look who is who: where somebody is spoken of whom nobody knows, by a worker, and anyway.
STRANGER, AHEAD, ANYWAY = timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=10)


@dataclass(slots=True)
class Owners:
    """Remembers the athletes by the platform's name of them. `sources` are by athlete and name."""

    sources: Mapping[tuple[str, str], Source]
    clock: Clock
    _known: Mapping[tuple[str, str], Sequence[str]] = field(default_factory=dict)
    _looked_at: datetime | None = None
    _lock: Lock = field(default_factory=Lock)

    def of(self, source: str, owner: str) -> Sequence[str]:
        """Return the athletes whose account there this is, or was minutes ago: an event is a hint and no more.

        One who connected a moment ago may be missing; their source is asked by itself all the same.
        """
        if self._looked_at is not None:
            self._look_after(ANYWAY, wait=False)
        if (source, owner) not in self._known:
            self._look_after(STRANGER)
        return self._known.get((source, owner), ())

    def keep_up(self) -> None:
        """Look before anybody has to wait for it."""
        self._look_after(AHEAD)

    def _look_after(self, span: timedelta, *, wait: bool = True) -> None:
        """Look where that was longer ago; `wait` for whoever is just looking, to know what they find."""
        if not self._lock.acquire(blocking=wait):
            return
        try:
            now = self.clock.now()
            if self._looked_at is None or not timedelta() <= now - self._looked_at < span:
                self._known, self._looked_at = self._look(), now
        finally:
            self._lock.release()

    def _look(self) -> Mapping[tuple[str, str], Sequence[str]]:
        known: dict[tuple[str, str], list[str]] = {}
        for (athlete, name), source in self.sources.items():
            if owner := _owner(source):
                known.setdefault((name, owner), []).append(athlete)
        return known


def _owner(source: Source) -> str | None:
    return source.owner if isinstance(source, Informed) else None
