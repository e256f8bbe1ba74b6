"""What the web side stands on: the use cases, the runners, the links."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from service.application.body import Body
from service.application.bringing import Bring
from service.application.calendar import Calendar
from service.application.coach import Coach
from service.application.entry import Entry
from service.application.feedback import Feedback
from service.application.insights import Look
from service.application.play import Play
from service.application.preferring import Preferring, Roster
from service.application.quarantine import Quarantine
from service.application.runs import Runs
from service.application.status import Status
from service.application.today import LookAtToday
from service.domain.message import Message
from service.ports import Clock
from service.web.care import Care
from service.web.figures import Figures
from service.web.incoming import Incoming
from service.web.links import SignedLinks
from service.web.talking import Talks
from service.web.webhooks import Doors

type Feed = Callable[[str, Sequence[Message]], bytes]


class Setting(Protocol):
    """A setting that may be chosen: its name and value as in the settings file, and what it means."""

    @property
    def name(self) -> str:
        """The dotted name."""

    @property
    def value(self) -> Any:  # noqa: ANN401 - a value of the settings file
        """The value."""

    @property
    def meaning(self) -> str:
        """Half a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What the pages need.

    `feed` writes a calendar, `care` tells watchers how the service is, `standing` returns an athlete's settings that
    may be chosen, `consents` names the sources whose consent an athlete can give back, `doors` let platforms in.
    """

    feedback: Feedback
    coach: Coach
    play: Play
    today: LookAtToday
    runs: Runs
    look: Look
    body: Body
    preferring: Preferring
    standing: Callable[[str], Sequence[Setting]]
    status: Status
    talks: Talks
    consents: Callable[[str], Collection[str]]
    bring: Bring
    incoming: Incoming
    quarantine: Quarantine
    calendar: Calendar
    entry: Entry
    athletes: Roster
    links: SignedLinks
    figures: Figures
    feed: Feed
    clock: Clock
    care: Care
    doors: Doors | None = None
