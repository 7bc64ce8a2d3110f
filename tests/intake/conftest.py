"""An application on each kind of database, with a tablet, a supervisor and somebody who may not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from barometre.intake.envelope import write_envelope
from barometre.questionnaire.definition import Questionnaire
from barometre.questionnaire.town import Town
from barometre.storage import people
from barometre.storage.engine import Database
from tests.support import give_account, make_app

#: an interview of Niort that holds
ANSWERS = {"quartier": 1, "secteur": 1, "lieu": 1, "age": 3, "sexe": 1}


@pytest.fixture
def app(database_url: str) -> Iterator[Flask]:
    """Niort, with an interviewer and a supervisor."""
    app = make_app(database_url)
    give_account(app, "enqueteur-1", "interviewer")
    give_account(app, "terrain", "supervisor")
    yield app
    app.extensions["database"].engine.dispose()


@pytest.fixture
def database(app: Flask) -> Database:
    """Its database."""
    found: Database = app.extensions["database"]
    return found


@pytest.fixture
def town(app: Flask) -> Town:
    """Its town."""
    found: Town = app.extensions["town"]
    return found


@pytest.fixture
def token(database: Database) -> str:
    """The token of an enrolled tablet."""
    with database.write() as session:
        person = people.fetch_person(session, "enqueteur-1")
        assert person
        return people.enrol_device(session, person.id, "tablette 1")


def put(app: Flask, token: str | None, uuid: UUID, body: bytes, **settings: Any) -> TestResponse:
    """What a tablet sends."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    settings = {"content_type": "application/json"} | settings
    return app.test_client().put(f"/intake/interviews/{uuid}", data=body, headers=headers, **settings)


def answer_key_items(questionnaire: Questionnaire, **others: int) -> dict[str, int]:
    """Answers that make a complete interview: who and where, and each key item."""
    key = {
        item: questionnaire.by_id[item].scale.options[0].code  # type: ignore[union-attr]
        for item in questionnaire.key_items
    }
    return {**ANSWERS, **key, **others}


def seal(
    questionnaire: Questionnaire, uuid: UUID, answers: dict[str, Any], disposition: str = "complete"
) -> bytes:
    """The envelope of an interview with these codes and words."""
    return write_envelope(
        uuid,
        wave=questionnaire.wave,
        version=questionnaire.version,
        interviewer="enqueteur-1",
        disposition=disposition,
        started_at="2027-11-15T10:00:00+01:00",
        answers={
            item: {"code" if isinstance(given, int) else "text": given, "language": "fr"}
            for item, given in answers.items()
        },
    )
