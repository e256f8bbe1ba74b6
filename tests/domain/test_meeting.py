"""A run comes home while something is still to do: never a stack."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.classification import RunType
from service.domain.meeting import Homecoming, Meeting, left_to_others, meet, others_served, serving
from service.domain.routine import Part
from service.domain.sessions import SPLIT_AHEAD, Session, Window
from tests.domain.test_announcement import session
from tests.fakes import NOON

HARD = [RunType.TEMPO, RunType.INTERVAL, RunType.LONG]
KINDS = st.sampled_from(RunType)


def at(opens: datetime, kind: RunType = RunType.TEMPO, part: Part = Part.WHOLE) -> Session:
    return replace(session(kind, part), window=Window(opens=opens, closes=opens + timedelta(hours=4)))


def home(kind: RunType) -> Homecoming:
    return Homecoming(run_type=kind, ended=NOON, spoken=NOON)


@pytest.mark.parametrize("own", RunType)
def test_what_is_to_be_done_now_gives_way(own: RunType) -> None:
    before = NOON - timedelta(hours=3)

    for kind in RunType:
        assert meet(at(before, own), before, home(kind)) is Meeting.REPLACED


def test_an_evening_session_stays_beside_an_easy_run_that_ends_long_before_it() -> None:
    evening = at(NOON + SPLIT_AHEAD, RunType.LONG, Part.LATER)
    soon = at(NOON + SPLIT_AHEAD - timedelta(minutes=1), RunType.LONG, Part.LATER)
    morning = NOON - timedelta(hours=4)

    assert meet(evening, morning, home(RunType.EASY)) is Meeting.BOTH_STAY
    assert meet(soon, morning, home(RunType.EASY)) is Meeting.REPLACED
    assert all(meet(evening, morning, home(kind)) is Meeting.REPLACED for kind in HARD)


@pytest.mark.parametrize("kind", RunType)
def test_a_run_uploaded_after_a_later_one_is_served_by_what_that_one_earned(kind: RunType) -> None:
    assert meet(at(NOON + timedelta(hours=1)), NOON + timedelta(hours=1), home(kind)) is Meeting.SERVES_BOTH


@pytest.mark.parametrize("kind", RunType)
def test_what_makes_up_for_others_gives_way_to_every_run(kind: RunType) -> None:
    assert meet(replace(at(NOON), activity=None), None, home(kind)) is Meeting.REPLACED


@pytest.mark.parametrize(
    ("own", "others", "size", "also"),
    [
        (RunType.EASY, [], RunType.EASY, ()),
        (RunType.EASY, [RunType.EASY], RunType.EASY, (RunType.EASY,)),
        (RunType.EASY, [RunType.LONG], RunType.LONG, (RunType.EASY,)),
        (RunType.TEMPO, [RunType.LONG], RunType.TEMPO, (RunType.LONG,)),
    ],
)
def test_one_routine_for_several_runs_has_the_size_of_the_hardest(
    own: RunType, others: list[RunType], size: RunType, also: tuple[RunType, ...]
) -> None:
    assert serving(own, others) == (size, also)


@given(own=KINDS, others=st.lists(KINDS, max_size=4))
def test_no_run_is_lost_on_the_way(own: RunType, others: list[RunType]) -> None:
    size, also = serving(own, others)

    assert sorted([size, *also]) == sorted([own, *others])
    assert size is not RunType.EASY or set(others) | {own} == {RunType.EASY}
    made = replace(session(size), ran=own, routine=replace(session(size).routine, also=also))
    assert sorted(others_served(made)) == sorted(others), "and it is known again from the session"


def test_essentials_and_catch_ups_leave_no_run_behind_only_what_they_owe() -> None:
    essentials, whole = session(RunType.LONG, Part.NOW), session(RunType.TEMPO)

    assert left_to_others([essentials, replace(whole, activity=None), whole]) == (RunType.TEMPO,)
