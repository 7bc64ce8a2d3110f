"""« Ce que vous proposez »: everything that the town's files hold, each with its line."""

from __future__ import annotations

import re

from barometre.i18n.typography import set_french
from tests.data import niort
from tests.results.released import read, read_words
from tests.support import make_app

PATH = "/ce-que-vous-proposez"


def say(text: str) -> str:
    return re.sub(r"\s+", " ", set_french(text))


def test_every_saying_stands_there_with_its_line(sqlite_url: str) -> None:
    words = read_words(read(make_app(sqlite_url), PATH))
    assert len(niort().sayings) > 20
    for saying in niort().sayings:
        with_its_line = rf"{re.escape(say(saying.text))}[^0-9]*ligne {saying.source_line} ?\)"
        assert re.search(with_its_line, words), saying.id


def test_proposals_stand_open_and_the_rest_behind_a_fold(sqlite_url: str) -> None:
    html = read(make_app(sqlite_url), PATH).split("<main")[1]
    without = read_words(re.sub(r"<details.*?</details>", "", html, flags=re.S))
    for saying in niort().sayings:
        assert (say(saying.text) in without) == (saying.kind == "proposal"), saying.id


def test_every_printed_theme_of_the_open_questions_is_there(sqlite_url: str) -> None:
    first = niort().first_wave
    assert first is not None
    assert first.published is not None
    words = read_words(read(make_app(sqlite_url), PATH))
    assert first.published.open_themes
    for theme in first.published.open_themes:
        assert re.search(rf"{re.escape(say(theme.theme))}.*?{theme.source_line}\b", words), theme.id


def test_nothing_is_invented_for_this_wave(sqlite_url: str) -> None:
    html = read(make_app(sqlite_url), PATH)
    now = read_words(html.split('id="maintenant"')[1].split("</section>")[0])
    assert "ne sont pas encore là" in now
    assert "%" not in now
