"""What the inside asks of the outside, what passes through, and the only four errors that come back."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Protocol, runtime_checkable

from service.domain.activity import Activity, Ref, Richness, Streams
from service.domain.body import Said
from service.domain.budget import Allowance
from service.domain.classification import Classification, PastRun, RunType
from service.domain.feelings import RunFelt
from service.domain.message import Message
from service.domain.routine import Routine
from service.domain.sessions import Offer, Session, State, Window


class EdgeError(Exception):
    """Something outside did not go as hoped. The text is one line that tells a person what to do next."""


class Refused(EdgeError):
    """A human is needed (a key was revoked, a scope is missing): pause that source or channel, say so once."""


class Malformed(EdgeError):
    """This payload cannot be used and never will be: park it with its bytes and go on."""


class Unavailable(EdgeError):
    """It may work later: back off and try again.

    `perhaps_done` is True where the request may have taken effect although its answer was lost.
    """

    def __init__(self, text: str, *, perhaps_done: bool = False) -> None:
        super().__init__(text)
        self.perhaps_done = perhaps_done


class Throttled(EdgeError):
    """Asked too often: try again no sooner than `retry_after`."""

    def __init__(self, text: str, retry_after: timedelta) -> None:
        super().__init__(text)
        self.retry_after = retry_after


class Clock(Protocol):
    """The time, handed in so that a decision can be tested at any moment."""

    def now(self) -> datetime:
        """Return the current moment in UTC."""


# --- sources and files -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """Bytes as a source gave them. `external_id` is the source's own name for them, `media_type` e.g. "fit".

    `withheld` says why a source did not hand the bytes over ("larger than 32 MB"); the body is then empty. `title` and
    `sport` are what the source says beside the bytes (the table of an export), empty where it says nothing.

    `lasting_id`: the name stands for one activity for good (a platform's number, not a file's name), so that whatever
    comes under it later is a later state of that activity. `expires_at` is until when the source lets the recording,
    and everything made of it, be kept; `link` is where the source shows it.
    """

    source: str
    external_id: str
    media_type: str
    body: bytes
    received_at: datetime
    withheld: str = ""
    title: str = ""
    sport: str = ""
    lasting_id: bool = False
    expires_at: datetime | None = None
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """A source's word that the recording it gave under this name is no more, checked with the source itself."""

    source: str
    external_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """What a file held: its activities, or why it holds none ("a settings file")."""

    activities: tuple[Activity, ...] = ()
    skipped: str = ""


class Decoder(Protocol):
    """Reads one kind of file."""

    media_types: ClassVar[frozenset[str]]

    def decode(self, raw: Raw) -> Decoded:
        """Return what the bytes hold; raise Malformed, and nothing else, where they cannot be read."""


class Reading(Protocol):
    """A recording being read, perhaps elsewhere."""

    def result(self) -> Decoded:
        """Wait for it and return what it held; raise Malformed, and nothing else, where it cannot be read."""


class Readers(Protocol):
    """Every decoder there is, kept where a hostile file can harm nothing but its own reading."""

    def begin(self, raw: Raw) -> Reading:
        """Begin to read a recording of any media type; several may be begun before the first is done."""


class Source(Protocol):
    """Somewhere activities arrive."""

    name: str

    @property
    def ready_at(self) -> datetime | None:
        """When what was seen but left for not being whole yet can be taken; None where nothing was."""

    @property
    def ask_every(self) -> timedelta:
        """How long to leave it alone after it answered, on average; zero for one that costs nothing to ask."""

    @property
    def notice(self) -> str:
        """What a human is to do soon although all is well, such as making a new key before the old one ends; or ""."""

    def check(self) -> str:
        """Return in a few words how it was reached, taking nothing; raise Refused or Unavailable where it was not."""

    def fetch(self, cursor: str | None) -> Iterator[tuple[Raw | Removed, str]]:
        """Yield each new or changed recording with the cursor that says it has been taken, and each that is no more.

        Asking again with an older cursor may repeat recordings, never lose one. Raise Refused, Unavailable, Throttled.
        """


class Shelf(Protocol):
    """Where raw bytes and streams are put, named by what they hold."""

    def put_raw(self, body: bytes) -> str:
        """Keep the bytes and return their sha256 in hex; keeping them again changes nothing."""

    def put_streams(self, name: str, streams: Streams) -> None:
        """Keep streams under a name; keeping them again replaces them."""


