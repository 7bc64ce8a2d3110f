"""The files of published results: each opened by its real reader, and all of them the same figures."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pandas
import pytest
from flask import Flask
from frictionless import Resource, Schema

from barometre.results.files.catalogue import FILES, write_files
from barometre.results.files.columns import COLUMNS
from barometre.results.files.row import STATUSES
from tests.results.files_read import address_of, fetch, published_of, read_api, read_csv, release
from tests.results.test_pages import released
from tests.support import SECOND_TOWN, make_app


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Niort, released with an invented population that one quartier has few people of."""
    app = make_app(f"sqlite:///{tmp_path_factory.mktemp('files') / 'barometre.sqlite'}")
    release(app, "tiny quartier", 1)
    yield app
    app.extensions["database"].engine.dispose()


def test_the_same_release_gives_the_same_bytes(app: Flask) -> None:
    town, published = app.extensions["town"], published_of(app)
    with app.app_context():
        first = write_files(town, published, simulated=True)
        again = write_files(town, published, simulated=True)
    assert first == again
    assert len(first) == len(FILES)


def test_a_file_is_french_in_every_language_of_the_site(app: Flask) -> None:
    with app.test_request_context("/"):
        french = write_files(app.extensions["town"], published_of(app), simulated=True)
    with app.test_request_context("/", environ_overrides={"barometre.language": "ar"}):
        assert write_files(app.extensions["town"], published_of(app), simulated=True) == french


def test_the_csv_is_utf_8_with_commas_and_starts_with_the_columns_of_open_data(app: Flask) -> None:
    body = fetch(app.test_client(), address_of(app, "resultats.csv"))
    assert body.startswith(b"vague,quartier,question_id,modalite,n_base,pourcentage,statut,")
    assert "\u202f" not in body.decode("utf-8"), "typography is for reading"
    assert "\u00a0" not in body.decode("utf-8")


def test_the_csv_keeps_to_its_table_schema(app: Flask, tmp_path: Path) -> None:
    client = app.test_client()
    (tmp_path / "data.csv").write_bytes(fetch(client, address_of(app, "resultats.csv")))
    schema = json.loads(fetch(client, address_of(app, "tableschema.json")))
    resource = Resource(path="data.csv", basepath=str(tmp_path), schema=Schema.from_descriptor(schema))
    report = resource.validate()
    assert report.valid, report.flatten(["type", "rowNumber", "fieldName", "note"])[:5]
    assert report.tasks[0].stats["rows"] == len(read_csv((tmp_path / "data.csv").read_bytes()))
    # The same file with a status that the schema does not know, or more than everybody, is refused.
    written = (tmp_path / "data.csv").read_text(encoding="utf-8")
    for status, per_cent in (("fine", r"\2"), ("plain", "101")):
        spoiled = re.sub(r",(\d+),(\d+),plain,", rf",\g<1>,{per_cent},{status},", written, count=1)
        assert spoiled != written
        (tmp_path / "data.csv").write_text(spoiled, encoding="utf-8")
        assert not resource.to_copy().validate().valid, (status, per_cent)


def test_pandas_reads_the_csv_with_empty_cells_where_there_is_no_figure(app: Flask) -> None:
    body = fetch(app.test_client(), address_of(app, "resultats.csv"))
    frame = pandas.read_csv(io.BytesIO(body))
    assert list(frame.columns) == [column.name for column in COLUMNS]
    assert frame["pourcentage"].dropna().between(0, 100).all()
    told = frame["statut"].isin(["plain", "caution"])
    assert told.any()
    assert frame.loc[told, "pourcentage"].notna().all()
    assert frame.loc[told, "n_base"].notna().all(), "no percentage without its base"
    assert frame.loc[frame["statut"] == "masked", ["n_base", "pourcentage"]].isna().all(axis=None)
    assert pandas.to_datetime(frame["date_publication"], format="%Y-%m-%d").notna().all()


def test_the_workbook_has_one_real_table_a_sheet_and_no_merged_cell(app: Flask) -> None:
    body = fetch(app.test_client(), address_of(app, "resultats.xlsx"))
    book = openpyxl.load_workbook(io.BytesIO(body))
    assert book.sheetnames == ["Résultats", "Dictionnaire", "Notes"]
    for sheet in book.worksheets:
        assert not sheet.merged_cells.ranges, sheet.title
    for name in ("Résultats", "Dictionnaire"):
        (table,) = book[name].tables.values()
        assert table.ref.startswith("A1:")
        assert table.headerRowCount == 1
        assert table.ref == book[name].dimensions
    assert book.properties.creator == "Niort Agglo"
    assert book.properties.title is not None
    assert "simulées" in book.properties.title
    assert "simulées" in str(book["Notes"]["A1"].value)
    frame = pandas.read_excel(io.BytesIO(body), sheet_name="Résultats")
    assert len(frame) == len(read_csv(fetch(app.test_client(), address_of(app, "resultats.csv"))))


