"""An attacker who knows every shown number, unrounded, and subtracts whatever they like.

What they know of an item: each shown base, the people in each block of options that is shown, the range
that a band leaves open, about how many people had no opinion, and the same for the total. `Attack` works
out, exactly, every table of counts that fits: a hidden number is safe when they disagree on it enough.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, combinations, combinations_with_replacement, product

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barometre.estimates.counts import Counts
from barometre.estimates.disclosure import (
    ALL,
    BAND,
    MASKED,
    NOT_ASKED,
    SMALL,
    Answers,
    Shown,
    Thresholds,
    protect,
    round_people,
)
from barometre.questionnaire.definition import Questionnaire
from barometre.results.crossing import cross
from tests.data import niort
from tests.disclosure.safe import is_band_safe, is_base_safe, is_option_safe, is_side_safe

Grid = npt.NDArray[np.bool_]
USUAL = Thresholds()


@dataclass(frozen=True)
class Attack:
    """One published item, and the truth to check the attacker's conclusions against."""

    truth: Mapping[str, Answers]
    shown: Mapping[str, Shown]
    headline: frozenset[int]
    mask: int

    @cached_property
    def parts(self) -> list[Answers]:
        """Every group that makes up the total."""
        return [found for domain, found in self.truth.items() if domain != ALL]

    @cached_property
    def open_ones(self) -> list[Answers]:
        """Groups whose distribution is shown."""
        return [found for found in self.parts if self.shown[found.domain].blocks]

    @cached_property
    def hidden(self) -> list[Answers]:
        """Groups that answered and whose distribution is not shown."""
        return [found for found in self.parts if found.base and not self.shown[found.domain].blocks]

    def check(self) -> None:
        """Raise when something follows from what is shown."""
        self.check_what_is_shown()
        self.check_subtractions()
        self.check_bases()
        self.check_sides()
        self.check_options()
        self.check_silent()

    def check_what_is_shown(self) -> None:
        """Nothing small is shown as such."""
        for domain, found in self.shown.items():
            answers = self.truth[domain]
            if found.state in (MASKED, NOT_ASKED):
                assert (found.base, found.band, found.blocks, found.silent) == (None, None, (), None)
                assert answers.base == 0 or found.state == MASKED
            else:
                assert found.base == answers.base >= self.mask
            for block in found.blocks:
                assert_not_small(answers.count(frozenset(block)), (domain, block))
            if found.blocks:
                assert sorted(code for block in found.blocks for code in block) == sorted(answers.options)

    def check_subtractions(self) -> None:
        """The total less any of the shown groups leaves no small side and no small block."""
        if not self.shown[ALL].blocks:
            return
        cuts = {self.shown[found.domain].blocks for found in self.open_ones} or {self.shown[ALL].blocks}
        assert len(cuts) == 1
        (cut,) = cuts
        for taken in choose(self.open_ones):
            rest = [found for found in self.parts if found not in taken]
            for block in cut:
                assert_not_small(sum(found.count(frozenset(block)) for found in rest), (taken, block))
            if any(found.base for found in rest):
                favourable = sum(found.count(self.headline) for found in rest)
                assert SMALL <= favourable <= sum(found.base for found in rest) - SMALL

    def check_bases(self) -> None:
        """A base that is too small to be shown is one of several that fit."""
        masked = [found for found in self.hidden if self.shown[found.domain].state == MASKED]
        if not masked or self.shown[ALL].state == MASKED:
            return
        together = sum(found.base for found in masked)
        for found in masked:
            largest, smallest = together - (len(masked) - 1), (1 if len(masked) > 1 else together)
            assert is_base_safe({found.base, *range(smallest, largest + 1)}, self.mask)
            assert found.base >= self.mask or together >= self.mask

    def check_sides(self) -> None:
        """The headline count of a hidden group is not narrowed to a part of 0-4, on either side."""
        sides = (self.headline, frozenset(self.truth[ALL].options) - self.headline)
        for found, fitting in self.find_fitting(sides):
            base = self.shown[found.domain].base
            favourable = np.flatnonzero(fitting.any(axis=1))
            other = np.flatnonzero(fitting.any(axis=0))
            assert found.count(self.headline) in favourable
            for counts in (favourable, other):
                few = set(counts.tolist())
                assert is_side_safe(few), (found.domain, few)
            band = self.shown[found.domain].band
            if band is not None:
                assert base is not None
                few = set((favourable if band[0] == "below" else other).tolist())
                assert is_band_safe(few), (found.domain, few)

    def check_options(self) -> None:
        """No block of options is known to have 1-4 people in a hidden group."""
        cut = next((self.shown[found.domain].blocks for found in self.open_ones), self.shown[ALL].blocks)
        for block in cut:
            rest = frozenset(self.truth[ALL].options) - frozenset(block)
            for found, fitting in self.find_fitting((frozenset(block), rest)):
                people = set(np.flatnonzero(fitting.any(axis=1)).tolist())
                assert is_option_safe(people), (found.domain, block, people)

    def find_fitting(self, split: tuple[frozenset[int], frozenset[int]]) -> Iterable[tuple[Answers, Grid]]:
        """For each hidden group, the pairs of counts (in one part, in the other) of the tables that fit."""
        if self.shown[ALL].state == MASKED:
            return
        shape = tuple(sum(found.count(part) for found in self.hidden) + 1 for part in split)
        known = self.shown[ALL].blocks
        if not known:
            # Of the total only the base, or a band, is told: every sum of that base that it allows fits.
            people = sum(found.base for found in self.hidden)
            shape = (people + 1, people + 1)
        told = [self.list_told(found, split, shape) for found in self.hidden]
        for place, found in enumerate(self.hidden):
            others = add_all([grid for other, grid in enumerate(told) if other != place], shape)
            fitting = np.zeros(shape, dtype=bool)
            targets = [tuple(size - 1 for size in shape)] if known else self.list_totals(split, shape[0] - 1)
            for one, two in targets:
                # A pair fits when the other groups can make up what is missing.
                mirrored = others[: one + 1, : two + 1][::-1, ::-1]
                fitting[: one + 1, : two + 1] |= told[place][: one + 1, : two + 1] & mirrored
            yield found, fitting

    def list_totals(self, split: tuple[frozenset[int], frozenset[int]], people: int) -> list[tuple[int, int]]:
        """Sums that the shown total allows when it is not exact itself."""
        band = self.shown[ALL].band
        if band is None or split[0] != self.headline:
            return [(one, people - one) for one in range(people + 1)]
        few = range(SMALL) if band[0] == "below" else range(people - SMALL + 1, people + 1)
        return [(one, people - one) for one in few]

    def list_told(
        self, found: Answers, split: tuple[frozenset[int], frozenset[int]], shape: tuple[int, ...]
    ) -> Grid:
        """Pairs of counts that what is shown of one group allows."""
        shown = self.shown[found.domain]
        one, two = np.indices(shape)
        if shown.state == MASKED:
            fits: Grid = one + two >= 1
            return fits
        fits = one + two == shown.base
        if shown.state == BAND and split[0] <= self.headline:
            # A part of the headline side is at most what the band allows the side.
            assert shown.band is not None
            below = shown.band[0] == "below"
            if split[0] == self.headline:
                fits &= (one < SMALL) if below else (two < SMALL)
            elif below:
                fits &= one < SMALL
        elif shown.state == BAND and not split[0] & self.headline:
            assert shown.band is not None
            if shown.band[0] == "above":
                fits &= one < SMALL
        return fits

    def check_silent(self) -> None:
        """Of people without opinion, nothing is told that another number of them would not tell too."""
        for domain, found in self.shown.items():
            truth = self.truth[domain]
            if found.silent is None:
                continue
            assert abs(found.silent - truth.silent) <= 2 * 5
            asked = round_people(truth.base + truth.silent)
            others = [n for n in range(truth.silent + 10) if round_people(truth.base + n) == asked]
            assert len(others) > 1 or truth.silent == 0
            assert {replace(truth, silent=n).silent_about for n in others} == {found.silent}


