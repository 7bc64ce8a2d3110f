"""Pages and files tell the same: no figure differs, and nothing that the pages hide leaves by a file."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import openpyxl
import pytest
from flask import Flask

from barometre.estimates.counts import Counts
from barometre.estimates.disclosure import BAND, CAUTION, MASKED, NO_PERCENTAGE, NOT_ASKED, PLAIN
from barometre.results.answers import gather_answers
from barometre.results.files.row import RECOUNTED
from tests.disclosure.reading import read_cells, read_rows, read_words
from tests.disclosure.test_recounted_pages import COMPLETE, settle_first_wave
from tests.results.files_read import Line, address_of, fetch, read_api, read_csv, release
from tests.support import make_app

WORDS = {MASKED: "masqué", NO_PERCENTAGE: "trop peu de réponses", NOT_ASKED: "pas de réponse"}
VERDICTS = {
    "up": "▲ En hausse",
    "down": "▼ En baisse",
    "no_change_shown": "● Pas de changement démontré",
    "not_comparable": "Comparaison impossible",
}
#: populations that hide much: few people in a quartier, nearly one answer to a question, few people at all
POPULATIONS = [("tiny quartier", 1), ("two tiny quartiers", 2), ("of one mind", 3), ("few people", 4)]


@pytest.fixture(scope="module")
def niort(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Niort, without a release yet."""
    app = make_app(f"sqlite:///{tmp_path_factory.mktemp('same') / 'barometre.sqlite'}")
    yield app
    app.extensions["database"].engine.dispose()


@pytest.fixture(scope="module", params=POPULATIONS, ids=lambda population: population[0])
def told(niort: Flask, request: pytest.FixtureRequest) -> tuple[Flask, Counts]:
    """The application after the release of one population, and the counts that only we know."""
    return niort, release(niort, *request.param)


def list_files(app: Flask) -> dict[str, list[Line]]:
    """The lines of every file of results, by the name of its kind."""
    client = app.test_client()
    book = openpyxl.load_workbook(io.BytesIO(fetch(client, address_of(app, "resultats.xlsx"))))
    names, *rows = book["Résultats"].iter_rows(values_only=True)
    found = {
        "csv": read_csv(fetch(client, address_of(app, "resultats.csv"))),
        "api": read_api(fetch(client, "/donnees/api/v1/results")),
        "xlsx": [dict(zip(map(str, names), row, strict=True)) for row in rows],
    }
    figures = re.findall(r'href="(/donnees/figures/[^"]*\.csv)"', read_page(app, "/telecharger-les-donnees"))
    assert figures
    # A figure printed for two quartiers together stands in the file of each.
    found["figures"] = [line for address in figures for line in read_csv(fetch(client, address))]
    return found


def read_page(app: Flask, address: str) -> str:
    """A page as it is served."""
    return fetch(app.test_client(), address).decode("utf-8")


def write_cells(line: Line) -> list[str]:
    """What the table of a page says of a headline share: share, precision, base."""
    told = line["statut"] in (PLAIN, CAUTION)
    share = f"{line['pourcentage']} %" if told else line["en_mots"] or WORDS[line["statut"]]
    limits = "non donnée"
    if told:
        limits = f"{line['fourchette_basse']} % – {line['fourchette_haute']} %"
    return [share, limits, "masqué" if line["n_base"] is None else str(line["n_base"])]


def write_change(line: Line) -> str:
    """What the table of a page says of the change."""
    points = line["ecart_points"]
    if points is None:
        return VERDICTS[line["evolution"]]
    sign = "+" if points > 0 else "\N{MINUS SIGN}" if points < 0 else ""
    unit = "point" if abs(points) < 2 else "points"
    return f"{VERDICTS[line['evolution']]} ({sign}{abs(points)} {unit})"


def compare_article(article: str, lines: list[Line]) -> set[tuple[Any, ...]]:
    """Compare the tables of one question with the lines of a file; the lines that were found on the page."""
    item = re.search(r'id="([a-z0-9_]+)"', article)
    assert item
    own = [line for line in lines if line["question_id"] == item[1]]
    now = {line["quartier_nom"]: line for line in own if line["type_ligne"] == "headline"}
    answers = {
        (line["quartier_nom"], line["modalite"]): line["pourcentage"]
        for line in own
        if line["type_ligne"] == "answer"
    }
    found: set[tuple[Any, ...]] = set()
    main, *details = re.findall(r"<table>.*?</table>", article, re.S)
    past = "publié" in read_words(main.split("<tbody>")[0])
    for row in read_rows(main):
        name, *cells = read_cells(row)
        line = now[name]
        found.add((item[1], line["quartier"]))
        assert cells[past : past + 3] == write_cells(line), (item[1], name)
        if past:
            change, _about, _answers = cells[-1].partition(" pour « ")
            assert change == (write_change(line) if line["evolution"] else "sans objet"), (item[1], name)
            printed = [
                then["imprime"]
                for then in own
                if then["imprime"] and line["quartier"] in (then["quartier"], *then["quartier"].split("+"))
            ]
            assert printed or "non publié" in cells[0]
            for words in printed:
                assert words in cells[0], (item[1], name, words)
            for then in own:
                if (
                    then["type_ligne"] == "first_wave"
                    and then["quartier"] == line["quartier"]
                    and then["en_mots"]
                ):
                    assert then["en_mots"] in cells[0], (item[1], name, then["statut"])
    for table in details:
        _, *labels = read_cells(table.split("<tbody>")[0])
        for row in read_rows(table):
            name, *cells = read_cells(row)
            for label, cell in zip(labels, cells, strict=True):
                known = answers.get((name, label))
                assert cell == ("–" if known is None else f"{known} %"), (item[1], name, label)
                found |= {(item[1], name, label)} if known is not None else set()
    return found


