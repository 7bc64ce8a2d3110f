"""What is given back at the door: published figures as printed, the quartier's own first."""

from html.parser import HTMLParser

import pytest
from flask import Flask, render_template

from barometre.i18n import known_languages
from barometre.interview.give_back import EVERYBODY, MOST, Block, describe_give_back
from barometre.questionnaire.town import PublishedFigure, Town
from tests.data import bourg_fictif, niort
from tests.support import SECOND_TOWN, make_app

LANGUAGES = ("fr", "en", "ar")


def give_back(app: Flask, town: Town, language: str = "fr") -> dict[str, Block]:
    """Blocks by quartier."""
    with app.test_request_context():
        return {block.quartier: block for block in describe_give_back(town, language)}


def find_figures(town: Town) -> dict[str, PublishedFigure]:
    """Everything that the first wave printed as a figure."""
    assert town.first_wave
    assert town.first_wave.published
    return {figure.id: figure for figure in town.first_wave.published.figures}


def test_each_quartier_hears_its_own_figures_first_and_at_most_three(app: Flask) -> None:
    blocks = give_back(app, niort())
    told = {quartier: [figure.id for figure in block.figures] for quartier, block in blocks.items()}
    assert told == {
        "1": ["SECU-CB", "ATTACH-CB", "SATISF-ALL"],
        "2": ["SATISF-TCG", "SECU-TCG", "ATTACH-TCG"],
        "3": ["SECU-PCSA", "EQUIP_JEUNES-POS-PCSA", "SATISF-ALL"],
        EVERYBODY: ["SATISF-ALL", "ATTACH-ALL", "FREQ-REG-ALL"],
    }
    assert max(map(len, told.values())) == MOST


@pytest.mark.parametrize("language", LANGUAGES)
def test_figures_are_the_published_ones_to_the_letter(app: Flask, language: str) -> None:
    town = niort()
    printed = find_figures(town)
    for block in give_back(app, town, language).values():
        for figure in block.figures:
            source = printed[figure.id]
            assert figure.printed == source.printed
            assert figure.share == source.value
            assert str(figure.share) in figure.sentence["spoken"]


def test_a_figure_printed_as_words_or_about_something_else_is_never_told(app: Flask) -> None:
    printed = find_figures(niort())
    told = {figure.id for block in give_back(app, niort()).values() for figure in block.figures}
    for name in told:
        assert printed[name].kind == "rounded"
        assert printed[name].comparability != "no"
    # Printed for a quartier as a rounded share of these very answers, but about the town centre alone.
    assert "FREQ-REG-PCSA" in printed
    assert "FREQ-REG-PCSA" not in told


def test_who_was_asked_and_when_is_said_beside_each_figure(app: Flask) -> None:
    own, _, together = give_back(app, niort())["1"].figures
    assert own.base == "46 personnes interrogées en 2023 – Clou Bouchet"
    assert together.base == "120 personnes interrogées en 2023 – Les 3 quartiers ensemble"


def test_the_sentence_is_said_in_the_resident_s_language_with_french_beneath(app: Flask) -> None:
    said = {language: give_back(app, niort(), language)["2"].figures[0].sentence for language in LANGUAGES}
    french = "79 habitants sur 100 se disent satisfaits d’habiter le quartier."
    assert {sentence["french"] for sentence in said.values()} == {french}
    assert len({sentence["spoken"] for sentence in said.values()}) == len(LANGUAGES)
    assert "residents out of 100" in said["en"]["spoken"]
    with app.app_context():
        town_words = known_languages()["ar"].town
    phrase = town_words.gettext("se disent satisfaits d’habiter le quartier")
    assert phrase in said["ar"]["spoken"]


def test_another_town_gives_back_its_own_figures_and_falls_back_to_all_together(sqlite_url: str) -> None:
    app = make_app(sqlite_url, surveys_dir=SECOND_TOWN, town="bourg-fictif")
    blocks = give_back(app, bourg_fictif())
    # Neither quartier has a figure of its own; « les deux tiers » is words.
    assert {quartier: [figure.id for figure in block.figures] for quartier, block in blocks.items()} == {
        quartier: ["PLAISIR-ALL"] for quartier in ("1", "2", EVERYBODY)
    }
    assert "2026" in blocks["2"].figures[0].base
    app.extensions["database"].engine.dispose()


class Rendered(HTMLParser):
    """The blocks of the partial, and what a strict policy forbids in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.blocks: list[str | None] = []
        self.styled: list[str] = []
        self.parts: list[dict[str, str | None]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if "data-give-back" in given:
            assert "hidden" in given
            self.blocks.append(given["data-give-back"])
        if "style" in given:
            self.styled.append(tag)
        if given.get("class") == "give-back__part":
            self.parts.append(given)

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_partial_shows_every_block_hidden_with_its_bars(app: Flask, language: str) -> None:
    with app.test_request_context():
        blocks = describe_give_back(niort(), language)
        page = render_template(
            "interview/screens/give_back.html", give_back=blocks, language=language, page_language=language
        )
    rendered = Rendered(page)
    assert rendered.blocks == ["1", "2", "3", EVERYBODY]
    assert not rendered.styled
    shares = [figure.share for block in blocks for figure in block.figures]
    assert [part["width"] for part in rendered.parts] == [str(share) for share in shares]
    # A bar begins where reading begins.
    wanted = [str(100 - share) if language == "ar" else None for share in shares]
    assert [part.get("x") for part in rendered.parts] == wanted
    for block in blocks:
        for figure in block.figures:
            assert figure.printed in rendered.words
            assert figure.sentence["spoken"] in rendered.words
