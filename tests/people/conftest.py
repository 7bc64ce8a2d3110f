"""An application with one person of each kind."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from barometre.storage.engine import Database
from barometre.storage.schema import upgrade
from tests.support import give_account, make_app


@pytest.fixture(scope="package")
def application(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The pages, loaded once for the tests of this room; each test brings its own database."""
    return make_app(f"sqlite:///{tmp_path_factory.mktemp('people') / 'unused.sqlite'}")


@pytest.fixture
def app(application: Flask, database_url: str) -> Iterator[Flask]:
    """The application on an empty database where one person of each kind may sign in."""
    database = Database(database_url)
    upgrade(database)
    application.extensions["database"] = database
    give_account(application, "enqueteur-1", "interviewer")
    give_account(application, "administration", "administrator")
    give_account(application, "terrain", "supervisor")
    yield application
    database.engine.dispose()


@pytest.fixture
def database(app: Flask) -> Database:
    """Its database."""
    found: Database = app.extensions["database"]
    return found


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser that nobody has signed in on."""
    return app.test_client()
