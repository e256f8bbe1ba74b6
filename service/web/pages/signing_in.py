"""Coming in with a one-time link, and going out."""

from starlette.exceptions import HTTPException
from starlette.responses import Response

from service.web.asking import COOKIE, Ask, Door, keep_key

# What a browser says of itself is long; its owner knows it by these.
SYSTEMS = ("iPhone", "iPad", "Android", "Mac OS X", "Windows", "Linux")
BROWSERS = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))


def offer(ask: Ask) -> Response:
    """Show the button that signs in: looking at the link uses nothing up, for previews look at it too."""
    athlete = ask.site.entry.invited(ask.path["key"])
    if athlete is None:
        return ask.page("stale_link.html", status=410)
    return ask.page("sign_in.html", name=ask.site.athletes[athlete].name, key=ask.path["key"])


def sign_in(ask: Ask) -> Response:
    """Use the link up and have the browser keep a key of its own."""
    key = ask.site.entry.accept(ask.path["key"], browser_name(ask.headers.get("user-agent", "")))
    if key is None:
        return ask.page("stale_link.html", status=410)
    response = ask.go_to("/")
    keep_key(response, key, ask.site)
    return response


def sign_out(ask: Ask) -> Response:
    """End this browser's stay."""
    if ask.visitor is None:
        raise HTTPException(401)
    ask.site.entry.revoke(ask.visitor.athlete, ask.visitor.pass_id)
    response = ask.go_to("/")
    response.delete_cookie(COOKIE, path=f"{ask.rendering.root}/")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def browser_name(user_agent: str) -> str:
    """Return what a browser's owner would call it: "Firefox on Android"."""
    system = next((name for name in SYSTEMS if name in user_agent), "")
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "A browser")
    return f"{browser} on {system.replace('Mac OS X', 'a Mac')}" if system else browser


DOORS = (
    Door(path="/sign-in/{key}", page=offer, is_open=True),
    Door(path="/sign-in/{key}", page=sign_in, method="POST", is_open=True),
    Door(path="/sign-out", page=sign_out, method="POST"),
)
