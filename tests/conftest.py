"""What every test may ask for."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real recordings kept beside the project, or skip where it is missing."""
    if not (SHARED / "data").is_dir():
        pytest.skip("the real recordings are not beside this checkout")
    return SHARED / "data"
