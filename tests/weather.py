"""Everything around a club that goes wrong at random: platforms, a phone server, a mail server, calendars.

Each has its next request go wrong; another trouble comes once that one has been met.

Two faults are left out, for what they earn is right and takes hours: a 429 of Strava's (it closes the application until
the quarter of an hour turns), and a mail server that loses a letter it swallowed whole (nobody can tell).
"""

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Protocol

from tests.peers import calendars, mail, ntfy
from tests.peers.http import HttpPeer, Trouble, Way

AWAY = {"Retry-After": "20"}
OUT_OF_ORDER = (500, 502, 503)


@dataclass(kw_only=True)
class Weather:
    """What is around, and what went wrong there, counted by kind."""

    dice: random.Random
    platforms: Mapping[str, Sequence[HttpPeer]]
    phone: ntfy.NtfyPeer
    mailbox: mail.MailPeer
    calendar: calendars.CalendarPeer
    faults: Counter[str] = field(default_factory=Counter)
    _asked: dict[int, int] = field(default_factory=dict)

    def worsens(self) -> None:
        """Let the next request go wrong somewhere."""
        receivers: Mapping[str, Callable[[], str]] = {
            "ntfy": self._phone,
            "email": self._mail,
            "caldav": self._calendar,
        }
        whose = self.dice.choice([*self.platforms, *receivers])
        if kind := receivers[whose]() if whose in receivers else self._platform(whose):
            self.faults[f"{whose}: {kind}"] += 1

    def clears(self) -> None:
        """Let everything go well from now on; what was not met yet in the mail and in the calendar is still to come."""
        self.phone.calm()
        for peer in chain(*self.platforms.values()):
            peer.calm()

    def _platform(self, whose: str) -> str:
        peer = self.dice.choice(self.platforms[whose])
        kinds = {
            "5xx": Trouble(status=self.dice.choice(OUT_OF_ORDER)),
            "cut": Trouble(way=Way.CUT),
            "half an answer": Trouble(way=Way.HALF, takes=True),
            "silence": Trouble(way=Way.SILENCE),
        } | ({} if whose == "strava" else {"429": Trouble(status=429, headers=AWAY)})
        return self._befalls(peer, kinds)

    def _phone(self) -> str:
        takes = self._coin()
        kinds = {
            "5xx": ntfy.Trouble(status=self.dice.choice(OUT_OF_ORDER), takes=takes),
            "cut": ntfy.Trouble(way=ntfy.Way.CUT, takes=takes),
            "half an answer": ntfy.Trouble(way=ntfy.Way.HALF, takes=True),
            "silence": ntfy.Trouble(way=ntfy.Way.SILENCE, takes=takes),
            "429": ntfy.Trouble(status=429, headers=AWAY),
        }
        return self._befalls(self.phone, kinds)

    def _calendar(self) -> str:
        takes = self._coin()
        kinds = {
            "5xx": calendars.Trouble(takes=takes),
            "cut": calendars.Trouble(cuts=True, takes=takes),
            "429": calendars.Trouble(status="429 Too Many Requests", headers=AWAY),
        }
        return self._befalls(self.calendar, kinds)

    def _mail(self) -> str:
        kinds = {
            "not now": mail.Trouble(answer="451 try again later"),
            "the answer is lost": mail.Trouble(takes=True, drops=True),
        }
        kind = self.dice.choice(list(kinds))
        self.mailbox.trouble(kinds[kind])
        return kind

    def _befalls[T](self, peer: "_Troubled[T]", kinds: Mapping[str, T]) -> str:
        """Have one of these befall a peer and return which; nothing where it was not asked since the last one."""
        kind, asked = self.dice.choice(list(kinds)), len(peer.requests)
        if asked <= self._asked.get(id(peer), -1):
            return ""
        self._asked[id(peer)] = asked
        peer.trouble(kinds[kind])
        return kind

    def _coin(self) -> bool:
        return self.dice.random() < 0.5


class _Troubled[T](Protocol):
    """What remembers its requests, and has trouble on demand."""

    @property
    def requests(self) -> Sequence[object]: ...
    def trouble(self, *troubles: T) -> None: ...
