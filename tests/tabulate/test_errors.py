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
Copy = Callable[..., Path]


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
    copy_reference: Copy,
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


def test_one_cell_where_nobody_lives_is_named_too(copy_reference: Copy) -> None:
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
    line = (folder / "population_cells.csv").read_text(encoding="utf-8").splitlines()[found["line"] - 1]
    assert line == "2023,CB,lt25,F,0"


def test_a_whole_class_of_cells_where_nobody_lives_names_its_own_file(copy_reference: Copy) -> None:
    folder = copy_reference()

    def empty(rows: list[Row]) -> None:
        for row in rows:
            if [row[name] for name in ("wave", "quartier", "age_class")] == ["2027", "CB", "lt25"]:
                row["population"] = "0"

    change(folder, "population_cells.csv", empty)
    found = refuse(folder)
    assert (found["file"], found["quartier"], found["class"]) == ("population_cells.csv", "CB", "lt25")


def test_more_interviews_than_the_cells_hold_is_refused_too(copy_reference: Copy) -> None:
    folder = copy_reference()

    def shrink(rows: list[Row]) -> None:
        for row in rows:
            if (row["wave"], row["quartier"]) == ("2027", "CB"):
                row["population"] = "5"

    change(folder, "population_cells.csv", shrink)
    found = refuse(folder)
    assert (found["file"], found["quartier"]) == ("population_cells.csv", "CB")


def test_more_interviews_than_inhabitants_name_the_quartier(copy_reference: Copy) -> None:
    folder = copy_reference("population_cells.csv")

    def shrink(rows: list[Row]) -> None:
        for row in rows:
            if (row["wave"], row["quartier"]) == ("2027", "PCSA"):
                row["population"] = str(int(row["population"]) // 25)

    change(folder, "margins.csv", shrink)
    found = refuse(folder)
    assert (found["quartier"], found["column"]) == ("PCSA", "population")
    assert "plus d’entretiens que d’habitants" in found["reason"]


def test_margins_that_no_weights_can_meet_name_the_quartier(copy_reference: Copy) -> None:
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


def test_classes_that_do_not_make_their_total_name_the_quartier(copy_reference: Copy) -> None:
    folder = copy_reference("population_cells.csv")

    def forget(rows: list[Row]) -> None:
        rows[2]["population"] = "900"

    change(folder, "margins.csv", forget)
    found = refuse(folder)
    assert (found["quartier"], found["class"]) == ("CB", "age_class")


def test_an_unknown_quartier_names_its_line(copy_reference: Copy) -> None:
    folder = copy_reference()

    def rename(rows: list[Row]) -> None:
        rows[6]["quartier"] = "SOUCHE"

    change(folder, "interviews.csv", rename)
    found = refuse(folder)
    assert (found["file"], found["line"], found["column"]) == ("interviews.csv", 8, "quartier")
    assert found["quartier"] == "SOUCHE"


def test_a_quartier_without_population_names_its_line(copy_reference: Copy) -> None:
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
        ("items.csv", "favourable", "+3"),
        ("items.csv", "item", "q01"),
        ("items.csv", "scale_max", "9999999"),
        ("margins.csv", "quartier", "XX"),
        ("margins.csv", "population", "9" * 400),
        ("population_cells.csv", "sex", "NR"),
        ("population_cells.csv", "wave", "1999"),
        ("published.csv", "wave", "2027"),
        ("published.csv", "interviews", "999999"),
        ("interviews.csv", "interview_id", ""),
        ("items.csv", "scale_max", ""),
        ("published.csv", "item", "q99"),
        ("published.csv", "percent", "101"),
        ("published.csv", "base_min", "0"),
    ],
)
def test_a_wrong_value_names_file_line_and_column(
    copy_reference: Copy, file: str, column: str, value: str
) -> None:
    folder = copy_reference()

    def spoil(rows: list[Row]) -> None:
        rows[3][column] = value

    change(folder, file, spoil)
    found = refuse(folder)
    assert (found["file"], found["line"]) == (file, 5)
    assert found["column"] == column


