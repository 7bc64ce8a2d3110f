"""Signing in and out: throttle, sessions, safe return addresses."""

import re
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from barometre import access
from barometre.storage.engine import Database
from barometre.storage.models import Person, SignInFailure, utc_now
from barometre.storage.people import fetch_person, set_active
from tests.support import PASSWORD, sign_in


def read_token(client: FlaskClient, address: str = "/sign-in") -> str:
    """The token of the first form of a page."""
    page = client.get(address).get_data(as_text=True)
    return page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]


def try_password(client: FlaskClient, password: str, username: str = "enqueteur-1", query: str = "") -> int:
    """The status of one attempt."""
    data = {"csrf_token": read_token(client), "username": username, "password": password}
    return client.post(f"/sign-in{query}", data=data).status_code


def test_the_right_password_opens_the_account(client: FlaskClient) -> None:
    assert try_password(client, PASSWORD) == 303
    page = client.get("/account")
    assert page.status_code == 200
    assert "enqueteur-1" in page.get_data(as_text=True)


def test_the_name_is_read_whatever_its_case(client: FlaskClient) -> None:
    assert try_password(client, PASSWORD, username=" Enqueteur-1 ") == 303


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(client: FlaskClient) -> None:
    token = read_token(client)
    answers = [
        client.post("/sign-in", data={"csrf_token": token, "username": name, "password": "not the password"})
        for name in ("enqueteur-1", "nobody")
    ]
    assert [answer.status_code for answer in answers] == [401, 401]
    # The token carries the second it was made in.
    first, second = (
        re.sub(r'name="csrf_token"[^>]*>', "", answer.get_data(as_text=True)) for answer in answers
    )
    assert first.replace("enqueteur-1", "nobody") == second


def test_an_empty_form_is_told_field_by_field(client: FlaskClient) -> None:
    answer = client.post("/sign-in", data={"csrf_token": read_token(client)})
    assert answer.status_code == 422
    assert answer.get_data(as_text=True).count("Ce champ est à remplir.") >= 2


def test_after_five_failures_even_the_right_password_waits(client: FlaskClient) -> None:
    assert [try_password(client, "wrong password") for _ in range(5)] == [401] * 5
    assert try_password(client, PASSWORD) == 429
    assert client.get("/account").status_code == 303


def test_attempts_made_at_the_same_time_try_no_more_than_five_passwords(app: Flask) -> None:
    together = 16
    start = Barrier(together)
    browsers = [app.test_client() for _ in range(together)]
    tokens = [read_token(browser) for browser in browsers]

    def attempt(place: int) -> int:
        data = {"csrf_token": tokens[place], "username": "enqueteur-1", "password": f"wrong password {place}"}
        start.wait()
        return browsers[place].post("/sign-in", data=data).status_code

    with ThreadPoolExecutor(together) as pool:
        statuses = Counter(pool.map(attempt, range(together)))
    assert statuses == {401: 5, 429: together - 5}


def test_somebody_else_may_still_sign_in_meanwhile(client: FlaskClient) -> None:
    for _ in range(6):
        try_password(client, "wrong password")
    assert try_password(client, PASSWORD, username="administration") == 303


def test_failures_are_forgotten_after_a_quarter_of_an_hour(client: FlaskClient, database: Database) -> None:
    for _ in range(5):
        try_password(client, "wrong password")
    with database.write() as session:
        session.execute(update(SignInFailure).values(at=utc_now() - timedelta(minutes=16)))
    assert try_password(client, PASSWORD) == 303


def test_a_success_forgets_the_failures_of_that_name(client: FlaskClient) -> None:
    for _ in range(4):
        try_password(client, "wrong password")
    assert try_password(client, PASSWORD) == 303
    assert [try_password(client, "wrong password") for _ in range(4)] == [401] * 4
    assert try_password(client, PASSWORD) == 303


def test_twenty_failures_close_an_address_whatever_the_names(client: FlaskClient) -> None:
    data = {"csrf_token": read_token(client), "password": "wrong password"}
    for number in range(20):
        assert client.post("/sign-in", data=data | {"username": f"nobody-{number}"}).status_code == 401
    assert try_password(client, PASSWORD) == 429


