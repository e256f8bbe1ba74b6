from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from service.domain.activity import Activity, Lap, Pause, Streams
from service.domain.athlete import Units
from service.domain.classification import (
    RULESET,
    Flag,
    RunType,
    Tier,
    classify,
    reaches_back_to,
    reaches_no_further,
)
from tests.domain.made_runs import (
    EASY,
    EASY_RUN,
    FAST,
    INTERVALS,
    JOG,
    LONG_RUN,
    RUNNER,
    TEMPO,
    TEMPO_RUN,
    TODAY,
    Part,
    made,
    on_slopes,
    past,
    thinned,
)

STRIDES = ((2400, EASY), *((20, 5.0), (70, JOG)) * 6, (300, EASY))
CRUISE = ((900, 2.9), *((480, TEMPO), (90, JOG)) * 4, (600, 2.8))
LONG_TEMPO = ((4500, 2.95), (1500, TEMPO), (900, 2.9))
KINDS = {
    RunType.EASY: EASY_RUN,
    RunType.TEMPO: TEMPO_RUN,
    RunType.INTERVAL: INTERVALS,
    RunType.LONG: LONG_RUN,
}
each_kind = pytest.mark.parametrize(("kind", "parts"), KINDS.items())


def verdict(run: Activity) -> RunType:
    return classify(run, past(), RUNNER).run_type


@each_kind
def test_tells_the_four_kinds_apart(kind: RunType, parts: tuple[Part, ...]) -> None:
    assert verdict(made(parts)) is kind


@each_kind
def test_does_without_heart_rate(kind: RunType, parts: tuple[Part, ...]) -> None:
    found = classify(made(parts, heart=False), past(), RUNNER)
    assert (found.run_type, found.tier) == (kind, Tier.STREAMS)


def test_tempo_repeats_are_tempo() -> None:
    assert verdict(made(CRUISE)) is RunType.TEMPO


def test_a_long_run_with_a_tempo_block_is_long_then_tempo() -> None:
    found = classify(made(LONG_TEMPO), past(), RUNNER)
    assert (found.run_type, found.secondary) == (RunType.LONG, RunType.TEMPO)


def test_strides_leave_an_easy_run_easy() -> None:
    found = classify(made(STRIDES), past(), RUNNER)
    assert found.run_type is RunType.EASY
    assert Flag.STRIDES in found.flags


@each_kind
@pytest.mark.parametrize("step", [2, 5])
def test_sampling_rate_does_not_matter(kind: RunType, parts: tuple[Part, ...], step: int) -> None:
    run = made(parts)
    assert verdict(replace(run, streams=thinned(run, np.arange(0, int(run.elapsed_s), step)))) is kind


@each_kind
def test_smart_recording_does_not_matter(kind: RunType, parts: tuple[Part, ...]) -> None:
    run = made(parts)
    steps = np.cumsum(np.random.default_rng(1).integers(1, 8, int(run.elapsed_s)))
    assert verdict(replace(run, streams=thinned(run, steps[steps < run.elapsed_s]))) is kind


@each_kind
@pytest.mark.parametrize("stopped_s", [60.0, 900.0])
def test_a_pause_does_not_matter(kind: RunType, parts: tuple[Part, ...], stopped_s: float) -> None:
    run = made(parts)
    assert run.streams is not None
    middle = run.elapsed_s / 2
    later = np.where(run.streams.time_s > middle, stopped_s, 0.0)
    paused = replace(
        run,
        elapsed_s=run.elapsed_s + stopped_s,
        pauses=(Pause(start_s=middle, end_s=middle + stopped_s),),
        streams=replace(run.streams, time_s=run.streams.time_s + later),
    )
    assert verdict(paused) is kind


@each_kind
def test_a_kilometre_of_position_noise_does_not_matter(kind: RunType, parts: tuple[Part, ...]) -> None:
    run = made(parts)
    assert run.streams is not None
    noise = np.zeros(len(run.streams))
    noise[300:640] = np.random.default_rng(2).normal(0.0, 6.0, 340)
    jumped = np.maximum.accumulate(run.streams.distance_m + noise)
    assert verdict(replace(run, streams=replace(run.streams, distance_m=jumped))) is kind


