"""A runner whose runs come from a stand-in of Strava, connected or about to be."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.persistence.engine import SqlDatabase, make_engine
from service.persistence.migrations import upgrade
from tests.fakes import NOON, Clock
from tests.integrations.strava_home import Home, home
from tests.peers.strava import StravaPeer


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """Return the address of one kind of database: what Strava does is the same to both."""
    engine = make_engine(f"sqlite:///{tmp_path}/afterrun.db")
    upgrade(engine)
    engine.dispose()
    return f"sqlite:///{tmp_path}/afterrun.db"


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def peer(clock: Clock) -> Iterator[StravaPeer]:
    with StravaPeer(now=lambda: clock.now().timestamp()) as peer:
        yield peer


@pytest.fixture
def newcomer(peer: StravaPeer, clock: Clock, database: SqlDatabase) -> Home:
    return home(peer, clock, database)


@pytest.fixture
def runner(newcomer: Home) -> Home:
    newcomer.connect()
    newcomer.peer.requests.clear()
    return newcomer