class Archive(Shelf, Protocol):
    """Raw bytes and streams on disk, durable before a call returns."""

    def together(self) -> AbstractContextManager[Shelf]:
        """Return a shelf for many pieces at once: durable at its end, none of them there if it ends in an error."""

    def drop(self, sha256: str) -> None:
        """Take bytes, and the streams that were made of them, off the disk; where there are none is fine."""

    def get_raw(self, sha256: str) -> bytes:
        """Return kept bytes; raise KeyError where there are none."""

    def get_streams(self, name: str) -> Streams:
        """Return kept streams; raise KeyError where there are none."""


# --- secrets, and connecting ---------------------------------------------------------------------------------------


type Secret = Mapping[str, Any]


class Vault(Protocol):
    """What the source or channel of one athlete remembers in secret, such as tokens that rotate. Encrypted at rest."""

    def read(self) -> Secret | None:
        """Return what was written last, None where nothing was; raise Refused where the key to it is lost."""

    def write(self, secret: Secret) -> None:
        """Put a secret in the place of the last one, durable before this returns.

        Raise Unavailable, changing nothing, where `alone` was held and another process has taken it over.
        """

    def forget(self) -> None:
        """Forget the secret."""

    def alone(self) -> AbstractContextManager[None]:
        """Hold the right to replace the secret, over all processes and machines, for as long as one exchange may take.

        Read again once inside: another process may have replaced it. Raise Unavailable where another keeps holding it.
        """


class Ledger(Protocol):
    """What was asked of a platform through one account, counted over all athletes, processes and machines.

    `account` names the platform and the application there ("strava:12345").
    """

    def spend(self, account: str, allowances: Sequence[Allowance]) -> None:
        """Count one request against every allowance; raise Throttled, counting none, where one leaves no more."""

    def hear(self, account: str, allowances: Sequence[Allowance], counts: Mapping[str, tuple[int, int]]) -> None:
        """Take the platform's own counts: how much of each allowance is used, and its limit, by name."""


class Aspect(StrEnum):
    """What an event says has happened: to a recording; or that the athlete left, taking their consent back."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    LEFT = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What a platform told by itself, a hint until it was asked for.

    `owner` is the platform's name of the athlete, `subject` that of a recording, "" where the event is about the
    athlete.
    """

    source: str
    owner: str
    subject: str
    aspect: Aspect
    at: datetime


class Webhook(Protocol):
    """What a platform tells one application by itself, and the subscription to it."""

    def challenge(self, query: Mapping[str, str], token: str) -> Mapping[str, str] | None:
        """Return what to answer where the platform tries the door, None where somebody else does."""

    def event(self, body: bytes, headers: Mapping[str, str]) -> Event | None:
        """Return what an event says, None where it is not to be believed or of no interest; names in small letters."""

    def create(self, talk: "Conversation", callback: str, token: str) -> None:
        """Have events sent to `callback`; raise Refused, Unavailable or Throttled where that is not to be had."""

    def check(self, talk: "Conversation", callback: str) -> None:
        """Say that events are sent to `callback`; raise Refused where they are not."""

    def remove(self, talk: "Conversation") -> None:
        """Have no events sent any more."""


@runtime_checkable
class Informed(Source, Protocol):
    """A source whose platform also tells by itself what is new."""

    @property
    def owner(self) -> str | None:
        """The platform's name of the athlete, None where they are not connected."""

    def tell(self, names: Collection[str]) -> None:
        """Take note of recordings there is news of: only these are asked for next."""

    def still_welcome(self) -> bool:
        """Ask the platform whether the athlete's consent still stands; raises as `check` does."""

    def leave(self) -> None:
        """Forget the athlete's tokens, which they took back; from now on `check` raises Refused and says so."""


class Conversation(Protocol):
    """A talk with whoever connects a source or channel. Every answer may have been given beforehand, by its name."""

    def say(self, line: str) -> None:
        """Tell something, in one line."""

    def given(self, name: str) -> str | None:
        """Return an answer that was given beforehand, None where none was: for what need not be asked."""

    def ask(
        self, name: str, question: str, *, hidden: bool = False, meanwhile: Callable[[], str | None] | None = None
    ) -> str:
        """Return the answer to a question; raise Refused where nobody is there to give it.

        `name` is the option that answers it beforehand ("code" for --code), `hidden` keeps it off the screen. What
        `meanwhile` returns while the answer is waited for is taken in its place.
        """

    def confirm(self, name: str, question: str) -> bool:
        """Return whether the answer is yes; raises as `ask` does."""


