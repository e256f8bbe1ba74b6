"""A recording is read as what it is: whatever its name says, and out of its wrapping."""

import gzip
import io
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

import integrations
from config.settings import load
from integrations import _nature
from integrations._nature import sole
from integrations.fit import encode
from service.domain.activity import RUNNING
from service.ports import Decoded, Malformed, Raw
from tests.fakes import even_streams, run
from tests.integrations.written import gpx, tcx

RUN = run(elapsed_s=120.0, streams=even_streams(120))
FIT, GPX, TCX = encode(RUN), gpx(RUN), tcx(RUN)
NOW = datetime(2026, 6, 16, 12, tzinfo=UTC)


def read(body: bytes, named: str = "fit") -> Decoded:
    raw = Raw(source="folder", external_id="one", media_type=named, body=body, received_at=NOW)
    return integrations.decoders()[named].decode(raw)


def zipped(*members: tuple[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as into:
        for name, body in members:
            into.writestr(name, body)
    return packed.getvalue()


WRAPPED = {
    "a FIT file": FIT,
    "a GPX file": GPX,
    "a TCX file": TCX,
    "a GPX file in UTF-16": GPX.decode().replace("UTF-8", "UTF-16").encode("utf-16"),
    "a gzip": gzip.compress(FIT),
    "a zip as Garmin packs it": zipped(("123_ACTIVITY.fit", FIT)),
    "a zip with notes beside": zipped(("readme.txt", b"thank you"), ("run.gpx", GPX)),
    "a gzip in a zip": zipped(("run.fit.gz", gzip.compress(FIT))),
}


@pytest.mark.parametrize("named", sorted(integrations.decoders()))
@pytest.mark.parametrize("body", WRAPPED.values(), ids=WRAPPED.keys())
def test_whatever_it_is_called_it_is_read_as_what_it_is(named: str, body: bytes) -> None:
    (activity,) = read(body, named).activities

    assert activity.sport == RUNNING
    assert activity.ref.external_id == "one"


def test_each_of_several_has_a_name_of_its_own() -> None:
    other = run(name="two", elapsed_s=240.0, streams=even_streams(240))
    found = read(zipped(("a.fit", FIT), ("b.fit", encode(other)))).activities

    assert [activity.ref.external_id for activity in found] == ["one", "one/2"]


def test_a_wrapping_with_no_recording_inside_is_no_activity() -> None:
    assert read(zipped(("notes.txt", b"hello"))).skipped == _nature.HOLDS_NONE
    assert read(zipped()).skipped == _nature.HOLDS_NONE


BOMB = gzip.compress(bytes(_nature.MOST_BYTES + 1))


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (BOMB, _nature.TOO_LARGE),
        (zipped(("run.fit", bytes(_nature.MOST_BYTES + 1))), _nature.TOO_LARGE),
        (zipped(*[(f"{n}.fit", FIT) for n in range(_nature.MOST_MEMBERS + 1)]), _nature.TOO_MANY),
        (gzip.compress(gzip.compress(gzip.compress(FIT))), _nature.TOO_DEEP),
        (gzip.compress(FIT)[:-20], _nature.DAMAGED),
        (zipped(("run.fit", FIT))[:-40], _nature.DAMAGED),
    ],
    ids=["a gzip bomb", "a zip bomb", "an archive of years", "too deep", "a gzip cut short", "a zip cut short"],
)
def test_what_cannot_be_unpacked_says_why(body: bytes, why: str) -> None:
    with pytest.raises(Malformed) as caught:
        read(body)
    assert str(caught.value) == why


def test_a_locked_one_says_so() -> None:
    body = bytearray(zipped(("run.fit", FIT)))
    central = body.index(b"PK\x01\x02")
    body[6] |= 1
    body[central + 8] |= 1

    with pytest.raises(Malformed, match="password"):
        read(bytes(body))


def test_a_zip_that_lies_about_its_size_is_read_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_nature, "MOST_BYTES", 100)
    body = bytearray(zipped(("run.fit", FIT)))
    central = body.index(b"PK\x01\x02")
    body[central + 24 : central + 28] = (10).to_bytes(4, "little")

    with pytest.raises(Malformed):
        read(bytes(body))


def test_what_shows_no_sign_is_read_by_its_name() -> None:
    with pytest.raises(Malformed, match="not a FIT file"):
        read(b"\xff\xd8\xff\xe0 a photograph")


def test_a_packed_recording_in_the_watched_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "afterrun.toml").write_text('[sources.folder]\npath = "runs"\n')
    folder = load(tmp_path / "afterrun.toml", env={}).athletes[0].sources.folder

    assert folder is not None
    assert all(folder.holds(name) for name in ("run.FIT", "run.fit.gz", "run.gpx", "run.tcx", "garmin.zip"))


def handed_over(body: bytes) -> Raw:
    return Raw(source="garmin", external_id="1001", media_type="fit", body=body, received_at=NOW)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (FIT, "fit"),
        (GPX, "gpx"),
        (gzip.compress(TCX), "tcx"),
        (zipped(("1001_ACTIVITY.fit", FIT)), "fit"),
        (zipped(("run.fit.gz", gzip.compress(FIT))), "fit"),
    ],
)
def test_one_recording_comes_out_of_its_wrapping_so_that_it_is_the_same_by_every_road(body: bytes, kind: str) -> None:
    only = sole(handed_over(body))
    assert only.body in {FIT, GPX, TCX}
    assert (only.media_type, only.external_id) == (kind, "1001")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (zipped(("a.fit", FIT), ("b.tcx", TCX)), "zip"),
        (zipped(), "zip"),
        (zipped(("a.fit", FIT))[:60], "zip"),
        (gzip.compress(FIT)[:60], "gz"),
        (b"something else", "fit"),
    ],
    ids=["several", "none", "half a zip", "half a gzip", "unknown"],
)
def test_what_is_not_one_recording_stays_as_it_came_for_its_reader_to_say_why(body: bytes, kind: str) -> None:
    assert sole(handed_over(body)) == replace(handed_over(body), media_type=kind)
