"""What a tablet learns of the whole survey: targets, what is done, what is missing to be heard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import update
from werkzeug.test import TestResponse

from barometre.fieldwork import work
from barometre.questionnaire.town import Town
from barometre.storage.engine import Database
from barometre.storage.interviews import exclude_interview
from barometre.storage.models import QuestionnaireVersion
from barometre.storage.people import enrol_device, fetch_device_by_token, fetch_person, revoke_device
from tests.support import SECOND_TOWN, choose_first, give_account, make_app, store_interview

UNDER_25, MIDDLE = 2, 3


def open_app(database_url: str, **settings: Any) -> Flask:
    """A town with one interviewer; what is done is looked up at each request."""
    app = make_app(database_url, **settings)
    give_account(app, "enqueteur-1", "interviewer")
    return app


@pytest.fixture
def app(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """Niort."""
    monkeypatch.setattr(work, "DONE_KNOWN_FOR", 0)
    app = open_app(database_url)
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


def enrol(app: Flask) -> str:
    """The token of a tablet."""
    with app.extensions["database"].write() as session:
        person = fetch_person(session, "enqueteur-1")
        assert person
        return enrol_device(session, person.id, "tablette 1")


def ask(app: Flask, token: str) -> TestResponse:
    """A tablet asks for its work."""
    return app.test_client().get("/intake/work", headers={"Authorization": f"Bearer {token}"})


def ask_for(app: Flask, token: str) -> dict[str, Any]:
    """What it learns."""
    answer = ask(app, token)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    return found


def store(database: Database, town: Town, number: int, answers: Mapping[str, int]) -> None:
    """As many interviews with these answers."""
    for _ in range(number):
        store_interview(database, town, {**choose_first(town.current_wave.questionnaire), **answers})


def test_targets_are_those_of_the_design_and_nothing_is_done_at_first(app: Flask, town: Town) -> None:
    design = town.current_wave.design
    assert design
    told = ask_for(app, enrol(app))
    assert told["wave"] == "2027"
    assert [(q["code"], q["id"], q["name"]) for q in told["quartiers"]] == [
        (quartier.code, quartier.id, quartier.name) for quartier in town.quartiers
    ]
    assert {q["id"]: q["target"] for q in told["quartiers"]} == design.target
    assert {(q["id"], c["id"]): c["target"] for q in told["quartiers"] for c in q["classes"]} == {
        (quota.quartier, quota.age_class): quota.target for quota in design.quotas
    }
    assert {q["done"] for q in told["quartiers"]} == {0}
    assert {c["done"] for q in told["quartiers"] for c in q["classes"]} == {0}
    assert {q["missing"] for q in told["quartiers"]} == {design.threshold_mask}


def test_interviews_are_counted_by_quartier_and_age(app: Flask, database: Database, town: Town) -> None:
    token = enrol(app)
    store(database, town, 3, {"quartier": 1, "age": UNDER_25})
    store(database, town, 12, {"quartier": 1, "age": MIDDLE})
    store(database, town, 2, {"quartier": 2, "age": UNDER_25})
    store(database, town, 1, {"quartier": 2, "age": 97})
    told = ask_for(app, token)
    first, second, third = told["quartiers"]
    assert [q["done"] for q in told["quartiers"]] == [15, 3, 0]
    assert [(c["label"], c["done"]) for c in first["classes"]] == [
        ("Moins de 25 ans", 3),
        ("25 à 59 ans", 12),
        ("60 ans et plus", 0),
    ]
    assert [c["done"] for c in second["classes"]] == [2, 0, 0], "an unknown age is of no class"
    assert [q["missing"] for q in (first, second, third)] == [0, 8, 11]
    assert told["needed"] == [
        {"class": "lt25", "label": "Moins de 25 ans", "missing": 6},
        {"class": "60plus", "label": "60 ans et plus", "missing": 11},
    ]


def test_an_excluded_interview_is_not_done(app: Flask, database: Database, town: Town) -> None:
    uuid = uuid4()
    answers = {**choose_first(town.current_wave.questionnaire), "quartier": 1, "age": MIDDLE}
    store_interview(database, town, answers, uuid=uuid)
    store_interview(database, town, answers)
    token = enrol(app)
    assert ask_for(app, token)["quartiers"][0]["done"] == 2
    with database.write() as session:
        exclude_interview(session, uuid, "essai")
    assert ask_for(app, token)["quartiers"][0]["done"] == 1


def test_every_version_of_the_wave_is_counted(app: Flask, database: Database, town: Town) -> None:
    store(database, town, 2, {"quartier": 1, "age": MIDDLE})
    with database.write() as session:
        # As after a change of the questionnaire in the field: these interviews keep the version they had.
        session.execute(update(QuestionnaireVersion).values(version="an earlier version"))
    store(database, town, 1, {"quartier": 1, "age": MIDDLE})
    assert ask_for(app, enrol(app))["quartiers"][0]["done"] == 3


def test_the_moment_is_told_in_utc(app: Flask) -> None:
    moment = datetime.fromisoformat(ask_for(app, enrol(app))["as_of"])
    assert moment.utcoffset() == timedelta(0)


def test_the_numbers_may_be_a_few_seconds_old_but_say_so(
    app: Flask, database: Database, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "DONE_KNOWN_FOR", 3600)
    token = enrol(app)
    before = ask_for(app, token)
    store(database, town, 1, {"quartier": 1, "age": MIDDLE})
    assert ask_for(app, token) == before


def test_nothing_of_it_is_kept_on_the_way(app: Flask) -> None:
    assert ask(app, enrol(app)).headers["Cache-Control"] == "no-store"


def test_a_revoked_tablet_learns_nothing(app: Flask, database: Database) -> None:
    token = enrol(app)
    with database.write() as session:
        tablet = fetch_device_by_token(session, token)
        assert tablet
        revoke_device(session, tablet.id)
    answer = ask(app, token)
    assert (answer.status_code, answer.get_json()["code"]) == (403, "revoked_device")
    assert "quartiers" not in answer.get_json()


def test_without_a_token_nothing_is_told(app: Flask) -> None:
    assert app.test_client().get("/intake/work").status_code == 401


def test_asking_for_work_is_a_sign_of_life(app: Flask, database: Database) -> None:
    token = enrol(app)
    ask(app, token)
    with database.read() as session:
        tablet = fetch_device_by_token(session, token)
    assert tablet
    assert tablet.last_seen_at


def test_another_town_has_its_own_quartiers_and_ages(sqlite_url: str) -> None:
    app = open_app(sqlite_url, surveys_dir=SECOND_TOWN, town="bourg-fictif")
    town: Town = app.extensions["town"]
    store(app.extensions["database"], town, 4, {"quartier": 2, "age": 1, "plaisir": 3})
    told = ask_for(app, enrol(app))
    assert [(q["name"], q["target"], q["done"]) for q in told["quartiers"]] == [
        ("Le Moulin", 60, 0),
        ("Le Verger", 50, 4),
    ]
    assert told["needed"][0] == {"class": "jeune", "label": "18-34 ans", "missing": 7}
    app.extensions["database"].engine.dispose()
