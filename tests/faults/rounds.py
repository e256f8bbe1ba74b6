"""A household in memory that does once, in a round, what a worker does all the time."""

from service.application.sync import Sync
from tests.application.conftest import House
from tests.fakes import Channel, Source


def syncing(house: House, **sources: Source) -> Sync:
    named = {("me", name): source for name, source in sources.items()}
    return Sync(house.database, house.ingest, house.athletes, named, clock=house.clock, spread=lambda: 0.0)


def one_round(house: House, sync: Sync) -> None:
    """Do once what a worker does all the time."""
    house.ingest.finish()
    sync.ask()
    house.coach.coach()
    house.feedback.pending()
    house.digest.make_due()
    house.outbox.deliver_due()


def digests(phone: Channel) -> list[str]:
    return [message.key for message in phone.received if "digest" in message.tags]
