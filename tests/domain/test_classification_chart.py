import xml.etree.ElementTree as ET
from dataclasses import replace

from service.domain.athlete import Units
from service.domain.chart import draw
from service.domain.classification import classify
from tests.domain.made_runs import EASY_RUN, INTERVALS, RUNNER, made, past

SVG = "{http://www.w3.org/2000/svg}"


def parts(text: str, name: str) -> list[ET.Element]:
    root = ET.fromstring(text)  # noqa: S314 - our own drawing
    return [one for one in root.iter() if one.get("class") == name]


def test_draws_speed_heart_rate_thresholds_and_every_effort() -> None:
    run = made(INTERVALS)
    picture = draw(run, classify(run, past(), RUNNER))
    assert [len(parts(picture, name)) for name in ("speed", "heart", "effort", "threshold")] == [1, 1, 6, 2]


def test_says_the_verdict_and_its_reasons() -> None:
    run = made(INTERVALS)
    found = classify(run, past(), RUNNER)
    words = [one.text for one in ET.fromstring(draw(run, found)).iter(f"{SVG}text")]  # noqa: S314 - our own
    assert words[0] is not None
    assert words[0].startswith("interval")
    assert {reason.text for reason in found.reasons} <= set(words)


def test_serves_light_and_dark() -> None:
    run = made(EASY_RUN)
    assert "prefers-color-scheme: dark" in draw(run, classify(run, past(), RUNNER))


def test_paces_are_in_the_runners_units() -> None:
    run = made(EASY_RUN)
    picture = draw(run, classify(run, past(), replace(RUNNER, units=Units.MILES)), Units.MILES)
    assert "/mi" in picture
    assert "/km" not in picture


def test_without_streams_the_words_remain() -> None:
    run = made(EASY_RUN, streams=False)
    picture = draw(run, classify(run, past(), RUNNER))
    assert not parts(picture, "speed")
    assert "easy" in picture