def test_an_ipv6_household_is_one_address(client: FlaskClient) -> None:
    token = read_token(client)
    statuses = [
        client.post(
            "/sign-in",
            data={"csrf_token": token, "username": f"nobody-{number}", "password": "wrong password"},
            environ_overrides={"REMOTE_ADDR": f"2001:db8::{number:x}"},
        ).status_code
        for number in range(1, 23)
    ]
    assert statuses == [401] * 20 + [429] * 2


def test_the_throttle_keeps_neither_names_nor_addresses(client: FlaskClient, database: Database) -> None:
    try_password(client, "wrong password")
    with database.read() as session:
        subjects = session.scalars(select(SignInFailure.subject)).all()
    assert len(subjects) == 2
    assert not [subject for subject in subjects if "enqueteur" in subject or "127.0.0.1" in subject]


def test_a_closed_account_cannot_sign_in(client: FlaskClient, database: Database) -> None:
    with database.write() as session:
        person = fetch_person(session, "enqueteur-1")
        assert person
        set_active(session, person.id, False)
    assert try_password(client, PASSWORD) == 401


def test_closing_an_account_ends_its_open_sign_in(client: FlaskClient, database: Database) -> None:
    sign_in(client, "enqueteur-1")
    with database.write() as session:
        person = fetch_person(session, "enqueteur-1")
        assert person
        set_active(session, person.id, False)
        set_active(session, person.id, True)
    assert client.get("/account").status_code == 303


def test_a_sign_in_lasts_twelve_hours(client: FlaskClient) -> None:
    sign_in(client, "enqueteur-1")
    with client.session_transaction() as session:
        session["since"] = int(time.time()) - 12 * 3600 - 1
    assert client.get("/account").status_code == 303


def test_signing_out_closes_this_browser_only(app: Flask, client: FlaskClient) -> None:
    sign_in(client, "enqueteur-1")
    other = sign_in(app.test_client(), "enqueteur-1")
    answer = client.post("/sign-out", data={"csrf_token": read_token(client, "/account")})
    assert answer.status_code == 303
    assert client.get("/account").status_code == 303
    assert other.get("/account").status_code == 200


def test_signing_out_needs_the_form_of_this_site(client: FlaskClient) -> None:
    sign_in(client, "enqueteur-1")
    assert client.post("/sign-out").status_code == 400
    assert client.get("/account").status_code == 200


def test_a_visitor_comes_back_where_they_were_going(client: FlaskClient) -> None:
    asked = client.get("/account?from=menu")
    assert asked.status_code == 303
    assert asked.location.startswith("/sign-in?next=")
    query = asked.location.removeprefix("/sign-in")
    data = {"csrf_token": read_token(client), "username": "enqueteur-1", "password": PASSWORD}
    assert client.post(f"/sign-in{query}", data=data).location == "/account?from=menu"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "",
    ],
)
def test_nobody_is_sent_to_another_site(client: FlaskClient, elsewhere: str) -> None:
    data = {"csrf_token": read_token(client), "username": "enqueteur-1", "password": PASSWORD}
    answer = client.post("/sign-in", query_string={"next": elsewhere}, data=data)
    assert answer.status_code == 303
    assert answer.location == "/interview/"


def test_an_old_hash_is_renewed_when_its_owner_signs_in(client: FlaskClient, database: Database) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1)
    with database.write() as session:
        session.execute(update(Person).values(password_hash=weak.hash(PASSWORD)))
    assert try_password(client, PASSWORD) == 303
    with database.read() as session:
        stored = session.scalars(select(Person.password_hash).where(Person.username == "enqueteur-1")).one()
    assert not access.HASHER.check_needs_rehash(stored)
    assert access.verify_password(stored, PASSWORD)


def test_a_damaged_hash_lets_nobody_in(client: FlaskClient, database: Database) -> None:
    with database.write() as session:
        session.execute(update(Person).values(password_hash="not a hash"))
    assert try_password(client, PASSWORD) == 401
