"""Copying every row from one database to another, of either kind: how a backup is made and how one grows.

Both are of this release's schema. Rows go table by table, parents first; numbers stay as they are.
"""

from collections.abc import Iterator
from itertools import batched
from typing import Any

from sqlalchemy import Connection, Select, Table, delete, func, insert, select

from service.persistence.tables import metadata

AT_ONCE = 500


def copy_all(source: Connection, target: Connection) -> int:
    """Put every row of `source` in the place of all rows of `target`, and return how many that were."""
    empty(target)
    return sum(_copy(table, source, target) for table in metadata.sorted_tables)


def empty(target: Connection) -> None:
    """Take every row away."""
    for table in reversed(metadata.sorted_tables):
        target.execute(delete(table))


def count_rows(connection: Connection) -> int:
    """Return how many rows there are in all tables."""
    counts = (select(func.count()).select_from(table) for table in metadata.sorted_tables)
    return sum(connection.execute(count).scalar_one() for count in counts)


def _copy(table: Table, source: Connection, target: Connection) -> int:
    copied = 0
    for rows in batched(_rows(table, source), AT_ONCE):
        target.execute(insert(table), list(rows))
        copied += len(rows)
    _go_on_counting(table, target)
    return copied


def _rows(table: Table, source: Connection) -> Iterator[dict[str, Any]]:
    found = source.execution_options(stream_results=True, yield_per=AT_ONCE).execute(_parents_first(table))
    yield from (dict(row) for row in found.mappings())


def _parents_first(table: Table) -> Select[Any]:
    """Return the question for a table's rows, those that others of it hang on first."""
    hanging = [column for column in table.c if any(key.column.table is table for key in column.foreign_keys)]
    return select(table).order_by(*(column.is_not(None) for column in hanging), *table.primary_key.columns)


def _go_on_counting(table: Table, target: Connection) -> None:
    """Have PostgreSQL number new rows after those that came with their numbers; SQLite does so by itself."""
    number = table.autoincrement_column
    if target.dialect.name != "postgresql" or number is None:
        return
    newest = select(func.coalesce(func.max(number), 0) + 1).scalar_subquery()
    target.execute(select(func.setval(func.pg_get_serial_sequence(table.name, number.name), newest, False)))  # noqa: FBT003 - as PostgreSQL has it
