"""Strava, through an API application of the operator's own.

What it offers is found by name and imported only then: reading a kept run needs none of stravalib.
"""

from importlib import import_module
from typing import Any

from integrations.strava.decoder import Decoder

__all__ = ["Decoder"]

_OFFERED = {"source": "runs", "connect": "connecting", "disconnect": "connecting", "webhook": "webhooks"}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - factories of several kinds
    if name not in _OFFERED:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_OFFERED[name]}"), name)
