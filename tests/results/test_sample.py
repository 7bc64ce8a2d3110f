"""The sample beside the population: right shares, hidden small groups, rates by the book."""

import re
from collections.abc import Mapping
from html import unescape
from itertools import product

import numpy as np
import pytest
from flask import Flask

from barometre.demonstration import store_simulation
from barometre.estimates.counts import Counts
from barometre.estimates.disclosure import ALL
from barometre.estimates.margins import UNKNOWN
from barometre.questionnaire.definition import DONT_KNOW
from barometre.questionnaire.dispositions import DISPOSITIONS
from barometre.results.composition import Composition, compose, guard_table
from barometre.results.outcomes import NO_DOORS, NO_ELIGIBILITY, NOBODY, measure_rates
from barometre.results.weighting import compute_weights
from barometre.storage.counts import fetch_counts
from tests.data import make_counts, niort
from tests.support import give_account, make_app, sign_in

DESIGN = niort().current_wave.design
SMALLEST = 11


def count(people: Mapping[tuple[int, int, int], int]) -> Counts:
    """Counts of people by quartier, age and sex."""
    return make_counts(
        niort().current_wave.questionnaire,
        [
            (number, {"quartier": quartier, "secteur": 1, "age": age, "sexe": sexe, "satisfaction": 4})
            for (quartier, age, sexe), number in people.items()
        ],
    )


EVEN = dict.fromkeys(product((1, 2, 3), (2, 3, 5), (1, 2)), 12)


def read(counts: Counts) -> dict[tuple[str, str], Composition]:
    found = compose(niort(), counts, compute_weights(niort(), counts), SMALLEST)
    return {(one.variable, one.domain): one for one in found}


def test_shares_are_those_of_the_interviews_and_of_the_margins() -> None:
    assert DESIGN is not None
    found = read(count(EVEN))
    young = found["age", "CB"].parts[0]
    assert (young.class_id, young.interviews) == ("lt25", 24)
    assert young.sampled == pytest.approx(1 / 3)
    margin = DESIGN.margins["CB"]["age"]
    assert young.population == pytest.approx(margin["lt25"] / sum(margin.values()))
    assert young.gap == pytest.approx(1 / 3 - margin["lt25"] / sum(margin.values()))


def test_weights_close_the_gap_where_there_is_a_margin() -> None:
    for (variable, _domain), one in read(count(EVEN)).items():
        for part in one.parts:
            if variable != "sexe":
                assert part.gap_left == pytest.approx(0, abs=1e-6)


def test_what_has_no_margin_has_no_population_and_no_gap() -> None:
    for part in read(count(EVEN))["sexe", ALL].parts:
        assert (part.population, part.gap, part.gap_left) == (None, None, None)
        assert part.sampled == pytest.approx(1 / 2)


def test_whoever_did_not_tell_is_counted_apart_and_moves_no_share() -> None:
    found = read(count(EVEN | {(1, DONT_KNOW, 1): 3}))
    *known, unknown = found["age", "CB"].parts
    assert (unknown.class_id, unknown.interviews, unknown.sampled) == (UNKNOWN, 3, None)
    assert [part.sampled for part in known] == pytest.approx([1 / 3] * 3)
    # And hides nobody: it is no secret.
    assert all(part.interviews == 24 for part in known)


def test_a_small_group_is_hidden_with_others_and_so_are_the_weighted_shares() -> None:
    found = read(count(EVEN | {(2, 2, 1): 1, (2, 2, 2): 1}))
    parts = {part.class_id: part for part in found["age", "TCG"].parts}
    assert parts["lt25"].interviews is None
    assert sum(part.interviews is None for part in parts.values()) >= 2
    assert all(part.weighted is None for part in found["age", "TCG"].parts)
    assert all(part.weighted is None for part in found["sexe", "TCG"].parts)
    # The population was printed: it is no secret.
    assert parts["lt25"].population is not None


@pytest.mark.parametrize("seed", range(40))
def test_no_row_and_no_column_tells_a_hidden_group(seed: int) -> None:
    table = np.random.default_rng(seed).integers(0, 40, size=(3, 3))
    whole = np.vstack([table, table.sum(axis=0)])
    hidden = guard_table(table, SMALLEST)
    assert hidden[(whole > 0) & (whole < SMALLEST)].all()
    for line, concealed in [*zip(whole, hidden, strict=True), *zip(whole.T, hidden.T, strict=True)]:
        alone = concealed.sum() == 1 or 0 < line[concealed].sum() < SMALLEST
        # Else nothing is left to hide it with.
        assert not alone or not ((line > 0) & ~concealed).any()


