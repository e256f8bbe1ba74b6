"""Homes whose runs come from a platform: all of Afterrun, its real clients, a stand-in of the platform, one clock."""

import json
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import text

import integrations
from config.settings import load
from integrations import sample
from integrations.fit.encoder import encode
from service.application.reading import ReadersHere
from service.bootstrap import App, build
from service.domain.classification import RunType
from tests.fakes import Channel, Clock
from tests.integrations.strava_home import Talk
from tests.peers.garmin import GarminPeer
from tests.peers.garmin_connect import GarminConnectPeer
from tests.peers.http import HttpPeer
from tests.peers.intervals import IntervalsPeer
from tests.peers.strava import StravaPeer, a_run

# An hour at which nobody's quiet hours are near, on a day without a change of clocks.
MORNING = datetime(2026, 6, 15, 9, 0, tzinfo=UTC)
AGO = timedelta(minutes=5)


class Readers(ReadersHere):
    """Reads in this very process, so that there is nothing to end."""

    def stop(self) -> None:
        """End nothing."""

    rest_if_idle = stop


class Home(ABC):
    """A runner with one source and a phone. Subclasses know the platform."""

    source: str
    table: str

    def __init__(self, folder: Path) -> None:
        self.clock = Clock(MORNING)
        self.phone = Channel(name="console")
        self.uploaded = 0
        self._settings = folder / "afterrun.toml"

    @property
    @abstractmethod
    def peer(self) -> Any:  # noqa: ANN401 - each platform has its own
        """The platform's stand-in."""

    @abstractmethod
    def connect(self) -> None:
        """Let Afterrun in, and do so again after the platform ended that."""

    @abstractmethod
    def revoke(self) -> None:
        """End, at the platform, what Afterrun was let in with."""

    @abstractmethod
    def upload(self) -> None:
        """Put a run there that has just ended."""

    @cached_property
    def app(self) -> App:
        """Afterrun, as the settings have it but for the phone."""
        top = '[athlete]\nid = "me"\ntimezone = "UTC"\n[channels.console]\n'
        self._settings.write_text(f"{top}[sources.{self.source}]\n{self.table}\n")
        app = build(load(self._settings, env={}), self.clock)
        app.__dict__["readers"] = Readers(integrations.readers())
        app.__dict__["channels"] = {("me", "console"): self.phone}
        return app

    def restart(self) -> None:
        """Begin anew with the same database and the settings as they are now."""
        self.app.close()
        del self.__dict__["app"]

    def round(self) -> str:
        """Do once what a worker does all the time, and return the source's trouble."""
        asked = self.app.sync.ask(impatient=True)
        self.app.coach.coach()
        self.app.deliver()
        return " ".join(answer.trouble for answer in asked)

    def forward(self, **span: float) -> None:
        """Let time pass, here and there."""
        self.clock.forward(**span)

    def next_morning(self) -> None:
        """Let it be the next morning, at the same hour."""
        days = (self.clock.now() - MORNING).days + 1
        self.forward(seconds=(MORNING + timedelta(days=days) - self.clock.now()).total_seconds())

    def counted(self, what: str) -> int:
        """Count in the database: rows of a table, or of what follows FROM."""
        with self.app.database.engine.connect() as connection:
            return int(connection.execute(text(f"SELECT count(*) FROM {what}")).scalar_one())  # noqa: S608 - our own words

    def needs_you(self) -> bool:
        """Tell whether the source waits for its runner."""
        with self.app.database.reading() as store:
            return store.standing("me", f"sources.{self.source}").todo != ""

    def told(self) -> int:
        """Return how many sessions the runner was told of on the phone."""
        return self.counted("outbox WHERE session_id IS NOT NULL AND receipt IS NOT NULL")

    def recording(self) -> tuple[bytes, datetime]:
        """Return the file of another easy run that has just ended, and when it began."""
        self.uploaded += 1
        run = sample.latest(RunType.EASY, self.clock.now() - AGO, seed=self.uploaded)
        return encode(run), run.started_at.replace(tzinfo=None)


