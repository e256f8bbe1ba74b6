"""The body: where it is tight or sore, told by tapping a map or choosing from a list, which are one and the same."""

from starlette.responses import Response

from service.domain.body import BodyToday, Felt, can_be_tight
from service.domain.movements import Site
from service.domain.words import area_words
from service.web.asking import Ask, Door
from service.web.pictures.body import body_map

SAID = {"noted": "Noted. What is still to do takes it to heart."}


def show(ask: Ask) -> Response:
    """Show how the body is today."""
    today = ask.site.body.today(ask.athlete.id)
    felt = _felt(today)
    return ask.page(
        "body.html",
        here="body",
        map=body_map(felt),
        sites=[
            {"id": site.value, "name": area_words(site), "felt": felt[site.value], "can_be_tight": can_be_tight(site)}
            for site in Site
        ],
        lasting=[area_words(site) for site in today.lasting],
        notice=SAID.get(ask.query.get("said", ""), ""),
    )


def tell(ask: Ask) -> Response:
    """Write down what has changed."""
    before = _felt(ask.site.body.today(ask.athlete.id))
    changed: dict[Felt, list[Site]] = {}
    for site in Site:
        now = ask.field(site.value)
        if now in list(Felt) and now != before[site.value] and (now != Felt.TIGHT or can_be_tight(site)):
            changed.setdefault(Felt(now), []).append(site)
    for felt, sites in changed.items():
        ask.site.body.tell(ask.athlete.id, felt, sites)
    return ask.go_to("/body?said=noted" if changed else "/body")


def _felt(today: BodyToday) -> dict[str, Felt]:
    """Return how each place is today, by its id; the body areas and the sites share their ids."""
    tight = {area.value: Felt.TIGHT for area in today.tight}
    sore = {site.value: Felt.SORE for site in today.sore}
    return {site.value: Felt.FINE for site in Site} | tight | sore


DOORS = (
    Door(path="/body", page=show),
    Door(path="/body", page=tell, method="POST"),
)