def test_a_small_group_does_not_follow_from_the_groups_of_nobody_beside_it() -> None:
    # Seven people of one age, and the sum of their line is told: beside two zeros they would be those seven.
    hidden = guard_table(np.array([[20, 50, 20], [12, 30, 15], [0, 7, 0]]), SMALLEST)
    assert hidden[2].all()
    # Where a group is large enough, nobody beside it is no secret.
    assert not guard_table(np.array([[20, 50, 20], [12, 30, 15], [0, 17, 0]]), SMALLEST).any()


def test_a_table_of_large_groups_hides_nothing() -> None:
    assert not guard_table(np.full((3, 4), SMALLEST), SMALLEST).any()


def test_rates_are_aapors() -> None:
    met = {"complete": 40, "partial": 20, "refusal": 6, "break_off": 4, "no_contact": 8, "callback": 2}
    met |= {"unable": 7, "language_barrier": 3, "vacant": 50, "minor_alone": 5}
    rates = {rate.name: rate.value for rate in measure_rates(met)}
    assert rates["COOP1"] == pytest.approx(40 / 80)
    assert rates["COOP2"] == pytest.approx(60 / 80)
    assert rates["COOP3"] == pytest.approx(40 / 70)
    assert rates["RR5"] == pytest.approx(40 / 90)
    assert rates["RR6"] == pytest.approx(60 / 90)
    assert rates["REF3"] == pytest.approx(10 / 90)
    assert rates["CON3"] == pytest.approx(80 / 90)


def test_without_a_door_that_stayed_shut_no_rate_counts_doors() -> None:
    why = {rate.name: rate.why for rate in measure_rates({"complete": 40, "refusal": 10, "callback": 2})}
    assert {name for name, reason in why.items() if not reason} == {"COOP1", "COOP2", "COOP3"}
    assert why["RR5"] == why["CON3"] == NO_DOORS
    assert why["RR1"] == NO_ELIGIBILITY
    assert {rate.why for rate in measure_rates({}) if rate.name.startswith("COOP")} == {NOBODY}


def test_every_disposition_has_its_place_in_the_rates() -> None:
    for known in DISPOSITIONS:
        (coop, *_others) = measure_rates({known.slug: 1, "complete": 1})
        asked = known.kind in ("interview", "refusal", "other")
        complete = known.slug == "complete"
        assert coop.value == pytest.approx(0.5 if asked and not complete else 1)


@pytest.fixture
def app(sqlite_url: str) -> Flask:
    """Niort with the interviews of the demonstration."""
    app = make_app(sqlite_url)
    with app.extensions["database"].write() as session:
        store_simulation(session, niort())
    give_account(app, "ana", "analyst")
    return app


def test_the_page_shows_what_may_be_shown_and_nothing_else(app: Flask) -> None:
    client = sign_in(app.test_client(), "ana")
    page = unescape(client.get("/desk/sample?quartier=all").get_data(as_text=True))
    with app.extensions["database"].read() as session:
        counts = fetch_counts(session, niort().current_wave.id)
    assert counts is not None
    composed = compose(niort(), counts, compute_weights(niort(), counts), SMALLEST)
    table = page.split('aria-labelledby="tableau"')[1].split("</table>")[0]
    cells = re.findall(r'</th>\s*<td class="number">([^<]*)</td>', table)
    told = [part.interviews for one in composed for part in one.parts]
    assert cells == ["masqué" if number is None else str(number) for number in told]
    assert "non publié" in table
    assert page.count("<svg") >= len(composed)


def test_a_column_of_the_page_sorts(app: Flask) -> None:
    client = sign_in(app.test_client(), "ana")
    page = unescape(client.get("/desk/sample?quartier=all&sort=-interviews").get_data(as_text=True))
    table = page.split('aria-labelledby="tableau"')[1].split("</table>")[0]
    numbers = [int(n) for n in re.findall(r'</th>\s*<td class="number">(\d+)</td>', table)]
    assert numbers == sorted(numbers, reverse=True)
    assert 'aria-sort="descending"' in table


def test_the_page_opens_before_the_first_interview(sqlite_url: str) -> None:
    app = make_app(sqlite_url)
    give_account(app, "ana", "analyst")
    answer = sign_in(app.test_client(), "ana").get("/desk/sample")
    assert answer.status_code == 200
    assert "Aucun entretien" in answer.get_data(as_text=True)
