"""The interviewer's pages as the server writes them."""

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from barometre.interview.bundle import bundle
from barometre.interview.pages import describe_item
from barometre.questionnaire.town import Town
from tests.support import ROOT, SECOND_TOWN, make_app, sign_in

LANGUAGES = ("fr", "en", "ar")


class Document(HTMLParser):
    """Start tags with their attributes, and the data block."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.data = ""
        self._in_data = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._in_data = dict(attrs).get("id") == "definition"

    def handle_data(self, data: str) -> None:
        if self._in_data:
            self.data += data

    def handle_endtag(self, tag: str) -> None:
        self._in_data = False

    @property
    def definition(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.data)
        return found

    def values(self, name: str) -> list[str | None]:
        return [attributes["value"] for tag, attributes in self.tags if attributes.get("name") == name]

    def screen(self, item: str) -> dict[str, str | None]:
        return next(given for tag, given in self.tags if given.get("data-screen") == item)


@pytest.fixture
def town(app: Flask) -> Town:
    found: Town = app.extensions["town"]
    return found


def read(client: FlaskClient, address: str) -> Document:
    answer = client.get(address)
    assert answer.status_code == 200
    return Document(answer.get_data(as_text=True))


@pytest.mark.parametrize(("language", "direction"), [("fr", "ltr"), ("en", "ltr"), ("ar", "rtl")])
def test_a_document_speaks_one_language_in_its_direction(
    client: FlaskClient, language: str, direction: str
) -> None:
    document = read(client, f"/interview/2027/{language}/")
    assert ("html", {"lang": language, "dir": direction}) in document.tags
    assert document.definition["language"] == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_item_and_every_response_option_is_in_the_document(
    client: FlaskClient, town: Town, language: str
) -> None:
    document = read(client, f"/interview/2027/{language}/")
    for item in town.current_wave.questionnaire.items:
        document.screen(item.id)
        codes = [int(value or 0) for value in document.values(item.id) if value] if item.scale else []
        if item.scale:
            assert codes[: len(item.scale.options)] == [option.code for option in item.scale.options]


def test_every_item_that_is_read_aloud_takes_the_two_silent_codes(client: FlaskClient, town: Town) -> None:
    document = read(client, "/interview/2027/fr/")
    for item in town.current_wave.questionnaire.items:
        if item.closed and not item.recorded:
            assert document.values(item.id)[-2:] == ["97", "98"]


def test_the_quartier_is_always_noted_and_nobody_refuses_what_the_interviewer_notes(
    client: FlaskClient,
) -> None:
    document = read(client, "/interview/2027/fr/")
    assert not {"97", "98"} & set(document.values("quartier"))
    assert document.values("lieu")[-1] == "97"
    assert "98" not in document.values("lieu")


def test_the_french_line_stands_beneath_every_other_language(client: FlaskClient) -> None:
    french = "Êtes-vous satisfait d’habiter le quartier"
    pages = {
        language: client.get(f"/interview/2027/{language}/").get_data(as_text=True) for language in LANGUAGES
    }
    for language, page in pages.items():
        assert page.count(french) == 1, language
        assert ('class="beneath"' in page) == (language != "fr")


def test_what_the_interviewer_notes_and_the_buttons_stay_french_in_an_arabic_document(
    client: FlaskClient,
) -> None:
    document = read(client, "/interview/2027/ar/")
    assert document.screen("quartier")["lang"] == "fr"
    assert document.screen("quartier")["dir"] == "ltr"
    steps = next(given for _tag, given in document.tags if given.get("id") == "steps")
    assert (steps["lang"], steps["dir"]) == ("fr", "ltr")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_document_is_the_same_for_everyone(app: Flask, language: str) -> None:
    address = f"/interview/2027/{language}/"
    pages = {app.test_client().get(address).data}
    for username in ("caller-1", "caller-2", "reader"):
        client = sign_in(app.test_client(), username)
        answer = client.get(address)
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.headers.get("Vary", "")
        pages.add(answer.data)
    assert len(pages) == 1
    page = pages.pop().decode()
    assert "csrf" not in page.lower()
    assert "caller-1" not in page
    assert "caller-2" not in page


def test_a_tablet_may_keep_the_document_and_asks_whether_it_changed(client: FlaskClient) -> None:
    first = client.get("/interview/2027/ar/")
    assert first.headers["Cache-Control"] == "public, no-cache"
    again = client.get("/interview/2027/ar/", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""


@pytest.mark.parametrize("address", ["/interview/2027/de/", "/interview/2023/fr/", "/interview/1999/fr/"])
def test_there_is_no_document_for_a_wave_or_language_that_is_not_collected(
    client: FlaskClient, address: str
) -> None:
    assert client.get(address).status_code == 404


def test_the_document_names_the_questionnaire_version_that_interviews_carry(
    client: FlaskClient, town: Town
) -> None:
    definition = read(client, "/interview/2027/en/").definition
    asked = town.current_wave.questionnaire
    assert definition["version"] == asked.version
    with client.application.test_request_context():
        assert definition["items"] == [describe_item(asked, item) for item in asked.items]
    (age,) = [item for item in definition["items"] if item["id"] == "age"]
    assert age["leaves"] == {"codes": [1], "ending": "Mineur seul"}
    assert definition["key_items"] == list(asked.key_items)


def test_stopping_offers_every_reason_that_ends_an_interview_but_finishing(client: FlaskClient) -> None:
    reasons = read(client, "/interview/2027/fr/").values(".arret")
    assert reasons[0] == "break_off"
    assert {"refusal", "callback", "language_barrier", "quota_reached"} <= set(reasons)
    assert not {"complete", "partial", "vacant"} & set(reasons)


def test_a_page_without_javascript_points_to_paper(client: FlaskClient) -> None:
    page = client.get("/interview/2027/fr/").get_data(as_text=True)
    assert "questionnaire papier" in page.partition("<noscript>")[2].partition("</noscript>")[0]


def test_the_tour_is_the_same_for_everyone_and_may_be_kept(app: Flask, client: FlaskClient) -> None:
    signed_in = sign_in(app.test_client(), "caller-1").get("/interview/")
    assert signed_in.headers["Cache-Control"] == "public, no-cache"
    assert "Set-Cookie" not in signed_in.headers
    assert "caller-1" not in signed_in.get_data(as_text=True)
    assert signed_in.data == client.get("/interview/").data


def test_the_tablet_asks_who_is_signed_in(app: Flask, client: FlaskClient) -> None:
    answer = sign_in(app.test_client(), "caller-1").get("/people/me")
    assert answer.get_json()["interviewer"] == "caller-1"
    assert answer.get_json()["token"]
    assert answer.headers["Cache-Control"] == "no-store"
    for visitor, status in ((client, 401), (sign_in(app.test_client(), "reader"), 403)):
        assert visitor.get("/people/me", headers={"Accept": "application/json"}).status_code == status


def read_worker(client: FlaskClient) -> tuple[str, list[str]]:
    """Name of the release that the worker keeps, and the addresses of its files."""
    answer = client.get("/interview/sw.js")
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cache-Control"] == "no-cache"
    source = answer.get_data(as_text=True)
    version = re.search(r'PREFIX \+ "(\w+)"', source)
    files = re.search(r"const FILES = (\[.*?\]);", source, re.S)
    assert version
    assert files
    return version[1], json.loads(files[1])


def test_everything_that_the_worker_keeps_can_be_fetched(client: FlaskClient) -> None:
    _version, files = read_worker(client)
    assert {"/interview/", *(f"/interview/2027/{language}/" for language in LANGUAGES)} <= set(files)
    for address in files:
        with client.get(address) as answer:
            assert answer.status_code == 200, address


@pytest.mark.parametrize("address", ["/interview/", "/interview/2027/ar/"])
def test_the_worker_keeps_every_file_that_a_page_loads(client: FlaskClient, address: str) -> None:
    page = client.get(address).get_data(as_text=True)
    loaded = set(re.findall(r'<(?:link|script)[^>]*(?:href|src)="([^"]+)"', page))
    assert any(address.endswith(".js") for address in loaded)
    assert loaded <= set(read_worker(client)[1])


def test_another_questionnaire_is_another_release(
    client: FlaskClient, sqlite_url: str, tmp_path: Path
) -> None:
    shutil.copytree(ROOT / "surveys" / "niort", tmp_path / "niort")
    file = tmp_path / "niort" / "2027" / "questionnaire.toml"
    changed = file.read_text(encoding="utf-8").replace("Ne devinez pas", "Ne devinez jamais")
    file.write_text(changed, encoding="utf-8")
    other = make_app(sqlite_url, surveys_dir=tmp_path)
    assert read_worker(other.test_client())[0] != read_worker(client)[0]
    other.extensions["database"].engine.dispose()


def test_a_script_is_kept_for_ever_under_the_address_of_its_build(client: FlaskClient) -> None:
    page = client.get("/interview/").get_data(as_text=True)
    (address,) = re.findall(r'<script[^>]* src="([^"]+)"', page)
    answer = client.get(address)
    assert answer.mimetype == "text/javascript"
    assert "immutable" in answer.headers["Cache-Control"]
    assert client.get(address.replace("/tour.js", "/store.js")).status_code == 404
    assert client.get("/interview/scripts/another/tour.js").status_code == 404


def test_the_tablet_can_put_the_page_on_its_home_screen(client: FlaskClient) -> None:
    told = json.loads(client.get("/interview/manifest.webmanifest").data)
    assert (told["start_url"], told["scope"], told["display"]) == ("/interview/", "/interview/", "standalone")
    for icon in told["icons"]:
        with client.get(icon["src"]) as answer:
            assert answer.mimetype == icon["type"]


def test_another_town_is_asked_its_own_questions(sqlite_url: str) -> None:
    slug = next(path.parent.name for path in SECOND_TOWN.glob("*/town.toml"))
    app = make_app(sqlite_url, surveys_dir=SECOND_TOWN, town=slug)
    try:
        town: Town = app.extensions["town"]
        page = app.test_client().get(f"/interview/{town.current_wave.id}/fr/").get_data(as_text=True)
        document = Document(page)
        assert "Niort" not in page
        assert town.organisation in page
        for item in town.current_wave.questionnaire.items:
            document.screen(item.id)
    finally:
        app.extensions["database"].engine.dispose()


@pytest.mark.parametrize(
    ("address", "entry"), [("/interview/2027/fr/", "boot.js"), ("/interview/", "tour.js")]
)
def test_every_message_a_page_says_is_given_and_none_is_left_over(
    client: FlaskClient, address: str, entry: str
) -> None:
    source = bundle(entry)
    messages = read(client, address).definition["messages"]
    assert isinstance(messages, dict)
    assert set(re.findall(r'\bsay\("(\w+)"', source)) <= set(messages)
    counted = re.findall(r'\bcount\("(\w+)"', source)
    assert {f"{key}_{form}" for key in counted for form in ("one", "other")} <= set(messages)
    named = set(re.findall(r'"(\w+)"', source))
    assert not {key for key in messages if not {key, re.sub("_(one|other)$", "", key)} & named}
