"""The open data opened by LibreOffice: every cell is what the program wrote, with its type."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from openpyxl.utils import get_column_letter

from barometre.i18n import speak
from barometre.results.files.catalogue import write_files
from barometre.results.files.columns import COLUMNS, read_row
from barometre.results.files.rows import LANGUAGE, list_rows
from barometre.results.files.tables import HEADINGS, list_dictionary
from tests.office import Cell, Document, convert
from tests.results.files_read import published_of, release
from tests.support import make_app

#: how LibreOffice names the format of a column: general, text, year-month-day
GENERAL, WORDS, ISO_DATE = 1, 2, 5
FORMATS = {"string": WORDS, "date": ISO_DATE}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Niort, released."""
    app = make_app(f"sqlite:///{tmp_path_factory.mktemp('office') / 'barometre.sqlite'}")
    release(app, "tiny quartier", 1)
    yield app
    app.extensions["database"].engine.dispose()


@pytest.fixture(scope="module")
def opened(app: Flask, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Document]:
    """The files by the ends of their names, as LibreOffice read them."""
    folder = tmp_path_factory.mktemp("opened")
    with app.app_context():
        files = write_files(app.extensions["town"], published_of(app), simulated=True)
    for name, body in files.items():
        (folder / name).write_bytes(body)
    schema = json.loads(next(body for name, body in files.items() if name.endswith("tableschema.json")))
    saved: dict[str, Path] = {}
    # Two starts: what says how to read CSV would be said of the workbook too.
    for ending, reading in ((".csv", say_how(schema)), (".xlsx", "")):
        target = folder / ending[1:]
        target.mkdir()
        saved |= convert(target, [folder / name for name in files if name.endswith(ending)], reading)
    start = len(f"barometre-{app.extensions['town'].slug}-{app.extensions['town'].current_wave.id}-")
    return {name[start:]: Document(path) for name, path in saved.items()}


def say_how(schema: dict[str, list[dict[str, str]]]) -> str:
    """LibreOffice's words for: commas, quotes, UTF-8, from line 1, columns as the Table Schema types them.

    Numbers have a decimal point (1033 is American English); truth values and dates are recognised. The
    dictionary has four columns of text, like the first four of the results.
    """
    formats = (
        f"{place}/{FORMATS.get(field['type'], GENERAL)}" for place, field in enumerate(schema["fields"], 1)
    )
    return f"CSV:44,34,76,1,{'/'.join(formats)},1033,false,true"


def list_written(app: Flask) -> list[list[Cell]]:
    """The rows of the release with the types of their columns."""
    with app.app_context():
        rows = list_rows(app.extensions["town"], published_of(app), simulated=True)
    written: list[list[Cell]] = []
    for row in rows:
        values: list[Cell] = list(read_row(row).values())
        written.append(
            [
                date.fromisoformat(str(value)) if value and column.type == "date" else value
                for column, value in zip(COLUMNS, values, strict=True)
            ]
        )
    return written


def list_explained(app: Flask) -> list[list[Cell]]:
    """The lines of the dictionary; an empty cell is read as None, and not at all at the end of a line."""
    with app.app_context(), speak(LANGUAGE):
        lines = [HEADINGS, *list_dictionary(app.extensions["town"], published_of(app), simulated=True)]
    return [[cell or None for cell in line[: 4 if line[3] else 3]] for line in lines]


@pytest.mark.parametrize(("suffix", "sheet"), [("resultats.csv", None), ("resultats.xlsx", "Résultats")])
def test_libreoffice_reads_every_figure_and_word_as_written(
    app: Flask, opened: dict[str, Document], suffix: str, sheet: str | None
) -> None:
    sheets = opened[suffix].sheets
    if sheet is None:
        (sheet,) = sheets
    headings, *lines = sheets[sheet]
    assert headings == [column.name for column in COLUMNS]
    written = list_written(app)
    assert len(lines) == len(written)
    for number, (line, expected) in enumerate(zip(lines, written, strict=True), 2):
        assert line == expected, f"line {number}"
        # 1 == 1.0 == True in Python: a figure must have been read as one, and a truth value as one.
        for kind in (str, bool):
            assert [isinstance(cell, kind) for cell in line] == [isinstance(cell, kind) for cell in expected]


@pytest.mark.parametrize(
    ("suffix", "sheet"), [("dictionnaire.csv", None), ("resultats.xlsx", "Dictionnaire")]
)
def test_libreoffice_reads_the_dictionary_word_for_word(
    app: Flask, opened: dict[str, Document], suffix: str, sheet: str | None
) -> None:
    sheets = opened[suffix].sheets
    if sheet is None:
        (sheet,) = sheets
    assert sheets[sheet] == list_explained(app)


def test_libreoffice_sees_the_tables_by_name_over_all_their_cells(
    app: Flask, opened: dict[str, Document]
) -> None:
    book = opened["resultats.xlsx"]
    assert list(book.sheets) == ["Résultats", "Dictionnaire", "Notes"]
    last_column = get_column_letter(len(COLUMNS))
    assert book.tables == {
        "resultats": f"Résultats.A1:Résultats.{last_column}{len(list_written(app)) + 1}",
        "dictionnaire": f"Dictionnaire.A1:Dictionnaire.D{len(list_explained(app))}",
    }
    assert "simulées" in str(book.sheets["Notes"][0][0])
