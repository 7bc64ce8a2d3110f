"""The local texts of the results pages: extracted from a town's files, and told in each language."""

import re
from collections.abc import Iterator
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask

from barometre import i18n
from barometre.config import CHECKOUT
from barometre.i18n.catalogues import load_languages
from barometre.i18n.extraction import extract_messages
from barometre.i18n.typography import NARROW_SPACE, NO_BREAK_SPACE
from barometre.questionnaire.extract_town import extract
from barometre.questionnaire.load import load_town
from barometre.questionnaire.town import PublishedWave, Town
from tests.i18n.test_languages import speaking
from tests.support import make_app

NIORT = CHECKOUT / "surveys" / "niort"


@pytest.fixture
def translated(sqlite_url: str) -> Iterator[Flask]:
    """The application with the catalogues of this repository."""
    app = make_app(sqlite_url)
    yield app
    app.extensions["database"].engine.dispose()


def texts_of(source: bytes, form: str) -> list[str]:
    """What is extracted from one file."""
    return [text for _, _, text, _ in extract(BytesIO(source), [], [], {"format": form})]


def test_shown_texts_are_extracted_and_names_and_ids_are_not() -> None:
    source = """
    barometer_name = "Baromètre"
    [[theme]]
    id = "bien_vivre"
    title = "Bien vivre"
    slug = "bien-vivre"
    [[quartier]]
    name = "Clou Bouchet"
    perimeter_change = "Agrandi."
    [[heading]]
    title = "Les dates"
    text_2023 = "En décembre."
    [[section]]
    title = "Le quartier"
    [[section.item]]
    text = "Est-ce calme ?"
    reason = "Le titre seul est imprimé."
    """
    assert texts_of(source.encode(), "toml") == [
        "Baromètre",
        "Bien vivre",
        "Agrandi.",
        "Les dates",
        "En décembre.",
        "Le titre seul est imprimé.",
    ]


def test_a_published_figure_is_extracted_when_it_is_printed_in_words() -> None:
    source = '{"figures": [{"id": "A", "printed": "la moitié", "note": ""}, {"id": "B", "printed": "71 %"}]}'
    assert texts_of(source.encode(), "json") == ["la moitié"]


def test_the_survey_catalogue_holds_the_instrument_alone() -> None:
    contexts = {str(message.context).partition(":")[0] for message in extract_messages(CHECKOUT, "survey")}
    assert not contexts & {"theme", "indicator", "town"}


def test_every_local_text_of_niort_is_in_the_catalogue() -> None:
    extracted = {message.id for message in extract_messages(CHECKOUT, "town")}
    town = load_town(NIORT)
    assert town.first_wave
    assert town.first_wave.published
    shown = {*list_shown(town), *list_published(town.first_wave.published)}
    assert {text for text in shown if any(map(str.isalpha, text))} - extracted == set()


def list_shown(town: Town) -> Iterator[str]:
    """What the results pages show of a town, apart from its first wave."""
    yield from (town.barometer_name, town.organisation)
    yield from (theme.title for theme in town.themes)
    populations = [*town.total_populations, *(p for q in town.quartiers for p in q.populations)]
    for population in populations:
        yield from (population.source, population.note)
    for quartier in town.quartiers:
        yield from (quartier.perimeter_change, quartier.qpv_code_note)
    for indicator in town.indicators:
        yield from (indicator.label, indicator.phrase)
    yield from (note.text for note in town.context)
    yield from (saying.text for saying in town.sayings)
    for orientation in town.orientations:
        yield from (orientation.title, orientation.source)
    for heading in town.method:
        yield from (heading.title, *heading.texts.values())
    for assumption in town.assumptions:
        yield from (assumption.text, assumption.default, assumption.why)
    for item in town.current_wave.questionnaire.items:
        yield from (item.reason, item.scale.reason if item.scale else "")
    assert town.current_wave.design
    yield from (town.current_wave.design.fieldwork, town.current_wave.design.margin_choice)


def list_published(wave: PublishedWave) -> Iterator[str]:
    """What the page of published figures shows."""
    yield from (wave.source, wave.fieldwork, *wave.reasons.values())
    for printed in wave.figures:
        yield from (printed.printed, printed.note)
    for figure in wave.sample:
        yield from (figure.label, figure.printed, figure.note)
    for theme in wave.open_themes:
        yield from (theme.rank_printed, theme.theme, theme.printed, theme.note)
    yield from (said.text for said in wave.statements)
    yield from (gap.what for gap in wave.not_published)
    yield from (text for text, _ in wave.inconsistencies)


def test_a_local_text_is_told_in_the_language_of_the_request(translated: Flask) -> None:
    with speaking(translated, "en"):
        assert i18n.tell("la moitié") == "half"
    with speaking(translated, "ar"):
        assert i18n.tell("la moitié") == "النصف"


def test_a_local_text_without_translation_is_told_in_typeset_french(translated: Flask) -> None:
    for language in ("fr", "en"):
        with speaking(translated, language):
            assert i18n.tell("C'est dit : 71 %") == (f"C’est dit{NO_BREAK_SPACE}: 71{NARROW_SPACE}%")


def test_nothing_is_told_of_nothing(translated: Flask) -> None:
    with speaking(translated, "ar"):
        assert i18n.tell("") == ""


def test_a_language_is_offered_when_the_town_is_translated_too(translations: Path) -> None:
    assert load_languages(translations)["en"].offered
    catalogue = translations / "en" / "LC_MESSAGES" / "town.po"
    text = catalogue.read_text(encoding="utf-8")
    catalogue.write_text(text + '\nmsgid "Santé"\nmsgstr ""\n', encoding="utf-8")
    assert not load_languages(translations)["en"].offered


@pytest.mark.parametrize("address", ["/chiffres-publies", "/comment-l-enquete-a-ete-faite"])
def test_an_arabic_page_keeps_no_french_but_proper_names(translated: Flask, address: str) -> None:
    page = translated.test_client().get(f"/ar{address}").get_data(as_text=True)
    assert find_latin(page) - names_of(translated) == set()


def names_of(app: Flask) -> set[str]:
    """Proper names, written as they are in every language."""
    town: Town = app.extensions["town"]
    with speaking(app, "ar"):
        languages = {name for _, name, _ in i18n.languages()}
    return {town.name, *languages, *(quartier.name for quartier in town.quartiers)}


def find_latin(page: str) -> set[str]:
    """The texts of a page written with Latin letters only."""
    body = re.sub(r"(?s)<(script|style)\b.*?</\1>", "", page.partition("<body")[2])
    texts = {unescape(text).strip() for text in re.findall(r">([^<]+)<", body)}
    pieces = {part for text in texts for part in text.split(" + ")}
    return {text for text in pieces if re.search(r"[A-Za-zÀ-ÿ]{3}", text) and not re.search(r"[ء-ي]", text)}