@each_kind
def test_a_leap_of_the_position_does_not_matter(kind: RunType, parts: tuple[Part, ...]) -> None:
    run = made(parts)
    assert run.streams is not None
    leapt = run.streams.distance_m + np.where(run.streams.time_s > 500, 400.0, 0.0)
    assert verdict(replace(run, streams=replace(run.streams, distance_m=leapt))) is kind


HILL_REPEATS = ((900, 2.9), *((90, FAST), (150, JOG)) * 8, (600, 2.8))


def test_hill_repeats_are_intervals_and_hilly() -> None:
    run = made(HILL_REPEATS)
    up = np.concatenate([np.zeros(900), *[np.repeat((0.07, -0.07), (90, 150))] * 8, np.zeros(600)])
    found = classify(on_slopes(run, up), past(), RUNNER)
    assert found.run_type is RunType.INTERVAL
    assert Flag.HILLY in found.flags


@pytest.mark.parametrize("steep", [0.04, 0.06, 0.08])
@pytest.mark.parametrize("wave_s", [240, 600])
def test_an_easy_pace_kept_over_hills_is_no_hard_run(steep: float, wave_s: int) -> None:
    """By the cost of running each climb is an effort at threshold; the legs and the heart know better."""
    run = made(EASY_RUN)
    assert run.streams is not None
    rise = steep * np.sin(2 * np.pi * run.streams.time_s / wave_s) * run.streams.speed_mps
    hilly = replace(run.streams, altitude_m=200.0 + np.cumsum(rise))
    assert verdict(replace(run, streams=hilly, climb_m=float(np.maximum(rise, 0.0).sum()))) is RunType.EASY


def test_an_altitude_that_climbs_faster_than_anyone_can_is_not_believed() -> None:
    run = made(EASY_RUN)
    assert run.streams is not None
    leaps = 60.0 * np.round(np.sin(2 * np.pi * run.streams.time_s / 400))
    found = classify(replace(run, streams=replace(run.streams, altitude_m=500.0 + leaps)), past(), RUNNER)
    assert found.run_type is RunType.EASY
    assert not found.efforts


def test_a_receipt_says_that_a_slope_made_the_efforts() -> None:
    run = made(EASY_RUN)
    assert run.streams is not None
    rise = 0.08 * np.sin(2 * np.pi * run.streams.time_s / 600) * run.streams.speed_mps
    hilly = replace(run, streams=replace(run.streams, altitude_m=200.0 + np.cumsum(rise)))
    told = [reason.text for reason in classify(hilly, past(), RUNNER).reasons]
    assert "your harder stretches were climbs of 6 %, hardly faster than the rest" in told


@each_kind
def test_the_runners_units_change_words_only(kind: RunType, parts: tuple[Part, ...]) -> None:
    found = classify(made(parts), past(), replace(RUNNER, units=Units.MILES))
    assert found.run_type is kind
    assert not any("km" in reason.text for reason in found.reasons)


@settings(max_examples=12, deadline=None)
@given(first=st.floats(4.1, 5.2), more=st.floats(0.0, 0.8))
def test_faster_repeats_never_become_easy(first: float, more: float) -> None:
    def repeats(speed: float) -> Activity:
        return made(((900, 2.9), *((180, speed), (120, JOG)) * 6, (600, 2.8)))

    assert verdict(repeats(first)) is RunType.INTERVAL
    assert verdict(repeats(first + more)) is not RunType.EASY


@settings(max_examples=12, deadline=None)
@given(minutes=st.integers(95, 150), more=st.integers(0, 60))
def test_a_longer_run_never_stops_being_long(minutes: int, more: int) -> None:
    assert verdict(made(((minutes * 60, 2.95),), streams=False)) is RunType.LONG
    assert verdict(made((((minutes + more) * 60, 2.95),), streams=False)) is RunType.LONG


def test_later_runs_are_not_seen() -> None:
    run = made(INTERVALS, start=TODAY - timedelta(weeks=5))
    before = tuple(one for one in past() if one.started_at < run.started_at)
    assert classify(run, past(), RUNNER) == classify(run, before, RUNNER)