def test_counts_of_one_item_that_miss_interviews_name_it(copy_reference: Copy) -> None:
    folder = copy_reference("interviews.csv")

    def add(rows: list[Row]) -> None:
        rows[0]["n"] = str(int(rows[0]["n"]) + 1)

    change(folder, "counts.csv", add)
    found = refuse(folder)
    assert (found["file"], found["column"], found["quartier"]) == ("counts.csv", "n", "CB")
    assert "q01" in found["reason"]


def test_counts_given_twice_are_refused_rather_than_added_up(copy_reference: Copy) -> None:
    folder = copy_reference("interviews.csv")
    change(folder, "counts.csv", lambda rows: rows.extend([dict(row) for row in rows]))
    found = refuse(folder)
    assert (found["file"], found["column"]) == ("counts.csv", "n")
    assert found["line"] > 1000


def test_a_column_twice_is_refused(copy_reference: Copy) -> None:
    folder = copy_reference()
    text = (folder / "interviews.csv").read_text(encoding="utf-8").replace("q02", "q01", 1)
    (folder / "interviews.csv").write_text(text, encoding="utf-8")
    assert refuse(folder)["column"] in {"q01", "q02"}


@pytest.mark.parametrize("missing", ["design.json", "items.csv"])
def test_a_missing_file_is_named(copy_reference: Copy, missing: str) -> None:
    assert refuse(copy_reference(missing))["file"] == missing


def test_neither_people_nor_population_is_told(copy_reference: Copy) -> None:
    assert "counts.csv" in refuse(copy_reference("interviews.csv", "counts.csv"))["reason"]


def test_no_population_at_all_is_told(copy_reference: Copy) -> None:
    assert "margins.csv" in refuse(copy_reference("margins.csv", "population_cells.csv"))["reason"]


def test_a_missing_column_is_named(copy_reference: Copy) -> None:
    folder = copy_reference()
    text = (folder / "interviews.csv").read_text(encoding="utf-8").replace("age_class", "age", 1)
    (folder / "interviews.csv").write_text(text, encoding="utf-8")
    found = refuse(folder)
    assert (found["file"], found["line"], found["column"]) == ("interviews.csv", 1, "age_class")


def test_a_short_line_is_named(copy_reference: Copy) -> None:
    folder = copy_reference()
    with (folder / "interviews.csv").open("a", encoding="utf-8") as file:
        file.write("2027-9999,2027,CB\n")
    found = refuse(folder)
    assert (found["file"], found["line"]) == ("interviews.csv", 422)


def test_bytes_that_are_not_utf_8_are_told(copy_reference: Copy) -> None:
    folder = copy_reference()
    (folder / "margins.csv").write_bytes("wave,quartier,été".encode("latin-1"))
    assert "UTF-8" in refuse(folder)["reason"]


def test_another_confidence_is_refused_rather_than_ignored(copy_reference: Copy) -> None:
    folder = copy_reference()
    design = json.loads((folder / "design.json").read_text(encoding="utf-8"))
    (folder / "design.json").write_text(json.dumps(design | {"confidence": 0.9}), encoding="utf-8")
    assert refuse(folder)["column"] == "confidence"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("quartiers", ["ALL", "TCG"]),
        ("quartiers", ["NR", "TCG"]),
        ("quartiers", ["CB", "CB"]),
        ("quartiers", "CB"),
        ("waves", [["2023"], "2027"]),
        ("waves", [None]),
        ("waves", ["2020", "2023", "2027"]),
        ("waves", []),
        ("age_classes_youngest_first", ["lt25", ""]),
        ("composite_items", ["q99"]),
        ("minimum_interviews_for_weighting", "20"),
        ("disclosure_threshold", -1),
        ("disclosure_threshold", 10**20),
    ],
)
def test_a_design_that_cannot_be_used_is_refused(copy_reference: Copy, key: str, value: object) -> None:
    folder = copy_reference()
    design = json.loads((folder / "design.json").read_text(encoding="utf-8"))
    (folder / "design.json").write_text(json.dumps(design | {key: value}), encoding="utf-8")
    assert refuse(folder)["file"] == "design.json"


