"""Figures by address: kept long, asked again cheaply, and named by the session's page."""

from collections.abc import Iterator
from xml.etree import ElementTree as ET

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from config import catalogue
from config.figures import motions
from service.domain.figure import animated, strip
from service.web.figures import Figures

CATALOGUE, _ = catalogue.load()
QUAD_PULL = CATALOGUE["quad_pull"], motions()["quad_pull"]


@pytest.fixture(scope="module")
def browser() -> Iterator[TestClient]:
    figures = Figures(CATALOGUE, motions())
    with TestClient(Starlette(routes=[Route("/figures/{name}.svg", figures.answer)])) as client:
        yield client


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("quad_pull", animated(*QUAD_PULL)),
        ("quad_pull-still", strip(*QUAD_PULL)),
        ("quad_pull-other", animated(*QUAD_PULL, mirrored=True)),
        ("quad_pull-other-still", strip(*QUAD_PULL, mirrored=True)),
    ],
)
@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_an_address_says_movement_side_and_whether_it_moves(
    browser: TestClient, name: str, text: str, encoding: str
) -> None:
    answer = browser.get(f"/figures/{name}.svg", headers={"Accept-Encoding": encoding})

    assert answer.status_code == 200
    assert answer.text == text
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers.get("content-encoding", "identity") == encoding


@pytest.mark.parametrize("name", ["cartwheel", "quad_pull-upside-down", "-still", "quad_pull-still-other"])
def test_what_nobody_drew_is_not_found(browser: TestClient, name: str) -> None:
    assert browser.get(f"/figures/{name}.svg").status_code == 404


def test_whoever_has_a_figure_is_told_so(browser: TestClient) -> None:
    first = browser.get("/figures/cat_cow.svg")
    again = browser.get("/figures/cat_cow.svg", headers={"If-None-Match": first.headers["etag"]})

    assert "max-age=604800" in first.headers["cache-control"]
    assert again.status_code == 304
    assert not again.content


def test_a_figure_is_an_image_a_browser_can_read(browser: TestClient) -> None:
    assert ET.fromstring(browser.get("/figures/box_breath.svg").text).tag.endswith("svg")  # noqa: S314 - our own text
