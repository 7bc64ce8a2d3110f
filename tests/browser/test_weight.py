"""What a results page weighs on the wire, its style sheets, scripts and fonts compressed as a proxy would."""

from __future__ import annotations

import gzip
import re

import pytest
from flask import Flask
from playwright.sync_api import Browser, Response

from barometre.demonstration import fill
from tests.support import ROOT, make_app, serve

#: bytes, every answer of one first visit together
MOST = 100_000


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The demonstration."""
    folder = tmp_path_factory.mktemp("weight")
    app = make_app(f"sqlite:///{folder / 'barometre.sqlite'}", demonstration=True)
    with app.extensions["database"].write() as session:
        fill(session, app.extensions["town"])
    return app


def list_paths(app: Flask) -> list[str]:
    """The public pages of results: of each kind one, the longest."""
    town = app.extensions["town"]
    own = [
        "/",
        "/ce-qui-a-change",
        "/jeunes-aines-femmes",
        "/comprendre-les-chiffres",
        "/chiffres/securite/ensemble",
    ]
    # The longest theme, and the quartier with the longest name.
    own.append(
        f"/themes/{max(town.themes, key=lambda t: sum(i.theme == t.id for i in town.indicators)).slug}"
    )
    return [*own, f"/quartiers/{max(town.quartiers, key=lambda quartier: len(quartier.name)).slug}"]


@pytest.mark.parametrize("language", ["", "/ar"])
def test_a_first_visit_weighs_less_than_a_hundred_kilobytes(
    app: Flask, browser: Browser, language: str
) -> None:
    weights = {}
    with serve(app) as address:
        for path in list_paths(app):
            context = browser.new_context(viewport={"width": 390, "height": 844})
            page, answers = context.new_page(), list[Response]()
            page.on("response", lambda answer, answers=answers: answers.append(answer))
            page.goto(address + language + path, wait_until="load")
            page.evaluate("document.fonts.ready.then(() => true)")
            assert any(answer.url.endswith(".woff2") for answer in answers)
            weights[path] = sum(len(weigh(answer)) for answer in answers)
            context.close()
    assert {path: weight for path, weight in weights.items() if weight > MOST} == {}


def weigh(answer: Response) -> bytes:
    """Its body on the wire; fonts are compressed already."""
    body = answer.body()
    return body if answer.url.endswith(".woff2") else gzip.compress(body, 6)


def test_the_arabic_font_holds_every_letter_of_the_arabic_pages() -> None:
    css = (ROOT / "barometre" / "static" / "fonts.css").read_text(encoding="utf-8")
    face = css.split('font-family: "Noto Sans Arabic"')[1].split("}")[0]
    held = set()
    for first, last in re.findall(r"U\+([0-9A-F]{4})(?:-([0-9A-F]{4}))?", face):
        held |= set(range(int(first, 16), int(last or first, 16) + 1))
    catalogues = (ROOT / "translations" / "ar").rglob("*.po")
    words = "".join(path.read_text(encoding="utf-8") for path in catalogues)
    letters = {letter for letter in map(ord, words) if 0x0600 <= letter <= 0x06FF}
    assert len(letters) > 30
    assert letters <= held, [chr(letter) for letter in letters - held]
