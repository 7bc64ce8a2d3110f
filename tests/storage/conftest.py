"""A database of each kind with the current schema."""

from collections.abc import Iterator

import pytest

from barometre.storage.engine import Database
from barometre.storage.schema import upgrade


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty one."""
    found = Database(database_url)
    upgrade(found)
    yield found
    found.engine.dispose()
