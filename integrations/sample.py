"""A made-up runner, for the demonstration, tests and benchmarks: seeded, so that the same call makes the same runs.

plan (blocks of effort) -> signals (speed, heart rate, cadence, altitude, each second) -> activity as a watch keeps it

The runner holds 4:30/km for an hour, has a maximum heart rate of 190 and runs three to five times a week.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from service.domain.activity import RUNNING, Activity, Column, Lap, Pause, Ref, Streams
from service.domain.classification import RunType

SEED = 20_260_401
THRESHOLD_MPS = 3.70
MAX_HR = 190.0
# A straight line through standing, an easy run (0.76 of threshold speed: 145) and threshold (172).
_HR_STANDING, _HR_OF_EFFORT = 58.0, 114.0
_HR_LAG_S = 30.0
_HR_DRIFT_PER_HOUR = 5.0
# Steps a minute of both feet: 164 at an easy run, 174 at threshold.
_STEPS_STANDING, _STEPS_OF_SPEED = 132.0, 11.3
_SPEED_LAG_S = 4.0
_SLOWER_UPHILL = 3.0
_COURSE_ALTITUDE_M = 80.0
_KILOMETRE = 1000.0
# Days differ: legs, heat, sleep.
_FORM_SPREAD, _HR_SPREAD = 0.02, 2.5
_SMART_SHARE = 1 / 3

# Shares of threshold speed; before the start the runner walks.
_BEFORE, _JOG, _EASY, _TEMPO, _REPEAT = 0.25, 0.66, 0.76, 0.97, 1.08
_TUESDAY, _SUNDAY = 1, 6
_EASY_DAYS = (3, 5, 0)
_EVENING, _SUNDAY_MORNING = time(18, 10), time(9, 0)


@dataclass(frozen=True, slots=True)
class Block:
    """So many seconds at a share of threshold speed. `lap` is True where the runner presses the button at its end."""

    seconds: int
    effort: float
    lap: bool = False


def history(until: datetime, weeks: int = 12, seed: int = SEED) -> list[Activity]:
    """Return the runs of the weeks before `until`, oldest first, all ended by then.

    Each week has a long run on Sunday, a tempo or an interval session on Tuesday by turns, and one to three easy runs.
    `until` is aware; its zone is the runner's.
    """
    monday = until.date() - timedelta(days=until.weekday() + 7 * weeks)
    made = [run for week in range(weeks + 1) for run in _week(monday + timedelta(weeks=week), until, seed)]
    return [run for run in made if until - timedelta(weeks=weeks) <= run.started_at and run.ended_at <= until]


def latest(kind: RunType, ended_at: datetime, seed: int = SEED) -> Activity:
    """Return one run of a kind that ended at a moment: 45 min easy, 25 of 50 min tempo, 6 x 3 min, or 2 h long.

    It is sampled every second; another `seed` gives another run of the same plan.
    """
    rng = np.random.default_rng([seed, list(RunType).index(kind)])
    return _run(_PLANS[kind], ended_at, rng)


def hours(count: int, until: datetime, seed: int = SEED) -> Iterator[Activity]:
    """Yield so many different runs of about an hour at 1 Hz, one a day, the last on the day of `until`."""
    plans = (_easy(60), _tempo(35), _interval(7, 180, 120), _easy(58), _easy(62))
    for number in range(count):
        ended_at = until - timedelta(days=count - 1 - number)
        yield _run(plans[number % len(plans)], ended_at, np.random.default_rng([seed, number]))


def _easy(minutes: int) -> tuple[Block, ...]:
    return (Block(60 * minutes, _EASY),)


def _tempo(minutes: int) -> tuple[Block, ...]:
    return (Block(15 * 60, _EASY), Block(60 * minutes, _TEMPO), Block(10 * 60, _JOG))


def _interval(repeats: int, work_s: int, rest_s: int) -> tuple[Block, ...]:
    both = (Block(work_s, _REPEAT, lap=True), Block(rest_s, _JOG, lap=True))
    return (Block(15 * 60, _EASY, lap=True), *(both * repeats), Block(10 * 60, _JOG))


_PLANS = {
    RunType.EASY: _easy(45),
    RunType.TEMPO: _tempo(25),
    RunType.INTERVAL: _interval(6, 180, 120),
    RunType.LONG: _easy(120),
}
_HARD_SESSIONS = (_interval(6, 180, 120), _tempo(20), _interval(10, 60, 60), _tempo(25), _interval(5, 240, 150))


def _week(monday: date, until: datetime, seed: int) -> Iterator[Activity]:
    rng = np.random.default_rng([seed, monday.toordinal()])
    number = monday.toordinal() // 7
    easy = {day: _easy(int(rng.integers(35, 51))) for day in _EASY_DAYS[: rng.integers(1, 4)]}
    long = _easy(int(88 + 4 * (number % 4) + rng.integers(-3, 4)))
    plans = {**easy, _TUESDAY: _HARD_SESSIONS[number % len(_HARD_SESSIONS)], _SUNDAY: long}
    for day, plan in sorted(plans.items()):
        clock = _SUNDAY_MORNING if day == _SUNDAY else _EVENING
        begins = datetime.combine(monday + timedelta(days=day), clock, until.tzinfo)
        length = sum(block.seconds for block in plan) + int(rng.integers(-900, 900))
        yield _run(plan, begins + timedelta(seconds=length), rng, smart=rng.random() < _SMART_SHARE)


def _run(plan: Sequence[Block], ended_at: datetime, rng: np.random.Generator, *, smart: bool = False) -> Activity:
    signals = _signals(plan, rng)
    stops = _stops(plan, rng)
    streams, pauses = _with_stops(signals, stops)
    elapsed = float(streams.time_s[-1])
    started_at = ended_at.astimezone(UTC) - timedelta(seconds=elapsed)
    return Activity(
        ref=Ref(source="sample", external_id=f"{started_at:%Y%m%dT%H%M%S}"),
        sport=RUNNING,
        started_at=started_at,
        utc_offset=ended_at.utcoffset(),
        elapsed_s=elapsed,
        moving_s=elapsed - sum(pause.end_s - pause.start_s for pause in pauses),
        distance_m=float(streams.distance_m[-1]),
        avg_hr=float(np.round(streams.heart_rate.mean())),
        max_hr=float(streams.heart_rate.max()),
        climb_m=float(np.round(np.clip(np.diff(streams.altitude_m), 0, None).sum())),
        streams=_thinned(streams, rng) if smart else streams,
        laps=_laps(plan, streams),
        pauses=pauses,
        device="Sample watch",
    )


def _signals(plan: Sequence[Block], rng: np.random.Generator) -> Streams:
    """Return what happens second by second while the timer runs."""
    effort = np.repeat([block.effort for block in plan], [block.seconds for block in plan])
    form = rng.normal(1.0, _FORM_SPREAD)
    effort = form * np.concatenate([[_BEFORE], effort]) + _wander(len(effort) + 1, 120.0, 0.012, rng)
    time_s = np.arange(len(effort), dtype=np.float64)
    altitude = _altitude(np.cumsum(effort) * THRESHOLD_MPS, rng)
    grade = _lagged(np.gradient(altitude), 10.0) / THRESHOLD_MPS
    speed = _lagged(effort, _SPEED_LAG_S) * THRESHOLD_MPS * (1 - _SLOWER_UPHILL * grade)
    speed = np.clip(speed * (1 + _wander(len(effort), 6.0, 0.02, rng)), 0.0, None)
    demand = _HR_STANDING + _HR_OF_EFFORT * effort + _HR_DRIFT_PER_HOUR * time_s / 3600
    heart_rate = rng.normal(0, _HR_SPREAD) + _lagged(demand, _HR_LAG_S) + _wander(len(effort), 20.0, 1.2, rng)
    cadence = _STEPS_STANDING + _STEPS_OF_SPEED * speed + rng.normal(0, 1.2, len(effort))
    return Streams.build(
        time_s,
        distance_m=np.round(np.cumsum(speed) - speed[0], 2),
        speed_mps=np.round(speed, 3),
        heart_rate=np.round(np.clip(heart_rate, None, MAX_HR)),
        cadence_spm=np.where(speed > 1.0, np.round(cadence), 0.0),
        altitude_m=np.round(altitude * 5) / 5,
    )


def _lagged(values: Column, lag_s: float) -> Column:
    """Return the values as something follows them that closes in by a constant share every second."""
    kernel = np.exp(-np.arange(int(6 * lag_s)) / lag_s)
    padded = np.concatenate([np.full(len(kernel) - 1, values[0]), values])
    return np.convolve(padded, kernel / kernel.sum(), mode="valid")


def _wander(length: int, lag_s: float, spread: float, rng: np.random.Generator) -> Column:
    """Return noise around zero that keeps its direction for about `lag_s` seconds."""
    noise = _lagged(rng.normal(size=length + int(6 * lag_s)), lag_s)[-length:]
    return noise * (spread / noise.std())


def _altitude(distance: Column, rng: np.random.Generator) -> Column:
    """Return a gentle, hilly course: three waves of the way."""
    lengths = np.array([600.0, 1700.0, 5200.0])
    heights = rng.uniform((0.5, 1.5, 3.0), (2.0, 5.0, 10.0))
    angles = 2 * np.pi * distance[:, np.newaxis] / lengths + rng.uniform(0, 2 * np.pi, 3)
    return np.asarray(_COURSE_ALTITUDE_M + np.sin(angles) @ heights)


def _stops(plan: Sequence[Block], rng: np.random.Generator) -> dict[int, int]:
    """Return when the runner stops and for how long: at traffic lights, never within a session of several blocks."""
    if len(plan) > 1:
        return {}
    places = np.sort(rng.integers(300, plan[0].seconds - 300, rng.integers(0, 3)))
    return {int(place): int(rng.integers(15, 60)) for place in places}


def _with_stops(signals: Streams, stops: dict[int, int]) -> tuple[Streams, tuple[Pause, ...]]:
    """Return the streams with time going on while the runner stood, and the pauses."""
    time_s, pauses = signals.time_s.copy(), []
    for place, length in stops.items():
        begins = float(time_s[place])
        time_s[place + 1 :] += length
        pauses.append(Pause(start_s=begins, end_s=begins + length))
    return replace(signals, time_s=time_s), tuple(pauses)


def _thinned(streams: Streams, rng: np.random.Generator) -> Streams:
    """Return the samples a watch keeps that writes only where something changed: every 1 to 7 s."""
    places = np.cumsum(rng.integers(1, 8, len(streams)))
    places = np.concatenate([[0], places[places < len(streams) - 1], [len(streams) - 1]])
    return Streams(**{column.name: getattr(streams, column.name)[places] for column in fields(Streams)})


def _laps(plan: Sequence[Block], streams: Streams) -> tuple[Lap, ...]:
    """Return the runner's own laps where the plan has any, else one every kilometre."""
    if any(block.lap for block in plan):
        ends, trigger = np.cumsum([block.seconds for block in plan]), "manual"
    else:
        marks = np.append(np.arange(_KILOMETRE, streams.distance_m[-1], _KILOMETRE), streams.distance_m[-1])
        ends, trigger = np.unique(np.searchsorted(streams.distance_m, marks)), "distance"
    begins = np.concatenate([[0], ends[:-1]])
    triggers = [trigger] * (len(ends) - 1) + ["session_end"]
    return tuple(_lap(streams, first, last, how) for first, last, how in zip(begins, ends, triggers, strict=True))


def _lap(streams: Streams, first: int, last: int, trigger: str) -> Lap:
    return Lap(
        start_s=float(streams.time_s[first]),
        elapsed_s=float(streams.time_s[last] - streams.time_s[first]),
        distance_m=float(np.round(streams.distance_m[last] - streams.distance_m[first], 2)),
        avg_hr=float(np.round(streams.heart_rate[first:last].mean())),
        trigger=trigger,
    )
