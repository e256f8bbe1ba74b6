"""The rules of who may import whom are seen to fail where they are broken."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LINT = Path(sys.executable).with_name("lint-imports")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the house in which walls may be broken through."""
    copy = tmp_path_factory.mktemp("house")
    for room in ("service", "integrations", "config"):
        shutil.copytree(ROOT / room, copy / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


def lint(house: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(LINT), "--no-cache"], cwd=house, capture_output=True, text=True, check=False)  # noqa: S603 - our own tool


def test_the_house_stands(house: Path) -> None:
    result = lint(house)

    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("room", "planted"),
    [
        pytest.param("service/domain/planted.py", "import sqlalchemy", id="a decision speaks SQL"),
        pytest.param("service/domain/planted.py", "import time", id="a decision reads the clock"),
        pytest.param("service/domain/planted.py", "import service.ports", id="a decision knows the ports"),
        pytest.param("service/application/planted.py", "import integrations.ntfy", id="a use case knows a vendor"),
        pytest.param("service/web/planted.py", "import sqlalchemy", id="a page speaks SQL"),
        pytest.param("service/web/planted.py", "import fitparse", id="a page reads FIT"),
        pytest.param("integrations/planted.py", "import integrations.ntfy", id="an integration knows another"),
        pytest.param("integrations/planted.py", "import service.application", id="an integration knows a use case"),
        pytest.param("service/planted.py", "", id="a module without a place"),
    ],
)
def test_a_planted_violation_is_seen(house: Path, room: str, planted: str) -> None:
    module = house / room
    module.write_text(f"{planted}\n")
    try:
        assert lint(house).returncode == 1
    finally:
        module.unlink()
