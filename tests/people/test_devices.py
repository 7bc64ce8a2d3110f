"""The tablets: the list, the code that enrols another one, and those that are lost."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from barometre.people.devices import draw_picture
from barometre.storage.engine import Database
from barometre.storage.enrolment import ALPHABET
from barometre.storage.models import Device, EnrolmentCode, utc_now
from barometre.storage.people import (
    enrol_device,
    fetch_device_by_token,
    fetch_devices,
    fetch_person,
    note_device_seen,
    set_active,
)
from tests.people.test_sign_in import read_token
from tests.support import sign_in

CODE = re.compile(rf'class="code">([{ALPHABET}]{{4}}-[{ALPHABET}]{{4}})<')


@pytest.fixture
def lead(app: Flask) -> FlaskClient:
    """A supervisor, signed in."""
    return sign_in(app.test_client(), "terrain")


def find_number(database: Database, username: str) -> int:
    """Somebody's number."""
    with database.read() as session:
        person = fetch_person(session, username)
    assert person
    return person.id


def ask_for_code(client: FlaskClient, database: Database, **fields: str) -> TestResponse:
    """Send the form that makes a code."""
    data = {
        "csrf_token": read_token(client, "/account"),
        "label": "Tablette 4",
        "interviewer": str(find_number(database, "enqueteur-1")),
    }
    return client.post("/people/devices/new", data=data | fields)


def read_code(answer: TestResponse) -> str:
    """The code that a page shows."""
    found = CODE.search(answer.get_data(as_text=True))
    assert found
    return found[1]


@pytest.mark.parametrize("username", ["terrain", "administration"])
def test_a_lead_gets_a_code_that_enrols_a_tablet_for_the_chosen_interviewer(
    app: Flask, database: Database, username: str
) -> None:
    client = sign_in(app.test_client(), username)
    code = read_code(ask_for_code(client, database))
    answer = app.test_client().post("/intake/devices", json={"code": code})
    assert answer.status_code == 201
    with database.read() as session:
        (tablet,) = fetch_devices(session)
    assert (tablet.label, tablet.enrolled_by) == ("Tablette 4", "enqueteur-1")
    page = client.get("/people/devices").get_data(as_text=True)
    assert "Tablette 4" in page
    assert "jamais" in page


def test_the_page_of_the_code_is_not_kept_and_carries_the_picture_of_its_address(
    database: Database, lead: FlaskClient
) -> None:
    answer = ask_for_code(lead, database)
    assert answer.headers["Cache-Control"] == "no-store"
    page, code = answer.get_data(as_text=True), read_code(answer)
    (image,) = re.findall(r"<img [^>]*>", page)
    assert "alt=" in image
    (source,) = re.findall(r'src="([^"]*)"', image)
    assert unescape(source) == draw_picture(f"http://localhost/interview/#inscription={code}")
    assert unquote(unescape(source)).startswith("data:image/svg+xml")
    assert "http://localhost/interview/" in page
    assert code not in lead.get("/people/devices").get_data(as_text=True)
    assert code not in lead.get("/people/devices/new").get_data(as_text=True)


def test_the_address_in_the_picture_is_the_same_whatever_the_language_of_the_page(
    database: Database, lead: FlaskClient
) -> None:
    fields = {
        "csrf_token": read_token(lead, "/account"),
        "label": "Tablette 4",
        "interviewer": str(find_number(database, "enqueteur-1")),
    }
    page = lead.post("/en/people/devices/new", data=fields).get_data(as_text=True)
    assert "http://localhost/interview/" in page


def test_neither_a_code_nor_anything_that_finds_it_is_stored(database: Database, lead: FlaskClient) -> None:
    code = read_code(ask_for_code(lead, database))
    with database.read() as session:
        row = session.execute(select(EnrolmentCode)).scalar_one()
    assert re.fullmatch("[0-9a-f]{64}", row.code_hash)
    assert code.replace("-", "") not in row.code_hash.upper()
    assert timedelta(minutes=59) < row.expires_at - row.made_at <= timedelta(hours=1)


def test_what_is_missing_is_said_and_makes_no_code(database: Database, lead: FlaskClient) -> None:
    for wrong in ({"label": " "}, {"label": "x" * 81}, {"interviewer": ""}, {"interviewer": "999999"}):
        answer = ask_for_code(lead, database, **wrong)
        assert answer.status_code == 422, wrong
        assert 'class="field__error"' in answer.get_data(as_text=True), wrong
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(EnrolmentCode)) == 0


def test_only_open_accounts_of_interviewers_are_offered(database: Database, lead: FlaskClient) -> None:
    offered = lead.get("/people/devices/new").get_data(as_text=True)
    assert ">enqueteur-1<" in offered
    assert ">administration<" not in offered
    with database.write() as session:
        set_active(session, find_number(database, "enqueteur-1"), False)
    assert "Aucun compte d’enquêteur n’est ouvert" in lead.get("/people/devices/new").get_data(as_text=True)


def test_a_lead_revokes_a_lost_tablet(app: Flask, database: Database, lead: FlaskClient) -> None:
    with database.write() as session:
        token = enrol_device(session, find_number(database, "enqueteur-1"), "Tablette 4")
    with database.read() as session:
        tablet = fetch_device_by_token(session, token)
    assert tablet
    assert not tablet.revoked
    answer = lead.post(
        f"/people/devices/{tablet.id}/revoke", data={"csrf_token": read_token(lead, "/account")}
    )
    assert answer.location == "/people/devices"
    with database.read() as session:
        (tablet,) = fetch_devices(session)
    assert tablet.revoked
    assert "révoquée le" in lead.get("/people/devices").get_data(as_text=True)


def test_a_sign_of_life_is_noted_once_in_a_few_minutes(database: Database) -> None:
    with database.write() as session:
        enrol_device(session, find_number(database, "enqueteur-1"), "Tablette 4")
        (tablet,) = fetch_devices(session)
        assert tablet.last_seen_at is None
        note_device_seen(session, tablet.id)
        first = fetch_devices(session)[0].last_seen_at
        note_device_seen(session, tablet.id)
        assert first
        assert fetch_devices(session)[0].last_seen_at == first
        session.execute(update(Device).values(last_seen_at=utc_now() - timedelta(hours=1)))
        note_device_seen(session, tablet.id)
        later = fetch_devices(session)[0].last_seen_at
    assert later
    assert later >= first
