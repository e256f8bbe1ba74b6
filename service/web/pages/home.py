"""The first page: the way in for whoever is not signed in."""

from starlette.responses import Response

from service.web.asking import Ask, Door


def home(ask: Ask) -> Response:
    """Show what is going on, or the way in."""
    return ask.page("welcome.html")


DOORS = (Door(path="/", page=home, is_open=True),)
