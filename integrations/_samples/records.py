"""Samples as they were recorded, in columns: what every file format is brought to before streams are made of it."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from service.domain.activity import Column


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Records:
    """Samples as columns in file order, NaN where one lacks the value.

    `time` is seconds since a fixed moment, `distance` metres from the start, `speed` m/s, `heart_rate` beats a minute,
    `cadence` turns a minute (of one foot or the crank) with its fraction, `altitude` metres. Positions are never read.
    """

    time: Column
    distance: Column
    speed: Column
    heart_rate: Column
    cadence: Column
    altitude: Column

    def __len__(self) -> int:
        return len(self.time)

    def take(self, chosen: np.ndarray) -> Self:
        """Return the chosen rows, by mask or by index."""
        return type(self)(**{column.name: getattr(self, column.name)[chosen] for column in fields(self)})

    def followed_by(self, more: Self) -> Self:
        """Return these rows and then those."""
        return type(self)(
            **{
                column.name: np.concatenate([getattr(self, column.name), getattr(more, column.name)])
                for column in fields(self)
            }
        )


def records(rows: Sequence[Sequence[float]]) -> Records:
    """Return records of rows in the order of the fields of Records."""
    table = np.array(rows, dtype=np.float64).reshape(-1, len(fields(Records)))
    return Records(**{column.name: values for column, values in zip(fields(Records), table.T, strict=True)})


def no_records() -> Records:
    """Return records of no rows."""
    return Records(**{column.name: np.empty(0) for column in fields(Records)})
