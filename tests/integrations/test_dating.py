"""When a recording was begun is told by its first bytes, or not at all."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations import sample
from integrations.dating import begun
from integrations.fit.encoder import encode
from service.domain.classification import RunType

EVENING = datetime(2026, 6, 15, 18, 30, tzinfo=UTC)


def test_a_fit_file_says_when_it_was_made() -> None:
    run = sample.latest(RunType.EASY, EVENING)

    assert begun("fit", encode(run)[:200]) == run.started_at


@pytest.mark.parametrize(
    ("media_type", "head"),
    [
        ("gpx", b'<gpx version="1.1"><metadata>\n<time> 2026-06-15T18:30:00Z </time>'),
        ("gpx", b"<gpx><trk><trkseg><trkpt><time>2026-06-15T20:30:00+02:00</time>"),
        ("tcx", b'<Activity Sport="Running">\n<Id>2026-06-15T18:30:00.000Z</Id>'),
        ("tcx", b"<Id>2026-06-15T18:30:00</Id>"),
    ],
)
def test_a_written_file_says_it_in_its_first_lines(media_type: str, head: bytes) -> None:
    assert begun(media_type, head) == EVENING


@pytest.mark.parametrize(
    ("media_type", "head"),
    [("fit", b""), ("fit", b"\x0e\x10xx........FIT"), ("gpx", b"<time>soon</time>"), ("gpx", b"")],
)
def test_what_does_not_tell_is_not_guessed(media_type: str, head: bytes) -> None:
    assert begun(media_type, head) is None


@given(flips=st.dictionaries(st.integers(0, 199), st.integers(0, 255), max_size=20), kept=st.integers(0, 200))
def test_no_damage_raises(flips: dict[int, int], kept: int) -> None:
    head = bytearray(encode(sample.latest(RunType.EASY, EVENING))[:200])
    for place, value in flips.items():
        head[place] = value

    found = begun("fit", bytes(head[:kept]))

    assert found is None or found.tzinfo is not None
