"""How long each question takes with ten times the history: 10,000 and 100,000 activities of ten runners.

    .venv/bin/python benchmarks/bench_history.py [COUNT] [postgresql]

One run of each kind goes all the way through the real use cases; its rows are then written again and again with other
dates, one session with its messages to ten runs, as where most came from archives. The use cases behind the pages, the
commands and the worker's duties are timed on both databases, the fastest of some rounds each. "flat" are those that
must not take longer because there is more of the past; of the others none may be slower than linear. On SQLite unless
PostgreSQL is asked for.
"""

import itertools
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid5

from sqlalchemy import Engine, Table, delete, insert, select

from benchmarks.machine import best
from config.settings import load
from integrations import sample
from service.bootstrap import App, build
from service.domain.activity import Activity
from service.domain.classification import RunType
from service.domain.sessions import NAMESPACE, State
from service.persistence.tables import (
    activities,
    classifications,
    digests,
    feedback,
    outbox,
    raws,
    refs,
    sessions,
)
from service.ports import Fate, Raw
from tests.peers.postgresql import Server, server

COUNT, TIMES = 10_000, 10
RUNNERS, TO_A_SESSION = 10, 10
ROUNDS = 7
AT_ONCE = 2_000
# A question that takes a thousandth of a second may be told apart from another by nothing but chance.
NOISE_S = 0.0015
# A search in ten times as much takes a quarter more for each row, and what no longer fits into memory a little more.
FLAT, LINEAR = 2.0, 1.5 * TIMES
EVERY = timedelta(hours=25)
NOW = datetime(2026, 6, 15, 18, 0, tzinfo=UTC)
ME = "a0"
POSTGRESQL = "postgresql"

type Row = dict[str, Any]
type Model = Mapping[Table, Sequence[Row]]
type Database = Callable[[], AbstractContextManager[str]]


@dataclass
class Clock:
    """Stands at one moment."""

    moment: datetime = NOW

    def now(self) -> datetime:
        """Return it."""
        return self.moment


def main() -> None:
    """Measure and print."""
    wishes = [word for word in sys.argv[1:] if word != POSTGRESQL]
    count = int(wishes[0]) if wishes else COUNT
    with databases() as database:
        few, many = times(database, count), times(database, count * TIMES)
    print(f"history: the same questions with {count} and {count * TIMES} activities of {RUNNERS} runners")
    worst = 0.0
    for (name, flat), short in few.items():
        long = many[name, flat]
        ratio = max(long, NOISE_S) / max(short, NOISE_S)
        allowed = FLAT if flat else LINEAR
        worst = max(worst, ratio / allowed)
        kind = "flat" if flat else "linear"
        print(
            f"  {name:<44} {1000 * short:8.1f} ms {1000 * long:8.1f} ms {ratio:5.1f} x  {kind}"
            + ("" if ratio <= allowed else "  TOO SLOW")
        )
    print(f"  the worst takes {worst:.2f} of what is allowed")


@contextmanager
def databases() -> Iterator[Database]:
    """Give what makes an empty database, and its line in the settings: nothing for a file beside them."""
    if POSTGRESQL not in sys.argv:
        yield lambda: nullcontext("")
        return
    with server(careful=True) as postgresql:
        if postgresql is None:
            raise SystemExit("there is no PostgreSQL here")
        yield lambda: _ready(postgresql)


@contextmanager
def _ready(postgresql: Server) -> Iterator[str]:
    with postgresql.ready() as url:
        yield f'database = "{url}"\n'


def times(database: Database, count: int) -> Mapping[tuple[str, bool], float]:
    """Return how many seconds each question takes, by its name and whether it is to stay flat."""
    with tempfile.TemporaryDirectory() as home, database() as line:
        app = household(Path(home), line)
        fill(app, count)
        found = {(name, flat): best(ask, ROUNDS) for name, flat, ask in questions(app)}
        app.close()
        return found