def test_the_workbook_carries_no_formula_and_no_time_of_writing(app: Flask) -> None:
    body = fetch(app.test_client(), address_of(app, "resultats.xlsx"))
    with ZipFile(io.BytesIO(body)) as parts:
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist())
        core = parts.read("docProps/core.xml").decode("utf-8")
    assert published_of(app).made_at.date().isoformat() in core


def test_csv_workbook_and_interface_hold_the_same_figures(app: Flask) -> None:
    client = app.test_client()
    lines = read_csv(fetch(client, address_of(app, "resultats.csv")))
    assert lines == read_api(fetch(client, "/donnees/api/v1/results"))
    sheet = openpyxl.load_workbook(io.BytesIO(fetch(client, address_of(app, "resultats.xlsx"))))["Résultats"]
    names, *rows = sheet.iter_rows(values_only=True)
    assert all(isinstance(row[-1], datetime) for row in rows), "a date that spreadsheets sort"
    assert [
        {
            name: f"{cell:%Y-%m-%d}" if isinstance(cell, datetime) else cell
            for name, cell in zip(names, row, strict=True)
        }
        for row in rows
    ] == lines


def test_the_figures_of_each_question_are_those_of_the_whole_file(app: Flask) -> None:
    client = app.test_client()
    lines = read_csv(fetch(client, address_of(app, "resultats.csv")))
    for item in dict.fromkeys(line["question_id"] for line in lines):
        own = [line for line in lines if line["question_id"] == item]
        assert read_api(fetch(client, f"/donnees/api/v1/results/{item}")) == own


def test_every_printed_figure_of_the_first_wave_is_there_as_printed(app: Flask) -> None:
    lines = read_csv(fetch(app.test_client(), address_of(app, "resultats.csv")))
    first = app.extensions["town"].first_wave
    found = {
        (line["question_id"], line["quartier"], line["source_ligne"]): line
        for line in lines
        if line["vague"] == first.id and line["imprime"]
    }
    for figure in first.published.figures:
        for item in figure.items:
            line = found[(item, figure.domain, figure.source_line)]
            assert line["simule"] is False, "what was printed is real"
            if figure.kind != "rounded" or len(figure.items) > 1:
                assert line["pourcentage"] is None, "words stay words"
    assert {"words", "printed", "not_published"} <= {line["statut"] for line in lines}


def test_the_dictionary_explains_every_word_of_the_results(app: Flask) -> None:
    client = app.test_client()
    told = pandas.read_csv(io.BytesIO(fetch(client, address_of(app, "dictionnaire.csv"))), dtype=str)
    explained = set(zip(told["genre"], told["identifiant"], strict=True))
    assert {("colonne", column.name) for column in COLUMNS} <= explained
    assert {("statut", status) for status in STATUSES} <= explained
    assert len(explained) == len(told), "nothing is explained twice"
    lines = read_csv(fetch(client, address_of(app, "resultats.csv")))
    for line in lines:
        for genre, column in (
            ("vague", "vague"),
            ("quartier", "quartier"),
            ("question", "question_id"),
            ("statut", "statut"),
            ("type_ligne", "type_ligne"),
            ("evolution", "evolution"),
            ("vague", "compare_a"),
        ):
            assert line[column] is None or (genre, line[column]) in explained, (column, line[column])
        # Themes of open answers have names, and no codes.
        assert (line["codes"] is None) == (line["type_ligne"] == "open_theme"), line
        for code in (line["codes"] or "").split("+"):
            assert not code or ("reponse", f"{line['question_id']}:{code}") in explained
    assert {"first_wave", "open_theme"} <= {line["type_ligne"] for line in lines}
    assert any("+" in line["quartier"] for line in lines), "quartiers printed together"


def test_only_simulated_answers_are_called_simulated(app: Flask) -> None:
    with app.app_context():
        real = write_files(app.extensions["town"], published_of(app), simulated=False)
    for name, body in real.items():
        if name.endswith("resultats.csv"):
            assert {line["simule"] for line in read_csv(body)} == {False}
        if name.endswith("tableschema.json"):
            assert "simulées" not in body.decode("utf-8")
    lines = read_csv(fetch(app.test_client(), address_of(app, "resultats.csv")))
    wave = app.extensions["town"].current_wave.id
    assert {line["simule"] for line in lines if line["vague"] == wave} == {True}


def test_another_town_has_its_files_too(tmp_path: Path) -> None:
    app = make_app(f"sqlite:///{tmp_path / 'other.sqlite'}", surveys_dir=SECOND_TOWN, town="bourg-fictif")
    client = app.test_client()
    assert "rien à télécharger" in client.get("/telecharger-les-donnees").get_data(as_text=True)
    assert client.get(address_of(app, "resultats.csv")).status_code == 404
    released(app, 60)
    page = client.get("/telecharger-les-donnees").get_data(as_text=True)
    for file in FILES:
        address = address_of(app, file.suffix)
        assert address in page
        assert fetch(client, address)
    lines = read_csv(fetch(client, address_of(app, "resultats.csv")))
    assert {line["quartier"] for line in lines} >= {q.id for q in app.extensions["town"].quartiers}
