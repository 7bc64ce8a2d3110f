"""Backups: a consistent copy of either database, restored and counted before it is believed."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from sqlalchemy import func, select, text
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

from barometre.storage.engine import Database
from barometre.storage.models import Backup, Envelope, utc_now


class BackupFailed(Exception):
    """The copy could not be made, or is not what the database holds; says which, in one sentence."""


@dataclass(frozen=True)
class Copy:
    """A copy that was restored and holds every envelope up to its mark."""

    path: Path
    #: every envelope up to this number is in it
    seq: int
    envelopes: int


def back_up(database: Database, folder: Path) -> Copy:
    """Copy the database into a new file of `folder`, restore it, count it, and move the mark."""
    seq = _fix_mark(database)
    folder.mkdir(parents=True, exist_ok=True)
    made_at = utc_now()
    ending = "sqlite" if database.is_sqlite else "dump"
    path = folder / f"barometre-{made_at:%Y%m%d-%H%M%S}-{uuid4().hex[:6]}.{ending}"
    # Written under another name: a copy cut short never looks like one.
    unfinished = path.with_suffix(".unfinished")
    try:
        (_copy_sqlite if database.is_sqlite else _copy_postgresql)(database, unfinished)
        with _restored(database, unfinished) as copy, database.read() as live, copy.read() as restored:
            expected, found = _fingerprint(live, seq), _fingerprint(restored, seq)
        if expected != found:
            raise BackupFailed(f"The copy holds {found[0]} envelopes where the database holds {expected[0]}.")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    with database.write() as session:
        session.add(Backup(made_at=made_at, seq=seq, envelopes=expected[0], file=path.name))
    return Copy(path, seq, expected[0])


def fetch_backed_up_seq(session: Session) -> int:
    """Every envelope up to this number is in some copy; 0 without any."""
    return session.scalars(select(func.coalesce(func.max(Backup.seq), 0))).one()


def fetch_last_backup(session: Session) -> datetime | None:
    """When the last copy was made."""
    return session.scalar(select(func.max(Backup.made_at)))


def _fix_mark(database: Database) -> int:
    """A number up to which every envelope is committed, or will never be."""
    with database.write() as session:
        if not database.is_sqlite:
            # Numbers are given before the commit: whoever holds one now is waited for.
            session.execute(text("lock table envelope in share mode"))
        return session.scalars(select(func.coalesce(func.max(Envelope.seq), 0))).one()


def _fingerprint(session: Session, seq: int) -> tuple[int, str]:
    """How many envelopes there are up to a number, and a digest of what they are."""
    digest, envelopes = hashlib.sha256(), 0
    rows = session.execute(
        select(Envelope.seq, Envelope.sha256).where(Envelope.seq <= seq).order_by(Envelope.seq)
    )
    for part in rows.yield_per(10_000).partitions():
        for number, sha256 in part:
            digest.update(b"%d %s\n" % (number, bytes(sha256).hex().encode()))
        envelopes += len(part)
    return envelopes, digest.hexdigest()


def _copy_sqlite(database: Database, path: Path) -> None:
    source = database.engine.url.database
    assert source
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(path)) as copy:
        live.backup(copy)
        found = copy.execute("pragma integrity_check").fetchone()[0]
    if found != "ok":
        raise BackupFailed(f"The copy is damaged: {found}.")


def _copy_postgresql(database: Database, path: Path) -> None:
    _run(database.engine.url, "pg_dump", "--format=custom", f"--file={path}")


@contextmanager
def _restored(database: Database, path: Path) -> Iterator[Database]:
    """The copy as a database of its own; on PostgreSQL it is restored beside the live one, then dropped."""
    if database.is_sqlite:
        copy = Database(f"sqlite:///{path}")
        try:
            yield copy
        finally:
            copy.engine.dispose()
            for suffix in ("-wal", "-shm", ".turn"):
                Path(f"{path}{suffix}").unlink(missing_ok=True)
        return
    name = f"barometre_check_{uuid4().hex}"
    url = database.engine.url.set(database=name)
    _run(database.engine.url, "createdb", name, own_database=False)
    try:
        _run(url, "pg_restore", "--no-owner", "--exit-on-error", str(path))
        copy = Database(url.render_as_string(hide_password=False))
        try:
            yield copy
        finally:
            copy.engine.dispose()
    finally:
        _run(database.engine.url, "dropdb", "--force", name, own_database=False)


def _run(url: URL, program: str, *arguments: str, own_database: bool = True) -> None:
    """Run one of PostgreSQL's programs on the server of an address."""
    found = shutil.which(program)
    if found is None:
        raise BackupFailed(f"{program} was not found: install PostgreSQL's client programs.")
    host = url.host or str(url.query.get("host", ""))
    where = {"--host": host, "--port": url.port, "--username": url.username}
    options = [f"{name}={value}" for name, value in where.items() if value]
    if own_database:
        options.append(f"--dbname={url.database}")
    # Not an argument: those can be read by anybody on the machine.
    secret = {"PGPASSWORD": url.password} if url.password else {}
    done = subprocess.run(
        [found, *options, *arguments], env={**os.environ, **secret}, capture_output=True, text=True
    )
    if done.returncode:
        raise BackupFailed(f"{program}: {done.stderr.strip()}")
