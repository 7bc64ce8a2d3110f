"""What must hold for whatever sample: no reference, only the meaning of the numbers."""

from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import fisher_exact

from barometre.estimates import intervals
from barometre.estimates.differences import (
    fisher_p,
    miettinen_nurminen,
    miettinen_nurminen_p,
    newcombe,
)
from barometre.estimates.margins import UNKNOWN, WeightingCells, WeightingError
from barometre.estimates.poststrata import poststratify_quartiers
from barometre.estimates.proportions import estimate_share
from barometre.estimates.variance import Sample
from barometre.estimates.weights import Weighting, bound_quartiers, rake_quartiers, weigh_quartiers

AGES, SEXES = ("lt25", "25_59", "60plus"), ("F", "M")
ORDER = {"age": list(AGES)}
EXACT = 1e-9

bases = st.integers(1, 400)
effective_bases = st.floats(1.5, 400)
shares = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0.001, 0.999))


@st.composite
def counted(draw: st.DrawFn) -> tuple[int, int]:
    """x of n, often none or all."""
    n = draw(bases)
    return draw(st.one_of(st.sampled_from([0, n]), st.integers(0, n))), n


@dataclass(frozen=True)
class Drawn:
    """Cells of two quartiers with their population and the answers to one item."""

    cells: WeightingCells
    margins: dict[str, Any]
    population: dict[str, dict[tuple[str, str], float]]
    base: Any
    favourable: Any

    def reorder(self, order: Any) -> "Drawn":
        """The same cells in another order."""
        classes = {name: found[order] for name, found in self.cells.classes.items()}
        cells = WeightingCells(self.cells.quartier[order], classes, self.cells.interviews[order])
        return replace(self, cells=cells, base=self.base[order], favourable=self.favourable[order])


@st.composite
def drawn(draw: st.DrawFn) -> Drawn:
    """Empty cells, unknown ages and sexes, cells of many people."""
    rows, population = [], {}
    heaviest = draw(st.sampled_from([45, 45, 2000]))
    for quartier in ("A", "B"):
        population[quartier] = {}
        for age, sex in product((*AGES, UNKNOWN), (*SEXES, UNKNOWN)):
            unknown = UNKNOWN in (age, sex)
            n = draw(st.integers(0, 2 if unknown else 12))
            rows.append((quartier, age, sex, n))
            if not unknown:
                population[quartier][age, sex] = float((n + 1) * draw(st.integers(25, heaviest)))
    quartier, age, sex, n = (np.array(column) for column in zip(*rows, strict=True))
    assume(n.sum())
    base = np.array([draw(st.integers(0, int(most))) for most in n])
    favourable = np.array([draw(st.integers(0, int(most))) for most in base])
    margins = {
        name: {
            "total": {"all": sum(found.values())},
            "age": {one: sum(p for cell, p in found.items() if cell[0] == one) for one in AGES},
            "sex": {one: sum(p for cell, p in found.items() if cell[1] == one) for one in SEXES},
        }
        for name, found in population.items()
    }
    cells = WeightingCells(quartier, {"age": age, "sex": sex}, n)
    return Drawn(cells, margins, population, base, favourable)


SCHEMES = ("quartier", "raked", "poststratified", "bounded")


def weigh(found: Drawn, scheme: str) -> Weighting:
    """One scheme; examples without solution are left out."""
    try:
        if scheme == "quartier":
            return weigh_quartiers(found.cells, found.margins)
        if scheme == "poststratified":
            return poststratify_quartiers(found.cells, found.population, AGES)
        work = rake_quartiers if scheme == "raked" else bound_quartiers
        return work(found.cells, found.margins, ORDER)
    except WeightingError:
        assume(False)
        raise


def estimate(found: Drawn, weighting: Weighting, sampled: dict[str, float] | None = None) -> Any:
    """Share, error and degrees of freedom of all interviews."""
    sums = found.favourable.astype(float)
    sample = Sample(found.cells.quartier, found.cells.interviews, weighting, sampled)
    return sample.estimate(found.base, sums, sums)


@given(counted())
def test_a_plain_interval_holds_the_share_within_0_and_1_and_mirrors(count: tuple[int, int]) -> None:
    x, n = count
    for interval in (intervals.wilson, intervals.clopper_pearson, intervals.jeffreys):
        low, high = interval(x / n, n)
        assert 0 <= low <= x / n <= high <= 1
        assert interval((n - x) / n, n) == pytest.approx((1 - high, 1 - low), abs=EXACT)


