"""One process on one machine: ticks that ask the database what is due.

No run, message or digest lives in the scheduler; a tick that was missed or killed is made up for by the next. A tick is
an interval in UTC, never a local hour: the night the clocks change has nothing to trip over.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

log = logging.getLogger(__name__)

# A file is taken after two looks at the folder: well within the minute that is promised.
LOOK_EVERY = timedelta(seconds=10)
# "While the legs are warm" is minutes; a message waits no longer than this for its turn.
SEND_EVERY = timedelta(seconds=5)
# A digest is wanted at an hour and a minute.
DIGEST_EVERY = timedelta(minutes=1)

type Tick = Callable[[], object]


class Worker:
    """Runs ticks, each every so often and never two of the same at once."""

    def __init__(self, ticks: Mapping[str, tuple[Tick, timedelta]]) -> None:
        self._ticks = ticks
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(max(1, len(ticks)))},
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        )
        self._idle = threading.Condition()
        self._busy = 0
        self._stopping = False
        self._said: dict[str, str] = {}

    def start(self) -> None:
        """Begin, with every tick once right away: what a crash left behind does not wait."""
        now = datetime.now(UTC)
        for name, (tick, every) in self._ticks.items():
            seconds = every.total_seconds()
            self._scheduler.add_job(
                self._run, "interval", (name, tick), seconds=seconds, id=name, name=name, next_run_time=now
            )
        self._scheduler.start()

    def stop(self, grace: timedelta) -> bool:
        """Begin nothing more, wait for what is under way, and return whether it ended within `grace`."""
        self._stopping = True
        self._scheduler.shutdown(wait=False)
        with self._idle:
            return self._idle.wait_for(lambda: self._busy == 0, timeout=grace.total_seconds())

    def _run(self, name: str, tick: Tick) -> None:
        if self._stopping:
            return
        with self._idle:
            self._busy += 1
        try:
            tick()
            self._said.pop(name, None)
        except Exception as exc:
            # The worker outlives a fault of one tick: the next one tries again, and the log hears of it once.
            trouble = f"{type(exc).__name__}: {exc}"
            if self._said.get(name) != trouble:
                log.exception("%s failed; it is tried again, and this is said once", name)
            self._said[name] = trouble
        finally:
            with self._idle:
                self._busy -= 1
                self._idle.notify_all()
