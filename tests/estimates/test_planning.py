"""Sizes and power: every small case tried out, and what must hold whatever the numbers."""

from math import isclose

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from barometre.estimates import planning
from barometre.estimates.planning import (
    equal_waves_size,
    half_width,
    minimum_detectable,
    power,
    precision_size,
    second_wave_size,
    weighting_effect,
)

levels = st.floats(0.02, 0.98)
sizes = st.integers(10, 2000)
deffs = st.floats(1, 2)


def search(p1: float, p2: float, n1: float, target: float, largest: int) -> int | None:
    """The smallest second wave, one by one."""
    return next((n2 for n2 in range(1, largest + 1) if power(p1, p2, n1, n2) >= target), None)


@pytest.mark.parametrize(("n", "points"), [(35, 16.6), (70, 11.7), (100, 9.8), (200, 6.9), (400, 4.9)])
def test_the_half_width_of_a_half(n: int, points: float) -> None:
    assert 100 * half_width(0.5, n) == pytest.approx(points, abs=0.05)
    assert half_width(0.5, 1.3 * n, 1.3) == pytest.approx(half_width(0.5, n))


def test_the_size_for_a_precision_gives_it_and_one_less_does_not() -> None:
    for p, width in ((0.5, 0.05), (0.2, 0.03), (0.9, 0.1)):
        n = precision_size(p, width, deff=1.3)
        assert half_width(p, n, 1.3) <= width < half_width(p, n - 1, 1.3)


def test_a_small_population_needs_fewer() -> None:
    # n0 = 96.04: 96.04 / (1 + 95.04/100) = 49.2.
    assert (precision_size(0.5, 0.1), precision_size(0.5, 0.1, 100)) == (97, 50)


def test_a_change_that_leaves_0_to_1_has_no_size() -> None:
    increase, decrease = minimum_detectable(0.97, 30, 75, 1.3)
    assert increase is None
    assert decrease is not None
    assert minimum_detectable(0.03, 30, 75, 1.3) == (pytest.approx(decrease), None)


def test_no_change_needs_no_wave() -> None:
    assert second_wave_size(0.5, 0.5, 120) is None
    assert equal_waves_size(0.5, 0.5) is None


@pytest.mark.parametrize("target", [0.3, 1.0])
def test_a_smallest_change_wants_a_chance_of_one_half_or_more(target: float) -> None:
    with pytest.raises(ValueError, match=r"0\.5 or more"):
        minimum_detectable(0.5, 35, 75, power=target)


def test_all_against_none_is_shown_by_few() -> None:
    assert (power(0, 1, 1, 1), power(0, 1, 1, 3), power(0, 0, 3, 3)) == (0, 1, 0)
    assert second_wave_size(0, 1, 1) == 3


def test_power_can_fall_while_the_second_wave_grows() -> None:
    # Why the size is not found by bisection.
    assert power(0.001, 0.2316, 69, 1) > 0.79 > 0.77 > power(0.001, 0.2316, 69, 2)
    assert second_wave_size(0.001, 0.2316, 69, 0.79) == 1


@given(
    st.floats(0, 1),
    st.floats(0, 1),
    st.sampled_from([1, 3, 12, 35, 46, 120]),
    st.sampled_from([0.3, 0.5, 0.8]),
)
def test_the_size_is_what_trying_each_one_gives(p1: float, p2: float, n1: int, target: float) -> None:
    largest = 300
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planning, "LARGEST_SIZE", largest)
        assert second_wave_size(p1, p2, n1, target) == search(p1, p2, n1, target, largest)


@given(levels, levels, sizes, st.floats(0.5, 0.95))
def test_no_size_is_enough_exactly_where_everybody_would_not_be(
    p1: float, p2: float, n1: int, target: float
) -> None:
    limit = power(p1, p2, n1, 1e15)
    assume(not isclose(limit, target, abs_tol=1e-3))
    assert (second_wave_size(p1, p2, n1, target) is None) == (limit < target)


@given(levels, levels, sizes, deffs, st.floats(1, 1.5))
def test_design_effects_stretch_the_size(
    p1: float, p2: float, n1: int, deff: float, weighting: float
) -> None:
    size = second_wave_size(p1, p2, n1, 0.8, deff, weighting)
    if size is not None:
        assert power(p1, p2, n1, size / weighting, deff) >= 0.8 - 1e-9
        assert size == 1 or power(p1, p2, n1, (size - 1) / weighting, deff) < 0.8


@given(levels, sizes, sizes, st.integers(1, 500), deffs)
def test_more_interviews_show_smaller_changes(p1: float, n1: int, n2: int, more: int, deff: float) -> None:
    few = minimum_detectable(p1, n1, n2, deff)
    many = minimum_detectable(p1, n1, n2 + more, deff)
    for before, after in zip(few, many, strict=True):
        assert before is None or (after is not None and after <= before + 1e-9)


@given(levels, sizes, sizes, st.floats(0.5, 0.95))
def test_from_the_smallest_change_on_every_larger_one_is_shown(
    p1: float, n1: int, n2: int, target: float
) -> None:
    increase, _decrease = minimum_detectable(p1, n1, n2, power=target)
    for step in range(1, 200):
        change = (1 - p1) * step / 200
        shown = power(p1, p1 + change, n1, n2) >= target
        assert shown == (increase is not None and change >= increase - 1e-9)


def test_quartiers_in_proportion_cost_nothing_and_equal_ones_something() -> None:
    persons = {"A": 2700.0, "B": 1200.0, "C": 1600.0}
    assert weighting_effect({"A": 27, "B": 12, "C": 16}, persons) == pytest.approx(1)
    assert weighting_effect(dict.fromkeys("ABC", 75), persons) == pytest.approx(1.1196694)
