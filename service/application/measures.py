"""How much there is of what, for whoever watches over Afterrun by numbers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from service.domain.classification import RULESET
from service.ports import Clock, Database, Store

type Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A number with a name and a meaning, for each set of labels. One that `counts_up` never falls."""

    name: str
    meaning: str
    values: Mapping[Labels, float]
    counts_up: bool = False


@dataclass(frozen=True, slots=True)
class Measures:
    """Measures everything at once."""

    database: Database
    clock: Clock

    def take(self) -> list[Measure]:
        """Return every measure as of now."""
        with self.database.reading() as store:
            return [*_systems(store), *self._outbox(store), *_recordings(store), *_work(store)]

    def _outbox(self, store: Store) -> Iterator[Measure]:
        counts = store.outbox_counts()
        yield Measure(
            name="outbox_waiting",
            meaning="Messages still to be sent.",
            values={_of(channel=channel): count["waiting"] for channel, count in counts.items()},
        )
        now = self.clock.now()
        yield Measure(
            name="outbox_overdue_seconds",
            meaning="For how long the oldest message that is due has been due.",
            values={_of(channel=name): (now - since).total_seconds() for name, since in store.due_since(now).items()},
        )
        yield Measure(
            name="messages",
            meaning="Messages delivered or given up.",
            values={
                _of(channel=channel, outcome=outcome): count[outcome]
                for channel, count in counts.items()
                for outcome in ("delivered", "given_up")
            },
            counts_up=True,
        )


def _systems(store: Store) -> Iterator[Measure]:
    standings = {_named(athlete, system): standing for athlete, system, standing in store.standings()}
    reached = {labels: one.last_success for labels, one in standings.items()}
    yield Measure(
        name="last_success_timestamp_seconds",
        meaning="When a source or channel was last reached.",
        values={labels: moment.timestamp() for labels, moment in reached.items() if moment is not None},
    )
    yield Measure(
        name="failures_in_a_row",
        meaning="How often a source or channel failed since it was last reached.",
        values={labels: one.failures for labels, one in standings.items()},
    )
    yield Measure(
        name="needs_you",
        meaning="1 where a source or channel waits for a human.",
        values={labels: float(bool(one.todo)) for labels, one in standings.items()},
    )


def _recordings(store: Store) -> Iterator[Measure]:
    yield Measure(
        name="recordings",
        meaning="Recordings by what became of them; malformed ones could not be read.",
        values={_of(fate=fate.value): count for fate, count in store.count_raws().items()},
        counts_up=True,
    )


def _work(store: Store) -> Iterator[Measure]:
    unread = store.undecided_count()
    unjudged = sum(map(len, store.unclassified(RULESET).values()))
    yield Measure(
        name="backlog",
        meaning="Recordings still to be read and runs still to be judged.",
        values={_of(work="read"): unread, _of(work="judge"): unjudged},
    )
    seen = store.worker_seen()
    yield Measure(
        name="worker_seen_timestamp_seconds",
        meaning="When any worker showed itself last.",
        values={(): seen.timestamp()} if seen else {},
    )


def _named(athlete: str, system: str) -> Labels:
    group, _, name = system.partition(".")
    return _of(athlete=athlete, kind=group.removesuffix("s"), name=name)


def _of(**labels: str) -> Labels:
    return tuple(labels.items())
