"""Strava from its page: connected by the address the browser was sent back to, looked at, and left again."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.testclient import TestClient

from config.settings import load
from service.bootstrap import App, build
from tests.peers.strava import StravaPeer
from tests.web.conftest import BASE, guard, opened, path_of

PAGE = "/connections/strava"
AT_MOST_S = 60.0


@pytest.fixture
def peer() -> Iterator[StravaPeer]:
    with StravaPeer() as peer:
        yield peer


@pytest.fixture
def app(tmp_path: Path, peer: StravaPeer) -> Iterator[App]:
    place = tmp_path / "afterrun.toml"
    place.write_text(
        f"""
        base_url = "{BASE}"
        [athlete]
        id = "me"
        [sources.strava]
        client_id = {peer.client_id}
        client_secret = "{peer.client_secret}"
        base_url = "{peer.url}"
        oauth_url = "{peer.url}"
        """
    )
    app = build(load(place, env={}))
    yield app
    app.close()


@pytest.fixture
def me(app: App) -> Iterator[TestClient]:
    with opened(app.site) as me:
        me.post(path_of(app.links.sign_in(app.entry.invite("me"))))
        yield me


def until(me: TestClient, words: str) -> str:
    """Look at the page again and again until it says something, as its script does."""
    ends = time.monotonic() + AT_MOST_S
    while words not in (page := me.get(PAGE).text):
        assert time.monotonic() < ends, page
    return page


def test_strava_is_connected_and_left_from_its_page(app: App, me: TestClient, peer: StravaPeer) -> None:
    ann = peer.athlete(7)
    form = {"guard": guard(app.site, me)}

    me.post(f"{PAGE}/connect", data=form)
    asked = until(me, "Go on")
    (address,) = re.findall(rf'href="({re.escape(peer.url)}[^"]+)"', asked)
    query = parse_qs(urlsplit(address.replace("&amp;", "&")).query)
    sent_to = f"{query['redirect_uri'][0]}?state={query['state'][0]}&code={ann.consents()}&scope={query['scope'][0]}"
    me.post(f"{PAGE}/answer", data=form | {"answer": sent_to})
    page = until(me, "It works.")
    assert "Strava lets Afterrun remember runs for seven days." in page
    assert "Bring runs in" in page
    app.ask_now()
    assert re.search(r"<dt>Reads in 15 min</dt><dd>\d+ of 80", me.get(PAGE).text)

    me.post(f"{PAGE}/disconnect", data=form)

    assert "your sessions stay" in until(me, "Disconnected.")
    assert app.ask_now()[0].trouble
