"""The writers of one process stand in line for a SQLite file.

SQLite itself has whoever comes second look again every so often, up to ten times a second, and lets in whoever looks
first: with a dozen threads writing, some wait for seconds. Here whoever is done hands on to the one that waits longest,
those whom somebody outside is waiting for first. Other processes are still kept apart by SQLite alone.
"""

from collections import deque
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, event

from service.persistence._base import READS_ONLY, URGENT

_HOLDS = "afterrun_writes"


class Line:
    """Lets one in at a time, in the order they came; the urgent ones go before the others."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._taken = False
        self._urgent: deque[Lock] = deque()
        self._others: deque[Lock] = deque()

    def enter(self, *, urgent: bool, patience_s: float) -> bool:
        """Wait for one's turn and return whether it came in time; whoever's came is to `leave`."""
        queue = self._urgent if urgent else self._others
        with self._lock:
            if not self._taken:
                self._taken = True
                return True
            mine = Lock()
            mine.acquire()
            queue.append(mine)
        return mine.acquire(timeout=patience_s) or not self._gives_up(queue, mine)

    def _gives_up(self, queue: deque[Lock], mine: Lock) -> bool:
        """Leave the queue and return whether one was still in it: the turn may have come at this moment."""
        with self._lock:
            if mine not in queue:
                return False
            queue.remove(mine)
            return True

    def leave(self) -> None:
        """Hand on to the next."""
        with self._lock:
            queue = self._urgent or self._others
            if queue:
                queue.popleft().release()
            else:
                self._taken = False


def stand_in_line(engine: Engine, patience_s: float) -> None:
    """Have an engine's transactions begin so; after `patience_s` SQLite decides, as it would have without a line."""
    line = Line()

    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get(READS_ONLY, False):
            connection.exec_driver_sql("BEGIN")
            return
        urgent = options.get(URGENT, False)
        if _HOLDS not in connection.info and line.enter(urgent=urgent, patience_s=patience_s):
            connection.info[_HOLDS] = True
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    def done(_connection: object, record: Any) -> None:  # noqa: ANN401 - of the pool
        if record.info.pop(_HOLDS, False):
            line.leave()

    event.listen(engine, "begin", begin)
    event.listen(engine, "checkin", done)  # not at the commit, which is told of before it is on the disk
