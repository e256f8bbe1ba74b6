"""One process on one machine: a scheduler asks what is due, and a few threads for each duty see to it.

No run, message or digest lives in the scheduler; a tick that was missed or killed is made up for by the next. A tick is
an interval in UTC, never a local hour: the night the clocks change has nothing to trip over.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor as Ticking
from apscheduler.schedulers.background import BackgroundScheduler

from service.engine.duties import Duty, Ids
from service.engine.troubles import Troubles

log = logging.getLogger(__name__)

# Every exchange with the outside ends within half a minute and a first sync of years within hours: a duty that has
# had all its threads taken for so long hangs.
LONGEST = timedelta(hours=3)
# How late a tick may be on a machine that is very busy.
LATEST = timedelta(minutes=1)


class Worker:
    """Sees to duties until it is stopped."""

    def __init__(self, duties: Sequence[Duty], now: Callable[[], float] = time.monotonic) -> None:
        self._hands = {duty.name: _Hands(duty, now) for duty in duties}
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": Ticking(max(1, len(duties)))},
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        )

    def start(self) -> None:
        """Begin, with every duty asked for once right away: what a crash left behind does not wait."""
        for name, hands in self._hands.items():
            seconds = hands.duty.every.total_seconds()
            self._scheduler.add_job(
                hands.look, "interval", seconds=seconds, id=name, name=name, next_run_time=datetime.now(UTC)
            )
        self._scheduler.start()

    def wake(self, duty: str, *ids: str) -> None:
        """Have a duty done for these ids now; where this worker was never started, whoever works finds it in time."""
        if self._scheduler.running:
            self._hands[duty].begin(ids)

    def stuck(self) -> list[str]:
        """Return the duties that no longer get anywhere; none where all is well."""
        return [name for name, hands in self._hands.items() if hands.stuck()]

    def stop(self, grace: timedelta) -> bool:
        """Begin nothing more, wait for what is under way, and return whether it ended within `grace`."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        deadline = time.monotonic() + grace.total_seconds()
        for hands in self._hands.values():
            hands.stop()
        return all(hands.rest(deadline - time.monotonic()) for hands in self._hands.values())


class _Hands:
    """The threads that see to one duty."""

    def __init__(self, duty: Duty, now: Callable[[], float]) -> None:
        self.duty = duty
        self._now = now
        self._pool = ThreadPoolExecutor(duty.at_once, thread_name_prefix=duty.name)
        self._changed = threading.Condition()
        self._begun: set[Ids] = set()
        self._since: dict[Ids, float] = {}
        self._troubles = Troubles(log)
        self._looked = now()
        self._stopped = False

    def look(self) -> None:
        """Ask what is due, and begin what is not under way."""
        with self._troubles.outlived(self.duty.name):
            for ids in self.duty.due():
                self.begin(ids)
        self._looked = self._now()

    def begin(self, ids: Ids) -> None:
        with self._changed:
            if self._stopped or ids in self._begun:
                return
            self._begun.add(ids)
            self._pool.submit(self._do, ids)

    def stuck(self) -> bool:
        now = self._now()
        with self._changed:
            long = [since for since in self._since.values() if now - since > LONGEST.total_seconds()]
        late = now - self._looked - 3 * self.duty.every.total_seconds()
        return len(long) >= self.duty.at_once or late > LATEST.total_seconds()

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
        self._pool.shutdown(wait=False, cancel_futures=True)

    def rest(self, seconds: float) -> bool:
        """Wait until nothing is under way, and return whether that came in time."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._since, timeout=max(0.0, seconds))

    def _do(self, ids: Ids) -> None:
        with self._changed:
            self._since[ids] = self._now()
        with self._troubles.outlived(self.duty.called(ids)):
            self.duty.do(*ids)
        with self._changed:
            self._begun.discard(ids)
            del self._since[ids]
            self._changed.notify_all()
