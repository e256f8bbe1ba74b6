"""Told once that a hand is needed, once that it is well again, and nothing in between."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.athlete import Athlete
from service.domain.notices import SILENT, SILENT_AFTER, TRIES_A_DAY, Health, Word, notice, word_on
from tests.fakes import NOON

ME = Athlete(id="me")
TODO = "Garmin no longer takes this key: make another"
HEALTHS = st.builds(
    Health,
    todo=st.sampled_from(["", TODO, "another thing"]),
    soon=st.sampled_from(["", "the key ends on Sunday"]),
    trouble=st.sampled_from(["", "no route"]),
    failures=st.sampled_from([0, 1, TRIES_A_DAY]),
    last_success=st.none() | st.just(NOON) | st.just(NOON - 2 * SILENT_AFTER),
)


@pytest.mark.parametrize(
    ("health", "told", "word"),
    [
        pytest.param(Health(), "", Word.NOTHING, id="all is well"),
        pytest.param(Health(todo=TODO, trouble=TODO), "", Word.TROUBLE, id="it needs a hand"),
        pytest.param(Health(todo=TODO, trouble=TODO), TODO, Word.NOTHING, id="once is enough"),
        pytest.param(Health(todo=TODO, trouble=TODO), "another", Word.TROUBLE, id="now something else"),
        pytest.param(Health(trouble="no route"), TODO, Word.NOTHING, id="no hand, but not yet well"),
        pytest.param(Health(), TODO, Word.WELL, id="well again"),
        pytest.param(Health(soon="the key ends"), "", Word.SOON, id="soon"),
        pytest.param(Health(trouble="no route", last_success=NOON), "", Word.NOTHING, id="a passing fault"),
        pytest.param(
            Health(trouble="no route", failures=TRIES_A_DAY, last_success=NOON - SILENT_AFTER),
            "",
            Word.TROUBLE,
            id="one that has not passed",
        ),
        pytest.param(
            Health(trouble="no route", failures=1, last_success=NOON - 9 * SILENT_AFTER),
            "",
            Word.NOTHING,
            id="one that has just come, after days without use",
        ),
        pytest.param(
            Health(trouble="no more route", failures=2 * TRIES_A_DAY, last_success=NOON - 3 * SILENT_AFTER),
            SILENT,
            Word.NOTHING,
            id="once",
        ),
    ],
)
def test_what_is_said(health: Health, told: str, word: Word) -> None:
    assert word_on(health, told, NOON) is word


@given(st.lists(HEALTHS, max_size=12))
def test_nothing_is_ever_repeated_before_it_changed(course: list[Health]) -> None:
    told = ""
    for health in course:
        word = word_on(health, told, NOON)
        if word is not Word.NOTHING:
            assert health.needs(NOON) != told
            told = health.needs(NOON)
        assert word_on(health, told, NOON) is Word.NOTHING, "asked again, there is no more to say"


@pytest.mark.parametrize(
    ("system", "word", "title"),
    [
        ("sources.garmin", Word.TROUBLE, "Garmin needs a hand"),
        ("sources.intervals", Word.TROUBLE, "intervals.icu needs a hand"),
        ("sources.garmin", Word.SOON, "Garmin will need a hand soon"),
        ("channels.caldav", Word.WELL, "Your calendar works again"),
        ("channels.ntfy", Word.WELL, "ntfy works again"),
    ],
)
def test_its_words(system: str, word: Word, title: str) -> None:
    message = notice(ME, system, word, TODO, NOON)

    assert message.title == title
    assert (TODO in message.body) is (word is not Word.WELL)
    assert message.useful_until > NOON + timedelta(hours=12)
