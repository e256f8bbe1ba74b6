"""Everything the API does, in one table, as routes and as a description."""

from importlib.metadata import version

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from service.web.api import connections, devices, recordings, runs, sessions, you
from service.web.api.description import describe
from service.web.api.operation import Operation, route
from service.web.site import Site

OPERATIONS: tuple[Operation, ...] = (
    *you.OPERATIONS,
    *sessions.OPERATIONS,
    *runs.OPERATIONS,
    *recordings.OPERATIONS,
    *connections.OPERATIONS,
    *devices.OPERATIONS,
)


def routes(site: Site) -> list[Route]:
    """Return the routes of the API, its description among them."""
    document = describe(OPERATIONS, site.links.base_url, version("afterrun"))

    async def description(_request: Request) -> Response:
        return JSONResponse(document, headers={"Cache-Control": "no-cache"})

    return [Route("/api/openapi.json", description), *(route(operation, site) for operation in OPERATIONS)]
