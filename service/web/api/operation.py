"""One thing the API does, declared: from it come its route and its part of the description.

request -> whose token -> path, query and body as declared, or 4xx with what is wrong -> does -> answer as declared
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from http import HTTPStatus
from typing import Any, cast, get_type_hints

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from service.application.entry import Visitor
from service.web.asking import GUARD_HEADER, comes_from_us, guarded_by, who
from service.web.site import Site

JSON = "application/json"
# The longest body is every preference at once: about a kilobyte.
MOST_BODY_BYTES = 64 * 1024
# A database keeps numbers of so many bits.
MOST_ID = 2**31 - 1
BEARER = "bearer "


class Model(BaseModel):
    """What is sent and answered: nothing but what is declared."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, serialize_by_alias=True)


class Trouble(Model):
    """Why something was not done, in a line; by field, where one field is to blame."""

    error: str
    faults: dict[str, str] = {}


class DoneOut(Model):
    """It was done."""

    done: bool = True


class RefusedError(Exception):
    """The request cannot be met: with this status, for this reason."""

    def __init__(self, status: int, error: str, faults: Mapping[str, str] | None = None) -> None:
        super().__init__(error)
        self.status = status
        self.trouble = Trouble(error=error, faults=dict(faults or {}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call: by whom, with what, all of it checked."""

    site: Site
    athlete: str
    path: Mapping[str, Any]
    query: Any = None
    body: Any = None


@dataclass(frozen=True)
class Operation:
    """One thing the API does.

    `path` holds its parameters as Starlette has them ("/runs/{run_id:int}"). What is said of it and what it answers
    are read off `does`: the first line of its docstring, and its return type. `takes` is the type of its body, `asks`
    its query; `refuses` are the statuses, beyond those that every operation may answer with, and why. One that
    `streams` takes bytes of any number, and is handed them as they come.
    """

    method: str
    path: str
    does: Callable[[Call], object]
    takes: Any = None
    asks: type[Model] | None = None
    refuses: Mapping[int, str] = field(default_factory=dict)
    streams: bool = False

    @property
    def name(self) -> str:
        """What clients may call it."""
        return self.does.__name__

    @property
    def summary(self) -> str:
        """What is said of it, in a line."""
        return (self.does.__doc__ or "").partition("\n")[0].rstrip(".")

    @property
    def part(self) -> str:
        """The part of the API it belongs to: the module it is in."""
        return self.does.__module__.rpartition(".")[2]

    @cached_property
    def answer_adapter(self) -> TypeAdapter[Any]:
        """Writes the answer."""
        return TypeAdapter(get_type_hints(self.does)["return"])

    @cached_property
    def body_adapter(self) -> TypeAdapter[Any]:
        """Reads the body."""
        return TypeAdapter(self.takes)


def route(operation: Operation, site: Site) -> Route:
    """Return the route of an operation."""

    async def answer(request: Request) -> Response:
        try:
            body = await _body(request) if operation.takes is not None else b""
            call = await run_in_threadpool(_call, operation, site, request, body)
            if operation.streams:
                done = await cast("Awaitable[object]", operation.does(replace(call, body=request.stream())))
            else:
                done = await run_in_threadpool(operation.does, call)
            return _json(operation.answer_adapter.dump_json(done, by_alias=True))
        except RefusedError as exc:
            return refusal(exc)

    return Route(f"/api{operation.path}", answer, methods=[operation.method])


def _call(operation: Operation, site: Site, request: Request, body: bytes) -> Call:
    """Return the call, checked; raise RefusedError where it is not as declared, or nobody we know calls."""
    return Call(
        site=site,
        athlete=_visitor(request, site).athlete,
        path=request.path_params,
        query=_query(operation, request),
        body=_read(operation, request, body),
    )


def refusal(exc: RefusedError, headers: Mapping[str, str] | None = None) -> Response:
    """Return a refusal as an answer."""
    needed = {"WWW-Authenticate": "Bearer"} if exc.status == HTTPStatus.UNAUTHORIZED else {}
    return _json(exc.trouble.model_dump_json().encode(), exc.status, needed | dict(headers or {}))


def _json(content: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(content, status_code=status, media_type=JSON, headers=dict(headers or {}))


def _visitor(request: Request, site: Site) -> Visitor:
    """Return who calls: a program by its token, or one of our pages by its browser's key and guard."""
    authorization = request.headers.get("authorization", "")
    if authorization.lower().startswith(BEARER):
        visitor = site.entry.program(authorization[len(BEARER) :].strip())
    elif (visitor := who(request, site)) is not None and not _comes_from_a_page(request, site, visitor):
        raise RefusedError(403, f"a page's call brings its guard in {GUARD_HEADER}: load the page again")
    if visitor is None:
        raise RefusedError(401, "a token is needed: `afterrun token create NAME` makes one")
    return visitor


def _comes_from_a_page(request: Request, site: Site, visitor: Visitor) -> bool:
    reads = request.method in {"GET", "HEAD"}
    return reads or (comes_from_us(request, site) and guarded_by(visitor, request.headers.get(GUARD_HEADER, "")))


def _query(operation: Operation, request: Request) -> Model | None:
    if operation.asks is None:
        if request.query_params:
            raise RefusedError(422, f"no such parameter here: {', '.join(sorted(set(request.query_params)))}")
        return None
    try:
        return operation.asks.model_validate(dict(request.query_params))
    except ValidationError as exc:
        raise _unread(exc) from exc


def _read(operation: Operation, request: Request, body: bytes) -> object:
    if operation.takes is None:
        return None
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        raise RefusedError(415, f"send {JSON}")
    try:
        return operation.body_adapter.validate_json(body)
    except ValidationError as exc:
        raise _unread(exc) from exc


def _unread(exc: ValidationError) -> RefusedError:
    faults = {".".join(map(str, detail["loc"])) or "body": detail["msg"] for detail in exc.errors(include_url=False)}
    return RefusedError(422, "not as described: see faults", faults)


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BODY_BYTES:
            raise HTTPException(413)
    return body
