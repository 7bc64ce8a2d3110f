"""Every page in every language offered: status, title, language, direction, nothing inline."""

import re
from html.parser import HTMLParser

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from barometre.access import DEVICE
from barometre.i18n import known_languages
from barometre.interview.pages import INTERVIEW, TOUR
from barometre.results.files.catalogue import FILES
from tests.house.test_access import MATRIX, list_rules, name_rule
from tests.support import make_app, sign_in

#: pages in the respondent's language or the interviewer's, whatever the site's
OWN_LANGUAGE = {"interview.tour", "interview.questionnaire"}


#: what programs read: they are fetched like pages and look like none
NO_PAGES = {
    "intake.ping",
    "interview.script",
    "people.me",
    "offline.manifest",
    "offline.service_worker",
    "planning.download",
    "files.data",
    "files.figure_csv",
    "files.figure_svg",
    "api.index",
    "api.openapi",
    "api.wave",
    "api.items",
    "api.results",
    "api.item_results",
    "papers.restitution",
    "papers.report",
    "papers.slides",
}
#: of them, what is there whether results are published or not
ALWAYS = NO_PAGES - {"files.data", "files.figure_csv", "files.figure_svg"}
ALWAYS -= {"api.wave", "api.items", "api.results", "api.item_results"}
#: files to keep, not text that a browser follows
PAPERS = {"application/pdf", "application/zip"}


def examples(app: Flask, rule: Rule) -> list[dict[str, object]]:
    """Values that lead to a real page, one set for each page worth reading."""
    town = app.extensions["town"]
    with app.app_context():
        languages = [code for code, language in known_languages().items() if language.offered]
    known: dict[str, list[dict[str, object]]] = {
        "results.theme": [{"slug": theme.slug} for theme in town.themes],
        "preparing.theme": [{"slug": theme.slug} for theme in town.themes[:2]],
        "preparing.guess": [{"slug": theme.slug} for theme in town.themes[:2]],
        "councils.opinion": [{"slug": theme.slug} for theme in town.themes[:2]],
        "results.quartier": [{"slug": quartier.slug} for quartier in town.quartiers],
        "editions.one": [{"edition_id": 1}],
        # One question is enough: the others have the same page, and browsers try each.
        "figures.every": [{"item": town.indicators[0].item}],
        "figures.figure": [
            {"item": town.indicators[0].item, "domain": domain}
            for domain in ("ensemble", town.quartiers[-1].slug)
        ],
        "files.data": [{"name": file.name(town)} for file in FILES],
        "files.figure_csv": [{"item": "satisfaction", "domain": "ensemble"}],
        "files.figure_svg": [{"item": "satisfaction", "domain": "ensemble"}],
        "api.item_results": [{"item": "satisfaction"}],
        "paper.entry": [{"wave_id": town.current_wave.id}],
        "paper.saved": [{"wave_id": town.current_wave.id, "seq": 1}],
        "interview.questionnaire": [
            {"wave_id": town.current_wave.id, "language": code}
            for code in languages
            if code in town.languages
        ],
        "interview.script": [
            {"build": app.extensions["build"], "entry": entry} for entry in (INTERVIEW, TOUR)
        ],
        "papers.restitution": [{"language": "fr", "slug": town.quartiers[0].slug}],
        # Seconds of setting each; `tests/results/test_papers.py` makes them.
        "papers.report": [],
        "papers.slides": [],
    }
    if not rule.arguments:
        return [{}]
    assert rule.endpoint in known, f"give an example of {rule.rule}"
    return known[rule.endpoint]


def list_pages(app: Flask) -> list[tuple[str, str, str]]:
    """Endpoint, language and address of every page that can be read."""
    with app.app_context():
        languages = [code for code, language in known_languages().items() if language.offered]
    pages = []
    for rule in list_rules(app):
        if "GET" not in (rule.methods or set()) or DEVICE in MATRIX.get(name_rule(rule), set()):
            continue
        for values in examples(app, rule):
            with app.test_request_context():
                address = app.url_for(rule.endpoint, **values)
            pages += [
                (rule.endpoint, code, address if code == "fr" else f"/{code}{address}") for code in languages
            ]
    return pages


