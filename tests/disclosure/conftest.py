"""One application for the whole attack, with somebody of each role that sees results."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.disclosure.population import forget
from tests.support import give_account, make_app


@pytest.fixture(scope="session")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Niort, without an interview yet; each role's name is its username."""
    folder: Path = tmp_path_factory.mktemp("attacked")
    app = make_app(f"sqlite:///{folder / 'barometre.sqlite'}")
    for role in ("council", "analyst", "interviewer"):
        give_account(app, role, role, council="CC1" if role == "council" else None)
    yield app
    app.extensions["database"].engine.dispose()


@pytest.fixture
def app(attacked: Flask) -> Flask:
    """The same, without the interviews and releases of the test before."""
    forget(attacked)
    return attacked
