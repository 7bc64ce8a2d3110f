"""An analyst with « Comparer » and « Échantillon » beside the analyses: all of it at once."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from html import unescape

import numpy as np
from flask import Flask
from flask.testing import FlaskClient

from barometre.estimates.counts import Counts
from barometre.estimates.disclosure import ALL
from barometre.i18n import say
from barometre.results.labels import domain_label
from barometre.results.plan_words import label_class
from tests.disclosure.analyst import Analyst, Cube, Mask, People, read_analyses
from tests.disclosure.attack import Secret, System, find_disclosures
from tests.disclosure.reading import Told, read_cells, read_number, read_rows, read_words
from tests.disclosure.safe import is_base_safe
from tests.disclosure.words import Vocabulary, learn_words, read_row
from tests.results.files_read import fetch

#: what the analyst looks at: what is published, and what has come in since
SOURCES = ("release", "live")
#: how the page names the quartiers as a variable, and those without a class
QUARTIERS, UNKNOWN = "Quartier", "Autre, ou sans réponse"


def read_comparisons(app: Flask, client: FlaskClient) -> Iterator[Told]:
    """Every row of « Comparer », from the release and from now, and the changes that its picture draws."""
    with app.test_request_context():
        known = learn_words(app.extensions["town"])
    for source in SOURCES:
        page = f"/desk/compare?quartier=all&from={source}"
        html = fetch(client, page).decode("utf-8")
        for row in read_rows(html.split('aria-labelledby="ecarts"')[1].split("</table>")[0]):
            yield _read_comparison(known, page, row)
        for label in _list_drawn(html):
            name, _, domain = label.rpartition(" – ")
            item = known.items[read_words(name)]
            yield replace(
                known.begin(page, item, known.find_domain(domain)), alone=_list_compared(known, item, html)
            )


def _read_comparison(known: Vocabulary, page: str, row: str) -> Told:
    link = re.search(r"item=([a-z0-9_]+)", row)
    name = re.search(r'<small class="soft">(.*?)(?: · .*)?</small>', row)
    assert link
    assert name
    item = link[1]
    _, _, now, base, difference, tested, why = read_cells(row)
    told = read_row(known, page, item, known.find_domain(unescape(name[1])), now, base)
    alone = list(told.alone)
    # A p-value is worked out from the share: whoever has it has the share.
    if any(re.search(r"\d", cell) for cell in (difference, tested)):
        alone.append(known.find_compared(item, why))
    return replace(told, alone=tuple(alone))


def _list_drawn(html: str) -> list[str]:
    """The changes that the picture shows; none where there is no picture."""
    found = re.search(r'id="figure">(.*?)</script>', html, re.S)
    traces = json.loads(found[1])["data"] if found else []
    return list(dict.fromkeys(read_words(name) for trace in traces for name in trace["y"] if name))


def _list_compared(known: Vocabulary, item: str, html: str) -> tuple[tuple[int, ...], ...]:
    """The answers that the change of an item may be about; those of its row say which."""
    rows = [row for row in re.findall(r"<tr>.*?</tr>", html, re.S) if f'item={item}"' in row]
    return tuple({known.find_compared(item, read_words(row)) for row in rows[:1]})


def read_sample(app: Flask, client: FlaskClient, cube: Cube) -> list[People]:
    """The interviews of every group on « Échantillon »: which cells, at least and at most how many.

    Nothing on the page depends on an answer. Its weighted shares are left out: whoever works out the weights
    has more (decision 7).
    """
    html = fetch(client, "/desk/sample?quartier=all").decode("utf-8")
    table = html.split('aria-labelledby="tableau"')[1].split("</table>")[0]
    with app.test_request_context():
        places = dict(list_places(app, cube))
    found = []
    for row in read_rows(table):
        name = re.search(r'class="measure">(.*?)<br><small class="soft">(.*?) · (.*?)</small>', row)
        assert name
        inside = places.pop((read_words(name[2]), read_words(name[3]), read_words(name[1])))
        number = read_number(read_cells(row)[1])
        free = name[1] == UNKNOWN or name[2] == QUARTIERS
        if number is None:
            found.append(People(inside, 0, np.inf, free, masked=read_words(f"{name[3]}, {name[1]}")))
        else:
            found.append(People(inside, number, number, free))
    # A class without a row is nobody's.
    return found + [People(inside, 0, 0, open=True) for inside in places.values()]


def list_places(app: Flask, cube: Cube) -> Iterator[tuple[tuple[str, str, str], Mask]]:
    """Names of a variable, a domain and a class, as the page writes them, and their cells."""
    town = app.extensions["town"]
    wave = town.current_wave
    quartier, *variables = wave.questionnaire.cell
    domains = {ALL: np.ones(len(cube.cells), dtype=bool)}
    for one in town.quartiers:
        place = next(p for p, codes in enumerate(cube.groups[quartier]) if one.code in codes)
        domains[one.id] = cube.find(quartier, frozenset({place}))
        yield (QUARTIERS, domain_label(town, ALL), one.name), domains[one.id]
    for variable in variables:
        item = wave.questionnaire.by_id[variable]
        if item.recorded:
            continue
        assert item.scale
        classes: dict[str, set[int]] = {}
        for place, codes in enumerate(cube.groups[variable]):
            named = {option.class_id for option in item.scale.options if option.code in codes}
            name = next((label_class(wave, variable, one) for one in named if one), UNKNOWN)
            classes.setdefault(read_words(name), set()).add(place)
        for domain, inside in domains.items():
            for name, of in classes.items():
                key = read_words(say(variable, item.text)), read_words(domain_label(town, domain)), name
                yield key, inside & cube.find(variable, frozenset(of))


def find_told_sizes(people: Sequence[People], counts: Counts, cube: Cube, mask: int) -> list[Secret]:
    """The groups that « Échantillon » hides and that follow from the others on that page."""
    truth = cube.place_counts(counts, counts.interviews)
    system = System(len(cube.cells), counts.total)
    for one in people:
        system.tell(one.inside.astype(float), one.least, one.most)
    assert system.fits(truth)
    hidden = [
        Secret(one.masked, one.inside.astype(float), lambda found: is_base_safe(found, mask), {few})
        for one in people
        if one.masked and (few := round(float(one.inside @ truth))) < mask
    ]
    return find_disclosures(system, hidden, np.random.default_rng(2027))


def read_staff(app: Flask, client: FlaskClient, items: Collection[str] = ()) -> Analyst:
    """The analysis of every question, or of some, and the two pages beside it."""
    analyst = read_analyses(app, client, items)
    more: dict[str, list[Told]] = {}
    for told in read_comparisons(app, client):
        more.setdefault(told.item, []).append(told)
    return replace(analyst, more=more, people=read_sample(app, client, analyst.cube))
