"""Activities that a platform lists by day and hands over one by one: what to ask for, and in which order.

    cursor -> the last days listed -> what is new, newest first -> the past listed, span by span -> what is still owed

What is new comes before what is old, so that a first connection has today's run at once, and the years behind it by
and by. No order is expected of a listing: each is read whole, and sorted here. For a week, another title or sport is
followed, and so is a run that is deleted there.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from integrations._nature import sole
from integrations._taken import OVERLAP, Entry, Owed, Taken, read, written
from service.ports import Clock, EdgeError, Malformed, Raw, Removed, Unavailable

# The past is asked for in spans of so many days, twice as long after each in which nothing was.
SPAN = timedelta(days=91)
# A watch that was never told the date is around 1990; nothing is older.
BEGINNING = date(1989, 1, 1)
ONE_DAY = timedelta(days=1)
# So many failures one after another are the platform's trouble, and not one recording's.
IN_A_ROW = 2
GIVEN_UP = "the platform could not hand this recording over for days: if you need it, import its file"

type Listing = Callable[[date, date], Iterable[Entry]]
type Download = Callable[[Entry], bytes | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """An entry to be fetched, or to be found `gone`; none at the end. `after` it, so much has been taken."""

    entry: Entry | None
    after: Taken
    gone: bool = False


@dataclass(slots=True, kw_only=True)
class Listed:
    """Fetches what a platform lists, for the source of this name.

    `listing` gives the activities of the days from one to another, both included, in any order; others among them do
    no harm. `download` gives the recording of one, None where there is none (any more). Both raise as Source.fetch
    does; `download` raises Malformed too, for what the platform will never hand over.
    """

    source: str
    listing: Listing
    download: Download
    clock: Clock
    _reached: tuple[str | None, Taken] | None = field(default=None, init=False)

    def fetch(self, cursor: str | None) -> Iterator[tuple[Raw | Removed, str]]:
        """Yield each recording that is new or changed, and each that is gone, with the cursor after it (Source.fetch).

        One that cannot be had while others can is passed over, asked for again later, and in the end given up.
        """
        today = self.clock.now().date()
        begun = self._stands_at(cursor, today)
        debts = _Debts(today, begun.owed)
        for step in _held_back(self._steps(begun, today)):
            given = self._given(step, debts)
            if given is not None:
                cursor = written(replace(step.after, owed=debts.owed))
                yield given, cursor
        self._reached = cursor, replace(step.after, owed=debts.owed)
        debts.complain()

    def _stands_at(self, cursor: str | None, today: date) -> Taken:
        """Return what a cursor says, or what was found since to lie behind it: days and years without anything new."""
        if self._reached is not None and self._reached[0] == cursor:
            return self._reached[1]
        return read(cursor, today)

    def _steps(self, taken: Taken, today: date) -> Iterator[Step]:
        """Yield each entry that is to be fetched with what has been taken after it; at the end, what has been taken."""
        since = taken.listed_again_from(today)
        listed = _newest_first(entry for entry in self.listing(since, today + OVERLAP) if entry.day >= since)
        for entry in listed:
            if taken.known.get(entry.id) != entry.seen:
                taken = replace(taken, known={**taken.known, entry.id: entry.seen})
                yield Step(entry=entry, after=taken)
        for entry in _missing(taken, since, listed):
            taken = replace(taken, known={name: seen for name, seen in taken.known.items() if name != entry.id})
            yield Step(entry=entry, after=taken, gone=True)
        if listed:
            upto = replace(taken, upto=listed[0].day)
            still = upto.listed_again_from(today)
            taken = replace(upto, known={entry.id: entry.seen for entry in listed if entry.day >= still})
        yield from self._past(taken)

    def _past(self, taken: Taken) -> Iterator[Step]:
        span = SPAN
        while taken.downto is not None:
            first, last = max(BEGINNING, taken.downto - span), taken.downto - ONE_DAY
            listed = _newest_first(entry for entry in self.listing(first, last) if first <= entry.day <= last)
            for entry in listed:
                if entry.id not in taken.within:
                    taken = replace(taken, within=taken.within | {entry.id})
                    yield Step(entry=entry, after=taken)
            taken = replace(taken, downto=first if first > BEGINNING else None, within=frozenset())
            span = SPAN if listed else 2 * span
        yield from (Step(entry=one.entry, after=taken) for one in taken.owed)
        yield Step(entry=None, after=taken)

    def _given(self, step: Step, debts: "_Debts") -> Raw | Removed | None:
        if step.entry is None:
            return None
        if not step.gone:
            return self._raw(step.entry, debts)
        # A list may be wrong: only what is not there either is gone.
        gone = self.download(step.entry) is None
        return Removed(source=self.source, external_id=step.entry.id) if gone else None

    def _raw(self, entry: Entry, debts: "_Debts") -> Raw | None:
        """Return an activity's recording; None where it has none, or it could not be had this time."""
        try:
            body = self.download(entry)
        except Unavailable as exc:
            return self._as_raw(entry, withheld=GIVEN_UP) if debts.defer(entry, exc) else None
        except Malformed as exc:
            return self._as_raw(entry, withheld=str(exc))
        debts.settle(entry)
        return None if body is None else sole(self._as_raw(entry, body))

    def _as_raw(self, entry: Entry, body: bytes = b"", withheld: str = "") -> Raw:
        return Raw(
            source=self.source,
            external_id=entry.id,
            media_type="fit",
            body=body,
            received_at=self.clock.now(),
            withheld=withheld,
            title=entry.title,
            sport=entry.sport,
            lasting_id=True,
        )


