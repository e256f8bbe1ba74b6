"""Figures as SVG: small, well-formed, without script, style or ids, and never far from the body's true way."""

import gzip
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from statistics import mean
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import catalogue
from config.figures import motions
from service.domain.drawing import muscles, palette
from service.domain.drawing.film import film
from service.domain.drawing.moving import Track
from service.domain.drawing.part import Part
from service.domain.drawing.pose import Motion, Pose
from service.domain.drawing.svg import STRAY, needed
from service.domain.figure import animated, poses, strip
from service.domain.movements import BodyArea, Movement

CATALOGUE, _ = catalogue.load()
MOTIONS = motions()
NAMES = [movement.id for movement in CATALOGUE]
SVG = "{http://www.w3.org/2000/svg}"
PAPERS = ("#ffffff", "#faf9f6", "#1b2220", "#131816")  # the site's, light and dark

MOST_PACKED, MOST_PACKED_ON_AVERAGE = 6500, 2048  # bytes as sent; a walking lunge moves everything, both ways
MOST_STILL = 7000  # bytes

type Draw = Callable[..., str]


@cache
def drawn(name: str, draw: Draw = animated, *, mirrored: bool = False) -> str:
    return draw(CATALOGUE[name], MOTIONS[name], mirrored=mirrored)


@pytest.mark.parametrize("draw", [animated, strip])
@pytest.mark.parametrize("name", NAMES)
def test_a_figure_is_one_drawing_named_after_its_movement(name: str, draw: Draw) -> None:
    root = ET.fromstring(drawn(name, draw))  # noqa: S314 - our own text

    assert root.tag == f"{SVG}svg"
    assert root[0].tag == f"{SVG}title"
    assert root[0].text == CATALOGUE[name].name
    assert root.get("role") == "img"
    assert len(root.get("viewBox", "").split()) == 4


@pytest.mark.parametrize("draw", [animated, strip])
@pytest.mark.parametrize("name", NAMES)
def test_a_figure_needs_no_script_style_or_id_and_fetches_nothing(name: str, draw: Draw) -> None:
    for element in ET.fromstring(drawn(name, draw)).iter():  # noqa: S314 - our own text
        assert element.tag in {f"{SVG}{tag}" for tag in ("svg", "title", "g", "path", "animate")}
        assert not {key for key in element.attrib if key in {"style", "id", "class"} or key.startswith("on")}
    assert "href" not in drawn(name, draw)
    assert "url(" not in drawn(name, draw)


def test_a_name_with_signs_of_markup_stays_text() -> None:
    movement = replace(CATALOGUE["quad_pull"], name='<b> & "quad"')

    assert ET.fromstring(animated(movement, MOTIONS["quad_pull"]))[0].text == '<b> & "quad"'  # noqa: S314 - our own text


