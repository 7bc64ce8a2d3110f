"""Differences, their tests, the envelope over a rounded past, the verdict."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barometre.estimates.change import (
    DOWN,
    LEVEL,
    NO_CHANGE_SHOWN,
    NOT_COMPARABLE,
    UP,
    Comparison,
    Envelope,
    Verdict,
    decide,
    envelop,
    envelop_each,
)
from barometre.estimates.differences import miettinen_nurminen_p, newcombe
from barometre.estimates.multiplicity import benjamini_hochberg, holm
from barometre.estimates.proportions import estimate_share


def test_no_difference_by_hand() -> None:
    assert miettinen_nurminen_p(0.5, 40, 0.5, 60) == 1
    assert miettinen_nurminen_p(0, 35, 0, 80) == 1
    assert miettinen_nurminen_p(1, 35, 1, 80) == 1


def test_holm_and_hochberg_by_hand() -> None:
    p_values = {"a": 0.01, "b": 0.04, "c": 0.03}
    assert holm(p_values) == pytest.approx({"a": 0.03, "c": 0.06, "b": 0.06})
    assert benjamini_hochberg(p_values) == pytest.approx({"a": 0.03, "c": 0.04, "b": 0.04})
    assert holm({}) == benjamini_hochberg({}) == {}


def test_an_impossible_figure_compares_nothing() -> None:
    second = estimate_share(np.array([40]), np.array([80]))
    assert second is not None
    assert envelop((), second) is None
    [none, found, nobody] = envelop_each([((), second), ([(1, 2)], second), ([(1, 2)], None)])
    assert none is nobody is None
    assert found == envelop([(1, 2)], second)


shares = st.integers(1, 120).flatmap(lambda base: st.tuples(st.integers(0, base), st.just(base)))


@given(first=shares, second=shares)
def test_the_interval_of_a_difference_holds_it_within_minus_1_and_1(
    first: tuple[int, int], second: tuple[int, int]
) -> None:
    (x1, n1), (x2, n2) = first, second
    low, high = newcombe(x1 / n1, n1, x2 / n2, n2)
    assert -1 <= low <= x2 / n2 - x1 / n1 <= high <= 1
    assert newcombe(x2 / n2, n2, x1 / n1, n1) == pytest.approx((-high, -low))
    if n1 + n2 > 2:
        assert 0 <= miettinen_nurminen_p(x1 / n1, n1, x2 / n2, n2) <= 1


@given(feasible=st.lists(shares, min_size=1, max_size=20), second=shares)
def test_an_envelope_spans_the_comparison_with_each_count(
    feasible: list[tuple[int, int]], second: tuple[int, int]
) -> None:
    estimate = estimate_share(np.array([second[0]]), np.array([second[1]]))
    assert estimate is not None
    bases = [(x / m, m, estimate.value, estimate.effective_base) for x, m in feasible]
    found = envelop(feasible, estimate)
    assert found is not None
    intervals = [newcombe(*base) for base in bases]
    p_values = [miettinen_nurminen_p(*base) for base in bases]
    assert (found.low, found.high) == pytest.approx(
        (min(low for low, _ in intervals), max(high for _, high in intervals)), abs=1e-12
    )
    assert (found.p_low, found.p_high) == pytest.approx((min(p_values), max(p_values)), rel=1e-9)
    assert found.size == len(feasible)


@given(p_values=st.dictionaries(st.integers(), st.floats(0, 1), min_size=1, max_size=30))
def test_a_correction_never_lowers_a_p_and_holm_is_the_stricter(p_values: dict[int, float]) -> None:
    strict, lenient = holm(p_values), benjamini_hochberg(p_values)
    for key, p in p_values.items():
        assert p <= lenient[key] * (1 + 1e-12)
        assert lenient[key] <= strict[key] * (1 + 1e-12)
        assert strict[key] <= 1
    ordered = sorted(p_values, key=lambda key: p_values[key])
    assert [strict[key] for key in ordered] == sorted(strict.values())
    assert [lenient[key] for key in ordered] == sorted(lenient.values())


def make_envelope(above: int = 0, below: int = 0, size: int = 2, p: float = 0.001) -> Envelope:
    """An envelope with some intervals above and below 0."""
    return Envelope((0.1, 0.2), -0.1, 0.3, p / 2, p, above, below, size)


RISE, FALL, FLAT = make_envelope(above=2), make_envelope(below=2), make_envelope(p=0.5)
SOMETIMES = make_envelope(above=1, p=0.08)


def decide_one(like: Envelope | None, raked: Envelope | None, blocked: str = "") -> Verdict:
    """The verdict of a comparison that stands alone."""
    return decide({"only": Comparison(True, blocked, like, raked)})["only"]


def test_a_change_is_shown_when_both_weightings_show_it() -> None:
    assert decide_one(RISE, RISE) == Verdict(UP, (), RISE, (0.001, 0.001))
    assert decide_one(FALL, FALL).word == DOWN


def test_nothing_is_shown_when_no_interval_leaves_0() -> None:
    assert decide_one(FLAT, FLAT) == Verdict(NO_CHANGE_SHOWN, (), FLAT, (0.5, 0.5))


def test_a_change_may_depend_on_the_rounding_of_the_past() -> None:
    assert decide_one(SOMETIMES, SOMETIMES).reasons == ("rounding",)


@pytest.mark.parametrize(("like", "raked"), [(RISE, FLAT), (FLAT, RISE), (RISE, FALL)])
def test_a_change_may_depend_on_the_weighting(like: Envelope, raked: Envelope) -> None:
    found = decide_one(like, raked)
    assert found.word == NO_CHANGE_SHOWN
    assert found.reasons == ("weighting",)


def test_a_change_may_depend_on_both() -> None:
    assert decide_one(RISE, SOMETIMES).reasons == ("rounding", "weighting")


def test_a_change_may_be_lost_among_many_comparisons() -> None:
    weak = make_envelope(above=2, p=0.03)
    alone = decide_one(weak, weak)
    among = decide({name: Comparison(True, "", weak, weak) for name in "abc"})["a"]
    assert alone.word == UP
    assert (among.word, among.reasons) == (NO_CHANGE_SHOWN, ("multiplicity",))
    assert among.p_adjusted == pytest.approx((0.09, 0.09))


def test_a_blocked_comparison_tells_its_reason_and_no_number() -> None:
    assert decide_one(RISE, RISE, "text_only") == Verdict(NOT_COMPARABLE, ("text_only",), None, None)
    assert decide_one(None, None).reasons == ("no_figure",)


def test_a_blocked_comparison_is_not_in_the_family() -> None:
    weak = make_envelope(above=2, p=0.03)
    found = decide(
        {
            "open": Comparison(True, "", weak, weak),
            "blocked": Comparison(True, "masked", weak, weak),
            "without figure": Comparison(True, ""),
        }
    )
    assert found["open"].word == UP


def test_key_indicators_are_corrected_by_holm_and_the_others_apart() -> None:
    weak = make_envelope(above=2, p=0.02)
    keys = {f"key {place}": Comparison(True, "", weak, weak) for place in range(3)}
    others = {f"other {place}": Comparison(False, "", weak, weak) for place in range(3)}
    found = decide(keys | others)
    assert {found[name].p_adjusted for name in keys} == {(0.06, 0.06)}
    assert {found[name].word for name in others} == {UP}


def test_the_p_that_decides_is_the_largest_over_the_rounding() -> None:
    found = decide_one(Envelope((0.1, 0.2), 0.01, 0.3, 0.01, LEVEL, 2, 0, 2), RISE)
    assert found.word == NO_CHANGE_SHOWN


@given(data=st.data())
def test_up_and_down_need_both_weightings_and_a_small_p(data: st.DataObject) -> None:
    envelopes = st.builds(
        make_envelope,
        above=st.integers(0, 2),
        below=st.just(0),
        p=st.sampled_from([0.0001, 0.04, 0.06, 0.9]),
    )
    comparisons = data.draw(
        st.dictionaries(
            st.integers(),
            st.builds(Comparison, st.booleans(), st.sampled_from(["", "masked"]), envelopes, envelopes),
            max_size=8,
        )
    )
    for key, found in decide(comparisons).items():
        comparison = comparisons[key]
        assert comparison.like_for_like is not None
        assert comparison.raked is not None
        if found.word == UP:
            assert comparison.like_for_like.direction == comparison.raked.direction == UP
            assert found.p_adjusted is not None
            assert max(found.p_adjusted) < LEVEL
            assert not found.reasons
        elif found.word == NO_CHANGE_SHOWN:
            assert set(found.reasons) <= {"rounding", "weighting", "multiplicity"}
        else:
            assert comparison.blocked
