"""GPX and TCX files read as the FIT file of the same run does; broken and hostile ones are refused in plain words."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import escape

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations import decoders, sample
from integrations._samples.sports import BY_SPEED_A_RUN, BY_SPEED_NO_RUN
from integrations._xml import CUT_SHORT
from integrations.fit import encode
from service.domain.activity import Activity, Pause, same_workout
from service.domain.athlete import Athlete
from service.domain.classification import RunType, classify
from service.ports import Decoded, Malformed, Raw
from tests.fakes import even_streams
from tests.fakes import run as made_run
from tests.integrations.written import gpx, tcx

NOW = datetime(2026, 6, 16, 12, tzinfo=UTC)
WRITERS: Mapping[str, Callable[[Activity], bytes]] = {"fit": encode, "gpx": gpx, "tcx": tcx}
XML = ["gpx", "tcx"]


def decode(media_type: str, body: bytes) -> Decoded:
    raw = Raw(source="folder", external_id=f"run.{media_type}", media_type=media_type, body=body, received_at=NOW)
    return decoders()[media_type].decode(raw)


def only(media_type: str, body: bytes) -> Activity:
    (activity,) = decode(media_type, body).activities
    return activity


def short(**more: object) -> Activity:
    return made_run(elapsed_s=600.0, distance_m=1668.0, streams=even_streams(600), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", list(RunType))
@pytest.mark.parametrize("media_type", XML)
def test_the_same_run_is_the_same_workout_and_the_same_type_in_every_format(kind: RunType, media_type: str) -> None:
    run = sample.latest(kind, NOW)
    as_fit, other = (only(one, WRITERS[one](run)) for one in ("fit", media_type))

    assert same_workout(as_fit, other)
    assert other.started_at == as_fit.started_at
    assert other.elapsed_s == as_fit.elapsed_s
    assert other.distance_m == pytest.approx(as_fit.distance_m, rel=0.01)
    assert as_fit.streams is not None
    assert other.streams is not None
    np.testing.assert_array_equal(other.streams.heart_rate, as_fit.streams.heart_rate)
    np.testing.assert_allclose(other.streams.cadence_spm, as_fit.streams.cadence_spm, atol=2)
    verdicts = [classify(activity, (), Athlete(id="me")).run_type for activity in (as_fit, other)]
    assert verdicts[0] is verdicts[1]


def test_laps_of_a_tcx_are_those_of_the_watch() -> None:
    run = sample.latest(RunType.INTERVAL, NOW)

    laps = only("tcx", tcx(run)).laps

    assert [(lap.start_s, lap.elapsed_s, lap.trigger) for lap in laps] == [
        (lap.start_s, lap.elapsed_s, "manual" if lap.trigger == "manual" else "distance") for lap in run.laps
    ]


@pytest.mark.parametrize("media_type", XML)
def test_between_two_stretches_the_watch_was_stopped(media_type: str) -> None:
    whole = even_streams(600)
    kept = (whole.time_s <= 200) | (whole.time_s >= 320)
    halted = type(whole)(**{name: getattr(whole, name)[kept] for name in whole.__slots__})

    run = only(media_type, WRITERS[media_type](made_run(elapsed_s=600.0, streams=halted)))

    assert run.pauses == (Pause(start_s=200.0, end_s=320.0),)
    assert run.elapsed_s == 600.0


@pytest.mark.parametrize("media_type", XML)
def test_name_and_watch_are_told_and_notes_are_not_a_title(media_type: str) -> None:
    run = only(media_type, WRITERS[media_type](short(title="Tempo & strides <3", device="Sample watch")))

    assert run.title == ("Tempo & strides <3" if media_type == "gpx" else "")
    assert run.device == "Sample watch"


@pytest.mark.parametrize(
    ("word", "sport", "sub_sport"),
    [
        ("running", "running", ""),
        ("Trail Run", "running", "trail"),
        ("treadmill_running", "running", "treadmill"),
        ("9", "running", ""),
        ("Ride", "cycling", ""),
        ("mountain biking", "cycling", ""),
        ("Nordic Walking", "walking", ""),
        ("kayaking", "kayaking", ""),
    ],
)
def test_sports_have_the_names_fit_gives_them(word: str, sport: str, sub_sport: str) -> None:
    run = only("gpx", gpx(short(), kind=word))
    assert (run.sport, run.sub_sport) == (sport, sub_sport)


@pytest.mark.parametrize(
    ("speed", "sport", "note"), [(2.8, "running", BY_SPEED_A_RUN), (8.0, "generic", BY_SPEED_NO_RUN)]
)
def test_without_a_sport_the_speed_decides_and_that_is_said(speed: float, sport: str, note: str) -> None:
    run = only("gpx", gpx(made_run(streams=even_streams(600, speed)), kind=""))
    assert (run.sport, run.notes) == (sport, (note,))


def test_extensions_are_known_by_any_prefix_and_modelled_on_any_app() -> None:
    run = only("gpx", gpx(short(), prefix="ns3"))
    bare = gpx(short()).replace(b"gpxtpx:hr>", b"heartrate>").replace(b"gpxtpx:cad>", b"cadence>")

    assert run.streams is not None
    assert run.streams.heart_rate[0] == 140.0
    assert run.avg_hr == only("gpx", bare).avg_hr == 140.0


def test_several_tracks_are_several_activities_under_one_name() -> None:
    two = gpx(short()).replace(b"</gpx>", b"") + gpx(short(started_at=NOW - timedelta(days=2))).split(b"</metadata>")[1]

    assert [one.ref.external_id for one in decode("gpx", two).activities] == ["run.gpx", "run.gpx#2"]


def test_a_tcx_without_samples_is_known_by_its_laps() -> None:
    body = tcx(short())
    bare = body[: body.index(b"<Track>")] + body[body.index(b"</Lap>") :]

    run = only("tcx", bare)

    assert run.streams is None
    assert (run.elapsed_s, run.distance_m, run.started_at) == (600.0, 1668.0, short().started_at)


@pytest.mark.parametrize("media_type", XML)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_any_text_encoding_that_is_declared_is_read(media_type: str, encoding: str) -> None:
    text = WRITERS[media_type](short(title="Läufe", device="Uhr für Läufer")).decode()
    declared = text.replace("UTF-8", encoding.removesuffix("-sig"), 1)

    assert only(media_type, declared.encode(encoding)).device == (
        "Sample watch" if media_type == "gpx" else "Uhr für Läufer"
    )


@pytest.mark.parametrize("media_type", XML)
def test_blanks_before_the_declaration_do_no_harm(media_type: str) -> None:
    assert only(media_type, b"\n          " + WRITERS[media_type](short())).elapsed_s == 600.0


@pytest.mark.parametrize("media_type", XML)
@given(share=st.floats(0.3, 0.99))
def test_what_came_before_the_damage_is_kept_and_said(media_type: str, share: float) -> None:
    body = WRITERS[media_type](short())

    run = only(media_type, body[: int(share * len(body))])

    assert CUT_SHORT in run.notes
    assert 0 < run.elapsed_s <= 600.0


@pytest.mark.parametrize("media_type", XML)
@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "empty"),
        (b"  \n ", "empty"),
        (b"<html><body>Sign in</body></html>", "not a"),
        (b"<!DOCTYPE html><html></html>", "not a"),
        (b"\x0e\x10\xd9\x07.FIT", "not a"),
        (b'{"error": "expired"}', "not a"),
        (b'<?xml version="1.0" encoding="klingon"?><gpx/>', "not a"),
    ],
)
def test_what_is_something_else_is_refused_in_one_line(media_type: str, body: bytes, told: str) -> None:
    with pytest.raises(Malformed, match=told) as refused:
        decode(media_type, body)
    assert "\n" not in str(refused.value)


BOMB = "".join(
    [
        '<!DOCTYPE gpx [<!ENTITY a "laugh">',
        *(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)),
        "]>",
    ]
)
OUTSIDE = '<!DOCTYPE gpx [<!ENTITY a SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize("media_type", XML)
@pytest.mark.parametrize("declared", [BOMB, OUTSIDE], ids=["a billion laughs", "a file of ours"])
def test_a_file_that_declares_entities_is_refused(media_type: str, declared: str) -> None:
    body = WRITERS[media_type](short()).decode()
    head, rest = body.split("\n", 1)
    name = escape("&i;" if declared is BOMB else "&a;", {"&amp;": "&"}).replace("&amp;", "&")

    with pytest.raises(Malformed, match="declares"):
        decode(media_type, f"{head}{declared}{rest.replace('<name>', f'<name>{name}')}".encode())


def test_deep_nesting_does_no_harm() -> None:
    deep = b"<gpx>" + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</gpx>"
    assert decode("gpx", deep).skipped


def test_a_course_is_no_activity() -> None:
    course = b"<gpx><rte><rtept lat='1' lon='2'/><rtept lat='1' lon='3'/></rte></gpx>"
    untimed = b"<gpx><trk><trkseg><trkpt lat='1' lon='2'/><trkpt lat='1' lon='3'/></trkseg></trk></gpx>"

    assert all("course" in decode("gpx", body).skipped for body in (course, untimed))
    assert "without" in decode("tcx", b"<TrainingCenterDatabase><Courses/></TrainingCenterDatabase>").skipped


@pytest.mark.parametrize("media_type", XML)
def test_a_watch_without_heart_rate_has_none(media_type: str) -> None:
    silent = short()
    assert silent.streams is not None
    body = WRITERS[media_type](silent).replace(b"140", b"0")

    run = only(media_type, body)

    assert (run.avg_hr, run.max_hr) == (None, None)


def test_positions_stay_behind() -> None:
    assert "52.5" not in repr(only("gpx", gpx(short())))
