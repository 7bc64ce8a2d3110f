"""What is answered when something goes wrong: a page for people, JSON for tablets."""

from collections.abc import Iterator

import pytest
from flask import Flask, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, UnprocessableEntity

from barometre.access import allow
from tests.support import give_account, make_app, sign_in


@pytest.fixture
def app(sqlite_url: str) -> Iterator[Flask]:
    """The application, with one route that fails as it is told."""
    app = make_app(sqlite_url)
    failures: dict[str, Exception] = {
        "too-large": RequestEntityTooLarge(),
        "unprocessable": UnprocessableEntity(),
        "unexpected": RuntimeError("the reason stays in the log"),
        "database": OperationalError("select 1", {}, Exception("the server is gone")),
    }

    @allow("public")
    def fail() -> str:
        raise failures[request.args["how"]]

    app.add_url_rule("/intake/fail", "fail_intake", fail)
    app.add_url_rule("/fail", "fail", fail)
    yield app
    app.extensions["database"].engine.dispose()


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ("too-large", 413, "too_large"),
        ("unprocessable", 422, "unprocessable"),
        ("unexpected", 500, "internal_error"),
        ("database", 503, "unavailable"),
    ],
)
def test_people_get_a_page_and_tablets_get_json(app: Flask, how: str, status: int, code: str) -> None:
    client = app.test_client()
    page = client.get(f"/fail?how={how}")
    assert (page.status_code, page.mimetype) == (status, "text/html")
    assert '<html lang="fr"' in page.get_data(as_text=True)
    told = client.get(f"/intake/fail?how={how}")
    assert (told.status_code, told.mimetype) == (status, "application/json")
    assert told.json
    assert told.json["code"] == code
    assert told.json["message"] in page.get_data(as_text=True).replace("</p>\n<p>", " ")


def test_a_program_that_asks_for_json_gets_json_anywhere(app: Flask) -> None:
    answer = app.test_client().get("/nowhere", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json and answer.json["code"]) == (404, "not_found")


def test_an_unexpected_error_keeps_its_reason_to_itself(app: Flask) -> None:
    assert "the reason" not in app.test_client().get("/fail?how=unexpected").get_data(as_text=True)


def test_the_error_page_stands_when_the_database_has_fallen(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_account(app, "everything", "administrator")
    client = sign_in(app.test_client(), "everything")

    def refuse() -> None:
        raise OperationalError("select 1", {}, Exception("the server is gone"))

    monkeypatch.setattr(app.extensions["database"], "read", refuse)
    answer = client.get("/people")
    assert answer.status_code == 503
    assert "La base de données ne répond pas." in answer.get_data(as_text=True)


def test_an_unknown_address_says_what_to_do(app: Flask) -> None:
    answer = app.test_client().get("/nowhere")
    assert answer.status_code == 404
    assert "Vérifiez l’adresse" in answer.get_data(as_text=True)


def test_a_wrong_method_names_the_right_ones(app: Flask) -> None:
    answer = app.test_client().post("/")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_a_forged_form_is_told_apart(app: Flask) -> None:
    answer = app.test_client().post("/sign-in", data={"username": "somebody"})
    assert answer.status_code == 400
    assert "Ce formulaire a expiré" in answer.get_data(as_text=True)


@pytest.mark.parametrize("signed_in", [False, True])
def test_what_was_typed_is_shown_when_a_form_comes_too_late(app: Flask, signed_in: bool) -> None:
    give_account(app, "member", "council", council="CC1")
    client = app.test_client()
    if signed_in:
        sign_in(client, "member")
    sent = {"text": "Un long <b>avis</b> du conseil.", "password": "a very secret phrase", "revision": "3"}
    answer = client.post("/council/themes/bien-vivre/opinion", data=sent)
    assert answer.status_code in (400, 401)
    page = answer.get_data(as_text=True)
    assert "Un long &lt;b&gt;avis&lt;/b&gt; du conseil.</textarea>" in page
    assert "secret phrase" not in page
    assert page.count("<textarea") == 1


def test_a_status_without_words_of_its_own_gets_those_of_its_family(app: Flask) -> None:
    class Teapot(HTTPException):
        code = 418

    @allow("public")
    def brew() -> str:
        raise Teapot

    app.add_url_rule("/brew", "brew", brew)
    answer = app.test_client().get("/brew")
    assert answer.status_code == 418
    assert "La demande n’a pas été comprise" in answer.get_data(as_text=True)
