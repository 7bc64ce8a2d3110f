"""Where to direct somebody who needs help: read from help.toml, nothing invented, slips told."""

from pathlib import Path

import pytest

from barometre.questionnaire.load import load_town
from tests.data import BOURG_FICTIF, bourg_fictif, niort
from tests.questionnaire.test_load import copy_town, find_defects

#: emergency and listening numbers of the whole country
OFFICIAL = {"15", "17", "18", "112", "114", "115", "119", "3018", "3114", "3919", "3977"}

ENTRY = """
[[help]]
id = "papiers"
need = "Des papiers à remplir"
who = "Maison du Moulin"
where = "Place du Moulin, le mardi matin"
phone = "01 23 45 67 89"
quartiers = ["MOULIN"]
source = "bulletin inventé"
source_line = 8
confirmed = true
"""


def write_town(tmp_path: Path, text: str) -> Path:
    """The invented town with a sheet of help."""
    folder = copy_town(BOURG_FICTIF, tmp_path, {})
    (folder / "help.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_town_may_have_no_sheet_yet() -> None:
    assert bourg_fictif().help == ()


def test_an_entry_is_read(tmp_path: Path) -> None:
    (entry,) = load_town(write_town(tmp_path, ENTRY)).help
    assert (entry.id, entry.need, entry.who) == ("papiers", "Des papiers à remplir", "Maison du Moulin")
    assert (entry.where, entry.phone) == ("Place du Moulin, le mardi matin", "01 23 45 67 89")
    assert (entry.quartiers, entry.source_line, entry.confirmed) == (("MOULIN",), 8, True)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('need = "Des papiers à remplir"', 'need = " "', "“need” is empty"),
        ('who = "Maison du Moulin"\n', "", "“who” is missing"),
        ('source = "bulletin inventé"\n', "", "“source” is missing"),
        ("source_line = 8", "source_line = 0", "“source_line” is 0"),
        ('quartiers = ["MOULIN"]', 'quartiers = ["MOULINS"]', "no quartier is called “MOULINS”"),
        ('phone = "01 23 45 67 89"', 'phone = "à demander"', "phone is “à demander”"),
        ("confirmed = true", "confirmed = false", "not confirmed, and no reason"),
        ("confirmed = true", "confirmed = true\ntelephone = 1", "nothing is called “telephone” here"),
        (
            'where = "Place du Moulin, le mardi matin"\nphone = "01 23 45 67 89"\n',
            "",
            "confirmed, and neither where nor phone",
        ),
        (
            "confirmed = true",
            "confirmed = true\nnational = true",
            "national, and without a phone or only for some",
        ),
    ],
)
def test_a_slip_is_told_with_its_mend(tmp_path: Path, old: str, new: str, reason: str) -> None:
    assert old in ENTRY
    (defect,) = find_defects(write_town(tmp_path, ENTRY.replace(old, new)))
    assert (defect.file, defect.place, defect.reason) == ("help.toml", "papiers", reason)
    assert defect.mend


def test_two_entries_are_told_apart(tmp_path: Path) -> None:
    told = {defect.reason for defect in find_defects(write_town(tmp_path, ENTRY + ENTRY))}
    assert "“papiers” is there twice" in told


def test_niort_invents_no_number_and_no_address() -> None:
    entries = niort().help
    national = [entry for entry in entries if entry.national]
    assert {entry.phone for entry in national} == OFFICIAL
    for entry in entries:
        if not entry.national:
            # The contract names structures; it prints neither their telephone nor their street.
            assert entry.source_line, entry.id
            assert not entry.phone, entry.id
        assert not entry.confirmed, entry.id


def test_niort_names_something_of_its_own_in_each_quartier() -> None:
    named = {quartier for entry in niort().help for quartier in entry.quartiers}
    assert named == {quartier.id for quartier in niort().quartiers}
