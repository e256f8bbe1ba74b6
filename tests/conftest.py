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


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SqlDatabase]:
    """Return an empty database of this release's schema, in a file as in real life."""
    engine = make_engine(f"sqlite:///{tmp_path}/afterrun.db")
    upgrade(engine)
    database = SqlDatabase(engine)
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
