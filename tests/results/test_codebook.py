"""The description for archives: valid DDI-Codebook 2.5, every question, and no statistic."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from flask import Flask

from barometre.questionnaire.definition import MISSING_CODES
from tests.results.ddi import NAMESPACE as DDI
from tests.results.ddi import WORDS, find_faults
from tests.results.files_read import address_of, fetch, release
from tests.results.test_pages import released
from tests.support import SECOND_TOWN, make_app


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Niort, released."""
    app = make_app(f"sqlite:///{tmp_path_factory.mktemp('ddi') / 'barometre.sqlite'}")
    release(app, "tiny quartier", 1)
    yield app
    app.extensions["database"].engine.dispose()


@pytest.fixture(scope="module")
def book(app: Flask) -> Element:
    """The document, parsed."""
    return ElementTree.fromstring(fetch(app.test_client(), address_of(app, "ddi.xml")))


def test_the_document_keeps_to_the_schema_and_says_something_everywhere(book: Element) -> None:
    assert list(find_faults(book)) == []
    for element in book.iter():
        name = element.tag.removeprefix(DDI)
        # The format of a variable is told by its attribute.
        if name in WORDS.split() and name != "varFormat":
            assert (element.text or "").strip(), f"{name} is empty"


def test_another_town_has_a_valid_document_too(tmp_path: Path) -> None:
    app = make_app(f"sqlite:///{tmp_path / 'other.sqlite'}", surveys_dir=SECOND_TOWN, town="bourg-fictif")
    released(app, 60)
    body = fetch(app.test_client(), address_of(app, "ddi.xml"))
    assert list(find_faults(ElementTree.fromstring(body))) == []


@pytest.mark.parametrize(
    ("written", "spoiled"),
    [
        ('<catgry missing="Y">', '<catgry missing="yes">'),
        ('version="2.5"', 'version="2.6"'),
        ("<titl>", "<IDNo>x</IDNo><titl>"),
        ("<dataAccs>", "<dataAccs>x"),
        ("<restrctn>", "<restrctn>x</restrctn><restrctn>"),
        ("<varFormat", "<format"),
        (' name="satisfaction"', ""),
        ('ID="v-equip_sante"', 'ID="v-other"'),
        ('ID="v-satisfaction"', 'ID="v-quartier"'),
    ],
)
def test_a_document_that_the_schema_refuses_is_refused_here(app: Flask, written: str, spoiled: str) -> None:
    text = fetch(app.test_client(), address_of(app, "ddi.xml")).decode()
    assert written in text
    text = text.replace(written, spoiled, 1)
    assert list(find_faults(ElementTree.fromstring(text))), spoiled


def test_every_question_is_there_with_its_answers_and_missing_codes(app: Flask, book: Element) -> None:
    asked = app.extensions["town"].current_wave.questionnaire
    variables = {variable.get("name"): variable for variable in book.findall(f".//{DDI}var")}
    assert list(variables) == [item.id for item in asked.items]
    for item in asked.items:
        variable = variables[item.id]
        # Nobody is asked what the interviewer notes.
        assert (variable.findtext(f"{DDI}qstn/{DDI}qstnLit") is None) == item.recorded
        assert (variable.findtext(f"{DDI}respUnit") is not None) == item.recorded
        assert variable.get("nature") == (item.scale.type if item.scale else None)
        assert variable.findtext(f"{DDI}universe")
        assert (variable.find(f"{DDI}qstn/{DDI}preQTxt") is not None) == (item.battery is not None)
        codes = {
            int(category.findtext(f"{DDI}catValu", "")): category.get("missing")
            for category in variable.findall(f"{DDI}catgry")
        }
        assert {code for code, missing in codes.items() if missing is None} == (
            item.scale.codes if item.scale else frozenset()
        )
        assert {code for code, missing in codes.items() if missing} <= set(MISSING_CODES)


def test_questions_that_share_a_stem_are_a_group(app: Flask, book: Element) -> None:
    asked = app.extensions["town"].current_wave.questionnaire
    groups = {group.get("ID"): group.get("var", "").split() for group in book.iter(f"{DDI}varGrp")}
    assert groups == {
        f"g-{battery}": [f"v-{item.id}" for item in asked.items if item.battery == battery]
        for battery in asked.batteries
    }
    assert all(groups.values())


def test_a_question_put_to_some_says_to_whom(app: Flask, book: Element) -> None:
    conditional = [item for item in app.extensions["town"].current_wave.questionnaire.items if item.when]
    assert conditional
    for item in conditional:
        said = book.findtext(f".//{DDI}var[@name='{item.id}']/{DDI}universe") or ""
        assert "ont répondu" in said, item.id


def test_it_holds_no_statistic(book: Element) -> None:
    for name in ("catStat", "sumStat", "TotlResp", "respRate"):
        assert book.find(f".//{DDI}{name}") is None, name


def test_it_says_that_the_answers_are_simulated(book: Element) -> None:
    assert "simulées" in (book.findtext(f".//{DDI}titl") or "")
    assert "simulées" in (book.findtext(f".//{DDI}abstract") or "")
