"""The reading view: a routine as lines of text for people."""

import re

from hypothesis import given

from service.domain.classification import RunType
from service.domain.movements import Kit
from service.domain.reading import reading
from service.domain.routine import Wish
from tests.domain.wishes import any_wishes, composed, composed_or_none, thoroughly

TEXT = reading(composed(Wish(run_type=RunType.LONG, kit=frozenset({Kit.ROLLER, Kit.WALL}))))


def test_it_opens_with_the_title_why_and_what_is_needed() -> None:
    assert TEXT[0].startswith("17 minutes after your long run")
    assert TEXT[1].startswith("  17 minutes: a long run asks for 15 to 20")
    assert "  You need a wall and a foam roller." in TEXT


def test_each_step_has_its_clock_dose_and_reason() -> None:
    assert " 0:00  Light walking: 2 min 45 s" in TEXT
    assert "       Why: Always first: walking lets your heart rate come down gradually." in TEXT
    assert any(line.endswith("Figure-four stretch: 45 s each side") for line in TEXT)


def test_positions_are_said_when_they_change() -> None:
    headings = [line.strip() for line in TEXT if line.strip() in {"Standing", "On the floor", "Lying on your back"}]

    assert headings == ["Standing", "On the floor", "Standing", "Lying on your back"]


@thoroughly
@given(any_wishes())
def test_the_clock_runs_on_to_the_total_and_no_line_is_too_long(wish: Wish) -> None:
    routine = composed_or_none(wish)
    if routine is None:
        return
    lines = reading(routine, width=72)
    clocks = [(int(found[1]), int(found[2])) for line in lines if (found := re.match(r" ?(\d+):(\d\d)  ", line))]

    assert clocks == sorted(clocks)
    assert len(clocks) == len(routine.steps) + 1
    assert clocks[-1] == divmod(routine.seconds, 60)
    assert max(map(len, lines[1:])) <= 72
