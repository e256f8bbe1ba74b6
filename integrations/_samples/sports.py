"""Sports by the names FIT has for them, from the words apps use."""

import numpy as np

from service.domain.activity import RUNNING, Streams

GENERIC = "generic"
# A run between a brisk walk and the pace of a world record over 5 km; few rides stay below, even uphill.
_SLOWEST_RUN_MPS, _FASTEST_RUN_MPS = 1.9, 6.6
_STANDING_MPS = 0.5

# Whole words first. Strava's GPX files hold its own numbers.
_NAMES = {
    "9": (RUNNING, ""),
    "1": ("cycling", ""),
    "4": ("hiking", ""),
    "10": ("walking", ""),
    "running": (RUNNING, ""),
    "run": (RUNNING, ""),
    "trail running": (RUNNING, "trail"),
    "trail run": (RUNNING, "trail"),
    "treadmill running": (RUNNING, "treadmill"),
    "indoor running": (RUNNING, "indoor_running"),
    "virtual run": (RUNNING, "virtual_activity"),
    "virtualrun": (RUNNING, "virtual_activity"),
    "trailrun": (RUNNING, "trail"),
    "track running": (RUNNING, "track"),
    "street running": (RUNNING, "street"),
    "ultra run": (RUNNING, "ultra"),
    "biking": ("cycling", ""),
    "bike": ("cycling", ""),
    "ride": ("cycling", ""),
    "other": (GENERIC, ""),
}
_STEMS = {"run": RUNNING, "jog": RUNNING, "cycl": "cycling", "bik": "cycling", "hik": "hiking", "walk": "walking"}

BY_SPEED_A_RUN = "The file does not say the sport: by its speed it was taken for a run."
BY_SPEED_NO_RUN = "The file does not say the sport, and its speed is not that of a run."


def named(word: str) -> tuple[str, str]:
    """Return sport and sub-sport for an app's word; both "" where it says nothing."""
    plain = " ".join(word.lower().replace("_", " ").replace("-", " ").split())
    if not plain:
        return "", ""
    if plain in _NAMES:
        return _NAMES[plain]
    stem = next((sport for stem, sport in _STEMS.items() if stem in plain), None)
    return (stem, "") if stem else (plain.replace(" ", "_"), "")


def by_speed(streams: Streams) -> tuple[str, str]:
    """Return the sport its usual speed on the move speaks for, running or none, and a note that says so."""
    steps = np.diff(streams.distance_m) / np.diff(streams.time_s)
    moving = steps[steps > _STANDING_MPS]
    usual = float(np.median(moving)) if len(moving) else 0.0
    if _SLOWEST_RUN_MPS <= usual <= _FASTEST_RUN_MPS:
        return RUNNING, BY_SPEED_A_RUN
    return GENERIC, BY_SPEED_NO_RUN
