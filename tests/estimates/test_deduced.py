"""Shares that follow from others: worked out by hand, then against every combination."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from barometre.estimates.deduced import add_counts, span_percent, subtract_counts
from barometre.estimates.published import feasible_counts

#: the printed percentages of the contract, on the bases of the design
CB, TCG, PCSA, ALL = (41, 46), (30, 35), (34, 39), (108, 120)


def test_a_total_adds_up_one_count_of_each_part() -> None:
    assert add_counts([[(1, 4)], [(2, 3), (3, 3)]]) == ((3, 7), (4, 7))
    assert add_counts([[(1, 4)], [(2, 3), (3, 4)]], base_min=8) == ((4, 8),)
    assert add_counts([[(1, 4)], [(2, 3), (3, 4)]], base_max=7) == ((3, 7),)


def test_a_missing_part_has_no_more_people_than_its_base() -> None:
    assert subtract_counts([(5, 10), (9, 10), (2, 10)], [[(3, 6)]], 4, 4) == ((2, 4),)
    assert subtract_counts([(5, 10)], [[(3, 6)]], 1, 3) == ()


def test_the_safety_of_all_follows_from_the_three_quartiers() -> None:
    parts = [feasible_counts(60, *CB), feasible_counts(68, *TCG), feasible_counts(76, *PCSA)]
    shares = [100 * x / m for x, m in add_counts(parts, *ALL)]
    assert (round(min(shares), 1), round(max(shares), 1)) == (67.2, 67.9)
    assert (79, 117) in add_counts(parts, *ALL)


def test_the_attachment_of_one_quartier_follows_from_the_total_and_the_two_others() -> None:
    parts = [feasible_counts(52, *CB), feasible_counts(77, *TCG)]
    left = subtract_counts(feasible_counts(62, *ALL), parts, *PCSA)
    shares = [100 * x / m for x, m in left]
    assert (round(min(shares), 1), round(max(shares), 1)) == (57.1, 63.2)
    assert (23, 39) in left
    assert span_percent(left) == (57, 64)


def test_an_interval_is_rounded_outwards() -> None:
    assert span_percent([(1, 3), (2, 3)]) == (33, 67)
    assert span_percent([(1, 4)]) == (25, 25)


counts = st.lists(
    st.integers(1, 12).flatmap(lambda m: st.tuples(st.integers(0, m), st.just(m))), min_size=1, max_size=4
)


@given(parts=st.lists(counts, min_size=2, max_size=3))
def test_what_was_added_is_found_again_by_subtraction(parts: list[list[tuple[int, int]]]) -> None:
    total = add_counts(parts)
    assert set(total) == {
        (sum(x for x, _ in chosen), sum(m for _, m in chosen)) for chosen in product(*parts)
    }
    assert set(parts[0]) <= set(subtract_counts(total, parts[1:], 0, 12))
