"""An application after a release of interviews that differ from one another, and its pages as words."""

from __future__ import annotations

import re
from html import unescape

from flask import Flask

from barometre.results.sources import Published, fetch_published
from tests.data import publish_now
from tests.support import leave_eligible, store_interview


def release(app: Flask, interviews: int, start: int = 0, **fixed: int) -> Flask:
    """Store some interviews, those numbered from `start`, with some answers `fixed`, and release all."""
    town, database = app.extensions["town"], app.extensions["database"]
    asked = town.current_wave.questionnaire
    for number in range(start, start + interviews):
        answers = {
            item.id: item.scale.options[(number + 3 * place) % len(item.scale.options)].code
            for place, item in enumerate(asked.closed_items)
        }
        # Two sexes, three ages, each in every quartier.
        answers |= {"sexe": 1 + number % 2, "age": (2, 3, 5)[number // 3 % 3]}
        store_interview(database, town, leave_eligible(asked, answers | fixed))
    with database.write() as session:
        publish_now(session, town)
    return app


def fetch(app: Flask) -> Published:
    """What the pages are made of."""
    with app.test_request_context():
        published = fetch_published()
    assert published is not None
    return published


def read(app: Flask, path: str) -> str:
    """The HTML of a page that answers."""
    answer = app.test_client().get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def read_words(html: str) -> str:
    """Its words, one space between them."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html))).strip()