def questions(app: App) -> Iterator[tuple[str, bool, Callable[[], object]]]:
    """Yield what is asked again and again: its name, whether it is to stay flat, and how."""
    store_of = app.database.reading

    def ask[T](question: Callable[[Any], T]) -> Callable[[], T]:
        def asked() -> T:
            with store_of() as store:
                return question(store)

        return asked

    run = app.runs.between(ME, NOW - timedelta(days=40), NOW)[0]
    yield "pending list, one runner", True, lambda: app.feedback.pending(ME)
    yield "pending list, everybody", True, app.feedback.pending
    yield "digest, its words", True, lambda: app.digest.preview(ME, NOW.date())
    yield "digest, for whom it is due", True, app.digest.due
    yield "today's page", True, lambda: app.today.look(ME)
    yield "history page, half a year", True, lambda: app.runs.past(ME, 26)
    yield "history page, a month's runs", True, lambda: app.runs.between(ME, NOW - timedelta(days=28), NOW)
    yield "insights", True, lambda: app.look.back(ME)
    yield "a run's page", True, lambda: app.runs.story(ME, run.id)
    yield "calendar feed", True, lambda: app.calendar.entries(ME)
    yield "status", False, app.status.overview
    yield "metrics", False, app.measures.take
    yield "sync: which sources to ask", True, app.sync.due
    yield "sync: when runs usually end", True, ask(lambda store: store.ends_of_runs(ME, NOW - timedelta(days=120)))
    yield "sync: is this recording known", True, ask(lambda store: store.known_raws(ME, ["0" * 64]))
    yield (
        "ingest: the same workout",
        True,
        ask(lambda store: store.activities_near(ME, run.activity.started_at, timedelta(hours=30))),
    )
    yield "coach: who has runs to be judged", False, app.coach.due
    yield "coach: what is remembered", False, ask(lambda store: store.history(ME))
    yield "coach: one run judged anew", True, lambda: judge_again(app, run.id)
    yield "coach: what has cooled down", True, app.coach.let_cool
    yield "outbox: which channels have something due", True, app.outbox.due
    yield "outbox: a claim", True, lambda: app.outbox.deliver(ME, "ntfy")
    yield "webhooks: what was told", True, app.hearing.due
    yield "notices: who is to hear of trouble", True, app.notices.due
    yield "retention: what is to go", True, lambda: app.retention.purge(NOW)
    yield "ingest: what a crash left", True, lambda: app.ingest.unfinished(NOW)


def judge_again(app: App, run: int) -> None:
    """Have a run judged as if it had just come."""
    with app.database.writing() as store:
        store.forget_verdicts(ME, store.activity(run).activity.started_at)
    app.coach.coach([ME])


def household(home: Path, line: str) -> App:
    """Return an application for some runners whose runs come from a folder; `line` names its database."""
    athletes = "".join(
        f'[[athletes]]\nid = "a{number}"\ntimezone = "UTC"\n[athletes.sources.folder]\npath = "runs{number}"\n'
        '[athletes.channels.ntfy]\nurl = "http://127.0.0.1:9/nobody"\n'
        f'[athletes.channels.calendar]\npath = "c{number}"\n'
        for number in range(RUNNERS)
    )
    (home / "afterrun.toml").write_text(line + athletes)
    return build(load(home / "afterrun.toml", env={}), clock=Clock())


def fill(app: App, count: int) -> None:
    """Write so many activities with all that comes of them, the newest first."""
    models = modelled(app)
    for group in itertools.batched(range(count), AT_ONCE):
        rows: dict[Table, list[Row]] = {}
        for number in group:
            for table, row in copies(models[number % len(models)], number):
                rows.setdefault(table, []).append(row)
        with app.database.writing() as store:
            for table, several in rows.items():
                store.connection.execute(insert(table), several)
    _settle(app.database.engine)


def _settle(engine: Engine) -> None:
    """Have PostgreSQL know its tables, as it does by itself within a minute or two; a file knows them as they are."""
    if engine.dialect.name == POSTGRESQL:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def modelled(app: App) -> list[Model]:
    """Return the rows of one run of each kind that went all the way; what was to do is done, and told of."""
    return [_model(app, kind, NOW - timedelta(days=30 * place)) for place, kind in enumerate(RunType)]


