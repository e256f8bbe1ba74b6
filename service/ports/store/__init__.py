"""Questions to the database, one method each, all inside one transaction."""

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from service.ports.store.messages import DigestQuestions, MessageQuestions
from service.ports.store.people import BringingQuestions, OwnerQuestions, PassQuestions, PreferenceQuestions
from service.ports.store.runs import ActivityQuestions, RecordingQuestions, VerdictQuestions
from service.ports.store.sessions import BodyQuestions, SessionQuestions
from service.ports.store.systems import EventQuestions, SystemQuestions


class WorkerQuestions(Protocol):
    """About workers, and order among processes."""

    def show_worker(self, name: str, at: datetime) -> None:
        """Write down that a worker lives, and forget those long gone."""

    def forget_worker(self, name: str) -> None:
        """Write down that a worker is gone."""

    def worker_seen(self) -> datetime | None:
        """Return when any worker showed itself last."""

    def alone_with(self, athlete: str) -> None:
        """Wait until no other transaction holds this athlete, and hold them until this one ends.

        For what reads an athlete's activities and then writes by what it read.
        """


class Store(
    RecordingQuestions,
    ActivityQuestions,
    VerdictQuestions,
    SessionQuestions,
    BodyQuestions,
    MessageQuestions,
    DigestQuestions,
    SystemQuestions,
    EventQuestions,
    OwnerQuestions,
    BringingQuestions,
    PreferenceQuestions,
    PassQuestions,
    WorkerQuestions,
    Protocol,
):
    """Every question, inside one transaction."""


class Database(Protocol):
    """Opens transactions."""

    def reading(self) -> AbstractContextManager[Store]:
        """Open a transaction that only reads."""

    def writing(self, *, urgent: bool = False) -> AbstractContextManager[Store]:
        """Open a transaction that may write: committed at the end, rolled back on an error.

        An `urgent` one, whose end somebody outside waits for, goes before others of this process where writers wait.
        """

    def turn(self, name: str) -> AbstractContextManager["Database | None"]:
        """Hold a turn that one process at a time may have, and give the database to write to meanwhile.

        Give None where another has it. A turn ends with the process that has it; who lost it (its connection broke)
        can no longer write to the database it was given.
        """
