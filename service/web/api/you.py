"""The runner: who they are, their day, their body, and what they chose."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, WithJsonSchema, create_model

from config.preferences import NAMES, ChoiceError
from service.domain.athlete import Athlete
from service.domain.body import BodyToday, Felt, can_be_tight
from service.domain.movements import BodyArea, Site
from service.web.api.operation import Call, Model, Operation, RefusedError
from service.web.api.runs import RunOut
from service.web.api.sessions import SessionOut, listed


class MeOut(Model):
    """Who the token belongs to."""

    id: str
    name: str
    timezone: str
    units: str

    @classmethod
    def of(cls, athlete: Athlete) -> Self:
        """Return an athlete as they are sent."""
        return cls(id=athlete.id, name=athlete.name, timezone=athlete.timezone.key, units=athlete.units)


class TodayOut(Model):
    """Today: what is still to do, the last run, and the week against its goal."""

    date: date
    pending: list[SessionOut]
    last_run: RunOut | None
    week_done: int
    week_goal: int


class BodyOut(Model):
    """How the body is today. `ask` are sore places to be asked about, `lasting` those for a professional to look at."""

    tight: list[BodyArea]
    sore: list[Site]
    ask: list[Site]
    lasting: list[Site]

    @classmethod
    def of(cls, body: BodyToday) -> Self:
        """Return the body as it is sent."""
        return cls(
            tight=sorted(body.tight),
            sore=sorted(body.sore),
            ask=sorted(body.ask),
            lasting=sorted(body.lasting),
        )


class SettingOut(Model):
    """A setting that may be chosen, as the settings file would have it. `chosen_at` is None where the file holds."""

    name: str
    value: Any
    meaning: str
    chosen_at: datetime | None


def _tight(site: Site) -> Site:
    if not can_be_tight(site):
        raise ValueError("is nothing that can be tight")
    return site


TIGHT = [site.value for site in Site if can_be_tight(site)]
TightSite = Annotated[Site, AfterValidator(_tight), WithJsonSchema({"type": "string", "enum": TIGHT})]


class TightIn(Model):
    """Which places feel tight: those that movements work."""

    felt: Literal[Felt.TIGHT]
    sites: list[TightSite] = Field(min_length=1, max_length=len(Site))


class FeltIn(Model):
    """Which places are sore, or fine again."""

    felt: Literal[Felt.SORE, Felt.FINE]
    sites: list[Site] = Field(min_length=1, max_length=len(Site))


# A value has the form it would have in the settings file; whether it can be hangs on the others as well.
ChoicesIn: type[Model] = create_model(
    "ChoicesIn",
    __base__=Model,
    __doc__="What to choose over the settings file, each under its name there and in its form.",
    **{name.replace(".", "_"): (Any, Field(None, alias=name)) for name in NAMES},  # type: ignore[call-overload]
)


def me(call: Call) -> MeOut:
    """Return who the token belongs to."""
    return MeOut.of(call.site.athletes[call.athlete])


def today(call: Call) -> TodayOut:
    """Return today at a glance."""
    found = call.site.today.look(call.athlete)
    return TodayOut(
        date=found.date,
        pending=[listed(call, session) for session in found.pending],
        last_run=RunOut.of(found.last_run) if found.last_run else None,
        week_done=found.week_done,
        week_goal=found.week_goal,
    )


def get_body(call: Call) -> BodyOut:
    """Return how the body is today."""
    return BodyOut.of(call.site.body.today(call.athlete))


def tell_body(call: Call) -> BodyOut:
    """Say how places on the body feel."""
    return BodyOut.of(call.site.body.tell(call.athlete, call.body.felt, call.body.sites))


def list_preferences(call: Call) -> list[SettingOut]:
    """Return everything that may be chosen, as it stands."""
    chosen = call.site.preferring.chosen(call.athlete)
    return [
        SettingOut(
            name=one.name,
            value=one.value,
            meaning=one.meaning,
            chosen_at=chosen[one.name].at if one.name in chosen else None,
        )
        for one in call.site.standing(call.athlete)
    ]


def choose_preferences(call: Call) -> list[SettingOut]:
    """Choose settings over the settings file, each under its name and in its form there."""
    try:
        call.site.preferring.choose(call.athlete, call.body.model_dump(by_alias=True, exclude_unset=True))
    except ChoiceError as exc:
        raise RefusedError(422, "not as described: see faults", exc.faults) from exc
    return list_preferences(call)


def take_back_preferences(call: Call) -> list[SettingOut]:
    """Let the settings file hold again."""
    call.site.preferring.take_back(call.athlete)
    return list_preferences(call)


OPERATIONS = (
    Operation("GET", "/me", me),
    Operation("GET", "/today", today),
    Operation("GET", "/body", get_body),
    Operation("POST", "/body", tell_body, takes=TightIn | FeltIn),
    Operation("GET", "/preferences", list_preferences),
    Operation("PATCH", "/preferences", choose_preferences, takes=ChoicesIn),
    Operation("DELETE", "/preferences", take_back_preferences),
)
