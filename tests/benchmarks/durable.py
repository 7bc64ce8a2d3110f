"""A PostgreSQL that waits for the disk at every commit; the tests' own one does not, to be quick."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.postgres import _call, _server_user, find_programs


@contextmanager
def running_durable_server() -> Iterator[tuple[str, int]]:
    """The address of its `postgres` database and its first process; stopped and removed after use."""
    root = Path(tempfile.mkdtemp(prefix="baro-pg-"))
    try:
        programs, user, data = find_programs(root), _server_user(), root / "data"
        data.mkdir()
        root.chmod(0o755)
        if user is not None:
            shutil.chown(data, user)
        cluster = data / "cluster"
        initdb = [programs / "initdb", "-D", cluster, "-U", "postgres", "-A", "trust", "--no-sync"]
        _call(user, data, *initdb, "-E", "UTF8", "--locale=C.UTF-8")
        control = [programs / "pg_ctl", "-D", cluster, "-w", "-s"]
        # PostgreSQL's own settings, fsync and synchronous_commit included; only the checkpoints are spaced.
        settings = f"-k {data} -c listen_addresses='' -c max_connections=200 -c max_wal_size=4GB"
        _call(user, data, *control, "-l", data / "log", "-o", settings, "start")
        try:
            yield (
                f"postgresql+psycopg://postgres@/postgres?host={data}",
                int((cluster / "postmaster.pid").read_text().split()[0]),
            )
        finally:
            _call(user, data, *control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(root, ignore_errors=True)
