"""The doors that watchers knock at: is it there, does it work, by what numbers; and who may see those."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.testclient import TestClient

from service.application.health import FRESH, Health
from service.application.measures import Measures
from service.domain.message import Message
from service.persistence.engine import SqlDatabase
from service.ports import Malformed, Refused, Standing
from service.web.care import Care, routes
from tests.application.conftest import House, easy_run, house
from tests.fakes import NOON, raw

__all__ = ["house"]

HERE = ("127.0.0.1", 40000)


@pytest.fixture
def health(house: House) -> Health:
    return Health(house.database, house.clock, "here/1")


@pytest.fixture
def app(house: House, health: Health) -> Starlette:
    return Starlette(routes=routes(Care(health.look, Measures(house.database, house.clock).take)))


@pytest.fixture
def watcher(app: Starlette) -> Iterator[TestClient]:
    with TestClient(app, client=HERE) as client:
        yield client


def numbers(watcher: TestClient) -> dict[tuple[str, ...], float]:
    """Return every number by its name and labels."""
    answer = watcher.get("/metrics")
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


def test_it_is_there(watcher: TestClient) -> None:
    assert watcher.get("/healthz").text == "ok\n"


def test_it_is_ready_for_as_long_as_a_worker_shows_itself(watcher: TestClient, house: House, health: Health) -> None:
    assert watcher.get("/readyz").json() == {"ready": False, "database": True, "worker_seen": None}

    health.beat()
    assert watcher.get("/readyz").json() == {"ready": True, "database": True, "worker_seen": NOON.isoformat()}

    house.clock.moment += FRESH
    assert watcher.get("/readyz").status_code == 503
    Health(house.database, house.clock, "elsewhere/1").beat()
    assert watcher.get("/readyz").status_code == 200


def test_it_is_not_ready_where_its_database_does_not_answer(
    watcher: TestClient, health: Health, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: SqlDatabase) -> None:
        raise OSError("the database is away")

    health.beat()
    monkeypatch.setattr(SqlDatabase, "reading", away)

    answer = watcher.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["database"] is False


def test_a_worker_long_gone_is_forgotten(house: House, health: Health) -> None:
    health.beat()
    house.clock.forward(days=2)

    Health(house.database, house.clock, "here/2").beat()
    with house.database.reading() as store:
        assert store.worker_seen() == NOON + timedelta(days=2)


def test_the_numbers_tell_when_each_source_and_channel_was_reached(watcher: TestClient, house: House) -> None:
    with house.database.writing() as store:
        store.set_standing("anna", "sources.folder", Standing(last_success=NOON))
        store.set_standing("anna", "channels.ntfy", Standing(failures=3, trouble="no", todo="make a new token"))

    found = numbers(watcher)

    assert found["afterrun_last_success_timestamp_seconds", "anna", "source", "folder"] == NOON.timestamp()
    assert found["afterrun_failures_in_a_row", "anna", "channel", "ntfy"] == 3
    assert found["afterrun_needs_you", "anna", "channel", "ntfy"] == 1
    assert found["afterrun_needs_you", "anna", "source", "folder"] == 0


def test_the_numbers_tell_what_waits_and_what_became_of_the_rest(watcher: TestClient, house: House) -> None:
    house.reader.meanings[b"torn"] = Malformed("torn")
    house.ingest.take("me", raw(b"torn"))
    house.arrives(easy_run())
    house.phone.faults.append(Refused("the token has ended"))
    house.outbox.deliver_due()
    with house.database.writing() as store:
        late = Message(key="late", title="", body="", useful_until=NOON + timedelta(hours=9))
        store.add_message("me", "phone", late, NOON - timedelta(minutes=10))

    found = numbers(watcher)

    assert found["afterrun_recordings_total", "malformed"] == 1
    assert found["afterrun_recordings_total", "imported"] == 1
    assert found["afterrun_messages_total", "agenda", "delivered"] == 1
    assert found["afterrun_outbox_waiting", "phone"] == 2
    assert found["afterrun_outbox_overdue_seconds", "phone"] == 600
    assert found["afterrun_backlog", "read"] == 0
    assert found["afterrun_backlog", "judge"] == 0


def test_an_empty_database_has_numbers_too(watcher: TestClient) -> None:
    assert numbers(watcher)["afterrun_backlog", "judge"] == 0


@pytest.mark.parametrize("stranger", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "testclient"])
def test_the_numbers_are_not_for_strangers(app: Starlette, stranger: str) -> None:
    with TestClient(app, client=(stranger, 40000)) as client:
        assert client.get("/metrics").status_code == 404


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_the_numbers_are_not_for_whoever_comes_through_a_proxy(watcher: TestClient, header: str) -> None:
    assert watcher.get("/metrics", headers={header: "127.0.0.1"}).status_code == 404


@pytest.mark.parametrize("neighbour", ["192.168.1.7", "10.0.0.7", "::1", "fd00::7"])
def test_the_numbers_are_for_the_operators_own_network(app: Starlette, neighbour: str) -> None:
    with TestClient(app, client=(neighbour, 40000)) as client:
        assert client.get("/metrics").status_code == 200
