"""What statisticians see of one indicator: the published figure, other methods beside it, and no more."""

import re
from collections.abc import Mapping
from dataclasses import astuple, replace
from html import unescape

import numpy as np
import pytest
from flask import Flask

from barometre.estimates.counts import Counts
from barometre.estimates.disclosure import ALL
from barometre.estimates.margins import (
    MERGED,
    MORE_THAN_LIVE,
    NOBODY_ANSWERED,
    NOBODY_LIVES,
    NOT_THE_TOTAL,
    SET_APART,
    UNEQUAL,
    UNKNOWN,
    Note,
    WeightingError,
)
from barometre.questionnaire.definition import DONT_KNOW
from barometre.results.expert import _write_note, write_problem
from barometre.results.findings import find_results
from barometre.results.precision import list_weights, measure_precision
from tests.data import make_counts, niort
from tests.support import give_account, leave_eligible, make_app, sign_in, store_interview

INDICATOR = niort().indicator_of["satisfaction"]
#: quartier → age → people of each answer, the best first
Sample = Mapping[int, Mapping[int, tuple[int, int, int, int]]]
USUAL: Sample = {quartier: {2: (5, 10, 4, 3), 3: (9, 14, 6, 5), 5: (8, 9, 5, 3)} for quartier in (1, 2, 3)}


def count(sample: Sample, silent: Mapping[int, int] | None = None) -> Counts:
    """Counts of `sample`, and by quartier people of 40 who did not know."""
    groups = [
        (people, {"quartier": quartier, "secteur": 1, "age": age, "sexe": 1, "satisfaction": 4 - place})
        for quartier, ages in sample.items()
        for age, answers in ages.items()
        for place, people in enumerate(answers)
    ]
    groups += [
        (people, {"quartier": quartier, "secteur": 1, "age": 3, "sexe": 1, "satisfaction": DONT_KNOW})
        for quartier, people in (silent or {}).items()
    ]
    return make_counts(niort().current_wave.questionnaire, groups)


def test_the_first_figure_is_the_published_one() -> None:
    counts = count(USUAL)
    findings = find_results(niort(), counts)
    for domain, (_, found) in measure_precision(niort(), counts, INDICATOR).items():
        assert found is not None
        shown = findings.by_domain["satisfaction", domain].estimate
        assert shown is not None
        # The same sums in another order: the last bit may differ.
        assert astuple(found.raked) == pytest.approx(astuple(shown), rel=1e-12)
        assert (
            found.plain.base
            == found.raked.base
            == sum(map(sum, USUAL[1].values())) * (3 if domain == ALL else 1)
        )


def test_every_interval_holds_its_figure_and_the_correction_narrows_it() -> None:
    for _, found in measure_precision(niort(), count(USUAL), INDICATOR).values():
        assert found is not None
        assert found.corrected is not None
        assert (
            found.raked.low < found.corrected[0] < found.raked.value < found.corrected[1] < found.raked.high
        )
        assert set(found.options) == {"korn_graubard", "clopper_pearson", "logit", "wald"}
        for low, high in found.options.values():
            assert low < found.raked.value < high
        assert found.standard_error
        assert found.options["wald"][1] - found.raked.value == pytest.approx(
            1.97 * found.standard_error, rel=0.02
        )


def test_a_hidden_figure_is_measured_by_nothing() -> None:
    few: Sample = USUAL | {2: {3: (2, 3, 1, 1)}}
    found = measure_precision(niort(), count(few), INDICATOR)
    assert found["TCG"][1] is None
    # Another one hides it, and nothing more is told of all together than the other pages tell.
    assert sum(found[quartier][1] is None for quartier in ("CB", "TCG", "PCSA")) >= 2
    assert found[ALL][0].exact
    assert found[ALL][1] is None


@pytest.mark.parametrize(
    ("silent", "told"),
    [
        ({}, set()),
        ({1: 2, 2: 1, 3: 1}, set()),
        ({1: 9, 2: 6, 3: 2}, {ALL}),
        ({1: 9, 2: 6, 3: 5}, {"CB", "TCG", "PCSA", ALL}),
    ],
)
def test_a_few_silent_people_follow_from_no_bound(silent: Mapping[int, int], told: set[str]) -> None:
    measured = measure_precision(niort(), count(USUAL, silent), INDICATOR)
    assert {domain for domain, (_, found) in measured.items() if found and found.asked} == told
    for _, found in measured.values():
        if found and found.asked:
            everybody, (low, high) = found.asked
            assert low < found.plain.value < high
            assert everybody.base > found.plain.base


