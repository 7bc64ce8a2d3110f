"""Interviews made with an older questionnaire are judged and counted by it, for ever."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select, update

from barometre.questionnaire.definition import Questionnaire
from barometre.storage.counts import check_counts, fetch_counts, recount
from barometre.storage.engine import Database
from barometre.storage.models import Envelope, Interview, QuestionnaireVersion
from barometre.storage.people import enrol_device, fetch_person
from barometre.storage.versions import fetch_questionnaire, register_version
from tests.data import BOURG_FICTIF, publish_now
from tests.intake.conftest import put, seal
from tests.support import give_account, make_app, public_key, sign_in
from tests.support import seal as seal_bytes

ANSWERS = {"quartier": 1, "age": 2, "plaisir": 3, "trajets_bus": 4}
#: asked by the newer questionnaire only
ADDED = """
[[section.item]]
id = "saluer"
type = "closed"
text = "Saluez-vous vos voisins ?"
scale = "oui_non"
since = "2030"
wording = "reconstructed"
confirmed = true
"""


@pytest.fixture
def surveys(tmp_path: Path) -> Path:
    """A folder with the invented town, to change."""
    shutil.copytree(BOURG_FICTIF, tmp_path / "bourg-fictif")
    return tmp_path


@pytest.fixture
def older(database_url: str, surveys: Path) -> Iterator[Flask]:
    """An application with the questionnaire as it was."""
    app = make_app(database_url, surveys_dir=surveys, town="bourg-fictif")
    give_account(app, "enqueteur-1", "interviewer")
    give_account(app, "analyse", "analyst")
    yield app
    app.extensions["database"].engine.dispose()


@pytest.fixture
def token(older: Flask) -> str:
    """The token of an enrolled tablet."""
    with older.extensions["database"].write() as session:
        person = fetch_person(session, "enqueteur-1")
        assert person
        return enrol_device(session, person.id, "tablette 1")


def change_questionnaire(surveys: Path, old: str = "", new: str = "") -> None:
    """Edit the file of the current wave: other words, or one more question."""
    path = surveys / "bourg-fictif" / "2030" / "questionnaire.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new) if old else text + ADDED, encoding="utf-8")


def open_again(older: Flask) -> Flask:
    """The application as it starts on the files of today."""
    config = older.extensions["config"]
    return make_app(config.database_url, surveys_dir=config.surveys_dir, town=config.town)


def asked(app: Flask) -> Questionnaire:
    """What an application asks now."""
    found: Questionnaire = app.extensions["town"].current_wave.questionnaire
    return found


def send(app: Flask, token: str, body: bytes, uuid: UUID) -> dict[str, object]:
    """The receipt of a sealed interview."""
    answer = put(app, token, uuid, seal_bytes(body, public_key()), content_type="application/jose")
    assert answer.status_code == 201
    assert isinstance(answer.json, dict)
    return answer.json


def fetch_versions_of_interviews(database: Database) -> list[str]:
    """The version of every stored interview, in the order of arrival."""
    with database.read() as session:
        return list(
            session.scalars(
                select(QuestionnaireVersion.version)
                .join(Interview, Interview.version_id == QuestionnaireVersion.id)
                .order_by(Interview.envelope_seq)
            )
        )


def test_an_interview_of_an_older_questionnaire_is_stored_and_counted_under_it(
    older: Flask, surveys: Path, token: str
) -> None:
    before = asked(older)
    # All that a tablet does: it takes the document. No interview has arrived yet.
    assert older.test_client().get("/interview/2030/fr/").status_code == 200
    change_questionnaire(surveys)
    app = open_again(older)
    now = asked(app)
    assert now.version != before.version
    late, new = uuid4(), uuid4()
    assert send(app, token, seal(before, late, ANSWERS), late)["status"] == "stored"
    assert send(app, token, seal(now, new, {**ANSWERS, "saluer": 1}), new)["status"] == "stored"
    strange = uuid4()
    kept = send(app, token, seal(before, strange, {**ANSWERS, "saluer": 1}), strange)
    assert (kept["status"], kept["reason"]) == ("quarantined", "invalid"), "nobody was asked that then"
    database: Database = app.extensions["database"]
    assert fetch_versions_of_interviews(database) == [before.version, now.version]
    with database.read() as session:
        assert check_counts(session, "2030")
    with database.read() as session:
        counts = fetch_counts(session, "2030")
    assert counts is not None
    assert counts.total == 2
    assert counts.items[-1] == "saluer"


def test_pages_show_two_versions_of_a_wave_together(older: Flask, surveys: Path, token: str) -> None:
    before = asked(older)
    for quartier in (1, 2) * 20:
        uuid = uuid4()
        send(older, token, seal(before, uuid, {**ANSWERS, "quartier": quartier}), uuid)
    change_questionnaire(surveys)
    app = open_again(older)
    for quartier in (1, 2) * 20:
        uuid = uuid4()
        body = seal(asked(app), uuid, {**ANSWERS, "quartier": quartier, "saluer": 1})
        send(app, token, body, uuid)
    with app.extensions["database"].write() as session:
        publish_now(session, app.extensions["town"], "analyse")
    client = sign_in(app.test_client(), "analyse")
    for address in ("/", "/quartiers/le-verger", "/analyse?item=saluer", "/analyse?item=plaisir"):
        assert client.get(address).status_code == 200, address


def test_a_version_is_kept_word_for_word(older: Flask, surveys: Path) -> None:
    database: Database = older.extensions["database"]
    with database.write() as session:
        register_version(session, asked(older))
    change_questionnaire(surveys, "Une idée pour votre quartier", "Un souhait pour votre quartier")
    with database.read() as session:
        kept = fetch_questionnaire(session, asked(older).version)
    assert kept == asked(older)
    assert kept
    assert kept.by_id["idee"].text == "Une idée pour votre quartier ?"
    assert asked(open_again(older)).by_id["idee"].text == "Un souhait pour votre quartier ?"


def test_a_version_whose_files_were_not_kept_gets_them_when_it_is_seen_again(older: Flask) -> None:
    database: Database = older.extensions["database"]
    with database.write() as session:
        first = register_version(session, asked(older))
        session.execute(update(QuestionnaireVersion).values(sources=None))
    with database.read() as session:
        assert fetch_questionnaire(session, asked(older).version) is None
    with database.write() as session:
        assert register_version(session, asked(older)) == first
    with database.read() as session:
        assert fetch_questionnaire(session, asked(older).version) == asked(older)


@pytest.mark.parametrize("sources", [None, {}, {"questionnaire.toml": "", "quartiers.toml": ""}])
def test_without_its_own_files_a_version_stays_unknown(
    older: Flask, surveys: Path, token: str, sources: dict[str, str] | None
) -> None:
    database: Database = older.extensions["database"]
    with database.write() as session:
        register_version(session, asked(older))
        session.execute(update(QuestionnaireVersion).values(sources=sources))
    change_questionnaire(surveys)
    uuid = uuid4()
    kept = send(open_again(older), token, seal(asked(older), uuid, ANSWERS), uuid)
    assert (kept["status"], kept["reason"]) == ("quarantined", "unknown_version")
    with database.read() as session:
        assert session.scalars(select(Envelope.reason)).one() == "unknown_version"
        assert session.scalar(select(Interview.uuid)) is None
        found = recount(session, "2030")
    assert found is not None
    assert found.total == 0
