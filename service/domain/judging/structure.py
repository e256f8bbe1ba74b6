"""What a device or a plan wrote into the laps: work and rest as the runner was told to do them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from service.domain.activity import Lap
from service.domain.verdict import RunType

WORK = ("active", "interval")
REST = ("rest", "recovery")
AROUND = ("warmup", "cooldown")
LEAST_REPEATS = 3
SHORTEST_S, LONGEST_S = 20.0, 300.0  # what design calls an interval: 20 s to 5 min
LEAST_INTERVAL_TOTAL_S = 360.0
LEAST_TEMPO_TOTAL_S = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The work laps of a structured run: how many, the median length in seconds, and the type they make."""

    run_type: RunType
    repeats: int
    median_s: float


def read_laps(laps: Sequence[Lap]) -> Plan | None:
    """Return the plan the laps tell, None where none is written into them.

    Only a recording that also has rest laps, or a warm-up or cool-down, tells work from the rest: many watches call
    every lap "active".
    """
    work = [lap for lap in laps if lap.intensity in WORK]
    rests = [lap for lap in laps if lap.intensity in REST]
    around = [lap for lap in laps if lap.intensity in AROUND]
    if not work or not (rests or around):
        return None
    seconds = np.array([lap.elapsed_s for lap in work])
    median, total = float(np.median(seconds)), float(seconds.sum())
    if len(work) >= LEAST_REPEATS and rests and SHORTEST_S <= median <= LONGEST_S and total >= LEAST_INTERVAL_TOTAL_S:
        return Plan(run_type=RunType.INTERVAL, repeats=len(work), median_s=median)
    if len(work) > 1 and rests and median > LONGEST_S and total >= LEAST_TEMPO_TOTAL_S:
        return Plan(run_type=RunType.TEMPO, repeats=len(work), median_s=median)
    return None
