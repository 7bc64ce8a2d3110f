"""The attack reads what it says it reads: a figure that slips out of any one source is found."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from flask import Flask

from barometre.estimates.counts import Counts
from barometre.estimates.disclosure import MASKED, PLAIN
from barometre.results import changed, comparing, composition, figures, preparing
from barometre.results.files import answers, figure, tables, workbook
from barometre.results.files.row import HEADLINE, Row
from barometre.results.papers import report, restitution
from barometre.results.tables import ItemBlock
from tests.disclosure import elsewhere, files, papers
from tests.disclosure.population import KINDS, draw, settle, tally
from tests.disclosure.reader import Reader, read_site
from tests.disclosure.reading import Told
from tests.disclosure.staff import find_told_sizes, read_staff
from tests.disclosure.words import Vocabulary, learn_words
from tests.results.files_read import address_of, fetch, read_api, read_csv
from tests.support import sign_in

ITEM, QUARTIER, SLUG = "satisfaction", "TCG", "tour-chabot-gavacherie"
THEME = "/council/themes/bien-vivre"
FIGURE = f"/donnees/figures/{ITEM}/{SLUG}"


def plant_row(function: Callable[..., tuple[Row, ...]]) -> Callable[..., tuple[Row, ...]]:
    """The rows, and in them a share that is masked."""

    def list_rows(*given: Any, **named: Any) -> tuple[Row, ...]:
        place = HEADLINE, ITEM, QUARTIER
        return tuple(
            replace(row, per_cent=50) if (row.kind, row.item, row.quartier) == place else row
            for row in function(*given, **named)
        )

    return list_rows


def plant_cell(
    function: Callable[..., list[ItemBlock]], base: int | None = None
) -> Callable[..., list[ItemBlock]]:
    """The blocks, and in them a share that is masked."""

    def write_blocks(*given: Any, **named: Any) -> list[ItemBlock]:
        blocks = function(*given, **named)
        return [
            replace(block, rows=tuple(map(plant, block.rows))) if block.item == ITEM else block
            for block in blocks
        ]

    def plant(row: Any) -> Any:
        if row.cell.domain != QUARTIER:
            return row
        said = "50 habitants sur 100 se disent satisfaits d’habiter le quartier."
        told = {"state": PLAIN, "share": 0.5, "low": 0.4, "high": 0.6, "sentence": said, "base": base}
        return replace(row, cell=replace(row.cell, **told))

    return write_blocks


@pytest.fixture
def hidden(app: Flask) -> tuple[Reader, Counts]:
    """The pages after the release of few people, of whom four are satisfied where it is masked."""
    asked = app.extensions["town"].current_wave.questionnaire
    counts = tally(asked, draw(asked, KINDS["tiny quartier"], 1))
    settle(app, counts)
    reader = read_site(app, app.test_client())
    assert reader.told[ITEM][QUARTIER].state == MASKED
    assert not attack(reader, counts)
    return reader, counts


def attack(reader: Reader, counts: Counts) -> list[str]:
    """What follows of the question."""
    _system, _secrets, found = reader.attack(ITEM, counts, np.random.default_rng(2027))
    return [secret.name for secret in found]


def get(app: Flask, address: str) -> bytes:
    """The bytes behind an address, for anybody."""
    return fetch(app.test_client(), address)


def page(app: Flask, address: str, username: str = "") -> str:
    """A page, for anybody or for somebody."""
    client = sign_in(app.test_client(), username) if username else app.test_client()
    return fetch(client, address).decode("utf-8")


#: where it slips out → module, function and how it is planted
SOURCES: dict[str, tuple[ModuleType, str, Callable[..., Any]]] = {
    "csv": (tables, "list_rows", plant_row),
    "xlsx": (workbook, "list_rows", plant_row),
    "api": (answers, "list_rows", plant_row),
    "rows of a figure": (figure, "list_rows", plant_row),
    "picture of a figure": (figure, "write_blocks", plant_cell),
    "report": (report, "write_blocks", plant_cell),
    # The sheet prints no base, and nothing on few answers; the guess prints its base.
    "sheet": (restitution, "write_blocks", partial(plant_cell, base=40)),
    "guess": (preparing, "write_blocks", partial(plant_cell, base=8)),
    "council": (preparing, "write_blocks", plant_cell),
    "page of a figure": (figures, "write_blocks", plant_cell),
    "what changed": (changed, "write_blocks", plant_cell),
}


def read_source(app: Flask, known: Vocabulary, name: str) -> Iterable[Told]:
    """What one source tells, read as the attack reads it."""
    if name == "csv":
        return files.read_lines(known, name, read_csv(get(app, address_of(app, "resultats.csv"))))
    if name == "xlsx":
        return files.read_lines(known, name, files.read_workbook(get(app, address_of(app, "resultats.xlsx"))))
    if name == "api":
        return files.read_lines(known, name, read_api(get(app, f"{files.API}/results/{ITEM}")))
    if name == "rows of a figure":
        return files.read_lines(known, name, read_csv(get(app, f"{FIGURE}.csv")))
    if name == "picture of a figure":
        return [files.read_picture(known, f"{FIGURE}.svg", page(app, f"{FIGURE}.svg"))]
    if name == "guess":
        return elsewhere.read_guesses(known, sign_in(app.test_client(), "council"), f"{THEME}/guess")
    if name == "council":
        return elsewhere.read_articles(known, THEME, page(app, THEME, "council"))
    if name == "page of a figure":
        return elsewhere.read_articles(known, name, page(app, f"/chiffres/{ITEM}/{SLUG}"))
    if name == "what changed":
        return elsewhere.read_changes(known, page(app, "/ce-qui-a-change"))
    return papers.read_papers(app)[0]


def test_a_masked_share_in_any_source_is_found(
    app: Flask, hidden: tuple[Reader, Counts], monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, counts = hidden
    with app.test_request_context():
        known = learn_words(app.extensions["town"])
    for name, (module, function, plant) in SOURCES.items():
        with monkeypatch.context() as patched:
            patched.setattr(module, function, plant(getattr(module, function)))
            app.extensions.pop("data_files", None)
            told = list(read_source(app, known, name))
        assert any("side" in found for found in attack(reader.add_sources(told, []), counts)), name


def test_statistics_in_the_description_for_archives_are_found(
    app: Flask, hidden: tuple[Reader, Counts]
) -> None:
    reader, _counts = hidden
    with app.test_request_context():
        known = learn_words(app.extensions["town"])
    body = get(app, address_of(app, "ddi.xml"))
    assert not list(files.read_codebook(known, body))
    variable = body.index(f'name="{ITEM}"'.encode())
    end = body.index(b"</catgry>", variable)
    planted = body[:end] + b'<catStat type="freq">34</catStat>' + body[end:]
    (told,) = files.read_codebook(known, planted)
    assert (told.item, told.alone) == (ITEM, ((4,),))
    assert reader.add_sources([told], []).list_told(ITEM)[-1] == told


def test_an_exact_number_of_interviews_is_read_as_such(
    app: Flask, hidden: tuple[Reader, Counts], monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, _counts = hidden
    monkeypatch.setattr(answers, "_round_interviews", lambda number: number)
    exact = files.read_interviews(app.test_client())
    assert exact["CB"] == (78, 78)
    assert reader.interviews["CB"] == (75, 85)
    assert reader.add_sources([], [exact]).interviews["CB"] == (78, 78)


def test_a_masked_share_among_the_comparisons_is_found(
    app: Flask, hidden: tuple[Reader, Counts], monkeypatch: pytest.MonkeyPatch
) -> None:
    _reader, counts = hidden
    client = sign_in(app.test_client(), "analyst")
    random = np.random.default_rng(2027)
    assert not read_staff(app, client, [ITEM]).attack(ITEM, counts, random)[2]
    monkeypatch.setattr(comparing, "write_blocks", plant_cell(comparing.write_blocks))
    found = read_staff(app, client, [ITEM]).attack(ITEM, counts, random)[2]
    assert any("side" in secret.name for secret in found)


def test_a_group_that_follows_on_the_page_of_the_sample_is_found(
    app: Flask, hidden: tuple[Reader, Counts], monkeypatch: pytest.MonkeyPatch
) -> None:
    _reader, counts = hidden
    client = sign_in(app.test_client(), "analyst")
    # Every small group is masked, and no other one with it.
    monkeypatch.setattr(composition, "guard_table", mask_alone)
    analyst = read_staff(app, client, [ITEM])
    assert find_told_sizes(analyst.people, counts, analyst.cube, 11)


def mask_alone(table: composition.IntArray, smallest: int) -> composition.BoolArray:
    """What a table of rows and its sums would hide without any other group."""
    whole = np.vstack([table, table.sum(axis=0)])
    return (whole > 0) & (whole < smallest)
