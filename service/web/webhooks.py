"""The doors that platforms knock at: a secret path each, a small body, an answer at once.

What comes in is a hint to look and nothing more (service/application/hearing.py); here it is only kept small.
"""

import hmac
import secrets
from dataclasses import dataclass
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from service.application.hearing import Hearing
from service.persistence.keys import kept_key

# An event of Strava's has about 200 bytes.
LARGEST_BODY = 16 * 1024


def webhook_key(folder: Path) -> str:
    """Return the secret that paths and tokens are made of, kept in `folder` for the owner's eyes only."""
    return kept_key(folder / "webhooks.key", lambda: secrets.token_urlsafe(32))


def path_secret(key: str, source: str) -> str:
    """Return the part of a source's path that nobody guesses."""
    return _made_of(key, f"path of {source}")


def verify_token(key: str, source: str) -> str:
    """Return what a platform has to say to be let in the first time."""
    return _made_of(key, f"token of {source}")


def _made_of(key: str, purpose: str) -> str:
    return hmac.new(key.encode(), purpose.encode(), "sha256").hexdigest()[:40]


@dataclass(frozen=True, slots=True)
class Doors:
    """Lets platforms in. `key` is what the paths are made of."""

    hearing: Hearing
    key: str

    def routes(self) -> list[Route]:
        """Return where platforms knock."""
        return [Route("/webhooks/{source}/{secret}", self.knocked, methods=["GET", "POST"])]

    async def knocked(self, request: Request) -> Response:
        """Answer a platform that tries the door or tells something."""
        source = request.path_params["source"]
        if not hmac.compare_digest(request.path_params["secret"].encode(), path_secret(self.key, source).encode()):
            raise HTTPException(404)
        if request.method == "POST":
            return await self._told(source, request)
        answer = self.hearing.challenge(source, request.query_params, verify_token(self.key, source))
        return JSONResponse(answer, status_code=200) if answer else PlainTextResponse("no\n", status_code=403)

    async def _told(self, source: str, request: Request) -> Response:
        body = b""
        async for piece in request.stream():
            body += piece
            if len(body) > LARGEST_BODY:
                return PlainTextResponse("too large\n", status_code=413)
        heard = await run_in_threadpool(self.hearing.hear, source, body, request.headers)
        return PlainTextResponse("thank you\n" if heard else "not for us\n", status_code=200 if heard else 403)
