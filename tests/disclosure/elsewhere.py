"""The attacker with the other pages: one for each figure, what changed, and those of a council."""

from __future__ import annotations

import re
from collections.abc import Iterator

from flask import Flask
from flask.testing import FlaskClient

from barometre.estimates.disclosure import ALL
from tests.disclosure.reading import Told, read_public, read_words
from tests.disclosure.words import Vocabulary, learn_words, read_said
from tests.results.files_read import fetch


def read_elsewhere(app: Flask, client: FlaskClient) -> Iterator[Told]:
    """The pages of each figure, and the one of what changed."""
    with app.test_request_context():
        known = learn_words(app.extensions["town"])
    for item in known.answers:
        every = f"/chiffres/{item}"
        listed = fetch(client, every).decode("utf-8")
        for slug in dict.fromkeys(re.findall(rf'href="{every}/([a-z0-9-]+)"', listed)):
            page = f"{every}/{slug}"
            yield from read_articles(known, page, fetch(client, page).decode("utf-8"))
    yield from read_changes(known, fetch(client, "/ce-qui-a-change").decode("utf-8"))


def read_articles(known: Vocabulary, page: str, html: str) -> Iterator[Told]:
    """The tables of each question of a page, and its words about each domain."""
    for told in read_public(html, page, known.town, known.answers):
        assert not told.stray, told
        yield told
    for article in re.findall(r"<article.*?</article>", html, re.S):
        item = re.search(r'id="([a-z0-9_]+)"', article)
        assert item
        for picture in re.findall(r"<svg.*?</svg>", article, re.S):
            domain = re.search(rf'id="pic-{item[1]}-([a-z0-9]+)-t"', picture)
            words = " ".join(re.findall(r"<desc[^>]*>.*?</desc>", picture, re.S))
            if domain:
                yield read_said(known, page, item[1], domain[1].upper(), words)


def read_changes(known: Vocabulary, html: str) -> Iterator[Told]:
    """What changed: a paragraph for the quartiers together, a line for each of them."""
    page = "/ce-qui-a-change"
    for item, change in re.findall(r'<li class="change" id="([a-z0-9_]+)">(.*?)</li>', html, re.S):
        main, _, others = change.partition("<details")
        name = re.search(r'<p class="soft">(.*?)</p>', main)
        domain = known.find_domain(read_words(name[1])) if name else ALL
        yield read_said(known, page, item, domain, main)
        for quartier, words in re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", others, re.S):
            yield read_said(known, page, item, known.find_domain(read_words(quartier)), words)


def read_council(app: Flask, client: FlaskClient) -> Iterator[Told]:
    """The pages of a member of a council: the headlines, each theme, and every figure to guess."""
    with app.test_request_context():
        known = learn_words(app.extensions["town"])
    home = fetch(client, "/council").decode("utf-8")
    for slug, section in re.findall(r'<h3><a href="/quartiers/([a-z-]+)">(.*?)</section>', home, re.S):
        quartier = next(quartier.id for quartier in known.town.quartiers if quartier.slug == slug)
        for label, sentence in re.findall(r"<li><strong>(.*?)</strong>(.*?)</li>", section, re.S):
            yield read_said(known, "/council", known.items[read_words(label)], quartier, sentence)
    for theme in known.town.themes:
        page = f"/council/themes/{theme.slug}"
        yield from read_articles(known, page, fetch(client, page).decode("utf-8"))
        yield from read_guesses(known, client, f"{page}/guess")


def read_guesses(known: Vocabulary, client: FlaskClient, page: str) -> Iterator[Told]:
    """What is told after a guess of each figure that may be guessed, one after the other."""
    asked = fetch(client, page).decode("utf-8")
    while token := re.search(r'name="csrf_token"[^>]*value="([^"]+)"[^<]*<input[^>]*name="item"', asked):
        item, domain = (re.search(rf'name="{name}" value="([^"]+)"', asked) for name in ("item", "domain"))
        assert item
        assert domain
        form = {"csrf_token": token[1], "item": item[1], "domain": domain[1], "guess": "50"}
        answer = client.post(page, data=form)
        assert answer.status_code == 200
        main = answer.get_data(as_text=True).partition("<main")[2]
        yield read_said(known, page, item[1], domain[1], main)
        following = re.search(rf'href="({page}\?[^"]+)"', main)
        if following is None:
            return
        asked = fetch(client, following[1].replace("&amp;", "&")).decode("utf-8")
