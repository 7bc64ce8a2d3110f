"""The interview's application, with somebody for each role that matters to it."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support import give_account, make_app


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Niort, with an interviewer, a supervisor and an analyst."""
    app = make_app(f"sqlite:///{tmp_path_factory.mktemp('interview') / 'barometre.sqlite'}")
    give_account(app, "caller-1", "interviewer")
    give_account(app, "caller-2", "supervisor")
    give_account(app, "reader", "analyst")
    yield app
    app.extensions["database"].engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Somebody who is not signed in."""
    return app.test_client()
