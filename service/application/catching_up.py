"""Making up for what was left undone: one short session in the place of several."""

from dataclasses import replace
from datetime import datetime

from service.application.wishing import runners_wish
from service.domain.athlete import Athlete
from service.domain.catching_up import catch_up
from service.domain.classification import RunType
from service.domain.composing.policy import Policy
from service.domain.debt import Debt
from service.domain.meeting import serving
from service.domain.movements import Catalogue
from service.domain.routine import Routine
from service.ports import Store


def make_up(
    store: Store, athlete: Athlete, owing: Debt, now: datetime, *, catalogue: Catalogue, policy: Policy
) -> Routine | None:
    """Return the routine that makes up for what a runner owes, None where nothing is owed or nothing fits."""
    if not owing.owed:
        return None
    hardest, _ = serving(RunType.EASY, [session.routine.run_type for session in owing.missed])
    wish = replace(runners_wish(store, athlete, hardest, now), minutes=athlete.catch_up_minutes, seed=now.toordinal())
    return catch_up(owing.owed, wish, catalogue, policy)