def compare_site(app: Flask, files: dict[str, list[Line]]) -> None:
    """Compare every table of the pages with every file, and every line of a file with the pages."""
    town = app.extensions["town"]
    pages = [f"/themes/{theme.slug}" for theme in town.themes]
    pages += [f"/quartiers/{quartier.slug}" for quartier in town.quartiers]
    articles = [a for page in pages for a in re.findall(r"<article.*?</article>", read_page(app, page), re.S)]
    for kind, lines in files.items():
        found = set().union(*(compare_article(article, lines) for article in articles))
        for line in lines:
            if line["type_ligne"] == "headline" and line["statut"] != NOT_ASKED:
                assert (line["question_id"], line["quartier"]) in found, f"{kind} only: {line}"
            if line["type_ligne"] == "answer":
                place = line["question_id"], line["quartier_nom"], line["modalite"]
                assert place in found, f"{kind} only: {line}"


def test_no_figure_of_a_file_differs_from_the_pages(told: tuple[Flask, Counts]) -> None:
    app, _ = told
    compare_site(app, list_files(app))


def test_no_file_holds_a_number_that_the_pages_hide(told: tuple[Flask, Counts]) -> None:
    app, counts = told
    town = app.extensions["town"]
    wave = town.current_wave
    hidden = 0
    for kind, lines in list_files(app).items():
        for item in {line["question_id"] for line in lines if line["type_ligne"] == "headline"}:
            scale = wave.questionnaire.by_id[item].scale
            people = {answers.domain: answers for answers in gather_answers(town, counts, item, scale)}
            own = [line for line in lines if line["question_id"] == item and line["vague"] == wave.id]
            for line in own:
                if line["type_ligne"] == "answer" and line["quartier"] in people:
                    codes = frozenset(int(code) for code in line["codes"].split("+"))
                    assert people[line["quartier"]].count(codes) not in range(1, 5), (kind, line)
                if line["type_ligne"] != "headline" or line["statut"] in (PLAIN, CAUTION):
                    continue
                hidden += line["statut"] != NOT_ASKED
                for column in ("pourcentage", "fourchette_basse", "fourchette_haute", "ecart_points"):
                    assert line[column] is None, (kind, line)
                assert line["ecart_bas"] is None, (kind, line)
                assert (line["n_base"] is None) == (line["statut"] in (MASKED, NOT_ASKED)), (kind, line)
                assert bool(line["en_mots"]) == (line["statut"] == BAND), (kind, line)
                if line["statut"] == MASKED:
                    assert line["sans_avis"] is None, (kind, line)
                beside = [a for a in own if a["type_ligne"] == "answer" and a["quartier"] == line["quartier"]]
                assert not beside, (kind, line)
    assert hidden > 0, "this population hides nothing: it proves nothing"


def test_no_picture_holds_a_number_that_the_pages_hide(told: tuple[Flask, Counts]) -> None:
    app, _ = told
    town, client = app.extensions["town"], app.test_client()
    slugs = {quartier.id: quartier.slug for quartier in town.quartiers} | {"ALL": "ensemble"}
    lines = read_csv(fetch(client, address_of(app, "resultats.csv")))
    seen = 0
    for line in lines:
        if line["type_ligne"] != "headline" or line["statut"] not in (MASKED, NO_PERCENTAGE, BAND):
            continue
        picture = fetch(client, f"/donnees/figures/{line['question_id']}/{slugs[line['quartier']]}.svg")
        words = [read_words(text) for text in re.findall(r"<text.*?</text>", picture.decode("utf-8"), re.S)]
        # The scale, what 2023 printed, the source and the words of the state may have digits.
        start = next(place for place, text in enumerate(words) if text.split()[0] == town.current_wave.id)
        end = next(place for place, text in enumerate(words) if text.startswith("Source"))
        said = " ".join(text for text in words[start + 1 : end] if text not in ("0 %", "50 %", "100 %"))
        for known in (
            line["en_mots"] or "",
            f"{line['n_base']} réponse",
            f"{town.current_wave.id} ",
            "Depuis 2023",
        ):
            said = said.replace(known, "")
        said = re.sub(r"(Environ )?\d+ personnes (au plus )?n’ont", "", said)
        assert not re.search(r"\d", said), (line, said)
        seen += 1
    assert seen > 0


def test_the_populations_show_every_state_that_hides(niort: Flask) -> None:
    seen = set()
    for population in POPULATIONS:
        release(niort, *population)
        body = fetch(niort.test_client(), address_of(niort, "resultats.csv"))
        seen |= {line["statut"] for line in read_csv(body)}
    assert {MASKED, BAND, NO_PERCENTAGE, CAUTION, PLAIN} <= seen


def test_what_the_interviews_of_the_first_wave_tell_is_the_same_everywhere(niort: Flask) -> None:
    settle_first_wave(niort, COMPLETE, 1)
    files = list_files(niort)
    recounted = [line for line in files["csv"] if line["statut"] == RECOUNTED]
    assert recounted
    for line in recounted:
        assert line["n_base"] is not None
        assert line["pourcentage"] is not None
        assert f"{line['pourcentage']} %" in line["en_mots"]
    compare_site(niort, files)
