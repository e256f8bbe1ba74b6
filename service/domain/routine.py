"""A routine: the steps a runner does, composed for one run and one body.

    wish -> size (how long) -> choose (which movements) -> steps (in what order, how much of each) -> routine

Each of these decides one thing and is a module of its own; receipt finds the words for it.
"""

from dataclasses import dataclass, replace

from service.domain.classification import RunType
from service.domain.composing.choosing import Picks, choose
from service.domain.composing.policy import Policy
from service.domain.composing.possible import is_sure
from service.domain.composing.quick import is_quick, quick_steps
from service.domain.composing.receipt import focus, reasons, title, unmet
from service.domain.composing.sizing import Size, size
from service.domain.composing.steps import Step, lasts, steps
from service.domain.movements import BodyArea, Catalogue
from service.domain.wish import Done, Feedback, Part, Unmet, Wish

__all__ = ["Done", "Feedback", "Part", "Routine", "Step", "Unmet", "Wish", "compose"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Routine:
    """What to do after a run. `seconds` holds the steps and the changes between them.

    `focus` is what it is mostly for, the most important first; `reasons` say why this size and these movements;
    `closing` is what is said at its end. `cold`, `sure` and `also` tell what it was composed for: legs that had cooled
    down, a kind of run that was clear, other runs that it serves as well.
    """

    run_type: RunType
    title: str
    part: Part
    steps: tuple[Step, ...]
    seconds: int
    focus: tuple[BodyArea, ...]
    reasons: tuple[str, ...]
    closing: str = ""
    cold: bool = False
    sure: bool = True
    also: tuple[RunType, ...] = ()


def compose(wish: Wish, catalogue: Catalogue, policy: Policy) -> Routine:
    """Return the routine for this wish, the same one every time.

    Raise Unmet, and nothing else, where no routine fits; its text names the nearest minutes that work.
    """
    if routine := _composed(wish, catalogue, policy):
        return routine
    raise Unmet(unmet(wish, policy, _nearest_minutes(wish, catalogue, policy)))


def _composed(wish: Wish, catalogue: Catalogue, policy: Policy) -> Routine | None:
    if is_quick(wish, catalogue, policy):
        return _quick(wish, catalogue, policy)
    wanted = size(wish, policy)
    picks = wanted and _kindest(wish, catalogue, policy, wanted)
    if not wanted or not picks:
        return None
    done = steps(picks, wanted, policy.change, catalogue)
    seconds = lasts(done)
    if wish.minutes is not None and not wanted.low <= seconds <= wanted.high:
        return None
    return Routine(
        run_type=wish.run_type,
        title=title(wish, policy, seconds, picks),
        part=wish.part,
        steps=done,
        seconds=seconds,
        focus=focus(picks),
        reasons=reasons(wish, policy, seconds, picks, wanted),
        closing=policy.said.closing,
        cold=wish.cold,
        sure=is_sure(wish, policy),
        also=wish.also,
    )


def _kindest(wish: Wish, catalogue: Catalogue, policy: Policy, wanted: Size) -> Picks | None:
    """Return the choice that works tight areas longest: a movement asked for may crowd out one that did more for them.

    They are asked for twice, once, or not at all beside what the run asks for anyway.
    """
    twice = choose(wish, catalogue, policy, wanted)
    if not twice or not wish.tight:
        return twice
    once = choose(wish, catalogue, policy, wanted, tight_again=False)
    anyway = choose(replace(wish, tight=frozenset()), catalogue, policy, wanted)

    def worked_s(picks: Picks) -> int:
        done = steps(picks, wanted, policy.change, catalogue)
        return sum(step.seconds for step in done[1:] if not wish.tight.isdisjoint(step.areas))

    return max(filter(None, (twice, once, anyway)), key=worked_s)


def _quick(wish: Wish, catalogue: Catalogue, policy: Policy) -> Routine:
    quick = policy.quick
    done = quick_steps(catalogue, policy)
    return Routine(
        run_type=wish.run_type,
        title=quick.title,
        part=wish.part,
        steps=done,
        seconds=lasts(done),
        focus=quick.focus,
        reasons=(quick.asks,),
        closing=policy.said.closing,
        cold=wish.cold,
        sure=is_sure(wish, policy),
        also=wish.also,
    )


def _nearest_minutes(wish: Wish, catalogue: Catalogue, policy: Policy) -> int | None:
    """Return the whole minutes nearest to those asked for that work, None where none do."""
    least, most = policy.minutes
    asked = min(most, max(least, wish.minutes or least))
    nearest_first = sorted(range(least, most + 1), key=lambda minutes: abs(minutes - asked))
    works = (minutes for minutes in nearest_first if _composed(replace(wish, minutes=minutes), catalogue, policy))
    return next(works, None)
