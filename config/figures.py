"""Read how each movement is drawn: poses.toml as domain values.

A key pose tells only what changes from the key before it, the first from standing at ease. `arms` and `legs` speak of
both sides at once. Every mistake is named by its file and key, in one line.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from config.catalogue import HERE, Table, read_as, read_table
from service.domain.drawing.pose import Motion

BOTH = {"arms": ("left_arm", "right_arm"), "legs": ("left_leg", "right_leg")}


@cache
def motions(folder: Path = HERE) -> Mapping[str, Motion]:
    """Return the motion of each movement by its id, read once a process.

    Raise CatalogueError, naming file and key, where the file is missing or a key is unknown or wrong.
    """
    written = read_table(folder / "poses.toml")
    return {name: read_as(Motion, "poses.toml", _whole(table), name) for name, table in written.items()}


def _whole(table: Table) -> Table:
    return {**table, "keys": _told(table["keys"])} if "keys" in table else table


def _told(keys: list[Table]) -> list[Table]:
    """Return the keys with everything each of them has from the one before."""
    told: list[Table] = []
    for key in keys:
        before = {name: value for name, value in (told[-1] if told else {}).items() if name != "hold"}
        told.append(_merged(before, _spelled(key)))
    return told


def _spelled(key: Table) -> Table:
    spelled: Table = {}
    for name, value in key.items():
        for each in BOTH.get(name, (name,)):
            spelled = _merged(spelled, {each: value})
    return spelled


def _merged(before: Table, after: Table) -> Table:
    both = {**before, **after}
    nested: dict[str, Any] = {
        name: _merged(before[name], value)
        for name, value in after.items()
        if isinstance(value, dict) and isinstance(before.get(name), dict)
    }
    return both | nested