@given(counted())
def test_the_exact_interval_holds_that_of_jeffreys_and_the_middle_of_wilson(count: tuple[int, int]) -> None:
    x, n = count
    low, high = intervals.clopper_pearson(x / n, n)
    inner = intervals.jeffreys(x / n, n)
    assert low <= inner[0] + EXACT
    assert inner[1] <= high + EXACT
    assert low <= sum(intervals.wilson(x / n, n)) / 2 <= high


@given(st.floats(0.01, 0.99), st.floats(0.002, 0.2), st.integers(2, 200), st.integers(1, 3), bases)
def test_an_interval_of_a_weighted_share_holds_it_and_mirrors(
    share: float, error: float, df: int, strata: int, base: int
) -> None:
    n = df + strata
    found = {
        "logit": lambda p: intervals.logit(p, error, df),
        "wilson": lambda p: intervals.wilson(p, p * (1 - p) / error**2, intervals.student(df)),
        "korn_graubard": lambda p: intervals.korn_graubard(p, error, df, n),
        "truncated": lambda p: intervals.korn_graubard(p, error, df, n, base),
    }
    for interval in found.values():
        low, high = interval(share)
        assert 0 <= low <= share <= high <= 1
        assert interval(1 - share) == pytest.approx((1 - high, 1 - low), abs=1e-8)
    whole, cut = found["korn_graubard"](share), found["truncated"](share)
    assert cut[0] <= whole[0] + EXACT
    assert whole[1] <= cut[1] + EXACT


@given(shares, effective_bases, shares, effective_bases)
def test_a_difference_is_within_its_intervals_and_turns_round(
    first: float, first_base: float, second: float, second_base: float
) -> None:
    for interval in (newcombe, miettinen_nurminen):
        low, high = interval(first, first_base, second, second_base)
        assert -1 - EXACT <= low <= second - first + EXACT
        assert second - first - EXACT <= high <= 1 + EXACT
        back = interval(second, second_base, first, first_base)
        assert back == pytest.approx((-high, -low), abs=1e-8)
        mirrored = interval(1 - first, first_base, 1 - second, second_base)
        assert mirrored == pytest.approx((-high, -low), abs=1e-8)


@given(shares, effective_bases, shares, effective_bases)
def test_the_score_interval_leaves_0_exactly_when_its_test_rejects(
    first: float, first_base: float, second: float, second_base: float
) -> None:
    p = miettinen_nurminen_p(first, first_base, second, second_base)
    assume(abs(p - 0.05) > 1e-6)
    low, high = miettinen_nurminen(first, first_base, second, second_base)
    assert (low > 0 or high < 0) == (p < 0.05)


@given(counted(), counted())
def test_fisher_is_that_of_scipy_both_ways(first: tuple[int, int], second: tuple[int, int]) -> None:
    (x1, n1), (x2, n2) = first, second
    p = fisher_p(x1, n1, x2, n2)
    assert p == pytest.approx(fisher_exact([[x1, n1 - x1], [x2, n2 - x2]]).pvalue, abs=EXACT)
    assert p == pytest.approx(fisher_p(x2, n2, x1, n1), abs=EXACT)


@given(counted(), st.floats(0.01, 0.99))
def test_a_finite_population_narrows_and_a_census_leaves_the_share(
    count: tuple[int, int], sampled: float
) -> None:
    x, n = np.array([count[0]]), np.array([count[1]])
    whole, part, census = (estimate_share(x, n, None, share) for share in (0.0, sampled, 1.0))
    assert whole is not None
    assert part is not None
    assert census is not None
    assert whole.low <= part.low <= part.value <= part.high <= whole.high
    assert (census.low, census.high) == (census.value, census.value)


@pytest.mark.parametrize("scheme", SCHEMES)
@given(drawn())
def test_weights_stand_for_everybody_of_each_quartier(scheme: str, found: Drawn) -> None:
    weighting = weigh(found, scheme)
    heavy = weighting.weights * found.cells.interviews
    assert (weighting.weights[found.cells.interviews > 0] > 0).all()
    for name, margins in found.margins.items():
        inside = found.cells.quartier == name
        if found.cells.interviews[inside].sum():
            assert heavy[inside].sum() == pytest.approx(margins["total"]["all"], rel=EXACT)


