"""Strava keeps every promise of a source, asked through the real stravalib."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from integrations.strava.runs import Strava
from service.persistence.engine import SqlDatabase
from service.ports import Raw
from tests.fakes import NOON, Clock
from tests.integrations.http_source_contract import HttpSourceContract
from tests.integrations.source_contract import Put, Said
from tests.integrations.strava_home import Home, home
from tests.peers.http import Trouble
from tests.peers.strava import Run, StravaPeer, a_run


class TestTheContract(HttpSourceContract):
    @pytest.fixture
    def clock(self) -> Clock:
        return Clock(NOON)

    @pytest.fixture
    def peer(self) -> Iterator[StravaPeer]:
        with StravaPeer(now=NOON.timestamp, reads=(10_000, 10_000)) as peer:
            yield peer

    @pytest.fixture
    def runner(self, peer: StravaPeer, clock: Clock, database: SqlDatabase) -> Home:
        runner = home(peer, clock, database)
        runner.connect()
        return runner

    @pytest.fixture
    def secrets(self, runner: Home) -> list[str]:
        return [runner.peer.client_secret, *runner.peer.access, *runner.peer.refresh]

    @pytest.fixture
    def source(self, runner: Home) -> Strava:
        return runner.source()

    @pytest.fixture
    def again(self, runner: Home) -> Callable[[], Strava]:
        return runner.source

    @pytest.fixture
    def put(self, runner: Home) -> Put:
        def put(name: str, body: bytes) -> None:
            ago = timedelta(minutes=50 + 60 * len(runner.person.activities))
            runner.runs(ago, seconds=60, name=body.decode(), external=name)

        return put

    @pytest.fixture
    def said(self) -> Said:
        def said(raw: Raw) -> bytes:
            name: str = json.loads(raw.body)["activity"]["name"]
            return name.encode()

        return said

    @pytest.fixture
    def broken(self, runner: Home) -> Strava:
        runner.peer.trouble(Trouble(status=500), times=10)
        return runner.source()

    @pytest.fixture
    def refuse(self, runner: Home) -> Callable[[], None]:
        return runner.person.takes_back

    @pytest.fixture
    def vanish(self, runner: Home) -> Callable[[str], None]:
        def vanish(name: str) -> None:
            (run,) = [run for run in runner.person.activities.values() if run.detail["external"] == name]
            run.vanished = True

        return vanish

    @pytest.fixture
    def backlog(self, runner: Home) -> Callable[[int], None]:
        def backlog(size: int) -> None:
            template = a_run(NOON, seconds=60)
            for number in range(size):
                begun = NOON - timedelta(hours=1 + 8 * number)
                detail = template.detail | {"id": number + 1, "start_date": begun.isoformat(), "name": "old"}
                runner.person.activities[number + 1] = Run(detail=detail, streams=template.streams)
            runner.person.activities[1].detail["name"] = "newest"

        return backlog
