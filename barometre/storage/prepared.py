"""Statements that every interview passes through: written once by SQLAlchemy, run on the driver's cursor."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ClauseElement, Connection, Dialect
from sqlalchemy.exc import DBAPIError


class Prepared:
    """One statement whose values are all bound parameters.

    SQLAlchemy's share of a call is ten times what SQLite needs for the insert itself: here it writes the
    SQL and adapts the values, no more.
    """

    def __init__(self, statement: ClauseElement) -> None:
        """Keep it; it is written for a kind of database when it is first run there."""
        self._statement = statement
        self._written: dict[str, _Written] = {}

    def fetch(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        """For each row of values, the first row that it gives, or None; a row may hold more than it takes.

        PostgreSQL gets all rows in one round trip.
        """
        dialect = connection.dialect
        if dialect.name not in self._written:
            self._written[dialect.name] = _write(self._statement, dialect)
        sql, values = self._written[dialect.name].sql, map(self._written[dialect.name].adapt, rows)
        driver: Any = dialect.dbapi
        cursor: Any = connection.connection.cursor()
        try:
            if dialect.name == "postgresql" and len(rows) == 1:
                return [cursor.execute(sql, next(values)).fetchone()]
            if dialect.name == "postgresql":
                cursor.executemany(sql, values, returning=True)
                return [result.fetchone() for result in cursor.results()] if rows else []
            return [cursor.execute(sql, row).fetchone() for row in values]
        except driver.Error as error:
            raise DBAPIError.instance(sql, None, error, driver.Error, dialect=dialect) from error
        finally:
            cursor.close()


@contextmanager
def sent_together(connection: Connection) -> Iterator[None]:
    """On a PostgreSQL connection that commits by itself, make one transaction of what is fetched inside.

    A pipeline is committed by its end: on any error, the client's own included, the connection is closed
    before that end is sent.
    """
    driver: Any = connection.connection.dbapi_connection
    if connection.dialect.name != "postgresql" or not driver.autocommit:
        yield
        return
    with driver.pipeline():
        try:
            yield
        except BaseException:
            connection.invalidate()
            driver.close()
            raise


@dataclass(frozen=True)
class _Written:
    sql: str
    #: names of the parameters, in order where the driver takes them by place
    names: tuple[str, ...]
    by_place: bool
    #: what turns a value into the driver's
    adapters: Mapping[str, Callable[[Any], Any]]

    def adapt(self, values: Mapping[str, Any]) -> Any:
        """The values as the driver takes them."""
        adapters = self.adapters
        adapted = [adapters[name](values[name]) if name in adapters else values[name] for name in self.names]
        return adapted if self.by_place else dict(zip(self.names, adapted, strict=True))


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
