"""What the inside asks of the outside, what passes through, and the only four errors that come back."""

from service.ports.archive import Archive, Shelf
from service.ports.channels import Capabilities, Change, Channel, Happened, Links, Listening, Outcome, Shown
from service.ports.clock import Clock
from service.ports.connecting import Conversation, Secret, Vault
from service.ports.errors import EdgeError, Malformed, Refused, Throttled, Unavailable
from service.ports.platforms import Aspect, Event, Informed, Ledger, Webhook
from service.ports.sources import Decoded, Decoder, Raw, Readers, Reading, Removed, Source
from service.ports.store import Database, Store
from service.ports.store.messages import Brought, Delivery, Queued, Receipt, Told
from service.ports.store.people import Bringing, Choice, Pass, PassKind, Stage
from service.ports.store.runs import DayOfRuns, Fate, JudgedRun, StoredActivity, StoredRaw
from service.ports.store.sessions import NewSession
from service.ports.store.systems import NoticeTold, Standing, StoredEvent, Usage

__all__ = [
    "Archive",
    "Aspect",
    "Bringing",
    "Brought",
    "Capabilities",
    "Change",
    "Channel",
    "Choice",
    "Clock",
    "Conversation",
    "Database",
    "DayOfRuns",
    "Decoded",
    "Decoder",
    "Delivery",
    "EdgeError",
    "Event",
    "Fate",
    "Happened",
    "Informed",
    "JudgedRun",
    "Ledger",
    "Links",
    "Listening",
    "Malformed",
    "NewSession",
    "NoticeTold",
    "Outcome",
    "Pass",
    "PassKind",
    "Queued",
    "Raw",
    "Readers",
    "Reading",
    "Receipt",
    "Refused",
    "Removed",
    "Secret",
    "Shelf",
    "Shown",
    "Source",
    "Stage",
    "Standing",
    "Store",
    "StoredActivity",
    "StoredEvent",
    "StoredRaw",
    "Throttled",
    "Told",
    "Unavailable",
    "Usage",
    "Vault",
    "Webhook",
]
