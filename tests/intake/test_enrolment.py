"""A tablet shows its code: enrolled once, told what to do otherwise, and slowed down when it guesses."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from barometre.access import hash_with_key
from barometre.storage.engine import Database
from barometre.storage.enrolment import USED, Enrolment, clean_code, draw_code, save_code, use_code
from barometre.storage.models import Device, EnrolmentCode, SignInFailure, utc_now
from barometre.storage.people import fetch_device_by_token, fetch_person, set_active
from tests.support import sign_in


@pytest.fixture
def code(app: Flask, database: Database) -> str:
    """A code for the interviewer's tablet, made a moment ago."""
    drawn = draw_code()
    with database.write() as session, app.app_context():
        interviewer, lead = fetch_person(session, "enqueteur-1"), fetch_person(session, "terrain")
        assert interviewer
        assert lead
        save_code(session, hash_with_key(clean_code(drawn)), "Tablette 4", interviewer.id, lead.id)
    return drawn


def show(app: Flask, code: object, **others: object) -> TestResponse:
    """A tablet shows a code."""
    return app.test_client().post("/intake/devices", json={"code": code, **others})


def count_devices(database: Database) -> int:
    """Tablets enrolled."""
    with database.read() as session:
        return session.scalars(select(func.count()).select_from(Device)).one()


def test_a_code_enrols_the_tablet_of_its_interviewer(app: Flask, database: Database, code: str) -> None:
    answer = show(app, code)
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    told = answer.get_json()
    assert (told["interviewer"], told["label"]) == ("enqueteur-1", "Tablette 4")
    with database.read() as session:
        tablet = fetch_device_by_token(session, told["token"])
        used = session.execute(select(EnrolmentCode)).scalar_one()
    assert tablet
    assert tablet.id == told["device_id"] == used.device_id


def test_a_code_is_read_as_people_type_it_and_the_tablet_may_name_itself(app: Flask, code: str) -> None:
    answer = show(app, f" {code.lower().replace('-', ' ')} ", label=" Tablette du hall ")
    assert (answer.status_code, answer.get_json()["label"]) == (201, "Tablette du hall")


def test_a_code_serves_once(app: Flask, database: Database, code: str) -> None:
    assert show(app, code).status_code == 201
    again = show(app, code)
    assert (again.status_code, again.get_json()["code"]) == (409, "used_code")
    assert "Demandez-en un autre" in again.get_json()["message"]
    assert count_devices(database) == 1


def test_a_code_serves_for_an_hour(app: Flask, database: Database, code: str) -> None:
    with database.write() as session:
        session.execute(update(EnrolmentCode).values(expires_at=utc_now() - timedelta(seconds=1)))
    answer = show(app, code)
    assert (answer.status_code, answer.get_json()["code"]) == (410, "expired_code")
    assert "heure" in answer.get_json()["message"]
    assert count_devices(database) == 0


def test_a_wrong_code_says_what_to_do(app: Flask, database: Database, code: str) -> None:
    answer = show(app, draw_code())
    assert (answer.status_code, answer.get_json()["code"]) == (404, "unknown_code")
    assert "Vérifiez" in answer.get_json()["message"]
    assert count_devices(database) == 0


def test_a_closed_account_gets_no_tablet(app: Flask, database: Database, code: str) -> None:
    with database.write() as session:
        person = fetch_person(session, "enqueteur-1")
        assert person
        set_active(session, person.id, False)
    answer = show(app, code)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "closed_account")
    assert count_devices(database) == 0


def test_what_shows_no_code_is_refused_in_json(app: Flask, database: Database) -> None:
    for body in ({}, {"code": ""}, {"code": 4}, {"code": "ABCD", "label": 4}, [], "ABCD"):
        answer = app.test_client().post("/intake/devices", json=body)
        assert (answer.status_code, answer.get_json()["code"]) == (400, "bad_request"), body
    # What another site's form could send for somebody.
    assert app.test_client().post("/intake/devices", data={"code": "ABCD-EFGH"}).status_code == 415
    assert count_devices(database) == 0


def test_tablets_that_come_at_once_are_not_both_enrolled(app: Flask, database: Database, code: str) -> None:
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda _: show(app, code), range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
    assert count_devices(database) == 1


def test_the_database_itself_lets_a_code_serve_once(app: Flask, database: Database, code: str) -> None:
    # Without the lock that guesses wait for: the row alone decides.
    with app.app_context():
        hashed = hash_with_key(clean_code(code))
    start = Barrier(4)

    def use(_: int) -> Enrolment | str:
        start.wait()
        with database.write() as session:
            return use_code(session, hashed)

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(use, range(4)))
    assert [result for result in found if isinstance(result, str)] == [USED] * 3
    assert count_devices(database) == 1


def test_whoever_guesses_has_to_wait_even_with_the_right_code(
    app: Flask, database: Database, code: str
) -> None:
    assert [show(app, draw_code()).status_code for _ in range(20)] == [404] * 20
    waits = show(app, code)
    assert (waits.status_code, waits.get_json()["code"]) == (429, "too_many_attempts")
    elsewhere = app.test_client().post(
        "/intake/devices", json={"code": code}, environ_overrides={"REMOTE_ADDR": "198.51.100.7"}
    )
    assert elsewhere.status_code == 201, "guesses close one address, not the others"
    with database.write() as session:
        session.execute(update(SignInFailure).values(at=utc_now() - timedelta(minutes=16)))
    assert show(app, code).status_code == 409, "the wait is over"


def test_guessing_codes_closes_nobody_s_account(app: Flask) -> None:
    for _ in range(20):
        show(app, draw_code())
    sign_in(app.test_client(), "enqueteur-1")


def test_codes_are_drawn_without_look_alikes_and_never_twice() -> None:
    drawn = {draw_code() for _ in range(500)}
    assert len(drawn) == 500
    assert not set("".join(drawn)) & set("01ILOU")
