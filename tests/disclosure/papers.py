"""The attacker with the papers: what the report, the sheets and the slides say before they are set."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from flask import Flask

from barometre.estimates.disclosure import ALL
from barometre.i18n import speak, tell
from barometre.results.papers import report, restitution, slides
from barometre.results.sources import Published, fetch_published
from tests.disclosure.reader import read_people
from tests.disclosure.reading import Told, read_words
from tests.disclosure.words import SHARE, Vocabulary, learn_words, read_row, read_said

People = dict[str, tuple[int, int]]
Values = dict[str, Any]


def read_papers(app: Flask) -> tuple[list[Told], list[People]]:
    """Every statement of every paper in French, and the people of each domain that they tell."""
    with app.test_request_context(), speak("fr"):
        published = fetch_published()
        assert published
        town = app.extensions["town"]
        known = learn_words(town)
        content = report.write_content(town, published)
        told = [*read_report(known, content), *read_slides(known, slides.write_content(town, published))]
        people = [read_sample(known, content)]
        for quartier in town.quartiers:
            sheet = restitution.write_content(town, published, quartier)
            told += read_sheet(known, published, quartier.id, sheet)
            people += [{quartier.id: read_people(read_words(sheet["met"]))}]
    return told, people


def _list_pieces(content: Values) -> Iterator[Values]:
    for chapter in (content["synthesis"], *content["chapters"], *content["annexes"]):
        yield from chapter["pieces"]


def read_report(known: Vocabulary, content: Values) -> Iterator[Told]:
    """Questions with their pictures and tables, the key indicators, and the annex of all answers."""
    for piece in _list_pieces(content):
        if piece["kind"] == "question":
            item = known.items[read_words(piece["label"])]
            main = known.find_domain(piece["table"]["rows"][0][0])
            yield read_said(known, "report", item, main, " ".join([piece["finding"], *piece["lines"]]))
            for picture in piece["pictures"]:
                name = picture["name"] or piece["table"]["rows"][0][0]
                yield read_said(known, "report", item, known.find_domain(name), picture["alt"])
            for name, *cells in _list_rows(piece["table"]):
                domain = known.find_domain(name)
                yield read_row(known, "report", item, domain, cells[-3], cells[-1])
                if re.search(r"\d points?\b", " ".join(cells[:-3])):
                    compared = known.find_compared(item, " ".join(map(read_words, piece["lines"])))
                    yield replace(known.begin("report", item, domain), alone=(compared,))
        elif piece["kind"] == "table" and (item := _find_item(known, piece["caption"])):
            labels = [read_words(label) for label in piece["head"][1:]]
            for name, *cells in _list_rows(piece):
                parts = tuple(
                    (known.answers[item][label], float(found[1]))
                    for label, cell in zip(labels, cells, strict=True)
                    if (found := re.fullmatch(SHARE, cell))
                )
                yield replace(known.begin("report", item, known.find_domain(name)), parts=parts)
        elif piece["kind"] == "table" and not piece["caption"].startswith("Correspondance"):
            for label, *cells in _list_rows(piece):
                if label in known.items and len(cells) > 1:
                    yield read_row(known, "report", known.items[label], ALL, cells[-2], cells[-1])


def _list_rows(table: Values) -> list[list[str]]:
    return [[read_words(cell) for cell in row] for row in table["rows"]]


def _find_item(known: Vocabulary, caption: str) -> str | None:
    """The question whose answers a table of the annex is about."""
    label, found, _rest = read_words(caption).partition(", toutes les réponses")
    return known.items[label] if found else None


def read_sample(known: Vocabulary, content: Values) -> People:
    """The people of each domain, from the chapter on method."""
    table = next(p for p in _list_pieces(content) if p.get("caption", "").startswith("Personnes interrogées"))
    column = table["head"].index(known.town.current_wave.id)
    return {known.find_domain(row[0]): read_people(row[column]) for row in _list_rows(table)}


def read_slides(known: Vocabulary, content: Values) -> Iterator[Told]:
    """A slide a question: its title, what its picture says, its base and its verdict."""
    for slide in content["slides"]:
        words = " ".join(slide[name] for name in ("title", "base", "verdict", "alt"))
        yield read_said(
            known,
            "slides",
            slide["item"].replace("-", "_"),
            known.find_domain(read_words(slide["where"])),
            words,
        )


def read_sheet(known: Vocabulary, published: Published, quartier: str, sheet: Values) -> Iterator[Told]:
    """The sheet of a quartier: its sentences, and the favourable shares of its bars."""
    town = known.town
    phrases = {read_words(tell(indicator.phrase)): indicator.item for indicator in town.indicators}
    for _number, words in sheet["remember"]["rows"]:
        item = next(item for phrase, item in phrases.items() if phrase in read_words(words))
        yield read_said(known, "sheet", item, quartier, words)
    for bar in (*sheet["good"]["rows"], *sheet["better"]["rows"]):
        item = known.items[read_words(bar["label"])]
        scale = town.current_wave.questionnaire.by_id[item].scale
        assert scale
        good = tuple(option.code for option in scale.options if option.side == "favourable")
        yield replace(known.begin("sheet", item, quartier), alone=(good,))
