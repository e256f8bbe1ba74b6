"""How fast the outbox drains: 10,000 sessions due at once, sent to an ntfy peer on loopback, and in which order.

Prints messages a second with everything that makes a delivery safe (lease, begin, send, settle, each on the disk), the
same messages handed straight to the same peer, the ratio of the two, and whether the most useful came first. Give a
count to choose another: `bench_outbox.py 1000`.
"""

import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from config import catalogue
from integrations import ntfy
from service.application.announce import Announcer
from service.application.outbox import Outbox
from service.domain.athlete import Athlete
from service.domain.classification import RunType
from service.domain.message import Message
from service.domain.quiet import WARM
from service.domain.routine import Part, Wish, compose
from service.domain.sessions import FRESH, Offer, Window
from service.persistence.engine import SqlDatabase, make_engine
from service.persistence.migrations import upgrade
from service.ports import NewSession
from tests.fakes import Links
from tests.peers.ntfy import NtfyPeer

COUNT = 10_000
ME = Athlete(id="me")
NOW = datetime(2026, 6, 15, 18, 0, tzinfo=UTC)


class StandingClock:
    """A clock that stands: everything is due at this one moment."""

    def now(self) -> datetime:
        """Return the moment."""
        return NOW


def ended(number: int, count: int) -> datetime:
    """Return when the run behind a session ended: spread over an hour, in no order, so that half are late by now."""
    return NOW - 2 * WARM * ((number * 7919) % count) / count


def fill(database: SqlDatabase, announcer: Announcer, count: int) -> Sequence[Message]:
    """Offer so many sessions, each with its message, and return the messages as they are to be said."""
    movements, policy = catalogue.load()
    routines = {kind: compose(Wish(run_type=kind), movements, policy) for kind in RunType}
    kinds = list(RunType)
    with database.writing() as store:
        for number in range(count):
            opens = ended(number, count)
            offer = Offer(part=Part.WHOLE, window=Window(opens=opens, closes=opens + FRESH), announce_at=NOW)
            kind = kinds[number % len(kinds)]
            new = NewSession(key=str(uuid4()), offer=offer, routine=routines[kind], ran=kind)
            session_id = store.add_session(ME.id, None, new, opens)
            assert session_id is not None  # noqa: S101 - its key is new
            announcer.announce(store, store.session(session_id), NOW, "", NOW)
        return [delivery.message for delivery in store.claim(ME.id, "ntfy", NOW, timedelta(), count)]


def useful_first(messages: Sequence[Message], received: Sequence[str]) -> bool:
    """Tell whether what could still come in time came first, the soonest late ahead, and then the soonest useless."""
    in_time = sorted(
        (one for one in messages if one.best_before and one.best_before > NOW), key=lambda one: str(one.best_before)
    )
    late = sorted((one for one in messages if one not in in_time), key=lambda one: one.useful_until)
    return [one.link for one in (*in_time, *late)] == list(received)


def main() -> None:
    """Measure."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    with tempfile.TemporaryDirectory() as place, NtfyPeer() as peer:
        engine = make_engine(f"sqlite:///{Path(place)}/afterrun.db")
        upgrade(engine)
        database, clock = SqlDatabase(engine), StandingClock()
        phone = ntfy.channel(url=peer.topic(), clock=clock)
        announcer = Announcer({ME.id: ME}, {ME.id: {"ntfy": phone.capabilities}}, Links())
        messages = fill(database, announcer, count)
        outbox = Outbox(database, {(ME.id, "ntfy"): phone}, clock, lambda: 0.0, announcer)

        begun = time.perf_counter()
        sent = outbox.deliver_due()
        through = time.perf_counter() - begun
        received = [str(entry["click"]).partition("#")[0] for entry in peer.messages]

        begun = time.perf_counter()
        for number, message in enumerate(messages):
            phone.send(replace(message, key=f"bare {number}"))
        bare = time.perf_counter() - begun
        database.close()
    if sent.delivered != count:
        raise SystemExit(f"only {sent.delivered} of {count} were delivered")
    print(f"outbox: {count} messages in {through:.1f} s, {count / through:.0f} a second")
    print(f"  the bare peer: {count / bare:.0f} a second; the outbox takes {through / bare:.1f} x as long")
    print(f"  the most useful first: {'yes' if useful_first(messages, received) else 'NO'}")


if __name__ == "__main__":
    main()
