"""« Dites / Ne dites pas »: a pair of sentences for every state, verdict and reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest
from flask import Flask

from barometre.demonstration import fill
from barometre.estimates.change import DOWN, NO_CHANGE_SHOWN, NOT_COMPARABLE, UP, Envelope, Verdict
from barometre.estimates.disclosure import (
    ALL,
    BAND,
    CAUTION,
    MASKED,
    NO_PERCENTAGE,
    NOT_ASKED,
    PLAIN,
    Shown,
)
from barometre.estimates.proportions import Estimate
from barometre.i18n import format_percent, round_percent
from barometre.questionnaire.town import Town
from barometre.results.findings import Finding
from barometre.results.labels import domain_label
from barometre.results.sources import fetch_published
from barometre.results.tables import write_blocks
from barometre.results.verdicts import VerdictView, verdict_label, write_verdict
from barometre.results.wording import Advice, advise
from tests.support import ROOT, make_app

STATES = {
    PLAIN: Shown("CB", PLAIN, 80),
    CAUTION: Shown("CB", CAUTION, 40),
    NO_PERCENTAGE: Shown("CB", NO_PERCENTAGE, 20),
    MASKED: Shown("CB", MASKED),
    "below": Shown("CB", BAND, 60, ("below", 9)),
    "above": Shown("CB", BAND, 60, ("above", 91)),
    NOT_ASKED: Shown("CB", NOT_ASKED),
}
REASONS = {
    UP: [()],
    DOWN: [()],
    NO_CHANGE_SHOWN: [(), ("rounding",), ("weighting",), ("multiplicity",), ("rounding", "weighting")],
    NOT_COMPARABLE: [
        ("no_figure",), ("quartier_absent",), ("first_masked",), ("first_small_base",),
        ("first_not_asked",), ("impossible_figure",),
    ],
}  # fmt: skip
#: the whole range of differences: up, down, both ways
DIFFERENCES = [(0.02, 0.06), (-0.06, -0.02), (-0.02, 0.02)]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The demonstration."""
    app = make_app(f"sqlite:///{tmp_path_factory.mktemp('wording') / 'b.sqlite'}", demonstration=True)
    with app.extensions["database"].write() as session:
        fill(session, app.extensions["town"])
    yield app
    app.extensions["database"].engine.dispose()


def estimate(low: float, value: float, high: float, base: int = 80) -> Estimate:
    return Estimate(value, low, high, base, round(value * base), float(base), float(base))


def advise_on(
    town: Town, finding: Finding, item: str = "satisfaction", domain: str = "CB"
) -> tuple[Advice, ...]:
    """Through the same two steps as the page."""
    indicator, asked = town.indicator_of[item], town.current_wave.questionnaire.by_id[item]
    verdict = write_verdict(town, indicator, asked, domain, finding)
    return advise(town, indicator, asked, domain, finding, verdict, domain_label(town, domain))


def make_verdict(word: str, reasons: tuple[str, ...], difference: tuple[float, float]) -> Verdict:
    if word == NOT_COMPARABLE:
        return Verdict(word, reasons, None, None)
    envelope = Envelope(difference, -0.1, 0.1, 0.2, 0.3, 0, 0, 3)
    return Verdict(word, reasons, envelope, (0.2, 0.2), envelope)


CASES = [
    (state, word, reasons, difference)
    for state, word in product(STATES, REASONS)
    for reasons, difference in product(REASONS[word], DIFFERENCES)
]


@pytest.mark.parametrize(("state", "word", "reasons", "difference"), CASES)
@pytest.mark.parametrize("domain", ["CB", ALL])
def test_every_state_and_verdict_has_both_sentences(
    app: Flask,
    state: str,
    word: str,
    reasons: tuple[str, ...],
    difference: tuple[float, float],
    domain: str,
) -> None:
    shown = replace(STATES[state], domain=domain)
    finding = Finding(
        shown, estimate(0.6, 0.7, 0.8), {}, now=0.7, verdict=make_verdict(word, reasons, difference)
    )
    with app.test_request_context():
        pairs = advise_on(app.extensions["town"], finding, domain=domain)
    assert len(pairs) == (2 if state in (PLAIN, CAUTION) else 1)
    for pair in pairs:
        assert pair.say
        assert pair.avoid
        assert pair.why
        assert pair.say != pair.avoid
        assert "%(" not in pair.say + pair.avoid + pair.why


def test_the_reasons_of_the_verdict_stand_with_the_advice(app: Flask) -> None:
    with app.test_request_context():
        town = app.extensions["town"]
        for reason in ("rounding", "weighting", "multiplicity"):
            verdict = make_verdict(NO_CHANGE_SHOWN, (reason,), (0.02, 0.06))
            finding = Finding(STATES[PLAIN], estimate(0.6, 0.7, 0.8), {}, now=0.7, verdict=verdict)
            indicator, asked = town.indicator_of["satisfaction"], town.current_wave.questionnaire.by_id
            view = write_verdict(town, indicator, asked["satisfaction"], "CB", finding)
            assert view is not None
            assert view.reasons[0] in advise_on(town, finding)[1].why


