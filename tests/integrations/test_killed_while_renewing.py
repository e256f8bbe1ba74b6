"""Killed at any step of a renewal of tokens: what is on the disk works afterwards.

Garmin's refresh tokens die with their use. Strava's are in tests/integrations/strava/test_tokens.py.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from integrations import garmin, garmin_connect
from integrations.garmin_connect.client import Client
from integrations.garmin_connect.tokens import TokenFile
from service.domain.athlete import Athlete
from service.persistence.engine import SqlDatabase, make_engine
from service.persistence.migrations import upgrade
from service.persistence.vault import SqlVault, cipher, new_key
from service.ports import Refused, Source
from tests.fakes import Clock
from tests.peers.garmin import GarminPeer
from tests.peers.garmin_connect import GarminConnectPeer

KIM = Athlete(id="kim", timezone=ZoneInfo("Europe/Berlin"))
KEY = new_key()
# What happens in a renewal, in its order; each may be the last thing a process does, or the first it does not.
STEPS = LEASE, EXCHANGE, WRITE, USE = "asking for the lease", "asking Garmin", "writing", "using the token"
# Between Garmin's answer and the disk lies nothing but sealing it. Killed there, nobody can know the new token.
LOST = {(EXCHANGE, "after"), (WRITE, "before")}

type Makes = Callable[[], Source]


class KilledError(BaseException):
    """The process dies here."""


@contextmanager
def killed(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, when: str) -> Iterator[None]:  # noqa: ANN401 - any class
    """Die before or after a method does its work."""
    work = getattr(owner, name)

    def dies(*args: Any, **kwargs: Any) -> object:  # noqa: ANN401 - whatever the method takes
        if when == "after":
            work(*args, **kwargs)
        raise KilledError

    with monkeypatch.context() as danger:
        danger.setattr(owner, name, dies)
        yield


def works(source: Source) -> bool:
    """Return whether a fresh process gets on with what is on the disk."""
    try:
        source.check()
    except Refused:
        return False
    return True


@pytest.fixture
def clock() -> Clock:
    """Return the time of day: Garmin's library looks at the machine's own clock."""
    return Clock(datetime.now(UTC))


@pytest.fixture
def vault(tmp_path: Path, clock: Clock) -> Iterator[Callable[[str], SqlVault]]:
    """Return how a process opens the vault of a system in a database on the disk."""
    engine = make_engine(f"sqlite:///{tmp_path}/afterrun.db")
    upgrade(engine)

    def wait(span: float) -> None:
        clock.forward(seconds=span)

    yield lambda system: SqlVault(engine, cipher(KEY), "kim", f"sources.{system}", clock=clock, wait=wait)
    SqlDatabase(engine).close()


class TestGarminConnect:
    @pytest.fixture
    def peer(self) -> Iterator[GarminConnectPeer]:
        with GarminConnectPeer(now=datetime.now(UTC)) as peer:
            yield peer

    @pytest.fixture(params=["vault", "file"])
    def makes(
        self,
        request: pytest.FixtureRequest,
        peer: GarminConnectPeer,
        vault: Callable[[str], SqlVault],
        clock: Clock,
        tmp_path: Path,
    ) -> Makes:
        """Return how a process makes the source of somebody who has signed in, and whose token is nearly used up."""
        peer.lifetime = timedelta(minutes=10)
        given = peer.sign_in()
        peer.lifetime = timedelta(hours=20)
        names = {"di_token": given["access_token"], "di_refresh_token": given["refresh_token"]}
        tokens = json.dumps({**names, "di_client_id": "GARMIN_CONNECT_MOBILE_ANDROID_DI_2025Q2"})
        file = tmp_path / "garmin_tokens.json" if request.param == "file" else None
        if file is not None:
            file.write_text(tokens)
        else:
            vault("garmin_connect").write({"tokens": tokens})
        return lambda: garmin_connect.source(
            base_url=peer.url, token_file=file, vault=vault("garmin_connect"), clock=clock, athlete=KIM
        )

    @pytest.mark.parametrize(("step", "when"), [*product(STEPS, ("before", "after"))])
    def test_what_is_on_the_disk_works_afterwards(
        self,
        makes: Makes,
        monkeypatch: pytest.MonkeyPatch,
        request: pytest.FixtureRequest,
        clock: Clock,
        step: str,
        when: str,
    ) -> None:
        in_a_file = request.node.callspec.params["makes"] == "file"
        place: tuple[Any, str] = {
            LEASE: (SqlVault, "_taken"),
            EXCHANGE: (Client, "exchange"),
            WRITE: (TokenFile, "write") if in_a_file else (SqlVault, "write"),
            USE: (Client, "get_api_headers"),
        }[step]
        with killed(monkeypatch, *place, when), pytest.raises(KilledError):
            makes().check()
        clock.forward(minutes=2)  # the lease of the one that died runs out

        lost = (step, when) in LOST
        assert works(makes()) is works(makes()) is not lost
        if lost:
            with pytest.raises(Refused, match="afterrun connect garmin_connect"):
                makes().check()


class TestGarminByKey:
    """A key can be exchanged again and again, so nothing is ever lost."""

    @pytest.fixture
    def peer(self, clock: Clock) -> Iterator[GarminPeer]:
        with GarminPeer(now=clock.now()) as peer:
            yield peer

    @pytest.mark.parametrize("when", ["before", "after"])
    def test_what_is_on_the_disk_works_afterwards(
        self,
        peer: GarminPeer,
        vault: Callable[[str], SqlVault],
        clock: Clock,
        monkeypatch: pytest.MonkeyPatch,
        when: str,
    ) -> None:
        def makes() -> Source:
            return garmin.source(api_key="a-key", base_url=peer.url, vault=vault("garmin"), clock=clock)

        for _ in range(2):
            with killed(monkeypatch, SqlVault, "write", when), pytest.raises(KilledError):
                makes().check()
            assert works(makes())
            clock.moment = peer.now = clock.now() + timedelta(days=1)
