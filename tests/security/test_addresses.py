"""Afterrun asks the addresses that its operator wrote into the settings, and no other, whoever names one.

There is no field in which a runner, a platform or a stranger could name an address that is then asked. A bait listens
on this machine; it is named in every spelling wherever anybody but the operator can write something.
"""

import json
import socket
from collections.abc import Callable, Iterator
from threading import Event, Thread
from typing import Any, Self

import pytest
from starlette.testclient import TestClient

from integrations import apprise, garmin, intervals, ntfy
from integrations.caldav.server import Collection
from service.domain.sessions import Session
from service.ports import EdgeError
from service.web.api.operations import OPERATIONS
from service.web.app import DOORS
from service.web.site import Site
from tests.application.conftest import House
from tests.fakes import Clock, Vault
from tests.integrations.channel_contract import a_message
from tests.peers.http import Answer, HttpPeer, Request
from tests.web.conftest import app, browser, clock, guard, house, reader, session, signed_in, site

__all__ = ["app", "browser", "clock", "house", "reader", "session", "signed_in", "site"]

type SignIn = Callable[..., TestClient]

# Where nothing looks at it at all a few of them are enough.
FEW = 7
# Ways to write 127.0.0.1, and one's way out of HTTP.
SPELLINGS = (
    *("http://127.0.0.1:{}/", "http://localhost:{}/", "http://localhost.:{}/", "http://0:{}/", "http://0.0.0.0:{}/"),
    *("http://2130706433:{}/", "http://0x7f000001:{}/", "http://0177.0.0.1:{}/", "http://127.1:{}/"),
    *(
        "http://[::1]:{}/",
        "http://[::ffff:127.0.0.1]:{}/",
        "http://[::ffff:7f00:1]:{}/",
        "http://[64:ff9b::7f00:1]:{}/",
    ),
    *("http://a@127.0.0.1:{}/", "//127.0.0.1:{}/", "http://127.0.0.1:{}#@example.org/", "http:\\\\127.0.0.1:{}\\"),
    *("ntfy://127.0.0.1:{}/x", "json://127.0.0.1:{}/", "gopher://127.0.0.1:{}/", "ftp://127.0.0.1:{}/"),
)


