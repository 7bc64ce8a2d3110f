"""« Comprendre les chiffres »: dots that are people, and examples of the current release."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from barometre.estimates.disclosure import ALL, round_people
from barometre.results.understand import find_example
from tests.results.released import fetch, read, read_words, release
from tests.support import make_app

PATH = "/comprendre-les-chiffres"


@pytest.fixture
def app(sqlite_url: str) -> Flask:
    """Niort, released with a number of interviews that is not round."""
    return release(make_app(sqlite_url), 123)


def draw(html: str, key: str) -> list[str]:
    """The fills of the dots of one drawing."""
    return re.findall(r'<circle[^>]*fill="([^"]+)"', html.split(f'id="{key}-t"')[1].split("</svg>")[0])


def test_a_dot_is_a_person_and_the_number_is_rounded(app: Flask) -> None:
    interviews = fetch(app).findings.interviews[ALL]
    assert interviews != round_people(interviews)
    html = read(app, PATH)
    assert len(draw(html, "personnes-dessin")) == round_people(interviews)


def test_a_hundred_dots_hold_the_share_of_the_example(app: Flask) -> None:
    with app.test_request_context():
        example = find_example(app.extensions["town"], fetch(app).findings)
    assert example is not None
    share = example.whole.cell.share
    assert share is not None
    html = read(app, PATH)
    dots = draw(html, "sur-cent-dessin")
    full = round(100 * share)
    assert len(dots) == 100
    assert [len(set(dots[:full])), len(set(dots[full:]))] == [1, 1]
    assert dots[0] != dots[-1]
    assert f"{full} habitants sur 100" in read_words(html)


def test_the_example_is_the_first_headline_figure_that_is_shown(app: Flask) -> None:
    town = app.extensions["town"]
    with app.test_request_context():
        example = find_example(town, fetch(app).findings)
    assert example is not None
    shown = [
        indicator.item
        for indicator in town.indicators
        if indicator.headline and fetch(app).findings.by_domain[(indicator.item, ALL)].shown.exact
    ]
    assert example.block.item == shown[0]


def test_drawings_have_words(app: Flask) -> None:
    for svg in re.findall(r"<svg.*?</svg>", read(app, PATH).split("<main")[1], re.S):
        assert 'role="img"' in svg
        assert re.search(r"<title[^>]*>[^<]+</title><desc[^>]*>[^<]+</desc>", svg)


def test_it_leads_to_how_the_figures_are_worked_out(app: Flask) -> None:
    assert 'href="/comment-les-chiffres-sont-calcules"' in read(app, PATH).split("<main")[1]


def test_before_the_first_release_it_still_explains(sqlite_url: str) -> None:
    html = read(make_app(sqlite_url), PATH)
    assert "Exemple" not in read_words(html)
    assert "pas de changement démontré" in read_words(html)
