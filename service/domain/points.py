"""The points table: what each piece of evidence says for tempo, interval and long against easy.

A ramp rises from 0 at `low` to 1 at `high`; evidence gives points x (rise - centre). `centre` is the mean rise over
the labelled runs, so that missing evidence, which adds nothing, counts as the average run. No sign contradicts what a
coach would say. Fitted by tools/fit_points.py with each athlete held out in turn; docs/classification.md says how well
it does and what was tried.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ramp:
    """One line of the table; `evidence` is a name of features.py, the last three are points."""

    evidence: str
    low: float
    high: float
    centre: float
    tempo: float
    interval: float
    long: float

    def rise(self, value: float) -> float:
        """Return where `value` lies on the ramp, 0 to 1."""
        return min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)


# Points before any evidence: tempo, interval, long.
START = (-1.75, -1.0, -2.5)

POINTS = (
    Ramp("distance_over_p90", 0.75, 1.1, 0.23, 0, 0, 0.25),
    Ramp("distance_over_p90", 1, 1.5, 0.08, 0, 0, 1.5),
    Ramp("distance_over_week", 0.8, 1.3, 0.19, 0, 0, 0.75),
    Ramp("minutes", 55, 100, 0.17, 0, 0, 3),
    Ramp("distance_over_median", 1.1, 2, 0.23, -0.25, -0.25, 0.5),
    Ramp("performance_over_threshold", 0.85, 1, 0.2, 1.75, 1, 0),
    Ramp("speed_over_similar", 0.97, 1.12, 0.3, 2.25, 0.75, 0),
    Ramp("speed_over_easy", 1, 1.2, 0.24, 0.25, 0.5, 0),
    Ramp("speed_rank", 0.5, 1, 0.26, 0.5, 0.5, 0),
    Ramp("longest_hard_s", 200, 900, 0.18, 0.25, -1.75, 0),
    Ramp("best_20_min", 0.88, 1, 0.09, 1.5, -0.25, 0),
    Ramp("hard_speed", 1.25, 1.55, 0.37, 0.25, 1, 0),
    Ramp("fast_seconds", 100, 600, 0.42, 0, 0.75, 0),
    Ramp("contrast", 1.3, 1.8, 0.41, 1.25, 0.25, -0.5),
    Ramp("fast_repeats", 2, 9, 0.47, 0, 1.75, 0),
    Ramp("speed_spread", 0.18, 0.42, 0.44, 0, 0, -0.25),
    Ramp("standing_share", 0.04, 0.3, 0.34, 0, 0.5, 0),
    Ramp("rhythm", 0.2, 0.6, 0.65, 0, 1.25, 0),
    Ramp("lap_repeats", 1, 5, 0.49, -0.75, 0.75, 0),
    Ramp("heart_spread", 7, 16, 0.56, 0.25, 1.5, -0.5),
    Ramp("heart_gap", 14, 32, 0.48, 0.5, 0, 0),
    Ramp("top_heart_rank", 0.4, 0.95, 0.29, 0, 1.5, 0),
    Ramp("top_heart_share", 0.88, 1, 0.24, 1.75, 0.25, 0),
    Ramp("mean_heart_share", 0.72, 0.9, 0.26, 0.5, 0.5, 0),
    Ramp("pause_share", 0.05, 0.3, 0.12, 0, 1.25, -0.25),
    Ramp("after_warm_up", 0, 1, 0.04, 1.25, 1.25, 0),
    Ramp("minutes", 20, 40, 0.78, 0.25, -0, 0.5),
    Ramp("heart_gap_rank", 0.5, 1, 0.25, 0, 2, 0),
    Ramp("contrast_rank", 0.5, 1, 0.26, 1.25, 1, -0.25),
    Ramp("fast_seconds_rank", 0.5, 1, 0.23, 0.75, 0, 0),
    Ramp("heart_spread_rank", 0.5, 1, 0.2, 0.25, 0.5, 0),
    Ramp("distance_over_longest", 0.7, 1, 0.1, 0, 0, 1),
    Ramp("longest_hard_share", 0.1, 0.6, 0.3, 0, -0.25, 0),
    Ramp("middle_speed", 1, 1.2, 0.57, 1.25, 1.25, 0),
    Ramp("repeat_speed", 1, 1.25, 0.43, -0.5, 2.5, -0.5),
)
