"""The attacker with the public pages, and the exact count behind every share that they show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import combinations

import numpy as np
from flask import Flask, url_for
from flask.testing import FlaskClient

from barometre.estimates.counts import Counts
from barometre.estimates.disclosure import (
    ALL,
    BAND,
    MASKED,
    NOT_ASKED,
    ROUNDED_TO,
    SMALL,
    round_people,
)
from barometre.questionnaire.town import Town
from barometre.results.findings import sides_together
from barometre.results.labels import label_codes
from tests.disclosure.attack import Secret, System, Vector, find_disclosures
from tests.disclosure.reading import Told, read_cells, read_number, read_public, read_rows, read_words
from tests.disclosure.safe import is_band_safe, is_base_safe, is_option_safe, is_side_safe


@dataclass(frozen=True)
class Reader:
    """Everything that the public pages tell, by item; and the people of each domain, as they are rounded."""

    town: Town
    told: Mapping[str, Mapping[str, Told]]
    #: domain → (at least, at most)
    interviews: Mapping[str, tuple[int, int]]
    pages: int
    #: what else leaves, by item: files, papers, pages of the councils
    more: Mapping[str, Sequence[Told]] = field(default_factory=dict)

    @cached_property
    def domains(self) -> list[str]:
        """Quartiers."""
        return [quartier.id for quartier in self.town.quartiers]

    def codes(self, item: str) -> list[int]:
        """Substantive codes of an item."""
        scale = self.town.current_wave.questionnaire.by_id[item].scale
        assert scale is not None
        return [option.code for option in scale.options]

    def add(self, item: str, domain: str, codes: frozenset[int] | None) -> Vector:
        """Coefficients of the people of a domain who gave one of `codes`; None is no answer."""
        found = np.zeros((len(self.codes(item)) + 1, len(self.domains)))
        columns = [place for place, name in enumerate(self.domains) if domain in (ALL, name)]
        rows = [place for place, code in enumerate(self.codes(item)) if codes and code in codes]
        found[np.ix_(rows if codes is not None else [-1], columns)] = 1
        return found.ravel()

    def table(self, item: str, counts: Counts) -> Vector:
        """The true table: answers by quartier, those who gave none last."""
        axis = counts.axis(counts.cell_items[0])
        inside = [axis == quartier.code for quartier in self.town.quartiers]
        rows = [[counts.given(item, (c,))[i].sum() for i in inside] for c in self.codes(item)]
        everybody = np.array([counts.interviews[i].sum() for i in inside], dtype=float)
        return np.concatenate([np.ravel(rows), everybody - np.sum(rows, axis=0)]).astype(float)

    def know(self, item: str, counts: Counts, truth: Vector) -> System:
        """Equations of one item; a share tells the number of people behind it, whatever its decimals."""
        codes, headline = frozenset(self.codes(item)), self.town.indicator_of[item].codes
        system = System(len(truth), counts.total)
        for domain, (least, most) in self.interviews.items():
            told_bases = [told.base or 0 for told in self.list_told() if told.group == domain]
            everybody = self.add(item, domain, codes) + self.add(item, domain, None)
            # A base that is the largest number with that rounding: a case that the decision leaves open.
            open_case = least < most == max(told_bases)
            system.tell(everybody, max(least, *told_bases), np.inf if open_case else most)
        known = set()
        for told in self.list_told(item):
            blocks = [frozenset(block) for block, _ in told.parts]
            if blocks:
                # An answer without a segment was given by nobody.
                blocks += [codes.difference(*blocks)]
            blocks += map(frozenset, told.alone)
            why = "" if told.base is not None else told.state
            says = told.group, why, told.base, told.band, frozenset(blocks)
            if says in known:
                continue
            known.add(says)
            base = self.add(item, told.group, codes)
            if told.base is not None:
                system.tell(base, told.base)
            elif told.state == NOT_ASKED:
                system.tell(base, 0)
            elif told.state == MASKED:
                system.tell(base, 1, np.inf)
            if told.band:
                few = headline if told.band[0] == "below" else codes - headline
                system.tell(self.add(item, told.group, few), 0, SMALL - 1)
            for block in blocks:
                people = self.add(item, told.group, block)
                system.tell(people, round(float(people @ truth)))
        return system

    def list_told(self, item: str | None = None) -> list[Told]:
        """Every row of one item or of all, on the pages and elsewhere."""
        items = self.told if item is None else [item]
        return [told for one in items for told in (*self.told[one].values(), *self.more.get(one, ()))]

    def add_sources(
        self, told: Iterable[Told], interviews: Iterable[Mapping[str, tuple[int, int]]]
    ) -> Reader:
        """The same with what other sources tell: all of it together."""
        more = {item: list(rows) for item, rows in self.more.items()}
        for row in told:
            # A question put to one quartier only is that quartier's; of another wave, nobody's here.
            if row.item in self.told and (row.group != ALL or ALL in self.told[row.item]):
                more.setdefault(row.item, []).append(row)
        limits = dict(self.interviews)
        for people in interviews:
            for domain, (least, most) in people.items():
                low, high = limits.get(domain, (0, np.inf))
                limits[domain] = max(low, least), min(high, most)
        return replace(self, more=more, interviews=limits)

    def list_secrets(self, item: str, truth: Vector, mask: int) -> list[Secret]:
        """Small bases that are masked, small sides and small options, of a quartier or of several."""
        codes, headline = frozenset(self.codes(item)), self.town.indicator_of[item].codes
        secrets = []
        for domain in (*self.domains, ALL):
            told, base = self.told[item].get(domain), self.add(item, domain, codes)
            people = round(float(base @ truth))
            if not people:
                continue
            if told and told.state == MASKED and people < mask:
                secrets.append(
                    Secret(f"{item} {domain} base", base, lambda f: is_base_safe(f, mask), {people})
                )
            for side in (headline, codes - headline):
                of = self.add(item, domain, side)
                if (few := round(float(of @ truth))) < SMALL:
                    safe = is_band_safe if told and told.state == BAND else is_side_safe
                    secrets.append(Secret(f"{item} {domain} side {sorted(side)}", of, safe, {few}))
            for size in range(1, len(codes)):
                for part in combinations(sorted(codes), size):
                    of = self.add(item, domain, frozenset(part))
                    if 0 < (few := round(float(of @ truth))) < SMALL:
                        secrets.append(Secret(f"{item} {domain} {part}", of, is_option_safe, {few}))
        return secrets

    def attack(
        self, item: str, counts: Counts, random: np.random.Generator
    ) -> tuple[System, list[Secret], list[Secret]]:
        """The equations of an item, its secrets, and those that follow."""
        design, truth = self.town.current_wave.design, self.table(item, counts)
        assert design
        system = self.know(item, counts, truth)
        assert system.fits(truth), item
        secrets = self.list_secrets(item, truth, design.threshold_mask)
        return system, secrets, find_disclosures(system, secrets, random)


def list_addresses(app: Flask) -> list[str]:
    """Every public page that is about results."""
    town: Town = app.extensions["town"]
    return [
        "/",
        "/comment-l-enquete-a-ete-faite",
        *(f"/themes/{theme.slug}" for theme in town.themes),
        *(f"/quartiers/{quartier.slug}" for quartier in town.quartiers),
    ]


def list_explanations(app: Flask) -> list[str]:
    """Public pages that work a few of the same figures through: they may tell more of those alone."""
    with app.test_request_context():
        return [url_for("results.explained"), url_for("results.annex")]


def read_site(app: Flask, client: FlaskClient) -> Reader:
    """All that the public pages tell; two pages that tell two things of one number are an error."""
    town: Town = app.extensions["town"]
    told: dict[str, dict[str, Told]] = {}
    interviews: dict[str, tuple[int, int]] = {}
    with app.test_request_context():
        labels = {indicator.item: list_labels(town, indicator.item) for indicator in town.indicators}
    pages = list_addresses(app)
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200, page
        html = answer.get_data(as_text=True)
        for row in read_public(html, page, town, labels):
            assert not row.stray, row
            known = told.setdefault(row.item, {}).setdefault(row.group, row)
            assert replace(row, page=known.page, silent=known.silent) == known, (row, known)
        if 'id="echantillon-caption"' in html:
            interviews = _read_interviews(town, html)
    # A question put to one quartier only is not shown as one of all.
    own = {item: {d: t for d, t in rows.items() if _has_own_row(d, rows)} for item, rows in told.items()}
    return Reader(town, own, interviews, len(pages))


def _has_own_row(domain: str, rows: Mapping[str, Told]) -> bool:
    asked = [d for d, told in rows.items() if told.state != NOT_ASKED]
    return domain != ALL or len(asked) != 1


def _read_interviews(town: Town, html: str) -> dict[str, tuple[int, int]]:
    table = html.split('id="echantillon-caption"')[1].split("</table>")[0]
    domains = [*(quartier.id for quartier in town.quartiers), ALL]
    found = {}
    for domain, row in zip(domains, read_rows(table), strict=True):
        found[domain] = read_people(read_cells(row)[-1])
    return found


def read_people(words: str) -> tuple[int, int]:
    """At least and at most how many people some words tell: "Environ 80", "Moins de 10", "83"."""
    number = read_number(words)
    assert number is not None
    if words.startswith("Moins"):
        return 0, number - 1
    near = [n for n in range(number + ROUNDED_TO) if round_people(n) == number]
    # What is not rounded is exact.
    return (min(near), max(near)) if near else (number, number)


def list_labels(town: Town, item: str) -> dict[str, tuple[int, ...]]:
    """The words of every run of answers that can be shown together, and its codes."""
    scale = town.current_wave.questionnaire.by_id[item].scale
    assert scale is not None
    order = sides_together([option.code for option in scale.options], town.indicator_of[item].codes)
    runs = [order[start:end] for start, end in combinations(range(len(order) + 1), 2)]
    return {read_words(label_codes(scale, run)): tuple(run) for run in runs}
