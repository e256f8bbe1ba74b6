"""Everything an athlete owns can be carried away, and taken away; nothing of anybody else's is touched."""

import json

import pytest

from service.application.belongings import Belongings, NobodyKnownError
from service.application.retention import Retention
from service.domain.activity import Ref
from service.persistence.archive import FileArchive
from service.persistence.owners import NEVER_TOLD, owned_by
from service.persistence.tables import metadata
from service.persistence.vault import SqlVault, cipher, new_key
from service.ports import Standing
from tests.application.conftest import House, easy_run
from tests.fakes import NOON, decoded, raw, run

# What is no athlete's: who works here, and what is still to be taken off the disk.
NOBODYS = {"workers", "discards"}


@pytest.fixture
def belongings(house: House, archive: FileArchive) -> Belongings:
    return Belongings(house.database, archive, Retention(house.database, archive, house.ingest.readers), house.clock)


@pytest.fixture
def lived_in(house: House) -> House:
    """Return a house with a run, its session, messages, words, tokens; and a neighbour with the very same file."""
    (session,) = house.arrives(easy_run(title="Round the lake"))
    house.outbox.deliver_due()
    house.feedback.done(session.id)
    house.feedback.feel(session.id, "good")
    with house.database.writing() as store:
        store.set_standing("me", "sources.folder", Standing(last_success=NOON))
        store.correct(session.run or 0, session.routine.run_type, NOON)
    SqlVault(house.database.engine, cipher(new_key()), "me", "sources.strava", clock=house.clock).write({"token": "t"})
    house.reader.meanings[b"shared"] = decoded(run(name="both.fit", started_at=NOON.replace(day=1)))
    for athlete in ("me", "neighbour"):
        house.ingest.take(athlete, raw(b"shared", name="both.fit"))
    return house


def test_every_table_is_an_athletes_or_known_to_be_nobodys() -> None:
    """A table added one day must not be forgotten when somebody leaves."""
    assert {table.name for table in metadata.sorted_tables if owned_by(table, "me") is None} == NOBODYS


def exported(belongings: Belongings, athlete: str = "me") -> dict[str, bytes]:
    return dict(belongings.export(athlete))


def test_an_export_holds_everything_and_the_recordings_as_they_came(lived_in: House, belongings: Belongings) -> None:
    files = exported(belongings)
    everything = json.loads(files["afterrun.json"])

    assert {run["title"] for run in everything["activities"]} == {"Round the lake", ""}
    assert everything["feedback"][0]["feeling"] == "good"
    assert everything["outbox"][0]["message"]["title"]
    assert all(table in everything for table in ("classifications", "corrections", "sessions", "standings", "digests"))
    bodies = [body for name, body in files.items() if name.startswith("recordings/")]
    assert len(bodies) == 2
    assert b"shared" in bodies
    assert "me" in files["README.txt"].decode()


def test_an_export_holds_no_token_and_nothing_of_anybody_else(lived_in: House, belongings: Belongings) -> None:
    everything = json.loads(exported(belongings, "neighbour")["afterrun.json"])

    assert not {table.name for table in NEVER_TOLD} & everything.keys()
    assert [one["athlete"] for one in everything["activities"]] == ["neighbour"]
    assert everything["sessions"] == everything["feedback"] == []


def test_names_of_files_are_ones_any_system_bears(house: House, belongings: Belongings) -> None:
    for number, name in enumerate(["../../etc/passwd", "a b/ü:ä?.fit", "x" * 300, ".hidden"]):
        house.reader.meanings[str(number).encode()] = decoded(run(name=name, started_at=NOON.replace(day=number + 1)))
        house.ingest.take("me", raw(str(number).encode(), name=name))

    names = [name for name in exported(belongings) if name.startswith("recordings/")]
    assert len(names) == 4
    for name in names:
        assert ".." not in name
        assert name.count("/") == 1
        assert len(name) < 110


def kept(archive: FileArchive) -> set[str]:
    return {path.name for path in archive.folder.rglob("*") if path.is_file()}


def test_whoever_leaves_leaves_nothing_and_a_neighbour_loses_nothing(
    lived_in: House, belongings: Belongings, archive: FileArchive
) -> None:
    before = exported(belongings, "neighbour")

    belongings.delete("me")

    with lived_in.database.reading() as store:
        assert not any(store.count_of("me").values())
        assert store.activity_of("neighbour", Ref(source="folder", external_id="both.fit")) is not None
    assert len([name for name in kept(archive) if len(name) == 64]) == 1
    after = exported(belongings, "neighbour")
    assert {name: body for name, body in after.items() if name != "README.txt"} == {
        name: body for name, body in before.items() if name != "README.txt"
    }


def test_what_a_crash_left_on_the_disk_goes_with_the_next_clearing(
    lived_in: House, belongings: Belongings, archive: FileArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(_: Retention) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as danger:
        danger.setattr(Retention, "clear", crash)
        with pytest.raises(KeyboardInterrupt):
            belongings.delete("me")

    belongings.retention.clear()
    assert len([name for name in kept(archive) if len(name) == 64]) == 1


def test_of_a_stranger_there_is_nothing(lived_in: House, belongings: Belongings) -> None:
    for asked in (belongings.delete, belongings.count, lambda who: list(belongings.export(who))):
        with pytest.raises(NobodyKnownError, match="there is of me, neighbour"):
            asked("stranger")


def test_the_last_one_is_known_to_be_all_there_is(lived_in: House, belongings: Belongings) -> None:
    assert not belongings.is_all_there_is("me")
    belongings.delete("neighbour")
    assert belongings.is_all_there_is("me")
