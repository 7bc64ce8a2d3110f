"""From an envelope sent by a tablet to the analyst's table, while the public release stands still."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from barometre.questionnaire.definition import Questionnaire
from tests.data import publish_now
from tests.support import give_account, leave_eligible, make_app, sign_in, store_interview


@pytest.fixture
def app(database_url: str) -> Flask:
    """Niort with forty interviews in each quartier, released."""
    made = make_app(database_url)
    town, database = made.extensions["town"], made.extensions["database"]
    for number in range(120):
        store_interview(database, town, answer_everything(town.current_wave.questionnaire, number))
    with database.write() as session:
        publish_now(session, town)
    for name in ("interviewer", "analyst"):
        give_account(made, name, name)
    return made


def answer_everything(questionnaire: Questionnaire, number: int) -> dict[str, int | str]:
    """Valid answers that differ from one number to the next."""
    return leave_eligible(
        questionnaire,
        {
            item.id: item.scale.options[(number + 7 * place) % len(item.scale.options)].code
            for place, item in enumerate(questionnaire.closed_items)
            if item.scale
        },
    )


def enrol(client: FlaskClient) -> str:
    """A token for this browser, as the interviewer's page asks for it."""
    me = client.get("/people/me").get_json()
    answer = client.post(
        "/people/devices",
        json={"label": "tablet"},
        headers={"X-CSRFToken": me["token"], "Accept": "application/json"},
    )
    assert answer.status_code in (200, 201), answer.get_data(as_text=True)
    return str(answer.get_json()["token"])


def fetch_bases(client: FlaskClient) -> list[int]:
    """The column of answers of the live table, quartier by quartier, then everybody."""
    page = client.get("/analyse?item=satisfaction&by=quartier").get_data(as_text=True)
    rows = page.split("<tbody>")[1].split("</tbody>")[0].split("<tr>")[1:]
    return [int(row.split('<td class="number">')[5].split("</td>")[0]) for row in rows]


def test_an_interview_moves_the_live_counts_of_its_quartier_by_one_and_no_public_page(app: Flask) -> None:
    analyst, tablet, visitor = app.test_client(), app.test_client(), app.test_client()
    sign_in(analyst, "analyst")
    sign_in(tablet, "interviewer")
    before, public = fetch_bases(analyst), visitor.get("/").data
    asked = app.extensions["town"].current_wave.questionnaire
    body = write_body(asked, answer_everything(asked, 0) | {"quartier": 2, "satisfaction": 4})
    address = f"/intake/interviews/{json.loads(body)['uuid']}"
    headers = {"Authorization": f"Bearer {enrol(tablet)}", "Content-Type": "application/json"}

    first = app.test_client().put(address, data=body, headers=headers)
    again = app.test_client().put(address, data=body, headers=headers)

    assert (first.status_code, first.get_json()["status"]) == (201, "stored")
    assert (again.status_code, again.get_json()["status"]) == (200, "already_received")
    assert first.get_json()["sha256"] == hashlib.sha256(body).hexdigest()
    assert again.get_json()["seq"] == first.get_json()["seq"]
    after = fetch_bases(analyst)
    assert [now - then for now, then in zip(after, before, strict=True)] == [0, 1, 0, 1]
    assert visitor.get("/").data == public


def test_a_release_brings_the_public_pages_up_to_date(app: Flask) -> None:
    visitor = app.test_client()
    before = visitor.get("/").data
    asked = app.extensions["town"].current_wave.questionnaire
    assert "Environ 120 personnes interrogées" in visitor.get("/").get_data(as_text=True)
    for number in range(0, 33, 3):
        store_interview(app.extensions["database"], app.extensions["town"], answer_everything(asked, number))
    assert visitor.get("/").data == before

    with app.extensions["database"].write() as session:
        publish_now(session, app.extensions["town"])

    assert "Environ 130 personnes interrogées" in visitor.get("/").get_data(as_text=True)


def write_body(asked: Questionnaire, answers: dict[str, int | str]) -> bytes:
    """An envelope as the tablet seals it."""
    envelope: dict[str, Any] = {
        "uuid": str(uuid4()),
        "wave": asked.wave,
        "version": asked.version,
        "interviewer": "interviewer",
        "disposition": "complete",
        "started_at": "2027-11-15T09:30:00.000Z",
        "finished_at": "2027-11-15T09:44:00.000Z",
        "answers": {item: {"code": code, "language": "ar"} for item, code in answers.items()},
        "skipped": {},
        "paradata": {},
    }
    return json.dumps(envelope).encode()
