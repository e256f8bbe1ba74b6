"""The figures as files: an address says which movement, moving or still, this side or the other.

A figure is drawn when it is first asked for and then kept; the next asker gets it small (gzip), and one who has it is
told so.
"""

import gzip
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from hashlib import sha256

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from service.domain import figure
from service.domain.figure import Motion
from service.domain.movements import Catalogue

MEDIA_TYPE = "image/svg+xml"
# Figures change with a release at most; a browser may show the old one for a week, and meanwhile asks with its ETag.
FRESH = f"public, max-age={int(timedelta(days=7).total_seconds())}"
STILL, OTHER_SIDE = "-still", "-other"


@dataclass(frozen=True, slots=True)
class File:
    """A drawn figure, packed."""

    packed: bytes
    etag: str


class Figures(Container[str]):
    """Draws the movements that have a motion; `name in figures` tells whether one has."""

    def __init__(self, catalogue: Catalogue, motions: Mapping[str, Motion]) -> None:
        self._catalogue = catalogue
        self._motions = motions
        self._file: Callable[[str], File] = cache(self._draw)

    def __contains__(self, movement: object) -> bool:
        return movement in self._motions

    async def answer(self, request: Request) -> Response:
        """Return the figure that the address names ("quad_pull", "quad_pull-other-still"), or 404."""
        try:
            file = await run_in_threadpool(self._file, request.path_params["name"])
        except KeyError as exc:
            raise HTTPException(404) from exc
        headers = {"Cache-Control": FRESH, "ETag": file.etag, "Vary": "Accept-Encoding"}
        if request.headers.get("if-none-match") == file.etag:
            return Response(status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(file.packed, media_type=MEDIA_TYPE, headers=headers | {"Content-Encoding": "gzip"})
        return Response(gzip.decompress(file.packed), media_type=MEDIA_TYPE, headers=headers)

    def _draw(self, name: str) -> File:
        wanted, draw = (name.removesuffix(STILL), figure.strip) if name.endswith(STILL) else (name, figure.animated)
        movement = wanted.removesuffix(OTHER_SIDE)
        text = draw(self._catalogue[movement], self._motions[movement], mirrored=wanted != movement)
        packed = gzip.compress(text.encode(), mtime=0)
        return File(packed, f'W/"{sha256(packed).hexdigest()[:16]}"')
