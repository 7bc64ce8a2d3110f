"""The database: engine, and the two ways in (read, and write in one transaction)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.orm import Session, sessionmaker

__all__ = ["Database", "Session"]

#: how long a writer waits for another one, in milliseconds
SQLITE_BUSY_TIMEOUT_MS = 20_000


class Database:
    """One database and its transactions; safe to share between threads."""

    def __init__(self, url: str) -> None:
        """Open `url` (SQLite or PostgreSQL); nothing is connected yet."""
        self.engine = _make_engine(url)
        self._reading = sessionmaker(self.engine, expire_on_commit=False)
        self._writer = self.engine.execution_options(writing=True)
        self._writing = sessionmaker(self._writer, expire_on_commit=False, autoflush=True)

    @property
    def is_sqlite(self) -> bool:
        """Whether it is the embedded database."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one consistent state and changes nothing."""
        with self._reading() as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session whose changes are committed together, or not at all."""
        with self._writing.begin() as session:
            yield session

    @contextmanager
    def write_directly(self) -> Iterator[Connection]:
        """The same without the object mapper, for what is done with each interview."""
        with self._writer.begin() as connection:
            yield connection

    def ping(self) -> None:
        """Raise when the database does not answer."""
        with self.engine.connect() as connection:
            connection.execute(text("select 1"))


def _make_engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, pool_size=8, max_overflow=8, pool_pre_ping=False)
    engine = create_engine(url, pool_size=8, max_overflow=8)

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: object) -> None:
        # The driver's own BEGIN comes too late and is never IMMEDIATE: we send it ourselves below.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"pragma busy_timeout = {SQLITE_BUSY_TIMEOUT_MS}")
        cursor.execute("pragma journal_mode = wal")
        cursor.execute("pragma synchronous = full")
        cursor.execute("pragma foreign_keys = on")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        # A transaction that will write takes the lock first: upgrading later can fail with no retry.
        writing = connection.get_execution_options().get("writing")
        connection.exec_driver_sql("begin immediate" if writing else "begin")

    return engine
