"""Recordings are kept, known again, and each is accounted for."""

from dataclasses import replace
from datetime import timedelta

import pytest

from service.application.ingest import Ingest, Taken
from service.application.reading import BROKEN_READER, ReadersHere
from service.domain.activity import Ref
from service.persistence.archive import FileArchive
from service.persistence.engine import SqlDatabase
from service.ports import Decoded, Fate, Malformed, Raw
from tests.fakes import Decoder, decoded, even_streams, raw, run


@pytest.fixture
def reader() -> Decoder:
    return Decoder({b"one": decoded(run(streams=even_streams()))})


@pytest.fixture
def ingest(database: SqlDatabase, archive: FileArchive, reader: Decoder) -> Ingest:
    return Ingest(database, archive, ReadersHere({"fit": reader}))


def activities(database: SqlDatabase, *names: str) -> set[int]:
    with database.reading() as store:
        found = [store.activity_of("me", Ref(source="folder", external_id=name)) for name in names]
    return {stored.id for stored in found if stored is not None}


def test_a_new_recording_becomes_an_activity_with_its_streams(
    ingest: Ingest, database: SqlDatabase, archive: FileArchive
) -> None:
    taken = ingest.take("me", raw())

    assert taken.fate is Fate.IMPORTED
    with database.reading() as store:
        stored = store.activity(taken.activities[0])
    assert stored.activity == run()
    assert stored.streams_name is not None
    assert len(archive.get_streams(stored.streams_name)) == 2701


def test_the_same_bytes_again_are_a_duplicate_under_any_name(ingest: Ingest) -> None:
    ingest.take("me", raw())

    assert ingest.take("me", raw(name="copy of one.fit")).fate is Fate.DUPLICATE


def test_what_a_source_did_not_hand_over_is_parked_with_its_reason(ingest: Ingest) -> None:
    taken = ingest.take("me", replace(raw(b""), withheld="larger than 32 MB, so not read"))

    assert taken == Taken(fate=Fate.MALFORMED, reason="larger than 32 MB, so not read")


def test_two_runners_may_have_the_same_file(ingest: Ingest) -> None:
    ingest.take("me", raw())

    assert ingest.take("you", raw()).fate is Fate.IMPORTED


@pytest.mark.parametrize(
    ("shift", "elapsed_s", "same"),
    [
        (timedelta(seconds=90), 2700.0, True),
        (timedelta(hours=2), 2700.0, True),
        (timedelta(hours=5, minutes=45), 2650.0, True),
        (timedelta(minutes=5), 2700.0, False),
        (timedelta(seconds=0), 2500.0, False),
        (timedelta(hours=15), 2700.0, False),
    ],
)
def test_the_same_workout_from_another_file_is_one_activity(
    ingest: Ingest, reader: Decoder, database: SqlDatabase, shift: timedelta, elapsed_s: float, same: bool
) -> None:
    other = run(name="two.fit", started_at=run().started_at + shift, elapsed_s=elapsed_s)
    reader.meanings[b"two"] = decoded(other)
    ingest.take("me", raw())

    taken = ingest.take("me", raw(b"two", name="two.fit"))

    assert (taken.fate is Fate.DUPLICATE) is same
    assert len(activities(database, "one.fit", "two.fit")) == (1 if same else 2)


@pytest.mark.parametrize(("source", "runs"), [("watch", 2), ("other", 1)])
def test_the_way_to_work_and_the_way_home_are_two_runs_where_one_platform_tells_of_both(
    ingest: Ingest, reader: Decoder, database: SqlDatabase, source: str, runs: int
) -> None:
    """As long as one another and ten hours apart to the minute; only another platform may have the zone wrong."""
    home = replace(run(name="2", source=source), started_at=run().started_at + timedelta(hours=10))
    reader.meanings |= {b"to work": decoded(run(name="1", source="watch")), b"home": decoded(home)}
    ingest.take("me", raw(b"to work", name="1", source="watch", lasting_id=True))

    ingest.take("me", raw(b"home", name="2", source=source, lasting_id=True))

    with database.reading() as store:
        found = [
            store.activity_of("me", Ref(source=one, external_id=two)) for one, two in (("watch", "1"), (source, "2"))
        ]
    assert len(set(found)) == runs