# --- channels ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a channel can do.

    `idempotent`: a repeat with the same key is collapsed by the receiver, so a send of unknown outcome may be
    repeated. `calendar`: it shows a time, so it takes what is due later at once. `updates`: what it showed can be put
    right in place, without alerting anybody, so it is also sent what has become of a message since.
    """

    idempotent: bool = False
    actions: bool = False
    calendar: bool = False
    updates: bool = False
    body_limit: int = 4000


class Outcome(StrEnum):
    """What a channel knows of an earlier send whose answer was lost."""

    ARRIVED = "arrived"
    ABSENT = "absent"
    UNKNOWN = "unknown"


class Channel(Protocol):
    """A way to reach the runner."""

    name: str
    capabilities: Capabilities

    def check(self) -> str:
        """Return in a few words how it was reached, sending nothing; raise Refused or Unavailable where it was not."""

    def send(self, message: Message, earlier: str | None = None) -> str:
        """Hand the message over and return a receipt; raise Refused, Malformed, Unavailable or Throttled.

        A message of a later phase than NEW comes only where `capabilities.updates` says so, under the key it had, with
        the receipt of what arrived before in `earlier` (empty where that answer was lost). It puts right in place what
        stands there, alerts nobody, and may come twice; where nothing stands there any more, it brings nothing back.
        """

    def reconcile(self, message: Message, since: datetime) -> Outcome:
        """Tell whether a send begun after `since`, whose answer was lost, arrived, in whichever words.

        Raises as `send` does.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a channel shows of an open session: the key and receipt of its message, and when it begins."""

    session_id: int
    key: str
    receipt: str
    starts_at: datetime


class Happened(StrEnum):
    """What a person did to what a channel shows."""

    MOVED = "moved"
    REMOVED = "removed"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a person did to what a channel shows of a session; `moved_to` is the moment they moved it to (UTC)."""

    session_id: int
    happened: Happened
    moved_to: datetime | None = None


@runtime_checkable
class Listening(Protocol):
    """A channel in which a person may change what it shows."""

    def changes(self, shown: Sequence[Shown]) -> Iterator[Change]:
        """Yield what a person changed of this, nothing of what we wrote ourselves; raises as `Channel.send` does."""


class Links(Protocol):
    """Makes the addresses that stand in messages: signed, expiring, good for one session only."""

    def session(self, session_id: int) -> str:
        """Return the address of a session's page."""


# --- what is stored ----------------------------------------------------------------------------------------------


