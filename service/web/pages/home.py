"""The first page: today for whoever is signed in, the way in for everybody else."""

from starlette.exceptions import HTTPException
from starlette.responses import Response

from service.domain.announcement import RUN_NAMES
from service.domain.body import Felt
from service.domain.feelings import RunFelt
from service.domain.movements import Site
from service.web.asking import Ask, Door
from service.web.pictures.weeks import lanes


def home(ask: Ask) -> Response:
    """Show today, or the way in."""
    if ask.visitor is None:
        return ask.page("welcome.html")
    today = ask.site.today.look(ask.athlete.id)
    return ask.page(
        "today.html",
        here="today",
        today=today,
        lanes=lanes(today.week_done, today.week_goal),
        token=ask.site.links.session_token,
        run_names=RUN_NAMES,
        feelings=RunFelt,
        felt=Felt,
    )


def body_asked(ask: Ask) -> Response:
    """Take the answer to whether a place is still sore."""
    try:
        site, felt = Site(ask.field("site")), Felt(ask.field("felt"))
    except ValueError as exc:
        raise HTTPException(422) from exc
    ask.site.body.tell(ask.athlete.id, felt, [site])
    return ask.go_to("/")


DOORS = (
    Door(path="/", page=home, is_open=True),
    Door(path="/body/still", page=body_asked, method="POST"),
)
