"""Who is let in for an athlete: their browsers and their programs."""

from datetime import datetime
from typing import Literal, Self

from service.ports import Pass, PassKind
from service.web.api.operation import MOST_ID, Call, DoneOut, Model, Operation, RefusedError

NO_DEVICE = "there is no such browser or token"


class DeviceOut(Model):
    """A browser that is signed in, or a program's token: never the key itself."""

    id: int
    kind: Literal[PassKind.BROWSER, PassKind.TOKEN]
    name: str
    made_at: datetime

    @classmethod
    def of(cls, one: Pass) -> Self:
        """Return a pass as it is sent."""
        return cls.model_validate({"id": one.id, "kind": one.kind, "name": one.name, "made_at": one.made_at})


def list_devices(call: Call) -> list[DeviceOut]:
    """Return the browsers that are signed in and the tokens that hold."""
    kinds = (PassKind.BROWSER, PassKind.TOKEN)
    return [DeviceOut.of(one) for kind in kinds for one in call.site.entry.passes(call.athlete, kind)]


def end_device(call: Call) -> DoneOut:
    """Sign a browser out, or end a token; it may be the one that asks."""
    number = call.path["device_id"]
    if number > MOST_ID or not call.site.entry.revoke(call.athlete, number):
        raise RefusedError(404, NO_DEVICE)
    return DoneOut()


OPERATIONS = (
    Operation("GET", "/devices", list_devices),
    Operation("DELETE", "/devices/{device_id:int}", end_device, refuses={404: NO_DEVICE}),
)
