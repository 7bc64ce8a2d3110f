"""What every test may ask for: an empty database of both kinds, and a browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection

from tests.chromium import find_chromium
from tests.postgres import fresh_database, running_server


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of a PostgreSQL server; each worker starts its own, at the first test that asks."""
    with running_server() as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """An SQLite database that does not exist yet."""
    return f"sqlite:///{tmp_path / 'barometre.sqlite'}"


@pytest.fixture
def postgresql_url(postgres_url: str) -> Iterator[str]:
    """A PostgreSQL database without tables."""
    with fresh_database(postgres_url) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database; the test runs once on each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(scope="session")
def chromium() -> str | None:
    """The browser's program, or None for the one that Playwright installed."""
    return find_chromium()


@pytest.fixture(autouse=True)
def close_databases() -> Iterator[None]:
    """Close the pool of every database that a test opened: an application keeps its own until it ends."""
    opened: set[Engine] = set()

    def remember(connection: Connection) -> None:
        opened.add(connection.engine)

    event.listen(Engine, "engine_connect", remember)
    yield
    event.remove(Engine, "engine_connect", remember)
    for engine in opened:
        engine.dispose()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures that tests recorded, whether they passed or not."""
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, value in getattr(report, "user_properties", ()):
                if name == "figures" and report.when == "call":
                    terminalreporter.write_line(f"\n{report.nodeid.rpartition('::')[2]}\n{value}")
