"""Counting code bytes: by hand, and what every count must do."""

import json
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barometre.estimates.counts import Counts, merge, slot_table, width

CELL, ITEMS, HIGHEST = ("quartier", "age"), ("quartier", "age", "securite", "sorties"), 4
Codes = npt.NDArray[np.uint8]


def tally(rows: Any) -> Counts:
    """Counts of interviews given as lists of codes."""
    return Counts.tally(CELL, ITEMS, HIGHEST, np.array(rows, dtype=np.uint8).reshape(-1, len(ITEMS)))


interviews = st.lists(
    st.tuples(
        st.integers(1, 3),
        st.sampled_from([0, 1, 2, 98]),
        st.sampled_from([0, 1, 2, 3, 4, 97, 98, 99]),
        st.sampled_from([0, 1, 4, 99]),
    ),
    max_size=40,
)


def test_five_interviews_by_hand() -> None:
    counts = tally([[1, 1, 4, 0], [1, 1, 97, 2], [1, 1, 4, 99], [2, 1, 1, 98], [2, 2, 3, 2]])
    assert counts.cells.tolist() == [[1, 1], [2, 1], [2, 2]]
    assert counts.interviews.tolist() == [3, 1, 1]
    assert counts.given("securite", (4,)).tolist() == [2, 0, 0]
    assert counts.given("securite", (3, 4)).tolist() == [2, 0, 1]
    assert counts.expressed("securite").tolist() == [2, 1, 1]
    assert counts.silent("securite").tolist() == [1, 0, 0]
    assert counts.of("sorties")[0].tolist() == [1, 0, 1, 0, 0, 0, 0, 1]
    assert counts.total == 5


def test_the_missing_codes_are_never_merged() -> None:
    counts = tally([[1, 1, 97, 0], [1, 1, 98, 0], [1, 1, 98, 0], [1, 1, 99, 0]])
    assert [int(counts.given("securite", (code,)).sum()) for code in (0, 97, 98, 99)] == [0, 1, 2, 1]
    assert int(counts.expressed("securite").sum()) == 0
    assert int(counts.silent("securite").sum()) == 3


def test_no_interview_counts_nothing() -> None:
    empty = tally([])
    assert empty.same_as(Counts.empty(CELL, ITEMS, HIGHEST))
    assert empty.total == 0
    assert empty.expressed("securite").tolist() == []


def test_every_code_has_its_slot() -> None:
    table = slot_table(HIGHEST)
    slots = [int(table[code]) for code in (0, 1, 2, 3, 4, 97, 98, 99)]
    assert slots == list(range(width(HIGHEST)))
    assert table[50] == -1


def test_some_cells_only() -> None:
    counts = tally([[1, 1, 4, 0], [2, 1, 1, 0], [2, 2, 3, 0]])
    second = counts.where(counts.axis("quartier") == 2)
    assert second.total == 2
    assert second.given("securite", (4,)).sum() == 0


@given(rows=interviews)
def test_every_interview_is_counted_once_for_every_item(rows: list[tuple[int, ...]]) -> None:
    counts = tally(rows)
    assert counts.total == len(rows)
    assert (counts.n.sum(axis=2) == counts.interviews[:, None]).all()


@given(rows=interviews, seed=st.randoms(use_true_random=False))
def test_the_order_of_the_interviews_changes_nothing(rows: list[tuple[int, ...]], seed: Any) -> None:
    shuffled = list(rows)
    seed.shuffle(shuffled)
    assert tally(rows).same_as(tally(shuffled))


@given(rows=interviews, cut=st.integers(0, 40))
def test_counts_add_up(rows: list[tuple[int, ...]], cut: int) -> None:
    together = merge([tally(rows[:cut]), tally(rows[cut:])])
    assert together.same_as(tally(rows))


@given(rows=interviews)
def test_a_document_reads_back_as_it_was(rows: list[tuple[int, ...]]) -> None:
    counts = tally(rows)
    read = Counts.from_document(json.loads(json.dumps(counts.to_document())))
    assert read.same_as(counts)
    assert read.cells.shape == counts.cells.shape
    assert read.n.shape == counts.n.shape


@given(rows=interviews.filter(len))
def test_counts_with_one_more_interview_are_not_the_same(rows: list[tuple[int, ...]]) -> None:
    assert not tally(rows).same_as(tally([*rows, rows[0]]))
    assert not tally(rows).same_as(tally(rows[1:]))


def test_versions_merge_by_item_and_an_item_one_lacks_was_not_asked_there() -> None:
    old = tally([[1, 1, 4, 0], [1, 2, 97, 3]])
    new = Counts.tally(
        CELL, ("quartier", "age", "bus", "securite"), 6, np.array([[1, 1, 6, 98], [3, 1, 5, 2]], np.uint8)
    )
    both = merge([old, new])
    assert both.items == ("quartier", "age", "securite", "sorties", "bus")
    assert both.highest_code == 6
    assert both.cells.tolist() == [[1, 1], [1, 2], [3, 1]]
    assert both.interviews.tolist() == [2, 1, 1]
    assert both.given("securite", (4,)).tolist() == [1, 0, 0]
    assert both.silent("securite").tolist() == [1, 1, 0]
    assert both.given("bus", (5, 6)).tolist() == [1, 0, 1]
    assert both.given("bus", (0,)).tolist() == [1, 1, 0]
    assert both.given("sorties", (0,)).tolist() == [2, 0, 1]
    assert (both.n.sum(axis=2) == both.interviews[:, None]).all()


def test_a_version_that_cut_its_cells_by_less_joins_with_what_it_did_not_ask() -> None:
    old = tally([[1, 1, 4, 0], [1, 2, 97, 3]])
    other = Counts.tally(("quartier",), ("quartier", "age"), 4, np.array([[1, 1], [2, 1]], np.uint8))
    for both in (merge([old, other]), merge([other, old])):
        assert both.cell_items[0] == "quartier"
        by_cell = zip(both.axis("quartier").tolist(), both.axis("age").tolist(), both.interviews, strict=True)
        assert sorted(by_cell) == [(1, 0, 1), (1, 1, 1), (1, 2, 1), (2, 0, 1)]
        assert both.given("age", (1,)).sum() == 3
        assert (both.n.sum(axis=2) == both.interviews[:, None]).all()


def test_an_unknown_item_is_an_error() -> None:
    with pytest.raises(KeyError):
        tally([[1, 1, 4, 0]]).expressed("humeur")
