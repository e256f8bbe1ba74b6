"""What a body can do: grade-adjusted speed, best efforts, the runner's own threshold and top heart rate.

Thresholds come from the runner's own history, so that "fast" and "hard" mean fast and hard for them.
"""

from dataclasses import dataclass

import numpy as np

from service.domain.activity import Column

# Speed held over an hour against speed held over T: v x (T / 3600) ^ 0.06 (Riegel 1981, fatigue factor 1.06).
FATIGUE = 0.06
HOUR_S = 3600.0
BEST_EFFORTS_S = (300.0, 600.0, 1200.0, 2400.0)

# Minetti 2002: cost of running on grade i over its cost on the flat, 3.6 J/kg/m. Downhill it promises more than
# runners take (-10 %: 0.60); measured runs say about 0.88, so a gentler parabola is used there.
MINETTI = np.array([155.4, -30.4, -43.3, 46.3, 19.5, 3.6]) / 3.6
DOWNHILL = np.array([3.0, 1.5, 1.0])
DOWNHILL_LEAST = 0.8

# Flat speed of a summary: 0.3 % for each metre climbed in a kilometre, no more than 40 (fitted; Minetti gives 0.3-0.4).
CLIMB_COST = 0.003
CLIMB_MOST = 40.0

TANAKA = (208.0, 0.7)  # HRmax = 208 - 0.7 x age (Tanaka 2001), +-10 beats
PERFORMANCE_FADES = 0.02  # a best effort 60 days ago is worth this share less today
FADE_DAYS = 60.0


def grade_factor(grade: Column) -> Column:
    """Return what to multiply speed on a grade (rise over run) by to get the flat speed of the same cost."""
    uphill = np.polyval(MINETTI, np.maximum(grade, 0.0))
    downhill = np.maximum(np.polyval(DOWNHILL, np.minimum(grade, 0.0)), DOWNHILL_LEAST)
    return np.where(grade >= 0.0, uphill, downhill)


def flat_speed(distance_m: float, moving_s: float, climb_m: float | None) -> float:
    """Return a run's average speed in m/s, raised for what it climbed."""
    climb_a_km = min((climb_m or 0.0) / (distance_m / 1000.0), CLIMB_MOST)
    return distance_m / moving_s * (1.0 + CLIMB_COST * max(climb_a_km, 0.0))


def hour_speed(speed_mps: float, seconds: float) -> float:
    """Return the speed a runner who held `speed_mps` for `seconds` could hold for an hour: about threshold speed."""
    return float(speed_mps * (seconds / HOUR_S) ** FATIGUE)


def top_heart_rate_by_age(age_years: float) -> float:
    """Return the heart rate a person of that age reaches at most, +-10 (Tanaka 2001)."""
    return TANAKA[0] - TANAKA[1] * age_years


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """The runner's own figures on the day of a run; None where the history does not tell them.

    `speed_mps` is threshold speed (held for about an hour), `easy_mps` the usual easy speed, `top_hr` the heart rate
    reached in the hardest runs (a little under the maximum).
    """

    speed_mps: float | None = None
    easy_mps: float | None = None
    top_hr: float | None = None


def threshold_speed(performances: Column, days_ago: Column) -> float:
    """Return threshold speed from hour speeds (m/s) of at least five runs and how many days ago they were.

    The mean of the second to fourth best, older ones discounted: the very best is often an error of the position.
    """
    faded = performances * (1.0 - PERFORMANCE_FADES * days_ago / FADE_DAYS)
    return float(np.sort(faded)[-4:-1].mean())


def top_heart_rate(highest: Column) -> float:
    """Return the top heart rate from the highest value of each of at least five runs.

    The mean of the highest without the very highest, which is often a reading error: one in thirty runs, at least two.
    """
    ranked = np.sort(highest)[::-1]
    return float(ranked[1 : max(2, len(ranked) // 30) + 1].mean())
