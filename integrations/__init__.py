"""One module or folder per outside system; each knows the ports and the domain, and none of the others.

A module is found by its name: adding a system is adding a file, with no register to edit.
"""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from service.ports import Decoder

# The integrations that read files, and those that read what a platform gives in a form of its own.
FILES = ("fit", "gpx", "tcx")
PLATFORMS = ("strava",)


@cache
def names() -> tuple[str, ...]:
    """Return the names of all integrations there are, without importing one."""
    return tuple(sorted(module.name for module in iter_modules(__path__) if not module.name.startswith("_")))


def load(name: str) -> ModuleType:
    """Import one integration by name; raise KeyError where there is none of that name."""
    if name not in names():
        raise KeyError(name)
    return import_module(f"{__name__}.{name}")


def readers() -> "Mapping[str, Decoder]":
    """Return what reads recordings of every kind, files or not, by their media types."""
    own_forms: list[Decoder] = [load(name).Decoder() for name in PLATFORMS]
    return {**decoders(), **{media_type: reader for reader in own_forms for media_type in reader.media_types}}


def decoders() -> "Mapping[str, Decoder]":
    """Return what reads files, by the media types they are named as, packed ones included.

    Whatever the name says, a recording is read as what it is.
    """
    from integrations._nature import PACKED, AnyDecoder  # noqa: PLC0415 - only where recordings are read

    readers: list[Decoder] = [load(name).Decoder() for name in FILES]
    formats = {media_type: reader for reader in readers for media_type in reader.media_types}
    return dict.fromkeys((*formats, *PACKED), AnyDecoder(formats))
