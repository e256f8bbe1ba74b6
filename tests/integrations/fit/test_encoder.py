from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from fitparse import FitFile
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.fit import Decoder, encode
from integrations.fit.profile import INTENSITIES, LAP_TRIGGERS, SUB_SPORTS
from service.domain.activity import Activity, Lap, Pause, Ref, Streams
from tests.integrations.fit.files import raw

# What the format keeps of each column.
RESOLUTION = {
    "time_s": 0.5,
    "distance_m": 0.005,
    "speed_mps": 0.0005,
    "heart_rate": 0.5,
    "cadence_spm": 1 / 128,
    "altitude_m": 0.1,
    "timer_on": 0,
}


def run(seconds: int = 600, **changes: object) -> Activity:
    time_s = np.arange(seconds + 1.0)
    streams = Streams.build(
        time_s,
        distance_m=time_s * 3.123,
        speed_mps=3.123 + np.sin(time_s / 20),
        heart_rate=np.round(140 + time_s % 30),
        cadence_spm=170 + np.sin(time_s),
        altitude_m=40 + np.sin(time_s / 60) * 10,
    )
    made = Activity(
        ref=Ref(source="folder", external_id="run.fit"),
        sport="running",
        started_at=datetime(2026, 3, 1, 9, tzinfo=UTC),
        elapsed_s=float(seconds),
        moving_s=float(seconds),
        distance_m=round(seconds * 3.123, 2),
        streams=streams,
        avg_hr=150,
        max_hr=169,
    )
    return replace(made, **changes)  # type: ignore[arg-type] # any of its fields


def there_and_back(activity: Activity) -> Activity:
    (back,) = Decoder().decode(raw(encode(activity))).activities
    return back


def assert_streams_agree(one: Streams | None, other: Streams | None) -> None:
    assert one is not None
    assert other is not None
    for column in fields(Streams):
        left, right = getattr(one, column.name), getattr(other, column.name)
        np.testing.assert_allclose(left, right, atol=RESOLUTION[column.name] + 1e-6, err_msg=column.name)


def test_streams_come_back_within_the_resolution_of_the_format() -> None:
    assert_streams_agree(there_and_back(run()).streams, run().streams)


def test_a_run_with_everything_comes_back_equal() -> None:
    whole = run(
        sub_sport="trail",
        utc_offset=timedelta(hours=5, minutes=30),
        elapsed_s=600.25,
        moving_s=540.5,
        climb_m=12,
        pauses=(Pause(start_s=100, end_s=130), Pause(start_s=200, end_s=230)),
        laps=(
            Lap(start_s=0, elapsed_s=300.5, distance_m=900.25, avg_hr=140, trigger="manual", intensity="warmup"),
            Lap(start_s=300, elapsed_s=300, trigger="session_end"),
        ),
        device="A watch",
        title="2 x 5 min",
    )
    assert there_and_back(whole) == whole


def test_a_pause_until_the_end_comes_back() -> None:
    stopped = run(pauses=(Pause(start_s=500, end_s=600),), moving_s=500.0)
    assert there_and_back(stopped) == stopped


def test_what_is_missing_stays_missing() -> None:
    streams = run(60).streams
    assert streams is not None
    gaps = np.where(streams.time_s < 30, np.nan, streams.heart_rate)
    bare = Streams.build(streams.time_s, speed_mps=streams.speed_mps, heart_rate=gaps, distance_m=streams.distance_m)
    assert_streams_agree(there_and_back(run(60, streams=bare)).streams, bare)


def test_a_summary_alone_comes_back() -> None:
    summary = run(streams=None)
    assert there_and_back(summary) == summary
    assert there_and_back(summary).streams is None


@settings(max_examples=40, deadline=None)
@given(
    started=st.datetimes(datetime(1998, 7, 6), datetime(2060, 1, 1)),  # noqa: DTZ001 - the zone is added below
    quarters=st.integers(-48, 56) | st.none(),
    moving=st.integers(300_000, 600_000),
    laps=st.lists(
        st.tuples(
            st.sampled_from(list(LAP_TRIGGERS)), st.sampled_from(["", *INTENSITIES]), st.integers(20, 250) | st.none()
        ),
        max_size=5,
    ),
    sub_sport=st.sampled_from(list(SUB_SPORTS)),
    title=st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), max_size=30),
)
def test_any_run_comes_back_equal(
    started: datetime,
    quarters: int | None,
    moving: int,
    laps: list[tuple[str, str, int | None]],
    sub_sport: str,
    title: str,
) -> None:
    whole = run(
        started_at=started.replace(microsecond=0, tzinfo=UTC),
        utc_offset=None if quarters is None else timedelta(minutes=15 * quarters),
        moving_s=moving / 1000,
        sub_sport=sub_sport,
        title=title,
        laps=tuple(
            Lap(start_s=100.0 * place, elapsed_s=100.0, avg_hr=rate, trigger=trigger, intensity=intensity)
            for place, (trigger, intensity, rate) in enumerate(laps)
        ),
    )
    assert replace(there_and_back(whole), notes=()) == whole


def test_an_independent_reader_finds_a_sound_file_in_order_of_time() -> None:
    parsed = FitFile(encode(run(pauses=(Pause(start_s=100, end_s=130),))), check_crc=True)
    kinds = [(message.name, message.get_value("timestamp")) for message in parsed.get_messages(["record", "event"])]
    times = [when for _, when in kinds]
    assert times == sorted(times)
    assert [kind for kind, _ in kinds].count("event") == 4


@pytest.mark.parametrize("fraction", [0.2, 0.7])
def test_a_start_between_two_seconds_is_rounded(fraction: float) -> None:
    started = datetime(2026, 3, 1, 9, tzinfo=UTC)
    back = there_and_back(run(started_at=started + timedelta(seconds=fraction)))
    assert back.started_at == started + timedelta(seconds=round(fraction))
