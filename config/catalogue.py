"""Read the movement catalogue and the routine policy into domain values."""

from functools import cache

from service.domain.movements import Catalogue
from service.domain.policy import Policy


@cache
def load() -> tuple[Catalogue, Policy]:
    """Return the movements of movements.toml and the rules of routines.toml; read once a process."""
    raise NotImplementedError
