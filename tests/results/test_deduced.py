"""What 2023 did not print and what follows from its printed figures: two intervals, never a verdict."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest

from barometre.estimates.change import NOT_COMPARABLE
from barometre.estimates.disclosure import ALL
from barometre.questionnaire.town import PublishedFigure, Town
from barometre.results import deduced
from barometre.results.deduced import deduce_figures
from barometre.results.feasible import list_feasible
from tests.data import bourg_fictif, niort
from tests.results.test_findings import CB, PCSA, TCG, ask, find
from tests.results.test_pages import read_text, released
from tests.support import make_app


def change_figures(change: dict[str, dict[str, object]]) -> Town:
    """Niort with some printed figures changed."""
    town = niort()
    assert town.first_wave is not None
    published = town.first_wave.published
    assert published is not None
    figures = tuple(replace(figure, **change.get(figure.id, {})) for figure in published.figures)  # type: ignore[arg-type]
    wave = replace(town.first_wave, published=replace(published, figures=figures))
    return replace(town, waves=town.waves | {wave.id: wave})


def printed_at_once() -> Town:
    """Niort as if no figure could be a sum of two rounded ones."""
    first = niort().first_wave
    assert first is not None
    assert first.published is not None
    return change_figures({figure.id: {"may_be_sum": False} for figure in first.published.figures})


def test_two_figures_follow_from_those_that_were_printed() -> None:
    found = deduce_figures(niort())
    assert set(found) == {("securite", ALL), ("attachement", "PCSA")}
    assert found["securite", ALL].per_cent == (66, 69)
    assert found["attachement", "PCSA"].per_cent == (55, 66)
    assert [source.id for source in found["attachement", "PCSA"].sources] == [
        "ATTACH-ALL",
        "ATTACH-CB",
        "ATTACH-TCG",
    ]
    assert deduce_figures(bourg_fictif()) == {}


def test_the_intervals_are_those_of_the_design() -> None:
    for town, safety, attachment in (
        (printed_at_once(), (67.2, 67.9), (57.1, 63.2)),
        (niort(), (67.0, 68.4), (55.6, 65.8)),
    ):
        found = deduce_figures(town)
        for key, expected in ((("securite", ALL), safety), (("attachement", "PCSA"), attachment)):
            shares = [100 * x / m for x, m in found[key].counts]
            assert (round(min(shares), 1), round(max(shares), 1)) == expected, key


def test_a_deduced_figure_is_no_published_one() -> None:
    first = niort().first_wave
    assert first is not None
    assert first.published is not None
    for item, domain in deduce_figures(niort()):
        assert first.published.find(item, domain) == ()
    assert not issubclass(deduced.DeducedFigure, PublishedFigure)


def test_nothing_is_deduced_from_a_figure_that_cannot_be_compared() -> None:
    assert ("securite", ALL) not in deduce_figures(change_figures({"SECU-CB": {"comparability": "no"}}))


def test_nothing_is_deduced_while_two_are_missing() -> None:
    # Satisfaction is printed for all and for one quartier.
    assert not {key for key in deduce_figures(niort()) if key[0] == "satisfaction"}


def test_an_interval_too_wide_to_help_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    words = {"kind": "text", "may_be_sum": False, "lower": 55.0, "upper": 65.0}
    assert ("attachement", "PCSA") not in deduce_figures(change_figures({"ATTACH-ALL": words}))
    monkeypatch.setattr(deduced, "WIDEST", 2)
    assert deduce_figures(niort()) == {}


def test_nothing_is_compared_with_a_deduced_figure() -> None:
    found = find(*(ask(q, {4: 60, 3: 30, 2: 10, 1: 10}, "attachement") for q in (CB, TCG, PCSA)))
    finding = found.by_domain["attachement", "PCSA"]
    assert finding.deduced is not None
    assert finding.against is None
    assert finding.verdict is not None
    assert (finding.verdict.word, finding.verdict.reasons) == (NOT_COMPARABLE, ("no_figure",))
    assert finding.verdict.envelope is None
    assert found.by_domain["attachement", "CB"].deduced is None


def test_a_figure_that_may_be_a_sum_has_the_counts_of_both_readings() -> None:
    first = niort().first_wave
    assert first is not None
    assert first.published is not None
    for figure in first.published.figures:
        once = list_feasible(replace(figure, may_be_sum=False))
        assert figure.may_be_sum == (figure.kind == "rounded" and len(figure.codes) == 2), figure.id
        assert set(once) <= set(list_feasible(figure))
    (safety,) = first.published.find("securite", "TCG")
    assert (24, 35) in list_feasible(safety)
    assert (24, 35) not in list_feasible(replace(safety, may_be_sum=False))


def test_pages_show_it_as_deduced_with_its_lines(sqlite_url: str) -> None:
    app = released(make_app(sqlite_url), 90)
    page = read_text(app, "/quartiers/pontreau-colline-saint-andre")
    assert re.search(r"déduit : entre 55 et 66\s%", page)
    assert re.search(r"de l’ensemble \(62\s%\) et de ceux des autres quartiers", page)
    assert "contrat de ville, ligne 451" in page
    bases = [m for _, m in deduce_figures(niort())["attachement", "PCSA"].counts]
    assert f"sur {min(bases)} à {max(bases)} réponses" in page
    assert "l’intervalle que l’on en déduit est montré, il n’est pas comparé" in page
    assert re.search(r"déduit : entre 66 et 69\s%", read_text(app, "/"))
    published = read_text(app, "/chiffres-publies")
    assert "Ce qui s’en déduit" in published
    assert re.search(r"entre 55 et 66\s%\s+sur \d+ à \d+ réponses\D*451", published)
    assert re.search(r"entre 66 et 69\s%\s+sur \d+ à \d+ réponses\D*395", published)
    assert "arrondi avant ou après leur addition" in read_text(app, "/comment-l-enquete-a-ete-faite")


def test_the_picture_draws_no_bar_for_it(sqlite_url: str) -> None:
    app = released(make_app(sqlite_url), 90)
    page = unescape(app.test_client().get("/quartiers/pontreau-colline-saint-andre").get_data(as_text=True))
    picture = page.split('id="attachement"')[1].split("<svg")[1].split("</svg>")[0]
    past = picture.split("</desc>")[1].split(">2027<")[0]
    assert "non publié" in past
    assert 'stroke-dasharray="4 3"' in past
    assert 'fill="#3f78a9"' not in past