def test_history_may_come_in_any_order() -> None:
    assert classify(made(INTERVALS), past()[::-1], RUNNER) == classify(made(INTERVALS), past(), RUNNER)


@settings(max_examples=20)
@given(
    ages=st.lists(st.integers(1, 900), min_size=90, max_size=250),
    main=st.integers(1, 2),
    corrected=st.sets(st.integers(0, 249), max_size=5),
    days_later=st.integers(0, 40),
)
def test_what_lies_beyond_its_reach_makes_no_difference(
    ages: list[int], main: int, corrected: set[int], days_later: int
) -> None:
    history = [
        replace(
            past()[number % len(past())],
            started_at=TODAY - timedelta(days=age, hours=number % 9),
            distance_m=9000.0 if number % main == 0 else 900.0,
            corrected=RunType.TEMPO if number in corrected else None,
        )
        for number, age in enumerate(ages)
    ]
    since = reaches_back_to(TODAY)
    within = [one for one in history if one.started_at >= since]
    seen = [one for one in history if one.started_at >= since or one.corrected]
    run = made(STRIDES, start=TODAY + timedelta(days=days_later))

    assume(reaches_no_further(within, TODAY))
    assert classify(run, seen, RUNNER) == classify(run, history, RUNNER)


def test_the_runners_word_decides_and_is_remembered() -> None:
    found = classify(made(EASY_RUN), past(), RUNNER, correction=RunType.TEMPO)
    assert (found.run_type, found.tier, found.confidence) == (RunType.TEMPO, Tier.TOLD, 1.0)
    assert found.remembered.corrected is RunType.TEMPO


def test_corrections_move_this_runners_own_boundary_and_say_so() -> None:
    steady = ((600, 2.9), (1500, 3.3), (600, 2.9))
    told = list(past())
    for day in range(1, 5):
        run = made(steady, start=TODAY - timedelta(days=day * 3, hours=5), seed=day)
        told.append(classify(run, told, RUNNER, correction=RunType.TEMPO).remembered)
    assert classify(made(steady), past(), RUNNER).run_type is RunType.EASY
    learned = classify(made(steady), told, RUNNER)
    assert learned.run_type is RunType.TEMPO
    assert "you called runs like this tempo 4 times" in [reason.text for reason in learned.reasons]


def test_a_planned_workout_decides_before_the_title() -> None:
    laps = [Lap(start_s=0, elapsed_s=900, distance_m=2600, intensity="warmup")]
    for repeat in range(6):
        laps.append(Lap(start_s=900 + repeat * 300, elapsed_s=180, distance_m=790, intensity="active"))
        laps.append(Lap(start_s=1080 + repeat * 300, elapsed_s=120, distance_m=290, intensity="rest"))
    found = classify(replace(made(EASY_RUN), laps=tuple(laps), title="Easy run"), past(), RUNNER)
    assert (found.run_type, found.tier) == (RunType.INTERVAL, Tier.TOLD)
    assert found.reasons[0].text == "the laps were planned: 6 work laps of about 3:00"


def test_a_title_decides_before_detection() -> None:
    found = classify(replace(made(EASY_RUN), title="Schwellenlauf"), past(), RUNNER)
    assert (found.run_type, found.tier) == (RunType.TEMPO, Tier.TOLD)


def test_a_platforms_tag_is_only_a_prior() -> None:
    assert verdict(replace(made(EASY_RUN), tags=("workout",))) is RunType.EASY


def test_reasons_quote_the_efforts_as_they_were_run() -> None:
    found = classify(made(INTERVALS), past(), RUNNER)
    threshold = found.thresholds["threshold_speed_mps"]
    assert len(found.efforts) == 6
    assert all(abs(effort.duration_s - 180) <= 10 for effort in found.efforts)
    assert all(effort.speed_mps == pytest.approx(FAST, rel=0.03) for effort in found.efforts)
    assert any(
        reason.text.startswith("6 efforts of about 3:0")
        and reason.text.endswith(
            f"at {round(100 * np.mean([e.speed_mps for e in found.efforts]) / threshold)} % of your threshold speed"
        )
        for reason in found.reasons
    )


