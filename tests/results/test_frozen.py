"""Public pages from memory: the same bytes as from the application, and never a stale or a private one."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable

import pytest
from flask import Flask, session
from flask.testing import FlaskClient

from barometre.results.frozen import MARK_KEY, FrozenPages
from tests.data import publish_now
from tests.results.test_pages import released
from tests.support import give_account, make_app, sign_in


@pytest.fixture
def app(sqlite_url: str) -> Flask:
    """Niort with ninety interviews and an edition."""
    return released(make_app(sqlite_url), 90)


def count_answers(app: Flask) -> list[str]:
    """Every page that the application itself answers from now on."""
    asked: list[str] = []

    def note() -> None:
        from flask import request

        asked.append(request.path)

    app.before_request_funcs.setdefault(None, []).append(note)
    return asked


def test_a_page_is_made_once(app: Flask) -> None:
    client = app.test_client()
    first = client.get("/")
    asked = count_answers(app)
    again = client.get("/")
    assert again.data == first.data
    assert again.headers == first.headers
    assert again.headers["Content-Security-Policy"]
    assert asked == []


def test_it_is_compressed_for_those_who_ask_and_told_apart_by_its_mark(app: Flask) -> None:
    client = app.test_client()
    plain = client.get("/")
    packed = client.get("/", headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < 100_000
    # A strong tag stands for the very bytes (RFC 9110, 8.8.1): other bytes of the page have the weak one.
    assert packed.headers["ETag"] == f"W/{plain.headers['ETag']}"
    for answer in (plain, packed):
        known = client.get("/", headers={"If-None-Match": answer.headers["ETag"]})
        assert (known.status_code, known.data) == (304, b"")


def test_languages_hosts_and_roots_have_pages_of_their_own(app: Flask) -> None:
    client = app.test_client()
    pages = [client.get("/"), client.get("/ar/"), client.get("/", base_url="http://elsewhere/root")]
    assert 'lang="ar"' in pages[1].get_data(as_text=True)
    assert len({page.data for page in pages}) == 3
    assert [client.get("/").data, client.get("/ar/").data] == [pages[0].data, pages[1].data]


def test_whoever_is_signed_in_gets_their_own_and_leaves_nothing(app: Flask) -> None:
    give_account(app, "somebody", "analyst")
    person = sign_in(app.test_client(), "somebody")
    assert "somebody" in person.get("/").get_data(as_text=True)
    assert "somebody" not in app.test_client().get("/").get_data(as_text=True)
    assert "somebody" in person.get("/").get_data(as_text=True)


def test_a_new_edition_replaces_every_page(app: Flask) -> None:
    client = app.test_client()
    before = client.get("/themes/bien-vivre").data
    assert b"n\xc2\xb0 1" in before
    with app.extensions["database"].write() as writing:
        publish_now(writing, app.extensions["town"], smallest_change=0)
    assert b"n\xc2\xb0 2" in client.get("/themes/bien-vivre").data


def test_errors_questions_and_forms_go_through(app: Flask) -> None:
    client = app.test_client()
    asked = count_answers(app)
    for _ in range(2):
        assert client.get("/themes/nowhere").status_code == 404
        assert client.get("/?from=2023").status_code == 200
        assert client.head("/").status_code == 200
        assert client.get("/sign-in").status_code == 200
        assert client.get("/editions").status_code == 200
    assert len(asked) == 10


def make_bare(view: Callable[[], str], read_version: Callable[[], int]) -> FlaskClient:
    """An application of one page behind the middleware."""
    app = Flask(__name__)
    app.secret_key = "tests only"
    app.add_url_rule("/", view_func=view)
    app.wsgi_app = frozen = FrozenPages(app.wsgi_app, "session", read_version)  # type: ignore[method-assign]
    frozen.noticed_after = 0
    return app.test_client()


def mark() -> None:
    from flask import request

    request.environ[MARK_KEY].may_keep = True


def test_a_page_that_was_being_made_while_something_changed_is_not_kept() -> None:
    version, made = [1], []

    def view() -> str:
        mark()
        made.append(version[0])
        version[0] += 1
        return f"made in {made[-1]}"

    client = make_bare(view, lambda: version[0])
    assert client.get("/").data == b"made in 1"
    assert client.get("/").data == b"made in 2"


def test_an_answer_that_sets_a_cookie_is_not_kept() -> None:
    def view() -> str:
        mark()
        session["seen"] = True
        return "hello"

    app = make_bare(view, lambda: 1)
    assert "Set-Cookie" in app.get("/").headers
    assert "Set-Cookie" in app.application.test_client().get("/").headers


def test_many_visitors_at_once_get_the_same_page(app: Flask) -> None:
    answers: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: answers.append(app.test_client().get("/").data)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(answers)) == 1
    assert len(answers) == 8


def test_without_a_database_the_application_answers() -> None:
    def fail() -> int:
        raise OSError("no database")

    assert make_bare(lambda: "hello", fail).get("/").data == b"hello"


def test_invented_hosts_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def view() -> str:
        mark()
        return "x" * 1000

    monkeypatch.setattr("barometre.results.frozen.LARGEST_SIZE", 5000)
    client = make_bare(view, lambda: 1)
    for number in range(20):
        assert client.get("/", base_url=f"http://host-{number}/").status_code == 200
    frozen = client.application.wsgi_app
    assert isinstance(frozen, FrozenPages)
    assert 0 < frozen.weigh() <= 5000
