"""Made-up runs of one runner: threshold about 3.9 m/s, easy 3.0 m/s, highest heart rate 190."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np

from service.domain.activity import Activity, Column, Ref, Streams
from service.domain.athlete import Athlete
from service.domain.classification import PastRun, classify
from service.domain.judging.physiology import grade_factor

RUNNER = Athlete(id="one")
TODAY = datetime(2025, 6, 1, 7, 0, tzinfo=UTC)
EASY, TEMPO, FAST, JOG, WALK = 3.0, 3.85, 4.4, 2.4, 1.4
HEART = {WALK: 115.0, JOG: 132.0, EASY: 142.0, TEMPO: 172.0, FAST: 184.0}
HEART_LAG_S = 30.0

type Part = tuple[float, float]  # seconds, metres a second

EASY_RUN: tuple[Part, ...] = ((2700, EASY),)
TEMPO_RUN: tuple[Part, ...] = ((720, 2.9), (1500, TEMPO), (600, 2.8))
INTERVALS: tuple[Part, ...] = ((900, 2.9), *((180, FAST), (120, JOG)) * 6, (600, 2.8))
LONG_RUN: tuple[Part, ...] = ((7200, 2.95),)


def made(
    parts: Sequence[Part], *, start: datetime = TODAY, heart: bool = True, streams: bool = True, seed: int = 0
) -> Activity:
    """Return a run of these parts at 1 Hz, with a little noise in speed and a heart that lags half a minute."""
    rng = np.random.default_rng(seed)
    wanted = np.concatenate([np.full(int(seconds), speed) for seconds, speed in parts])
    speed = np.convolve(np.pad(wanted, 3, mode="edge"), np.full(7, 1 / 7), mode="valid") + rng.normal(
        0, 0.05, len(wanted)
    )
    time = np.arange(len(speed), dtype=np.float64)
    distance = np.cumsum(speed)
    beats = _beats(wanted, rng) if heart else None
    return Activity(
        ref=Ref(source="made", external_id=start.isoformat()),
        sport="running",
        started_at=start,
        elapsed_s=float(len(speed)),
        moving_s=float(len(speed)),
        distance_m=float(distance[-1]),
        avg_hr=None if beats is None else float(beats.mean()),
        max_hr=None if beats is None else float(beats.max()),
        streams=Streams.build(time, distance_m=distance, speed_mps=speed, heart_rate=beats) if streams else None,
    )


def _beats(speed: Column, rng: np.random.Generator) -> Column:
    aim = np.interp(speed, list(HEART), list(HEART.values()))
    lag = np.exp(-np.arange(240) / HEART_LAG_S)
    padded = np.concatenate((np.full(len(lag) - 1, 110.0), aim))
    return np.asarray(np.convolve(padded, lag / lag.sum(), mode="valid") + rng.normal(0, 1, len(aim)))


def on_slopes(run: Activity, grade: Column) -> Activity:
    """Return the run as it goes with the same effort over slopes (rise over run, each second)."""
    assert run.streams is not None
    speed = run.streams.speed_mps / grade_factor(grade)
    distance = np.cumsum(speed)
    streams = replace(run.streams, speed_mps=speed, distance_m=distance, altitude_m=100.0 + np.cumsum(grade * speed))
    climb = float(np.maximum(grade * speed, 0.0).sum())
    return replace(run, streams=streams, distance_m=float(distance[-1]), climb_m=climb)


def thinned(run: Activity, keep: np.ndarray) -> Streams:
    """Return the streams of a run with only the samples kept."""
    assert run.streams is not None
    names = ("distance_m", "speed_mps", "heart_rate", "cadence_spm", "altitude_m")
    return Streams.build(run.streams.time_s[keep], **{name: getattr(run.streams, name)[keep] for name in names})


@cache
def past() -> tuple[PastRun, ...]:
    """Return ten weeks of this runner: three easy runs, a hard one and a long one a week."""
    runs: list[PastRun] = []
    for week in range(10, 0, -1):
        monday = TODAY - timedelta(weeks=week)
        hard = TEMPO_RUN if week % 2 else INTERVALS
        days = ((0, EASY_RUN), (1, hard), (3, ((2400, EASY),)), (4, ((3000, 2.95),)), (6, ((5700, 2.9),)))
        for day, parts in days:
            run = made(parts, start=monday + timedelta(days=day), seed=week * 7 + day)
            runs.append(classify(run, runs, RUNNER).remembered)
    return tuple(runs)