class _Debts:
    """What could not be had so far."""

    def __init__(self, today: date, owed: Iterable[Owed]) -> None:
        self._today = today
        self._owed = {one.entry.id: one for one in owed}
        self._in_a_row = 0
        self._trouble: Unavailable | None = None

    @property
    def owed(self) -> tuple[Owed, ...]:
        return tuple(self._owed.values())

    def settle(self, entry: Entry) -> None:
        """Take note that an entry could be had."""
        self._in_a_row = 0
        self._owed.pop(entry.id, None)

    def defer(self, entry: Entry, trouble: Unavailable) -> bool:
        """Take note that one could not; return whether it is given up. Raise where this is the platform's trouble."""
        self._in_a_row += 1
        if self._in_a_row == IN_A_ROW:
            raise trouble
        before = self._owed.pop(entry.id, None)
        now = Owed(entry=entry, tries=before.tries + 1 if before else 1)
        if now.is_hopeless(self._today):
            return True
        self._owed[entry.id], self._trouble = now, trouble
        return False

    def complain(self) -> None:
        """Raise where something could not be had."""
        if self._trouble is not None:
            raise self._trouble


def _held_back(steps: Iterator[Step]) -> Iterator[Step]:
    """Yield each step once it is known what follows, so that the last entry's cursor says that there is no more.

    Where what follows cannot be found out, the entry that is known comes all the same.
    """
    held: Step | None = None
    try:
        for step in steps:
            if step.entry is None and held is not None:
                held = replace(held, after=step.after)
                break
            if held is not None:
                yield held
            held = step
    except EdgeError:
        if held is not None:
            yield held
        raise
    if held is not None:
        yield held


def _missing(taken: Taken, since: date, listed: Sequence[Entry]) -> list[Entry]:
    """Return what was taken and is listed no more; nothing where that is all of several: it is another account then."""
    there = {entry.id for entry in listed}
    known = {name: seen for name, seen in taken.known.items() if seen.day >= since}
    missing = [
        Entry(id=name, begun=datetime.combine(seen.day, time())) for name, seen in known.items() if name not in there
    ]
    return missing if len(missing) < max(len(known), 2) else []


def _newest_first(entries: Iterable[Entry]) -> list[Entry]:
    """Return entries in order, each once: what is uploaded between two pages of a list comes on both."""
    once = {entry.id: entry for entry in entries}
    return sorted(once.values(), key=lambda entry: (entry.begun, entry.id), reverse=True)
