"""Numbers as runners read them: clock times, paces and distances in their own units."""

from service.domain.athlete import Units

METRES = {Units.KILOMETRES: 1000.0, Units.MILES: 1609.344}
MINUTE_S, HOUR_S = 60, 3600


def clock(seconds: float) -> str:
    """Return a duration as 0:45, 12:30 or 1:05:00."""
    whole = round(seconds)
    hours, rest = divmod(whole, HOUR_S)
    minutes, left = divmod(rest, MINUTE_S)
    return f"{hours}:{minutes:02d}:{left:02d}" if hours else f"{minutes}:{left:02d}"


def pace(speed_mps: float, units: Units) -> str:
    """Return a speed as time for a kilometre or a mile: 5:52/km."""
    return f"{clock(METRES[units] / speed_mps)}/{units}"


def distance(metres: float, units: Units) -> str:
    """Return a distance as 24.1 km or 15.0 mi."""
    return f"{metres / METRES[units]:.1f} {units}"


def percent(share: float) -> str:
    """Return a share as 97 %."""
    return f"{round(100 * share)} %"
