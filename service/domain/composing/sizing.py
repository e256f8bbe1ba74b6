"""How long a routine should be: for the run, the runner's minutes, and how the last one went."""

from dataclasses import dataclass
from math import ceil, floor, isfinite

from service.domain.athlete import Level
from service.domain.classification import Flag, RunType
from service.domain.composing.policy import Plan, Policy
from service.domain.composing.possible import is_sure
from service.domain.wish import Feedback, Part, Wish

MINUTE = 60
METRES_PER_KM = 1000

# Where a run of unknown length is taken to be, and from where one is worth a word (ours; shares of its kind's range).
MIDDLE, SHORT_SIDE, LONG_SIDE = 0.5, 0.25, 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Seconds to aim for, and the window that will do. `why` completes "17 minutes: ...", `note` says what moved it."""

    aim: int
    low: int
    high: int
    why: str
    note: str = ""


def size(wish: Wish, policy: Policy) -> Size | None:
    """Return how long the routine should be, changes included; None where the minutes asked for are out of reach."""
    plan = policy.types[wish.run_type]
    if wish.minutes is not None:
        return _asked(wish.minutes, ceiling_s(wish, policy), policy)
    if wish.part is Part.NOW:
        return Size(aim=policy.now.most_s, low=0, high=policy.now.most_s, why=_why(wish, plan, policy))
    if reason := _minimum(wish):
        least = plan.seconds[0]
        most = least + policy.minimum_slack_s
        return Size(aim=most, low=_least_of(wish, least), high=most, why=reason)
    return _usual(wish, plan, policy)


def _asked(minutes: float, ceiling: int, policy: Policy) -> Size | None:
    """Return the window around the minutes asked for, cut off at the ceiling; None where nothing is left of it."""
    least, most = policy.minutes
    if not least <= minutes <= most:
        return None
    aim = minutes * MINUTE
    low = ceil(aim * (1 - policy.minutes_tolerance))
    high = min(floor(aim * (1 + policy.minutes_tolerance)), ceiling)
    return Size(aim=min(round(aim), high), low=low, high=high, why="as long as you asked for") if low <= high else None


def ceiling_s(wish: Wish, policy: Policy) -> int:
    """Return the seconds that no minutes asked for pass: "now" stays short, and an easy run stays easy."""
    most = policy.types[wish.run_type].most_s
    return min(most, policy.now.most_s) if wish.part is Part.NOW else most


def _minimum(wish: Wish) -> str:
    """Return why the least of the usual size is enough, or nothing."""
    if wish.run_type is not RunType.EASY:
        return ""
    if Flag.RECOVERY in wish.flags:
        return "a recovery run asks for little more than a walk"
    if wish.week_done >= wish.week_goal:
        return f"{wish.week_done} sessions this week already, so the least will do"
    return ""


def _usual(wish: Wish, plan: Plan, policy: Policy) -> Size:
    """Return a place in the usual range: by the time spent running, moved by how the last one felt.

    It is the least where something hurts, where the run type is unclear, a while after the run, and for what is left
    after the essentials.
    """
    least, most = plan.seconds
    aim, low, why = least + policy.minimum_slack_s, _least_of(wish, least), _why(wish, plan, policy)
    if wish.pain or wish.part is Part.LATER or wish.cold or not is_sure(wish, policy):
        return Size(aim=aim, low=low, high=most, why=why)
    ran = _run_share(wish, plan, policy)
    shift, note = _felt(wish.feedback, policy.feedback_shift)
    share = _clamped((MIDDLE if ran is None else ran) + shift)
    aim = max(aim, least + round(share * (most - least)))
    return Size(aim=aim, low=low, high=most, why=f"{why}{_compared(ran)}", note=note)


def _least_of(wish: Wish, least: int) -> int:
    """Return the least that will do: a beginner's few movements may take less than the usual size."""
    return 0 if wish.level is Level.BEGINNER else least


def _felt(feedback: Feedback | None, shift: float) -> tuple[float, str]:
    match feedback:
        case Feedback.TOO_MUCH:
            return -shift, "Less of it today: you said the last one was too much."
        case Feedback.TOO_EASY:
            return shift, "More of it, where there is room: you said the last one was too easy."
        case None:
            return 0.0, ""


def _run_share(wish: Wish, plan: Plan, policy: Policy) -> float | None:
    """Return where between a short and a long run of its kind this one was, 0 to 1; None where that is not known."""
    seconds = _run_seconds(wish, policy)
    if seconds is None:
        return None
    shortest, longest = plan.run_minutes
    return _clamped((seconds / MINUTE - shortest) / (longest - shortest))


def _run_seconds(wish: Wish, policy: Policy) -> float | None:
    """Return how long the run took, from its distance at a steady pace where only that is known."""
    if wish.duration_s is not None and isfinite(wish.duration_s):
        return wish.duration_s
    if wish.distance_m is not None and isfinite(wish.distance_m):
        return wish.distance_m / METRES_PER_KM * policy.steady_s_per_km
    return None


def _clamped(share: float) -> float:
    return min(1.0, max(0.0, share))


def _why(wish: Wish, plan: Plan, policy: Policy) -> str:
    in_parts = plan.seconds[0] > policy.now.most_s
    if wish.part is Part.NOW and in_parts:
        return "the essentials right away; the thorough part can wait until later today"
    if wish.part is Part.LATER and in_parts:
        return "the thorough part, now that the essentials are done"
    return f"{plan.asks}; a while after it the shorter end will do" if wish.cold else plan.asks


def _compared(share: float | None) -> str:
    """Return what is said of the run's length, without a figure: reasons may pass through anyone's servers."""
    if share is None or SHORT_SIDE < share < LONG_SIDE:
        return ""
    return f", and this one was on the {'long' if share >= LONG_SIDE else 'short'} side"
