"""What a runner may choose on a page, over the settings file.

    settings file -> AthleteSettings -> what was chosen laid over it, checked as the file is -> AthleteSettings

A choice has the name and the form that it would have in the settings file ("quiet.from": "22:00"). It wins over the
file until it is taken back. Where a release no longer understands one, the file holds.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import time
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from config._defaults import Mark, entries
from config._explain import text_of
from config._model import AthleteSettings
from config._tables import Table
from config._values import METRES

log = logging.getLogger(__name__)

# By table of the settings file. Who one is, and where runs come from and messages go, stays with the operator.
CHOOSABLE = {
    "athlete": (
        "name",
        "timezone",
        "units",
        "kit",
        "level",
        "birth_year",
        "resting_hr",
        "threshold_hr",
        "max_hr",
        "threshold_pace",
    ),
    "goal": ("sessions_per_week",),
    "digest": ("at",),
    "evening": ("at",),
    "quiet": ("from", "to"),
}
NAMES = tuple(f"{table}.{name}" for table, names in CHOOSABLE.items() for name in names)
# What is checked against its neighbours is checked with them.
TOGETHER = (
    frozenset({"quiet.from", "quiet.to"}),
    frozenset({"athlete.resting_hr", "athlete.threshold_hr", "athlete.max_hr"}),
)
PLACES = {"athlete": "runner"}  # a table of the file is a field of the same name, but for this one


class ChoiceError(ValueError):
    """Something chosen cannot be. `faults` hold by name what to write instead."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        self.faults = dict(faults)
        super().__init__("; ".join(f"{name}: {text}" for name, text in self.faults.items()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """One setting as it stands: its value as the file would have it, and what it means."""

    name: str
    value: Any
    meaning: str


def laid_over(settings: AthleteSettings, chosen: Mapping[str, Any]) -> AthleteSettings:
    """Return an athlete's settings with what they chose over them; raise ChoiceError where a choice is none."""
    faults = {name: "is nothing one can choose" for name in chosen if name not in NAMES}
    tables: dict[str, Table] = {}
    for table in CHOOSABLE:
        mine = {name: value for name, value in chosen.items() if name in NAMES and name.startswith(f"{table}.")}
        if mine:
            tables[PLACES.get(table, table)] = _table(settings, table, mine, faults)
    if faults:
        raise ChoiceError(faults)
    return replace(settings, **tables)  # type: ignore[arg-type] # each under the field it came from


def as_far_as_understood(settings: AthleteSettings, chosen: Mapping[str, Any]) -> AthleteSettings:
    """Return an athlete's settings with what they chose over them, passing over what cannot be chosen (any more)."""
    try:
        return laid_over(settings, chosen)
    except ChoiceError as exc:
        log.warning("what %s chose on the page cannot hold: %s", settings.id, exc)
        return as_far_as_understood(settings, {name: chosen[name] for name in chosen.keys() - exc.faults.keys()})


def standing(settings: AthleteSettings) -> tuple[Chosen, ...]:
    """Return everything that may be chosen, as it stands."""
    return tuple(Chosen(name=name, value=_written(settings, name), meaning=entries()[name].meaning) for name in NAMES)


def _table(settings: AthleteSettings, table: str, chosen: Mapping[str, Any], faults: dict[str, str]) -> Table:
    """Return a table with the choices over it, noting what is wrong with them."""
    old: Table = getattr(settings, PLACES.get(table, table))
    neighbours = {name for group in TOGETHER if not group.isdisjoint(chosen) for name in group}
    beside = {name: _written(settings, name) for name in neighbours - chosen.keys()}
    wanted = {name.partition(".")[2]: value for name, value in (beside | dict(chosen)).items()}
    stated = {name: value for name, value in wanted.items() if value != "" or not _is_optional(table, name)}
    try:
        new = type(old).model_validate({"id": settings.id, **stated} if table == "athlete" else stated)
    except ValidationError as exc:
        for detail in exc.errors(include_url=False):
            faults.setdefault(f"{table}.{detail['loc'][0]}", text_of(detail))
        return old
    return old.model_copy(update={field: getattr(new, field) for field in (_field(old, name) for name in wanted)})


def _is_optional(table: str, name: str) -> bool:
    """Tell whether nothing may stand for a setting. The zone left empty is the computer's own, so it has a value."""
    return entries()[f"{table}.{name}"].mark is Mark.OPTIONAL and name != "timezone"


def _field(table: Table, name: str) -> str:
    """Return the field a setting of a table is kept in, which is not always called as in the file ("from")."""
    return next(field for field, info in type(table).model_fields.items() if name in {field, info.alias})


def _written(settings: AthleteSettings, name: str) -> Any:  # noqa: ANN401, PLR0911 - a value of the file, kind by kind
    """Return a setting's value in the form the file has it; nothing is an empty text."""
    place, _, key = name.partition(".")
    table: Table = getattr(settings, PLACES.get(place, place))
    match getattr(table, _field(table, key)):
        case None:
            return ""
        case time() as clock:
            return f"{clock:%H:%M}"
        case ZoneInfo() as zone:
            return zone.key
        case frozenset() as members:
            return sorted(member.value for member in members)
        case StrEnum() as member:
            return member.value
        case float() as speed if key == "threshold_pace":
            return _pace(speed, settings.runner.units.value)
        case float() as number:
            return round(number)
        case value:
            return value


def _pace(speed: float, unit: str) -> str:
    minutes, seconds = divmod(round(METRES[unit] / speed), 60)
    return f"{minutes}:{seconds:02d}/{unit}"
