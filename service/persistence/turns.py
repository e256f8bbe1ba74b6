"""Turns: what only one process at a time may do, such as asking one source.

SQLite: one worker has a file, so its own threads are all there is to keep apart. PostgreSQL: an advisory lock beside
that. It ends with its connection, so a crash frees it at once; and whoever has the turn writes through that very
connection, so a worker that lost it and comes back late can write no more.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DBAPIError

from service.persistence._base import lock_number


class Turns:
    """The turns taken within this process."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._lock = threading.Lock()

    @contextmanager
    def take(self, name: str) -> Iterator[bool]:
        """Hold a turn and tell whether it was free."""
        with self._lock:
            free = name not in self._taken
            self._taken.add(name)
        try:
            yield free
        finally:
            if free:
                with self._lock:
                    self._taken.discard(name)


@contextmanager
def advisory_lock(connection: Connection, name: str) -> Iterator[bool]:
    """Hold an advisory lock of PostgreSQL on a connection and tell whether it was free."""
    number = lock_number(name)
    free = bool(connection.execute(select(func.pg_try_advisory_lock(number))).scalar_one())
    connection.commit()
    try:
        yield free
    finally:
        if free:
            _unlock(connection, number)


def _unlock(connection: Connection, number: int) -> None:
    try:
        connection.execute(select(func.pg_advisory_unlock(number)))
        connection.commit()
    except DBAPIError:
        connection.invalidate()  # the server frees the lock with the connection
