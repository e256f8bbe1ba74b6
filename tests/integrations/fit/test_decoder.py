"""What a whole FIT file comes to: the quirks of real ones, each with a file made to have it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from integrations._samples.decoded import CLOCK_AHEAD
from integrations.fit import Decoder
from integrations.fit.assembling import NO_SUMMARY
from integrations.fit.container import BAD_CHECKSUM, CUT_SHORT, LEFT_OVER
from integrations.fit.profile import FILE_ID, HR, RECORD, SESSION, SPORTS, WORKOUT, moment
from integrations.fit.timeline import LOCAL_DATE, NO_DATE
from integrations.fit.writer import Layout, fit_file, message
from service.domain.activity import Pause, Ref
from service.ports import Malformed, Raw
from tests.integrations.fit.files import (
    RECEIVED,
    SPEED,
    START,
    closing,
    decode,
    identity,
    lap,
    only,
    raw,
    record,
    samples,
    session,
    timer,
)
from tests.integrations.invariants import invariants

HUNDRED = range(101)
UTC_START = moment(START)


def test_an_ordinary_run() -> None:
    run = only(
        identity(),
        message(WORKOUT, wkt_name="6 x 800"),
        timer("start", 0),
        samples(*HUNDRED),
        timer("stop_all", 100),
        lap(0, 100, lap_trigger=7, total_distance=300),
        session(0, 100.4, sub_sport=3, total_distance=301.5, avg_heart_rate=150, max_heart_rate=160, total_ascent=7),
        closing(100, 3600),
    )
    assert run.ref == Ref(source="folder", external_id="run.fit")
    assert (run.sport, run.sub_sport, run.title) == ("running", "trail", "6 x 800")
    assert run.started_at == UTC_START
    assert run.started_at.tzinfo is UTC
    assert run.utc_offset == timedelta(hours=1)
    assert (run.elapsed_s, run.moving_s, run.distance_m) == (100.4, 100.4, 301.5)
    assert (run.avg_hr, run.max_hr, run.climb_m) == (150, 160, 7)
    assert (len(run.laps), run.pauses, run.notes) == (1, (), ())
    assert run.streams is not None
    assert run.streams.time_s.tolist() == list(HUNDRED)
    assert run.streams.distance_m[-1] == 100 * SPEED
    assert set(run.streams.cadence_spm) == {170}


def test_pauses_come_from_timer_events_and_gaps_in_sampling_are_none() -> None:
    run = only(
        identity(),
        samples(0, 20, 40),  # smart recording
        timer("stop_all", 50),
        timer("start", 80),
        samples(85, 90, 150),
        session(0, 150, total_timer_time=120),
    )
    assert run.pauses == (Pause(start_s=50, end_s=80),)
    assert (run.elapsed_s, run.moving_s) == (150, 120)
    assert run.streams is not None
    assert run.streams.timer_on.all()


def test_several_sessions_are_several_activities_each_with_its_share() -> None:
    found = decode(
        identity(),
        samples(*range(0, 201, 10)),
        lap(0, 100),
        lap(100, 100),
        session(0, 100, sport="swimming"),
        session(100, 100, sport="running", total_distance=290),
        closing(200, 0),
    ).activities
    swim, run = found
    assert [one.ref.external_id for one in found] == ["run.fit", "run.fit#2"]
    assert [one.sport for one in found] == ["swimming", "running"]
    assert [one.started_at for one in found] == [UTC_START, UTC_START + timedelta(seconds=100)]
    assert [len(one.laps) for one in found] == [1, 1]
    assert swim.streams is not None
    assert run.streams is not None
    assert (swim.streams.time_s[-1], run.streams.time_s[0]) == (90, 0)
    assert run.streams.distance_m[0] == pytest.approx(10 * SPEED)  # since the last sample of the swim
    assert np.isnan(swim.streams.cadence_spm).all()


def test_chained_files_are_activities_of_their_own() -> None:
    one = fit_file(identity(), samples(*HUNDRED), session())
    other = fit_file(identity(), record(7200), record(7300), session(7200, 100, sport="cycling"))
    found = Decoder().decode(raw(one + other)).activities
    assert [(each.sport, each.ref.external_id) for each in found] == [("running", "run.fit"), ("cycling", "run.fit#2")]


def test_a_chained_file_without_an_identity_goes_on_with_the_one_before() -> None:
    silent = message(RECORD, timestamp=START) + message(RECORD, timestamp=START + 100)
    anchor = message(HR, timestamp=START, fractional_timestamp=0, event_timestamp=50, filtered_bpm=141)
    found = Decoder().decode(raw(fit_file(identity(), silent, session()) + fit_file(anchor))).activities
    (run,) = found
    assert run.streams is not None
    assert run.streams.heart_rate[0] == 141


def test_other_sports_are_kept_by_their_name() -> None:
    ride = only(identity(), samples(*HUNDRED), session(sport="cycling"))
    assert (ride.sport, ride.is_run) == ("cycling", False)


def test_a_sport_nobody_knows_is_generic() -> None:
    unknown = message(SESSION, start_time=START, sport=250, total_elapsed_time=100)
    assert only(identity(), samples(*HUNDRED), unknown).sport == "generic"


def test_a_treadmill_without_positions_or_distance() -> None:
    belt = b"".join(record(at, speed=2.5, heart_rate=140) for at in HUNDRED)
    run = only(identity(), belt, session(sub_sport=1))
    assert run.sub_sport == "treadmill"
    assert run.distance_m == pytest.approx(250)
    corrected = only(identity(), belt, session(sub_sport=1, total_distance=260))
    assert corrected.distance_m == 260


def test_a_run_without_a_session_message_is_worked_out_from_its_samples() -> None:
    run = only(identity(), timer("start", 0), samples(*range(61)), timer("stop_all", 60), lap(0, 60, sport=1))
    assert (run.sport, run.elapsed_s, run.moving_s) == ("running", 60, 60)
    assert (run.distance_m, run.avg_hr) == (180, 150)
    assert run.notes == (NO_SUMMARY,)


def test_a_summary_without_samples_is_an_activity_without_streams() -> None:
    run = only(identity(), session(0, 1800, total_distance=5000))
    assert run.streams is None
    assert (run.elapsed_s, run.distance_m, run.ended_at) == (1800, 5000, UTC_START + timedelta(minutes=30))


def test_absurd_session_values_give_way_to_the_samples() -> None:
    run = only(identity(), samples(*HUNDRED), session(0, 0, total_distance=0, avg_heart_rate=0))
    assert (run.elapsed_s, run.moving_s, run.distance_m, run.avg_hr) == (100, 100, 300, 150)


def test_records_out_of_order_doubled_and_without_their_own_time() -> None:
    timeless = message(RECORD, heart_rate=160)
    run = only(identity(), samples(2, 1), record(1, altitude=50), samples(0), record(3), timeless, session(0, 3))
    assert run.streams is not None
    assert run.streams.time_s.tolist() == [0, 1, 2, 3]
    assert run.streams.altitude_m[1] == 50
    assert run.streams.heart_rate.tolist() == [150, 150, 150, 160]


def test_a_watch_that_counts_from_its_start_is_dated_by_its_local_time() -> None:
    boot = 5000
    relative = b"".join(message(RECORD, timestamp=boot + at, heart_rate=150) for at in HUNDRED)
    told = session(timestamp=boot + 100, start_time=boot)
    run = only(identity(), relative, told, _closing(boot + 100, START + 100))
    assert run.started_at == UTC_START
    assert (run.utc_offset, run.notes) == (None, (LOCAL_DATE,))


def _closing(utc: int, local: int) -> bytes:
    return closing(utc - START, local - utc)


def test_a_run_whose_date_nobody_knows_stays_around_1990_and_says_so() -> None:
    relative = message(RECORD, timestamp=5000) + message(RECORD, timestamp=5060)
    run = only(identity(), relative, session(timestamp=5060, start_time=5000, seconds=60))
    assert run.started_at == datetime(1989, 12, 31, 1, 23, 20, tzinfo=UTC)
    assert run.notes == (NO_DATE,)


def test_a_date_after_the_files_arrival_is_said() -> None:
    ahead = (RECEIVED - UTC_START).total_seconds() + 3 * 86400
    run = only(identity(), record(ahead), record(ahead + 60))
    assert CLOCK_AHEAD in run.notes


def test_a_file_cut_short_keeps_what_came_before_and_says_so() -> None:
    body = fit_file(identity(), samples(*HUNDRED), session())
    (run,) = Decoder().decode(raw(body[: len(body) // 2])).activities
    assert run.streams is not None
    assert 20 < len(run.streams) < 101
    assert run.elapsed_s == run.streams.time_s[-1]
    assert run.notes == (CUT_SHORT, NO_SUMMARY)


def test_damage_half_way_keeps_what_came_before_and_says_so() -> None:
    undefined = Layout(message=20, slots=(), local=9).data()
    run = only(identity(), samples(*range(51)), undefined, samples(*range(51, 101)), session())
    assert run.elapsed_s == 50
    assert run.notes[0] == "The file is damaged after 51 samples: what came before is kept."


def test_a_summary_that_came_before_the_damage_is_used_alone_where_few_samples_are_left() -> None:
    undefined = Layout(message=20, slots=(), local=9).data()
    run = only(identity(), session(0, 3000, total_distance=9000), samples(*range(301)), undefined)
    assert run.streams is None
    assert (run.elapsed_s, run.distance_m) == (3000, 9000)
    assert run.notes[-1] == "Only 5 of 50 minutes of samples could be read: the summary is used alone."


def test_a_wrong_checksum_or_junk_behind_is_said_and_harmless() -> None:
    messages = (identity(), samples(*HUNDRED), session())
    (run,) = Decoder().decode(raw(fit_file(*messages, crc=1))).activities
    assert (run.elapsed_s, run.notes) == (100, (BAD_CHECKSUM,))
    (run,) = Decoder().decode(raw(fit_file(*messages) + b"\0" * 64)).activities
    assert (run.elapsed_s, run.notes) == (100, (LEFT_OVER,))


@pytest.mark.parametrize(
    ("messages", "why"),
    [
        ([identity("settings")], "not an activity: a settings file"),
        ([identity("monitoring_b")], "not an activity: a monitoring file"),
        ([identity("course"), samples(0, 1, 2)], "not an activity: a course file"),
        ([message(FILE_ID, type=44)], "not an activity: a file of a kind not known here"),
        ([identity()], "not an activity: a recording without anything in it"),
        ([identity(), samples(0)], "not an activity: a recording without anything in it"),
    ],
)
def test_files_of_other_kinds_are_skipped_by_their_kind(messages: list[bytes], why: str) -> None:
    assert decode(*messages).skipped == why


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "empty"),
        (b"\xff\xd8\xff\xe0" + bytes(2000), "JPEG"),
        (fit_file(identity())[:9], "cut off within its header"),
        (fit_file(identity())[:20], "damaged before anything"),
        (fit_file(), "holds nothing"),
        (fit_file(identity(), message(RECORD, heart_rate=140) + message(RECORD, heart_rate=141)), "when it was made"),
        (fit_file(Layout(message=20, slots=(), local=3).data()), "damaged before anything"),
    ],
)
def test_what_cannot_be_used_is_malformed_with_a_reason_for_people(body: bytes, told: str) -> None:
    with pytest.raises(Malformed, match=told):
        Decoder().decode(raw(body))


@pytest.mark.slow
def test_a_megabyte_of_records_without_fields_does_not_keep_it_busy() -> None:
    empty = Layout(message=20, slots=())
    with pytest.raises(Malformed, match="more messages"):
        Decoder().decode(raw(fit_file(identity(), empty.definition() + empty.data() * 600_000)))


def test_every_sport_we_write_is_one_the_reader_knows() -> None:
    read = {only(identity(), samples(*HUNDRED), session(sport=sport)).sport for sport in SPORTS}
    assert read == set(SPORTS)


# --- real recordings ---------------------------------------------------------------------------------------------


@pytest.mark.shared
@pytest.mark.slow
def test_every_real_recording_decodes_or_says_why_not(shared: Path) -> None:
    outcomes = {"imported": 0, "not_activity": 0, "malformed": 0}
    for file in sorted((shared / "fit").rglob("*.fit")):
        whole = Raw(source="f", external_id=file.name, media_type="fit", body=file.read_bytes(), received_at=RECEIVED)
        try:
            decoded = Decoder().decode(whole)
        except Malformed:
            outcomes["malformed"] += 1
            continue
        assert bool(decoded.activities) != bool(decoded.skipped)
        outcomes["imported" if decoded.activities else "not_activity"] += 1
        assert len({activity.ref for activity in decoded.activities}) == len(decoded.activities)
        for activity in decoded.activities:
            invariants(activity)
    assert outcomes == {"imported": 230, "not_activity": 22, "malformed": 13}