@pytest.mark.parametrize(
    ("difference", "tempting"),
    [
        ((0.02, 0.06), "La situation s’est améliorée depuis 2023."),
        ((-0.06, -0.02), "La situation s’est dégradée depuis 2023."),
        ((-0.02, 0.02), "Rien n’a changé depuis 2023."),
    ],
)
def test_a_change_that_is_not_shown_is_neither_better_nor_worse_nor_nothing(
    app: Flask, difference: tuple[float, float], tempting: str
) -> None:
    verdict = make_verdict(NO_CHANGE_SHOWN, (), difference)
    finding = Finding(STATES[PLAIN], estimate(0.6, 0.7, 0.8), {}, now=0.7, verdict=verdict)
    with app.test_request_context():
        change = advise_on(app.extensions["town"], finding)[1]
    assert change.avoid == tempting
    assert "on ne peut pas dire que cela a changé" in change.say


def test_a_small_base_speaks_of_those_who_answered_not_of_the_quartier(app: Flask) -> None:
    with app.test_request_context():
        level = advise_on(
            app.extensions["town"], Finding(STATES[CAUTION], estimate(0.55, 0.7, 0.82, 40), {})
        )[0]
    assert "parmi les 40 personnes qui ont répondu" in level.say
    assert "des habitants du quartier" in level.avoid
    assert "55" in level.why
    assert "82" in level.why


def test_a_half_that_is_undecided_is_no_majority(app: Flask) -> None:
    with app.test_request_context():
        town = app.extensions["town"]
        unsure = advise_on(town, Finding(STATES[PLAIN], estimate(0.45, 0.54, 0.63), {}))[0]
        sure = advise_on(town, Finding(STATES[PLAIN], estimate(0.55, 0.64, 0.73), {}))[0]
    assert "la majorité" in unsure.avoid
    assert "la majorité" not in sure.avoid


def test_a_hidden_share_is_in_no_sentence(app: Flask) -> None:
    told = estimate(0.6123, 0.7345, 0.8456)
    with app.test_request_context():
        for state in (MASKED, NO_PERCENTAGE, "below", "above", NOT_ASKED):
            (pair,) = advise_on(app.extensions["town"], Finding(STATES[state], told, {}))
            assert not any(number in repr(pair) for number in ("73", "61", "85"))


def test_a_new_question_is_compared_with_nothing(app: Flask) -> None:
    with app.test_request_context():
        pairs = advise_on(app.extensions["town"], Finding(STATES[PLAIN], estimate(0.6, 0.7, 0.8), {}))
    assert "nouvelle" in pairs[1].say


def test_only_a_change_announced_before_fieldwork_is_told_without_reserve(app: Flask) -> None:
    town: Town = app.extensions["town"]
    indicator, item = town.indicator_of["satisfaction"], town.current_wave.questionnaire.by_id["satisfaction"]
    finding = Finding(STATES[PLAIN], estimate(0.6, 0.7, 0.8), {})
    with app.test_request_context():
        for word in (UP, DOWN):
            view = VerdictView(word, verdict_label(word), "", "", (), (), exploratory=False)
            key = advise(town, indicator, item, ALL, finding, view, "Ici")[1]
            other = advise(town, indicator, item, ALL, finding, replace(view, exploratory=True), "Ici")[1]
            assert "pas une preuve" not in key.say
            assert "grâce à" in key.avoid
            assert "pas une preuve" in other.say
            assert "prouvé" in other.avoid


def test_every_figure_of_the_demonstration_is_advised_on(app: Flask) -> None:
    town: Town = app.extensions["town"]
    met = set()
    with app.test_request_context():
        published = fetch_published()
        assert published is not None
        for block in write_blocks(town, published.findings, town.indicators):
            for row in block.rows:
                finding = published.findings.by_domain[(block.item, row.cell.domain)]
                pairs = advise_on(town, finding, block.item, row.cell.domain)
                assert all(pair.say and pair.avoid and pair.why for pair in pairs), (block.item, row)
                met.add(finding.shown.state)
    assert {PLAIN, BAND, NO_PERCENTAGE, MASKED} <= met


@pytest.mark.parametrize(
    ("people", "base"), [(23, 40), (46, 80), (69, 120), (92, 160), (115, 200), (109, 200)]
)
def test_a_half_is_rounded_the_same_way_wherever_it_is_told(app: Flask, people: int, base: int) -> None:
    """100 times the binary number nearest to 0.575 is below 57.5: a sentence said 57, the table 58."""
    share = people / base
    with app.test_request_context("/"):
        assert format_percent(share) == f"{round_percent(share)}\u202f%"


def test_shares_are_rounded_by_one_function() -> None:
    for path in (ROOT / "barometre" / "results").rglob("*.py"):
        found = re.findall(r"round\(100 \* ([^)]+)\)", path.read_text(encoding="utf-8"))
        shares = [what for what in found if not re.fullmatch(r"[A-Z_]+|share, 1|difference, .*", what)]
        assert not shares, (path, shares)
