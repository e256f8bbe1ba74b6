"""One worker to a file: who may work on a database, and who must not meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from filelock import FileLock, Timeout

from config.settings import Settings
from service.application.health import Health
from service.bootstrap.edges import SystemClock
from service.persistence.engine import SqlDatabase, make_engine


class AlreadyRunningError(Exception):
    """Another worker has this database; the text says what to do."""


@contextmanager
def nobody_works(settings: Settings) -> Iterator[None]:
    """Be sure that no worker has this database meanwhile; raise AlreadyRunningError where one has."""
    database = SqlDatabase(make_engine(settings.database.get_secret_value()))
    try:
        if not database.is_a_file and Health(database, SystemClock(), "").look().ready:
            raise AlreadyRunningError(
                "Afterrun works on this database: stop its workers first, and wait three minutes."
            )
        with the_only_one(settings.data_dir) if database.is_a_file else nullcontext():
            yield
    finally:
        database.close()


@contextmanager
def the_only_one(data_dir: Path) -> Iterator[None]:
    """Hold the right to be the one worker on the file in a folder; raise AlreadyRunningError where another has it."""
    place = data_dir / "worker.lock"
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with FileLock(place, blocking=False):
            yield
    except Timeout as exc:
        raise AlreadyRunningError(
            "Another Afterrun worker has this database: stop it first (one worker at a time on SQLite)."
        ) from exc
