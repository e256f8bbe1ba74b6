"""What the web side stands on: the use cases, the runners, the links."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from service.application.calendar import Calendar
from service.application.coach import Coach
from service.application.entry import Entry
from service.application.feedback import Feedback
from service.application.play import Play
from service.domain.athlete import Athlete
from service.domain.message import Message
from service.ports import Clock
from service.web.care import Care
from service.web.figures import Figures
from service.web.links import SignedLinks

type Feed = Callable[[str, Sequence[Message]], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What the pages need. `feed` writes a calendar, `care` tells watchers how the service is."""

    feedback: Feedback
    coach: Coach
    play: Play
    calendar: Calendar
    entry: Entry
    athletes: Mapping[str, Athlete]
    links: SignedLinks
    figures: Figures
    feed: Feed
    clock: Clock
    care: Care
