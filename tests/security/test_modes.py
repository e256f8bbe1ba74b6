"""Whatever Afterrun writes is for the user it runs as and nobody else, also where that user is careless."""

import os
from collections.abc import Iterator
from datetime import timedelta

import pytest

from integrations.sample import latest
from service.domain.classification import RunType
from tests.cli.test_commands import Person, person
from tests.fakes import NOON

pytestmark = pytest.mark.skipif(os.name != "posix", reason="rights are those of POSIX")

__all__ = ["person"]

OTHERS = 0o077
# Each on its own may be the first one ever typed.
FIRST = ("doctor", "status", "sync", "import run.fit", "link", "backup", "export", "rotate-key", "pending", "digest")
LIFE = (
    "doctor",
    "import run.fit",
    "done",
    "link",
    "backup",
    "backup kept.zip",
    "export",
    "rotate-key",
    "restore kept.zip --yes",
    "token create x",
)


@pytest.fixture
def careless(person: Person) -> Iterator[Person]:
    """Return somebody whose shell makes every file readable, and writable, to everybody."""
    person.has("run.fit", latest(RunType.EASY, NOON - timedelta(days=1)))
    for theirs in person.home.iterdir():
        theirs.chmod(0o644)
    before = os.umask(0)
    yield person
    os.umask(before)


def types(person: Person, words: str) -> None:
    """Type a command as that user does."""
    os.umask(0)
    answer = person.types(*words.split())
    assert answer.exit_code in {0, 1}, answer.stderr


def open_to_others(person: Person) -> dict[str, str]:
    """Return what Afterrun made and others can read or write."""
    theirs = {"afterrun.toml", "run.fit"}
    made = [place for place in person.home.rglob("*") if place.name not in theirs]
    assert made
    return {
        str(place.relative_to(person.home)): oct(place.stat().st_mode)
        for place in made
        if place.stat().st_mode & OTHERS
    }


@pytest.mark.parametrize("first", FIRST)
def test_whichever_command_comes_first_nothing_is_open(careless: Person, first: str) -> None:
    types(careless, first)

    assert open_to_others(careless) == {}


def test_after_a_whole_life_nothing_is_open(careless: Person) -> None:
    for words in LIFE:
        types(careless, words)

    assert list(careless.home.glob("afterrun-*.zip")), "it was exported"
    assert list(careless.home.glob("*.before-*")), "it was restored"
    assert open_to_others(careless) == {}


def test_a_database_that_others_can_read_is_found(careless: Person) -> None:
    types(careless, "status")
    (careless.home / "afterrun.db").chmod(0o644)

    found = careless.types("doctor")

    assert found.exit_code == 1
    assert "afterrun.db" in found.stdout
    assert "chmod -R go=" in found.stdout
