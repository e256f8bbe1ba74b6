"""The web side: a session's page, the calendar feed, and the doors that watchers of the service knock at.

Whoever opens an address changes nothing: link previews open every address they see. Only a POST acts.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from service.application.calendar import Calendar
from service.application.coach import Coach
from service.application.feedback import Feedback, NoSuchSessionError
from service.domain.announcement import RUN_NAMES, a_run
from service.domain.athlete import Athlete
from service.domain.classification import RunType
from service.domain.message import Message, Verb
from service.domain.sessions import OPEN_STATES, SNOOZE, Session, SettledError
from service.ports import Clock
from service.web.figures import Figures
from service.web.links import SignedLinks

HERE = Path(__file__).parent
# Calendars ask every few minutes to every day; a quarter of an hour is fresh enough for an evening session.
FEED_FRESH_S = int(timedelta(minutes=15).total_seconds())

SAFE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

type Feed = Callable[[str, Sequence[Message]], bytes]
type Next = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What the pages need: use cases, the runners, the links, the figures, and how a calendar is written."""

    feedback: Feedback
    coach: Coach
    calendar: Calendar
    athletes: Mapping[str, Athlete]
    links: SignedLinks
    figures: Figures
    feed: Feed
    clock: Clock
    is_ready: Callable[[], bool]


def make_app(site: Site) -> Starlette:
    """Return the web application."""
    templates = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined)
    templates.filters["capitalize_first"] = lambda text: text[:1].upper() + text[1:]
    templates.globals["figures"] = site.figures
    templates.globals["root"] = urlsplit(site.links.base_url).path.rstrip("/")
    pages = _Pages(site, templates)
    return Starlette(
        routes=[
            Route("/", pages.home),
            Route("/healthz", pages.healthz),
            Route("/readyz", pages.readyz),
            Route("/calendar/{token}.ics", pages.calendar),
            Route("/figures/{name}.svg", site.figures.answer),
            Route("/s/{token}", pages.session),
            Route("/s/{token}/was/{kind}", pages.correct, methods=["POST"]),
            Route("/s/{token}/{verb}", pages.answer, methods=["POST"]),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ],
        middleware=[Middleware(BaseHTTPMiddleware, dispatch=_safe_headers)],
        exception_handlers={HTTPException: pages.error},
    )


async def _safe_headers(request: Request, call_next: Next) -> Response:
    response = await call_next(request)
    for name, value in SAFE_HEADERS.items():
        response.headers.setdefault(name, value)
    if not request.url.path.startswith("/static"):
        response.headers.setdefault("Cache-Control", "private, no-store")
    return response


class _Pages:
    def __init__(self, site: Site, templates: Environment) -> None:
        self.site = site
        self.templates = templates

    async def home(self, _request: Request) -> Response:
        return self._page("home.html")

    async def healthz(self, _request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(self, _request: Request) -> Response:
        ready = await run_in_threadpool(self.site.is_ready)
        return JSONResponse({"ready": ready}, status_code=200 if ready else 503)

    async def calendar(self, request: Request) -> Response:
        try:
            athlete = self.site.athletes[self.site.links.read_calendar(request.path_params["token"])]
        except KeyError as exc:
            raise HTTPException(404) from exc
        entries = await run_in_threadpool(self.site.calendar.entries, athlete.id)
        body = self.site.feed(f"Afterrun: {athlete.name}" if athlete.name else "Afterrun", entries)
        headers = {"Cache-Control": f"private, max-age={FEED_FRESH_S}"}
        return Response(body, media_type="text/calendar; charset=utf-8", headers=headers)

    async def session(self, request: Request) -> Response:
        session = await run_in_threadpool(self._find, request)
        return await run_in_threadpool(self._session_page, request, session)

    async def answer(self, request: Request) -> Response:
        session = await run_in_threadpool(self._find, request)
        try:
            verb = Verb(request.path_params["verb"])
        except ValueError as exc:
            raise HTTPException(404) from exc
        return await run_in_threadpool(self._answered, request, session, verb)

    def _answered(self, request: Request, session: Session, verb: Verb) -> Response:
        try:
            return self._session_page(request, self._act(session, verb))
        except SettledError as exc:
            return self._session_page(request, session, notice=str(exc), status=409)

    async def correct(self, request: Request) -> Response:
        session = await run_in_threadpool(self._find, request)
        try:
            kind = RunType(request.path_params["kind"])
        except ValueError as exc:
            raise HTTPException(404) from exc
        return await run_in_threadpool(self._corrected, request, session, kind)

    def _corrected(self, request: Request, session: Session, kind: RunType) -> Response:
        try:
            self.site.coach.correct(session.run, kind)
        except SettledError as exc:
            return self._session_page(request, session, notice=str(exc), status=409)
        notice = f"Noted: that was {a_run(kind)}. Later runs will be judged with that in mind."
        return self._session_page(request, self.site.feedback.session(session.id), notice=notice)

    def _find(self, request: Request) -> Session:
        try:
            return self.site.feedback.session(self.site.links.read_session(request.path_params["token"]))
        except (KeyError, NoSuchSessionError) as exc:
            raise HTTPException(404) from exc

    def _act(self, session: Session, verb: Verb) -> Session:
        if verb is Verb.DONE:
            return self.site.feedback.done(session.id)
        if verb is Verb.SKIP:
            return self.site.feedback.skip(session.id)
        return self.site.feedback.snooze(session.id, self.site.clock.now() + SNOOZE)

    def _session_page(self, request: Request, session: Session, *, notice: str = "", status: int = 200) -> Response:
        zone = self.site.athletes[session.athlete].timezone
        return self._page(
            "session.html",
            status=status,
            session=session,
            routine=session.routine,
            token=request.path_params["token"],
            is_open=session.state in OPEN_STATES,
            opens=session.window.opens.astimezone(zone),
            notice=notice,
            run=a_run(session.routine.run_type),
            verdict=None if session.activity is None else self.site.coach.verdict(session.activity),
            shown=None if session.activity is None else self.site.coach.run(session.activity),
            others={
                kind.value: RUN_NAMES[kind]
                for kind in RunType
                if session.activity is not None and kind is not session.routine.run_type
            },
        )

    async def error(self, _request: Request, exc: Exception) -> Response:
        status = exc.status_code if isinstance(exc, HTTPException) else 500
        return self._page("error.html", status=status, code=status)

    def _page(self, name: str, *, status: int = 200, **values: Any) -> Response:  # noqa: ANN401 - a template takes any
        return HTMLResponse(self.templates.get_template(name).render(**values), status_code=status)
