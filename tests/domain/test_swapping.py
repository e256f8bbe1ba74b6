"""Something else instead of a movement that hurts."""

from hypothesis import assume, given
from hypothesis import strategies as st

from service.domain.classification import RunType
from service.domain.composing.swapping import swap
from service.domain.movements import Kit, Position, Site
from service.domain.routine import Part, Wish
from tests.domain.wishes import CATALOGUE, POLICY, any_wishes, composed, composed_or_none, thoroughly


@thoroughly
@given(any_wishes(), st.data())
def test_what_comes_instead_spares_what_hurt_and_fits_the_routine(wish: Wish, data: st.DataObject) -> None:
    routine = composed_or_none(wish)
    assume(routine is not None)
    assert routine is not None
    hurting = data.draw(st.sampled_from(routine.steps))
    others = tuple(step for step in routine.steps if step is not hurting)

    instead = swap(hurting, others, wish, CATALOGUE, POLICY)

    if instead is None:
        return
    movement = CATALOGUE[instead.movement]
    assert movement.loads.isdisjoint(CATALOGUE[hurting.movement].loads | wish.pain)
    assert movement.root not in {CATALOGUE[step.movement].root for step in routine.steps}
    assert instead.seconds <= hurting.seconds
    assert movement.dose.lasts(movement.dose.low) <= instead.seconds
    assert wish.kit.issuperset(instead.kit)


def test_it_stays_where_the_runner_is_if_it_can() -> None:
    wish = Wish(run_type=RunType.TEMPO, kit=frozenset({Kit.WALL}))
    steps = composed(wish).steps
    hurting = next(step for step in steps if step.movement == "quad_pull_supported")

    instead = swap(hurting, tuple(step for step in steps if step is not hurting), wish, CATALOGUE, POLICY)

    assert instead is not None
    assert instead.position is Position.STANDING
    assert Site.KNEE not in CATALOGUE[instead.movement].loads


def test_where_nothing_as_short_is_left_the_step_is_left_out() -> None:
    wish = Wish(run_type=RunType.LONG, part=Part.NOW, pain=frozenset(Site) - {Site.FEET})
    walk, lifts, breath = composed(wish).steps

    assert lifts.movement == "toe_lifts"
    assert swap(lifts, (walk, breath), wish, CATALOGUE, POLICY) is None
