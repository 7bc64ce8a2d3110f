"""One's own password, one's own tablet, and the people an administrator looks after."""

from flask import Flask
from flask.testing import FlaskClient

from barometre.storage.engine import Database
from barometre.storage.people import fetch_devices, fetch_people, fetch_person
from tests.people.test_sign_in import read_token, try_password
from tests.support import PASSWORD, sign_in

NEW_PASSWORD = "quatre chevaux sous la pluie"


def change_password(client: FlaskClient, current: str, new: str) -> int:
    """The status of a change of password."""
    data = {"csrf_token": read_token(client, "/account"), "current": current, "new": new}
    return client.post("/account", data=data).status_code


def add_somebody(client: FlaskClient, **fields: object) -> tuple[int, str]:
    """Send the form for somebody new: status, and the page that follows."""
    data = {
        "csrf_token": read_token(client, "/people"),
        "username": "nouvelle",
        "password": NEW_PASSWORD,
        "roles": ["interviewer"],
        "council": "",
    }
    answer = client.post("/people", data=data | fields)
    return answer.status_code, client.get("/people").get_data(
        as_text=True
    ) if answer.status_code == 303 else (answer.get_data(as_text=True))


def test_changing_the_password_keeps_this_browser_and_ends_the_others(app: Flask) -> None:
    here, there = (sign_in(app.test_client(), "enqueteur-1") for _ in range(2))
    assert change_password(here, PASSWORD, NEW_PASSWORD) == 303
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 303
    assert try_password(app.test_client(), PASSWORD) == 401
    assert try_password(app.test_client(), NEW_PASSWORD) == 303


def test_the_old_password_is_asked_for(app: Flask) -> None:
    client = sign_in(app.test_client(), "enqueteur-1")
    assert change_password(client, "not the password", NEW_PASSWORD) == 422
    assert try_password(app.test_client(), PASSWORD) == 303


def test_a_weak_password_is_refused_in_words(app: Flask) -> None:
    client = sign_in(app.test_client(), "enqueteur-1")
    for weak in ("too short", "enqueteur-1 et son nom"):
        assert change_password(client, PASSWORD, weak) == 422
    assert try_password(app.test_client(), PASSWORD) == 303


def test_an_administrator_adds_somebody(app: Flask, database: Database) -> None:
    status, page = add_somebody(
        sign_in(app.test_client(), "administration"), roles=["interviewer", "council"], council="CC1"
    )
    assert status == 303
    assert "nouvelle peut se connecter." in page
    with database.read() as session:
        person = fetch_person(session, "nouvelle")
    assert person
    assert (person.roles, person.council) == ({"interviewer", "council"}, "CC1")
    assert try_password(app.test_client(), NEW_PASSWORD, username="nouvelle") == 303


def test_what_is_wrong_with_a_new_person_is_said_and_nothing_typed_is_lost(app: Flask) -> None:
    client = sign_in(app.test_client(), "administration")
    for wrong in (
        {"username": "Nom Prénom"},
        {"username": "enqueteur-1"},
        {"password": "short"},
        {"roles": []},
        {"roles": ["emperor"]},
        {"roles": ["council"], "council": ""},
        {"roles": ["analyst"], "council": "CC1"},
    ):
        status, page = add_somebody(client, **wrong)
        assert status == 422, wrong
        assert 'class="field__error"' in page, wrong
        assert f'value="{wrong.get("username", "nouvelle")}"' in page, wrong


def test_an_administrator_closes_and_reopens_an_account(app: Flask, database: Database) -> None:
    client = sign_in(app.test_client(), "administration")
    with database.read() as session:
        number = {person.username: person.id for person in fetch_people(session)}["enqueteur-1"]
    token = read_token(client, "/people")
    client.post(f"/people/{number}/deactivate", data={"csrf_token": token})
    assert try_password(app.test_client(), PASSWORD) == 401
    client.post(f"/people/{number}/reactivate", data={"csrf_token": token})
    assert try_password(app.test_client(), PASSWORD) == 303


def test_nobody_closes_their_own_account(app: Flask, database: Database) -> None:
    client = sign_in(app.test_client(), "administration")
    with database.read() as session:
        number = {person.username: person.id for person in fetch_people(session)}["administration"]
    client.post(f"/people/{number}/deactivate", data={"csrf_token": read_token(client, "/people")})
    assert client.get("/people").status_code == 200


def test_an_unknown_person_is_not_found(app: Flask) -> None:
    client = sign_in(app.test_client(), "administration")
    data = {"csrf_token": read_token(client, "/people")}
    assert client.post("/people/999999/deactivate", data=data).status_code == 404


def test_an_interviewer_enrols_their_tablet_once_and_learns_its_token(app: Flask, database: Database) -> None:
    client = sign_in(app.test_client(), "enqueteur-1")
    headers = {"X-CSRFToken": read_token(client, "/account")}
    answer = client.post("/people/devices", json={"label": " Tablette 4 "}, headers=headers)
    assert answer.status_code == 201
    assert answer.json
    assert answer.json["interviewer"] == "enqueteur-1"
    assert len(answer.json["token"]) >= 43
    with database.read() as session:
        (tablet,) = fetch_devices(session)
    assert (tablet.id, tablet.label, tablet.enrolled_by) == (
        answer.json["device_id"],
        "Tablette 4",
        "enqueteur-1",
    )


def test_enrolling_needs_a_label_and_this_site(app: Flask, database: Database) -> None:
    client = sign_in(app.test_client(), "enqueteur-1")
    headers = {"X-CSRFToken": read_token(client, "/account")}
    for body in ({}, {"label": ""}, {"label": "x" * 81}, {"label": 4}, []):
        answer = client.post("/people/devices", json=body, headers=headers)
        assert (answer.status_code, answer.json and answer.json["code"]) == (400, "bad_request")
    forged = client.post("/people/devices", json={"label": "Tablette 4"})
    assert (forged.status_code, forged.json and forged.json["code"]) == (400, "stale_form")
    with database.read() as session:
        assert fetch_devices(session) == []
