"""The first page opens with a few sentences, chosen by a rule."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from barometre.demonstration import fill
from barometre.estimates.change import DOWN, UP
from barometre.estimates.disclosure import ALL
from barometre.questionnaire.town import Town
from barometre.results.messages import MOST, write_messages
from tests.results.released import fetch, read, read_words, release
from tests.support import make_app


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The demonstration, which holds changes both ways."""
    folder = tmp_path_factory.mktemp("messages")
    app = make_app(f"sqlite:///{folder / 'barometre.sqlite'}", demonstration=True)
    with app.extensions["database"].write() as session:
        fill(session, app.extensions["town"])
    return app


def test_headlines_come_first_then_demonstrated_changes_only(app: Flask) -> None:
    town: Town = app.extensions["town"]
    findings = fetch(app).findings
    with app.test_request_context():
        messages = write_messages(town, findings)
    assert len(messages) <= MOST
    headlines = [indicator.item for indicator in town.indicators if indicator.headline]
    assert [message.item for message in messages][: len(headlines)] == headlines
    others = messages[len(headlines) :]
    assert others
    for message in others:
        verdict = findings.by_domain[(message.item, ALL)].verdict
        assert verdict is not None
        assert verdict.word in (UP, DOWN)


def test_no_more_messages_than_asked(app: Flask) -> None:
    with app.test_request_context():
        assert len(write_messages(app.extensions["town"], fetch(app).findings, 2)) == 2


def test_each_message_stands_with_its_answers_before_any_picture(app: Flask) -> None:
    opening = read(app, "/").split("<main")[1].split("<article")[0]
    messages = re.findall(r'<li class="message">.*?</li>', opening, re.S)
    assert 0 < len(messages) <= MOST
    for message in messages:
        assert re.search(r"\d+ habitants sur 100 .* \d+ réponses\.", read_words(message))


def test_what_is_hidden_is_no_message(sqlite_url: str) -> None:
    app = release(make_app(sqlite_url), 8)
    with app.test_request_context():
        assert write_messages(app.extensions["town"], fetch(app).findings) == []
    assert "L’essentiel" not in read_words(read(app, "/").split("<main")[1])


def test_a_quartier_is_one_tap_away_and_its_safety_two(app: Flask) -> None:
    town: Town = app.extensions["town"]
    opening = read(app, "/").split("<main")[1].split("<article")[0]
    for quartier in town.quartiers:
        assert f'href="/quartiers/{quartier.slug}"' in opening
        contents = read(app, f"/quartiers/{quartier.slug}").split("<article")[0]
        assert 'href="#securite"' in contents
