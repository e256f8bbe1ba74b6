"""The use cases, wired on a real database with stand-ins for the outside."""

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from config import catalogue
from service.application.announce import Announcer
from service.application.body import Body
from service.application.calendar import Calendar
from service.application.coach import Coach, Coached
from service.application.digest import Digest
from service.application.feedback import Feedback
from service.application.ingest import Ingest
from service.application.outbox import Outbox
from service.application.play import Play
from service.application.reading import ReadersHere
from service.domain.activity import Activity
from service.domain.athlete import Athlete
from service.domain.movements import Kit
from service.domain.sessions import Session
from service.persistence.archive import FileArchive
from service.persistence.engine import SqlDatabase
from service.ports import Capabilities
from tests.fakes import Channel, Clock, Decoder, Links, decoded, even_streams, raw, run

LONG = timedelta(hours=2, minutes=10)


@dataclass
class House:
    """Everything between a recording and a message, at noon in London on a summer's day."""

    athletes: dict[str, Athlete]
    database: SqlDatabase
    clock: Clock
    phone: Channel
    agenda: Channel
    reader: Decoder
    ingest: Ingest
    coach: Coach
    outbox: Outbox
    feedback: Feedback
    digest: Digest
    calendar: Calendar
    body: Body

    def arrives(self, activity: Activity, *, bulk: bool = False) -> tuple[Session, ...]:
        """Take a run in and return the sessions it earned."""
        body = f"{activity.ref.external_id} {activity.started_at} {len(self.reader.meanings)}".encode()
        self.reader.meanings[body] = decoded(activity)
        self.ingest.take("me", raw(body, name=activity.ref.external_id), bulk=bulk)
        return tuple(session for coached in self.coach.coach() for session in coached.sessions)

    def judged(self, activity: Activity) -> list[Coached]:
        """Take a run in and return what the coach made of it."""
        body = f"{activity.ref.external_id} {activity.started_at} {len(self.reader.meanings)}".encode()
        self.reader.meanings[body] = decoded(activity)
        self.ingest.take("me", raw(body, name=activity.ref.external_id))
        return self.coach.coach()


def played(house: House) -> Play:
    """Return what plays the sessions of a house."""
    coach = house.coach
    return Play(house.database, coach.announcer, house.athletes, coach.catalogue, coach.policy, house.clock)


def easy_run(**more: object) -> Activity:
    """Return an easy run of 45 minutes that ended five minutes ago."""
    return run(streams=even_streams(), **more)  # type: ignore[arg-type]


def long_run(**more: object) -> Activity:
    """Return a long run that ended five minutes ago, as its title says."""
    seconds = int(LONG.total_seconds())
    return run(
        name="long.fit",
        started_at=run().ended_at - LONG,
        elapsed_s=seconds,
        distance_m=2.7 * seconds,
        streams=even_streams(seconds, 2.7),
        title="Long run",
        **more,  # type: ignore[arg-type]
    )


@pytest.fixture
def house(database: SqlDatabase, archive: FileArchive, phone: Channel) -> House:
    return furnished(database, archive, phone)


def furnished(database: SqlDatabase, archive: FileArchive, phone: Channel | None = None) -> House:
    """Return a house on this database, with a phone and a calendar."""
    phone = phone or Channel()
    athlete = Athlete(id="me", timezone=ZoneInfo("Europe/London"), kit=frozenset(Kit))
    athletes = {"me": athlete}
    clock, reader = Clock(), Decoder()
    agenda = Channel(name="agenda", capabilities=Capabilities(calendar=True, idempotent=True, updates=True))
    channels = {("me", "phone"): phone, ("me", "agenda"): agenda}
    can = {"me": {"phone": phone.capabilities, "agenda": agenda.capabilities}}
    announcer = Announcer(athletes, can, Links())
    movements, policy = catalogue.load()
    coach = Coach(
        database=database,
        archive=archive,
        announcer=announcer,
        athletes=athletes,
        catalogue=movements,
        policy=policy,
        clock=clock,
    )
    return House(
        athletes=athletes,
        database=database,
        clock=clock,
        phone=phone,
        agenda=agenda,
        reader=reader,
        ingest=Ingest(database, archive, ReadersHere({"fit": reader})),
        coach=coach,
        outbox=Outbox(database, channels, clock, lambda: 0.0, announcer),
        feedback=Feedback(database, announcer, clock),
        digest=Digest(
            database=database,
            athletes=athletes,
            announcer=announcer,
            systems={"me": ("sources.folder",)},
            catalogue=movements,
            policy=policy,
            clock=clock,
        ),
        calendar=Calendar(database, announcer, clock),
        body=Body(database, coach, clock),
    )
