"""A key that is lost, damaged or open to others is said in one line, and nothing is overwritten."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from config.settings import load
from service.bootstrap import App, build
from tests.cli.test_commands import Answer, Person, person
from tests.faults.conftest import Fault, Tally
from tests.peers.intervals import IntervalsPeer

__all__ = ["person"]

SEALED = "SELECT sealed FROM credentials"
DAMAGES = {"empty": b"", "cut short": b"c2hvcnQ=", "noise": bytes(range(200, 250)), "another's": b"x" * 44}
STRAVA = (
    '[sources.strava]\nclient_id = 1\nclient_secret = "s3cret-of-the-application"\nbase_url = "http://127.0.0.1:9"\n'
)


@pytest.fixture
def owner(person: Person) -> Person:
    """Return somebody whose Strava tokens lie sealed in the database."""
    person.settles(f'[athlete]\nid = "me"\ntimezone = "UTC"\n[channels.calendar]\npath = "calendar"\n{STRAVA}')
    app = opened(person)
    app._vault("me", "sources.strava").write({"token": "t"})
    app.close()
    return person


def opened(person: Person) -> App:
    return build(load(person.home / "afterrun.toml", env={}))


def sealed(person: Person) -> list[tuple[bytes]]:
    with closing(sqlite3.connect(person.home / "afterrun.db")) as database:
        return database.execute(SEALED).fetchall()


def key(person: Person, name: str = "vault.key") -> Path:
    return person.home / "afterrun-data" / "keys" / name


def in_one_line(answer: Answer) -> str:
    """Return what went wrong; fail where that is more than a line each."""
    assert answer.exit_code in {1, 2}
    assert "Traceback" not in answer.stderr
    assert "should not happen" not in answer.stderr
    return answer.stderr + answer.stdout


def opens_again(person: Person) -> bool:
    app = opened(person)
    try:
        return app._vault("me", "sources.strava").read() == {"token": "t"}
    finally:
        app.close()


def test_a_lost_key_costs_a_line_and_no_token(owner: Person, tally: Tally) -> None:
    before, kept = sealed(owner), key(owner).read_bytes()
    key(owner).unlink()

    tally.add(Fault.KEY_LOST)
    assert "afterrun connect strava" in in_one_line(owner.types("doctor"))
    assert "vault.key" in in_one_line(owner.types("sync"))
    assert sealed(owner) == before

    key(owner).write_bytes(kept)
    assert opens_again(owner)


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
@pytest.mark.parametrize("name", ["vault.key", "links.key"])
def test_a_damaged_key_is_not_used_and_not_replaced(owner: Person, name: str, damage: bytes, tally: Tally) -> None:
    owner.types("status")  # has every key made
    before, kept = sealed(owner), key(owner, name).read_bytes()
    key(owner, name).write_bytes(damage)

    tally.add(Fault.KEY_LOST)
    if name == "vault.key" or len(damage) < 32:
        for command in ("doctor", "sync" if name == "vault.key" else "status"):
            assert "put it back from a backup" in in_one_line(owner.types(command)).replace(
                "old vault.key back", "it back"
            )
    assert key(owner, name).read_bytes() == damage
    assert sealed(owner) == before

    key(owner, name).write_bytes(kept)
    assert opens_again(owner)


@pytest.mark.skipif(os.name != "posix", reason="rights are those of POSIX")
def test_a_key_that_others_can_read_is_not_used(owner: Person, tally: Tally) -> None:
    key(owner).chmod(0o644)

    tally.add(Fault.KEY_LOST)
    assert "chmod 600" in in_one_line(owner.types("sync"))
    assert "chmod" in in_one_line(owner.types("doctor"))
    key(owner).chmod(0o600)
    assert opens_again(owner)


@pytest.mark.parametrize("held", [b"", b"{}", b'{"di_token": ""}', b"\xff\xfe\x00", b"[" * 10_000])
def test_a_file_of_tokens_that_cannot_be_read_is_named_and_left_as_it_is(
    person: Person, held: bytes, tally: Tally
) -> None:
    tokens = person.home / "tokens.json"
    tokens.write_bytes(held)
    with IntervalsPeer() as peer:
        other = f'[sources.intervals]\napi_key = "a-key"\nbase_url = "{peer.url}"\n'
        person.settles(f'[athlete]\ntimezone = "UTC"\n{other}[sources.garmin_connect]\ntoken_file = "tokens.json"\n')

        tally.add(Fault.KEY_LOST)
        assert "tokens.json" in in_one_line(person.types("sync"))
        assert peer.requests, "the other source is asked all the same"
        assert person.types("status").exit_code == 1
        assert tokens.read_bytes() == held