def _model(app: App, kind: RunType, ended: datetime) -> Model:
    run = sample.latest(kind, ended)
    clock = Clock(ended + timedelta(minutes=5))
    at_that_time = build(app.settings, clock=clock)
    with app.database.writing() as store:
        run_id = store.add_activity(ME, run, None, bulk=False)
        kept = store.keep_raw(ME, as_recorded(run), "0" * 64, bulk=False)
        store.settle_raw(kept.id, Fate.IMPORTED, "")
    (coached,) = at_that_time.coach.coach([ME])
    session = at_that_time.feedback.done(coached.sessions[0].id)
    at_that_time.feedback.feel(session.id, "good")
    at_that_time.close()
    with app.database.writing() as store:
        for message in store.told(session.id):
            store.withdraw(message.id, "", NOW)
    of = {
        activities: activities.c.id == run_id,
        refs: refs.c.activity_id == run_id,
        raws: raws.c.id == kept.id,
        classifications: classifications.c.activity_id == run_id,
        sessions: sessions.c.id == session.id,
        feedback: feedback.c.session_id == session.id,
        outbox: outbox.c.session_id == session.id,
    }
    with app.database.writing() as store:
        found = {
            table: [dict(row) for row in store.connection.execute(select(table).where(which)).mappings()]
            for table, which in of.items()
        }
        for table in reversed(of):
            store.connection.execute(delete(table).where(of[table]))
    return found


def as_recorded(run: Activity) -> Raw:
    """Return a recording that says nothing: only its row is wanted."""
    return Raw(source="folder", external_id=run.ref.external_id, media_type="fit", body=b"", received_at=NOW)


def copies(model: Model, number: int) -> Iterator[tuple[Table, Row]]:
    """Yield the rows of the run of this number: of one runner in turn, the greater the number the longer ago."""
    runner, nth = f"a{number % RUNNERS}", number // RUNNERS
    back = EVERY * nth
    begun = NOW - back - timedelta(hours=2)
    run_id = 1 + number
    (run,), (verdict,) = model[activities], model[classifications]
    name = {"athlete": runner, "source": "folder", "external_id": f"run-{run_id}.fit"}
    yield activities, run | name | {"id": run_id, "started_at": begun}
    yield refs, model[refs][0] | name | {"activity_id": run_id}
    yield raws, model[raws][0] | name | {"id": run_id, "sha256": f"{run_id:064x}", "received_at": begun}
    remembered = verdict["remembered"] | {"started_at": begun.isoformat()}
    yield classifications, verdict | {"activity_id": run_id, "remembered": remembered, "made_at": begun}
    yield digests, {"athlete": runner, "day": begun.date(), "made_at": begun}
    if nth % TO_A_SESSION == 0:
        yield from _followed(model, run_id, runner, begun, to_do=nth == 0)


def _followed(model: Model, run_id: int, runner: str, begun: datetime, *, to_do: bool) -> Iterator[tuple[Table, Row]]:
    """Yield what followed a run: a session that is done, or still to do, how it was, and the messages about it."""
    ended = begun + timedelta(hours=1)
    key = str(uuid5(NAMESPACE, str(run_id)))
    times = {"opens": ended, "closes": ended + timedelta(hours=24), "made_at": ended, "changed_at": ended}
    state = State.PENDING if to_do else State.DONE
    (session,) = model[sessions]
    yield (
        sessions,
        session | times | {"id": run_id, "key": key, "athlete": runner, "activity_id": run_id, "state": state.value},
    )
    if not to_do:
        yield feedback, {"session_id": run_id, "feeling": "good", "at": ended}
    for message in model[outbox]:
        told = {name: value for name, value in message.items() if name != "id"}
        yield (
            outbox,
            told
            | {
                "athlete": runner,
                "key": key,
                "session_id": run_id,
                "settled_at": ended,
                "due_at": ended,
                "receipt": "it came",
                "given_up": None,
                "useful_until": ended + timedelta(hours=12),
            },
        )


if __name__ == "__main__":
    main()
