"""What every group of questions stands on."""

from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


class Questions:
    """Holds the connection of the running transaction."""

    connection: Connection

    def _insert_new(self, table: Table, **values: Any) -> bool:  # noqa: ANN401 - a row's values are of many types
        return insert_new(self.connection, table, **values)


def insert_new(connection: Connection, table: Table, **values: Any) -> bool:  # noqa: ANN401 - a row's values are of many types
    """Insert a row unless its unique key stands there already; return whether it was inserted."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    return connection.execute(dialect.insert(table).values(**values).on_conflict_do_nothing()).rowcount > 0
