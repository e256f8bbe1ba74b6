"""The web side: every door in one list, and what stands around them."""

import time
from collections.abc import Callable
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from service.web import care
from service.web.api import operations
from service.web.api.operation import RefusedError, refusal
from service.web.asking import Door, endpoint
from service.web.guards import BelowPath, Paced, SafeHeaders
from service.web.pages import (
    body,
    connections,
    history,
    home,
    importing,
    more,
    preferences,
    runs,
    session,
    signing_in,
    watching,
)
from service.web.rendering import Rendering
from service.web.serving import Static
from service.web.site import Site

__all__ = ["DOORS", "Site", "make_app"]

# A session's page is a sixth when packed, at a millisecond's work. No page repeats what an address says, so packing
# gives nobody a way to guess what else is in it (BREACH).
WORTH_PACKING_BYTES, QUICKLY = 1000, 5

DOORS: tuple[Door, ...] = (
    *home.DOORS,
    *session.DOORS,
    *runs.DOORS,
    *history.DOORS,
    *body.DOORS,
    *preferences.DOORS,
    *connections.DOORS,
    *importing.DOORS,
    *more.DOORS,
    *signing_in.DOORS,
    *watching.DOORS,
)


def make_app(site: Site, seconds: Callable[[], float] = time.monotonic) -> ASGIApp:
    """Return the web application. `seconds` only go forward: by them callers are held to their pace."""
    rendering = Rendering(site.links.base_url)

    async def refused(request: Request, exc: Exception) -> Response:
        status = exc.status_code if isinstance(exc, HTTPException) else 500
        headers = exc.headers if isinstance(exc, HTTPException) else None
        if request.url.path.startswith((f"{rendering.root}/api/", "/api/")):
            return refusal(RefusedError(status, HTTPStatus(status).phrase), headers)
        if "text/html" not in request.headers.get("accept", "text/html"):
            return PlainTextResponse(f"{status}\n", status_code=status, headers=headers)
        page = rendering.render("error.html", code=status, visitor=None, guard="")
        return HTMLResponse(page, status_code=status, headers=headers)

    pages = Starlette(
        routes=[
            *(Route(door.path, endpoint(door, site, rendering), methods=[door.method]) for door in DOORS),
            *care.routes(site.care),
            *operations.routes(site),
            *(site.doors.routes() if site.doors else ()),
            Route("/figures/{name}.svg", site.figures.answer),
            Mount("/static", Static()),
        ],
        exception_handlers={HTTPException: refused, 500: refused},
    )
    packed = GZipMiddleware(pages, minimum_size=WORTH_PACKING_BYTES, compresslevel=QUICKLY)
    return SafeHeaders(BelowPath(Paced(packed, seconds), root=rendering.root))
