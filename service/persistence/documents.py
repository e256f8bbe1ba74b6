"""Domain values as JSON documents and back."""

from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from service.domain.activity import Lap, Pause


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityDetails:
    """The parts of an activity that are only ever read with it."""

    laps: tuple[Lap, ...] = ()
    pauses: tuple[Pause, ...] = ()
    tags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    richness: tuple[int, int, int] = (0, 0, 0)
    hidden_start: bool = False
    runner_max_hr: float | None = None
    runner_threshold_hr: float | None = None


_adapters: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def dump(value: object) -> Any:  # noqa: ANN401 - JSON has no narrower type
    """Return a dataclass as what JSON can hold."""
    return _adapter(type(value)).dump_python(value, mode="json")


def load[T](kind: type[T], document: Any) -> T:  # noqa: ANN401 - JSON has no narrower type
    """Return the dataclass that `dump` made the document from."""
    value: T = _adapter(kind).validate_python(document)
    return value