@pytest.mark.parametrize("name", NAMES)
def test_the_same_movement_gives_the_same_drawing(name: str) -> None:
    assert animated(CATALOGUE[name], MOTIONS[name]) == drawn(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_moving_figure_moves_and_a_still_one_does_not(name: str) -> None:
    assert "<animate " in drawn(name)
    assert "<animate " not in drawn(name, strip)


def test_figures_are_small() -> None:
    packed = {name: len(gzip.compress(drawn(name).encode())) for name in NAMES}

    assert max(packed.values()) <= MOST_PACKED
    assert mean(packed.values()) <= MOST_PACKED_ON_AVERAGE
    assert max(len(drawn(name, strip)) for name in NAMES) <= MOST_STILL


@pytest.mark.parametrize("name", NAMES)
def test_every_change_is_told_in_order_from_the_first_moment_to_the_same_again(name: str) -> None:
    for animate in ET.fromstring(drawn(name)).iter(f"{SVG}animate"):  # noqa: S314 - our own text
        times = [float(time) for time in animate.get("keyTimes", "").split(";")]
        values = animate.get("values", "").split(";")
        assert len(times) == len(values)
        assert (times[0], times[-1]) == (0.0, 1.0)
        assert times == sorted(times)
        assert values[0] == values[-1] or name in {"arm_circles", "box_breath", "easy_breath"}
        assert len({re.sub(r"[-\d. ]+", "", value) for value in values}) == 1, "only like paths can blend"


@pytest.mark.parametrize("name", ["quad_pull", "light_walk", "dog_cobra", "lunge_rotation"])
def test_between_the_moments_told_a_drawing_strays_little_from_the_bodys_way(name: str) -> None:
    shown = film(CATALOGUE[name], MOTIONS[name], mirrored=False)
    shares = [frame.moment.share for frame in shown.frames]
    for part in shown.frames[0].parts:
        way = [frame.parts[part] for frame in shown.frames]
        told = needed(way, shares)
        for index, share in enumerate(shares):
            straight = blended(way, shares, told, share)
            assert np.abs(straight - np.array(way[index].points)).max() <= STRAY + 1e-9


def blended(way: list[Part], shares: list[float], told: list[int], share: float) -> np.ndarray:
    after = next(index for index in told if shares[index] >= share)
    before = told[max(told.index(after) - 1, 0)]
    gone = (share - shares[before]) / (shares[after] - shares[before]) if after != before else 0.0
    return np.array(way[before].points) * (1 - gone) + np.array(way[after].points) * gone


@pytest.mark.parametrize("name", [movement.id for movement in CATALOGUE if movement.dose.sides > 1])
def test_the_other_side_is_the_mirror_image(name: str) -> None:
    one, other = (film(CATALOGUE[name], MOTIONS[name], mirrored=mirrored) for mirrored in (False, True))

    for here, there in zip(one.frames, other.frames, strict=True):
        for part in here.parts:
            mirrored = np.array(there.parts[part].points)
            same = {tuple(np.round(point, 3) + 0.0) for point in np.array(here.parts[part].points)}
            assert len(same ^ {tuple(np.round(point * [-1, 1], 3) + 0.0) for point in mirrored}) <= 2


@pytest.mark.parametrize("movement", list(CATALOGUE), ids=lambda movement: movement.id)
def test_a_figure_is_at_the_pace_of_its_dose(movement: Movement) -> None:
    motion = MOTIONS[movement.id]
    if movement.dose.reps is None:
        assert 1 <= motion.seconds <= 16
        return
    rounds = motion.seconds / movement.dose.each_s

    assert rounds == pytest.approx(round(rounds))
    assert rounds >= 1


def test_breath_counters_keep_the_counts_that_are_said() -> None:
    box, easy = MOTIONS["box_breath"].cycle, MOTIONS["easy_breath"].cycle

    assert [(key.move, key.hold) for key in box] == [(4, 0)] * 4
    assert [key.chest for key in box] == [0, 1, 1, 0], "in, hold, out, and stay empty until the next"
    assert sorted(key.move for key in easy) == [4, 6]


@pytest.mark.parametrize("movement", list(CATALOGUE), ids=lambda movement: movement.id)
def test_what_is_tinted_is_what_is_worked_the_main_area_first(movement: Movement) -> None:
    motion = MOTIONS[movement.id]
    if motion.close_up:
        return
    names = motion.tint or tuple(muscles.names(movement.areas, motion))
    tinted = {BodyArea(name.removeprefix("left_").removeprefix("right_")) for name in names}

    assert tinted <= set(movement.areas)
    assert movement.areas[0] in tinted
    assert f'color="{palette.COLOURS["tint"]}"' in drawn(movement.id)


@pytest.mark.parametrize("colour", sorted(set(palette.COLOURS) - palette.DECORATIVE))
@pytest.mark.parametrize("paper", PAPERS)
def test_colours_can_be_told_from_light_and_dark_paper(colour: str, paper: str) -> None:
    assert contrast(palette.COLOURS[colour], paper) >= 3.0


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as WCAG 2.2 defines it."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


def test_a_round_ends_as_it_began() -> None:
    for name in NAMES:
        first, *_, last = poses(MOTIONS[name])
        moved: Mapping[str, float] = {j: float(np.linalg.norm(first[j] - last[j])) for j in first.joints}
        assert max(moved.values()) < 1e-6


@given(
    st.lists(st.tuples(st.floats(0.1, 5), st.sampled_from([0.0, 0.1, 0.7]), st.floats(-9, 9)), min_size=1, max_size=7),
    st.booleans(),
    st.floats(-50, 50),
)
def test_a_round_goes_on_for_ever_and_stays_between_its_key_poses(
    keys: list[tuple[float, float, float]], flow: bool, seconds: float
) -> None:
    track = Track(Motion(keys=tuple(Pose(move=move, hold=hold, lean=lean) for move, hold, lean in keys), flow=flow))
    leans = [lean for _, _, lean in keys]

    for moment in (seconds, *track.times()):
        assert min(leans) - 1e-9 <= track.at(moment).lean <= max(leans) + 1e-9
    assert track.at(seconds + track.seconds).lean == pytest.approx(track.at(seconds).lean, abs=1e-3)


def test_a_figure_rests_at_a_key_it_holds_and_flows_through_others() -> None:
    keys = [Pose(), Pose(lean=10, hold=1), Pose(lean=20), Pose(lean=10)]
    easing, flowing = (Track(Motion(keys=tuple(keys), flow=flow)) for flow in (False, True))

    assert easing.at(1.5).lean == flowing.at(1.5).lean == pytest.approx(10)
    passing = [track.at(3.99).lean - track.at(4.01).lean for track in (easing, flowing)]
    assert passing[0] < 0.01 < passing[1], "one is at rest at the last key, the other on its way"


def test_motion_is_smooth_nothing_jumps() -> None:
    for name in NAMES:
        track = Track(MOTIONS[name])
        looks = [track.at(track.seconds * look / 400) for look in range(400)]
        heights = np.array([pose.place for pose in looks])
        assert np.abs(np.diff(heights, axis=0)).max() < 2.0
