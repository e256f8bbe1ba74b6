"""What is said about a routine: its title, why this size and these movements, and why a wish cannot be met."""

from collections import Counter
from collections.abc import Iterator, Sequence

from service.domain.athlete import Level
from service.domain.classification import Flag, RunType
from service.domain.composing.choosing import NOT_COUNTED
from service.domain.composing.flow import Pick
from service.domain.composing.policy import Policy
from service.domain.composing.possible import is_sure, shades
from service.domain.composing.sizing import MINUTE, Size, ceiling_s
from service.domain.composing.wanting import is_beginning
from service.domain.movements import BodyArea, Kind, Site
from service.domain.wish import Part, Wish
from service.domain.words import area_words, listed, minutes_words

FOCUS = 3  # areas that a title can name and still be read at a glance
COUNTED = ("No", "One", "Two", "Three", "Four", "Five", "Six")


def focus(picks: Sequence[Pick]) -> tuple[BodyArea, ...]:
    """Return the areas the routine is mostly for, the most important first; the opening walk is not counted."""
    areas = dict.fromkeys(pick.area for pick in picks if pick.movement.kind is not Kind.WALK)
    return tuple(areas)[:FOCUS]


def title(wish: Wish, policy: Policy, seconds: int, picks: Sequence[Pick]) -> str:
    """Return one line: how long, after what, for what. It holds no figure of the run."""
    when = {Part.NOW: " now,", Part.LATER: " for later,", Part.WHOLE: ""}[wish.part]
    breath_last = sorted(focus(picks), key=lambda area: area is BodyArea.NERVOUS_SYSTEM)
    areas = listed([area_words(area) for area in breath_last])
    return f"{minutes_words(seconds)}{when} after your {_called(wish, policy)}{': ' if areas else ''}{areas}"


def _called(wish: Wish, policy: Policy) -> str:
    if wish.also:
        return "runs"
    if Flag.RACE in wish.flags:
        return "race"
    if Flag.RECOVERY in wish.flags and wish.run_type is RunType.EASY:
        return "recovery run"
    return policy.types[wish.run_type].called


def reasons(wish: Wish, policy: Policy, seconds: int, picks: Sequence[Pick], size: Size) -> tuple[str, ...]:
    """Return why this size and these movements, one sentence a line, the size first."""
    return (
        f"{minutes_words(seconds)}: {_why(wish, policy, seconds, size)}.",
        *_about_the_run(wish, policy),
        *_about_the_runner(wish, picks, size),
        *_about_the_body(wish, policy),
        *_what_is_missing(wish, seconds, picks, size),
    )


def _why(wish: Wish, policy: Policy, seconds: int, size: Size) -> str:
    usual, _ = policy.types[wish.run_type].seconds
    return "enough to begin with" if is_beginning(wish) and seconds < usual else size.why


def _about_the_run(wish: Wish, policy: Policy) -> Iterator[str]:
    if wish.also:
        kinds = Counter(policy.types[kind].called for kind in (wish.run_type, *wish.also))
        yield f"One routine for all of it: {listed([_some(kind, count) for kind, count in kinds.items()])}."
    if not is_sure(wish, policy):
        yield "It is not clear what kind of run this was, so this is the shorter, gentler choice. You can correct it."
    yield from (shade.says for shade in shades(wish, policy) if shade.says)


def _about_the_runner(wish: Wish, picks: Sequence[Pick], size: Size) -> Iterator[str]:
    if size.note:
        yield size.note
    counted = sum(pick.movement.kind not in NOT_COUNTED for pick in picks)
    if is_beginning(wish) and counted < len(COUNTED):
        movements = "movement" if counted == 1 else "movements"
        yield f"{COUNTED[counted]} {movements} to begin with, at the low end of the dose; more join as you go."
    if _is_third_easy(wish):
        yield "Three easy runs in a row: other movements than the last times."


def _is_third_easy(wish: Wish) -> bool:
    last = [done.run_type for done in wish.recent[:2]]
    return wish.run_type is RunType.EASY and last == [RunType.EASY, RunType.EASY]


def _about_the_body(wish: Wish, policy: Policy) -> Iterator[str]:
    if wish.pain:
        sore = listed([area_words(site) for site in Site if site in wish.pain])
        yield f"Apart from the walk, nothing here stretches, presses or loads your {sore}. {policy.said.pain}"


def _what_is_missing(wish: Wish, seconds: int, picks: Sequence[Pick], size: Size) -> Iterator[str]:
    worked = {area for pick in picks for area in pick.movement.areas}
    spared = {site.value for site in wish.pain}
    missing = [area_words(area) for area in BodyArea if area in wish.tight - worked and area.value not in spared]
    if missing:
        yield f"Nothing for your {listed(missing)} fits the time, the place and your body today."
    if seconds < size.low and wish.level is not Level.BEGINNER:
        yield "Shorter than usual: it holds what suits your body and the place today."


def unmet(wish: Wish, policy: Policy, nearest: int | None) -> str:
    """Return one line that says why no routine fits, and the nearest minutes that work."""
    if nearest is None:
        return "Nothing fits this place, kit and body: allow another position, or rest today."
    asked = wish.minutes if wish.minutes is not None else nearest
    return f"{_why_not(wish, policy, asked, nearest)}: the nearest that works is {nearest}."


def _why_not(wish: Wish, policy: Policy, asked: float, nearest: int) -> str:
    least, most = policy.minutes
    ceiling = ceiling_s(wish, policy) // MINUTE
    if not least <= asked <= most:
        return f"A routine takes {least} to {most} minutes"
    if nearest > asked:
        return f"{asked:g} minutes are too few after {_a(_called(wish, policy))} (a walk alone is always worth it)"
    if asked > ceiling and wish.part is Part.NOW:
        return f"The part right after the run stays within {ceiling} minutes"
    if asked > ceiling:
        return f"After {_a(_called(wish, policy))} a routine stays within {ceiling} minutes"
    return f"Not enough movements suit this place, kit and body for {asked:g} minutes"


def _some(noun: str, count: int) -> str:
    return _a(noun) if count == 1 else f"{COUNTED[count].lower() if count < len(COUNTED) else count} {noun}s"


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
