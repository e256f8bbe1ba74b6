"""Stand-ins for the outside, scripted by each test."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import numpy as np

from service.domain.activity import RUNNING, Activity, Ref, Streams
from service.domain.message import Message, Phase
from service.ports import Capabilities, Decoded, Outcome, Raw, Refused, Removed, Secret

NOON = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)


def where_it_is_noon() -> str:
    """Return a zone in which it is about noon now: far from quiet hours, the morning's list and the end of the date."""
    ahead = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-ahead:+d}"  # their signs are the other way round


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    moment: datetime = NOON

    def now(self) -> datetime:
        return self.moment

    def forward(self, **span: float) -> None:
        self.moment += timedelta(**span)


@dataclass
class Channel:
    """A receiver. `faults` are raised, one a send, before anything arrives; `lost_answers` after it arrived."""

    name: str = "phone"
    capabilities: Capabilities = field(default_factory=Capabilities)
    received: list[Message] = field(default_factory=list)
    faults: list[Exception] = field(default_factory=list)
    lost_answers: list[BaseException] = field(default_factory=list)
    knows: bool = False
    put_right: list[tuple[Message, str | None]] = field(default_factory=list)

    def check(self) -> str:
        return "in memory"

    def send(self, message: Message, earlier: str | None = None) -> str:
        if self.faults:
            raise self.faults.pop(0)
        self.take(message, earlier)
        if self.lost_answers:
            raise self.lost_answers.pop(0)
        return f"receipt {len(self.received)}"

    def take(self, message: Message, earlier: str | None) -> None:
        """Take what is new, or put right what came before."""
        if message.phase is Phase.NEW:
            self.received.append(message)
        else:
            self.put_right.append((message, earlier))

    def stands(self, key: str) -> Message:
        """Return what a person sees under a key now."""
        every = [*self.received, *(message for message, _ in self.put_right)]
        return [message for message in every if message.key == key][-1]

    def reconcile(self, message: Message, since: datetime) -> Outcome:
        assert since.tzinfo is not None
        if not self.knows:
            return Outcome.UNKNOWN
        return Outcome.ARRIVED if any(one.key == message.key for one in self.received) else Outcome.ABSENT


@dataclass
class Source:
    """A place where recordings arrive. A fault among them is raised when its turn comes."""

    arriving: list[Raw | Removed | Exception] = field(default_factory=list)
    name: str = "folder"
    asked_with: list[str | None] = field(default_factory=list)
    ready_at: datetime | None = None
    ask_every: timedelta = timedelta(0)
    notice: str = ""

    def check(self) -> str:
        return "in memory"

    def fetch(self, cursor: str | None) -> Iterator[tuple[Raw | Removed, str]]:
        self.asked_with.append(cursor)
        for number, arrived in enumerate(self.arriving[int(cursor or 0) :], int(cursor or 0) + 1):
            if isinstance(arrived, Exception):
                self.arriving.remove(arrived)
                raise arrived
            yield arrived, str(number)


@dataclass
class Decoder:
    """Reads nothing: it gives what a test says a body stands for."""

    media_types: ClassVar[frozenset[str]] = frozenset({"fit"})
    meanings: dict[bytes, Decoded | Exception] = field(default_factory=dict)

    def decode(self, raw: Raw) -> Decoded:
        meaning = self.meanings[raw.body]
        if isinstance(meaning, Exception):
            raise meaning
        return meaning


class Links:
    """Addresses anyone can read."""

    def session(self, session_id: int, since: datetime | None = None) -> str:  # noqa: ARG002 - the form of Links
        return f"https://afterrun.example/s/{session_id}"


def raw(body: bytes = b"one", *, name: str = "one.fit", source: str = "folder", **more: object) -> Raw:
    """Return a recording as a source gives it."""
    given = {"source": source, "external_id": name, "media_type": "fit", "body": body, "received_at": NOON}
    return Raw(**(given | more))  # type: ignore[arg-type]


def run(
    *,
    name: str = "one.fit",
    started_at: datetime = NOON - timedelta(minutes=50),
    elapsed_s: float = 2700.0,
    distance_m: float = 7500.0,
    sport: str = RUNNING,
    source: str = "folder",
    streams: Streams | None = None,
    title: str = "",
    **more: object,
) -> Activity:
    """Return an easy run that ended five minutes before noon."""
    return Activity(
        ref=Ref(source=source, external_id=name),
        sport=sport,
        started_at=started_at,
        elapsed_s=elapsed_s,
        moving_s=elapsed_s,
        distance_m=distance_m,
        streams=streams,
        title=title,
        **more,  # type: ignore[arg-type]
    )


def even_streams(seconds: int = 2700, speed_mps: float = 2.78, heart_rate: float | None = 140.0) -> Streams:
    """Return streams of one even speed, sampled every second."""
    time = np.arange(seconds + 1, dtype=np.float64)
    heart = None if heart_rate is None else np.full(len(time), heart_rate)
    return Streams.build(time, distance_m=time * speed_mps, speed_mps=np.full(len(time), speed_mps), heart_rate=heart)


def decoded(*activities: Activity) -> Decoded:
    """Return what a file with these activities decodes to."""
    return Decoded(activities=activities)


def keys(messages: Sequence[Message]) -> list[str]:
    """Return the names of messages."""
    return [message.key for message in messages]


class Vault:
    """A vault in memory. One that is `locked` holds something nobody can open."""

    def __init__(self, secret: Secret | None = None, *, locked: bool = False) -> None:
        self.secret = secret
        self.locked = locked
        self.written: list[Secret] = []

    def read(self) -> Secret | None:
        if self.locked:
            raise Refused("the tokens were sealed with another key")
        return self.secret

    def write(self, secret: Secret) -> None:
        self.secret, self.locked = dict(secret), False
        self.written.append(self.secret)

    def forget(self) -> None:
        self.secret, self.locked = None, False

    @contextmanager
    def alone(self) -> Iterator[None]:
        yield
