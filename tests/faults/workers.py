"""What is killed: a whole worker, of either engine, on its way from a recording in a folder to a message."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock
from typing import Any

from config.settings import load
from service.application import outbox
from service.bootstrap import App, build
from service.engine import rota
from service.persistence.engine import SqlDatabase
from service.persistence.store import SqlStore

# What waits for minutes in real life waits for a moment here, so that a kill costs a second and not a minute.
SHORTLY = timedelta(seconds=1)


class Reaper:
    """Kills this very process, as `kill -9` does, at one of the moments before and after each commit and each send."""

    def __init__(self, fatal: int) -> None:
        self._fatal = fatal
        self._passed = 0
        self._lock = Lock()

    def moment(self) -> None:
        with self._lock:
            self._passed += 1
            if self._passed == self._fatal:
                os.kill(os.getpid(), signal.SIGKILL)

    @property
    def passed(self) -> int:
        return self._passed

    def stalk(self, app: App) -> None:
        """Wait before and after each commit and each send."""
        write = SqlDatabase.writing

        @contextmanager
        def writing(database: SqlDatabase) -> Iterator[SqlStore]:
            with write(database) as store:
                yield store
                self.moment()
            self.moment()

        SqlDatabase.writing = writing  # type: ignore[method-assign,assignment] # in a process that is about to die
        for channel in app.channels.values():
            channel.send = self._around(channel.send)  # type: ignore[method-assign] # the same

    def _around(self, send: Any) -> Any:  # noqa: ANN401 - handed on
        def sent(*what: Any) -> Any:  # noqa: ANN401 - handed on
            self.moment()
            receipt = send(*what)
            self.moment()
            return receipt

        return sent


def work(settings: Path, said: Connection, fatal: int = 0) -> None:
    """Work until killed, by the reaper at a moment of its choice or by whoever started this; tell the moments."""
    hurry()
    app = build(load(settings, env={}))
    reaper = Reaper(fatal)
    reaper.stalk(app)
    said.send(0)
    app.worker.start()
    while True:
        said.recv()
        said.send(reaper.passed)


def hurry() -> None:
    """Shorten every wait."""
    outbox.LEASE = SHORTLY
    rota.LOOK_EVERY = rota.SEND_EVERY = SHORTLY
    try:
        from service.engine import procrastinate  # noqa: PLC0415 - where it is installed
    except ImportError:
        return
    procrastinate.GONE_S, procrastinate.HEARTBEAT_S = 2.0, 0.5
    procrastinate.SEE_WHO_IS_GONE = SHORTLY
