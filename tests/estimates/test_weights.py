"""Weights: hand-counted cases, and what every weighting must do."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barometre.estimates.margins import UNKNOWN, WeightingCells, WeightingError
from barometre.estimates.weights import rake_quartiers

AGES = ("lt25", "25_59", "60plus")
ORDER = {"age": list(AGES)}


def make_cells(*rows: tuple[str, str, str, int]) -> WeightingCells:
    """Cells from quartier, age, sex and interviews."""
    quartier, age, sex, n = (np.array(column) for column in zip(*rows, strict=True))
    return WeightingCells(quartier, {"age": age, "sex": sex}, n)


def add_up(weights: Any, cells: WeightingCells, variable: str) -> dict[str, float]:
    """Weighted interviews by class."""
    classes = cells.classes[variable]
    return {
        str(name): float((weights * cells.interviews)[classes == name].sum()) for name in np.unique(classes)
    }


def margins_of(lt25: float, adult: float, old: float, women: float, men: float) -> dict[str, Any]:
    """Margins of the quartier "A"."""
    age, sex = {"lt25": lt25, "25_59": adult, "60plus": old}, {"F": women, "M": men}
    return {"A": {"total": {"all": lt25 + adult + old}, "age": age, "sex": sex}}


def test_one_margin_is_met_by_hand() -> None:
    # 30 interviews stand for 100 people; 10 young ones for 40 of them, 20 others for 60.
    cells = WeightingCells(np.array(["A", "A"]), {"age": np.array(["y", "o"])}, np.array([10, 20]))
    margins = {"A": {"total": {"all": 100.0}, "age": {"y": 40.0, "o": 60.0}}}
    assert rake_quartiers(cells, margins, {}).weights.tolist() == pytest.approx([4, 3])


def test_a_small_quartier_takes_one_weight() -> None:
    cells = make_cells(("A", "lt25", "F", 12), ("A", "60plus", "M", 7))
    weights = rake_quartiers(cells, margins_of(100, 100, 180, 190, 190), ORDER).weights
    assert weights.tolist() == [20, 20]


def test_an_empty_age_class_joins_the_next_older_one() -> None:
    cells = make_cells(("A", "25_59", "F", 15), ("A", "60plus", "M", 15))
    weights = rake_quartiers(cells, margins_of(10, 20, 30, 30, 30), ORDER).weights
    assert add_up(weights, cells, "age") == pytest.approx({"25_59": 30, "60plus": 30})


def test_the_oldest_class_when_empty_joins_the_next_younger_one() -> None:
    cells = make_cells(("A", "lt25", "F", 15), ("A", "25_59", "M", 15))
    weights = rake_quartiers(cells, margins_of(25, 10, 15, 25, 25), ORDER).weights
    assert add_up(weights, cells, "age") == pytest.approx({"lt25": 25, "25_59": 25})


def test_a_margin_with_one_sex_left_is_dropped() -> None:
    cells = make_cells(("A", "lt25", "F", 10), ("A", "25_59", "F", 10), ("A", "60plus", "F", 10))
    weights = rake_quartiers(cells, margins_of(20, 20, 60, 50, 50), ORDER).weights
    assert add_up(weights, cells, "age") == pytest.approx({"lt25": 20, "25_59": 20, "60plus": 60})


def test_unknown_age_keeps_its_share_of_the_sample() -> None:
    cells = make_cells(
        ("A", "lt25", "F", 10),
        ("A", "25_59", "M", 10),
        ("A", "60plus", "F", 10),
        ("A", UNKNOWN, "M", 5),
        ("A", UNKNOWN, "F", 5),
    )
    weights = rake_quartiers(cells, margins_of(40, 40, 20, 50, 50), ORDER).weights
    assert add_up(weights, cells, "age") == pytest.approx(
        {UNKNOWN: 25, "lt25": 30, "25_59": 30, "60plus": 15}
    )


def test_interviews_where_nobody_lives_name_the_quartier_and_the_class() -> None:
    cells = make_cells(("A", "lt25", "F", 10), ("A", "25_59", "M", 10), ("A", "60plus", "M", 10))
    with pytest.raises(WeightingError, match=r"A, 60plus: .*population is 0") as caught:
        rake_quartiers(cells, margins_of(50, 50, 0, 50, 50), ORDER)
    assert (caught.value.quartier, caught.value.class_id) == ("A", "60plus")


def test_a_quartier_without_margins_is_named() -> None:
    cells = make_cells(("Z", "lt25", "F", 30))
    with pytest.raises(WeightingError) as caught:
        rake_quartiers(cells, margins_of(50, 50, 50, 75, 75), ORDER)
    assert caught.value.quartier == "Z"


def test_margins_that_cannot_be_met_together_are_an_error() -> None:
    # Every young person is a woman and every other one a man: the two margins contradict each other.
    cells = make_cells(("A", "lt25", "F", 15), ("A", "25_59", "M", 15))
    with pytest.raises(WeightingError, match=r"A, .*cannot be met together"):
        rake_quartiers(cells, margins_of(10, 45, 45, 50, 50), ORDER)


def test_margins_rounded_one_by_one_are_met_all_the_same() -> None:
    cells = make_cells(("A", "lt25", "F", 10), ("A", "25_59", "M", 15), ("A", "25_59", "F", 5))
    margins = margins_of(40, 60, 0, 50, 50)
    margins["A"]["sex"] = {"F": 50.3, "M": 50.1}
    weights = rake_quartiers(cells, margins, ORDER).weights
    assert float((weights * cells.interviews).sum()) == pytest.approx(100)


tables = st.lists(st.integers(1, 40), min_size=6, max_size=6)
shares = st.lists(st.integers(1, 100), min_size=3, max_size=3)


@given(n=tables, ages=shares, women=st.integers(20, 80))
def test_raked_weights_reproduce_the_margins(n: list[int], ages: list[int], women: int) -> None:
    cells = make_cells(
        *[
            ("A", age, sex, people)
            for (age, sex), people in zip(((a, s) for a in AGES for s in "FM"), n, strict=True)
        ]
    )
    total = 100 * sum(ages)
    margins = margins_of(*(100 * age for age in ages), women * total / 100, (100 - women) * total / 100)
    weights = rake_quartiers(cells, margins, ORDER, smallest=1).weights
    assert (weights > 0).all()
    for variable in ("age", "sex"):
        assert add_up(weights, cells, variable) == pytest.approx(margins["A"][variable], rel=1e-9)


@given(n=tables, seed=st.randoms(use_true_random=False))
def test_the_order_of_the_cells_changes_nothing(n: list[int], seed: Any) -> None:
    rows = [
        ("A", age, sex, people)
        for (age, sex), people in zip(((a, s) for a in AGES for s in "FM"), n, strict=True)
    ]
    margins = margins_of(30, 50, 20, 60, 40)
    shuffled = list(enumerate(rows))
    seed.shuffle(shuffled)
    expected = rake_quartiers(make_cells(*rows), margins, ORDER).weights
    found = rake_quartiers(make_cells(*[row for _, row in shuffled]), margins, ORDER).weights
    for value, (place, _) in zip(found, shuffled, strict=True):
        assert value == pytest.approx(expected[place], rel=1e-10)
