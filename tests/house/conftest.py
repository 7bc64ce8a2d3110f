"""One application for the tests of the house: somebody of each role, a few interviews and a release."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from barometre.access import ROLES
from barometre.questionnaire.definition import Questionnaire
from tests.data import publish_now
from tests.support import choose_first, give_account, make_app, store_interview


def answer_all(questionnaire: Questionnaire, quartier: int) -> dict[str, int | str]:
    """The same answers from everybody, in one quartier."""
    return {**choose_first(questionnaire), questionnaire.cell[0]: quartier}


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application; each role's name is its username, and "everything" has them all."""
    folder: Path = tmp_path_factory.mktemp("house")
    app = make_app(f"sqlite:///{folder / 'barometre.sqlite'}")
    for role in ROLES:
        give_account(app, role, role, council="CC1" if role == "council" else None)
    give_account(app, "everything", *ROLES, council="CC1")
    database, town = app.extensions["database"], app.extensions["town"]
    for quartier in town.quartiers:
        store_interview(database, town, answer_all(town.current_wave.questionnaire, quartier.code))
    with database.write() as session:
        publish_now(session, town, "everything")
    yield app
    database.engine.dispose()
