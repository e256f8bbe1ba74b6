"""What stands around every answer: safe headers, the path below a proxy, and a pace for those who knock too often."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.web.pace import Limiter, Pace

SAFE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), screen-wake-lock=(self)",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
}

# A key of 256 bits is not guessed at any pace; these keep a caller from wearing out the machine (ours).
SIGN_IN_PACE = Pace(burst=10, per_minute=10)
POST_PACE = Pace(burst=60, per_minute=120)
# Ten runners' events are a few an hour; a club's after a race come all at once, and all from one place.
WEBHOOK_PACE = Pace(burst=400, per_minute=12_000)


@dataclass(frozen=True, slots=True)
class SafeHeaders:
    """Puts safe headers on every answer that has none of its own."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SAFE_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)


@dataclass(frozen=True, slots=True)
class BelowPath:
    """Takes the path of `base_url` off, where a proxy in front has not done so."""

    app: ASGIApp
    root: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        if scope["type"] == "http" and self.root and scope["path"].startswith(f"{self.root}/"):
            scope = {**scope, "path": scope["path"][len(self.root) :]}
        await self.app(scope, receive, send)


@dataclass(frozen=True, slots=True)
class Paced:
    """Turns away who posts too often. Reading is free."""

    app: ASGIApp
    now: Callable[[], float]
    limiters: Mapping[str, Limiter] = field(init=False)

    def __post_init__(self) -> None:
        """Make a limiter for signing in, one for platforms, and one for everything else."""
        paces = {"/sign-in": SIGN_IN_PACE, "/webhooks": WEBHOOK_PACE, "": POST_PACE}
        object.__setattr__(self, "limiters", {start: Limiter(pace, self.now) for start, pace in paces.items()})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, with 429 where the caller is to wait."""
        if scope["type"] == "http" and scope["method"] not in {"GET", "HEAD"} and (wait := self._wait(scope)):
            text = f"That was a lot at once: please try again in {wait} s.\n"
            answer = PlainTextResponse(text, status_code=429, headers={"Retry-After": str(wait)})
            await answer(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _wait(self, scope: Scope) -> int:
        limiter = next(limiter for start, limiter in self.limiters.items() if scope["path"].startswith(start))
        return limiter.wait(scope["client"][0] if scope.get("client") else "")
