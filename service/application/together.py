"""One wait for the disk for all who come meanwhile.

    add -> (another is writing: wait) -> write everything that has come by now, in one transaction

Whoever comes while the disk is being waited for is written with all others who did, by the first of them to have its
turn. So a burst costs a few transactions, and nobody waits for more than two.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock


@dataclass(slots=True)
class _Waiting[T]:
    what: T
    written: bool = False
    error: Exception | None = None


@dataclass(slots=True)
class Together[T]:
    """Writes what several threads bring at about the same time with one call of `write`."""

    write: Callable[[Sequence[T]], None]
    _waiting: list[_Waiting[T]] = field(default_factory=list)
    _list: Lock = field(default_factory=Lock)
    _turn: Lock = field(default_factory=Lock)

    def add(self, what: T) -> None:
        """Return once this is written; raise what kept all that were to be written with it from being so."""
        mine = _Waiting(what)
        with self._list:
            self._waiting.append(mine)
        with self._turn:
            if not mine.written and mine.error is None:
                self._write_all()
        if mine.error is not None:
            raise mine.error

    def _write_all(self) -> None:
        with self._list:
            group, self._waiting = self._waiting, []
        try:
            self.write([one.what for one in group])
        except Exception as exc:  # noqa: BLE001 - whatever it is, each of them is to hear of it
            for one in group:
                one.error = exc
        else:
            for one in group:
                one.written = True
