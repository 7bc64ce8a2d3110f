"""What can lie behind a printed percentage."""

from hypothesis import given
from hypothesis import strategies as st

from barometre.estimates.published import counts_within, feasible_counts, summed_counts


def test_a_half_rounds_up() -> None:
    # 1/8 = 12.5 % is printed 13 %; 39/120 = 32.5 % is printed 33 %.
    assert feasible_counts(13, 8, 8) == ((1, 8),)
    assert feasible_counts(12, 8, 8) == ()
    assert (39, 120) in feasible_counts(33, 120, 120)


def test_an_impossible_percentage_has_no_counts() -> None:
    assert feasible_counts(79, 35, 35) == ()


def test_a_range_in_words_includes_both_ends() -> None:
    assert counts_within(50, 75, 4, 4) == ((2, 4), (3, 4))


@given(base=st.integers(1, 200), data=st.data())
def test_a_true_count_is_always_among_the_feasible_ones(base: int, data: st.DataObject) -> None:
    x = data.draw(st.integers(0, base))
    percent = int(100 * x / base + 0.5 + 1e-9)
    assert (x, base) in feasible_counts(percent, max(1, base - 12), base)
    assert (x, base) in counts_within(percent - 0.5, percent + 0.5, base, base)


def test_two_options_rounded_apart_allow_other_counts() -> None:
    # 12 of 35 twice: 34 + 34; 24 of 35 at once is 69 %.
    assert feasible_counts(68, 35, 35) == ()
    assert summed_counts(68, 35, 35) == ((24, 35),)
    # Safety in 2023 on the full bases, as the design worked it out.
    assert summed_counts(60, 46, 46) == ((28, 46),)
    assert summed_counts(76, 39, 39) == ((30, 39),)
    # Even so some percentages need people who did not answer.
    assert summed_counts(79, 35, 35) == ()


@given(base=st.integers(1, 130), data=st.data())
def test_a_sum_of_two_rounded_shares_is_within_a_point(base: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, base))
    second = data.draw(st.integers(0, base - first))
    percent = sum(int(100 * x / base + 0.5 + 1e-9) for x in (first, second))
    found = summed_counts(percent, base, base)
    assert (first + second, base) in found
    assert all(abs(100 * x / m - percent) <= 1 for x, m in found)