def test_of_two_that_may_be_the_same_the_nearer_one_is(ingest: Ingest, reader: Decoder, database: SqlDatabase) -> None:
    home = replace(run(name="2", source="watch"), started_at=run().started_at + timedelta(hours=10))
    again = replace(home, ref=Ref(source="other", external_id="9"))
    reader.meanings |= {
        b"to work": decoded(run(name="1", source="watch")),
        b"home": decoded(home),
        b"9": decoded(again),
    }
    for body, name in ((b"to work", "1"), (b"home", "2")):
        ingest.take("me", raw(body, name=name, source="watch", lasting_id=True))

    ingest.take("me", raw(b"9", name="9", source="other", lasting_id=True))

    with database.reading() as store:
        assert store.activity_of("me", again.ref) == store.activity_of("me", home.ref)


def test_the_richer_recording_wins_and_keeps_what_only_the_poorer_knew(
    ingest: Ingest, reader: Decoder, database: SqlDatabase
) -> None:
    reader.meanings[b"poor"] = decoded(run(name="poor.fit", title="Round the lake"))
    ingest.take("me", raw(b"poor", name="poor.fit"))

    taken = ingest.take("me", raw())

    with database.reading() as store:
        stored = store.activity(taken.activities[0])
    assert stored.activity.title == "Round the lake"
    assert stored.streams_name is not None
    assert activities(database, "poor.fit", "one.fit") == {stored.id}


def test_a_file_name_used_again_for_another_run_loses_neither(
    ingest: Ingest, reader: Decoder, database: SqlDatabase
) -> None:
    reader.meanings[b"next day"] = decoded(run(started_at=run().started_at + timedelta(days=1)))
    first = ingest.take("me", raw())

    second = ingest.take("me", raw(b"next day"))

    assert second.fate is Fate.IMPORTED
    with database.reading() as store:
        assert store.activity(first.activities[0]).activity.started_at == run().started_at
    assert activities(database, "one.fit") == set(second.activities)


def test_what_cannot_be_read_is_kept_with_the_reason_and_told_again(
    ingest: Ingest, reader: Decoder, database: SqlDatabase
) -> None:
    reader.meanings[b"torn"] = Malformed("the file ends in the middle of its header")

    taken = [ingest.take("me", raw(b"torn")) for _ in range(2)]

    assert taken == [Taken(fate=Fate.MALFORMED, reason="the file ends in the middle of its header")] * 2
    with database.reading() as store:
        assert store.count_raws() == {Fate.MALFORMED: 1}


def test_what_is_no_activity_is_said_to_be_what_it_is(ingest: Ingest, reader: Decoder) -> None:
    reader.meanings[b"settings"] = Decoded(skipped="a settings file")

    assert ingest.take("me", raw(b"settings")) == Taken(fate=Fate.NOT_ACTIVITY, reason="a settings file")


def test_other_sports_are_kept_as_history_and_said_so(ingest: Ingest, reader: Decoder) -> None:
    reader.meanings[b"ride"] = decoded(run(sport="cycling"))

    taken = ingest.take("me", raw(b"ride"))

    assert taken.fate is Fate.IMPORTED
    assert "cycling" in taken.reason


def test_a_reader_that_breaks_its_promise_parks_one_file(ingest: Ingest, reader: Decoder) -> None:
    reader.meanings[b"bug"] = ZeroDivisionError()

    assert ingest.take("me", raw(b"bug")) == Taken(fate=Fate.MALFORMED, reason=BROKEN_READER)


def test_what_a_crash_left_undecoded_is_finished(ingest: Ingest, database: SqlDatabase, archive: FileArchive) -> None:
    with database.writing() as store:
        store.keep_raw("me", raw(), archive.put_raw(b"one"), bulk=False)

    assert ingest.finish() == 1
    assert len(activities(database, "one.fit")) == 1
    assert ingest.finish() == 0


def test_a_recording_that_two_decoded_at_once_is_one_activity(
    ingest: Ingest, database: SqlDatabase, archive: FileArchive
) -> None:
    """Whoever comes second finds it settled: the first may have been a worker that was thought dead."""

    class Slow(Decoder):
        def decode(self, recording: Raw) -> Decoded:
            assert ingest.take("me", recording).fate is Fate.IMPORTED
            return decoded(run())

    late = Ingest(database, archive, ReadersHere({"fit": Slow()}))

    assert late.take("me", raw()).fate is Fate.DUPLICATE
    with database.reading() as store:
        assert len(store.unclassified("none")["me"]) == 1
