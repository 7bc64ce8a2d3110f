"""The weighted shares: they do not tell one hidden quartier from another, whatever their decimals."""

import re
from collections.abc import Sequence

import numpy as np
import pytest
from flask import Flask

from barometre.estimates.disclosure import ALL
from barometre.questionnaire.definition import DONT_KNOW, Questionnaire
from barometre.results.files.catalogue import FILES
from barometre.results.findings import Finding, find_results
from tests.data import niort
from tests.disclosure.population import KINDS, Codes, draw, settle, tally
from tests.disclosure.reader import list_addresses, list_explanations
from tests.disclosure.sizes import SEEDS
from tests.results.files_read import fetch
from tests.support import sign_in

#: asked everywhere, and printed by the first wave: its change is told too
ITEM = "satisfaction"

#: other pages and answers that are the same to the letter
OTHERS = (
    "/chiffres/satisfaction",
    "/ce-qui-a-change",
    "/comprendre-les-chiffres",
    "/jeunes-aines-femmes",
    "/donnees/api/v1/wave",
    "/donnees/api/v1/items",
    "/donnees/api/v1/results",
)
#: what an analyst reads of that question and of the people interviewed
STAFF = (
    f"/desk/precision?item={ITEM}",
    "/desk/compare?quartier=all",
    "/desk/compare?quartier=all&from=live",
    *(f"/analyse?item={ITEM}&by={by}" for by in ("quartier", "secteur", "age", "sexe")),
    "/desk/sample?quartier=all",
)


def list_written(app: Flask) -> list[str]:
    """The files of open data that have no moment in them."""
    town = app.extensions["town"]
    return [f"/donnees/{file.name(town)}" for file in FILES if not file.suffix.endswith(".xlsx")]


def exchange(asked: Questionnaire, codes: Codes, quartiers: Sequence[int], values: Sequence[int]) -> Codes:
    """The same people, but two of different quartiers and the same age and sex exchange their answers."""
    place = asked.position
    changed = codes.copy()
    for one in np.flatnonzero(codes[:, place["quartier"]] == quartiers[0]):
        for two in np.flatnonzero(codes[:, place["quartier"]] == quartiers[1]):
            answers = codes[one, place[ITEM]], codes[two, place[ITEM]]
            same = all(codes[one, place[item]] == codes[two, place[item]] for item in asked.cell[1:])
            if same and {bool(np.isin(answer, values)) for answer in answers} == {True, False}:
                changed[one, place[ITEM]], changed[two, place[ITEM]] = answers[1], answers[0]
                return changed
    raise AssertionError("nobody to exchange with")


def draw_hidden(seed: int) -> Codes:
    """Two quartiers of fewer than eleven people, of whom enough are of the same age and sex."""
    asked = niort().current_wave.questionnaire
    codes = draw(asked, KINDS["two tiny quartiers"], seed)
    random = np.random.default_rng(seed)
    small = codes[:, asked.position["quartier"]] > 1
    for item, code in (("age", 3), ("sexe", 1), ("secteur", 1)):
        codes[small, asked.position[item]] = code
    codes[small, asked.position[ITEM]] = random.choice((4, 3, 2, 1, DONT_KNOW), size=small.sum())
    # Whatever chance gave the others, somebody has an answer to exchange, and somebody has none.
    quartier = codes[:, asked.position["quartier"]]
    (one, silent, *_), (other, *_) = np.flatnonzero(quartier == 2), np.flatnonzero(quartier == 3)
    codes[[one, silent, other], asked.position[ITEM]] = 4, DONT_KNOW, 1
    return codes


def find(codes: Codes) -> Finding:
    """What is shown of the three together."""
    town = niort()
    return find_results(town, tally(town.current_wave.questionnaire, codes)).by_domain[ITEM, ALL]


@pytest.mark.parametrize("values", [(4, 3), (4, 3, 2, 1)])
@pytest.mark.parametrize("seed", [3, 5, 8])
def test_the_total_does_not_tell_one_hidden_quartier_from_another(seed: int, values: Sequence[int]) -> None:
    asked = niort().current_wave.questionnaire
    codes = draw_hidden(seed)
    found, other = find(codes), find(exchange(asked, codes, (2, 3), values))
    assert found.estimate
    assert other.estimate
    assert found.shown == other.shown
    for name in ("value", "low", "high", "effective_base"):
        assert getattr(found.estimate, name) == pytest.approx(getattr(other.estimate, name), abs=1e-12)
    assert found.shares == pytest.approx(other.shares, abs=1e-12)
    assert found.now == pytest.approx(other.now, abs=1e-12)
    assert found.verdict
    assert other.verdict
    assert found.verdict.word == other.verdict.word
    assert found.verdict.interval == pytest.approx(other.verdict.interval, abs=1e-9)


@pytest.mark.parametrize("seed", [3, *SEEDS])
def test_no_page_changes_when_two_hidden_people_exchange_their_answers(app: Flask, seed: int) -> None:
    asked = app.extensions["town"].current_wave.questionnaire
    codes = draw_hidden(seed)
    pages = []
    addresses = [*list_addresses(app), *list_explanations(app), *OTHERS, *list_written(app)]
    for some in (codes, exchange(asked, codes, (2, 3), (4, 3))):
        settle(app, tally(asked, some))
        pages.append([app.test_client().get(page).get_data() for page in addresses])
    assert pages[0] == pages[1]


def test_no_staff_page_changes_when_two_hidden_people_exchange_their_answers(app: Flask) -> None:
    asked = app.extensions["town"].current_wave.questionnaire
    codes = draw_hidden(3)
    analyst = sign_in(app.test_client(), "analyst")
    pages = []
    for some in (codes, exchange(asked, codes, (2, 3), (4, 3))):
        settle(app, tally(asked, some))
        told = [fetch(analyst, page).decode("utf-8").partition("<main")[2] for page in STAFF]
        # Neither the minute nor the token of a form tells anything.
        pages.append([re.sub(r'\d\d:\d\d|csrf_token" value="[^"]*', "", page) for page in told])
    assert all(ITEM in page for page in pages[0][:-1])
    assert pages[0] == pages[1]


def test_the_picture_has_no_more_digits_than_the_words(app: Flask) -> None:
    asked = app.extensions["town"].current_wave.questionnaire
    settle(app, tally(asked, draw(asked, KINDS["nobody silent"], 2)))
    page = app.test_client().get("/").get_data(as_text=True)
    pictures = [svg.split("</svg>")[0] for svg in page.split('<svg class="picture__bars"')[1:]]
    bars = [part.split('"')[1] for svg in pictures for part in svg.split("<rect")[1:] if "width" in part]
    assert bars
    widths = [part for svg in pictures for part in svg.split('width="')[1:]]
    assert not [
        part.split('"')[0] for part in widths if "." in part.split('"')[0] and "%" in part.split('"')[0]
    ]
