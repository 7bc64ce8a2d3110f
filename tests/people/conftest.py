"""An application with one person of each kind."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from barometre.storage.engine import Database
from tests.support import give_account, make_app


@pytest.fixture
def app(database_url: str) -> Iterator[Flask]:
    """An application where an interviewer and an administrator may sign in."""
    app = make_app(database_url)
    give_account(app, "enqueteur-1", "interviewer")
    give_account(app, "administration", "administrator")
    yield app
    app.extensions["database"].engine.dispose()


@pytest.fixture
def database(app: Flask) -> Database:
    """Its database."""
    found: Database = app.extensions["database"]
    return found


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser that nobody has signed in on."""
    return app.test_client()
