"""What is measured in one run alone, without knowing the runner: the figures that are remembered of it."""

from collections.abc import Mapping

import numpy as np

from service.domain.activity import Activity, Column
from service.domain.judging.efforts import WITHIN_RUN, Spans, find_spans, lap_repeats, longest_best
from service.domain.judging.physiology import BEST_EFFORTS_S, flat_speed, hour_speed
from service.domain.judging.samples import MOVING_MPS, STEP_S, Samples, moving_mean

# A run that counts as training, not a walk to the start or a watch left running.
LEAST_M = 2000.0
LEAST_S = 600.0

# Bounds within which a best effort is believed; outside the distance or the clock was wrong.
BELIEVED_SUMMARY_MPS = 6.3
BELIEVED_BEST_MPS = 6.8
BELIEVED_LAP_MPS = (1.5, 6.6)
LEAST_LAP_S = 180.0
LEAST_SUMMARY_M = 1500.0

RHYTHM_TREND_S = 600.0
RHYTHM_LAGS_S = (40.0, 480.0)
NEAR_BEST = 0.7  # the first peak this near the highest is the period; later ones are its multiples
REST_MPS = 1.2
SUSTAINED_S = 600.0  # one of BEST_EFFORTS_S: longer than a repeat, shorter than a tempo run
SETTLING_SHARE = 8  # the first eighth of a run, while heart rate rises
TENTHS = 10
FASTEST_TENTHS = 4
LEAST_SAMPLES = 90
GROUPING_STEPS = 8


def measure(activity: Activity, samples: Samples | None) -> dict[str, float]:
    """Return the figures of a run by name, those that cannot be told left out.

    Metres, seconds, m/s and beats a minute: `flat_speed`; `climb` a kilometre; `performance`, the best hour speed it
    shows; `best_300` ... `best_2400`, the best speed over so many seconds; `mean_hr`, `top_hr`, `heart_gap` (top -
    mean) and `heart_spread` (sd). Shares: `contrast`, grade-adjusted speed in efforts over speed between them, and
    `ground_contrast`, the same of plain speed; `effort_grade`, how steep the efforts were (rise over run); `sustained`,
    the best 10 min over the run's median speed; `speed_spread`, sd/mean; `standing_share`; `pause_share`; `rhythm` and
    its period `rhythm_s`; `middle_speed`, the middle against the ends; `two_speeds`, how well a fast and a slow speed
    describe the run. A count: `lap_repeats`.
    """
    found = _summary(activity) | _heart(activity, samples)
    if samples is not None:
        found |= _stream(samples)
    elif activity.elapsed_s > 0 and activity.moving_s > 0:
        found["pause_share"] = float(np.clip(1.0 - activity.moving_s / activity.elapsed_s, 0.0, 1.0))
    repeats = lap_repeats(activity.laps)
    if repeats is not None:
        found["lap_repeats"] = repeats
    performance = _performance(activity, samples, found)
    if performance is not None:
        found["performance"] = performance
    return found


def is_main(distance_m: float | None, moving_s: float) -> bool:
    """Whether a run counts as training: at least 2 km and 10 min."""
    return (distance_m or 0.0) >= LEAST_M and moving_s >= LEAST_S


def _summary(activity: Activity) -> dict[str, float]:
    if not activity.distance_m or activity.moving_s <= 0:
        return {}
    found = {"flat_speed": flat_speed(activity.distance_m, activity.moving_s, activity.climb_m)}
    if activity.climb_m:  # a bare 0 is what devices without an altimeter write
        found["climb"] = activity.climb_m / (activity.distance_m / 1000.0)
    return found


