"""What is killed: a process that delivers what is due to a phone, a mailbox and a calendar."""

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from typing import Any

from integrations import caldav, email, ntfy
from service.application.outbox import Outbox
from service.domain.athlete import Athlete
from service.persistence.engine import SqlDatabase, make_engine
from service.ports import Channel
from tests.faults.reaper import Reaper


class MachineClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Where the messages wait, and where they are to go."""

    database: str
    topic: str
    mail_port: int
    calendar: str

    def channels(self) -> Mapping[tuple[str, str], Channel]:
        clock = MachineClock()
        addresses: Any = {"from": "afterrun@example.org", "to": ["me@example.org"]}
        return {
            ("me", "ntfy"): ntfy.channel(url=self.topic, clock=clock),
            ("me", "email"): email.channel(host="127.0.0.1", port=self.mail_port, tls="none", clock=clock, **addresses),
            ("me", "caldav"): caldav.channel(url=self.calendar, athlete=Athlete(id="me"), clock=clock),
        }

    @contextmanager
    def outbox(self) -> Iterator[Outbox]:
        database = SqlDatabase(make_engine(self.database))
        try:
            yield Outbox(database, self.channels(), MachineClock(), random.random)
        finally:
            database.close()


def deliver(way: Way, begun: Connection, fatal: int = 0) -> None:
    """Deliver what is due, and say when that begins and how many moments it had; never end, where `fatal` is one."""
    with way.outbox() as outbox:
        reaper = Reaper(fatal)
        reaper.watch_commits()
        reaper.watch_sends(outbox.channels.values())
        begun.send(0)
        outbox.deliver_due()
        begun.send(reaper.passed)
