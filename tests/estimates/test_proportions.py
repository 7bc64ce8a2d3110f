"""Shares and their interval."""

from dataclasses import astuple
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barometre.estimates.counts import MISSING, Counts
from barometre.estimates.intervals import wilson
from barometre.estimates.proportions import Estimate, Shares, estimate_share


def count(*cells: tuple[int, int], weights: list[float] | None = None) -> Estimate:
    """An estimate from (favourable, base) by cell."""
    favourable, base = (np.array(column) for column in zip(*cells, strict=True))
    found = estimate_share(favourable, base, None if weights is None else np.array(weights))
    assert found is not None
    return found


def test_nobody_of_thirty_five_is_between_0_and_a_tenth() -> None:
    # By hand: z²/(n + z²) = 3.8415/38.8415.
    assert wilson(0, 35) == pytest.approx((0, 0.09890), abs=1e-5)
    assert wilson(1, 35) == pytest.approx((1 - 0.09890, 1), abs=1e-5)


def test_two_weights_by_hand() -> None:
    # 2 × 3 + 1 × 4 of 2 × 10 + 1 × 10; (20 + 10)² / (4 × 10 + 10).
    found = count((3, 10), (4, 10), weights=[2, 1])
    assert found.value == pytest.approx(10 / 30)
    assert found.effective_base == pytest.approx(18)
    assert found.design_effect == pytest.approx(20 / 18)
    assert (found.base, found.favourable) == (20, 7)


def test_without_weights_the_effective_base_is_the_base() -> None:
    found = count((27, 34))
    assert found.effective_base == 34
    assert found.design_effect == 1


def test_nobody_in_the_base_gives_no_estimate() -> None:
    assert estimate_share(np.array([0, 0]), np.array([0, 0])) is None
    assert estimate_share(np.zeros(0, dtype=int), np.zeros(0, dtype=int)) is None


cells = st.lists(
    st.integers(0, 60).flatmap(lambda base: st.tuples(st.integers(0, base), st.just(base))),
    min_size=1,
    max_size=8,
).filter(lambda found: sum(base for _, base in found) > 0)


@given(cells=cells, data=st.data())
def test_the_interval_holds_the_share_and_stays_within_0_and_1(
    cells: list[tuple[int, int]], data: st.DataObject
) -> None:
    weights = data.draw(
        st.lists(st.floats(0.01, 200), min_size=len(cells), max_size=len(cells)), label="weights"
    )
    for found in (count(*cells), count(*cells, weights=weights)):
        assert 0 <= found.low <= found.value <= found.high <= 1
        assert found.effective_base <= found.base * (1 + 1e-9)


@given(cells=cells, factor=st.floats(0.01, 100))
def test_only_the_ratio_of_the_weights_matters(cells: list[tuple[int, int]], factor: float) -> None:
    one = count(*cells, weights=[1.0] * len(cells))
    other = count(*cells, weights=[factor] * len(cells))
    plain = count(*cells)
    for found in (one, other):
        assert (found.value, found.low, found.high) == pytest.approx((plain.value, plain.low, plain.high))


@given(share=st.floats(0, 1), base=st.floats(1, 5000))
def test_a_larger_base_narrows_the_interval(share: float, base: float) -> None:
    low, high = wilson(share, base)
    closer_low, closer_high = wilson(share, 2 * base)
    assert closer_high - closer_low <= high - low
    assert high - low <= 1
    # Wilson is never wider than z/√n.
    assert high - low <= 2 * 1.96 / sqrt(base)


answers = st.sampled_from([0, 1, 2, 3, 4, *MISSING])
people = st.lists(st.tuples(st.integers(1, 4), answers, answers), min_size=1, max_size=60)


@given(people=people, codes=st.sets(st.integers(1, 4), min_size=1), seed=st.none() | st.integers(0, 99))
def test_shares_prepared_together_are_those_of_each_item(
    people: list[tuple[int, int, int]], codes: set[int], seed: int | None
) -> None:
    counts = Counts.tally(["quartier"], ["quartier", "one", "other"], 4, np.array(people, dtype=np.uint8))
    cells = len(counts.interviews)
    weights = None if seed is None else np.random.default_rng(seed).choice([0.5, 1.0, 3.2], cells)
    prepared = Shares(counts, weights)
    for item in ("one", "other"):
        expected = estimate_share(counts.given(item, codes), counts.expressed(item), weights)
        found = prepared.estimate(item, codes)
        assert (found is None) == (expected is None)
        if found and expected:
            assert astuple(found) == pytest.approx(astuple(expected), rel=1e-12, abs=1e-15)
