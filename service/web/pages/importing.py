"""Bringing runs in: files or a whole export, dropped or chosen, with how far each import has come."""

from starlette.responses import Response

from service.ports import Stage
from service.web.asking import Ask, Door


def show(ask: Ask) -> Response:
    """Show where to drop files, and the latest imports."""
    latest = [one for one in ask.site.bring.latest(ask.athlete.id) if one.stage is not Stage.SENDING]
    under_way = {one.id for one in latest if ask.site.bring.under_way(one)}
    return ask.page("import.html", here="more", latest=latest, under_way=under_way, stages=Stage)


DOORS = (Door(path="/import", page=show),)