class AtGarmin(Home):
    source = "garmin"

    def __init__(self, folder: Path, peer: GarminPeer) -> None:
        super().__init__(folder)
        self._peer = peer
        self.table = f'api_key = "a-key"\nbase_url = "{peer.url}"'

    @property
    def peer(self) -> GarminPeer:
        return self._peer

    def connect(self) -> None:
        self.peer.keys = {"a-key"}

    def revoke(self) -> None:
        self.peer.keys, self.peer.tokens = set(), {}

    def upload(self) -> None:
        body, begun = self.recording()
        self.peer.put(str(1000 + self.uploaded), body, begun=begun)

    def forward(self, **span: float) -> None:
        super().forward(**span)
        self._peer.now = self.clock.now()


class AtGarminConnect(Home):
    source = "garmin_connect"

    def __init__(self, folder: Path, peer: GarminConnectPeer) -> None:
        super().__init__(folder)
        self._peer = peer
        self.table = f'base_url = "{peer.url}"'

    @property
    def peer(self) -> GarminConnectPeer:
        return self._peer

    def connect(self) -> None:
        given = self.peer.sign_in()
        client = {"di_client_id": "GARMIN_CONNECT_MOBILE_ANDROID_DI_2025Q2"}
        tokens = {"di_token": given["access_token"], "di_refresh_token": given["refresh_token"]} | client
        self.app._vault("me", "sources.garmin_connect").write({"tokens": json.dumps(tokens)})

    def revoke(self) -> None:
        self.peer.tokens.access.clear()
        self.peer.tokens.refresh.clear()

    def upload(self) -> None:
        body, begun = self.recording()
        self.peer.put(str(1000 + self.uploaded), body, begun=begun)


class AtIntervals(Home):
    source = "intervals"

    def __init__(self, folder: Path, peer: IntervalsPeer) -> None:
        super().__init__(folder)
        self._peer = peer
        self.table = f'api_key = "a-key"\nbase_url = "{peer.url}"'

    @property
    def peer(self) -> IntervalsPeer:
        return self._peer

    def connect(self) -> None:
        self.peer.keys.add("a-key")

    def revoke(self) -> None:
        self.peer.keys.clear()

    def upload(self) -> None:
        body, begun = self.recording()
        self.peer.put(f"i{self.uploaded}", body, begun=begun)


class AtStrava(Home):
    source = "strava"

    def __init__(self, folder: Path, peer: StravaPeer) -> None:
        super().__init__(folder)
        self._peer = peer
        peer.now = lambda: self.clock.now().timestamp()
        self.table = f"""client_id = {peer.client_id}
            client_secret = "{peer.client_secret}"
            base_url = "{peer.url}"
            oauth_url = "{peer.url}"
            """

    @property
    def peer(self) -> StravaPeer:
        return self._peer

    def connect(self) -> None:
        self.app.connect("me", "strava", Talk({"code": self.peer.athlete(7).consents()}))

    def revoke(self) -> None:
        self.peer.athlete(7).takes_back()

    def upload(self) -> None:
        self.uploaded += 1
        seconds = 2400 + 120 * (self.uploaded % 10)  # no two like one another, or they would be the same workout
        self.peer.athlete(7).runs(a_run(self.clock.now() - AGO - timedelta(seconds=seconds), seconds=seconds))


PLATFORMS: dict[type[Home], Any] = {
    AtGarmin: lambda: GarminPeer(now=MORNING),
    AtGarminConnect: lambda: GarminConnectPeer(now=datetime.now(UTC)),  # the library goes by the machine's clock
    AtIntervals: IntervalsPeer,
    AtStrava: StravaPeer,
}


def peer_of(kind: type[Home]) -> AbstractContextManager[HttpPeer]:
    """Return the stand-in of a home's platform, not yet running."""
    peer: AbstractContextManager[HttpPeer] = PLATFORMS[kind]()
    return peer
