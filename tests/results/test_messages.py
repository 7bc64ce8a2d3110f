"""The first page opens with a few sentences, chosen by a rule."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask

from barometre.demonstration import fill
from barometre.estimates.change import DOWN, NOT_COMPARABLE, UP
from barometre.estimates.disclosure import ALL, CAUTION
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


def test_a_change_of_the_other_side_is_no_message(app: Flask) -> None:
    town, findings = app.extensions["town"], fetch(app).findings
    with app.test_request_context():
        told = write_messages(town, findings, 100)
        changed = next(message.item for message in told if not town.indicator_of[message.item].headline)
        place = (changed, ALL)
        finding = findings.by_domain[place]
        assert finding.against
        codes = town.current_wave.questionnaire.by_id[changed].scale.codes
        turned = replace(finding, against=replace(finding.against, codes=codes - finding.against.codes))
        others = write_messages(town, replace(findings, by_domain={**findings.by_domain, place: turned}), 100)
        assert {message.item for message in told} - {message.item for message in others} == {changed}


def test_a_share_of_few_people_is_no_message(app: Flask) -> None:
    town, findings = app.extensions["town"], fetch(app).findings
    few = {
        key: replace(finding, shown=replace(finding.shown, state=CAUTION))
        for key, finding in findings.by_domain.items()
    }
    with app.test_request_context():
        assert write_messages(town, replace(findings, by_domain=few)) == []


def test_a_message_says_what_must_be_known_of_its_change(app: Flask) -> None:
    with app.test_request_context():
        messages = write_messages(app.extensions["town"], fetch(app).findings)
    cautions = {text for message in messages if message.verdict for text in message.verdict.cautions}
    assert cautions
    for address in ("/", *(f"/chiffres/{message.item}" for message in messages)):
        told = read_words(read(app, address))
        own = messages if address == "/" else [m for m in messages if address.endswith(m.item)]
        for message in own:
            if message.verdict and message.verdict.word != NOT_COMPARABLE:
                assert all(read_words(text) in told for text in message.verdict.cautions), message.item


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
