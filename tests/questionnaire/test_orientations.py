"""What a town has bound itself to: read from orientations.toml, slips told with their mend."""

from pathlib import Path

import pytest

from barometre.questionnaire.load import load_town
from tests.data import BOURG_FICTIF, bourg_fictif, niort
from tests.questionnaire.test_load import copy_town, find_defects

FILE = """
source = "charte inventée"

[[orientation]]
id = "bus"
title = "Des bus pour tous"
source_line = 12
items = ["trajets_bus"]

[[orientation]]
id = "emploi"
title = "Du travail près d’ici"
source_line = 30
"""


def write_town(tmp_path: Path, text: str) -> Path:
    """The invented town with orientations."""
    folder = copy_town(BOURG_FICTIF, tmp_path, {})
    (folder / "orientations.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_town_may_have_no_orientations() -> None:
    assert bourg_fictif().orientations == ()


def test_orientations_are_read_in_the_order_of_the_file(tmp_path: Path) -> None:
    bus, work = load_town(write_town(tmp_path, FILE)).orientations
    assert (bus.id, bus.title, bus.source_line, bus.items) == (
        "bus",
        "Des bus pour tous",
        12,
        ("trajets_bus",),
    )
    assert (work.id, work.items) == ("emploi", ())
    assert {bus.source, work.source} == {"charte inventée"}


@pytest.mark.parametrize(
    ("old", "new", "place", "reason"),
    [
        ('source = "charte inventée"\n', "", "", "“source” is missing"),
        ('title = "Des bus pour tous"', 'title = " "', "bus", "“title” is empty"),
        ("source_line = 12\n", "", "bus", "“source_line” is missing"),
        ("source_line = 12", "source_line = 0", "bus", "“source_line” is 0"),
        ('items = ["trajets_bus"]', 'items = ["metro"]', "bus", "no indicator is of “metro”"),
        (
            'items = ["trajets_bus"]',
            'items = ["trajets_bus", "trajets_bus"]',
            "bus",
            "“trajets_bus” is there twice",
        ),
        ('items = ["trajets_bus"]', 'item = ["trajets_bus"]', "bus", "nothing is called “item” here"),
    ],
)
def test_a_slip_is_told_with_its_mend(tmp_path: Path, old: str, new: str, place: str, reason: str) -> None:
    assert old in FILE
    (defect,) = find_defects(write_town(tmp_path, FILE.replace(old, new, 1)))
    assert (defect.file, defect.place, defect.reason) == ("orientations.toml", place, reason)
    assert defect.mend


def test_two_orientations_are_told_apart(tmp_path: Path) -> None:
    twice = FILE.replace('id = "emploi"', 'id = "bus"')
    told = {defect.reason for defect in find_defects(write_town(tmp_path, twice))}
    assert "“bus” is there twice" in told


def test_a_file_without_any_orientation_is_told(tmp_path: Path) -> None:
    (defect,) = find_defects(write_town(tmp_path, 'source = "charte inventée"\n'))
    assert (defect.reason, bool(defect.mend)) == ("no orientation", True)


def test_niort_has_the_six_chapters_of_its_contract_in_order() -> None:
    found = niort().orientations
    assert len(found) == 6
    lines = [orientation.source_line for orientation in found]
    assert lines == sorted(set(lines))
    assert all(orientation.title and orientation.source for orientation in found)
