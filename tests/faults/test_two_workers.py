"""Two at work where one is meant to be: refused, or sharing what there is to do."""

import threading
from datetime import timedelta

from service.application.outbox import Outbox
from service.domain.message import Message
from service.persistence.engine import SqlDatabase, make_engine
from tests.fakes import NOON, Channel, Clock
from tests.faults.conftest import Fault, Tally
from tests.peers.postgresql import Server

WEEK = timedelta(days=7)


def test_two_workers_on_postgresql_send_each_message_once(postgresql: Server, tally: Tally) -> None:
    """By mistake or on purpose: what one has leased, the other leaves alone."""
    with postgresql.ready() as url:
        phone = Channel()
        databases = [SqlDatabase(make_engine(url)) for _ in range(2)]
        with databases[0].writing() as store:
            for number in range(60):
                message = Message(key=str(number), title="", body="", useful_until=NOON + WEEK)
                store.add_message("me", "phone", message, NOON)
        outboxes = [Outbox(database, {("me", "phone"): phone}, Clock(), lambda: 0.0) for database in databases]
        sending = [threading.Thread(target=outbox.deliver_due) for outbox in outboxes]
        for thread in sending:
            thread.start()
        for thread in sending:
            thread.join()
        for database in databases:
            database.close()

    assert sorted(message.key for message in phone.received) == sorted(map(str, range(60)))
    tally.add(Fault.TWO_WORKERS, 60)
