"""Heart rate a chest strap remembered and handed over later, beat by beat (hr messages, often in chained files)."""

from collections.abc import Iterator, Sequence

import numpy as np

from integrations.fit.messages import Message, moment_in, number
from service.domain.activity import Column

_TICKS = 1024  # a second, in the strap's time
_TURN = 1 << 12  # how far its short time stamps count before they begin anew


def beats(messages: Sequence[Message]) -> tuple[Column, Column]:
    """Return FIT time stamps and heart rates of all remembered beats, in order of time; empty where there are none.

    Now and then a message ties the strap's own time to the clock; the others count on in twelve bits.
    """
    found = [(when, rate) for when, rate in _told(messages) if rate > 0]
    if not found:
        return np.empty(0), np.empty(0)
    times, rates = np.array(sorted(found), dtype=np.float64).T
    return times, rates


def _told(messages: Sequence[Message]) -> Iterator[tuple[float, float]]:
    zero: float | None = None
    ticks = 0
    for message in messages:
        short = message.get("event_timestamp_12")
        if isinstance(short, tuple):
            moments = _counted_on(ticks, _unpacked(short))
        else:
            moments = [round((number(message, "event_timestamp") or 0.0) * _TICKS)]
        clock = moment_in(message, "timestamp")
        if clock is not None:
            zero = clock + (number(message, "fractional_timestamp") or 0.0) - moments[0] / _TICKS
        ticks = moments[-1]
        if zero is not None:
            yield from ((zero + moment / _TICKS, rate) for moment, rate in zip(moments, _rates(message), strict=False))


def _unpacked(packed: tuple[int, ...]) -> list[int]:
    """Return the twelve-bit numbers that lie in the bytes, two in three."""
    whole = int.from_bytes(bytes(packed), "little")
    return [whole >> place & (_TURN - 1) for place in range(0, 8 * len(packed) - 11, 12)]


def _counted_on(ticks: int, short: Sequence[int]) -> list[int]:
    moments = []
    for number_of_turn in short:
        ticks += (number_of_turn - ticks) % _TURN
        moments.append(ticks)
    return moments or [ticks]


def _rates(message: Message) -> tuple[float, ...]:
    rates = message.get("filtered_bpm")
    told = rates if isinstance(rates, tuple) else (rates,)
    return tuple(float(rate) if isinstance(rate, (int, float)) else 0.0 for rate in told)