class Fate(StrEnum):
    """What became of a recording."""

    IMPORTED = "imported"
    DUPLICATE = "duplicate"
    NOT_ACTIVITY = "not_activity"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRaw:
    """A recording's row. `bulk` is True where it came with many others and nobody is to be told of it."""

    id: int
    athlete: str
    source: str
    external_id: str
    media_type: str
    sha256: str
    received_at: datetime
    bulk: bool
    fate: Fate | None = None
    reason: str = ""
    title: str = ""
    sport: str = ""
    lasting_id: bool = False
    expires_at: datetime | None = None
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredActivity:
    """An activity's row; its streams lie in the archive under `streams_name` (None: it has none).

    `richness` rates the recording, streams included. `part_of` is the first part of the workout it was recorded in
    after that, None for a first or only part.
    """

    id: int
    athlete: str
    activity: Activity
    streams_name: str | None
    richness: Richness
    bulk: bool
    part_of: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSession:
    """A session to be written; `ran` is what its run is held to be, None where it makes up for several."""

    key: str
    offer: Offer
    routine: Routine
    ran: RunType | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """A channel that has brought a message, perhaps standing in for the others."""

    channel: str
    stood_in: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A message leased for sending.

    `token` fences: whoever holds an older one can no longer settle the row. `perhaps_sent_since` is set where an
    earlier attempt began and its outcome is not known. `receipt` is what the channel gave for it when it arrived (empty
    where that answer was lost), None where it has not arrived; `revision` counts how often it was reworded. It was
    `interrupted` where whoever had it before let go of it without a word, as a process that is killed does. It
    `stands_in` where it is only for when no other channel brings it; `brought` are those that have.
    """

    id: int
    token: str
    athlete: str
    channel: str
    message: Message
    attempts: int
    perhaps_sent_since: datetime | None = None
    receipt: str | None = None
    revision: int = 0
    interrupted: bool = False
    session_id: int | None = None
    stands_in: bool = False
    brought: tuple[Brought, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A message about a session and how far it got.

    It has `arrived`, or a send of it has `begun` and may have; it is `settled` where it arrived or was given up.
    """

    id: int
    channel: str
    message: Message
    arrived: bool
    begun: bool
    settled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a source or channel is doing.

    `todo` is what a human has to do, empty where none is needed; `notice` is what one had better do soon, while all is
    still well. `next_try` is our own back-off; `held_until` is the platform's word, which even an impatient person may
    not break.
    """

    cursor: str | None = None
    last_success: datetime | None = None
    failures: int = 0
    next_try: datetime | None = None
    held_until: datetime | None = None
    trouble: str = ""
    todo: str = ""
    notice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """An event's row, of the athlete whose source it is about."""

    id: int
    athlete: str
    event: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """How much of one allowance of a platform is used in the window that ends at `until`, and what we use at most."""

    name: str
    used: int
    usable: int
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """A message that waits. `trouble` is what went wrong with it last, empty for nothing."""

    athlete: str
    channel: str
    title: str
    due_at: datetime
    useful_until: datetime
    attempts: int
    trouble: str
    stands_in: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A message that arrived, with what its channel said to that."""

    athlete: str
    channel: str
    title: str
    at: datetime
    receipt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeTold:
    """What the runner was told of a system last, empty for nothing; `key` names the message about a trouble."""

    text: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOfRuns:
    """A run, the verdict on it, and how it felt where the runner said so."""

    activity: Activity
    run_type: RunType
    felt: RunFelt | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedRun:
    """A run with what it is held to be. `id` is its first part's, `corrected` tells whether the runner said so."""

    id: int
    activity: Activity
    run_type: RunType
    confidence: float
    corrected: bool = False
    felt: RunFelt | None = None


