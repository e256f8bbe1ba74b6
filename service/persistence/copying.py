"""Copying every row from one database to another, of either kind: how a backup is made and how one grows.

Both are of this release's schema. Rows go table by table, parents first; numbers stay as they are.
"""

from collections.abc import Iterator
from itertools import batched
from typing import Any

from sqlalchemy import Column, Connection, Select, Table, bindparam, delete, func, insert, select, update

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
    alone = {column.name: None for column in _hanging(table)}
    for rows in batched(_rows(source, select(table).order_by(*table.primary_key.columns)), AT_ONCE):
        target.execute(insert(table), [row | alone for row in rows])
        copied += len(rows)
    for column in _hanging(table):
        _hang(table, column, source, target)
    _go_on_counting(table, target)
    return copied


def _rows(source: Connection, question: Select[Any]) -> Iterator[dict[str, Any]]:
    found = source.execution_options(stream_results=True, yield_per=AT_ONCE).execute(question)
    yield from (dict(row) for row in found.mappings())


def _hanging(table: Table) -> list[Column[Any]]:
    """Return the columns by which a table's rows hang on one another: they are filled in once all rows are there."""
    return [column for column in table.c if any(key.column.table is table for key in column.foreign_keys)]


def _hang(table: Table, column: Column[Any], source: Connection, target: Connection) -> None:
    (number,) = table.primary_key.columns
    question = select(number.label("row"), column.label("on")).where(column.is_not(None))
    for rows in batched(_rows(source, question), AT_ONCE):
        target.execute(update(table).where(number == bindparam("row")).values({column: bindparam("on")}), list(rows))


def _go_on_counting(table: Table, target: Connection) -> None:
    """Have PostgreSQL number new rows after those that came with their numbers; SQLite does so by itself."""
    number = table.autoincrement_column
    if target.dialect.name != "postgresql" or number is None:
        return
    newest = select(func.coalesce(func.max(number), 0) + 1).scalar_subquery()
    target.execute(select(func.setval(func.pg_get_serial_sequence(table.name, number.name), newest, False)))  # noqa: FBT003 - as PostgreSQL has it
