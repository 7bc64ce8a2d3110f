"""What 2023 printed: the 78 figures are there, unchanged, each with its line, and no other."""

import csv
import re
import shutil
from pathlib import Path

import pytest

from barometre.estimates.published import feasible_counts
from barometre.questionnaire.defects import DefinitionError
from barometre.questionnaire.load import load_town
from barometre.questionnaire.town import PublishedWave
from barometre.results.feasible import list_feasible
from tests.data import NIORT, niort

#: id, domain, words or digits as printed, bounds and line, copied once from the contract and frozen
FROZEN = list(
    csv.DictReader((Path(__file__).parent / "baseline_2023.csv").read_text(encoding="utf-8").splitlines())
)
BY_ID = {row["id"]: row for row in FROZEN}


@pytest.fixture(scope="module")
def published() -> PublishedWave:
    """The first wave of Niort."""
    wave = niort().waves["2023"].published
    assert wave is not None
    return wave


def write_plainly(printed: str) -> str:
    """The printed words without their typography."""
    return printed.replace("\u202f", " ").replace("\u00a0", " ")


def test_every_figure_of_2023_is_there_and_none_is_invented(published: PublishedWave) -> None:
    ids = [found.id for found in (*published.sample, *published.figures, *published.open_themes)]
    assert len(FROZEN) == 78
    assert sorted(ids) == sorted(BY_ID)


def test_every_figure_is_printed_unchanged_with_its_line(published: PublishedWave) -> None:
    for found in (*published.sample, *published.figures, *published.open_themes):
        row = BY_ID[found.id]
        assert (write_plainly(found.printed), found.domain, found.source_line) == (
            row["printed"],
            row["domain"],
            int(row["source_line"]),
        ), found.id


def test_the_digits_that_are_printed_are_the_figure() -> None:
    for row in FROZEN:
        digits = re.fullmatch(r"(\d+) (?:%|habitants|réponses)", row["printed"])
        if digits:
            assert float(digits[1]) == float(row["value"]), row["id"]
            assert float(row["lower"]) <= float(row["value"]) <= float(row["upper"]), row["id"]


def test_every_share_keeps_its_value_and_its_bounds(published: PublishedWave) -> None:
    for figure in published.figures:
        row = BY_ID[figure.id]
        assert (figure.value, figure.lower, figure.upper) == tuple(
            float(row[name]) for name in ("value", "lower", "upper")
        ), figure.id


def test_a_figure_printed_as_words_is_not_drawn(published: PublishedWave) -> None:
    words = [figure for figure in published.figures if figure.kind != "rounded"]
    assert {"FREQ-NEVER-CB", "EQUIP_SERV_PUB-CB", "LIENS-APPROF-ALL", "EQUIP_ENVIR-CB+TCG"} <= {
        figure.id for figure in words
    }
    assert all(figure.drawn is None for figure in words)


def test_a_base_is_never_larger_than_the_interviews_of_its_domain(published: PublishedWave) -> None:
    for figure in published.figures:
        interviews = sum(published.interviews[part] for part in figure.domain.split("+"))
        assert figure.base_max <= interviews, figure.id


def test_a_comparable_figure_has_counts_behind_it(published: PublishedWave) -> None:
    comparable = [figure for figure in published.figures if figure.comparability != "no"]
    assert comparable
    for figure in comparable:
        assert list_feasible(figure), figure.id


def test_79_per_cent_of_35_people_is_impossible_on_the_whole_base(published: PublishedWave) -> None:
    (figure,) = published.find("satisfaction", "TCG")
    assert feasible_counts(79, 35, 35) == ()
    assert (27, 34) in list_feasible(figure)


def test_a_figure_that_covers_two_questions_or_two_quartiers_is_not_compared(
    published: PublishedWave,
) -> None:
    shared = [figure for figure in published.figures if len(figure.items) > 1 or "+" in figure.domain]
    assert {figure.id for figure in shared} == {
        "EQUIP_ANIM_CULT-ALL",
        "FREQ-REG-CB+TCG",
        "EQUIP_ENVIR-CB+TCG",
    }
    assert all(figure.comparability == "no" for figure in shared)


def test_only_a_rounded_figure_of_two_options_may_be_their_sum(tmp_path: Path) -> None:
    folder = tmp_path / "niort"
    shutil.copytree(NIORT, folder)
    file = folder / "2023" / "published.json"
    text = file.read_text(encoding="utf-8")
    place = '"codes": [1], "domain": "CB", "printed": "1/3", "kind": "text"'
    assert place in text
    file.write_text(text.replace(place, f'{place}, "may_be_sum": true'), encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        load_town(folder)
    (defect,) = caught.value.defects
    assert defect.place.endswith("FREQ-NEVER-CB")
    assert "may_be_sum" in defect.reason
