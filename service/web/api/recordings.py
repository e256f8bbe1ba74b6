"""Recordings that are brought in by hand, and those that could not be read."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import StringConstraints
from starlette.concurrency import run_in_threadpool

from service.application.bringing import NoSuchImportError
from service.ports import Bringing, Fate, Stage, StoredRaw
from service.web.api.operation import MOST_ID, Call, Model, Operation, RefusedError
from service.web.incoming import NoRoomError

NO_IMPORT = "there is no such import"
IMPORT = "/imports/{import_id:int}"
UNKNOWN = {404: NO_IMPORT}
SENDING = UNKNOWN | {409: "how far it has come speaks against it"}


class ParkedOut(Model):
    """A recording that could not be read, and why."""

    id: int
    name: str
    source: str
    received_at: datetime
    reason: str

    @classmethod
    def of(cls, raw: StoredRaw) -> Self:
        """Return a recording in quarantine as it is sent."""
        return cls(id=raw.id, name=raw.external_id, source=raw.source, received_at=raw.received_at, reason=raw.reason)


class RetriedOut(Model):
    """How many recordings could be read now, and how many still could not."""

    read: int
    left: int


class ImportIn(Model):
    """What is going to be sent."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=120)]


class TroubleOut(Model):
    """A recording that could not be read, and why."""

    name: str
    reason: str


class ImportOut(Model):
    """How far an import has come. `fates` counts what became of the recordings taken so far."""

    id: int
    name: str
    stage: Stage
    under_way: bool
    begun_at: datetime
    total: int
    fates: dict[Fate, int]
    judged: int
    to_judge: int
    troubles: list[TroubleOut]
    trouble: str

    @classmethod
    def of(cls, bringing: Bringing, *, under_way: bool) -> Self:
        """Return an import as it is sent."""
        same = ("id", "name", "stage", "begun_at", "total", "judged", "to_judge", "trouble")
        return cls(
            under_way=under_way,
            fates={Fate(fate): count for fate, count in bringing.fates.items()},
            troubles=[TroubleOut(name=name, reason=reason) for name, reason in bringing.troubles],
            **{key: getattr(bringing, key) for key in same},
        )


class KeptOut(Model):
    """How many bytes of a file were kept."""

    bytes: int


def list_imports(call: Call) -> list[ImportOut]:
    """Return the latest imports and how far each has come."""
    return [_import(call, one) for one in call.site.bring.latest(call.athlete)]


def begin_import(call: Call) -> ImportOut:
    """Begin an import: send its files next, then start it."""
    return _import(call, call.site.bring.begin(call.athlete, call.body.name))


def get_import(call: Call) -> ImportOut:
    """Return how far an import has come."""
    return _import(call, _bringing(call))


async def send_file(call: Call) -> KeptOut:
    """Send a file of an import: a recording, or an archive of any size."""
    bringing = await run_in_threadpool(_sending, call)
    try:
        return KeptOut(bytes=await call.site.incoming.keep(bringing.id, call.path["name"], call.body))
    except NoRoomError as exc:
        raise RefusedError(507, "the disk here has no room for that: make some, or import it there") from exc


def start_import(call: Call) -> ImportOut:
    """Start an import whose files are sent."""
    bringing = _sending(call)
    if not call.site.incoming.files(bringing.id):
        raise RefusedError(409, "nothing was sent for it yet")
    bringing = call.site.bring.take_up(bringing)
    call.site.incoming.start(bringing.id)
    return _import(call, bringing)


def _bringing(call: Call) -> Bringing:
    try:
        if call.path["import_id"] <= MOST_ID:
            return call.site.bring.of(call.athlete, call.path["import_id"])
    except NoSuchImportError:
        pass
    raise RefusedError(404, NO_IMPORT)


def _sending(call: Call) -> Bringing:
    bringing = _bringing(call)
    if bringing.stage is not Stage.SENDING:
        raise RefusedError(409, "it has been started: begin another one")
    return bringing


def _import(call: Call, bringing: Bringing) -> ImportOut:
    return ImportOut.of(bringing, under_way=call.site.bring.under_way(bringing))


def list_quarantine(call: Call) -> list[ParkedOut]:
    """Return the recordings that could not be read."""
    return [ParkedOut.of(raw) for raw in call.site.quarantine.parked(call.athlete)]


def retry_quarantine(call: Call) -> RetriedOut:
    """Try again to read them."""
    taken = call.site.quarantine.retry(call.athlete)
    left = sum(one.fate is Fate.MALFORMED for _, one in taken)
    return RetriedOut(read=len(taken) - left, left=left)


OPERATIONS = (
    Operation("GET", "/imports", list_imports),
    Operation("POST", "/imports", begin_import, takes=ImportIn),
    Operation("GET", IMPORT, get_import, refuses=UNKNOWN),
    Operation("PUT", f"{IMPORT}/files/{{name}}", send_file, streams=True, refuses=SENDING | {507: "no room for it"}),
    Operation("POST", f"{IMPORT}/start", start_import, refuses=SENDING),
    Operation("GET", "/quarantine", list_quarantine),
    Operation("POST", "/quarantine/retry", retry_quarantine),
)
