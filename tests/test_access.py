"""What guards every answer: headers, cookies, caches, and the tokens of tablets."""

from collections.abc import Iterator
from http.cookies import SimpleCookie

import pytest
from flask import Flask, jsonify
from flask.testing import FlaskClient

from barometre.access import allow, current_device
from barometre.storage.people import enrol_device, fetch_person, revoke_device
from tests.support import give_account, make_app, sign_in


@pytest.fixture
def app(sqlite_url: str) -> Iterator[Flask]:
    """The application as the demonstration runs it, with a route for tablets."""
    app = make_app(sqlite_url)
    give_account(app, "enqueteur-1", "interviewer")

    @allow("device")
    def whoami() -> object:
        tablet = current_device()
        assert tablet
        return jsonify(label=tablet.label, revoked=tablet.revoked)

    app.add_url_rule("/intake/whoami", "whoami", whoami)
    yield app
    app.extensions["database"].engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser that nobody has signed in on."""
    return app.test_client()


def test_a_strict_policy_goes_with_every_answer(client: FlaskClient) -> None:
    for address in ("/", "/sign-in", "/nowhere", "/intake/ping", "/account"):
        headers = client.get(address).headers
        policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
        assert policy["default-src"] == policy["script-src"] == policy["style-src"] == "'self'"
        assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
        assert policy["form-action"] == "'self'"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "geolocation=()" in headers["Permissions-Policy"]
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_cookies_are_locked_to_https_and_to_this_host(sqlite_url: str) -> None:
    app = make_app(sqlite_url, secure_cookies=True)
    try:
        answer = app.test_client().get("/sign-in", base_url="https://barometre.example")
    finally:
        app.extensions["database"].engine.dispose()
    cookie = SimpleCookie(answer.headers["Set-Cookie"])["__Host-barometre"]
    assert cookie["secure"]
    assert cookie["httponly"]
    assert (cookie["samesite"], cookie["path"], cookie["domain"]) == ("Lax", "/", "")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_the_demonstration_over_http_keeps_the_rest(client: FlaskClient) -> None:
    answer = client.get("/sign-in")
    cookie = SimpleCookie(answer.headers["Set-Cookie"])["barometre"]
    assert not cookie["secure"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert "Strict-Transport-Security" not in answer.headers


def test_a_public_page_is_asked_for_again_and_answered_in_one_word(client: FlaskClient) -> None:
    first = client.get("/mentions-legales")
    assert first.headers["Cache-Control"] == "no-cache"
    again = client.get("/mentions-legales", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert "Set-Cookie" not in first.headers


def test_a_page_with_a_name_on_it_is_never_kept(client: FlaskClient) -> None:
    sign_in(client, "enqueteur-1")
    for address in ("/account", "/mentions-legales"):
        assert client.get(address).headers["Cache-Control"] == "no-store"


def test_a_file_is_kept_for_ever_under_the_hash_of_all_files(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context():
        address = app.url_for("static", filename="tokens.css")
    assert address == f"/static/{app.extensions['build']}/tokens.css"
    with client.get(address) as answer:
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.get("/static/old/tokens.css").headers["Cache-Control"] == "no-store"


def ask(client: FlaskClient, authorization: str | None) -> tuple[int, object]:
    """What a tablet is told about itself."""
    headers = {"Authorization": authorization} if authorization else {}
    answer = client.get("/intake/whoami", headers=headers)
    return answer.status_code, answer.json


def test_a_tablet_is_known_by_its_token_and_by_nothing_else(app: Flask, client: FlaskClient) -> None:
    with app.extensions["database"].write() as session:
        person = fetch_person(session, "enqueteur-1")
        assert person
        token = enrol_device(session, person.id, "Tablette 1")
    assert ask(client, f"Bearer {token}") == (200, {"label": "Tablette 1", "revoked": False})
    sign_in(client, "enqueteur-1")
    for authorization in (None, "Bearer", "Bearer nonsense", f"Basic {token}", token):
        status, said = ask(client, authorization)
        assert status == 401
        assert isinstance(said, dict)
        assert said["code"] == "not_signed_in"


def test_a_revoked_tablet_may_still_hand_over_what_it_holds(app: Flask, client: FlaskClient) -> None:
    with app.extensions["database"].write() as session:
        person = fetch_person(session, "enqueteur-1")
        assert person
        token = enrol_device(session, person.id, "Tablette 1")
        revoke_device(session, 1)
    assert ask(client, f"Bearer {token}") == (200, {"label": "Tablette 1", "revoked": True})


def test_addresses_of_visitors_are_believed_from_as_many_proxies_as_there_are(sqlite_url: str) -> None:
    app = make_app(sqlite_url, trusted_proxies=1)
    try:
        client = app.test_client()
        page = client.get(
            "/account", headers={"X-Forwarded-Proto": "https", "X-Forwarded-Host": "barometre.example"}
        )
        assert page.status_code == 303
    finally:
        app.extensions["database"].engine.dispose()