def assert_not_small(people: int, where: object) -> None:
    """Nobody, or five people or more."""
    assert people == 0 or people >= SMALL, (people, where)


def choose(found: Sequence[Answers]) -> Iterable[tuple[Answers, ...]]:
    """Every choice of some, none and all included."""
    return chain.from_iterable(combinations(found, size) for size in range(len(found) + 1))


def add_all(grids: Sequence[Grid], shape: tuple[int, ...]) -> Grid:
    """The sums that one pair of each grid can give, up to `shape`."""
    if not grids:
        nobody = np.zeros(shape, dtype=bool)
        nobody[0, 0] = True
        return nobody
    reached, *others = grids
    double = tuple(2 * size for size in shape)
    for grid in others:
        sums = np.fft.irfft2(np.fft.rfft2(reached, double) * np.fft.rfft2(grid, double), double)
        reached = sums[: shape[0], : shape[1]] > 0.5
    return reached


def attack(
    quartiers: Sequence[Answers],
    order: Sequence[int],
    headline: frozenset[int],
    thresholds: Thresholds = USUAL,
) -> None:
    """Protect a table and try everything on it."""
    codes = list(order)
    total = Answers(
        ALL,
        {code: sum(found.options[code] for found in quartiers) for code in codes},
        sum(found.silent for found in quartiers),
    )
    truth = {found.domain: found for found in (*quartiers, total)}
    Attack(truth, protect(quartiers, order, headline, thresholds), headline, thresholds.mask).check()


#: few people mostly: that is where something can leak
people = st.one_of(st.integers(0, 6), st.integers(0, 25))


@st.composite
def tables(draw: st.DrawFn, options: int) -> list[Answers]:
    """Two to four quartiers."""
    order = range(options, 0, -1)
    return [
        Answers(f"Q{place}", {code: draw(people) for code in order}, draw(st.integers(0, 7)))
        for place in range(draw(st.integers(2, 4)))
    ]


@settings(max_examples=300)
@given(table=tables(options=2))
def test_nothing_follows_from_two_options(table: list[Answers]) -> None:
    attack(table, (2, 1), frozenset({2}))