@pytest.mark.parametrize("name", ["design.json", "items.csv", "interviews.csv", "margins.csv", "cases.json"])
def test_a_folder_in_the_place_of_a_file_is_told(copy_reference: Copy, name: str) -> None:
    folder = copy_reference(name)
    (folder / name).mkdir()
    assert refuse(folder)["file"] == name


def test_a_file_in_the_place_of_the_folder_is_told(copy_reference: Copy) -> None:
    assert refuse(copy_reference() / "items.csv")["file"] == "design.json"


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "[]",
        '{"one_sample": 1e999}',
        '{"one_sample": [{"x": NaN, "n": 39}]}',
        '{"one_sample": [{"x": 1, "n": 39, "note": "\\ud800"}]}',
        '{"one_sample": {"x": 1, "n": 3}}',
        '{"one_sample": null}',
        '{"one_sample": [5]}',
        '{"sample_size": []}',
        '{"sample_size": {"precision": null}}',
        '{"suppression": [{"base": [1, 2]}]}',
        '{"suppression": [{"base": {"A": -3}}]}',
        '{"raking_tables": [{"counts": [[1, 2], [3]], "rows": [1, 2], "cols": [1, 2]}]}',
        '{"raking_tables": [{"counts": [[1.9, 2], [3, 1]], "rows": [1, 2], "cols": [1, 2]}]}',
        '{"raking_tables": [{"counts": [[1, 2], [3, 1]], "rows": [1, 0], "cols": [1, 2]}]}',
        '{"feasible_counts": [{"percent": 50, "interviews": 100000, "base_min": 1}]}',
        '{"feasible_counts": [{"percent": "79", "interviews": 35, "base_min": 30}]}',
        '{"two_by_two": [{"x1": 3, "n1": 2, "x2": 1, "n2": 4}]}',
        '{"two_by_two": [{"x1": 1.5, "n1": 2, "x2": 1, "n2": 4}]}',
        '{"sample_size": {"precision": [{"p": 1.5, "half_width": 0.1}]}}',
        '{"sample_size": {"precision": [{"p": 0.5, "half_width": 0.1, "population": -100}]}}',
        '{"sample_size": {"second_wave": [{"p1": 0.5, "p2": 0.6, "n1": 40, "power": 2}]}}',
        '{"sample_size": {"minimum_detectable": [{"p1": 0.5, "n1": 0, "n2": 40}]}}',
    ],
)
def test_questions_that_make_no_sense_are_refused(copy_reference: Copy, text: str) -> None:
    folder = copy_reference()
    (folder / "cases.json").write_text(text, encoding="utf-8")
    assert refuse(folder)["file"] == "cases.json"


def test_nobody_asked_gives_a_question_without_numbers(copy_reference: Copy) -> None:
    folder = copy_reference()
    cases = {"one_sample": [{"x": 0, "n": 0}], "two_by_two": [{"x1": 0, "n1": 0, "x2": 1, "n2": 4}]}
    (folder / "cases.json").write_text(json.dumps(cases), encoding="utf-8")
    found = run_tabulate(folder, "--json").document
    assert {section: found[section] for section in cases} == cases


def test_a_single_wave_stands_beside_what_the_one_before_printed(copy_reference: Copy) -> None:
    folder = copy_reference()
    both = run_tabulate(folder, "--json").document
    design = json.loads((folder / "design.json").read_text(encoding="utf-8"))
    (folder / "design.json").write_text(json.dumps(design | {"waves": ["2027"]}), encoding="utf-8")
    for name in ("interviews.csv", "counts.csv", "population_cells.csv", "margins.csv"):
        change(
            folder, name, lambda rows: rows.__setitem__(slice(None), [r for r in rows if r["wave"] == "2027"])
        )
    found = run_tabulate(folder, "--json").document
    assert found["published_first_wave"] == both["published_first_wave"]
    assert "differences" not in found
