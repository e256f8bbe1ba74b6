"""Kit and preferences: what is chosen here wins over the settings file, and holds at once."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from config.preferences import ChoiceError
from service.domain.movements import Kit
from service.web.asking import Ask, Door
from service.web.site import Setting

SAID = {"kept": "Kept. What is still to do takes it to heart.", "back": "The settings file holds again."}
NUMBERS = frozenset(
    {"goal.sessions_per_week", "athlete.birth_year", "athlete.resting_hr", "athlete.threshold_hr", "athlete.max_hr"}
)
KIT = "athlete.kit"


def show(ask: Ask, *, faults: Mapping[str, str] | None = None, filled: Mapping[str, Any] | None = None) -> Response:
    """Show what is chosen; after a fault, as it was filled in, with what to write instead."""
    standing = {one.name: one for one in ask.site.standing(ask.athlete.id)}
    values = {name: one.value for name, one in standing.items()} | dict(filled or {})
    return ask.page(
        "preferences.html",
        status=422 if faults else 200,
        here="more",
        values=values,
        meanings={name: one.meaning for name, one in standing.items()},
        chosen=ask.site.preferring.chosen(ask.athlete.id),
        kits=[kit.value for kit in Kit],
        faults=faults or {},
        notice=SAID.get(ask.query.get("said", ""), ""),
    )


def keep(ask: Ask) -> Response:
    """Keep what differs from what stands."""
    filled = {one.name: _filled(ask, one) for one in ask.site.standing(ask.athlete.id)}
    changed = {one.name: filled[one.name] for one in ask.site.standing(ask.athlete.id) if filled[one.name] != one.value}
    try:
        ask.site.preferring.choose(ask.athlete.id, changed)
    except ChoiceError as exc:
        return show(ask, faults=exc.faults, filled=filled)
    return ask.go_to("/preferences?said=kept")


def take_back(ask: Ask) -> Response:
    """Let the settings file hold again."""
    ask.site.preferring.take_back(ask.athlete.id)
    return ask.go_to("/preferences?said=back")


def _filled(ask: Ask, setting: Setting) -> Any:  # noqa: ANN401 - a value of the settings file
    """Return what was filled in for a setting, in the form the file has it."""
    if setting.name == KIT:
        return sorted(ask.form.get(KIT, []))
    if setting.name not in ask.form:
        return setting.value
    text = ask.field(setting.name).strip()
    return int(text) if setting.name in NUMBERS and text.isdecimal() else text


DOORS = (
    Door(path="/preferences", page=show),
    Door(path="/preferences", page=keep, method="POST"),
    Door(path="/preferences/back", page=take_back, method="POST"),
)
