"""What every test may ask for."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from service.persistence.archive import FileArchive
from service.persistence.engine import SqlDatabase, make_engine
from service.persistence.migrations import upgrade
from tests.fakes import Channel
from tests.peers import postgresql as postgresql_peer

# A busy machine is no failure: speed is measured by the benchmarks.
settings.register_profile("patient", parent=settings(), deadline=None)
# `make fuzz` looks for as long as it is let: see tests/fuzz.
settings.register_profile("fuzz", parent=settings.get_profile("patient"), max_examples=20_000, derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "patient"))

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real recordings kept beside the project, or skip where it is missing."""
    if not (SHARED / "data").is_dir():
        pytest.skip("the real recordings are not beside this checkout")
    return SHARED / "data"


@pytest.fixture(scope="session")
def postgresql() -> Iterator[postgresql_peer.Server]:
    """Return a PostgreSQL server, or skip where none can be had."""
    with postgresql_peer.server() as server:
        if server is None:
            pytest.skip(f"LEFT OUT: nothing was tested on PostgreSQL ({postgresql_peer.HOW_TO_GET_ONE})")
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the address of an empty database of this release's schema: in a file, or on a server, as in real life."""
    if request.param == "sqlite":
        engine = make_engine(f"sqlite:///{tmp_path}/afterrun.db")
        upgrade(engine)
        engine.dispose()
        yield f"sqlite:///{tmp_path}/afterrun.db"
    else:
        with request.getfixturevalue("postgresql").ready() as url:
            yield url


@pytest.fixture
def database(database_url: str) -> Iterator[SqlDatabase]:
    """Return an empty database of this release's schema, of each kind."""
    database = SqlDatabase(make_engine(database_url))
    yield database
    database.close()


@pytest.fixture
def phone() -> Channel:
    """Return what alerts the runner. Some tests give it more to do."""
    return Channel()


@pytest.fixture
def archive(tmp_path: Path) -> FileArchive:
    """Return an empty archive."""
    return FileArchive(tmp_path / "data")
