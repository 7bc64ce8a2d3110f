"""The database: engine, and the two ways in (read, and write in one transaction)."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from fcntl import LOCK_EX, flock
from pathlib import Path
from threading import RLock
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.orm import Session, sessionmaker

__all__ = ["Database", "Session"]

#: how long a writer waits for another one, in milliseconds
SQLITE_BUSY_TIMEOUT_MS = 20_000


class Turns:
    """Writers of an SQLite file, one after the other, in all processes of this machine.

    SQLite's own lock is polled, with pauses that grow: here whoever waits is woken as soon as it is free.
    """

    def __init__(self, database: Path) -> None:
        """Take turns by an empty file beside the database."""
        self._database = database
        self._path = database.with_name(f"{database.name}.turn")
        self._threads = RLock()
        self._file = -1
        self._depth = 0

    def __enter__(self) -> None:
        """Wait for one's turn; within it there is no waiting."""
        self._threads.acquire()
        try:
            if self._depth == 0:
                self._file = self._open()
                flock(self._file, LOCK_EX)
            self._depth += 1
        except BaseException:
            self._threads.release()
            raise

    def __exit__(self, *_: object) -> None:
        """Leave it to the next one."""
        self._depth -= 1
        if self._depth == 0:
            os.close(self._file)
        self._threads.release()

    def _open(self) -> int:
        """The file of turns, as SQLite makes its own: with the owner and the rights of the database."""
        found = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600)
        if self._database.exists():
            rights, ours = self._database.stat(), os.fstat(found)
            if (rights.st_uid, rights.st_gid) != (ours.st_uid, ours.st_gid) and os.geteuid() == 0:
                os.fchown(found, rights.st_uid, rights.st_gid)
            if ours.st_uid == os.geteuid():
                os.fchmod(found, rights.st_mode & 0o777)
        return found


class Database:
    """One database and its transactions; safe to share between threads."""

    def __init__(self, url: str) -> None:
        """Open `url` (SQLite or PostgreSQL); nothing is connected yet."""
        self.engine = _make_engine(url)
        self._reading = sessionmaker(self.engine, expire_on_commit=False)
        self._writer = self.engine.execution_options(writing=True)
        self._writing = sessionmaker(self._writer, expire_on_commit=False, autoflush=True)
        path = self.engine.url.database
        self._turns = Turns(Path(path)) if self.is_sqlite and path else nullcontext()
        self._at_once = self._writer if self.is_sqlite else _make_engine(url, isolation_level="AUTOCOMMIT")

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
        with self._turns, self._writing.begin() as session:
            yield session

    @contextmanager
    def write_at_once(self) -> Iterator[Connection]:
        """A connection for one call that writes many rows, committed together or not at all.

        On PostgreSQL what goes out in one pipeline is a transaction by itself: no round trip to begin it and
        none to commit it.
        """
        with self._turns, self._at_once.begin() as connection:
            yield connection

    def ping(self) -> None:
        """Raise when the database does not answer."""
        with self.engine.connect() as connection:
            connection.execute(text("select 1"))


def read_json(text: str | bytes) -> Any:
    """What a column of JSON holds: the long counts of an edition, which msgspec reads three times faster."""
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        # Half surrogates, which somebody may have typed and Python keeps.
        return json.loads(text)


def _make_engine(url: str, **options: Any) -> Engine:
    engine = create_engine(url, pool_size=8, max_overflow=8, json_deserializer=read_json, **options)
    if engine.dialect.name != "sqlite":
        return engine

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