def test_a_first_run_is_judged_by_itself_and_with_doubt() -> None:
    found = classify(made(INTERVALS), (), RUNNER)
    assert (found.run_type, found.tier) == (RunType.INTERVAL, Tier.NEWCOMER)
    assert found.confidence <= 0.5
    assert any("6 efforts" in reason.text for reason in found.reasons)


def test_75_minutes_are_long_for_a_newcomer() -> None:
    assert classify(made(((4800, EASY),)), (), RUNNER).run_type is RunType.LONG
    assert classify(made(((3600, EASY),)), (), RUNNER).run_type is RunType.EASY


def test_an_empty_recording_is_easy_with_doubt_not_an_error() -> None:
    bare = replace(made(EASY_RUN, streams=False, heart=False), distance_m=None, moving_s=0.0)
    found = classify(bare, (), RUNNER)
    assert found.run_type is RunType.EASY
    assert found.confidence <= 0.5
    assert found.reasons


@pytest.mark.parametrize("count", [0, 1, 2, 30])
def test_a_stream_of_few_or_no_values_is_no_error(count: int) -> None:
    streams = Streams.build(np.arange(count, dtype=np.float64))
    assert classify(replace(made(EASY_RUN), streams=streams), past(), RUNNER).tier is Tier.SUMMARY


def test_a_sensor_that_counts_steps_is_not_believed() -> None:
    run = made(EASY_RUN)
    assert run.streams is not None
    steps = np.full(len(run.streams), 172.0)
    locked = replace(run.streams, cadence_spm=steps, heart_rate=steps + 1.0)
    found = classify(replace(run, streams=locked, avg_hr=None, max_hr=None), past(), RUNNER)
    assert (found.run_type, found.tier) == (RunType.EASY, Tier.STREAMS)


def test_what_is_remembered_is_plain_numbers() -> None:
    remembered = classify(made(INTERVALS), past(), RUNNER).remembered
    assert all(type(value) is float and np.isfinite(value) for value in remembered.features.values())


def test_the_rules_have_a_name() -> None:
    assert classify(made(EASY_RUN), (), RUNNER).ruleset == RULESET


@each_kind
def test_a_newcomers_plain_sessions_are_told_apart_by_what_they_hold(kind: RunType, parts: tuple[Part, ...]) -> None:
    found = classify(made(parts), (), RUNNER)

    assert (found.run_type, found.tier) == (kind, Tier.NEWCOMER)
    assert found.confidence <= 0.5
    assert "first guess" in found.reasons[-1].text


@pytest.mark.parametrize(
    ("stated", "top"),
    [
        ({"threshold_hr": 171.0}, 190.0),
        ({"max_hr": 188.0, "threshold_hr": 171.0}, 188.0),
        ({"birth_year": TODAY.year - 40}, 180.0),
    ],
)
def test_what_a_newcomer_states_of_their_heart_is_what_their_runs_are_held_against(
    stated: dict[str, float], top: float
) -> None:
    found = classify(made(EASY_RUN), (), replace(RUNNER, **stated))  # type: ignore[arg-type]

    assert found.thresholds["hr_top"] == pytest.approx(top)


def test_an_easy_run_says_what_it_did_not_hold() -> None:
    told = [reason.text for reason in classify(made(EASY_RUN), past(), RUNNER).reasons]

    assert told[0] == "no stretch near your threshold speed"


@pytest.mark.parametrize(
    ("told", "stated", "top"),
    [
        ({"runner_max_hr": 196.0, "runner_threshold_hr": 180.5}, {}, 196.0),
        ({"runner_threshold_hr": 171.0}, {}, 190.0),
        ({"runner_max_hr": 196.0}, {"threshold_hr": 171.0}, 190.0),
        ({"runner_max_hr": 196.0}, {"birth_year": 1986}, 196.0),
    ],
)
def test_a_newcomers_heart_is_known_from_their_platform_where_they_did_not_say(
    told: dict[str, float], stated: dict[str, float], top: float
) -> None:
    found = classify(replace(made(EASY_RUN), **told), (), replace(RUNNER, **stated))  # type: ignore[arg-type]
    assert found.thresholds["hr_top"] == pytest.approx(top)
