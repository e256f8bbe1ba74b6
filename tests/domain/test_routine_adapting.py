"""How a routine bends to the runner: pain, tight areas, feedback, beginners, repetition, a week already full."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.athlete import Level
from service.domain.classification import Flag, RunType
from service.domain.movements import BodyArea, Demand, Kind, Kit, Position, Site
from service.domain.routine import Done, Feedback, Part, Routine, Wish
from tests.domain.wishes import (
    CATALOGUE,
    HARD,
    POLICY,
    any_wishes,
    areas,
    composed,
    composed_or_none,
    ids,
    is_quick,
    some_of,
    thoroughly,
    wishes,
)

EVERYTHING = frozenset(Kit)


def counted(routine: Routine) -> int:
    """Return the movements beside walk and breathing."""
    return sum(CATALOGUE[name].kind not in {Kind.WALK, Kind.BREATH} for name in ids(routine))


# ---- pain


@thoroughly
@given(any_wishes(pain=some_of(Site, most=5)))
def test_nothing_stretches_presses_or_loads_what_hurts(wish: Wish) -> None:
    routine = composed_or_none(wish)

    assert routine is None or all(wish.pain.isdisjoint(CATALOGUE[name].loads) for name in ids(routine))


@thoroughly
@given(any_wishes(pain=st.frozensets(st.sampled_from(Site), min_size=1)))
def test_pain_is_answered_with_when_to_see_a_professional(wish: Wish) -> None:
    routine = composed_or_none(wish)
    if routine is None or is_quick(routine):
        return

    assert any("physiotherapist or a doctor" in reason for reason in routine.reasons)
    assert "If walking hurts" in routine.steps[0].reason


def test_whatever_hurts_walking_and_breathing_remain() -> None:
    for run_type in RunType:
        routine = composed(Wish(run_type=run_type, pain=frozenset(Site)))

        assert {CATALOGUE[name].kind for name in ids(routine)} == {Kind.WALK, Kind.BREATH}


@pytest.mark.parametrize("site", Site)
@pytest.mark.parametrize("run_type", HARD)
def test_one_sore_place_still_leaves_a_full_routine(run_type: RunType, site: Site) -> None:
    routine = composed(Wish(run_type=run_type, pain=frozenset({site}), kit=EVERYTHING))

    assert routine.seconds >= 900


def test_a_shorter_routine_because_of_pain_says_so() -> None:
    routine = composed(Wish(run_type=RunType.LONG, pain=frozenset(Site)))

    assert routine.seconds < 900
    assert any(reason.startswith("Shorter than usual") for reason in routine.reasons)


# ---- tight areas and what is owed


@pytest.mark.parametrize("area", BodyArea)
@pytest.mark.parametrize("run_type", RunType)
def test_a_tight_area_is_worked_and_the_step_says_why(run_type: RunType, area: BodyArea) -> None:
    routine = composed(Wish(run_type=run_type, tight=frozenset({area}), kit=EVERYTHING))
    due_to_it = [step for step in routine.steps if step.reason.startswith("You said your")]

    assert area in areas(routine)
    assert all(area in step.areas for step in due_to_it)
    assert due_to_it or any(area in step.areas for step in routine.steps if step.movement != "light_walk")


def _seconds_on(routine: Routine, area: BodyArea) -> int:
    return sum(step.seconds for step in routine.steps[1:] if area in step.areas)


@thoroughly
@given(wishes(part=st.just(Part.WHOLE)), st.sampled_from(BodyArea))
def test_a_tight_area_never_gets_less_than_before(wish: Wish, area: BodyArea) -> None:
    before = _seconds_on(composed(wish), area)
    after = _seconds_on(composed(replace(wish, tight=frozenset({area}))), area)

    assert after >= before * 0.9  # a notch or two may go to a second movement for the same area


@pytest.mark.parametrize("area", [BodyArea.HAMSTRINGS, BodyArea.HIP_FLEXORS])
def test_asking_for_an_area_crowds_out_nothing_that_did_more_for_it(area: BodyArea) -> None:
    wish = Wish(run_type=RunType.LONG, distance_m=1000.0, kit=frozenset({Kit.WALL}))

    asked = composed(replace(wish, tight=frozenset({area})))
    assert _seconds_on(asked, area) >= _seconds_on(composed(wish), area)


def test_a_tight_area_that_cannot_be_worked_is_owned_up_to() -> None:
    wish = Wish(
        run_type=RunType.EASY,
        tight=frozenset({BodyArea.GLUTES}),
        kit=frozenset(),
        positions=frozenset({Position.STANDING}),
    )

    assert any(reason.startswith("Nothing for your glutes") for reason in composed(wish).reasons)


def test_an_easy_run_may_bring_a_hold_for_what_feels_tight() -> None:
    routine = composed(Wish(run_type=RunType.EASY, tight=frozenset({BodyArea.GLUTES})))

    assert "figure_four" in ids(routine)


def test_what_is_owed_is_worked_and_named_without_blame() -> None:
    routine = composed(Wish(run_type=RunType.TEMPO, owed=frozenset({BodyArea.FEET})))
    reasons = [step.reason for step in routine.steps if BodyArea.FEET in step.areas]

    assert reasons == ["Left over from an earlier session: feet."]


# ---- feedback


@thoroughly
@given(wishes(flags=st.just(frozenset()), positions=st.just(frozenset(Position)), week_done=st.just(0)))
def test_too_much_shrinks_and_too_easy_grows_within_the_usual_size(wish: Wish) -> None:
    less, same, more = (composed(replace(wish, feedback=said)) for said in (Feedback.TOO_MUCH, None, Feedback.TOO_EASY))

    assert less.seconds <= same.seconds + 15
    assert same.seconds <= more.seconds + 15  # sizes are met to within a few seconds
    assert less.seconds < more.seconds


def test_feedback_is_taken_up_in_words() -> None:
    wish = Wish(run_type=RunType.TEMPO, feedback=Feedback.TOO_MUCH)

    assert "Less of it today: you said the last one was too much." in composed(wish).reasons


# ---- how long the run was, how sure we are


@pytest.mark.parametrize("run_type", RunType)
def test_a_longer_run_of_its_kind_gets_a_longer_routine(run_type: RunType) -> None:
    short, long = (composed(Wish(run_type=run_type, duration_s=seconds)) for seconds in (900, 12_000))

    assert short.seconds < long.seconds
    assert "on the short side" in short.reasons[0]
    assert "on the long side" in long.reasons[0]


def test_a_distance_stands_in_for_an_unknown_time() -> None:
    by_time = composed(Wish(run_type=RunType.LONG, duration_s=7200))

    assert composed(Wish(run_type=RunType.LONG, distance_m=20_000)).seconds == by_time.seconds


@pytest.mark.parametrize("run_type", RunType)
def test_an_unclear_run_gets_the_shorter_gentler_routine_and_is_told(run_type: RunType) -> None:
    wish = Wish(run_type=run_type, duration_s=7200)
    unsure = composed(replace(wish, confidence=0.4))

    assert unsure.seconds < composed(wish).seconds
    assert any(reason.startswith("It is not clear") for reason in unsure.reasons)


@pytest.mark.parametrize("run_type", RunType)
def test_an_unclear_run_gets_nothing_that_tires(run_type: RunType) -> None:
    routine = composed(Wish(run_type=run_type, kit=frozenset(Kit), confidence=0.4))

    assert not any(CATALOGUE[name].demand is Demand.WORK for name in ids(routine))
    assert not routine.sure


# ---- a while after the run, and for several runs


@pytest.mark.parametrize("run_type", RunType)
def test_cold_legs_walk_longer_and_get_the_shorter_form(run_type: RunType) -> None:
    wish = Wish(run_type=run_type, duration_s=12_000)
    cold = composed(replace(wish, cold=True))

    assert cold.seconds < composed(wish).seconds
    assert cold.steps[0].seconds == 180
    assert "until you feel warm again" in cold.steps[0].reason
    assert "the shorter end" in cold.reasons[0]


def test_a_routine_for_several_runs_says_which() -> None:
    routine = composed(Wish(run_type=RunType.TEMPO, also=(RunType.EASY, RunType.EASY)))

    assert "after your runs" in routine.title
    assert "One routine for all of it: a tempo run and two easy runs." in routine.reasons


# ---- beginners


@pytest.mark.parametrize("run_type", RunType)
def test_a_beginner_starts_with_two_or_three_movements(run_type: RunType) -> None:
    routine = composed(Wish(run_type=run_type, level=Level.BEGINNER))

    assert counted(routine) in {2, 3}
    assert any("movements to begin with" in reason for reason in routine.reasons)


@thoroughly
@given(wishes(level=st.just(Level.BEGINNER), sessions_done=st.integers(0, 40)))
def test_a_beginner_grows_with_the_sessions_done(wish: Wish) -> None:
    later = replace(wish, sessions_done=wish.sessions_done + 6)

    assert counted(composed(wish)) <= counted(composed(later)) + 1  # one long movement may stand for two
    assert counted(composed(wish)) <= max(3, 2 + wish.sessions_done // 2)


@thoroughly
@given(any_wishes(level=st.just(Level.BEGINNER)))
def test_a_beginner_stays_at_the_low_end_of_each_dose(wish: Wish) -> None:
    routine = composed_or_none(wish)
    if routine is None or is_quick(routine):
        return
    for step in routine.steps:
        movement = CATALOGUE[step.movement]
        assert movement.kind in {Kind.WALK, Kind.BREATH} or step.seconds == movement.dose.lasts(movement.dose.low)


def test_a_beginner_who_asks_for_minutes_gets_them() -> None:
    assert abs(composed(Wish(run_type=RunType.TEMPO, level=Level.BEGINNER, minutes=15)).seconds - 900) <= 90


# ---- again and again


def _done(routine: Routine) -> Done:
    return Done(run_type=routine.run_type, movements=tuple(ids(routine)))


@thoroughly
@given(wishes(RunType.EASY, flags=st.just(frozenset()), part=st.just(Part.WHOLE), recent=st.just(())))
def test_the_third_easy_run_in_a_row_does_not_get_the_same_list(wish: Wish) -> None:
    first = composed(wish)
    second = composed(replace(wish, recent=(_done(first),)))
    third = composed(replace(wish, recent=(_done(second), _done(first))))

    assert len({frozenset(ids(routine)) for routine in (first, second, third)}) == 3
    assert any("Three easy runs in a row" in reason for reason in third.reasons)


def test_another_seed_varies_what_may_be_varied() -> None:
    lists = {frozenset(ids(composed(Wish(run_type=RunType.EASY, seed=seed)))) for seed in range(12)}

    assert len(lists) >= 4


@thoroughly
@given(wishes(RunType.EASY, week_done=st.integers(4, 20), part=st.just(Part.WHOLE)))
def test_a_full_week_asks_for_the_minimum_after_an_easy_run(wish: Wish) -> None:
    assert 300 <= composed(wish).seconds < 330


def test_a_full_week_changes_nothing_after_a_hard_run() -> None:
    wish = Wish(run_type=RunType.INTERVAL)

    assert composed(replace(wish, week_done=9)).steps == composed(wish).steps


# ---- the fixed sequence has its own rules; what is said of a flag is said once


def test_what_a_flag_says_is_said() -> None:
    routine = composed(Wish(run_type=RunType.LONG, flags=frozenset({Flag.HEAT, Flag.RACE})))

    assert {POLICY.flags[Flag.HEAT].says, POLICY.flags[Flag.RACE].says} <= set(routine.reasons)
