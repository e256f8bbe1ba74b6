"""One method per question asked of the database, gathered by subject."""

from sqlalchemy import Connection

from service.persistence.activities import ActivityQuestions
from service.persistence.bodies import BodyQuestions
from service.persistence.bringings import BringingQuestions
from service.persistence.events import EventQuestions
from service.persistence.outbox import OutboxQuestions
from service.persistence.owners import OwnerQuestions
from service.persistence.passes import PassQuestions
from service.persistence.preferences import PreferenceQuestions
from service.persistence.raws import RawQuestions
from service.persistence.sessions import SessionQuestions
from service.persistence.standings import StandingQuestions
from service.persistence.verdicts import VerdictQuestions
from service.persistence.workers import WorkerQuestions


class SqlStore(
    RawQuestions,
    ActivityQuestions,
    VerdictQuestions,
    SessionQuestions,
    BodyQuestions,
    OutboxQuestions,
    StandingQuestions,
    BringingQuestions,
    PreferenceQuestions,
    PassQuestions,
    WorkerQuestions,
    OwnerQuestions,
    EventQuestions,
):
    """Every question, inside the transaction of one connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
