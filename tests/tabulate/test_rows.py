"""What the command works out from counts, against the same worked out interview by interview.

Samples with holes: classes, cells, quartiers and items without anybody, unknown age and sex, one interview,
everybody interviewed. Every number that exists, and no other.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.tabulate import questions
from tests.tabulate.conftest import REFERENCE, run_tabulate
from tests.tabulate.document import document
from tests.tabulate.hard import HARD, at_random, write
from tests.tabulate.rows import NoSolution
from tests.tabulate.test_reference import is_close, pair_up

#: sentences about rules, not numbers
WORDS = "notes"
PLANS = {**HARD, **{f"at random, {seed}": at_random(seed) for seed in range(10)}}


def differ(expected: Any, found: Any) -> list[tuple[str, Any, Any]]:
    """Every leaf of `found` that is not the expected one; missing and invented keys fail at once."""
    assert found.keys() == expected.keys()
    wrong = []
    for section in expected:
        for path, theirs, ours in pair_up(expected[section], found[section], f"/{section}"):
            whole = isinstance(theirs, bool | str | int) and not isinstance(ours, float)
            if not (ours == theirs if whole else is_close(path, theirs, ours)):
                wrong.append((path, theirs, ours))
    return wrong


def tabulated(folder: Path) -> Any:
    """What the command prints, without words."""
    ran = run_tabulate(folder, "--json")
    assert ran.code == 0, ran.out
    return without_words(ran.document)


def without_words(sections: Any) -> Any:
    """The numbers alone."""
    weights = {
        name: {key: value for key, value in wave.items() if key != WORDS}
        for name, wave in sections["weights"].items()
    }
    return {**sections, "weights": weights}


def test_rows_give_what_r_gives(expected: dict[str, Any]) -> None:
    sections = document(REFERENCE)
    theirs = without_words(expected)
    assert differ({name: theirs[name] for name in sections}, sections) == []


@pytest.mark.parametrize("name", PLANS)
def test_counts_give_what_rows_give(name: str, tmp_path: Path) -> None:
    folder = write(PLANS[name], tmp_path / "folder")
    try:
        expected = document(folder)
    except NoSolution:
        ran = run_tabulate(folder, "--json")
        assert ran.code == 2
        assert ran.document["quartier"] in PLANS[name].quartiers
        return
    assert differ(expected, tabulated(folder)) == []


@pytest.mark.parametrize("name", ["unknown here and there", "empty cells", "one interview"])
def test_counts_alone_give_what_rows_give(name: str, tmp_path: Path) -> None:
    folder = write(HARD[name], tmp_path / "folder")
    expected = document(folder)
    (folder / "interviews.csv").unlink()
    (folder / "margins.csv").unlink()
    expected["means"] = [one for one in expected["means"] if one["item"] != "composite_score"]
    assert differ(expected, tabulated(folder)) == []


def test_questions_find_the_same_answers(tmp_path: Path) -> None:
    folder = shutil.copytree(write(HARD["one quartier"], tmp_path / "folder"), tmp_path / "questions")
    cases = questions.draw(20260401, 25)
    (folder / "cases.json").write_text(json.dumps(cases), encoding="utf-8")
    ran = run_tabulate(folder, "--json")
    assert ran.code == 0, ran.out
    answers = {name: ran.document[name] for name in cases}
    wrong = []
    for name, theirs, ours in questions.pairs(questions.answer(cases), answers):
        wrong += [(name, theirs, *one) for one in differ({name: theirs}, {name: ours})]
    assert wrong == []
