"""The distance column: a counter that only grows, made of one that may jump, begin anew, or be missing."""

from collections.abc import Sequence

import numpy as np

from integrations._samples.records import Records
from integrations._samples.timer import active_s
from service.domain.activity import Column, Pause

# Faster than anything recorded on the ground: what seems faster is a counter that jumped.
MAX_SPEED_MPS = 50.0
# A counter may run ahead of this speed by so much, as after a tunnel.
_SLACK_M = 100.0
# A counter that falls below this share of itself for so many samples began anew.
_RESTART_SHARE = 0.5
_RESTART_SAMPLES = 10
_NEIGHBOURS = 2


def covered(records: Records, time_s: Column, stopped: Sequence[Pause], before: float) -> Column:
    """Return metres since the session began, at each moment; NaN throughout where neither distance nor speed is known.

    `before` is what the counter showed when the session began. Between known values distance grows evenly. Without any
    (a counter that never leaves zero has not counted) it is the sum of speed over the time the timer ran.
    """
    known = records.distance >= 0
    if not records.distance[known].any():
        return _summed(records.speed, active_s(time_s, stopped))
    times = time_s[known]
    counted = never_falling(times, records.distance[known])
    counted = counted - _offset(times[0], counted[0], before)
    if times[0] > 0:
        times, counted = np.concatenate([[0.0], times]), np.concatenate([[0.0], counted])
    return np.interp(time_s, times, counted)


def _offset(time: float, first: float, before: float) -> float:
    """Return what the counter showed at the start: sessions of one file often share a counter."""
    if first >= before > 0:
        return before
    return first if first > _SLACK_M + MAX_SPEED_MPS * time else 0.0


def _summed(speed: Column, active: Column) -> Column:
    known = (speed >= 0) & (speed <= MAX_SPEED_MPS)
    if not known.any():
        return np.full(len(speed), np.nan)
    even = np.interp(active, active[known], speed[known])
    steps = np.diff(active) * (even[1:] + even[:-1]) / 2
    return np.concatenate([[0.0], np.cumsum(steps)])


def never_falling(time_s: Column, counted: Column) -> Column:
    """Return a distance counter that never falls.

    A single sample far from its neighbours is left out. A counter that began anew (after a lost connection, or in a
    recording put together from parts) goes on from where it was. A small step back, as satellites make them, stands
    still until it is made good.
    """
    steps = np.diff(counted)
    if ((steps >= 0) & (steps <= _SLACK_M + MAX_SPEED_MPS * np.diff(time_s))).all():
        return counted
    return np.maximum.accumulate(_going_on(_without_spikes(time_s, counted)))


def _without_spikes(time_s: Column, counted: Column) -> Column:
    around = np.pad(counted, _NEIGHBOURS, constant_values=np.nan)
    typical = np.nanmedian(np.lib.stride_tricks.sliding_window_view(around, 2 * _NEIGHBOURS + 1), axis=1)
    reach = np.gradient(time_s) * _NEIGHBOURS * MAX_SPEED_MPS
    good = np.abs(counted - typical) <= _SLACK_M + reach
    return np.interp(time_s, time_s[good], counted[good]) if good.any() else counted


def _going_on(counted: Column) -> Column:
    lost = np.zeros(len(counted))
    for place in np.flatnonzero(np.diff(counted) < 0) + 1:
        if counted[place : place + _RESTART_SAMPLES].max() < _RESTART_SHARE * counted[place - 1]:
            lost[place] = counted[place - 1]
    return counted + np.cumsum(lost)
