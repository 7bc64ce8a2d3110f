"""The first wave's own interviews on the public pages, all of them or a part, with every item replaced."""

import re

import numpy as np
import pytest
from flask import Flask

from barometre.estimates.disclosure import ALL, SMALL, Answers, add_answers
from barometre.questionnaire.town import Town
from barometre.results.answers import gather_answers
from barometre.results.baseline_items import list_items
from barometre.results.files.row import RECOUNTED
from barometre.storage.baseline import MICRODATA
from barometre.storage.models import BaselineDecision
from tests.data import publish_now
from tests.disclosure.population import KINDS, Kind, draw, settle, store_counts, tally
from tests.disclosure.reader import list_addresses
from tests.disclosure.reading import read_cells, read_rows
from tests.results.files_read import address_of, fetch, read_csv

COMPLETE = (46, 35, 39)
ANYBODY = (1.0, 12.0, 30.0, 30.0, 18.0, 7.0, 2.0)


def settle_first_wave(app: Flask, people: tuple[int, ...], seed: int) -> dict[str, dict[str, Answers]]:
    """Store, use and release so many interviews of each quartier; item → domain → answers."""
    town: Town = app.extensions["town"]
    first = town.first_wave
    assert first
    now = town.current_wave.questionnaire
    settle(app, tally(now, draw(now, KINDS["nobody silent"], seed)))
    alone = [tuple(float(place == other) for other in range(3)) for place in range(3)]
    kinds = [Kind(number, alone[place], ANYBODY, (54, 42, 2, 2)) for place, number in enumerate(people)]
    drawn = [draw(first.questionnaire, kind, seed + place) for place, kind in enumerate(kinds)]
    counts = tally(first.questionnaire, np.concatenate(drawn))
    answered = [i for i in list_items(town) if i in counts.position and counts.expressed(i).sum()]
    with app.extensions["database"].write() as session:
        store_counts(session, first.questionnaire, counts)
        for item in answered:
            session.add(
                BaselineDecision(
                    wave=first.id,
                    item=item,
                    source=MICRODATA,
                    previous="published",
                    reason="x",
                    decided_by="x",
                )
            )
        session.flush()
        publish_now(session, town)
    found = {}
    for item in answered:
        scale = first.questionnaire.by_id[item].scale
        assert scale
        parts = gather_answers(town, counts, item, scale)
        found[item] = {part.domain: part for part in (*parts, add_answers(parts))}
    return found


def read_bases(app: Flask) -> dict[str, dict[str, int]]:
    """Item → domain → the base of what the pages and the file of results say is worked out again."""
    town: Town = app.extensions["town"]
    domains = {quartier.name: quartier.id for quartier in town.quartiers}
    found: dict[str, dict[str, int]] = {}
    client = app.test_client()
    for page in list_addresses(app):
        html = client.get(page).get_data(as_text=True)
        spoken = {int(base) for base in re.findall(r"(\d+)\sréponses?(?:\)|,\srecalculé)", html)}
        assert not [base for base in spoken if base < 30], page
        for article in re.findall(r"<article.*?</article>", html, re.S):
            item = re.search(r'id="([a-z0-9_]+)"', article)
            assert item
            for row in read_rows(article.split("<table>")[1]):
                name, *cells = read_cells(row)
                for base in re.findall(r"\((\d+)\sréponses?\),\srecalculé", " ".join(cells)):
                    found.setdefault(item[1], {})[domains.get(name, ALL)] = int(base)
    for line in read_csv(fetch(client, address_of(app, "resultats.csv"))):
        if line["statut"] == RECOUNTED and line["n_base"] is not None:
            known = found.setdefault(line["question_id"], {}).setdefault(line["quartier"], line["n_base"])
            assert known == line["n_base"]
    return found


@pytest.mark.parametrize(
    "people",
    [COMPLETE, (0, 0, 3), (46, 3, 39), (46, 31, 39), (40, 35, 39), (31, 35, 12)],
    ids=str,
)
def test_nothing_small_follows_from_the_interviews_of_the_first_wave(
    app: Flask, people: tuple[int, ...]
) -> None:
    town: Town = app.extensions["town"]
    first = town.first_wave
    assert first
    assert first.published
    truth = settle_first_wave(app, people, 1)
    told = read_bases(app)
    assert bool(told) == (people != (0, 0, 3))
    for item, bases in told.items():
        codes = town.indicator_of[item].codes
        for domain, base in bases.items():
            assert base == truth[item][domain].base
            assert base >= 30
        if ALL not in bases:
            continue
        rest = [found for domain, found in truth[item].items() if domain not in bases and found.base]
        if not rest:
            continue
        together = add_answers(rest)
        favourable = together.count(codes)
        assert together.base >= 11, (item, bases)
        assert min(favourable, together.base - favourable) >= SMALL, (item, bases)
        if len(rest) == 1:
            printed = first.published.find(item, rest[0].domain)
            sides = (codes, frozenset(rest[0].options) - codes)
            assert not [f for f in printed if f.codes in sides and f.comparability != "no"], (item, bases)