@settings(max_examples=300)
@given(table=tables(options=4), headline=st.sampled_from([{4, 3}, {4}, {4, 3, 2}]))
def test_nothing_follows_from_four_options(table: list[Answers], headline: set[int]) -> None:
    attack(table, (4, 3, 2, 1), frozenset(headline))


@settings(max_examples=150)
@given(table=tables(options=3), mask=st.integers(5, 11), step=st.integers(0, 10))
def test_nothing_follows_with_the_thresholds_of_another_town(
    table: list[Answers], mask: int, step: int
) -> None:
    thresholds = Thresholds(mask, mask + step, mask + 2 * step)
    attack(table, (3, 2, 1), frozenset({3, 2}), thresholds)


def test_nothing_follows_from_any_table_of_two_quartiers_near_the_limits() -> None:
    for one, two in combinations_with_replacement((4, 10, 11, 30, 50), 2):
        for counts in product(list_counts(one, (0, 1, 4, 5, 6)), list_counts(two, (0, 1, 4, 5, 6))):
            attack_two_options((one, two), counts)


def test_nothing_follows_from_any_table_of_three_quartiers_near_the_limits() -> None:
    for bases in ((30, 30, 30), (30, 11, 40), (7, 30, 40), (3, 8, 50)):
        for counts in product(*(list_counts(base, (0, 4, 5)) for base in bases)):
            attack_two_options(bases, counts)


def attack_two_options(bases: Sequence[int], counts: Sequence[int]) -> None:
    """Headline counts of some bases."""
    table = [
        Answers(name, {2: count, 1: base - count})
        for name, count, base in zip("ABCD", counts, bases, strict=False)
    ]
    attack(table, (2, 1), frozenset({2}))


def list_counts(base: int, ends: Sequence[int]) -> list[int]:
    """Headline counts near both ends and in the middle of a base."""
    return sorted({*ends, base // 2, *(base - count for count in ends)} & set(range(base + 1)))


def make_counts(asked: Questionnaire, seed: int, interviews: int) -> Counts:
    """Random interviews: uneven groups, opinions that lean to one side, some silence."""
    random = np.random.default_rng(seed)
    codes = np.zeros((interviews, len(asked.position)), dtype=np.uint8)
    for place, item in enumerate(asked.closed_items):
        assert item.scale is not None
        options = sorted(item.scale.codes)
        silent = 0.04 if item.id != asked.cell[0] else 0.0
        leaning = random.dirichlet(np.full(len(options), 0.7)) * (1 - silent)
        codes[:, place] = random.choice([*options, 97], size=interviews, p=[*leaning, silent])
    highest = max(code for item in asked.closed_items if item.scale for code in item.scale.codes)
    return Counts.tally(asked.cell, list(asked.position), highest, codes)


@pytest.mark.parametrize("seed", range(4))
def test_nothing_follows_from_any_breakdown(seed: int) -> None:
    town = niort()
    asked = town.current_wave.questionnaire
    counts = make_counts(asked, seed, interviews=60 + 50 * seed)
    for indicator in town.indicators[seed::4]:
        totals = []
        for by in asked.cell:
            attack_breakdown(asked, counts, indicator.item, by, indicator.codes)
            everybody = cross(asked, counts, indicator.item, by, USUAL, indicator.codes)[-1]
            totals.append((everybody.parts, everybody.shown))
        # A total told in more detail by one breakdown would undo what another one hides.
        assert len(set(totals)) == 1


def attack_breakdown(
    asked: Questionnaire, counts: Counts, item: str, by: str, headline: frozenset[int]
) -> None:
    """The rows that an analyst sees, the people whose group is unknown being the rest of the total."""
    scale, groups = asked.by_id[item].scale, asked.by_id[by].scale
    assert scale is not None
    assert groups is not None
    rows = cross(asked, counts, item, by, USUAL, headline)
    axis = counts.axis(by)

    def count(domain: str, mask: npt.NDArray[np.bool_]) -> Answers:
        inside = counts.where(mask)
        options = {code: int(inside.given(item, (code,)).sum()) for code in scale.codes}
        return Answers(domain, options, int(inside.silent(item).sum()))

    unknown = ~np.isin(axis, [option.code for option in groups.options])
    truth = {ALL: count(ALL, np.ones(len(axis), dtype=bool))}
    shown = {ALL: rows[-1].shown}
    for row in rows[:-1]:
        domain = row.shown.domain
        inside = np.isin(axis, row.group.codes) | (unknown & row.group.unknown)
        truth[domain], shown[domain] = count(domain, inside), row.shown
        assert row.base is None or row.base == truth[domain].base
        if row.shown.state == MASKED:
            assert (row.base, row.silent, row.parts) == (None, None, ())
        assert tuple(codes for codes, _share in row.parts) == row.shown.blocks
        for codes, _share in row.parts:
            assert_not_small(truth[domain].count(frozenset(codes)), (domain, codes))
    # Nobody is left out: what a row does not hold would follow from the total.
    assert sum(truth[row.shown.domain].base for row in rows[:-1]) == truth[ALL].base
    Attack(truth, shown, headline, USUAL.mask).check()
