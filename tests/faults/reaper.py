"""What kills a process, as `kill -9` does, at one of the moments that matter: a commit, a send, a touch of the disk."""

import os
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from sqlalchemy import Engine, event

from service.persistence.engine import SqlDatabase
from service.persistence.store import SqlStore
from service.ports import Channel

# What changes a disk: see the table of audit events in Python's documentation. A file is opened to be written to.
TOUCHES = frozenset({"os.rename", "os.remove", "os.link", "os.mkdir", "os.rmdir"})
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Reaper:
    """Kills this very process at the moment number `fatal` of those it watches; at none where that is 0."""

    def __init__(self, fatal: int) -> None:
        self._fatal = fatal
        self._passed = 0
        self._lock = Lock()

    @property
    def passed(self) -> int:
        """How many moments have passed."""
        return self._passed

    def moment(self, *_: object, **__: object) -> None:
        """Let a moment pass, or die."""
        with self._lock:
            self._passed += 1
            if self._passed == self._fatal:
                os.kill(os.getpid(), signal.SIGKILL)

    def watch_commits(self) -> None:
        """Wait before and after each commit of the store."""
        write = SqlDatabase.writing

        @contextmanager
        def writing(database: SqlDatabase, *, urgent: bool = False) -> Iterator[SqlStore]:
            with write(database, urgent=urgent) as store:
                yield store
                self.moment()
            self.moment()

        SqlDatabase.writing = writing  # type: ignore[method-assign,assignment] # in a process that is about to die

    def watch_sends(self, channels: Iterable[Channel]) -> None:
        """Wait before and after each send."""
        for channel in channels:
            channel.send = self._around(channel.send)  # type: ignore[method-assign] # the same

    def watch_statements(self) -> None:
        """Wait before each statement that any database is given, and before each commit."""
        event.listen(Engine, "before_cursor_execute", self.moment)
        event.listen(Engine, "commit", self.moment)

    def watch_disk(self) -> None:
        """Wait before each change of a file's name, and before each file is opened to be written to."""
        sys.addaudithook(self._heard)

    def _heard(self, what: str, about: tuple[Any, ...]) -> None:
        if what in TOUCHES or (what == "open" and isinstance(about[2], int) and about[2] & WRITING):
            self.moment()

    def _around(self, send: Any) -> Any:  # noqa: ANN401 - handed on
        def sent(*what: Any) -> Any:  # noqa: ANN401 - handed on
            self.moment()
            receipt = send(*what)
            self.moment()
            return receipt

        return sent
