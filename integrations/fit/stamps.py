"""Times in the headers of messages: five bits that count on from the last whole time stamp, whoever had it."""

from collections.abc import Mapping
from dataclasses import dataclass
from struct import unpack_from

import numpy as np

from integrations.fit.outline import COMPRESSED, TIME_OFFSET, Outline
from integrations.fit.profile import UINT32
from service.domain.activity import Column


@dataclass(frozen=True, slots=True)
class Clock:
    """Where the messages of one definition hold a whole time stamp: how it is stored, and bytes from the header."""

    stored: str
    place: int


def stamps(messages: bytes, outlined: Outline, clocks: Mapping[int, Clock]) -> Column:
    """Return the FIT time stamp of each message that has it in its header, NaN for the others.

    `clocks` are by definition; one whose messages hold no time stamp has none.
    """
    found = np.full(len(outlined.begins), np.nan)
    latest = 0
    for number, (begin, definition) in enumerate(zip(outlined.begins, outlined.defined_by, strict=True)):
        if clock := clocks.get(definition):
            (told,) = unpack_from(clock.stored, messages, begin + clock.place)
            latest = latest if told == UINT32.invalid else told
        if messages[begin] & COMPRESSED:
            latest += (messages[begin] - latest) & TIME_OFFSET
            found[number] = latest
    return found
