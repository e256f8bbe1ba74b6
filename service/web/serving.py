"""Static files: kept by browsers for good, as their addresses change with what is in them."""

from pathlib import Path

from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from service.web.rendering import STATIC

FOR_GOOD = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"


class Static(StaticFiles):
    """The folder of static files. One asked for without its version is asked for again next time."""

    def __init__(self) -> None:
        super().__init__(directory=STATIC)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file with how long it may be kept."""
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = FOR_GOOD if b"v=" in scope["query_string"] else ASK_AGAIN
        return response


def service_worker(place: Path = STATIC / "sw.js") -> Response:
    """Return the service worker: it lies at the top, so that it may serve every page, and is looked at each time."""
    return FileResponse(place, media_type="text/javascript", headers={"Cache-Control": ASK_AGAIN})
