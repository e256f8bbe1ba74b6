"""A choice holds at once: for messages, for routines still to do, and for other processes at their next look."""

from dataclasses import replace
from datetime import time
from typing import Any

import pytest

from service.application.preferring import Chosen, Preferring, Roster
from service.domain.athlete import Athlete
from service.domain.movements import Kit
from tests.application.conftest import House, long_run


def read(chosen: Chosen) -> Athlete:
    """Return an athlete whose kit and evening may be chosen."""
    kit = frozenset(map(Kit, chosen.get("kit", list(Kit))))
    return Athlete(id="me", kit=kit, evening=time.fromisoformat(chosen.get("evening", "19:30")))


def check(_athlete: str, chosen: Chosen) -> None:
    if "sofa" in chosen.get("kit", ()):
        raise ValueError("a sofa is no kit")


@pytest.fixture
def roster(house: House) -> Roster:
    roster = Roster({"me": read}, house.database)
    roster.refresh()
    return roster


@pytest.fixture
def preferring(house: House, roster: Roster) -> Preferring:
    announcer = replace(house.coach.announcer, athletes=roster)
    coach = replace(house.coach, athletes=roster, announcer=announcer)
    return Preferring(database=house.database, roster=roster, coach=coach, check=check, clock=house.clock)


def test_a_choice_wins_until_it_is_taken_back(preferring: Preferring, roster: Roster, house: House) -> None:
    preferring.choose("me", {"evening": "18:00"})
    preferring.choose("me", {"evening": "20:15"})

    assert roster["me"].evening == time(20, 15)
    assert preferring.chosen("me")["evening"].at == house.clock.now()
    preferring.take_back("me")
    assert roster["me"].evening == time(19, 30)
    assert preferring.chosen("me") == {}


def test_what_is_still_to_do_heeds_it_at_once(preferring: Preferring, house: House) -> None:
    _, later = house.arrives(long_run())
    assert any(Kit.ROLLER in step.kit for step in later.routine.steps)

    preferring.choose("me", {"kit": []})

    again = house.feedback.session(later.id).routine
    assert not any(step.kit for step in again.steps)


def test_what_cannot_be_is_kept_nowhere(preferring: Preferring, roster: Roster) -> None:
    with pytest.raises(ValueError, match="sofa"):
        preferring.choose("me", {"kit": ["sofa"]})

    assert roster["me"].kit == frozenset(Kit)
    assert preferring.chosen("me") == {}


@pytest.mark.parametrize("value", ["18:45", ["wall"], 4, True, "", {"a": [1]}])
def test_a_choice_is_kept_in_the_form_it_was_made(preferring: Preferring, value: Any) -> None:  # noqa: ANN401
    preferring.choose("me", {"anything": value})

    assert preferring.chosen("me")["anything"].value == value


def test_another_process_hears_of_it_at_its_next_look(house: House, preferring: Preferring) -> None:
    worker = Roster({"me": read, "anna": read}, house.database)
    worker.refresh()
    preferring.choose("me", {"evening": "18:00"})
    assert worker["me"].evening == time(19, 30)

    worker.refresh()

    assert worker["me"].evening == time(18, 0)
    assert worker["anna"].evening == time(19, 30)
    assert list(worker) == ["me", "anna"]
    assert len(worker) == 2
