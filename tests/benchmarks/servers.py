"""What is measured: gunicorn with the application or the floor, on SQLite or on a durable PostgreSQL."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.durable import running_durable_server
from tests.postgres import fresh_database
from tests.support import ROOT, key_file

#: the same for the application and the floor; as `./run serve` but with a thread for each client
WORKERS = 2
THREADS = 8
#: signs the cookies
SECRET_KEY = "benchmarks"


@dataclass(frozen=True)
class Server:
    """A gunicorn that answers on this machine."""

    port: int
    #: first process of its tree
    pid: int


@dataclass(frozen=True)
class Store:
    """One kind of database, ready to hold several databases."""

    #: "sqlite" or "postgresql"
    kind: str
    #: where SQLite's files go
    folder: Path
    #: address of PostgreSQL's own database
    server_url: str = ""
    #: first process of the database's tree
    pids: tuple[int, ...] = ()

    @contextmanager
    def new_database(self, name: str) -> Iterator[str]:
        """The address of an empty database."""
        if self.kind == "sqlite":
            yield f"sqlite:///{self.folder / name}.sqlite"
            return
        with fresh_database(self.server_url) as url:
            yield url


@contextmanager
def open_store(kind: str) -> Iterator[Store]:
    """A place for databases that keeps what is committed, whatever happens to the machine."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="baro-bench-")))
        if kind == "sqlite":
            yield Store(kind, folder)
            return
        url, postmaster = stack.enter_context(running_durable_server())
        yield Store(kind, folder, url, (postmaster,))


@contextmanager
def run_app(database_url: str) -> Iterator[Server]:
    """The application as it is deployed, with the key that the tests seal to."""
    settings = {"SECRET_KEY": SECRET_KEY, "DATABASE_URL": database_url, "INSECURE_COOKIES": "1"}
    settings["SEALING_KEYS"] = str(key_file())
    with _run_gunicorn("wsgi:app", settings) as server:
        yield server


@contextmanager
def run_floor(database_url: str) -> Iterator[Server]:
    """The bare application beside it."""
    with _run_gunicorn(f"tests.benchmarks.floor:make_app({database_url!r})", {}) as server:
        yield server


@contextmanager
def run_plain() -> Iterator[Server]:
    """The static page that the tablet is held against."""
    with _run_gunicorn("tests.benchmarks.plain:make_app()", {}) as server:
        yield server


@contextmanager
def _run_gunicorn(target: str, settings: Mapping[str, str]) -> Iterator[Server]:
    with socket.socket() as listener, tempfile.TemporaryFile() as log:
        # As gunicorn does for an address; a listener that it is handed keeps what it has.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        command = [sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--keep-alive", "60"]
        command += ["--workers", str(WORKERS), "--threads", str(THREADS), "--preload"]
        command += ["--bind", f"fd://{listener.fileno()}", "--log-level", "warning", target]
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **settings},
            pass_fds=[listener.fileno()],
            stdout=log,
            stderr=log,
        )
        try:
            yield Server(listener.getsockname()[1], process.pid)
        except BaseException:
            log.seek(0)
            sys.stderr.write(log.read().decode(errors="replace")[-4000:])
            raise
        finally:
            process.terminate()
            process.wait(20)
