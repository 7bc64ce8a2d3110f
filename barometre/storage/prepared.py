"""The statements that every interview passes through, run on the driver's own cursor."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ClauseElement, Connection, Dialect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

#: each dialect's own insert, which knows ON CONFLICT
INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}

Row = Mapping[str, Any]


class Prepared:
    """One statement, written by SQLAlchemy once for each kind of database, then run for many rows.

    SQLAlchemy's share of each call is ten times what SQLite needs for the insert itself: here it writes the
    SQL and adapts the values, no more. PostgreSQL gets the rows of a call in one round trip.
    """

    def __init__(self, build: Callable[[Any], ClauseElement]) -> None:
        """`build` takes the dialect's own `insert`; all values of the statement are bound parameters."""
        self._build = build
        self._written: dict[str, _Written] = {}

    def fetch(self, connection: Connection, rows: Sequence[Row]) -> list[tuple[Any, ...] | None]:
        """What the statement gives for each row: one result, or None."""
        written = self._write(connection.dialect)
        with _open_cursor(connection, written.sql) as cursor:
            if connection.dialect.name == "postgresql":
                cursor.executemany(written.sql, [written.adapt(row) for row in rows], returning=True)
                return [result.fetchone() for result in cursor.results()]
            return [cursor.execute(written.sql, written.adapt(row)).fetchone() for row in rows]

    def run(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Run the statement, which gives nothing, for each row."""
        written = self._write(connection.dialect)
        with _open_cursor(connection, written.sql) as cursor:
            cursor.executemany(written.sql, [written.adapt(row) for row in rows])

    def _write(self, dialect: Dialect) -> _Written:
        if dialect.name not in self._written:
            self._written[dialect.name] = _write(self._build(INSERT[dialect.name]), dialect)
        return self._written[dialect.name]


@dataclass(frozen=True)
class _Written:
    sql: str
    #: names of the parameters, in order where the driver takes them by place
    names: tuple[str, ...]
    by_place: bool
    #: what turns a value into the driver's
    adapters: Mapping[str, Callable[[Any], Any]]

    def adapt(self, row: Row) -> Any:
        """The row as the driver takes it."""
        adapters = self.adapters
        values = [adapters[name](row[name]) if name in adapters else row[name] for name in self.names]
        return values if self.by_place else dict(zip(self.names, values, strict=True))


def _write(statement: ClauseElement, dialect: Dialect) -> _Written:
    compiled: Any = statement.compile(dialect=dialect)
    adapters = {
        name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in compiled.binds.items()
    }
    return _Written(
        str(compiled),
        tuple(compiled.positiontup if compiled.positional else compiled.binds),
        compiled.positional,
        {name: adapter for name, adapter in adapters.items() if adapter},
    )


@contextmanager
def pipelined(connection: Connection) -> Iterator[None]:
    """Let prepared statements go to PostgreSQL without waiting for those that give nothing.

    Only prepared statements may run inside: SQLAlchemy reads each answer at once.
    """
    if connection.dialect.name != "postgresql":
        yield
        return
    driver: Any = connection.connection.dbapi_connection
    with _telling(connection, ""), driver.pipeline():
        yield


@contextmanager
def _open_cursor(connection: Connection, sql: str) -> Iterator[Any]:
    cursor = connection.connection.cursor()
    try:
        with _telling(connection, sql):
            yield cursor
    finally:
        cursor.close()


@contextmanager
def _telling(connection: Connection, sql: str) -> Iterator[None]:
    """The driver's errors, told as SQLAlchemy's."""
    driver: Any = connection.dialect.dbapi
    try:
        yield
    except driver.Error as error:
        raise DBAPIError.instance(sql, None, error, driver.Error, dialect=connection.dialect) from error
