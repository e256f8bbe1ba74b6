"""Wishes of every kind, for the tests of what is composed from them."""

from hypothesis import settings
from hypothesis import strategies as st

from config import catalogue
from service.domain.athlete import Level
from service.domain.classification import Flag, RunType
from service.domain.movements import BodyArea, Kit, Position, Site
from service.domain.routine import Done, Feedback, Part, Routine, Unmet, Wish, compose

CATALOGUE, POLICY = catalogue.load()
HARD = (RunType.TEMPO, RunType.INTERVAL)

thoroughly = settings(max_examples=40, deadline=None)
briefly = settings(max_examples=15, deadline=None)


def some_of[T](kind: type[T], *, most: int | None = None) -> st.SearchStrategy[frozenset[T]]:
    """Return sets of members of an enumeration."""
    return st.frozensets(st.sampled_from(list(kind)), max_size=most)  # type: ignore[call-overload]


lately = st.builds(
    Done,
    run_type=st.sampled_from(RunType),
    movements=st.lists(st.sampled_from(list(CATALOGUE.movements)), max_size=6).map(tuple),
)
seconds_run = st.none() | st.floats(600, 20_000)

# A regular runner without pain or tight areas, who takes what suits the run.
usual = {
    "flags": some_of(Flag, most=4),
    "duration_s": seconds_run,
    "distance_m": st.none() | st.floats(1000, 60_000),
    "kit": some_of(Kit),
    "positions": st.just(frozenset(Position)) | some_of(Position),
    "feedback": st.none() | st.sampled_from(Feedback),
    "recent": st.lists(lately, max_size=3).map(tuple),
    "week_done": st.integers(0, 7),
    "seed": st.integers(0, 2**32),
    "breath_holds": st.booleans(),
}
# Everything a wish can hold.
anything = usual | {
    "run_type": st.sampled_from(RunType),
    "part": st.sampled_from(Part),
    "cold": st.booleans(),
    "also": st.lists(st.sampled_from(RunType), max_size=2).map(tuple),
    "minutes": st.none() | st.integers(2, 30) | st.floats(2, 30),
    "confidence": st.floats(0, 1),
    "level": st.sampled_from(Level),
    "sessions_done": st.integers(0, 40),
    "tight": st.just(frozenset[BodyArea]()) | some_of(BodyArea, most=3),
    "owed": st.just(frozenset[BodyArea]()) | some_of(BodyArea, most=3),
    "pain": st.just(frozenset[Site]()) | some_of(Site, most=4),
}


def wishes(*run_types: RunType, **stated: st.SearchStrategy[object]) -> st.SearchStrategy[Wish]:
    """Return wishes of a regular runner after these kinds of run, with what is stated varied otherwise."""
    parts: dict[str, st.SearchStrategy[object]] = {**usual, "run_type": st.sampled_from(run_types or list(RunType))}
    return st.builds(Wish, **(parts | stated))


def any_wishes(**stated: st.SearchStrategy[object]) -> st.SearchStrategy[Wish]:
    """Return wishes of every kind."""
    return st.builds(Wish, **(anything | stated))


def composed(wish: Wish) -> Routine:
    """Return the routine of a wish that can be met."""
    return compose(wish, CATALOGUE, POLICY)


def composed_or_none(wish: Wish) -> Routine | None:
    """Return the routine, None where the wish cannot be met."""
    try:
        return composed(wish)
    except Unmet:
        return None


def answered(wish: Wish) -> Routine | str:
    """Return the routine, or the text of why there is none."""
    try:
        return composed(wish)
    except Unmet as unmet:
        return str(unmet)


def ids(routine: Routine) -> list[str]:
    """Return the movements of the steps, in order."""
    return [step.movement for step in routine.steps]


def areas(routine: Routine) -> set[BodyArea]:
    """Return every area the routine works, the opening walk aside."""
    return {area for step in routine.steps[1:] for area in step.areas}


def is_quick(routine: Routine) -> bool:
    """Tell whether it is the fixed sequence."""
    return routine.title == POLICY.quick.title
