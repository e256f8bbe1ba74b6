"""The count of what was asked of platforms, shared by all athletes, processes and machines.

A row an account holds the count of everyone ("": the platform's own word, as far as it was heard), and one for each
athlete what was asked for them. A row is read and written under one lock, so no two processes spend the same request.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, Engine, select, update

from service.domain.budget import Allowance, decided, may_spend, usable, window
from service.persistence._base import READS_ONLY, insert_new
from service.persistence.documents import dump, load
from service.persistence.tables import budgets
from service.ports import Clock, Throttled

EVERYONE = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How much of one allowance was used in the window from `since` to `until`, and the limit last heard of."""

    since: datetime
    until: datetime
    used: int
    limit: int


class SqlLedger:
    """Counts for one athlete; `sharers` are all who may share an account with them, themselves included."""

    def __init__(self, engine: Engine, athlete: str, sharers: Sequence[str], *, clock: Clock) -> None:
        self._engine = engine
        self._athlete = athlete
        self._sharers = sharers
        self._clock = clock

    def spend(self, account: str, allowances: Sequence[Allowance]) -> None:
        """Count one request against every allowance; raise Throttled, counting none, where one leaves no more."""
        now = self._clock.now()
        with self._engine.begin() as connection:
            everyone = _counts(connection, account, EVERYONE, allowances, now)
            mine = _counts(connection, account, self._athlete, allowances, now)
            of_others = partial(self._used_by_others, connection, account, now)
            for one in allowances:
                if not self._may_spend(everyone[one.name], mine[one.name].used, partial(of_others, one)):
                    raise _used_up(account, one, everyone[one.name], now)
            _write(connection, account, EVERYONE, _one_more(everyone))
            _write(connection, account, self._athlete, _one_more(mine))

    def _may_spend(self, everyone: "Count", mine: int, of_others: Callable[[], Sequence[int]]) -> bool:
        """Decide; what was asked for each of the others is looked at only where it matters."""
        limit, used = everyone.limit, everyone.used
        others = len(self._sharers) - (self._athlete in self._sharers)
        is_decided = decided(limit=limit, used=used, mine=mine, others=others)
        if is_decided is not None:
            return is_decided
        return may_spend(limit=limit, used=used, mine=mine, others=of_others())

    def _used_by_others(self, connection: Connection, account: str, now: datetime, one: Allowance) -> list[int]:
        rows = connection.execute(select(budgets.c.athlete, budgets.c.counts).where(budgets.c.account == account))
        counts = {row.athlete: row.counts.get(one.name) for row in rows}
        others = [counts.get(other) for other in self._sharers if other != self._athlete]
        return [_current(load(Count, count) if count else None, one, now).used for count in others]

    def hear(self, account: str, allowances: Sequence[Allowance], counts: Mapping[str, tuple[int, int]]) -> None:
        """Take the platform's own counts; one that is behind ours was made before our last requests.

        Mostly they are ours: then nothing is written.
        """
        now = self._clock.now()
        if not self._is_news(account, allowances, counts, now):
            return
        with self._engine.begin() as connection:
            known = _counts(connection, account, EVERYONE, allowances, now)
            _write(connection, account, EVERYONE, known | _heard(known, counts))

    def _is_news(
        self, account: str, allowances: Sequence[Allowance], counts: Mapping[str, tuple[int, int]], now: datetime
    ) -> bool:
        everyone = (budgets.c.account == account) & (budgets.c.athlete == EVERYONE)
        with self._engine.execution_options(**{READS_ONLY: True}).connect() as connection:
            kept = connection.execute(select(budgets.c.counts).where(everyone)).scalar_one_or_none()
        known = _current_counts(kept or {}, allowances, now)
        return any(known[name] != count for name, count in _heard(known, counts).items())


def _heard(known: Mapping[str, Count], counts: Mapping[str, tuple[int, int]]) -> dict[str, Count]:
    """Return what is known of the allowances that a platform gave a count and a limit of."""
    return {
        name: replace(count, used=max(count.used, counts[name][0]), limit=counts[name][1])
        for name, count in known.items()
        if name in counts
    }


def _counts(
    connection: Connection, account: str, athlete: str, allowances: Sequence[Allowance], now: datetime
) -> dict[str, Count]:
    """Return the counts of this window, the row locked."""
    mine = (budgets.c.account == account) & (budgets.c.athlete == athlete)
    insert_new(connection, budgets, account=account, athlete=athlete, counts={})
    kept = connection.execute(select(budgets.c.counts).where(mine).with_for_update()).scalar_one()
    return _current_counts(kept, allowances, now)


def _current_counts(kept: Mapping[str, Any], allowances: Sequence[Allowance], now: datetime) -> dict[str, Count]:
    known = {name: load(Count, document) for name, document in kept.items()}
    return {one.name: _current(known.get(one.name), one, now) for one in allowances}


def _current(kept: Count | None, allowance: Allowance, now: datetime) -> Count:
    since = window(now, allowance.span)
    limit = allowance.limit if kept is None else kept.limit
    # A window ahead of our clock was counted before that was set back: its requests were made all the same.
    used = 0 if kept is None or kept.since < since else kept.used
    return Count(since=since, until=since + allowance.span, used=used, limit=limit)


def _one_more(counts: Mapping[str, Count]) -> dict[str, Count]:
    return {name: replace(count, used=count.used + 1) for name, count in counts.items()}


def _write(connection: Connection, account: str, athlete: str, counts: Mapping[str, Count]) -> None:
    mine = (budgets.c.account == account) & (budgets.c.athlete == athlete)
    connection.execute(update(budgets).where(mine).values(counts={name: dump(one) for name, one in counts.items()}))


def _used_up(account: str, allowance: Allowance, count: Count, now: datetime) -> Throttled:
    platform, most = account.partition(":")[0].capitalize(), usable(count.limit)
    what = f"{platform} allows {count.limit} {allowance.name}, and {count.used} of the {most} we take are used"
    return Throttled(f"{what}: asking again at {count.until:%H:%M} UTC", count.until - now)