class Reader(HTMLParser):
    """What a page says of itself, and what a strict policy forbids in it."""

    def __init__(self) -> None:
        super().__init__()
        self.html: dict[str, str | None] = {}
        self.title = ""
        self.headings = 0
        self.inline: list[str] = []
        self.ids: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._inside.append(tag)
        if tag == "html":
            self.html = given
        self.headings += tag == "h1"
        if given.get("id"):
            self.ids.append(str(given["id"]))
        data_block = tag == "script" and given.get("type") == "application/json"
        if tag == "style" or (tag == "script" and not data_block and "src" not in given):
            self.inline.append(tag)
        self.inline += [name for name in given if name == "style" or name.startswith("on")]
        self.inline += [
            str(value)
            for value in given.values()
            if value and value.strip().lower().startswith("javascript:")
        ]

    def handle_data(self, data: str) -> None:
        if self._inside[-1:] == ["title"] and "svg" not in self._inside:
            self.title += data

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop() != tag:
            pass


@pytest.fixture(scope="module")
def client(house: Flask) -> FlaskClient:
    """Somebody who may open everything."""
    return sign_in(house.test_client(), "everything")


def read_all(house: Flask, client: FlaskClient) -> list[tuple[str, str, str, Reader]]:
    """Endpoint, language, address and content of every HTML page."""
    read = []
    for endpoint, language, address in list_pages(house):
        answer = client.get(address)
        assert answer.status_code == 200, f"{address} answered {answer.status_code}"
        if answer.mimetype == "text/html":
            reader = Reader()
            reader.feed(answer.get_data(as_text=True))
            read.append((endpoint, language, address, reader))
    return read


@pytest.fixture(scope="module")
def pages(house: Flask, client: FlaskClient) -> list[tuple[str, str, str, Reader]]:
    """Every page, read once."""
    return read_all(house, client)


def test_every_page_answers_and_has_a_title_and_a_heading(pages: list[tuple[str, str, str, Reader]]) -> None:
    assert len(pages) >= 15
    for endpoint, _language, address, page in pages:
        assert page.title.strip(" –\n"), address
        if endpoint != "interview.questionnaire":
            assert page.headings == 1, f"{address} has {page.headings} main headings"


def test_titles_tell_the_pages_of_a_language_apart(pages: list[tuple[str, str, str, Reader]]) -> None:
    titles = [(language, page.title) for endpoint, language, _, page in pages if endpoint not in OWN_LANGUAGE]
    assert len(titles) == len(set(titles))


def test_every_page_says_its_language_and_direction(
    house: Flask, pages: list[tuple[str, str, str, Reader]]
) -> None:
    with house.app_context():
        known = known_languages()
    for endpoint, language, address, page in pages:
        code = page.html.get("lang") or ""
        assert page.html.get("dir") == known[code].direction, address
        if endpoint not in OWN_LANGUAGE:
            assert code == language, address


def test_nothing_is_inline(pages: list[tuple[str, str, str, Reader]]) -> None:
    for _, _, address, page in pages:
        assert not page.inline, f"{address}: {page.inline}"


def test_no_id_is_there_twice(pages: list[tuple[str, str, str, Reader]]) -> None:
    for _, _, address, page in pages:
        doubled = {name for name in page.ids if page.ids.count(name) > 1}
        assert not doubled, f"{address}: {doubled}"


def test_the_public_pages_also_open_before_the_first_interview(sqlite_url: str) -> None:
    app = make_app(sqlite_url)
    try:
        client = app.test_client()
        for rule in list_rules(app):
            if "GET" in (rule.methods or set()) and MATRIX.get(name_rule(rule)) == {"public"}:
                for values in examples(app, rule):
                    with app.test_request_context():
                        address = app.url_for(rule.endpoint, **values)
                    # A file of results is not there before there are any.
                    there = rule.endpoint not in NO_PAGES - ALWAYS
                    assert client.get(address).status_code == (200 if there else 404), address
    finally:
        app.extensions["database"].engine.dispose()


def test_no_page_calls_another_site(house: Flask, client: FlaskClient) -> None:
    for endpoint, language, address in list_pages(house):
        if language == "fr" and endpoint != "files.data":
            answer = client.get(address)
            if answer.mimetype in PAPERS:
                continue
            page = answer.get_data(as_text=True)
            called = re.findall(
                r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)=\"(?:https?:)?//[^\"]*", page
            )
            assert not called, f"{address}: {called}"
