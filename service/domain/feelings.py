"""How a run felt, in the runner's word: what insights compare."""

from enum import StrEnum


class RunFelt(StrEnum):
    """How a run felt, from the best to the worst; the last two are two ways of not feeling well."""

    GREAT = "great"
    GOOD = "good"
    OKAY = "okay"
    HEAVY = "heavy"
    STIFF = "stiff"


FELT_WELL = frozenset({RunFelt.GREAT, RunFelt.GOOD})