class Stage(StrEnum):
    """How far an import from the pages has come."""

    SENDING = "sending"
    READING = "reading"
    JUDGING = "judging"
    DONE = "done"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bringing:
    """An import from the pages. `name` is what was sent ("export.zip"), `total` how many recordings it holds.

    `fates` counts what became of those taken so far, `judged` the runs judged since; `troubles` are recordings that
    could not be read with the reason, the first ones of many. `trouble` is why the whole of it broke off.
    """

    id: int
    athlete: str
    name: str
    stage: Stage
    begun_at: datetime
    changed_at: datetime
    total: int = 0
    fates: Mapping[str, int] = field(default_factory=dict)
    judged: int = 0
    to_judge: int = 0
    troubles: tuple[tuple[str, str], ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What an athlete chose for a setting, in the form the settings file would have it, and when."""

    value: Any
    at: datetime


class PassKind(StrEnum):
    """What lets someone in: a link that signs one browser in, that browser from then on, or a program's token."""

    INVITATION = "invitation"
    BROWSER = "browser"
    TOKEN = "token"  # noqa: S105 - a kind, no secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One of an athlete's passes. `name` is what its owner knows it by; `expires_at` is None where it lasts."""

    id: int
    kind: PassKind
    athlete: str
    name: str
    made_at: datetime
    expires_at: datetime | None


class Store(Protocol):
    """Questions to the database, one method each, all inside one transaction."""

    # recordings

    def keep_raw(self, athlete: str, raw: Raw, sha256: str, *, bulk: bool) -> StoredRaw:
        """Return the row of these bytes for this athlete, made now or long ago.

        Under a lasting name another title or sport makes a known recording one to be decoded again.
        """

    def known_raws(self, athlete: str, names: Collection[str]) -> Mapping[str, StoredRaw]:
        """Return the rows of these bytes for this athlete, by sha256; those that are new are left out."""

    def add_raw(self, athlete: str, raw: Raw, sha256: str, fate: Fate, reason: str) -> None:
        """Write a recording of an archive with what became of it; one that is here already stays as it is."""

    def undecided_raws(self, limit: int, before: datetime | None = None) -> Sequence[StoredRaw]:
        """Return recordings kept (before a moment) but not yet decoded, oldest first: what a crash left behind."""

    def raw(self, raw_id: int) -> StoredRaw:
        """Return one recording's row; raise KeyError where there is none."""

    def quarantined_raws(self, athlete: str) -> Sequence[StoredRaw]:
        """Return the athlete's recordings that could not be read, oldest first."""

    def settle_raw(self, raw_id: int, fate: Fate, reason: str) -> None:
        """Say what became of a recording."""

    def raws_named(self, athlete: str, source: str, external_id: str) -> Sequence[StoredRaw]:
        """Return the recordings a source gave under a name, oldest first: a file's name may have held several runs."""

    def raws_of(self, athlete: str, source: str | None = None) -> Sequence[StoredRaw]:
        """Return all recordings a source (None: any) gave of an athlete, oldest first."""

    def expired_raws(self, now: datetime, limit: int) -> Sequence[StoredRaw]:
        """Return recordings whose source lets them be kept no longer, the longest overdue first."""

    def drop_raw(self, raw_id: int) -> None:
        """Forget a recording, and remember that its bytes are to be taken off the disk."""

    def discards(self, limit: int) -> Sequence[str]:
        """Return the sha256 of bytes that are to be taken off the disk; what has come anew meanwhile is left out."""

    def discarded(self, sha256: str) -> None:
        """Say that bytes are off the disk."""

    def undecided_count(self) -> int:
        """Return how many recordings are kept but not yet decoded."""

    def count_raws(self) -> Mapping[Fate, int]:
        """Return how many recordings met each fate."""

    def quarantine_reasons(self) -> Mapping[str, int]:
        """Return how many recordings could not be read for each reason, the most common first."""

    # activities

    def activity(self, activity_id: int) -> StoredActivity:
        """Return one activity; raise KeyError where there is none."""

    def activity_of(self, athlete: str, ref: Ref) -> StoredActivity | None:
        """Return the activity a source's identifier stands for."""

    def activities_near(self, athlete: str, moment: datetime, reach: timedelta) -> Sequence[StoredActivity]:
        """Return the athlete's activities that started within `reach` of `moment`."""

    def add_activity(self, athlete: str, activity: Activity, streams_name: str | None, *, bulk: bool) -> int:
        """Write an activity with its ref and return its number."""

    def replace_activity(
        self, activity_id: int, activity: Activity, streams_name: str | None, richness: Richness
    ) -> None:
        """Write a richer or later recording over an activity and forget the verdict on the one before."""

    def drop_activity(self, activity_id: int) -> None:
        """Forget an activity, the verdict on it and its refs; sessions stay, and so do other parts of its workout."""

    def workout(self, activity_id: int) -> Sequence[StoredActivity]:
        """Return the recordings of the workout an activity belongs to, in the order they were run."""

    def workouts(self, first_parts: Collection[int]) -> Mapping[int, Sequence[StoredActivity]]:
        """Return the recordings of each workout, by the number of its first part, in the order they were run."""

    def join_workout(self, in_order: Sequence[int]) -> None:
        """Remember that these activities are parts of one workout, and forget the verdicts on them."""

    def add_ref(self, athlete: str, ref: Ref, activity_id: int) -> None:
        """Remember that a source's identifier stands for this activity from now on."""

    def newest_run(self, athlete: str) -> StoredActivity | None:
        """Return the athlete's run that was begun last (its first part), None where there is none."""

    def refs_of(self, activity_id: int) -> Sequence[Ref]:
        """Return the identifiers that stand for an activity."""

    def refs_named(self, athlete: str, source: str, external_id: str) -> Sequence[tuple[Ref, int]]:
        """Return the identifiers a recording's name begins, each with the number of the activity it stands for."""

    def drop_ref(self, athlete: str, ref: Ref) -> None:
        """Forget a source's identifier."""

    def ends_of_runs(self, athlete: str, since: datetime) -> Sequence[datetime]:
        """Return when the runs begun since a moment ended, oldest first."""

    def newest_start(self, athlete: str, source: str) -> datetime | None:
        """Return when the newest activity of a source started."""

    # verdicts and sessions

    def unclassified(self, ruleset: str, athlete: str | None = None) -> Mapping[str, Sequence[int]]:
        """Return by athlete (or for one) the first parts of runs without a verdict under `ruleset`, oldest first."""

    def forget_verdicts(self, athlete: str, since: datetime, *, lasting: bool = False) -> None:
        """Forget the verdicts on the athlete's runs begun since a moment: what came before them has changed.

        With `lasting`, only on runs that may be kept for good.
        """

    def history(self, athlete: str) -> Sequence[PastRun]:
        """Return what is remembered of the athlete's runs, oldest first."""

    def add_classification(self, activity_id: int, verdict: Classification, made_at: datetime) -> None:
        """Write a verdict; one under the same ruleset is replaced."""

    def classification(self, activity_id: int) -> Classification | None:
        """Return the newest verdict on an activity, or on the workout it is a part of."""

    def runs_of(self, athlete: str) -> Sequence[int]:
        """Return the numbers of all the athlete's runs (the first part where there are several), oldest first."""

    def correct(self, activity_id: int, run_type: RunType, at: datetime) -> None:
        """Write down what the runner says a run (all its parts) was, and forget the verdicts on it."""

    def correction(self, activity_id: int) -> RunType | None:
        """Return what the runner said a run, or the workout it is a part of, was."""

    def corrections(self, first_parts: Collection[int]) -> Mapping[int, RunType]:
        """Return what the runner said workouts were, by the number of their first part; most are left out."""

    def runs_between(self, athlete: str, since: datetime, until: datetime) -> Sequence[DayOfRuns]:
        """Return the runs begun in a span of time with their verdicts, oldest first."""

    def judged_runs(self, athlete: str, since: datetime, until: datetime) -> Sequence[JudgedRun]:
        """Return the runs begun in a span of time with what they are held to be, the newest first."""

    def add_session(self, athlete: str, activity_id: int | None, session: NewSession, made_at: datetime) -> int | None:
        """Write a session and return its number, or None where that run and part had one before.

        One whose run was let go of meanwhile belongs to the run again.
        """

    def session(self, session_id: int) -> Session:
        """Return one session; raise KeyError where there is none."""

    def sessions_after(self, activity_id: int) -> Sequence[Session]:
        """Return the sessions that follow an activity."""

    def open_sessions(self, athlete: str | None = None) -> Sequence[Session]:
        """Return what is still to do, the earliest window first."""

    def last_changed(self, athlete: str | None = None) -> Session | None:
        """Return the session that something was done about last."""

    def sessions_between(self, athlete: str, since: datetime, until: datetime) -> Sequence[Session]:
        """Return the sessions whose window opens in a span of time, in any state."""

    def done_between(self, athlete: str, since: datetime, until: datetime) -> int:
        """Return how many sessions were done in a span of time."""

    def times_done(self, athlete: str, since: datetime, until: datetime) -> Sequence[datetime]:
        """Return when sessions were done in a span of time, in that order."""

    def settle_session(self, session_id: int, state: State, at: datetime) -> None:
        """Say what became of a session."""

    def move_session(self, session_id: int, window: Window, at: datetime) -> None:
        """Give a session another window, as snoozed."""

    def rewrite_session(self, session_id: int, routine: Routine, at: datetime, *, ran: RunType | None = None) -> None:
        """Give a session another routine; `ran` is what its run is held to be now, where that was found out anew."""

    def cover(self, session_ids: Collection[int], by: int) -> None:
        """Remember that a session has taken the place of these."""

    def covered_by(self, session_id: int) -> Sequence[Session]:
        """Return the sessions whose place a session has taken, the earliest window first."""

    def unheard(self, now: datetime, age: timedelta) -> Sequence[int]:
        """Return the open sessions that some channel is still to speak of although they were put off or are this old.

        An old one that was changed since it reached that age is left out.
        """

    def add_feedback(self, session_id: int, feeling: str, at: datetime) -> None:
        """Write down how the runner said a session was."""

    def feelings(self, athlete: str, since: datetime, until: datetime) -> Sequence[tuple[datetime, str]]:
        """Return what the athlete said of sessions in a span of time, and when, oldest first."""

    def last_feeling(self, athlete: str) -> str | None:
        """Return what the athlete said last of any session."""

    # the runner

    def add_said(self, athlete: str, said: Said) -> None:
        """Write down what the runner says of a place on their body."""

    def said_since(self, athlete: str, since: datetime) -> Sequence[Said]:
        """Return what the runner has said of their body since a moment, oldest first."""

    def set_run_felt(self, activity_id: int, felt: RunFelt, at: datetime) -> None:
        """Write down how a run (all its parts) felt, in the place of what was said of it before."""

    # messages

    def add_message(
        self,
        athlete: str,
        channel: str,
        message: Message,
        due_at: datetime,
        session_id: int | None = None,
        *,
        stands_in: bool = False,
    ) -> bool:
        """Queue a message for a channel; return False where that key was queued there before.

        `stands_in`: it is only for where no other channel brings it by then.
        """

    def told(self, session_id: int) -> Sequence[Told]:
        """Return every message about a session, in the order they were queued; none of them moves meanwhile."""

    def shown(self, athlete: str, channel: str) -> Sequence[Shown]:
        """Return what a channel shows of the athlete's open sessions, but for what is just being put right there."""

    def reword(self, message_id: int, message: Message) -> None:
        """Put other words into a message that is still to be sent, or being sent."""

    def say_again(self, message_id: int, message: Message, at: datetime) -> None:
        """Have a message that arrived due again in other words, in the row it has."""

    def withdraw(self, message_id: int, reason: str, at: datetime) -> None:
        """Settle a message that was never sent as not to be said any more."""

    def due_channels(self, now: datetime) -> Sequence[tuple[str, str]]:
        """Return the channels that messages are due on and may be leased, by athlete and name."""

    def claim(self, athlete: str, channel: str, now: datetime, lease: timedelta, limit: int) -> Sequence[Delivery]:
        """Lease a channel's due messages, the most useful first.

        That is what can still come in time, the soonest late first; then the soonest useless. What failed again and
        again lets the others go first. An expired lease may be taken over; a held one may not.
        """

    def release(self, delivery: Delivery) -> None:
        """Give a lease back untouched."""

    def postpone(self, delivery: Delivery, due_at: datetime) -> None:
        """Give a lease back, with the message due at a later moment."""

    def put_fresh(self, delivery: Delivery, message: Message) -> Delivery:
        """Put the words of this moment into a leased message, before its send begins, and return it so."""

    def hasten(self, athlete: str, channel: str, now: datetime) -> None:
        """Have what stands in for what is due on a channel be sent now: the channel will not bring it by itself."""

    def spare(self, athlete: str, key: str) -> None:
        """Take away what was to stand in for a message that has been brought, where no send of it has begun."""

    def begin_sending(self, delivery: Delivery, at: datetime) -> bool:
        """Write down that a send begins; return False where the lease was lost."""

    def delivered(self, delivery: Delivery, receipt: str, at: datetime, *, put_right: bool = False) -> bool:
        """Settle a message as delivered; return False where the lease was lost.

        One that was reworded while it was on its way, or that is to be `put_right`, is due again at once.
        """

    def retry(self, delivery: Delivery, trouble: str, *, perhaps_sent: bool, counts: bool) -> bool:
        """Put a message back, to be sent once its channel works; return False where the lease was lost.

        The attempt `counts` where the message itself may have been the trouble.
        """

    def give_up(self, delivery: Delivery, reason: str, at: datetime) -> bool:
        """Settle a message as never to be sent; return False where the lease was lost."""

    def due_since(self, now: datetime) -> Mapping[str, datetime]:
        """Return by channel since when the oldest message that is due has been due."""

    def queued(self, limit: int) -> Sequence[Queued]:
        """Return the messages that wait, the soonest due first."""

    def receipts(self, limit: int) -> Sequence[Receipt]:
        """Return the messages that arrived last, the last one first."""

    def outbox_counts(self) -> Mapping[str, Mapping[str, int]]:
        """Return by channel how many messages wait, were delivered, and were given up."""

    # sources and channels

    def standing(self, athlete: str, system: str) -> Standing:
        """Return how a system, named as in the settings ("sources.folder"), is doing; a fresh standing at first."""

    def standings(self) -> Sequence[tuple[str, str, Standing]]:
        """Return how every system was doing that was ever used, by athlete and name."""

    def set_standing(self, athlete: str, system: str, standing: Standing) -> None:
        """Write how a system is doing."""

    def waiting_systems(self, now: datetime, *, impatient: bool) -> Collection[tuple[str, str]]:
        """Return the systems, by athlete and name, whose next try is later than now (`impatient`: by a platform)."""

    def notices_told(self, athlete: str) -> Mapping[str, NoticeTold]:
        """Return what an athlete was told of their systems last; those with nothing told are left out."""

    def set_notice_told(self, athlete: str, system: str, told: NoticeTold) -> None:
        """Write down what an athlete was told of a system."""

    def call_off(self, athlete: str, key: str, at: datetime) -> bool:
        """Settle what still waits of a message as outdated; return whether any channel brought it, or may have."""

    def forget_back_off(self) -> None:
        """Have every system in trouble tried again at once, but for those that a platform told to wait."""

    def usage(self, athlete: str, platform: str, now: datetime) -> Sequence[Usage]:
        """Return how much of a platform's allowances is used in the accounts an athlete is asked for through."""

    # events

    def add_event(self, athlete: str, event: Event, at: datetime) -> None:
        """Write down what a platform told; told again it is the same event, to be looked into once more."""

    def open_events(self) -> Sequence[StoredEvent]:
        """Return what was told and not yet looked into, oldest first."""

    def settle_events(self, event_ids: Collection[int], at: datetime) -> None:
        """Say that events were looked into."""

    def drop_events(self, before: datetime) -> None:
        """Forget events that were looked into before a moment."""

    # digests

    def add_digest(self, athlete: str, day: date, at: datetime) -> bool:
        """Claim the digest of a local date; return False where it was made before."""

    def digests_since(self, day: date) -> Collection[tuple[str, date]]:
        """Return the digests made for a date or a later one, by athlete and date."""

    # everything of an athlete

    def athletes_known(self) -> Sequence[str]:
        """Return every athlete who has recordings, runs or sessions here."""

    def everything_of(self, athlete: str) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """Return every row that is the athlete's, by table, as plain values; tokens and keys are left out."""

    def count_of(self, athlete: str) -> Mapping[str, int]:
        """Return how many rows are the athlete's, by table."""

    def drop_athlete(self, athlete: str) -> None:
        """Forget everything that is the athlete's, and remember which bytes are to be taken off the disk."""

    # workers, and order among processes

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

    # imports from the pages

    def add_bringing(self, athlete: str, name: str, at: datetime) -> Bringing:
        """Write an import that begins."""

    def bringing(self, number: int) -> Bringing:
        """Return one import; raise KeyError where there is none."""

    def set_bringing(self, bringing: Bringing) -> None:
        """Write how far an import has come."""

    def bringings(self, athlete: str, limit: int) -> Sequence[Bringing]:
        """Return an athlete's imports, the newest first."""

    # what runners chose

    def preferences(self) -> Mapping[str, Mapping[str, Choice]]:
        """Return what each athlete chose over the settings file, by athlete and name."""

    def choose(self, athlete: str, name: str, choice: Choice) -> None:
        """Write a choice in the place of the last one."""

    def take_back(self, athlete: str, name: str) -> None:
        """Forget a choice, so that the settings file holds again."""

    # who may come in

    def add_pass(
        self, kind: PassKind, digest: str, *, athlete: str, name: str, made_at: datetime, expires_at: datetime | None
    ) -> None:
        """Write a pass; those that have run out by now are forgotten."""

    def pass_of(self, kind: PassKind, digest: str, now: datetime) -> Pass | None:
        """Return the pass of this digest that still holds, None where there is none."""

    def use_up_pass(self, kind: PassKind, digest: str, now: datetime) -> Pass | None:
        """Take a pass that still holds away and return it: of two that try, one gets it."""

    def shorten_pass(self, pass_id: int, until: datetime) -> bool:
        """Let a pass run out at a moment; return False where it does so before, or is gone."""

    def passes(self, athlete: str, kind: PassKind, now: datetime) -> Sequence[Pass]:
        """Return an athlete's passes that still hold, the oldest first."""

    def revoke_pass(self, athlete: str, pass_id: int) -> bool:
        """Take one of an athlete's passes away; return False where it is not theirs."""


class Database(Protocol):
    """Opens transactions."""

    def reading(self) -> AbstractContextManager[Store]:
        """Open a transaction that only reads."""

    def writing(self) -> AbstractContextManager[Store]:
        """Open a transaction that may write: committed at the end, rolled back on an error."""

    def turn(self, name: str) -> AbstractContextManager["Database | None"]:
        """Hold a turn that one process at a time may have, and give the database to write to meanwhile.

        Give None where another has it. A turn ends with the process that has it; who lost it (its connection broke)
        can no longer write to the database it was given.
        """
