"""The two waves side by side for staff: the same figures as the public pages, sorted, filtered, explained."""

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient

from barometre.demonstration import store_simulation
from barometre.estimates.change import DOWN, NO_CHANGE_SHOWN, NOT_COMPARABLE, UP
from barometre.estimates.disclosure import ALL
from barometre.results.charts import Change, ChangeGroup, draw_changes
from barometre.results.choices import TableState
from barometre.results.comparing import Compared, list_breaks, list_compared, sort_rows
from barometre.results.explained import may_detail
from barometre.results.findings import Findings, find_results
from barometre.storage.counts import fetch_counts
from tests.data import niort, publish_now
from tests.support import give_account, make_app, sign_in


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Niort with the interviews of the demonstration, released."""
    folder: Path = tmp_path_factory.mktemp("compare")
    app = make_app(f"sqlite:///{folder / 'barometre.sqlite'}")
    with app.extensions["database"].write() as session:
        store_simulation(session, niort())
        publish_now(session, niort())
    give_account(app, "ana", "analyst")
    yield app
    app.extensions["database"].engine.dispose()


@pytest.fixture(scope="module")
def client(app: Flask) -> FlaskClient:
    return sign_in(app.test_client(), "ana")


@pytest.fixture(scope="module")
def findings(app: Flask) -> Findings:
    with app.extensions["database"].read() as session:
        counts = fetch_counts(session, niort().current_wave.id)
    assert counts is not None
    return find_results(niort(), counts)


@pytest.fixture
def rows(app: Flask, findings: Findings) -> list[Compared]:
    with app.test_request_context():
        return list_compared(niort(), findings)


def read(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return unescape(answer.get_data(as_text=True))


def list_labels(page: str) -> list[str]:
    """Titles of the questions in the table of differences, in its order."""
    table = page.split('aria-labelledby="ecarts"')[1].split("</table>")[0]
    return re.findall(r'<th scope="row" class="measure"><a [^>]*>([^<]*)</a>', table)


def test_every_verdict_of_the_findings_has_its_row(findings: Findings, rows: list[Compared]) -> None:
    words = {(row.item, row.domain): row.verdict.word for row in rows}
    told = {key: found.verdict.word for key, found in findings.by_domain.items() if found.verdict}
    assert words.items() <= told.items()
    left_out = told.keys() - words.keys()
    # Only where the question was not put.
    assert {findings.by_domain[key].shown.state for key in left_out if key[1] != ALL} <= {"not_asked"}
    assert set(words.values()) == {UP, DOWN, NO_CHANGE_SHOWN, NOT_COMPARABLE}


def test_what_is_hidden_has_no_share_no_difference_and_no_p(findings: Findings, rows: list[Compared]) -> None:
    hidden = [row for row in rows if not findings.by_domain[row.item, row.domain].shown.exact]
    assert hidden
    for row in hidden:
        assert (row.share, row.interval, row.points, row.p, row.verdict.difference) == (
            None, "", None, None, "",
        )  # fmt: skip


def test_p_values_are_told_only_where_the_annex_may_tell_them(
    findings: Findings, rows: list[Compared]
) -> None:
    assert any(row.p_like for row in rows)
    for row in rows:
        if row.p_like or row.p_raked:
            assert may_detail(niort(), findings, row.item, row.domain)


def test_the_middle_is_the_difference_of_the_rounded_figures(rows: list[Compared]) -> None:
    drawn = [row for row in rows if row.points]
    assert drawn
    for row in drawn:
        assert row.points is not None
        low, middle, high = row.points
        assert low <= high
        if middle is not None:
            assert f"{abs(middle):g}" in row.verdict.difference


def test_a_column_sorts_both_ways_and_keeps_what_has_no_value_last(rows: list[Compared]) -> None:
    up, down = (sort_rows(rows, "difference", descending=descending) for descending in (False, True))
    for ordered, descending in ((up, False), (down, True)):
        middles = [row.points[1] for row in ordered if row.points and row.points[1] is not None]
        assert middles == sorted(middles, reverse=descending)
    for ordered in (up, down):
        assert len(ordered) == len(rows)
        assert ordered[-1].points is None
    assert sort_rows(rows, "order", descending=False) == rows


def test_every_sentence_of_the_printed_figures_stands_among_the_breaks(app: Flask) -> None:
    first = niort().first_wave
    assert first is not None
    assert first.published is not None
    with app.test_request_context():
        breaks = list_breaks(niort())
        sentences = {found.sentence for found in breaks}
    used = {reason for figure in first.published.figures for reason in figure.reasons}
    assert len(sentences) == len(used)
    blocked = sum(figure.comparability == "no" for figure in first.published.figures)
    assert sum(found.figures for found in breaks if found.blocks) == blocked


def test_filters_are_links_and_narrow_the_table(client: FlaskClient) -> None:
    every = read(client, "/desk/compare?quartier=all")
    falls = read(client, "/desk/compare?quartier=all&verdict=down")
    assert 0 < len(list_labels(falls)) < len(list_labels(every))
    assert 'href="/desk/compare?quartier=all&verdict=down"' in every
    one = read(client, "/desk/compare?quartier=TCG").split('aria-labelledby="ecarts"')[1].split("</table>")[0]
    assert "Tour Chabot Gavacherie" in one
    assert "Clou Bouchet</small>" not in one
    assert list_labels(read(client, "/desk/compare?sort=question")) == sorted(
        list_labels(read(client, "/desk/compare")), key=str.casefold
    )
    assert 'aria-sort="ascending"' in read(client, "/desk/compare?sort=question")


def test_the_kind_of_a_question_filters_both_tables(client: FlaskClient) -> None:
    page = read(client, "/desk/compare?kind=new")
    assert "Aucune comparaison" in page
    table = page.split('aria-labelledby="correspondance"')[1].split("</table>")[0]
    assert "Nouvelle" in table
    assert "Identique" not in table


def test_what_is_not_known_in_the_address_is_left_aside(client: FlaskClient) -> None:
    assert list_labels(read(client, "/desk/compare?sort=nothing&theme=x&quartier=%27")) == list_labels(
        read(client, "/desk/compare")
    )


def test_the_page_says_which_figures_it_shows(client: FlaskClient) -> None:
    assert "Dernière publication, chiffres arrêtés le" in read(client, "/desk/compare")
    assert "Entretiens reçus jusqu’au" in read(client, "/desk/compare?from=live")


def test_a_figure_leads_to_how_it_was_computed_and_to_its_line(client: FlaskClient) -> None:
    page = read(client, "/desk/compare")
    for address in set(re.findall(r'href="(/desk/precision\?item=[^"]+)"', page)):
        assert client.get(address).status_code == 200, address
    printed = set(re.findall(r'href="/chiffres-publies#([^"]+)"', page))
    assert printed
    told = read(client, "/chiffres-publies")
    assert all(f'id="{name}"' in told for name in printed)


def test_the_picture_holds_what_the_table_says(client: FlaskClient, rows: list[Compared]) -> None:
    page = client.get("/desk/compare").get_data(as_text=True)
    figure = json.loads(page.split('id="figure">')[1].split("</script>")[0])
    drawn = {
        name: x
        for trace in figure["data"]
        if trace["mode"] == "markers"
        for name, x in zip(trace["y"], trace["x"], strict=True)
    }
    told = {row.label: row.points[1] for row in rows if row.domain == ALL and row.points}
    assert drawn == {name: middle for name, middle in told.items() if middle is not None}


def test_before_the_first_interview_the_page_says_so(sqlite_url: str) -> None:
    app = make_app(sqlite_url)
    give_account(app, "ana", "analyst")
    client = sign_in(app.test_client(), "ana")
    assert "Rien n’est encore publié" in read(client, "/desk/compare")
    assert "Aucun entretien" in read(client, "/desk/compare?from=live")


def test_a_change_that_was_printed_in_words_has_an_interval_and_no_mark() -> None:
    group = ChangeGroup("Rien", "#000000", "circle")
    figure = draw_changes([Change("A", -3, None, 5, 0), Change("B", 1, 2, 3, 0)], [group], ", ", rtl=True)
    lines, marks = figure["data"]
    assert lines["x"] == [-3, 5, None, 1, 3, None]
    assert (marks["x"], marks["y"]) == ([2], ["B"])
    assert figure["layout"]["yaxis"]["side"] == "right"


def test_a_link_keeps_the_other_choices_and_drops_the_usual_ones(app: Flask) -> None:
    known = {"quartier": ("ALL", "CB"), "sort": ("order", "p", "-p")}
    with app.test_request_context():
        state = TableState("compare.compare", {"quartier": "CB", "sort": "p"}, known)
        assert state.link(sort="order") == url_for("compare.compare", quartier="CB")
        assert state.head("p", "p").address == url_for("compare.compare", quartier="CB", sort="-p")
        assert state.head("p", "p").sorted == "ascending"
        assert state.head("", "p").address == ""
