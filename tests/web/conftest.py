"""The pages of a whole Afterrun, at an address behind a proxy, with two runners who know nothing of one another."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from config.settings import load
from service.application.reading import ReadersHere
from service.bootstrap import App, build
from service.domain.sessions import Session
from service.web.app import make_app
from service.web.links import SignedLinks
from service.web.site import Site
from tests.application.conftest import House, easy_run
from tests.fakes import Channel, Clock, Decoder

BASE = "https://afterrun.example/legs"
SETTINGS = f"""\
base_url = "{BASE}"

[[athletes]]
id = "me"
timezone = "Europe/London"
[athletes.sources.folder]
path = "runs"
[athletes.channels.calendar]
path = "calendar"

[[athletes]]
id = "anna"
name = "Anna"
timezone = "Europe/London"
"""
LINKS = SignedLinks(BASE, "a secret")
PAGE = {"accept": "text/html,*/*;q=0.8"}


class Readers(ReadersHere):
    """Reads in this very process, so that there is nothing to end."""

    def rest(self) -> None:
        """End nothing."""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def reader() -> Decoder:
    """Return a reader that reads what a test says a file holds."""
    return Decoder()


@pytest.fixture
def app(tmp_path: Path, clock: Clock, reader: Decoder) -> Iterator[App]:
    place = tmp_path / "afterrun.toml"
    place.write_text(SETTINGS)
    app = build(load(place, env={}), clock)
    app.__dict__["readers"] = Readers({"fit": reader})
    app.__dict__["links"] = LINKS
    yield app
    del app.__dict__["readers"]
    app.close()


@pytest.fixture
def house(app: App, clock: Clock, reader: Decoder) -> House:
    """Return the house of the use cases' tests, as this Afterrun has it."""
    return House(
        athletes=dict(app.athletes),
        database=app.database,
        clock=clock,
        phone=Channel(),
        agenda=Channel(),
        reader=reader,
        ingest=app.ingest,
        coach=app.coach,
        outbox=app.outbox,
        feedback=app.feedback,
        digest=app.digest,
        calendar=app.calendar,
        body=app.body,
    )


@pytest.fixture
def site(app: App) -> Site:
    return app.site


def opened(site: Site) -> TestClient:
    """Return a browser with cookies of its own, behind a proxy that leaves the path on."""
    app = make_app(site, seconds=lambda: 0.0)
    return TestClient(app, base_url=BASE, raise_server_exceptions=False, headers=PAGE)


@pytest.fixture
def browser(site: Site) -> Iterator[TestClient]:
    """Return a browser that is signed in nowhere."""
    with opened(site) as client:
        yield client


@pytest.fixture
def signed_in(site: Site) -> Iterator[Callable[..., TestClient]]:
    """Return what signs a new browser in as an athlete."""
    clients = []

    def sign_in(athlete: str = "me") -> TestClient:
        client = opened(site)
        clients.append(client)
        client.post(path_of(site.links.sign_in(site.entry.invite(athlete))), follow_redirects=False)
        return client

    yield sign_in
    for client in clients:
        client.close()


@pytest.fixture
def session(house: House) -> Session:
    (session,) = house.arrives(easy_run())
    return session


def path_of(address: str) -> str:
    """Return an address as seen from the first page."""
    return address.removeprefix(BASE)


def path(session: Session, verb: str = "") -> str:
    """Return the address of a session's page, or of what can be done there."""
    address = path_of(LINKS.session(session.id))
    return f"{address}/{verb}" if verb else address


def guard(site: Site, client: TestClient) -> str:
    """Return what the forms of a signed-in browser bring along."""
    visitor = site.entry.browser(client.cookies["afterrun"])
    assert visitor is not None
    return visitor.guard
