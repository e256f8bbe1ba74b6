"""How a page is asked for: who asks, with what, and whether their form is one of ours.

    request -> body within bounds -> who is it -> may they? -> page -> answer (and the browser's new key)

Opening an address changes nothing: link previews open every address they see. Only a POST acts; one that a signed-in
browser sends must come from our own page and bring along what only that page knows.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from service.application.entry import BROWSER_LASTS, Visitor
from service.domain.athlete import Athlete
from service.web.rendering import Rendering
from service.web.site import Site

COOKIE = "afterrun"
# The longest form is the body map's: a few hundred bytes.
MOST_FORM_BYTES = 64 * 1024
GUARD = "guard"
GUARD_HEADER = "x-afterrun-guard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request for a page. `form` holds what was filled in, by name; `notice` is said at the top of the page."""

    site: Site
    rendering: Rendering
    visitor: Visitor | None
    path: Mapping[str, Any]
    query: Mapping[str, str]
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def athlete(self) -> Athlete:
        """Who is signed in."""
        if self.visitor is None:
            raise HTTPException(401)
        return self.site.athletes[self.visitor.athlete]

    def field(self, name: str) -> str:
        """Return what was filled in first under a name, nothing where nothing was."""
        return self.form.get(name, [""])[0]

    def page(self, template: str, *, status: int = 200, **values: object) -> Response:
        """Return a page."""
        known = None if self.visitor is None else self.athlete
        guard = "" if self.visitor is None else self.visitor.guard
        around = {"visitor": known, "guard": guard, "now": self.site.clock.now()}
        text = self.rendering.render(template, **(around | values))
        return HTMLResponse(text, status_code=status)

    def go_to(self, path: str) -> Response:
        """Return the way to another page, asked for with a GET."""
        return RedirectResponse(f"{self.rendering.root}{path}", status_code=303)


type Page = Callable[[Ask], Response]


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One address and what it answers. `is_open`: whoever has the address may come; else one has to be signed in."""

    path: str
    page: Page
    method: str = "GET"
    is_open: bool = False


def endpoint(door: Door, site: Site, rendering: Rendering) -> Callable[[Request], Awaitable[Response]]:
    """Return what answers requests at a door."""

    async def answer(request: Request) -> Response:
        form = await _form(request) if door.method == "POST" else {}
        return await run_in_threadpool(_answer, request, form)

    def _answer(request: Request, form: Mapping[str, list[str]]) -> Response:
        visitor = who(request, site)
        ask = Ask(
            site=site,
            rendering=rendering,
            visitor=visitor,
            path=request.path_params,
            query=dict(request.query_params),
            headers=request.headers,
            form=form,
        )
        if not door.is_open:
            _let_in(request, ask)
        response = door.page(ask)
        if visitor is not None and visitor.new_key is not None:
            keep_key(response, visitor.new_key, site)
        return response

    return answer


def who(request: Request, site: Site) -> Visitor | None:
    """Return who asks, by the key their browser keeps."""
    key = request.cookies.get(COOKIE, "")
    return site.entry.browser(key) if key else None


def keep_key(response: Response, key: str, site: Site) -> None:
    """Have a browser keep its key, out of reach of any script and of other sites."""
    response.set_cookie(
        COOKIE,
        key,
        max_age=int(BROWSER_LASTS.total_seconds()),
        path=f"{urlsplit(site.links.base_url).path.rstrip('/')}/",
        secure=site.links.base_url.startswith("https://"),
        httponly=True,
        samesite="lax",
    )


def _let_in(request: Request, ask: Ask) -> None:
    """Raise HTTPException unless somebody is signed in and what they send comes from our own page."""
    if ask.visitor is None:
        raise HTTPException(401)
    if request.method in {"GET", "HEAD"}:
        return
    if not (comes_from_us(request, ask.site) and guarded_by(ask.visitor, ask.field(GUARD))):
        raise HTTPException(403)


def guarded_by(visitor: Visitor, brought: str) -> bool:
    """Return whether a word is the one that only pages of this browser know."""
    return compare_digest(brought.encode(), visitor.guard.encode())


def comes_from_us(request: Request, site: Site) -> bool:
    """Return whether a request was sent by one of our own pages, as far as the browser says."""
    fetched_from = request.headers.get("sec-fetch-site")
    if fetched_from is not None:
        return fetched_from in {"same-origin", "none"}
    origin = request.headers.get("origin")
    ours = urlsplit(site.links.base_url)
    return origin is None or origin in {
        f"{ours.scheme}://{ours.netloc}",
        f"{request.url.scheme}://{request.url.netloc}",
    }


async def _form(request: Request) -> dict[str, list[str]]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_FORM_BYTES:
            raise HTTPException(413)
    return parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