def _heart(activity: Activity, samples: Samples | None) -> dict[str, float]:
    found: dict[str, float] = {}
    mean, top = activity.avg_hr, activity.max_hr
    if samples is not None and samples.heart_rate is not None:
        mean = mean or float(samples.heart_rate.mean())
        top = top or float(samples.heart_rate.max())
        found["heart_spread"] = float(samples.heart_rate[len(samples) // SETTLING_SHARE :].std())
    if mean:
        found["mean_hr"] = mean
    if top:
        found["top_hr"] = top
    if mean and top:
        found["heart_gap"] = top - mean
    return found


def _stream(samples: Samples) -> dict[str, float]:
    found = {
        f"best_{seconds:.0f}": best
        for seconds in BEST_EFFORTS_S
        if (best := longest_best(samples, seconds)) is not None
    }
    moving = samples.effort_speed[samples.moving]
    found["standing_share"] = 1.0 - len(moving) / len(samples)
    if len(moving) >= LEAST_SAMPLES:
        found["speed_spread"] = float(moving.std() / moving.mean())
        found["rhythm"], found["rhythm_s"] = rhythm(samples.smooth)
    running = samples.effort_speed[samples.running]
    if len(running) >= LEAST_SAMPLES:
        found["middle_speed"] = _middle_speed(running)
        found["two_speeds"] = two_speeds(samples.smooth[samples.running])
        found["own_median"] = float(np.median(running))
        found |= _contrast(samples, find_spans(samples, found["own_median"], WITHIN_RUN))
        if f"best_{SUSTAINED_S:.0f}" in found:
            found["sustained"] = found[f"best_{SUSTAINED_S:.0f}"] / found["own_median"]
    return found


def _contrast(samples: Samples, spans: Spans) -> dict[str, float]:
    """Return how the efforts stand out from the rest (standing left out), and whether a slope alone made them.

    Plain speed is asked too: a climb, or an altitude that jumps, is an effort by the cost of running only.
    """
    inside = np.zeros(len(samples), dtype=np.bool_)
    for start, stop in zip(spans.start, spans.stop, strict=True):
        inside[start:stop] = True
    rest = ~inside & (samples.speed > REST_MPS)
    if not inside.any() or not rest.any():
        return {}
    return {
        "contrast": float(samples.effort_speed[inside].mean() / samples.effort_speed[rest].mean()),
        "ground_contrast": float(samples.speed[inside].mean() / samples.speed[rest].mean()),
        "effort_grade": float(samples.grade[inside].mean()),
    }


def two_speeds(speed: Column) -> float:
    """Return the share of the variance of speed that a fast and a slow group explain: 0.6 for noise, 0.9 for repeats.

    Two-means clustering; one speed throughout gives 0.
    """
    middle, spread = float(speed.mean()), float(speed.var())
    for _ in range(GROUPING_STEPS):
        fast = speed > middle
        if fast.all() or not fast.any():
            return 0.0
        middle = float(speed[fast].mean() + speed[~fast].mean()) / 2
    share = float(fast.mean())
    within = speed[fast].var() * share + speed[~fast].var() * (1.0 - share)
    return float(1.0 - within / spread)


def _middle_speed(running: Column) -> float:
    """Return the four fastest tenths over the mean of the first and last: above 1 after a warm-up and a cool-down."""
    tenths = np.array([np.median(part) for part in np.array_split(running, TENTHS)])
    return float(np.sort(tenths)[-FASTEST_TENTHS:].mean() / ((tenths[0] + tenths[-1]) / 2))


def rhythm(smooth: Column) -> tuple[float, float]:
    """Return how regularly speed rises and falls (0 to nearly 2) and the time from one rise to the next, seconds.

    The autocorrelation of speed around its ten-minute mean: its largest rise above its lowest point so far, for
    periods of 40 to 480 s.
    """
    wave = smooth - moving_mean(smooth, RHYTHM_TREND_S)
    count = len(wave)
    lags = np.arange(round(RHYTHM_LAGS_S[0] / STEP_S), min(round(RHYTHM_LAGS_S[1] / STEP_S), count // 2))
    power = float(np.mean(wave**2))
    if len(lags) == 0 or power <= 0.0:
        return 0.0, 0.0
    size = 1 << (2 * count - 1).bit_length()
    spectrum = np.fft.rfft(wave, size)
    products = np.fft.irfft(spectrum * np.conj(spectrum), size)[lags]
    likeness = products / (count - lags) / power
    rise = likeness - np.minimum.accumulate(likeness)
    peaks = np.flatnonzero((rise[1:-1] >= rise[:-2]) & (rise[1:-1] > rise[2:]) & (rise[1:-1] >= NEAR_BEST * rise.max()))
    first = int(peaks[0]) + 1 if len(peaks) else int(rise.argmax())
    return float(rise.max()), float(lags[first] * STEP_S)


def _performance(activity: Activity, samples: Samples | None, found: Mapping[str, float]) -> float | None:
    """Return the best hour speed (m/s) that the summary, the stream or the laps show."""
    shown = []
    speed = found.get("flat_speed", 0.0)
    if (
        activity.moving_s >= LEAST_S
        and (activity.distance_m or 0.0) >= LEAST_SUMMARY_M
        and speed < BELIEVED_SUMMARY_MPS
    ):
        shown.append(hour_speed(speed, activity.moving_s))
    for seconds in BEST_EFFORTS_S:
        best = found.get(f"best_{seconds:.0f}")
        if best is not None and MOVING_MPS < best < BELIEVED_BEST_MPS:
            shown.append(hour_speed(best, seconds))
    if samples is None:
        shown += [
            hour_speed(lap.distance_m / lap.elapsed_s, lap.elapsed_s)
            for lap in activity.laps
            if lap.distance_m
            and lap.elapsed_s >= LEAST_LAP_S
            and BELIEVED_LAP_MPS[0] <= lap.distance_m / lap.elapsed_s <= BELIEVED_LAP_MPS[1]
        ]
    return max(shown, default=None)
