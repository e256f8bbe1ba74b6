"""Everything one looks after now and then: the list of these pages, recordings in quarantine, devices and tokens."""

from starlette.exceptions import HTTPException
from starlette.responses import Response

from service.ports import Fate, PassKind
from service.web.asking import Ask, Door


def more(ask: Ask) -> Response:
    """List the pages one needs now and then."""
    return ask.page(
        "more.html",
        here="more",
        waiting=len(ask.site.quarantine.parked(ask.athlete.id)),
        hands=sum(bool(one.todo) for one in ask.site.status.conditions(ask.athlete.id)),
    )


def quarantine(ask: Ask) -> Response:
    """Show what could not be read, and why."""
    return ask.page(
        "quarantine.html",
        here="more",
        parked=ask.site.quarantine.parked(ask.athlete.id),
        notice=_retried(ask.query.get("read", ""), ask.query.get("left", "")),
    )


def _retried(read: str, left: str) -> str:
    if not (read.isdecimal() and left.isdecimal()):
        return ""
    return f"Tried again: {read} could be read now, {left} still could not."


def retry(ask: Ask) -> Response:
    """Try again to read everything that could not be read."""
    taken = ask.site.quarantine.retry(ask.athlete.id)
    left = sum(one.fate is Fate.MALFORMED for _, one in taken)
    return ask.go_to(f"/quarantine?read={len(taken) - left}&left={left}")


def devices(ask: Ask) -> Response:
    """Show which browsers and programs are let in."""
    mine = ask.athlete.id
    return ask.page(
        "devices.html",
        here="more",
        browsers=ask.site.entry.passes(mine, PassKind.BROWSER),
        tokens=ask.site.entry.passes(mine, PassKind.TOKEN),
        this=ask.visitor.pass_id if ask.visitor else None,
        now=ask.site.clock.now(),
    )


def end(ask: Ask) -> Response:
    """End a browser's or program's stay."""
    if not ask.site.entry.revoke(ask.athlete.id, ask.path["pass_id"]):
        raise HTTPException(404)
    return ask.go_to("/devices")


DOORS = (
    Door(path="/more", page=more),
    Door(path="/quarantine", page=quarantine),
    Door(path="/quarantine/retry", page=retry, method="POST"),
    Door(path="/devices", page=devices),
    Door(path="/devices/{pass_id:int}/end", page=end, method="POST"),
)
