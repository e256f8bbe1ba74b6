"""Lifting columns of values out of a file's bytes, many messages at once, by what each field is known to mean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.domain.activity import Column

type Bytes = NDArray[np.uint8]
type Begins = NDArray[np.int64]


class UnusualError(Exception):
    """A value hangs on the messages before it, or is stored in a way no device was seen to store it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a value lies in a message and how it becomes a number: value / scale - offset.

    `place` counts from the message's header, `dtype` has the byte order. Of `count` values the first valid one counts.
    `invalid` is the stored number that means "none"; `opaque` bytes mean it only where all of them do. `mask` takes
    the lowest bits alone; `names` are stored numbers that stand for a word. `packed` bytes hold more than one value,
    or a value that counts on from the message before.
    """

    slot: int
    place: int
    dtype: str
    count: int
    invalid: float
    scale: float = 1.0
    offset: float = 0.0
    opaque: bool = False
    mask: int = 0
    names: tuple[int, ...] = ()
    packed: bool = False

    def lift(self, body: Bytes, begins: Begins) -> Column:
        """Return the value of each message that begins at `begins`, NaN where it has none.

        Raise UnusualError where packed bytes hold anything.
        """
        dtype = np.dtype(self.dtype)
        reach = np.arange(self.place, self.place + self.count * dtype.itemsize)
        stored = body[begins[:, None] + reach].view(dtype)
        valid = self._valid(stored)
        if self.packed and valid.any():
            raise UnusualError("values packed into bytes, or counting on from the message before")
        first = stored[:, 0] if self.count == 1 else stored[np.arange(len(stored)), valid.argmax(axis=1)]
        if self.mask:
            first = first & dtype.type(self.mask)
        values: Column = first.astype(np.float64) / self.scale - self.offset
        values[~valid.any(axis=1)] = np.nan
        return values

    def _valid(self, stored: NDArray[np.generic]) -> NDArray[np.bool_]:
        if self.opaque:
            any_valid = (stored != self.invalid).any(axis=1, keepdims=True)
            return np.repeat(any_valid, self.count, axis=1)
        valid = ~np.isnan(stored) if np.isnan(self.invalid) else stored != stored.dtype.type(self.invalid)
        for named in self.names:
            valid &= stored != named
        return valid


def lifted(
    body: Bytes, begins: Begins, kinds: NDArray[np.int64], known: Mapping[int, Sequence[Source]], width: int
) -> NDArray[np.float64]:
    """Return a table of a row a message and a column a slot, NaN where a message lacks the value.

    `kinds` says for each message which sources of `known` it has. The first valid source of a slot counts.
    """
    table = np.full((len(begins), width), np.nan)
    order = np.argsort(kinds, kind="stable")
    in_order = kinds[order]
    for kind, sources in known.items():
        rows = order[slice(*np.searchsorted(in_order, [kind, kind + 1]))]
        for source in sources:
            held = table[rows, source.slot]
            table[rows, source.slot] = np.where(np.isnan(held), source.lift(body, begins[rows]), held)
    return table