@pytest.mark.parametrize("scheme", ["raked", "bounded"])
@given(drawn())
def test_known_classes_share_what_the_unknown_leave_as_the_population_does(scheme: str, found: Drawn) -> None:
    weights, n = weigh(found, scheme).weights, found.cells.interviews
    for name, margins in found.margins.items():
        inside = found.cells.quartier == name
        if n[inside].sum() < 20:
            continue
        for variable, classes in found.cells.classes.items():
            met = {one: (weights * n)[inside & (classes == one)].sum() for one in margins[variable]}
            unknown = n[inside & (classes == UNKNOWN)].sum() / n[inside].sum()
            if all(met.values()):
                wanted = {one: persons * (1 - unknown) for one, persons in margins[variable].items()}
                assert met == pytest.approx(wanted, rel=EXACT)


@given(drawn())
def test_bounded_weights_stay_within_half_and_twice_the_design_weight(found: Drawn) -> None:
    used = found.cells.interviews > 0
    ratio = weigh(found, "bounded").weights[used] / weigh(found, "quartier").weights[used]
    assert ratio.min() >= 0.5 - EXACT
    assert ratio.max() <= 2 + EXACT


@pytest.mark.parametrize("scheme", SCHEMES)
@given(drawn(), st.randoms(use_true_random=False))
def test_the_order_of_cells_and_quartiers_changes_no_number(scheme: str, found: Drawn, seed: Any) -> None:
    order = list(range(len(found.base)))
    seed.shuffle(order)
    other = found.reorder(order)
    first, second = (weigh(one, scheme) for one in (found, other))
    used = other.cells.interviews > 0
    assert second.weights[used] == pytest.approx(first.weights[order][used], rel=EXACT)
    one, two = estimate(found, first), estimate(other, second)
    assert (one is None) == (two is None)
    if one is not None:
        assert two.value == pytest.approx(one.value, abs=EXACT)
        assert two.df == one.df
        assert two.standard_error == pytest.approx(one.standard_error, abs=1e-8)


@pytest.mark.parametrize("scheme", SCHEMES)
@given(drawn())
def test_favourable_and_unfavourable_are_each_other_s_mirror(scheme: str, found: Drawn) -> None:
    weighting = weigh(found, scheme)
    other = replace(found, favourable=found.base - found.favourable)
    one, two = (estimate(x, weighting) for x in (found, other))
    assume(one is not None)
    assert two.value == pytest.approx(1 - one.value, abs=EXACT)
    assert two.standard_error == pytest.approx(one.standard_error, abs=1e-8)


@given(drawn())
def test_a_census_has_no_error_and_a_finite_population_less(found: Drawn) -> None:
    weighting = weigh(found, "raked")
    errors = [estimate(found, weighting, {"A": f, "B": f}) for f in (0.0, 0.3, 1.0)]
    assume(errors[0] is not None and errors[0].standard_error is not None)
    whole, part, census = (one.standard_error for one in errors)
    assert part == pytest.approx(whole * 0.7**0.5, abs=1e-8)
    assert census == 0


@given(drawn(), st.floats(0.1, 1000))
def test_equal_weights_are_no_weights(found: Drawn, weight: float) -> None:
    equal = np.full(len(found.base), weight)
    plain = estimate_share(found.favourable, found.base)
    weighted = estimate_share(found.favourable, found.base, equal)
    assume(plain is not None)
    assert plain is not None
    assert weighted is not None
    assert weighted.effective_base == plain.effective_base
    assert (weighted.value, weighted.low, weighted.high) == pytest.approx(
        (plain.value, plain.low, plain.high), abs=1e-12
    )


@given(drawn())
def test_two_halves_of_a_cell_are_the_cell(found: Drawn) -> None:
    half = found.reorder(np.repeat(np.arange(len(found.base)), 2))
    first = np.arange(len(half.base)) % 2 == 0

    def split(whole: Any) -> Any:
        return np.where(first, whole // 2, whole - whole // 2)

    cells = replace(half.cells, interviews=split(half.cells.interviews))
    half = replace(half, cells=cells, base=split(half.base), favourable=split(half.favourable))
    one, two = (estimate(drawn_, weigh(drawn_, "raked")) for drawn_ in (found, half))
    assume(one is not None)
    assert two.value == pytest.approx(one.value, abs=EXACT)
    assert two.standard_error == pytest.approx(one.standard_error, abs=1e-8)
