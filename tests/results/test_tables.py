"""What a page shows of the findings: nothing hidden, nothing invented, four verdicts."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace

import numpy as np
import pytest
from flask import Flask

from barometre.estimates.counts import Counts
from barometre.estimates.disclosure import ALL
from barometre.results.findings import find_results
from barometre.results.tables import DomainRow, ItemBlock, write_blocks
from tests.data import make_counts, niort
from tests.support import make_app

LABELS = {
    "up": "▲ En hausse",
    "down": "▼ En baisse",
    "no_change_shown": "● Pas de changement démontré",
    "not_comparable": "Comparaison impossible",
}


@pytest.fixture
def app(sqlite_url: str) -> Iterator[Flask]:
    """The application, for its words, on the page of a French reader."""
    app = make_app(sqlite_url)
    with app.test_request_context("/"):
        yield app
    app.extensions["database"].engine.dispose()


def draw_counts(seed: int, interviews: int) -> Counts:
    """Random interviews of Niort, few in one quartier."""
    random = np.random.default_rng(seed)
    asked = niort().current_wave.questionnaire
    groups = []
    for _interview in range(interviews):
        codes = {
            item.id: int(random.choice([*sorted(item.scale.codes), 97]))
            for item in asked.closed_items
            if item.scale
        }
        codes["quartier"] = int(random.choice([1, 2, 3], p=[0.55, 0.4, 0.05]))
        codes["satisfaction"] = int(random.choice([4, 3, 2, 1], p=[0.6, 0.36, 0.02, 0.02]))
        groups.append((1, codes))
    return make_counts(asked, groups)


def write(counts: Counts) -> list[ItemBlock]:
    """Every block."""
    return write_blocks(niort(), find_results(niort(), counts), niort().indicators)


def list_values(found: object) -> Iterator[object]:
    """Everything inside, however deep."""
    if is_dataclass(found):
        for field in fields(found):
            yield from list_values(getattr(found, field.name))
    elif isinstance(found, (tuple, list)):
        for value in found:
            yield from list_values(value)
    else:
        yield found


def assert_no_number(found: object) -> None:
    """No number, and no digit in the words but in the name of a wave or of a domain."""
    for value in list_values(found):
        assert not isinstance(value, (int, float)) or isinstance(value, bool), found
        if isinstance(value, str):
            words = re.sub(r"\b20\d\d\b|Les 3 quartiers ensemble", "", value)
            assert not re.search(r"\d", words), found


def rows_of(blocks: list[ItemBlock], state: str) -> list[tuple[ItemBlock, DomainRow]]:
    """Rows shown in one state."""
    return [(block, row) for block in blocks for row in block.rows if row.cell.state == state]


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("seed", range(3))
def test_a_masked_cell_carries_no_number_anywhere(seed: int) -> None:
    blocks = write(draw_counts(seed, 140))
    masked = rows_of(blocks, "masked")
    assert masked
    for block, row in masked:
        assert_no_number(row.cell)
        assert row.verdict is None or row.verdict.word == "not_comparable"
        if row.verdict:
            assert (row.verdict.difference, row.verdict.interval) == ("", "")
            assert_no_number(row.verdict.reasons)
            assert row.verdict.cautions == ()
        if row.cell.domain == ALL:
            assert_no_number(block.headline)


@pytest.mark.usefixtures("app")
def test_everything_is_masked_under_eleven_interviews() -> None:
    blocks = write(draw_counts(7, 9))
    assert {row.cell.state for block in blocks for row in block.rows} <= {"masked", "not_asked"}
    for block in blocks:
        assert_no_number(block.headline)
        for row in block.rows:
            assert_no_number(row.cell)


@pytest.mark.usefixtures("app")
def test_a_share_is_shown_only_where_the_base_allows_it() -> None:
    blocks = write(draw_counts(1, 140))
    states = {row.cell.state for block in blocks for row in block.rows}
    assert {"plain", "caution", "masked", "band"} <= states
    for block in blocks:
        for row in block.rows:
            cell = row.cell
            exact = cell.state in ("plain", "caution")
            assert (cell.share is not None) == (cell.low is not None) == (cell.high is not None) == exact
            assert bool(cell.segments) == exact
            assert bool(cell.band) == (cell.state == "band")
            if exact:
                assert cell.low <= cell.share <= cell.high  # type: ignore[operator]
                assert sum(segment.share for segment in cell.segments) == pytest.approx(1)


@pytest.mark.usefixtures("app")
def test_a_band_tells_its_limit_and_no_share() -> None:
    blocks = write(draw_counts(1, 140))
    for block, row in rows_of(blocks, "band"):
        assert row.cell.band.startswith(("moins de", "plus de"))
        assert row.cell.sentence.startswith(("Moins de", "Plus de"))
        assert row.verdict is None or row.verdict.reasons
        assert block.item


@pytest.mark.usefixtures("app")
def test_the_figures_of_2023_are_printed_unchanged_beside_their_question() -> None:
    published = niort().waves["2023"].published
    assert published is not None
    blocks = {block.item: block for block in write(draw_counts(2, 140))}
    seen = set()
    for block in blocks.values():
        for row in block.rows:
            own, joint = (
                find(block.item, row.cell.domain) for find in (published.find, published.find_joint)
            )
            figures = own + joint
            # What is printed for two quartiers is nobody's own: named as theirs, and not drawn.
            for past in row.past[len(own) :]:
                assert past.value is None
                assert "Clou Bouchet + Tour Chabot Gavacherie" in past.codes_label
            assert [(past.printed, past.source_line) for past in row.past] == [
                (figure.printed, figure.source_line) for figure in figures
            ]
            seen |= {figure.id for figure in figures}
    assert seen == {figure.id for figure in published.figures}


@pytest.mark.usefixtures("app")
def test_a_figure_of_two_quartiers_is_not_said_to_be_unpublished() -> None:
    (block,) = [found for found in write(draw_counts(2, 140)) if found.item == "equip_environnement"]
    rows = {row.cell.domain: row for row in block.rows}
    for domain in ("CB", "TCG"):
        assert [past.printed for past in rows[domain].past] == ["au moins 75\u202f%"]
        verdict = rows[domain].verdict
        assert verdict is not None
        assert verdict.reasons == ("Le document donne un minimum, pas un chiffre.",)


@pytest.mark.usefixtures("app")
def test_what_2023_did_not_publish_is_empty_and_not_compared() -> None:
    (block,) = [found for found in write(draw_counts(2, 140)) if found.item == "satisfaction"]
    rows = {row.cell.domain: row for row in block.rows}
    for domain in ("CB", "PCSA"):
        assert rows[domain].past == ()
        verdict = rows[domain].verdict
        assert verdict is not None
        assert verdict.word == "not_comparable"
        assert verdict.reasons == ("Le chiffre de la première enquête n’a pas été publié.",)


@pytest.mark.usefixtures("app")
def test_a_new_question_has_neither_past_nor_verdict() -> None:
    new = [block for block in write(draw_counts(2, 140)) if block.new]
    assert "proprete" in {block.item for block in new}
    for block in new:
        assert all(row.past == () and row.verdict is None for row in block.rows)


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("seed", range(3))
def test_there_are_four_public_verdicts_and_each_has_its_reason(seed: int) -> None:
    counts = draw_counts(seed, 400)
    found = find_results(niort(), counts).by_domain
    verdicts = [
        (found[block.item, row.cell.domain].against, row.verdict)
        for block in write(counts)
        for row in block.rows
        if row.verdict
    ]
    assert verdicts
    for figure, verdict in verdicts:
        assert verdict.label == LABELS[verdict.word]
        if verdict.word == "not_comparable":
            assert verdict.reasons
            assert (verdict.difference, verdict.interval) == ("", "")
        else:
            assert "quelle que soit la base exacte" in verdict.interval
            # From a figure printed as words nothing can be subtracted: the interval alone is told.
            in_digits = figure is not None and figure.drawn is not None
            assert bool(re.fullmatch(r"[+−]?\d+\s+points?", verdict.difference)) == in_digits
    assert {"up", "not_comparable"} <= {verdict.word for _figure, verdict in verdicts}


@pytest.mark.usefixtures("app")
def test_a_figure_printed_as_words_is_not_drawn() -> None:
    past = [figure for block in write(draw_counts(2, 140)) for row in block.rows for figure in row.past]
    words = {figure.id for figure in past if figure.value is None}
    assert {"LIENS-APPROF-ALL", "FREQ-NEVER-CB", "EQUIP_SERV_PUB-CB"} <= words
    assert all(0 < figure.value < 1 for figure in past if figure.value is not None)


@pytest.mark.usefixtures("app")
def test_a_page_of_one_quartier_has_its_rows_only() -> None:
    findings = find_results(niort(), draw_counts(2, 140))
    for block in write_blocks(niort(), findings, niort().indicators, ("TCG",)):
        assert [row.cell.domain for row in block.rows] == ["TCG"]
        assert block.headline.startswith(block.rows[0].cell.sentence)


@pytest.mark.usefixtures("app")
def test_a_question_put_to_some_quartiers_names_them() -> None:
    counts = draw_counts(2, 140)
    elsewhere = counts.axis("quartier") == 3
    n = counts.n.copy()
    place = counts.position["conseil_cc1"]
    n[elsewhere, place] = 0
    n[elsewhere, place, 0] = counts.interviews[elsewhere]
    blocks = {block.item: block for block in write(replace(counts, n=n))}
    assert blocks["conseil_cc1"].only_in == "Clou Bouchet, Tour Chabot Gavacherie"
    assert blocks["satisfaction"].only_in == ""
