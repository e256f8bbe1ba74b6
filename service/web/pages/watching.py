"""The doors that calendars and browsers knock at by themselves."""

from datetime import timedelta

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from service.web.asking import Ask, Door
from service.web.serving import service_worker

# Calendars ask every few minutes to every day; a quarter of an hour is fresh enough for an evening session.
FEED_FRESH_S = int(timedelta(minutes=15).total_seconds())
MANIFEST_FRESH_S = int(timedelta(days=1).total_seconds())


def calendar(ask: Ask) -> Response:
    """Return an athlete's sessions as a calendar."""
    try:
        athlete = ask.site.athletes[ask.site.links.read_calendar(ask.path["token"])]
    except KeyError as exc:
        raise HTTPException(404) from exc
    entries = ask.site.calendar.entries(athlete.id)
    body = ask.site.feed(f"Afterrun: {athlete.name}" if athlete.name else "Afterrun", entries)
    headers = {"Cache-Control": f"private, max-age={FEED_FRESH_S}"}
    return Response(body, media_type="text/calendar; charset=utf-8", headers=headers)


def manifest(ask: Ask) -> Response:
    """Tell a phone how to keep the pages among its apps."""
    icon = ask.rendering.static
    document = {
        "name": "Afterrun",
        "short_name": "Afterrun",
        "description": "The right mobility routine after each run.",
        "start_url": f"{ask.rendering.root}/",
        "scope": f"{ask.rendering.root}/",
        "display": "standalone",
        "background_color": "#f6f4ee",
        "theme_color": "#1d5c4b",
        "icons": [
            {"src": icon("icon.svg"), "sizes": "any", "type": "image/svg+xml"},
            {"src": icon("icon-192.png"), "sizes": "192x192", "type": "image/png"},
            {"src": icon("icon-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
        ],
    }
    headers = {"Cache-Control": f"public, max-age={MANIFEST_FRESH_S}"}
    return JSONResponse(document, media_type="application/manifest+json", headers=headers)


def worker(_ask: Ask) -> Response:
    """Return the service worker."""
    return service_worker()


DOORS = (
    Door(path="/calendar/{token}.ics", page=calendar, is_open=True),
    Door(path="/manifest.webmanifest", page=manifest, is_open=True),
    Door(path="/sw.js", page=worker, is_open=True),
)
