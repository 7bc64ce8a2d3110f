"""A folder that cannot be used: exit 2, and where the mend is."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.tabulate.conftest import run_tabulate

KEYS = {"file", "line", "column", "quartier", "class", "reason"}
Row = dict[str, str]


def refuse(folder: Path) -> dict[str, Any]:
    """The one object that says what is wrong; people read the same words."""
    ran = run_tabulate(folder, "--json")
    assert ran.code == 2
    found: dict[str, Any] = ran.document
    assert found.keys() == KEYS
    told = run_tabulate(folder)
    assert told.code == 2
    assert told.out == ""
    assert found["file"] in told.err
    assert found["reason"] in told.err
    return found


def change(folder: Path, name: str, edit: Callable[[list[Row]], object]) -> None:
    """Edit the rows of one file."""
    path = folder / name
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    columns = list(rows[0])
    edit(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


def test_a_respondent_where_nobody_lives_names_quartier_and_class(
    copy_reference: Callable[..., Path],
) -> None:
    folder = copy_reference("population_cells.csv")

    def empty(rows: list[Row]) -> None:
        for row in rows:
            if (row["wave"], row["quartier"], row["category"]) == ("2027", "TCG", "lt25"):
                row["population"] = "0"

    change(folder, "margins.csv", empty)
    found = refuse(folder)
    assert (found["file"], found["quartier"], found["class"]) == ("margins.csv", "TCG", "lt25")
    line = (folder / "margins.csv").read_text(encoding="utf-8").splitlines()[found["line"] - 1]
    assert line == "2027,TCG,age_class,lt25,0"
    assert "population est de 0" in found["reason"]


def test_one_cell_where_nobody_lives_is_named_too(copy_reference: Callable[..., Path]) -> None:
    folder = copy_reference()

    def empty(rows: list[Row]) -> None:
        for row in rows:
            if (row["wave"], row["quartier"], row["age_class"]) == ("2023", "CB", "lt25") and row[
                "sex"
            ] == "F":
                row["population"] = "0"

    change(folder, "population_cells.csv", empty)
    found = refuse(folder)
    assert (found["file"], found["quartier"], found["class"]) == ("population_cells.csv", "CB", "lt25 × F")


def test_more_interviews_than_inhabitants_name_the_quartier(copy_reference: Callable[..., Path]) -> None:
    folder = copy_reference("population_cells.csv")

    def shrink(rows: list[Row]) -> None:
        for row in rows:
            if (row["wave"], row["quartier"]) == ("2027", "PCSA"):
                row["population"] = str(int(row["population"]) // 25)

    change(folder, "margins.csv", shrink)
    found = refuse(folder)
    assert (found["quartier"], found["column"]) == ("PCSA", "population")
    assert "plus d’entretiens que d’habitants" in found["reason"]


def test_margins_that_no_weights_can_meet_name_the_quartier(copy_reference: Callable[..., Path]) -> None:
    # Young women and older men only: both margins together fix what they cannot both have.
    folder = copy_reference("population_cells.csv")

    def split(rows: list[Row]) -> None:
        for row in rows:
            if row["quartier"] == "CB":
                row["sex"] = "F" if row["age_class"] == "lt25" else "M"

    change(folder, "interviews.csv", split)
    found = refuse(folder)
    assert found["quartier"] == "CB"
    assert found["class"] in {"lt25", "25_59", "60plus", "F", "M"}
    assert "marges" in found["reason"]


def test_classes_that_do_not_make_their_total_name_the_quartier(copy_reference: Callable[..., Path]) -> None:
    folder = copy_reference("population_cells.csv")

    def forget(rows: list[Row]) -> None:
        rows[2]["population"] = "900"

    change(folder, "margins.csv", forget)
    found = refuse(folder)
    assert (found["quartier"], found["class"]) == ("CB", "age_class")


def test_an_unknown_quartier_names_its_line(copy_reference: Callable[..., Path]) -> None:
    folder = copy_reference()

    def rename(rows: list[Row]) -> None:
        rows[6]["quartier"] = "SOUCHE"

    change(folder, "interviews.csv", rename)
    found = refuse(folder)
    assert (found["file"], found["line"], found["column"]) == ("interviews.csv", 8, "quartier")
    assert found["quartier"] == "SOUCHE"


def test_a_quartier_without_population_names_its_line(copy_reference: Callable[..., Path]) -> None:
    folder = copy_reference("population_cells.csv")
    change(folder, "margins.csv", lambda rows: rows.__setitem__(slice(None), rows[6:]))
    found = refuse(folder)
    assert (found["file"], found["line"], found["quartier"]) == ("interviews.csv", 2, "CB")


@pytest.mark.parametrize(
    ("file", "column", "value"),
    [
        ("interviews.csv", "wave", "2024"),
        ("interviews.csv", "age_class", "18_25"),
        ("interviews.csv", "sex", "X"),
        ("interviews.csv", "q01", "5"),
        ("interviews.csv", "q02", "oui"),
        ("interviews.csv", "interview_id", "2023-0001"),
        ("margins.csv", "variable", "tenure"),
        ("margins.csv", "category", "children"),
        ("margins.csv", "population", "-3"),
        ("population_cells.csv", "population", "12.5"),
        ("items.csv", "favourable", "7"),
        ("items.csv", "scale_max", ""),
        ("published.csv", "item", "q99"),
        ("published.csv", "percent", "101"),
        ("published.csv", "base_min", "0"),
    ],
)
def test_a_wrong_value_names_file_line_and_column(
    copy_reference: Callable[..., Path], file: str, column: str, value: str
) -> None:
    folder = copy_reference()

    def spoil(rows: list[Row]) -> None:
        rows[3][column] = value

    change(folder, file, spoil)
    found = refuse(folder)
    assert (found["file"], found["line"]) == (file, 5)
    assert found["column"] in {column, "base_min"}


def test_counts_of_one_item_that_miss_interviews_name_it(copy_reference: Callable[..., Path]) -> None:
    folder = copy_reference("interviews.csv")

    def add(rows: list[Row]) -> None:
        rows[0]["n"] = str(int(rows[0]["n"]) + 1)

    change(folder, "counts.csv", add)
    found = refuse(folder)
    assert (found["file"], found["column"], found["quartier"]) == ("counts.csv", "n", "CB")
    assert "q01" in found["reason"]


@pytest.mark.parametrize("missing", ["design.json", "items.csv"])
def test_a_missing_file_is_named(copy_reference: Callable[..., Path], missing: str) -> None:
    assert refuse(copy_reference(missing))["file"] == missing


def test_neither_people_nor_population_is_told(copy_reference: Callable[..., Path]) -> None:
    assert "counts.csv" in refuse(copy_reference("interviews.csv", "counts.csv"))["reason"]


def test_no_population_at_all_is_told(copy_reference: Callable[..., Path]) -> None:
    assert "margins.csv" in refuse(copy_reference("margins.csv", "population_cells.csv"))["reason"]


def test_a_missing_column_is_named(copy_reference: Callable[..., Path]) -> None:
    folder = copy_reference()
    text = (folder / "interviews.csv").read_text(encoding="utf-8").replace("age_class", "age", 1)
    (folder / "interviews.csv").write_text(text, encoding="utf-8")
    found = refuse(folder)
    assert (found["file"], found["line"], found["column"]) == ("interviews.csv", 1, "age_class")


def test_a_short_line_is_named(copy_reference: Callable[..., Path]) -> None:
    folder = copy_reference()
    with (folder / "interviews.csv").open("a", encoding="utf-8") as file:
        file.write("2027-9999,2027,CB\n")
    found = refuse(folder)
    assert (found["file"], found["line"]) == ("interviews.csv", 422)


def test_bytes_that_are_not_utf_8_are_told(copy_reference: Callable[..., Path]) -> None:
    folder = copy_reference()
    (folder / "margins.csv").write_bytes("wave,quartier,été".encode("latin-1"))
    assert "UTF-8" in refuse(folder)["reason"]


def test_another_confidence_is_refused_rather_than_ignored(copy_reference: Callable[..., Path]) -> None:
    folder = copy_reference()
    design = json.loads((folder / "design.json").read_text(encoding="utf-8"))
    (folder / "design.json").write_text(json.dumps(design | {"confidence": 0.9}), encoding="utf-8")
    assert refuse(folder)["column"] == "confidence"


@pytest.mark.parametrize(
    ("section", "case"),
    [
        ("two_by_two", {"x1": 3, "n1": 2, "x2": 1, "n2": 4}),
        ("one_sample", {"x": 3}),
        ("feasible_counts", {"percent": "79"}),
    ],
)
def test_a_question_without_its_numbers_is_named(
    copy_reference: Callable[..., Path], section: str, case: dict[str, Any]
) -> None:
    folder = copy_reference()
    (folder / "cases.json").write_text(json.dumps({section: [case]}), encoding="utf-8")
    found = refuse(folder)
    assert (found["file"], found["column"]) == ("cases.json", section)
