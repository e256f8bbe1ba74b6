"""A runner whose runs come from a stand-in of Strava: what the tests of that integration start from."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from integrations.strava.connecting import connect
from integrations.strava.runs import Strava, source
from service.persistence.engine import SqlDatabase
from service.persistence.ledger import SqlLedger
from service.persistence.vault import SqlVault, cipher, new_key
from tests.fakes import Clock
from tests.peers.strava import Person, Run, StravaPeer, a_run

KEY = new_key()


@dataclass
class Talk:
    """Somebody who has given every answer beforehand, and hears what is said."""

    answers: dict[str, str] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)

    def say(self, line: str) -> None:
        self.heard.append(line)

    def given(self, name: str) -> str | None:
        return self.answers.get(name)

    def ask(
        self, name: str, question: str, *, hidden: bool = False, meanwhile: Callable[[], str | None] | None = None
    ) -> str:
        asks_in_the_open = not hidden and meanwhile is not None
        self.heard.append(question if asks_in_the_open else name)
        return self.answers[name]

    def confirm(self, name: str, question: str) -> bool:
        return self.ask(name, question) == "yes"


@dataclass
class Home:
    """A runner at home, their clock, Strava, and the database that holds their tokens."""

    peer: StravaPeer
    clock: Clock
    database: SqlDatabase
    person: Person
    athlete: str = "me"
    sharers: tuple[str, ...] = ("me",)

    def vault(self) -> SqlVault:
        def wait(span: float) -> None:
            self.clock.forward(seconds=span)

        return SqlVault(self.database.engine, cipher(KEY), self.athlete, "sources.strava", clock=self.clock, wait=wait)

    def ledger(self) -> SqlLedger:
        return SqlLedger(self.database.engine, self.athlete, self.sharers, clock=self.clock)

    def application(self) -> dict[str, object]:
        return {
            "client_id": self.peer.client_id,
            "client_secret": self.peer.client_secret,
            "base_url": self.peer.url,
            "oauth_url": self.peer.url,
            "vault": self.vault(),
            "ledger": self.ledger(),
            "clock": self.clock,
        }

    def source(self, *, webhook: bool = False) -> Strava:
        return source(**self.application(), webhook=webhook)  # type: ignore[arg-type]

    def connect(self, scope: str = "read,activity:read_all,profile:read_all", *, tells: bool = True) -> Talk:
        talk = Talk({"code": self.person.consents(scope), **({"scope": scope} if tells else {})})
        talk.say(connect(talk, **self.application()))  # type: ignore[arg-type]
        return talk

    def runs(self, ago: timedelta = timedelta(minutes=50), **fields: object) -> Run:
        return self.person.runs(a_run(self.clock.now() - ago, **fields))  # type: ignore[arg-type]


def home(peer: StravaPeer, clock: Clock, database: SqlDatabase, number: int = 7) -> Home:
    """Return a runner who is at Strava and has not connected it yet."""
    return Home(peer=peer, clock=clock, database=database, person=peer.athlete(number))


def stored(folder: Path) -> bytes:
    """Return everything below a folder."""
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())
