"""The pages on a real database, at an address behind a proxy, with two runners who know nothing of one another."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from config.figures import motions
from integrations.calendar import feed
from service.application.entry import Entry
from service.application.health import Health
from service.application.measures import Measures
from service.domain.sessions import Session
from service.web.app import make_app
from service.web.care import Care
from service.web.figures import Figures
from service.web.links import SignedLinks
from service.web.site import Site
from tests.application.conftest import House, easy_run, house, played

__all__ = ["house"]

LINKS = SignedLinks("https://afterrun.example/legs", "a secret")
PAGE = {"accept": "text/html,*/*;q=0.8"}


@pytest.fixture
def site(house: House) -> Site:
    athletes = house.athletes
    athletes["anna"] = replace(athletes["me"], id="anna", name="Anna")
    return Site(
        feedback=house.feedback,
        coach=house.coach,
        play=played(house),
        calendar=house.calendar,
        entry=Entry(house.database, athletes.keys(), house.clock),
        athletes=athletes,
        links=LINKS,
        figures=Figures(house.coach.catalogue, motions()),
        feed=lambda name, entries: feed(name, entries, now=house.clock.now()),
        clock=house.clock,
        care=Care(Health(house.database, house.clock, "here/1").look, Measures(house.database, house.clock).take),
    )


def opened(site: Site) -> TestClient:
    """Return a browser with cookies of its own, behind a proxy that leaves the path on."""
    app = make_app(site, seconds=lambda: 0.0)
    return TestClient(app, base_url=LINKS.base_url, raise_server_exceptions=False, headers=PAGE)


@pytest.fixture
def browser(site: Site) -> Iterator[TestClient]:
    """Return a browser that is signed in nowhere."""
    with opened(site) as client:
        yield client


@pytest.fixture
def signed_in(site: Site) -> Iterator[Callable[[str], TestClient]]:
    """Return what signs a new browser in as an athlete."""
    clients = []

    def sign_in(athlete: str = "me") -> TestClient:
        client = opened(site)
        clients.append(client)
        client.post(path_of(LINKS.sign_in(site.entry.invite(athlete))), follow_redirects=False)
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
    return address.removeprefix(LINKS.base_url)


def path(session: Session, verb: str = "") -> str:
    address = path_of(LINKS.session(session.id))
    return f"{address}/{verb}" if verb else address
