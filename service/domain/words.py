"""Plain words for what the program knows by short names."""

from collections.abc import Sequence

from service.domain.movements import BodyArea, Dose, Site

_AREAS = {
    "it_band": "IT band",
    "thoracic_spine": "upper back",
    "lateral_trunk": "sides",
    "nervous_system": "breathing",
    "achilles": "Achilles tendon",
}
_ONE = {"IT band", "upper back", "lower back", "breathing", "Achilles tendon", "knee", "neck"}


def area_words(area: BodyArea | Site) -> str:
    """Return what a runner calls the area: "hip flexors", "upper back"."""
    return _AREAS.get(area.value, area.value.replace("_", " "))


def feels(area: BodyArea | Site) -> str:
    """Return the verb that goes with the area: "lower back feels", "calves feel"."""
    return "feels" if area_words(area) in _ONE else "feel"


def listed(words: Sequence[str]) -> str:
    """Return "a", "a and b" or "a, b and c"; nothing for nothing."""
    *first, last = words or [""]
    return f"{', '.join(first)} and {last}" if first else last


def many(number: int, thing: str) -> str:
    """Return how many there are: "1 run", "3 runs"."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def lasting(seconds: int) -> str:
    """Return a length of time as one says it: "45 s", "2 min", "2 min 30 s"."""
    minutes, rest = divmod(seconds, 60)
    return " ".join(filter(None, (f"{minutes} min" if minutes else "", f"{rest} s" if rest or not minutes else "")))


def whole_minutes(seconds: float) -> int:
    """Return the nearest whole minutes, half a minute rounded up, never none."""
    return max(1, int(seconds + 30) // 60)


def minutes_words(seconds: int) -> str:
    """Return the nearest whole minutes: "5 minutes"."""
    return many(whole_minutes(seconds), "minute")


def dose_words(dose: Dose, amount: int) -> str:
    """Return the dose as a coach says it: "45 s each leg", "10 circles each way, each leg", "15 lifts, 2 s holds"."""
    counted = f"{amount} {dose.called}" if dose.reps else lasting(amount)
    ways = " each way" if dose.ways > 1 else ""
    sides = f" each {dose.side}" if dose.sides > 1 else ""
    held = f", hold {dose.hold_s} s" if dose.hold_s else ""
    return f"{counted}{ways}{',' if ways and sides else ''}{sides}{held}"
