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
START = (-1.95, -0.9, -3)

POINTS = (
    Ramp("distance_over_p90", 0.9, 1.5, 0.08, 0, 0, 1.7),
    Ramp("distance_over_week", 0.8, 1.3, 0.19, 0, 0, 1.35),
    Ramp("distance_over_median", 1.1, 2, 0.17, -0.65, -0.65, 1.25),
    Ramp("minutes", 55, 100, 0.13, 0, 0, 2.1),
    Ramp("minutes", 20, 40, 0.67, 0.45, 0, 0.85),
    Ramp("performance_over_threshold", 0.85, 1, 0.27, 1.1, 0.85, 0),
    Ramp("performance_rank", 0.6, 1, 0.22, 1.15, 0.6, 0),
    Ramp("speed_over_similar", 0.97, 1.12, 0.32, 1.45, 0.55, 0),
    Ramp("speed_rank", 0.5, 1, 0.26, 1.1, 0.7, 0),
    Ramp("climb", 8, 25, 0.13, -0.85, 0, 0),
    Ramp("climb_rank", 0.5, 0.95, 0.29, -1.2, 0, 0),
    Ramp("after_warm_up", 0, 1, 0.05, 0.9, 0.95, 0),
    Ramp("pause_share", 0.05, 0.3, 0.16, 0, 1.25, -0.6),
    Ramp("heart_gap", 14, 32, 0.41, 0.65, 0, 0),
    Ramp("heart_gap_rank", 0.5, 1, 0.25, 0, 1.6, 0),
    Ramp("top_heart_rank", 0.4, 0.95, 0.29, 0, 1.4, 0),
    Ramp("top_heart_share", 0.88, 1, 0.26, 1.35, 0.6, 0),
    Ramp("heart_spread", 7, 16, 0.53, 0.85, 1.15, -0.9),
    Ramp("heart_spread_rank", 0.5, 1, 0.26, 1, 1, 0),
    Ramp("hard_speed", 1.25, 1.55, 0.29, 1.1, 1.3, 0),
    Ramp("best_20_min", 0.88, 1, 0.26, 1.2, -1.25, 0),
    Ramp("tempo_seconds", 300, 1500, 0.05, 1.1, 0, 0),
    Ramp("fast_seconds", 100, 600, 0.47, 0, 1.1, 0),
    Ramp("fast_seconds_rank", 0.5, 1, 0.24, 1.2, 0, 0),
    Ramp("fast_repeats", 2, 9, 0.47, 0, 1.6, 0),
    Ramp("repeat_speed", 1, 1.25, 0.36, -1, 1.5, -1),
    Ramp("contrast", 1.3, 1.8, 0.34, 0.95, 1.15, -0.95),
    Ramp("ground_contrast", 1, 1.4, 0.59, 1.15, 1.3, 0),
    Ramp("effort_grade", 0.02, 0.08, 0.16, -0.75, -0.6, 0),
    Ramp("sustained_rank", 0.5, 0.95, 0.29, 1.05, -0.95, 0),
    Ramp("two_speeds", 0.55, 0.85, 0.28, 0, 1.2, 0),
    Ramp("rhythm", 0.2, 0.6, 0.65, 0, 1.25, 0),
    Ramp("rhythm", 0.5, 1.1, 0.17, 0, 1.3, 0),
    Ramp("middle_speed", 1, 1.2, 0.48, 1.15, 0.65, 0),
    Ramp("lap_repeats", 1, 5, 0.31, -0.95, 1.25, 0),
)
