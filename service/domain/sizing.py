"""How long a routine should be: for the run, the runner's minutes, and how the last one went."""

from dataclasses import dataclass
from math import ceil, floor, isfinite

from service.domain.classification import Flag, RunType
from service.domain.policy import Plan, Policy
from service.domain.wish import Feedback, Part, Wish

MINUTE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Seconds to aim for, and the window that will do. `why` completes "17 minutes: ..."."""

    aim: int
    low: int
    high: int
    why: str


def size(wish: Wish, policy: Policy) -> Size | None:
    """Return how long the routine should be, changes included; None where the minutes asked for are out of reach."""
    plan = policy.types[wish.run_type]
    if wish.minutes is not None:
        return _asked(wish.minutes, ceiling_s(wish, policy), policy)
    if wish.part is Part.NOW:
        most = policy.now.most_s
        return Size(
            aim=most, low=0, high=most, why="the essentials right away; the thorough part can wait until later today"
        )
    if reason := _minimum(wish, plan):
        least = plan.seconds[0]
        most = least + policy.minimum_slack_s
        return Size(aim=most, low=least, high=most, why=reason)
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


def _minimum(wish: Wish, plan: Plan) -> str:
    """Return why the least of the usual size is enough, or nothing."""
    if wish.run_type is not RunType.EASY:
        return ""
    if Flag.RECOVERY in wish.flags:
        return "a recovery run asks for little more than a walk"
    if wish.week_done >= wish.week_goal:
        return f"{wish.week_done} sessions this week already, and {plan.asks}"
    return ""


def _usual(wish: Wish, plan: Plan, policy: Policy) -> Size:
    least, most = plan.seconds
    aim = least + round(_share(wish, plan, policy) * (most - least))
    return Size(aim=aim, low=least, high=most, why=_why(wish, plan, policy))


def _share(wish: Wish, plan: Plan, policy: Policy) -> float:
    """Return where in the usual range to aim, 0 to 1: by the time spent running, then by how the last one felt."""
    if wish.pain or wish.part is Part.LATER or wish.confidence < policy.unsure_below:
        return 0.0
    shift = {Feedback.TOO_MUCH: -policy.feedback_shift, Feedback.TOO_EASY: policy.feedback_shift, None: 0.0}
    return _clamped(_run_share(wish, plan, policy) + shift[wish.feedback])


def _run_share(wish: Wish, plan: Plan, policy: Policy) -> float:
    seconds = run_seconds(wish, policy)
    if seconds is None:
        return 0.5
    shortest, longest = plan.run_minutes
    return _clamped((seconds / MINUTE - shortest) / (longest - shortest))


def run_seconds(wish: Wish, policy: Policy) -> float | None:
    """Return how long the run took, from its distance at a steady pace where only that is known, else None."""
    if wish.duration_s is not None and isfinite(wish.duration_s):
        return wish.duration_s
    if wish.distance_m is not None and isfinite(wish.distance_m):
        return wish.distance_m / 1000 * policy.steady_s_per_km
    return None


def _clamped(share: float) -> float:
    return min(1.0, max(0.0, share))


def _why(wish: Wish, plan: Plan, policy: Policy) -> str:
    in_parts = plan.seconds[0] > policy.now.most_s
    if wish.part is Part.NOW and in_parts:
        return "the essentials right away; the thorough part can wait until later today"
    if wish.part is Part.LATER and in_parts:
        return "the thorough part, now that the essentials are done"
    if wish.duration_s is None or not isfinite(wish.duration_s) or wish.duration_s < MINUTE:
        return plan.asks
    return f"{plan.asks}, and you were out for {_spoken(wish.duration_s)}"


def _spoken(seconds: float) -> str:
    hours, minutes = divmod(round(seconds / MINUTE), MINUTE)
    return f"{hours} h {minutes:02d}" if hours else f"{minutes} min"
