"""From counts to verdicts: which weighting, which comparison, what forbids one."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import pytest

from barometre.estimates.change import DOWN, NO_CHANGE_SHOWN, NOT_COMPARABLE, UP
from barometre.estimates.counts import Counts
from barometre.estimates.differences import miettinen_nurminen_p
from barometre.estimates.disclosure import (
    ALL,
    BAND,
    MASKED,
    NO_PERCENTAGE,
    NOT_ASKED,
    PLAIN,
    sides_together,
)
from barometre.questionnaire.town import Town
from barometre.results.feasible import list_feasible
from barometre.results.findings import Findings, find_results
from barometre.results.weighting import compute_weights
from tests.data import bourg_fictif, make_counts, niort

CB, TCG, PCSA = 1, 2, 3
YOUNG, ADULT, OLD = 2, 3, 5
INSIDE, ADDED = 1, 2
Group = tuple[int, dict[str, int]]


def ask(quartier: int, answers: Mapping[int, int], item: str = "satisfaction", **facts: int) -> list[Group]:
    """Interviews of a quartier: how many gave each code to one item."""
    known = {"quartier": quartier, "secteur": INSIDE, "age": ADULT, "sexe": 1} | facts
    return [(people, known | {item: code}) for code, people in answers.items()]


def count(*groups: Iterable[Group], town: Town | None = None) -> Counts:
    """Their counts."""
    questionnaire = (town or niort()).current_wave.questionnaire
    return make_counts(questionnaire, [group for some in groups for group in some])


def find(*groups: Iterable[Group]) -> Findings:
    """The findings of some interviews of Niort."""
    return find_results(niort(), count(*groups))


#: seventy satisfied of a hundred, everywhere
STEADY = [ask(quartier, {4: 30, 3: 40, 2: 20, 1: 10}) for quartier in (CB, TCG, PCSA)]


def test_the_raked_estimate_gives_each_quartier_its_share_of_the_population() -> None:
    found = find(*(ask(q, {4: 60, 1: 40}) for q in (CB, TCG)), ask(PCSA, {4: 20, 1: 80}))
    estimate = found.by_domain["satisfaction", ALL].estimate
    assert estimate is not None
    # 2 700 and 1 200 people at 60 %, 1 600 at 20 %.
    assert estimate.value == pytest.approx((2700 * 0.6 + 1200 * 0.6 + 1600 * 0.2) / 5500)
    assert (estimate.base, estimate.favourable) == (300, 140)
    assert estimate.low < estimate.value < estimate.high


def test_the_comparison_brings_2027_to_the_composition_of_2023() -> None:
    groups = [
        *(ask(q, {4: 30, 1: 10}, age=age) for q in (CB, TCG, PCSA) for age in (YOUNG, ADULT, OLD)),
        ask(CB, {4: 100}, age=OLD),
    ]
    counts = count(*groups)
    weights = compute_weights(niort(), counts)
    weighted = weights.like_for_like * counts.interviews
    by_quartier = [
        weighted[weights.quartier == name].sum() / weighted.sum() for name in ("CB", "TCG", "PCSA")
    ]
    assert by_quartier == pytest.approx([46 / 120, 35 / 120, 39 / 120])
    ages = counts.axis("age")
    by_age = [weighted[ages == age].sum() / weighted.sum() for age in (YOUNG, ADULT, OLD)]
    assert by_age == pytest.approx([0.19, 0.57, 0.24])
    found = find_results(niort(), counts).by_domain["satisfaction", ALL]
    assert found.verdict is not None
    assert found.verdict.envelope is not None
    second = float((weights.like_for_like * counts.given("satisfaction", (3, 4))).sum()) / weighted.sum()
    low, high = found.verdict.envelope.difference
    assert low < second - 0.71 < high


def test_for_one_quartier_2027_is_compared_unweighted() -> None:
    found = find(
        *STEADY[::2], ask(TCG, {4: 40, 1: 10}, age=YOUNG), ask(TCG, {4: 10, 1: 20}, age=OLD)
    ).by_domain["satisfaction", "TCG"]
    assert found.verdict is not None
    assert found.verdict.envelope is not None
    # 79 % printed: 27 of 34, 26 of 33, or 25 of 32 when two options were rounded before they were added.
    assert found.verdict.envelope.difference == pytest.approx((50 / 80 - 27 / 34, 50 / 80 - 25 / 32))
    assert found.estimate is not None
    assert found.estimate.value != pytest.approx(50 / 80)


def test_a_clear_rise_and_a_clear_fall_are_shown() -> None:
    rise = find(*(ask(q, {4: 80, 3: 15, 2: 5, 1: 5}) for q in (CB, TCG, PCSA)))
    fall = find(*(ask(q, {4: 10, 3: 20, 2: 40, 1: 30}) for q in (CB, TCG, PCSA)))
    assert rise.by_domain["satisfaction", ALL].verdict.word == UP  # type: ignore[union-attr]
    assert fall.by_domain["satisfaction", ALL].verdict.word == DOWN  # type: ignore[union-attr]
    assert fall.by_domain["satisfaction", "TCG"].verdict.word == DOWN  # type: ignore[union-attr]


def test_the_p_value_is_the_largest_over_every_possible_base() -> None:
    found = find(*STEADY)
    verdict = found.by_domain["satisfaction", "TCG"].verdict
    assert verdict is not None
    assert verdict.word == NO_CHANGE_SHOWN
    figure = found.by_domain["satisfaction", "TCG"].against
    assert figure is not None
    assert verdict.envelope is not None
    p_values = [miettinen_nurminen_p(x / m, m, 0.7, 100) for x, m in list_feasible(figure)]
    assert verdict.envelope.p_high == pytest.approx(max(p_values))


def test_only_open_comparisons_are_counted_in_the_correction() -> None:
    found = find(*STEADY)
    # 2023 printed the satisfaction of everybody and of one quartier; nothing else was asked here.
    assert found.comparisons == 2
    assert found.by_domain["satisfaction", "CB"].verdict.reasons == ("no_figure",)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("answers", "reason", "state"),
    [
        ({4: 5, 1: 5}, "masked", MASKED),
        ({4: 15, 1: 10}, "small_base", NO_PERCENTAGE),
        ({4: 57, 1: 3}, "masked", BAND),
        ({}, "not_asked", NOT_ASKED),
    ],
)
def test_too_few_answers_forbid_a_comparison(answers: dict[int, int], reason: str, state: str) -> None:
    found = find(*STEADY[::2], ask(TCG, answers)).by_domain["satisfaction", "TCG"]
    assert found.shown.state == state
    assert found.verdict is not None
    assert (found.verdict.word, found.verdict.reasons) == (NOT_COMPARABLE, (reason,))
    assert (found.verdict.envelope, found.verdict.p_adjusted) == (None, None)


def test_a_figure_of_2023_that_cannot_be_compared_says_why() -> None:
    found = find(*(ask(q, {4: 30, 3: 30, 2: 20, 1: 20}, "sorties") for q in (CB, TCG, PCSA)))
    verdict = found.by_domain["sorties", "PCSA"].verdict
    assert verdict is not None
    assert (verdict.word, verdict.reasons) == (NOT_COMPARABLE, ("centre_ville_only",))


def test_an_item_that_2023_did_not_ask_has_no_verdict() -> None:
    found = find(*(ask(q, {4: 30, 1: 30}, "proprete") for q in (CB, TCG, PCSA)))
    assert found.by_domain["proprete", ALL].shown.state == PLAIN
    assert found.by_domain["proprete", ALL].verdict is None
    assert found.by_domain["proprete", ALL].against is None


def test_the_other_side_is_compared_where_only_it_was_printed() -> None:
    found = find(*(ask(q, {4: 40, 3: 20, 2: 20, 1: 20}, "sorties") for q in (CB, TCG, PCSA)))
    finding = found.by_domain["sorties", "CB"]
    assert finding.against is not None
    assert (finding.against.id, finding.against.codes) == ("FREQ-NEVER-CB", {1})
    assert finding.verdict is not None
    assert finding.verdict.envelope is not None
    # « 1/3 » never went out; now twenty of a hundred.
    assert finding.verdict.envelope.difference[0] < 0.2 - 1 / 3 < finding.verdict.envelope.difference[1]


def test_a_comparison_does_not_tell_an_option_that_is_merged_with_its_neighbour() -> None:
    found = find(
        ask(CB, {4: 40, 3: 20, 2: 20, 1: 3}, "sorties"),
        *(ask(q, {4: 40, 3: 20, 2: 20, 1: 20}, "sorties") for q in (TCG, PCSA)),
    ).by_domain["sorties", "CB"]
    assert found.shown.exact
    assert (2, 1) in found.shown.blocks
    assert found.verdict is not None
    assert (found.verdict.word, found.verdict.reasons) == (NOT_COMPARABLE, ("masked",))
    assert set(found.shares) == set(found.shown.blocks)


def test_shares_add_up_to_one_and_the_headline_is_their_sum() -> None:
    finding = find(*STEADY).by_domain["satisfaction", ALL]
    assert sum(finding.shares.values()) == pytest.approx(1)
    headline = sum(share for block, share in finding.shares.items() if set(block) <= {3, 4})
    assert finding.estimate is not None
    assert headline == pytest.approx(finding.estimate.value)


def test_the_verdict_on_the_perimeter_of_2023_is_told_where_it_differs() -> None:
    good, bad = {4: 60, 3: 35, 2: 5, 1: 5}, {4: 5, 3: 5, 2: 60, 1: 60}
    found = find(*(ask(q, good) for q in (CB, TCG, PCSA)), *(ask(q, bad, secteur=ADDED) for q in (CB, PCSA)))
    everybody, unchanged = (found.by_domain["satisfaction", domain] for domain in (ALL, "TCG"))
    assert everybody.verdict is not None
    assert everybody.verdict.word != UP
    assert everybody.contour_word == UP
    assert unchanged.contour_word is None


def test_a_verdict_on_the_perimeter_of_2023_needs_as_many_answers_as_any_other() -> None:
    found = find(
        ask(CB, {4: 8, 1: 20}, "securite"),
        ask(CB, {4: 150, 1: 5}, "securite", secteur=ADDED),
        *(ask(q, {4: 70, 1: 30}, "securite") for q in (TCG, PCSA)),
    ).by_domain["securite", "CB"]
    assert found.verdict is not None
    assert found.verdict.word == UP
    assert found.contour_word is None


def test_interviews_are_told_by_quartier() -> None:
    found = find(ask(CB, {4: 7}), ask(PCSA, {97: 5}))
    assert found.interviews == {ALL: 12, "CB": 7, "TCG": 0, "PCSA": 5}


def test_no_interview_finds_nothing_and_breaks_nothing() -> None:
    found = find()
    assert {finding.shown.state for finding in found.by_domain.values()} == {NOT_ASKED}
    assert all(finding.estimate is None for finding in found.by_domain.values())
    assert found.comparisons == 0


def test_without_a_solution_pages_fall_back_to_one_weight_and_say_so() -> None:
    town = niort()
    design = town.current_wave.design
    assert design is not None
    margins = {name: dict(tables) for name, tables in design.margins.items()}
    margins["CB"]["age"] = {"lt25": 2700.0, "25_59": 0.0, "60plus": 0.0}
    wave = replace(town.current_wave, design=replace(design, margins=margins))
    broken = replace(town, waves=town.waves | {wave.id: wave})
    found = find_results(broken, count(*STEADY))
    assert str(found.weighting_problem).startswith("CB, 25_59: ")
    weights = compute_weights(broken, count(*STEADY))
    for name in ("CB", "TCG", "PCSA"):
        assert len(np.unique(weights.raked[weights.quartier == name])) == 1
    assert found.by_domain["satisfaction", ALL].estimate is not None


def test_another_town_is_found_by_the_same_code() -> None:
    town = bourg_fictif()
    counts = make_counts(
        town.current_wave.questionnaire,
        [
            (people, {"quartier": quartier, "age": age, "plaisir": code, "trajets_bus": code + 1})
            for quartier in (1, 2)
            for age in (1, 2, 3)
            for code, people in ((3, 12), (2, 6), (1, 6))
        ],
    )
    found = find_results(town, counts)
    assert found.weighting_problem is None
    everybody = found.by_domain["plaisir", ALL]
    assert everybody.against is not None
    assert everybody.against.id == "PLAISIR-ALL"
    assert everybody.verdict is not None
    assert everybody.verdict.word == NO_CHANGE_SHOWN
    assert everybody.contour_word is None
    bus = found.by_domain["trajets_bus", "VERGER"]
    assert bus.against is not None
    assert bus.against.id == "BUS-NEG-VERGER"
    assert found.by_domain["partir", ALL].verdict is None


@pytest.mark.parametrize(
    ("codes", "order"),
    [({3, 4}, [4, 3, 2, 1]), ({1, 2}, [4, 3, 2, 1]), ({4, 1}, [4, 1, 3, 2]), ({2, 3}, [3, 2, 4, 1])],
)
def test_the_options_of_a_side_stand_together(codes: set[int], order: list[int]) -> None:
    assert sides_together([4, 3, 2, 1], frozenset(codes)) == order


def test_the_quartiers_together_are_not_compared_while_one_of_them_has_no_answer() -> None:
    found = find(*STEADY[:2])
    verdict = found.by_domain["satisfaction", ALL].verdict
    assert verdict is not None
    assert (verdict.word, verdict.reasons) == (NOT_COMPARABLE, ("quartier_absent",))
    there = find(*STEADY).by_domain["satisfaction", ALL].verdict
    assert there is not None
    assert there.word == NO_CHANGE_SHOWN


def test_the_composition_of_the_first_wave_is_kept_among_the_quartiers_that_are_there() -> None:
    counts = count(*STEADY[:2])
    weights = compute_weights(niort(), counts)
    weighted = {
        quartier: float((weights.like_for_like * counts.interviews)[weights.quartier == quartier].sum())
        for quartier in ("CB", "TCG")
    }
    # 46 and 35 interviews in 2023.
    assert weighted["CB"] / weighted["TCG"] == pytest.approx(46 / 35)