def test_very_unequal_weights_are_said() -> None:
    lopsided: Sample = USUAL | {3: {2: (1, 1, 0, 0), 3: (40, 30, 8, 7), 5: (10, 9, 5, 3)}}
    weights = {found.quartier: found for found in list_weights(niort(), count(lopsided))}
    assert weights["PCSA"].unequal
    assert weights["PCSA"].ratio > 5
    assert UNEQUAL in {note.kind for note in weights["PCSA"].notes}
    assert not weights["CB"].unequal
    assert UNEQUAL not in {note.kind for note in weights["CB"].notes}


def test_margins_that_cannot_be_met_leave_one_weight_for_a_quartier() -> None:
    town = niort()
    wave = town.current_wave
    assert wave.design is not None
    margins = {name: dict(tables) for name, tables in wave.design.margins.items()}
    margins["CB"]["age"] = dict(margins["CB"]["age"]) | {"25_59": 0.0, "60plus": 2214.0}
    broken = replace(wave, design=replace(wave.design, margins=margins))
    town = replace(town, waves=dict(town.waves) | {wave.id: broken})
    found = {w.quartier: w for w in list_weights(town, count(USUAL))}
    assert found["CB"].ratio == pytest.approx(1)
    measured = measure_precision(town, count(USUAL), INDICATOR)
    assert measured["CB"][1] is not None
    assert measured["CB"][1].bounded is None


def test_the_analyst_reads_it_on_a_page(sqlite_url: str) -> None:
    app = fill(make_app(sqlite_url))
    give_account(app, "ana", "analyst")
    client = sign_in(app.test_client(), "ana")
    page = unescape(client.get("/desk/precision?item=securite").get_data(as_text=True))
    assert "Korn-Graubard" in page
    assert "base efficace" in page.lower()
    assert client.get("/desk/precision?item=nothing").status_code == 404


def test_rules_and_problems_are_told_with_names(app_context: Flask) -> None:
    with app_context.test_request_context():
        said = [
            _write_note(Note("CB", MERGED, "age", "lt25", "25_59")),
            _write_note(Note("CB", SET_APART, "age", UNKNOWN)),
            write_problem(WeightingError("CB", "lt25", NOBODY_LIVES)),
            write_problem(WeightingError("CB", "age", NOT_THE_TOTAL)),
            write_problem(WeightingError("CB", "all", MORE_THAN_LIVE)),
            write_problem(WeightingError(ALL, "TCG", NOBODY_ANSWERED)),
        ]
    for sentence in said:
        assert not re.search(r"\b(lt25|25_59|age|CB|TCG|NR|all|ALL)\b", sentence), sentence
    assert "Moins de 25 ans" in said[0]
    assert said[2].startswith("Clou Bouchet, Moins de 25 ans")


@pytest.fixture
def app_context(sqlite_url: str) -> Flask:
    """Niort."""
    return make_app(sqlite_url)


def test_the_page_opens_before_the_first_interview(sqlite_url: str) -> None:
    app = make_app(sqlite_url)
    give_account(app, "ana", "analyst")
    page = sign_in(app.test_client(), "ana").get("/desk/precision")
    assert page.status_code == 200
    assert "Aucun entretien" in page.get_data(as_text=True)


def fill(app: Flask) -> Flask:
    """Niort with ninety interviews."""
    town, database = app.extensions["town"], app.extensions["database"]
    asked = town.current_wave.questionnaire
    for number in range(90):
        answers = {
            item.id: item.scale.options[(number + 3 * place) % len(item.scale.options)].code
            for place, item in enumerate(asked.closed_items)
        }
        store_interview(database, town, leave_eligible(asked, answers))
    return app


def test_the_weights_do_not_depend_on_the_order_of_cells() -> None:
    counts = count(USUAL)
    shuffled = counts.where(np.ones(len(counts.cells), bool))
    order = np.random.default_rng(7).permutation(len(counts.cells))
    shuffled = replace(
        shuffled,
        cells=counts.cells[order],
        interviews=counts.interviews[order],
        n=counts.n[order],
    )
    found, again = (measure_precision(niort(), c, INDICATOR)[ALL][1] for c in (counts, shuffled))
    assert found is not None
    assert again is not None
    assert again.standard_error == pytest.approx(found.standard_error, rel=1e-9)
    assert again.raked.value == pytest.approx(found.raked.value, rel=1e-12)