class Bait:
    """Listens, and remembers whether anybody came."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(0.05)
        self._ended = Event()
        self.bites = 0
        self._thread = Thread(target=self._wait)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._server.close()

    @property
    def port(self) -> int:
        port: int = self._server.getsockname()[1]
        return port

    def spelt(self) -> list[str]:
        """Return its address in every spelling."""
        return [spelling.format(self.port) for spelling in SPELLINGS]

    def _wait(self) -> None:
        while not self._ended.is_set():
            try:
                connection, _ = self._server.accept()
            except TimeoutError:
                continue
            self.bites += 1
            connection.close()


@pytest.fixture
def bait() -> Iterator[Bait]:
    with Bait() as bait:
        yield bait


def test_a_bait_is_bitten_by_whoever_asks_it(bait: Bait) -> None:
    """So that the tests below can fail."""
    with socket.create_connection(("127.0.0.1", bait.port)) as connection:
        connection.recv(1)

    assert bait.bites == 1


def test_no_form_of_the_pages_has_an_address_asked(
    signed_in: SignIn, site: Site, session: Session, bait: Bait, house: House
) -> None:
    fields = [one.name for one in site.standing("me")] + ["answer", "movement", "instead", "until", "sites", "felt"]
    for door in DOORS:
        me, path = signed_in("me"), _filled(door.path, site, session)
        word = guard(site, me)
        for address in bait.spelt()[::FEW]:
            form = dict.fromkeys(fields, address) | {"guard": word}
            if door.method == "POST" and "sign" not in path:
                me.post(path, data=form, follow_redirects=False)
            me.get(f"{path}?said={address}&next={address}&url={address}")
            if path.endswith("/connect"):
                break  # one talk is enough, and it ends with the test
    house.outbox.deliver_due()

    assert bait.bites == 0


def test_no_call_of_the_api_has_an_address_asked(site: Site, session: Session, bait: Bait, browser: TestClient) -> None:
    browser.headers["authorization"] = f"Bearer {site.entry.issue_token('me', 'a script')}"
    for operation in OPERATIONS:
        path = f"/api{_filled(operation.path, site, session)}"
        names = _names(operation.body_adapter.json_schema()) if operation.takes is not None else {"name"}
        for address in bait.spelt()[::FEW]:
            browser.request(operation.method, path, json=dict.fromkeys(names, address))
            browser.request(operation.method, path, json={name: [address] for name in names})

    assert bait.bites == 0


def _filled(path: str, site: Site, session: Session) -> str:
    token = site.links.session(session.id).rpartition("/")[2]
    known = {"token": token, "name": "folder", "feeling": "good", "kind": "long", "key": "k"}
    for part in path.split("{")[1:]:
        inside = part.partition("}")[0]
        path = path.replace(f"{{{inside}}}", str(known.get(inside.partition(":")[0], 1)))
    return path


def _names(schema: Any) -> set[str]:  # noqa: ANN401 - JSON
    """Return every name a body may have, however deep."""
    if isinstance(schema, list):
        return set().union(*map(_names, schema)) if schema else set()
    if not isinstance(schema, dict):
        return set()
    return set(schema.get("properties", {})) | set().union(*map(_names, schema.values()), set())


class Misleading(HttpPeer):
    """A platform that leads elsewhere, in every way there is."""

    def __init__(self, to: str) -> None:
        super().__init__()
        self.to = to
        self.status = 302

    def answered(self, _request: Request) -> Answer:
        """Lead there."""
        headers = {
            "Location": self.to,
            "Content-Location": self.to,
            "Link": f"<{self.to}>; rel=next",
            "Refresh": f"0;{self.to}",
        }
        body = json.dumps({"url": self.to, "next": self.to, "location": self.to, "downloadUrl": self.to}).encode()
        return Answer(status=self.status, headers=headers, body=body)


@pytest.mark.parametrize("status", [200, 201, 301, 302, 303, 307, 308])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what Apprise loads
def test_no_platform_leads_us_elsewhere(bait: Bait, status: int) -> None:
    with Misleading(f"http://127.0.0.1:{bait.port}/inside") as peer:
        peer.status = status
        here = {"base_url": peer.url, "clock": Clock()}
        asked: tuple[Callable[[], object], ...] = (
            garmin.source(api_key="k", vault=Vault(), **here).check,  # type: ignore[arg-type]
            intervals.source(api_key="k", **here).check,  # type: ignore[arg-type]
            lambda: ntfy.channel(url=f"{peer.url}/topic", clock=Clock()).send(a_message()),
            lambda: apprise.channel(urls=[f"json://{peer.url.removeprefix('http://')}/"]).send(a_message()),
            Collection(f"{peer.url}/dav/", "me", "secret").name,
            lambda: Collection(f"{peer.url}/dav/", "me", "secret").put("one.ics", b"BEGIN:VCALENDAR"),
        )
        for ask in asked:
            try:
                ask()
            except EdgeError:
                continue
        assert len(peer.requests) >= len(asked)

    assert bait.bites == 0


def test_what_a_calendar_server_says_of_addresses_is_read_for_names_alone(bait: Bait) -> None:
    class Server(HttpPeer):
        def answered(self, _request: Request) -> Answer:
            href = f"http://127.0.0.1:{bait.port}/secret.ics"
            body = f"""<D:multistatus xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:response><D:href>{href}
                </D:href><D:propstat><D:prop><D:getetag>"1"</D:getetag><D:resourcetype><C:calendar/></D:resourcetype>
                <C:calendar-data>BEGIN:VCALENDAR</C:calendar-data></D:prop></D:propstat></D:response></D:multistatus>"""
            return Answer(status=207, body=body.encode())

    with Server() as peer:
        collection = Collection(f"{peer.url}/dav/", "me", "secret")
        collection.name()
        for name in collection.get_all(["one.ics"]):
            collection.get(name)
        assert all(request.path.startswith("/dav/") for request in peer.requests)

    assert bait.bites == 0
