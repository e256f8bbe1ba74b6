"""What is said about a routine: in plain words, true, and no more than is known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.classification import Flag, RunType
from service.domain.movements import BodyArea, Site
from service.domain.routine import Part, Unmet, Wish
from service.domain.words import area_words, lasting, listed, minutes_words
from tests.claims import overclaims
from tests.domain.wishes import any_wishes, composed, composed_or_none, thoroughly, wishes


@thoroughly
@given(any_wishes())
def test_no_composed_word_claims_what_is_not_known(wish: Wish) -> None:
    routine = composed_or_none(wish)
    if routine is None:
        return
    said = [routine.title, routine.closing, *routine.reasons]
    said += [text for step in routine.steps for text in (step.name, step.how, step.cue, step.reason, step.dose)]

    assert {text: overclaims(text) for text in said if overclaims(text)} == {}


@thoroughly
@given(any_wishes())
def test_every_routine_and_every_step_says_why(wish: Wish) -> None:
    routine = composed_or_none(wish)
    if routine is None:
        return
    sentences = [*routine.reasons, *(step.reason for step in routine.steps)]

    assert routine.reasons
    assert all(sentence[0].isupper() or sentence[0].isdigit() for sentence in sentences)
    assert all(sentence.endswith(".") for sentence in sentences)


@thoroughly
@given(any_wishes(duration_s=st.floats(4000, 4200), distance_m=st.floats(14_000, 14_999)))
def test_no_figure_of_the_run_is_said(wish: Wish) -> None:
    routine = composed_or_none(wish)
    said = " ".join((routine.title, *routine.reasons)) if routine else ""

    assert [figure for figure in ("1 h", "67 min", "68 min", "69 min", "14 km", "15 km") if figure in said] == []


@thoroughly
@given(wishes())
def test_the_title_tells_the_minutes(wish: Wish) -> None:
    routine = composed(wish)

    assert routine.title.startswith(minutes_words(routine.seconds))
    assert routine.reasons[0].startswith(minutes_words(routine.seconds))


@pytest.mark.parametrize(
    ("wish", "title"),
    [
        (Wish(run_type=RunType.LONG, part=Part.NOW), "5 minutes now, after your long run: feet, hips and calves"),
        (
            Wish(run_type=RunType.LONG, part=Part.LATER),
            "15 minutes for later, after your long run: feet, hips and calves",
        ),
        (
            Wish(run_type=RunType.EASY, flags=frozenset({Flag.RECOVERY})),
            "5 minutes after your recovery run: hips and quads",
        ),
        (
            Wish(run_type=RunType.TEMPO, flags=frozenset({Flag.RACE})),
            "18 minutes after your race: hips, glutes and breathing",
        ),
    ],
)
def test_titles_read_as_a_coach_would_say_it(wish: Wish, title: str) -> None:
    assert composed(wish).title == title


def test_the_focus_is_what_matters_most() -> None:
    assert composed(Wish(run_type=RunType.LONG)).focus == (BodyArea.FEET, BodyArea.HIPS, BodyArea.CALVES)


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (
            Wish(run_type=RunType.EASY, minutes=20),
            "After an easy run a routine stays within 7 minutes: the nearest that works is 7.",
        ),
        (Wish(run_type=RunType.TEMPO, minutes=2), "2 minutes are too few after a tempo run"),
        (Wish(run_type=RunType.LONG, minutes=45), "A routine takes 2 to 30 minutes: the nearest that works is"),
        (Wish(run_type=RunType.LONG, minutes=9, part=Part.NOW), "The part right after the run stays within 5 minutes"),
        (
            Wish(run_type=RunType.LONG, minutes=30, kit=frozenset(), pain=frozenset({Site.HIPS})),
            "Not enough movements suit",
        ),
    ],
)
def test_a_wish_that_cannot_be_met_is_answered_with_why_and_what_works(wish: Wish, said: str) -> None:
    with pytest.raises(Unmet) as answer:
        composed(wish)

    assert said in str(answer.value)


def test_areas_are_called_what_runners_call_them() -> None:
    assert [area_words(area) for area in (BodyArea.IT_BAND, BodyArea.THORACIC_SPINE, Site.ACHILLES)] == [
        "IT band",
        "upper back",
        "Achilles tendon",
    ]


@pytest.mark.parametrize(
    ("words", "said"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_lists_are_read_aloud(words: list[str], said: str) -> None:
    assert listed(words) == said


@pytest.mark.parametrize(("seconds", "said"), [(45, "45 s"), (120, "2 min"), (150, "2 min 30 s"), (0, "0 s")])
def test_lengths_of_time_are_said_shortly(seconds: int, said: str) -> None:
    assert lasting(seconds) == said
