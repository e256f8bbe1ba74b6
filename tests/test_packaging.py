"""What is installed is what is meant: three top-level names of our own, and one reader of FIT files."""

import re
import tomllib
from importlib import metadata
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = "afterrun"


@pytest.mark.parametrize("name", ["service", "integrations", "config"])
def test_no_other_distribution_provides_our_names(name: str) -> None:
    providers = set(metadata.packages_distributions().get(name, []))

    assert providers <= {OURS}, f"install Afterrun into an environment of its own: {providers} also has {name!r}"


def test_fitparse_is_the_maintained_continuation_and_alone() -> None:
    assert metadata.packages_distributions()["fitparse"] == ["python-fitparse"]


def test_the_command_is_installed() -> None:
    (script,) = metadata.entry_points(group="console_scripts", name="afterrun")

    assert script.value == "service.cli:main"


def test_the_lock_holds_hashes_and_no_addresses() -> None:
    lock = (ROOT / "requirements.lock").read_text()

    assert "--hash=sha256:" in lock
    assert "://" not in lock
    assert "index-url" not in lock


def test_the_lock_names_everything_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *chain.from_iterable(project["optional-dependencies"].values())]
    locked = {line.partition("==")[0] for line in (ROOT / "requirements.lock").read_text().splitlines() if "==" in line}

    names = {re.match(r"[\w.-]+", requirement).group() for requirement in asked}  # type: ignore[union-attr]
    assert names <= locked


def test_what_the_program_reads_at_run_time_is_in_its_packages() -> None:
    for data in (
        "config/defaults.toml",
        "config/movements.toml",
        "config/routines.toml",
        "integrations/email/page.html",
        "service/web/templates",
    ):
        assert (ROOT / data).exists()
