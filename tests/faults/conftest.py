"""The field of each test, in a folder of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserType

from tests.faults.field import Field, open_field

SEED = 2027


@pytest.fixture
def field(tmp_path: Path, browser_type: BrowserType, chromium: str | None) -> Iterator[Field]:
    """A server, a bad network and a browser, all of them mortal."""
    with open_field(tmp_path, SEED, browser_type, chromium) as field:
        yield field
