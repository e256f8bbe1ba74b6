"""What a runner chooses on a page wins over the file, is checked as the file is, and gives way where it cannot hold."""

from collections.abc import Callable
from datetime import time
from typing import Any

import pytest

from config.preferences import NAMES, ChoiceError, as_far_as_understood, laid_over, standing
from config.settings import AthleteSettings, Settings
from service.domain.athlete import Level, Units
from service.domain.movements import Kit

type Load = Callable[..., Settings]

FILE = """
[athlete]
timezone = "Europe/Berlin"
resting_hr = 50
max_hr = 187
threshold_pace = "4:30/km"
kit = ["wall", "roller"]
[quiet]
from = "22:00"
to = "06:30"
"""


@pytest.fixture
def mine(load: Load) -> AthleteSettings:
    return load(FILE).athletes[0]


def test_what_is_chosen_wins_and_the_rest_stays_as_the_file_has_it(mine: AthleteSettings) -> None:
    chosen = {
        "athlete.units": "mi",
        "athlete.kit": ["band"],
        "athlete.level": "beginner",
        "quiet.from": "21:00",
        "goal.sessions_per_week": 3,
    }

    athlete = laid_over(mine, chosen).to_athlete()

    assert athlete.units is Units.MILES
    assert athlete.kit == {Kit.BAND}
    assert athlete.level is Level.BEGINNER
    assert athlete.quiet == (time(21, 0), time(6, 30))
    assert athlete.sessions_per_week == 3
    assert athlete.max_hr == 187
    assert athlete.timezone.key == "Europe/Berlin"
    assert laid_over(mine, {}) == mine


def test_nothing_may_stand_for_what_the_file_may_leave_out(mine: AthleteSettings) -> None:
    athlete = laid_over(mine, {"athlete.max_hr": "", "athlete.threshold_pace": "", "quiet.from": ""}).to_athlete()

    assert athlete.max_hr is None
    assert athlete.threshold_speed_mps is None
    assert athlete.quiet is None
    assert athlete.resting_hr == 50


@pytest.mark.parametrize(
    ("chosen", "name", "said"),
    [
        ({"athlete.kit": ["sofa"]}, "athlete.kit", '"band"'),
        ({"athlete.timezone": "Europe/Berln"}, "athlete.timezone", "did you mean Europe/Berlin"),
        ({"quiet.from": "06:30"}, "quiet.to", "the moment quiet hours begin"),
        ({"athlete.max_hr": 45}, "athlete.max_hr", "must be above resting_hr"),
        ({"athlete.max_hr": "fast"}, "athlete.max_hr", "must be a number"),
        ({"athlete.threshold_pace": "4.5"}, "athlete.threshold_pace", "is no pace"),
        ({"goal.sessions_per_week": 99}, "goal.sessions_per_week", "or less"),
        ({"digest.at": "7 am"}, "digest.at", "no time of day"),
        ({"web.listen": "0.0.0.0:80"}, "web.listen", "nothing one can choose"),
        ({"athlete.id": "anna"}, "athlete.id", "nothing one can choose"),
    ],
)
def test_what_cannot_be_is_refused_by_its_name_with_what_to_write(
    mine: AthleteSettings, chosen: dict[str, Any], name: str, said: str
) -> None:
    with pytest.raises(ChoiceError) as refused:
        laid_over(mine, chosen)

    assert list(refused.value.faults) == [name]
    assert said in refused.value.faults[name]


def test_what_a_release_no_longer_understands_gives_way_to_the_file(mine: AthleteSettings) -> None:
    kept = as_far_as_understood(mine, {"athlete.kit": ["sofa"], "athlete.units": "mi", "gone.setting": 1})

    assert kept.runner.kit == mine.runner.kit
    assert kept.runner.units is Units.MILES


def test_everything_that_may_be_chosen_is_shown_in_the_form_it_is_chosen_in(mine: AthleteSettings) -> None:
    shown = {one.name: one.value for one in standing(mine)}

    assert tuple(shown) == NAMES
    assert shown["athlete.threshold_pace"] == "4:30/km"
    assert shown["quiet.from"] == "22:00"
    assert shown["athlete.kit"] == ["roller", "wall"]
    again = laid_over(mine, shown)
    assert again.to_athlete() == mine.to_athlete()
