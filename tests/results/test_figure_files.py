"""One figure to take away: a picture that explains itself, and its rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from flask import Flask

from barometre.results.files.figure import write_figure_svg
from tests.disclosure.reading import read_words
from tests.results.files_read import address_of, fetch, published_of, read_csv, release
from tests.support import make_app

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Niort, released."""
    app = make_app(f"sqlite:///{tmp_path_factory.mktemp('figures') / 'barometre.sqlite'}")
    release(app, "tiny quartier", 1)
    yield app
    app.extensions["database"].engine.dispose()


def list_figures(app: Flask, ending: str) -> list[str]:
    """Every address that the page of downloads gives."""
    page = fetch(app.test_client(), "/telecharger-les-donnees").decode("utf-8")
    found = re.findall(rf'href="(/donnees/figures/[^"]*\.{ending})"', page)
    assert found
    return found


def read_picture(body: bytes) -> str:
    """The words of a picture, in order."""
    return read_words(" ".join(ElementTree.fromstring(body).itertext()))


def test_every_picture_is_a_well_formed_file_that_needs_no_other(app: Flask) -> None:
    for address in list_figures(app, "svg"):
        answer = app.test_client().get(address)
        assert answer.mimetype == "image/svg+xml"
        body = answer.get_data()
        assert body.startswith(b'<?xml version="1.0" encoding="UTF-8"?>')
        root = ElementTree.fromstring(body)
        assert root.tag == f"{SVG}svg"
        assert float(root.get("width", "0")) > 0
        ground = root.find(f"{SVG}rect")
        assert ground is not None
        assert ground.get("fill") == "#ffffff"
        names = [element.get("id") for element in root.iter() if element.get("id")]
        assert len(names) == len(set(names)), address
        text = body.decode("utf-8")
        assert not re.search(r"(?:href|src)=|<style|<script|url\((?!#)|@import", text), address
        for name in re.findall(r"url\(#([^)]*)\)", text):
            assert name in names, address


def test_a_picture_carries_title_question_base_wave_source_and_label(app: Flask) -> None:
    town = app.extensions["town"]
    slugs = {quartier.slug: quartier.id for quartier in town.quartiers} | {"ensemble": "ALL"}
    lines = read_csv(fetch(app.test_client(), address_of(app, "resultats.csv")))
    headlines = {(x["question_id"], x["quartier"]): x for x in lines if x["type_ligne"] == "headline"}
    for address in list_figures(app, "svg"):
        item, name = address.removesuffix(".svg").split("/")[-2:]
        line = headlines[(item, slugs[name])]
        said = read_picture(fetch(app.test_client(), address))
        wanted = [
            line["titre"],
            line["quartier_nom"],
            line["question"],
            town.current_wave.id,
            "simulées",
            "Source",
        ]
        if line["n_base"] is not None:
            wanted.append(f"{line['n_base']} réponse")
        if line["pourcentage"] is not None:
            wanted.append("habitants sur 100")
            wanted.append(f"{line['pourcentage']} %")
        for words in wanted:
            assert re.sub(r"\s+", " ", words) in said, (address, words, said)


def test_the_rows_of_a_figure_are_those_of_the_whole_file(app: Flask) -> None:
    town, client = app.extensions["town"], app.test_client()
    slugs = {quartier.slug: quartier.id for quartier in town.quartiers} | {"ensemble": "ALL"}
    lines = read_csv(fetch(client, address_of(app, "resultats.csv")))
    for address in list_figures(app, "csv"):
        item, name = address.removesuffix(".csv").split("/")[-2:]
        own = read_csv(fetch(client, address))
        assert own == [
            line
            for line in lines
            if line["question_id"] == item and slugs[name] in (line["quartier"], *line["quartier"].split("+"))
        ]
        for line in own:
            assert line["titre"], address
            assert line["question"], address
            assert line["vague"], address


@pytest.mark.parametrize(
    "address",
    ["satisfaction/nowhere.svg", "nowhere/ensemble.svg", "nowhere/ensemble.csv", "age/ensemble.csv"],
)
def test_what_the_pages_do_not_show_has_no_file(app: Flask, address: str) -> None:
    assert app.test_client().get(f"/donnees/figures/{address}").status_code == 404


def test_the_source_of_the_first_wave_is_the_one_that_the_town_names(app: Flask) -> None:
    town = app.extensions["town"]
    first = town.first_wave
    assert first.published
    named = replace(first, published=replace(first.published, source="gazette inventée"))
    other = replace(town, waves=town.waves | {first.id: named})
    item = next(figure.items[0] for figure in first.published.figures if figure.domain == "ALL")
    with app.test_request_context():
        body = write_figure_svg(other, published_of(app), item, "ensemble", simulated=True)
    assert "gazette inventée, ligne" in read_picture(body)
