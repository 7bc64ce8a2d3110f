"""The attacker with the analysis of every question by every breakdown, on live data: all of it at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import combinations, product

import numpy as np
import numpy.typing as npt
from flask import Flask
from flask.testing import FlaskClient

from barometre.estimates.counts import Counts
from barometre.estimates.disclosure import MASKED, SMALL, round_people
from barometre.questionnaire.definition import Questionnaire
from barometre.questionnaire.town import Town
from barometre.results.crossing import list_groups, list_order
from tests.disclosure.attack import Secret, System, Vector, find_disclosures
from tests.disclosure.reading import Told, read_analysis
from tests.disclosure.safe import is_base_safe, is_option_safe, is_side_safe

Mask = npt.NDArray[np.bool_]
#: the row of the people whose group is unknown
UNKNOWN = "Sans réponse connue"
AND_UNKNOWN = "ou sans réponse connue"
#: how the name of a group ends whose people did not tell their age or sex
NOT_TOLD = " (not told)"


@dataclass(frozen=True)
class Cube:
    """The cells that all the breakdowns together make: a group of each, the unknown one last."""

    asked: Questionnaire

    @cached_property
    def groups(self) -> dict[str, list[frozenset[int]]]:
        """Codes of each group of each breakdown; empty for unknown."""
        found = {}
        for by in self.asked.cell:
            item = self.asked.by_id[by]
            assert item.scale is not None
            known = [frozenset(group.codes) for group in list_groups(item.scale)]
            # What the interviewer notes is never unknown.
            found[by] = known if item.recorded else [*known, frozenset()]
        return found

    @cached_property
    def cells(self) -> list[tuple[int, ...]]:
        """Places of a group of each breakdown."""
        return list(product(*(range(len(groups)) for groups in self.groups.values())))

    def find(self, by: str, places: frozenset[int]) -> Mask:
        """Cells in some groups of a breakdown."""
        axis = self.asked.cell.index(by)
        return np.array([cell[axis] in places for cell in self.cells])

    def find_row(self, told: Told) -> Mask:
        """Cells that a row of a page is about."""
        groups = self.groups[told.by]
        if told.place < 0:
            return np.ones(len(self.cells), dtype=bool)
        places = {len(groups) - 1} if told.group == UNKNOWN else {told.place}
        if told.group.endswith(AND_UNKNOWN):
            places.add(len(groups) - 1)
        return self.find(told.by, frozenset(places))

    def place_counts(self, counts: Counts, slots: npt.NDArray[np.int64]) -> Vector:
        """Numbers by cell of the counts → by cell of the cube."""
        found = np.zeros(len(self.cells))
        place_of = {cell: place for place, cell in enumerate(self.cells)}
        for row, number in zip(counts.cells, slots, strict=True):
            codes = dict(zip(counts.cell_items, row.tolist(), strict=True))
            cell = tuple(
                next((p for p, group in enumerate(groups) if codes[by] in group), len(groups) - 1)
                for by, groups in self.groups.items()
            )
            found[place_of[cell]] += number
        return found


@dataclass(frozen=True)
class People:
    """How many interviews some cells have: at least, at most."""

    inside: Mask
    least: float
    most: float
    #: whether staff may know it: of a quartier, or of those whose group is unknown
    open: bool = False
    #: what they are, where the page masks how many
    masked: str = ""


@dataclass(frozen=True)
class Analyst:
    """Everything that the analysis tells, and what else an analyst reads."""

    town: Town
    told: Mapping[tuple[str, str], list[Told]]
    #: item → what other pages tell of a quartier, or of all
    more: Mapping[str, Sequence[Told]] = field(default_factory=dict)
    #: what other pages tell of the people interviewed
    people: Sequence[People] = ()

    @property
    def asked(self) -> Questionnaire:
        """The questionnaire, which anybody may read."""
        return self.town.current_wave.questionnaire

    @cached_property
    def cube(self) -> Cube:
        """The cells."""
        return Cube(self.asked)

    @cached_property
    def questions(self) -> list[str]:
        """Items that can be analysed."""
        return list(dict.fromkeys(item for item, _ in self.told))

    def headline(self, item: str) -> frozenset[int]:
        """One of the two sides of an item; the page says which answers an indicator adds up."""
        indicator = self.town.indicator_of.get(item)
        order = list_order(self.asked, item, indicator.codes if indicator else frozenset())
        return indicator.codes if indicator else frozenset(order[: len(order) // 2])

    def codes(self, item: str) -> list[int]:
        """Substantive codes of an item."""
        scale = self.asked.by_id[item].scale
        assert scale is not None
        return [option.code for option in scale.options]

    @cached_property
    def interviews(self) -> list[People]:
        """What is told of the number of interviews in some cells, once for the same ones."""
        found = list(self.people)
        for (item, _by), rows in self.told.items():
            recorded = self.asked.by_id[item].recorded
            for told in rows:
                cells = self.cube.find_row(told)
                if told.base is not None:
                    least = told.base + find_fewest_silent(told.base, told.silent or 0)
                    found.append(People(cells, least, told.base if recorded else np.inf))
        tightest: dict[bytes, People] = {}
        for one in found:
            known = tightest.get(one.inside.tobytes(), People(one.inside, 0.0, np.inf))
            both = max(known.least, one.least), min(known.most, one.most)
            tightest[one.inside.tobytes()] = People(one.inside, *both)
        return list(tightest.values())

    def know(self, item: str, counts: Counts, truth: Vector) -> System:
        """Equations of one item: the people of each cell by answer, those without one last."""
        codes, cells = self.codes(item), len(self.cube.cells)
        system = System(cells * (len(codes) + 1), counts.total)
        anything = [*codes, None]
        for people in self.interviews:
            system.tell(self.add(item, people.inside, anything), people.least, people.most)
        for by in self.asked.cell:
            for told in self.told.get((item, by), ()):
                inside = self.cube.find_row(told)
                base = self.add(item, inside, codes)
                if told.state == MASKED:
                    # Or nobody: a small group is masked whatever it answered.
                    system.tell(base, 0, np.inf)
                    continue
                if told.base is None:
                    system.tell(base, 0)
                    continue
                system.tell(base, told.base)
                for block, share in told.parts:
                    system.tell(self.add(item, inside, block), round(told.base * share / 100))
        for told in self.more.get(item, ()):
            # Weighted there, counted here: a share tells the number of people, as to the public.
            inside = self.cube.find_row(told)
            if told.base is not None:
                system.tell(self.add(item, inside, codes), told.base)
            for block in {*told.alone, *(codes for codes, _ in told.parts)}:
                of = self.add(item, inside, block)
                system.tell(of, round(float(of @ truth)))
        return system

    def add(self, item: str, inside: Mask, codes: Sequence[int | None]) -> Vector:
        """Coefficients of the people of some cells who gave one of `codes`; None is no answer."""
        all_codes = [*self.codes(item), None]
        found = np.zeros((len(all_codes), len(inside)))
        for code in codes:
            found[all_codes.index(code), inside] = 1
        return found.ravel()

    def table(self, item: str, counts: Counts) -> Vector:
        """The true table."""
        rows = [self.cube.place_counts(counts, counts.given(item, (code,))) for code in self.codes(item)]
        everybody = self.cube.place_counts(counts, counts.interviews)
        return np.concatenate([*rows, everybody - np.sum(rows, axis=0)])

    def list_secrets(
        self, item: str, counts: Counts, truth: Vector, mask: int, *, crossed: bool
    ) -> Iterator[Secret]:
        """Small bases of masked groups; small sides and options of any group, and of two groups crossed."""
        codes, side = self.codes(item), self.headline(item)
        sides = [side, frozenset(codes) - side]
        for name, inside, masked in self._list_groups(item, crossed=crossed):
            base = self.add(item, inside, codes)
            people = int(base @ truth)
            if not people:
                continue
            # How many people did not tell their age is no answer, and staff may know how many were asked.
            told_few = people if name.endswith(NOT_TOLD) else None
            if told_few is None and people < SMALL:
                # Nor is how many of them were interviewed.
                told_few = self._find_most(item, inside, counts)
            if masked and people < mask and not self._is_told(inside):
                yield Secret(f"{name} base", base, lambda found: is_base_safe(found, mask), {people})
            for part in sides:
                of = self.add(item, inside, sorted(part))
                if (few := int(of @ truth)) < SMALL:
                    safe = partial(is_side_safe, people=told_few)
                    yield Secret(f"{name} side {sorted(part)}", of, safe, {few})
            for code in codes:
                of = self.add(item, inside, [code])
                if 0 < (few := int(of @ truth)) < SMALL:
                    yield Secret(f"{name} option {code}", of, is_option_safe, {few})

    def _is_told(self, inside: Mask) -> bool:
        """Whether staff may know how many people some cells have: then no base of theirs is a secret."""
        return any(one.open and np.array_equal(one.inside, inside) for one in self.people)

    def _find_most(self, item: str, inside: Mask, counts: Counts) -> int | None:
        """The most people of some cells who can have been asked, by what is told of the interviews."""
        if not self.people:
            return None
        asked = inside.copy()
        for by in self.asked.cell:
            for told in self.told.get((item, by), ()):
                if told.base is None and told.state != MASKED:
                    asked &= ~self.cube.find_row(told)
        if asked.tobytes() not in self._largest:
            system = System(len(inside), counts.total)
            for one in self.interviews:
                system.tell(one.inside.astype(float), one.least, one.most)
            found = system.search(asked.astype(float))
            assert found is not None
            self._largest[asked.tobytes()] = round(float(found @ asked))
        return self._largest[asked.tobytes()]

    @cached_property
    def _largest(self) -> dict[bytes, int]:
        return {}

    def _list_groups(self, item: str, *, crossed: bool) -> Iterator[tuple[str, Mask, bool]]:
        for by, groups in self.cube.groups.items():
            if (item, by) in self.told:
                masked = {t.place for t in self.told[item, by] if t.state == MASKED and t.place >= 0}
                for place, codes in enumerate(groups):
                    inside = self.cube.find(by, frozenset({place}))
                    yield f"{item} {by} {place}{'' if codes else NOT_TOLD}", inside, place in masked
        for one, two in combinations(self.cube.groups, 2) if crossed else ():
            groups = self.cube.groups[one], self.cube.groups[two]
            for first, second in product(*(range(len(found)) for found in groups)):
                inside = self.cube.find(one, frozenset({first})) & self.cube.find(two, frozenset({second}))
                known = groups[0][first] and groups[1][second]
                name = f"{item} {one} {first} × {two} {second}{'' if known else NOT_TOLD}"
                yield name, inside, False

    def attack(
        self, item: str, counts: Counts, random: np.random.Generator, *, crossed: bool = True
    ) -> tuple[System, list[Secret], list[Secret]]:
        """The equations of an item, its secrets, and those that follow."""
        mask = self.town.current_wave.design.threshold_mask  # type: ignore[union-attr]
        truth = self.table(item, counts)
        system = self.know(item, counts, truth)
        assert system.fits(truth), item
        secrets = list(self.list_secrets(item, counts, truth, mask, crossed=crossed))
        return system, secrets, find_disclosures(system, secrets, random)


def find_fewest_silent(base: int, told: int) -> int:
    """The fewest people without opinion that a page rounds so."""
    return next(n for n in range(told + 20) if max(0, round_people(round_people(base + n) - base)) == told)


def read_analyses(app: Flask, client: FlaskClient, items: Collection[str] = ()) -> Analyst:
    """The analysis of every question, or of some, by every breakdown that its form offers."""
    town: Town = app.extensions["town"]
    asked = town.current_wave.questionnaire
    told = {}
    for item in asked.closed_items:
        if item.id in asked.cell:
            # Its shares would tell the sizes of the groups that the other questions mask.
            assert client.get(f"/analyse?item={item.id}").status_code == 404
            continue
        if items and item.id not in items:
            continue
        indicator = town.indicator_of.get(item.id)
        order = list_order(asked, item.id, indicator.codes if indicator else frozenset())
        for by in asked.cell:
            page = f"/analyse?item={item.id}&by={by}"
            answer = client.get(page)
            assert answer.status_code == 200, page
            told[item.id, by] = read_analysis(answer.get_data(as_text=True), page, item.id, by, order)
    return Analyst(town, told)
