"""Quota sheets: whole numbers that add up, close to the population, never more than it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barometre.estimates.quotas import QuotaError, allocate, share_equally

AGES = {"lt25": 486, "25_59": 1593, "60plus": 621}


def population(rows: dict[str, float], columns: dict[str, float] | None = None) -> dict[str, Any]:
    """One quartier."""
    variables = {"total": {"all": sum(rows.values())}, "age": rows}
    return {"CB": variables | ({"sex": columns} if columns else {})}


def test_by_age_alone_it_follows_the_population() -> None:
    table = allocate({"CB": 80}, population(AGES), "age", "sex")["CB"]
    assert table.rows == {"lt25": 14, "25_59": 47, "60plus": 19}
    assert (table.total, table.columns, table.cells) == (80, {}, {})


def test_by_age_and_sex_every_sum_holds() -> None:
    table = allocate({"CB": 75}, population(AGES, {"F": 1450, "M": 1250}), "age", "sex")["CB"]
    assert table.rows == {"lt25": 14, "25_59": 44, "60plus": 17}
    assert table.columns == {"F": 40, "M": 35}
    assert {row: table.cells[row, "F"] + table.cells[row, "M"] for row in table.rows} == table.rows
    assert sum(table.cells[row, "F"] for row in table.rows) == 40


def test_a_total_is_shared_equally_first_come_first_served() -> None:
    assert share_equally(200, ["CB", "TCG", "PCSA"]) == {"CB": 67, "TCG": 67, "PCSA": 66}
    everywhere = {name: population(AGES)["CB"] for name in ("CB", "TCG", "PCSA")}
    assert {name: table.total for name, table in allocate(200, everywhere, "age").items()} == share_equally(
        200, list(everywhere)
    )


@pytest.mark.parametrize("rows", ["age", ""])
def test_nobody_is_asked_for_more_interviews_than_there_are_persons(rows: str) -> None:
    people = population({"lt25": 3, "60plus": 4})
    assert allocate({"CB": 7}, people, rows)["CB"].total == 7
    with pytest.raises(QuotaError, match="CB has 7 persons") as refused:
        allocate({"CB": 8}, people, rows)
    assert (refused.value.quartier, refused.value.persons) == ("CB", 7)


def test_a_part_of_a_person_is_nobody() -> None:
    # 0.83 of an interview is the largest remainder, and there is nobody to hold it with.
    people = population({"lt25": 0.9, "25_59": 5, "60plus": 5})
    assert allocate({"CB": 10}, people, "age")["CB"].rows == {"lt25": 0, "25_59": 5, "60plus": 5}


@st.composite
def margins(draw: st.DrawFn) -> tuple[dict[str, float], dict[str, float], int]:
    """Two margins of one population, and how many interviews to look for in it."""
    rows = draw(st.lists(st.integers(0, 400), min_size=1, max_size=6).filter(any))
    total = sum(rows)
    cuts = sorted(draw(st.lists(st.integers(0, total), max_size=4)))
    columns = [after - before for before, after in zip([0, *cuts], [*cuts, total], strict=True)]
    wanted = draw(st.integers(0, total))
    return {f"r{i}": n for i, n in enumerate(rows)}, {f"c{i}": n for i, n in enumerate(columns)}, wanted


@given(margins())
def test_a_sheet_adds_up_both_ways_and_stays_by_the_population(
    drawn: tuple[dict[str, float], dict[str, float], int],
) -> None:
    rows, columns, wanted = drawn
    people = sum(rows.values())
    table = allocate({"CB": wanted}, population(rows, columns), "age", "sex")["CB"]
    assert sum(table.rows.values()) == sum(table.columns.values()) == sum(table.cells.values()) == wanted
    for found, margin in ((table.rows, rows), (table.columns, columns)):
        for name, persons in margin.items():
            assert 0 <= found[name] <= persons
            assert abs(found[name] - wanted * persons / people) < 1
    for row in rows:
        assert sum(table.cells[row, column] for column in columns) == table.rows[row]
    for column in columns:
        assert sum(table.cells[row, column] for row in rows) == table.columns[column]
    for (row, column), number in table.cells.items():
        assert number >= 0
        assert abs(number - table.rows[row] * table.columns[column] / max(wanted, 1)) < 1
