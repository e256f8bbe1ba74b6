"""The pulse of a serving process: felt for as long as nothing in it stands still, and passed on to systemd.

Silent for long enough, the service is started anew: a hang is mended like a crash.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from service.engine.manager import Manager

log = logging.getLogger(__name__)

# How often whatever must not stand still gives a beat, and how long it may be late on a machine that is very busy.
BEAT_S = 10.0
LATE_S = 60.0


def nothing() -> Sequence[str]:
    """Return that nothing is stuck."""
    return ()


class Pulse:
    """Feels whether anything is stuck, several times in the silence the manager bears."""

    def __init__(
        self,
        manager: Manager,
        stuck: Callable[[], Sequence[str]] = nothing,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._manager = manager
        self._stuck = stuck
        self._now = now
        self._beats: dict[str, float] = {}
        self._ended = threading.Event()
        self._said: Sequence[str] = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, at: TracebackType | None) -> None:
        self._ended.set()
        self._manager.stopping()

    def begin(self) -> None:
        """Say that the service does its work from now on, and then again and again that nothing is stuck."""
        self._manager.ready()
        if self._manager.watchdog is not None:
            every = self._manager.watchdog.total_seconds() / 3
            threading.Thread(target=self._feel_on, args=(every,), name="pulse", daemon=True).start()

    def beat(self, name: str) -> None:
        """Say that something goes on; from its first beat on it must."""
        self._beats[name] = self._now()

    def feel(self) -> None:
        """Tell the manager where all is well, and the log, once, where it is not."""
        late = [name for name, at in self._beats.items() if self._now() - at > LATE_S]
        standing_still = [*self._stuck(), *late]
        if not standing_still:
            self._manager.alive()
        elif standing_still != self._said:
            log.error("stuck: %s; the service is started anew if that stays so", ", ".join(standing_still))
        self._said = standing_still

    def _feel_on(self, every: float) -> None:
        while not self._ended.wait(every):
            self.feel()
