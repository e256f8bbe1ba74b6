"""Every reader, fed with broken recordings for as long as it is let: it reads, or it says why not, and nothing else.

`make fuzz` runs these; FUZZ_SECONDS says how long for each. What they find becomes an example in the reader's tests.
"""

import gzip
import io
import os
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, process_time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import integrations
from integrations.archive import Archives
from integrations.dating import begun
from integrations.exports import read
from integrations.fit import encode
from service.domain.activity import Lap, Pause
from service.ports import Malformed, Raw
from tests.fakes import even_streams, run
from tests.integrations.fit.test_lifting import both, files, values_compared
from tests.integrations.invariants import invariants
from tests.integrations.written import gpx, tcx

pytestmark = pytest.mark.fuzz

SECONDS = float(os.environ.get("FUZZ_SECONDS", "100"))
NOW = datetime(2026, 6, 16, 12, tzinfo=UTC)
# A body of a hundred kilobytes that takes longer would keep a small board busy for a minute.
MOST_CPU_S = 5.0
READERS = integrations.decoders()
AT_ONCE = settings(max_examples=500, deadline=None, database=None, suppress_health_check=list(HealthCheck))

LAPS = (Lap(start_s=0.0, elapsed_s=60.0, distance_m=166.8), Lap(start_s=60.0, elapsed_s=60.0, distance_m=166.8))
RUN = run(
    elapsed_s=120.0, streams=even_streams(120), title="A title", laps=LAPS, pauses=(Pause(start_s=20.0, end_s=30.0),)
)
FIT, GPX, TCX = encode(RUN), gpx(RUN), tcx(RUN)
TABLES = {
    "activities.csv": (b"Activity ID,Activity Name,Activity Type,Filename\n1,x,Run,activities/1.fit.gz\n",),
    "x_summarizedActivities.json": (b'[{"summarizedActivitiesExport":[{"beginTimestamp":1.7e12,"name":"x"}]}]',),
}


def zipped(**members: bytes) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    return body.getvalue()


ZIPPED = zipped(**{"a/run.fit": FIT, "b.fit.gz": gzip.compress(FIT)})
NESTED = zipped(**{"inner.zip": ZIPPED, "run.fit": b""})
SEEDS: Mapping[str, tuple[bytes, ...]] = {
    "fit": (FIT,),
    "gpx": (GPX,),
    "tcx": (TCX,),
    "zip": (ZIPPED, NESTED, gzip.compress(GPX)),
}


@st.composite
def broken(draw: st.DrawFn, bodies: tuple[bytes, ...]) -> bytes:
    """Return one of the bodies with a few of its bytes changed, left out, doubled or put in."""
    body = draw(st.sampled_from(bodies))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, max(len(body) - 1, 0)))
        length = draw(st.sampled_from([1, 1, 2, 4, 8, 100, 1000]))
        inserted = draw(st.one_of(st.binary(max_size=8), st.sampled_from([b"\xff" * length, bytes(length)])))
        match draw(st.sampled_from(["change", "drop", "double", "insert", "cut"])):
            case "change":
                body = body[:place] + inserted + body[place + len(inserted) :]
            case "drop":
                body = body[:place] + body[place + length :]
            case "double":
                body = body[: place + length] + body[place:]
            case "insert":
                body = body[:place] + inserted + body[place:]
            case _:
                body = body[:place]
    return body


def for_its_share_of_time(once: Callable[[], None]) -> None:
    """Go on with new examples until the time is up."""
    until = monotonic() + SECONDS
    while monotonic() < until:
        once()


def read_or_refused(media_type: str, body: bytes) -> None:
    raw = Raw(source="fuzz", external_id="one", media_type=media_type, body=body, received_at=NOW)
    began = process_time()
    with suppress(Malformed):
        decoded = READERS[media_type].decode(raw)
        assert bool(decoded.activities) != bool(decoded.skipped)
        for activity in decoded.activities:
            invariants(activity)
    assert process_time() - began < MOST_CPU_S


@pytest.mark.parametrize("media_type", sorted(SEEDS))
def test_a_broken_recording_is_read_or_refused_and_nothing_else(media_type: str) -> None:
    @AT_ONCE
    @given(broken(SEEDS[media_type]))
    def once(body: bytes) -> None:
        begun(media_type, body[:4096])
        read_or_refused(media_type, body)

    for_its_share_of_time(once)


@pytest.mark.parametrize("media_type", sorted(SEEDS))
def test_any_bytes_at_all(media_type: str) -> None:
    @AT_ONCE
    @given(st.binary(max_size=400))
    def once(body: bytes) -> None:
        read_or_refused(media_type, body)

    for_its_share_of_time(once)


def test_lifted_records_are_those_read_one_by_one() -> None:
    @AT_ONCE
    @given(files())
    def once(messages: bytes) -> None:
        values_compared(*both(messages))

    for_its_share_of_time(once)


def test_a_broken_archive_is_read_or_refused(tmp_path: Path) -> None:
    @AT_ONCE
    @given(broken((ZIPPED, NESTED, gzip.compress(FIT))), st.sampled_from(["zip", "gz"]))
    def once(body: bytes, suffix: str) -> None:
        path = tmp_path / f"run.fit.{suffix}"
        path.write_bytes(body)
        with Archives(lambda name: name.endswith(".fit")) as archives, suppress(Malformed):
            for member in archives.members(path):
                member.head()
                with suppress(Malformed):
                    member.read()

    for_its_share_of_time(once)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_broken_table_is_read_or_refused(name: str) -> None:
    @AT_ONCE
    @given(broken(TABLES[name]))
    def once(body: bytes) -> None:
        with suppress(Malformed):
            read(name, body).told("activities/1.fit", NOW)

    for_its_share_of_time(once)
