"""« Ce qui a changé »: every comparison once, under its own verdict, never ranked."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from barometre.demonstration import fill
from barometre.estimates.disclosure import ALL
from barometre.questionnaire.town import Town
from barometre.results.changed import VERDICTS
from tests.results.released import fetch, read, read_words
from tests.support import make_app

PATH = "/ce-qui-a-change"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The demonstration, which holds every verdict."""
    folder = tmp_path_factory.mktemp("changed")
    app = make_app(f"sqlite:///{folder / 'barometre.sqlite'}", demonstration=True)
    with app.extensions["database"].write() as session:
        fill(session, app.extensions["town"])
    return app


def list_sections(html: str) -> dict[str, list[str]]:
    """Items under each verdict, in the order of the page."""
    parts = re.split(r'<h2 class="block__title" id="([a-z-]+)">', html)
    return {
        word.replace("-", "_"): re.findall(r'<li class="change" id="([a-z0-9_]+)"', part)
        for word, part in zip(parts[1::2], parts[2::2], strict=True)
    }


def test_every_comparison_stands_once_under_its_verdict(app: Flask) -> None:
    town: Town = app.extensions["town"]
    sections = list_sections(read(app, PATH))
    assert tuple(sections) == VERDICTS
    verdicts = {
        indicator.item: found.verdict.word
        for indicator in town.indicators
        if (found := fetch(app).findings.by_domain[(indicator.item, ALL)]).verdict
    }
    assert {item: word for word, items in sections.items() for item in items} == verdicts
    assert sum(map(len, sections.values())) == len(verdicts) > 15


def test_announced_figures_come_first_then_the_order_of_the_survey(app: Flask) -> None:
    town: Town = app.extensions["town"]
    design = town.current_wave.design
    assert design is not None
    order = [indicator.item for indicator in town.indicators]
    for items in list_sections(read(app, PATH)).values():
        expected = sorted(items, key=lambda item: (item not in design.key_family, order.index(item)))
        assert items == expected


def test_a_figure_never_stands_without_its_base(app: Flask) -> None:
    html = read(app, PATH)
    for line in re.findall(r'<li class="change".*?</li>', html, re.S):
        now = read_words(line).split("2027 :")[1:]
        assert now
        for words in now:
            if re.match(r" \d+ %", words):
                assert re.match(r" \d+ % ?, \d+ réponses?", words), words[:60]


def test_a_demonstrated_change_is_told_with_its_interval(app: Flask) -> None:
    html = read(app, PATH)
    for word in ("up", "down"):
        (item, *_) = list_sections(html)[word]
        line = read_words(html.split(f'id="{item}"')[1].split("</li>")[0])
        assert re.search(r"[+−]\d+ points ?\. Entre [+−]?\d+ points? et [+−]?\d+ points?", line), line


def test_the_number_of_comparisons_is_told(app: Flask) -> None:
    comparisons = fetch(app).findings.comparisons
    assert f"{comparisons} comparaisons avec l’enquête précédente" in read_words(read(app, PATH))


def test_quartiers_stand_behind_a_fold_with_a_word_on_small_numbers(app: Flask) -> None:
    folds = re.findall(r"<details.*?</details>", read(app, PATH).split("<main")[1], re.S)
    assert len(folds) > 15
    for fold in folds:
        assert "ce n’est pas un classement" in read_words(fold)
