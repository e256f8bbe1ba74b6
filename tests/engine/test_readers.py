"""A hostile recording harms nothing but its own reading."""

from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path

import pytest

from service.application.reading import BROKEN_READER, TOO_MUCH, BrokenReaderError
from service.engine.readers import STOPPED, TOO_LONG, ReaderPool
from service.ports import Malformed
from tests.engine.hostile import readers, readers_once_there_is
from tests.fakes import raw


@pytest.fixture
def pool() -> Iterator[ReaderPool]:
    pool = ReaderPool(readers, workers=2, seconds=2)
    yield pool
    pool.stop()


def told(pool: ReaderPool, *bodies: bytes) -> list[str]:
    """Begin to read all of these, then return what became of each."""
    begun = [pool.begin(raw(body)) for body in bodies]
    found = []
    for reading in begun:
        try:
            found.append(reading.result().activities[0].ref.external_id)
        except Malformed as exc:
            found.append(str(exc))
    return found


def test_recordings_come_back_in_the_order_they_were_begun(pool: ReaderPool) -> None:
    assert told(pool, *(b"run %d" % number for number in range(9))) == [f"run {number}" for number in range(9)]


def test_whatever_one_recording_does_the_others_are_read(pool: ReaderPool) -> None:
    found = told(pool, b"one", b"die", b"two", b"hang", b"three", b"swell", b"four", b"no", b"break", b"five")

    assert found == ["one", STOPPED, "two", TOO_LONG, "three", TOO_MUCH, "four", "not a run", BROKEN_READER, "five"]


def test_a_fault_of_ours_comes_back_with_its_cause(pool: ReaderPool) -> None:
    with pytest.raises(BrokenReaderError) as caught:
        pool.begin(raw(b"break")).result()

    assert "AssertionError" in "".join(map(str, _causes(caught.value)))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def test_after_a_rest_it_reads_on(pool: ReaderPool) -> None:
    assert told(pool, b"one") == ["one"]
    pool.rest()

    assert told(pool, b"two") == ["two"]


def test_a_rest_waits_for_what_is_being_read(pool: ReaderPool) -> None:
    reading = pool.begin(raw(b"one"))
    pool.rest()

    assert reading.result().activities[0].ref.external_id == "one"


def test_readers_that_could_not_be_started_are_started_once_they_can(tmp_path: Path) -> None:
    room = tmp_path / "room"
    pool = ReaderPool(partial(readers_once_there_is, room), workers=1, seconds=2)
    with pytest.raises(BrokenProcessPool):
        pool.begin(raw(b"one")).result()

    room.touch()

    assert told(pool, b"two") == ["two"]
    pool.stop()
