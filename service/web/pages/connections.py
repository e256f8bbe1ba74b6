"""Sources and channels: how each is doing, what to do about it, and a talk that connects or tries one."""

from starlette.exceptions import HTTPException
from starlette.responses import Response

from service.application.status import Condition
from service.web.asking import Ask, Door
from service.web.talking import MOST_ANSWER, Talk


def show(ask: Ask) -> Response:
    """Show how each source and channel is doing."""
    return ask.page(
        "connections.html",
        here="more",
        sources=[one for one in _mine(ask) if one.system.startswith("sources.")],
        channels=[one for one in _mine(ask) if one.system.startswith("channels.")],
        calendar=ask.site.links.calendar(ask.athlete.id),
        now=ask.site.clock.now(),
    )


def one(ask: Ask) -> Response:
    """Show one, with the talk about it where there is one."""
    condition = _named(ask)
    name = ask.path["name"]
    talk = ask.site.talks.of(ask.athlete.id, name)
    return ask.page(
        "connection.html",
        here="more",
        condition=condition,
        name=name,
        talk=talk,
        busy=talk is not None and not talk.over and talk.question is None,
        can_leave=condition.system.startswith("sources.") and name in ask.site.consents(ask.athlete.id),
        now=ask.site.clock.now(),
    )


def connect(ask: Ask) -> Response:
    """Begin to connect, or to try."""
    _named(ask)
    ask.site.talks.forget(ask.athlete.id, ask.path["name"])
    ask.site.talks.begin(ask.athlete.id, ask.path["name"])
    return ask.go_to(f"/connections/{ask.path['name']}")


def disconnect(ask: Ask) -> Response:
    """Begin to give a source's consent back."""
    name = ask.path["name"]
    if name not in ask.site.consents(ask.athlete.id):
        raise HTTPException(404)
    ask.site.talks.forget(ask.athlete.id, name)
    ask.site.talks.leave(ask.athlete.id, name)
    return ask.go_to(f"/connections/{name}")


def answer(ask: Ask) -> Response:
    """Hand an answer to the talk."""
    _named(ask)
    talk: Talk | None = ask.site.talks.of(ask.athlete.id, ask.path["name"])
    if talk is not None:
        talk.answer(ask.field("answer").strip()[:MOST_ANSWER])
    return ask.go_to(f"/connections/{ask.path['name']}")


def _mine(ask: Ask) -> list[Condition]:
    return list(ask.site.status.conditions(ask.athlete.id))


def _named(ask: Ask) -> Condition:
    found = next((one for one in _mine(ask) if one.system.partition(".")[2] == ask.path["name"]), None)
    if found is None:
        raise HTTPException(404)
    return found


DOORS = (
    Door(path="/connections", page=show),
    Door(path="/connections/{name}", page=one),
    Door(path="/connections/{name}/connect", page=connect, method="POST"),
    Door(path="/connections/{name}/disconnect", page=disconnect, method="POST"),
    Door(path="/connections/{name}/answer", page=answer, method="POST"),
)
