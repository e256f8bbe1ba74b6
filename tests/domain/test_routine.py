"""What every routine keeps to: the specification's checklist, over wishes of every kind."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.athlete import Level
from service.domain.classification import Flag, RunType
from service.domain.movements import BodyArea, Demand, Kind, Kit, Position, Site
from service.domain.reading import reading
from service.domain.routine import Part, Routine, Wish
from tests.domain.wishes import (
    CATALOGUE,
    HARD,
    POLICY,
    answered,
    any_wishes,
    areas,
    briefly,
    composed,
    composed_or_none,
    ids,
    is_quick,
    some_of,
    thoroughly,
    wishes,
)

WALK_S = (120, 180)
SHORTEST_SENTENCE = 20
WHOLE_OR_LATER = st.sampled_from([Part.WHOLE, Part.LATER])
absurd = st.none() | st.floats() | st.sampled_from([0.0, -5.0, float("nan"), float("inf"), 1e300])


# ---- it never fails but clearly


@thoroughly
@given(any_wishes(minutes=absurd, duration_s=absurd, distance_m=absurd, sessions_done=st.integers(-5, 10**9)))
def test_no_wish_makes_anything_but_a_routine_or_a_clear_answer(wish: Wish) -> None:
    answer = answered(wish)

    assert isinstance(answer, Routine) or ("\n" not in answer and len(answer) > SHORTEST_SENTENCE)


@thoroughly
@given(any_wishes(minutes=st.none()))
def test_who_does_not_ask_for_minutes_always_gets_a_routine(wish: Wish) -> None:
    assert composed(wish).steps


@thoroughly
@given(any_wishes())
def test_the_same_wish_makes_the_same_routine(wish: Wish) -> None:
    assert composed_or_none(wish) == composed_or_none(replace(wish))


# ---- the walk, the order, the breath


@thoroughly
@given(any_wishes())
def test_a_walk_of_two_to_three_minutes_comes_first(wish: Wish) -> None:
    routine = composed_or_none(wish)
    if routine is None or is_quick(routine):
        return
    walk = routine.steps[0]

    assert walk.movement == "light_walk"
    assert WALK_S[0] <= walk.seconds <= WALK_S[1]
    assert ids(routine).count("light_walk") == 1


@thoroughly
@given(any_wishes())
def test_the_blocks_come_in_order(wish: Wish) -> None:
    routine = composed_or_none(wish)
    if routine is None or is_quick(routine):
        return
    blocks = {Kind.WALK: 0, Kind.ROLL: 1, Kind.BALL: 2, Kind.BREATH: 4}
    order = [blocks.get(CATALOGUE[name].kind, 3) for name in ids(routine)]

    assert order == sorted(order)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("shoulder_rolls", "arm_circles"),
        ("hip_circles", "lunge_rotation"),
        ("figure_four", "glute_bridge"),
        ("figure_four", "band_hip_bridge"),
        ("roll_glutes", "glute_bridge"),
        ("wall_ankle", "calf_raise_twist"),
        ("calf_stretch", "calf_raise_twist"),
    ],
)
def test_what_follows_on_comes_after(before: str, after: str) -> None:
    order = list(CATALOGUE.movements)

    assert order.index(before) < order.index(after)


@thoroughly
@given(any_wishes())
def test_activation_has_its_stretch_and_the_it_band_its_neighbour(wish: Wish) -> None:
    routine = composed_or_none(wish)
    if routine is None or is_quick(routine):
        return
    for name in ids(routine):
        needs = CATALOGUE[name].needs
        assert not needs or set(needs) & set(ids(routine))


# ---- sizes


@thoroughly
@given(wishes(part=WHOLE_OR_LATER))
def test_an_easy_routine_takes_five_to_seven_minutes_and_a_hard_or_long_one_fifteen_to_twenty(wish: Wish) -> None:
    low, high = (300, 420) if wish.run_type is RunType.EASY else (900, 1200)

    assert low <= composed(wish).seconds <= high


@thoroughly
@given(any_wishes(run_type=st.just(RunType.EASY)))
def test_no_easy_routine_passes_seven_minutes(wish: Wish) -> None:
    routine = composed_or_none(wish)

    assert routine is None or routine.seconds <= 420


@thoroughly
@given(wishes(RunType.EASY, flags=some_of(Flag).map(lambda flags: flags | {Flag.RECOVERY})))
def test_a_recovery_run_gets_five_minutes(wish: Wish) -> None:
    assert 300 <= composed(wish).seconds < 330


def test_a_recovery_run_gets_a_walk_hip_circles_and_a_light_stretch() -> None:
    for seed in range(6):
        wish = Wish(run_type=RunType.EASY, flags=frozenset({Flag.RECOVERY}), seed=seed)
        walk, hips, stretch = composed(wish).steps

        assert (walk.movement, hips.movement) == ("light_walk", "hip_circles")
        assert CATALOGUE[stretch.movement].kind is Kind.HOLD


@thoroughly
@given(any_wishes(part=st.just(Part.NOW)))
def test_what_is_done_right_now_takes_five_minutes_at_most(wish: Wish) -> None:
    routine = composed_or_none(wish)

    assert routine is None or routine.seconds <= 300


@thoroughly
@given(wishes(RunType.LONG, part=st.just(Part.LATER)))
def test_a_long_run_may_be_split_into_five_minutes_now_and_the_thorough_rest(wish: Wish) -> None:
    now, later = composed(replace(wish, part=Part.NOW)), composed(wish)

    assert now.seconds <= 300
    assert later.seconds >= 900
    assert now.seconds + later.seconds <= 1260
    assert POLICY.types[RunType.LONG].split


def test_only_a_long_run_is_split_without_asking() -> None:
    assert [kind for kind, plan in POLICY.types.items() if plan.split] == [RunType.LONG]


@thoroughly
@given(any_wishes(minutes=st.integers(2, 30)))
def test_minutes_asked_for_are_met_within_a_tenth(wish: Wish) -> None:
    assert wish.minutes is not None
    routine = composed_or_none(wish)

    assert routine is None or abs(routine.seconds - 60 * wish.minutes) <= 6 * wish.minutes


@pytest.mark.parametrize("run_type", [RunType.TEMPO, RunType.INTERVAL, RunType.LONG])
@pytest.mark.parametrize("minutes", range(5, 31))
def test_a_runner_with_everything_at_hand_can_have_any_minutes(run_type: RunType, minutes: int) -> None:
    composed(Wish(run_type=run_type, minutes=minutes, kit=frozenset(Kit)))


@pytest.mark.parametrize("minutes", range(2, 8))
def test_an_easy_runner_can_have_up_to_seven_minutes(minutes: int) -> None:
    composed(Wish(run_type=RunType.EASY, minutes=minutes))


@pytest.mark.parametrize("run_type", [RunType.TEMPO, RunType.INTERVAL, RunType.LONG])
def test_standing_without_any_kit_still_makes_the_full_size(run_type: RunType) -> None:
    wish = Wish(run_type=run_type, kit=frozenset(), positions=frozenset({Position.STANDING}))

    assert 900 <= composed(wish).seconds <= 1200


@briefly
@given(any_wishes(minutes=st.integers(0, 60)))
def test_a_refusal_names_the_nearest_minutes_that_work(wish: Wish) -> None:
    answer = answered(wish)
    if isinstance(answer, Routine) or wish.minutes is None:
        return
    nearest = int(answer.rstrip(".").rsplit(" ", 1)[1])
    nearer = [m for m in range(2, 31) if abs(m - wish.minutes) < abs(nearest - wish.minutes)]

    assert composed(replace(wish, minutes=nearest))
    assert [m for m in nearer if composed_or_none(replace(wish, minutes=m))] == []


@thoroughly
@given(any_wishes())
def test_the_total_counts_the_steps_and_the_changes_between_them(wish: Wish) -> None:
    routine = composed_or_none(wish)
    if routine is None:
        return

    assert routine.seconds == sum(step.seconds + step.change_s for step in routine.steps)
    assert routine.steps[0].change_s == 0
    assert all(step.change_s in {0, 5, 10} for step in routine.steps)


# ---- what each kind of run asks for


@thoroughly
@given(any_wishes(run_type=st.sampled_from(HARD)))
def test_hard_running_is_always_followed_by_breathing_of_the_stated_dose(wish: Wish) -> None:
    routine = composed_or_none(wish)
    if routine is None:
        return
    breaths = [step for step in routine.steps if CATALOGUE[step.movement].kind is Kind.BREATH]

    assert breaths
    for step in breaths:
        dose = CATALOGUE[step.movement].dose
        assert dose.lasts(dose.low) <= step.seconds <= dose.lasts(dose.high)
        assert step in routine.steps[-len(breaths) :]


@thoroughly
@given(wishes(*HARD, flags=st.just(frozenset()), part=WHOLE_OR_LATER))
def test_hard_running_is_followed_by_long_holds(wish: Wish) -> None:
    holds = [step for step in composed(wish).steps if CATALOGUE[step.movement].kind is Kind.HOLD]

    assert holds
    assert all(step.hold_s == CATALOGUE[step.movement].dose.high for step in holds)


@thoroughly
@given(any_wishes(run_type=st.just(RunType.LONG), pain=st.just(frozenset())))
def test_a_long_run_is_followed_by_feet_calves_and_hips(wish: Wish) -> None:
    routine = composed_or_none(wish)
    if routine is None or is_quick(routine):
        return

    assert areas(routine) >= {BodyArea.FEET, BodyArea.CALVES}
    assert areas(routine) & {BodyArea.HIPS, BodyArea.HIP_FLEXORS}


@thoroughly
@given(wishes(*HARD, RunType.LONG, flags=st.just(frozenset()), duration_s=st.just(12_000), feedback=st.none()))
def test_a_full_size_routine_covers_what_running_loads_most(wish: Wish) -> None:
    worked = areas(composed(wish))

    assert worked >= {BodyArea.HIP_FLEXORS, BodyArea.CALVES, BodyArea.LOWER_BACK}


@thoroughly
@given(wishes(RunType.LONG, kit=some_of(Kit).map(lambda kit: kit | {Kit.BALL}), part=WHOLE_OR_LATER))
def test_who_owns_a_ball_rolls_the_feet_on_it_after_a_long_run(wish: Wish) -> None:
    assert "ball_foot" in ids(composed(wish))


@thoroughly
@given(wishes(RunType.TEMPO, RunType.INTERVAL, RunType.LONG, flags=st.just(frozenset())))
def test_who_owns_a_roller_rolls_after_a_hard_or_long_run(wish: Wish) -> None:
    routine = composed(replace(wish, kit=wish.kit | {Kit.ROLLER}, positions=frozenset(Position)))

    assert any(CATALOGUE[name].kind is Kind.ROLL for name in ids(routine))


@thoroughly
@given(any_wishes(run_type=st.just(RunType.EASY), tight=st.just(frozenset())))
def test_an_easy_run_is_followed_by_gentle_movement_only(wish: Wish) -> None:
    routine = composed_or_none(wish)
    if routine is None:
        return

    assert {CATALOGUE[name].demand for name in ids(routine)} == {Demand.GENTLE}
    assert not {CATALOGUE[name].kind for name in ids(routine)} & {Kind.ROLL, Kind.BALL, Kind.BAND}


@thoroughly
@given(wishes(part=WHOLE_OR_LATER, flags=some_of(Flag).map(lambda flags: flags | {Flag.HILLY})))
def test_a_hilly_run_adds_something_for_the_it_band(wish: Wish) -> None:
    steps = [step for step in composed(wish).steps if step.reason == POLICY.flags[Flag.HILLY].wants[0].because]

    assert BodyArea.IT_BAND in areas(composed(wish))
    assert all(BodyArea.IT_BAND in step.areas for step in steps)


@thoroughly
@given(wishes(part=WHOLE_OR_LATER, flags=some_of(Flag, most=2).map(lambda flags: flags | {Flag.FAST})))
def test_a_fast_run_adds_something_for_the_hip_flexors(wish: Wish) -> None:
    steps = [step for step in composed(wish).steps if step.reason == "Hip flexors: you ran faster than usual."]

    assert len(steps) == 1
    assert BodyArea.HIP_FLEXORS in steps[0].areas


@thoroughly
@given(any_wishes(flags=some_of(Flag).map(lambda flags: flags | {Flag.RACE})))
def test_after_a_race_nothing_asks_tired_muscles_to_work(wish: Wish) -> None:
    routine = composed_or_none(wish)

    assert routine is None or Demand.WORK not in {CATALOGUE[name].demand for name in ids(routine)}


@thoroughly
@given(any_wishes(flags=some_of(Flag).map(lambda flags: flags | {Flag.HEAT})))
def test_after_a_hot_run_no_breath_is_held(wish: Wish) -> None:
    routine = composed_or_none(wish)

    assert routine is None or "box_breath" not in ids(routine)


@thoroughly
@given(any_wishes(breath_holds=st.just(False)))  # noqa: FBT003 - a value of the field, not of the strategy
def test_who_would_rather_not_hold_the_breath_need_not(wish: Wish) -> None:
    routine = composed_or_none(wish)

    assert routine is None or "box_breath" not in ids(routine)


# ---- doses, kit, place


@thoroughly
@given(any_wishes())
def test_no_dose_leaves_its_stated_range(wish: Wish) -> None:
    routine = composed_or_none(wish)
    if routine is None or is_quick(routine):
        return
    for step in routine.steps:
        dose = CATALOGUE[step.movement].dose
        amount = step.reps if dose.reps else step.seconds // dose.sides
        assert amount is not None
        assert dose.low <= amount <= dose.high
        assert step.seconds == dose.lasts(amount)
        assert (step.sides, step.ways) == (dose.sides, dose.ways)


@thoroughly
@given(any_wishes())
def test_nothing_is_asked_that_is_not_at_hand(wish: Wish) -> None:
    routine = composed_or_none(wish)

    assert routine is None or all(wish.kit.issuperset(step.kit) for step in routine.steps)


@thoroughly
@given(any_wishes())
def test_nothing_is_asked_that_the_place_does_not_allow(wish: Wish) -> None:
    routine = composed_or_none(wish)
    possible = wish.positions | {Position.STANDING}

    assert routine is None or {step.position for step in routine.steps} <= possible


@thoroughly
@given(any_wishes(part=st.just(Part.NOW)))
def test_right_after_the_run_everything_is_done_standing_and_without_tools(wish: Wish) -> None:
    routine = composed_or_none(wish)

    assert routine is None or {step.position for step in routine.steps} == {Position.STANDING}
    assert routine is None or {kit for step in routine.steps for kit in step.kit} <= {Kit.WALL, Kit.STEP}


@thoroughly
@given(any_wishes())
def test_no_movement_comes_twice_in_any_form(wish: Wish) -> None:
    routine = composed_or_none(wish)
    if routine is None:
        return
    roots = [CATALOGUE[name].root for name in ids(routine)]

    assert len(set(roots)) == len(roots)


# ---- the flow


def _getting_up(routine: Routine) -> int:
    depth = [list(Position).index(step.position) for step in routine.steps]
    return sum(later < earlier for earlier, later in pairwise(depth))


@thoroughly
@given(any_wishes())
def test_one_goes_down_once_and_gets_up_only_from_the_roller(wish: Wish) -> None:
    routine = composed_or_none(wish)
    if routine is None or is_quick(routine):
        return
    rolls = any(CATALOGUE[name].kind is Kind.ROLL for name in ids(routine))

    assert _getting_up(routine) <= int(rolls)


@thoroughly
@given(any_wishes(kit=st.just(frozenset(Kit))))
def test_roller_ball_and_step_are_fetched_once_and_the_wall_is_visited_once(wish: Wish) -> None:
    routine = composed_or_none(wish)
    if routine is None or is_quick(routine):
        return
    moving = [step for step in routine.steps if CATALOGUE[step.movement].kind is not Kind.BALL]
    for kit, steps in ((Kit.ROLLER, routine.steps), (Kit.BALL, routine.steps), (Kit.STEP, moving), (Kit.WALL, moving)):
        used = [index for index, step in enumerate(steps) if kit in step.kit]
        assert used == list(range(used[0], used[-1] + 1)) if used else True


# ---- everything at once: every movement has its day


def test_every_movement_of_the_catalogue_is_used() -> None:
    everything = frozenset(Kit)
    asked = [
        Wish(run_type=run_type, flags=frozenset(flags), minutes=minutes, kit=kit, positions=positions, seed=seed)
        for run_type in (RunType.TEMPO, RunType.INTERVAL, RunType.LONG)
        for flags in ((), (Flag.HILLY,), (Flag.HEAT,))
        for minutes in (None, 30)
        for kit in (everything, frozenset({Kit.WALL}), frozenset[Kit]())
        for positions in (frozenset(Position), frozenset({Position.STANDING}))
        for seed in (0, 1)
    ]
    used = {name for wish in asked if (routine := composed_or_none(wish)) for name in ids(routine)}

    assert used == set(CATALOGUE.movements)


def test_a_beginner_with_pain_in_both_knees_after_a_hilly_race_is_looked_after() -> None:
    wish = Wish(
        run_type=RunType.LONG,
        flags=frozenset({Flag.RACE, Flag.HILLY}),
        level=Level.BEGINNER,
        pain=frozenset({Site.KNEE}),
        part=Part.NOW,
    )

    assert any("physiotherapist" in line for line in reading(composed(wish)))
