"""The simulated wave shows every state that a reader can meet; each test names one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from barometre.config import Config
from barometre.demonstration import store_simulation
from barometre.estimates.change import DOWN, NO_CHANGE_SHOWN, NOT_COMPARABLE, UP
from barometre.estimates.counts import Counts
from barometre.estimates.disclosure import (
    ALL,
    BAND,
    CAUTION,
    MASKED,
    NO_PERCENTAGE,
    NOT_ASKED,
    PLAIN,
)
from barometre.questionnaire.load import load_town
from barometre.questionnaire.town import Town
from barometre.results.findings import Finding, Findings, find_results
from barometre.simulation import SimulationError, read_plan, simulate, split_exactly
from barometre.storage.counts import fetch_counts, recount
from barometre.storage.engine import Database
from barometre.storage.models import Envelope, Interview
from barometre.storage.schema import upgrade

DONT_KNOW, REFUSED, NOT_APPLICABLE, NO_LANGUAGE = 97, 98, 99, 255


@dataclass(frozen=True)
class Wave:
    """The simulated wave, as the intake stored it."""

    town: Town
    counts: Counts
    findings: Findings
    interviews: list[Interview]

    def of(self, item: str, domain: str) -> Finding:
        return self.findings.by_domain[(item, domain)]

    def word(self, item: str, domain: str) -> str:
        verdict = self.of(item, domain).verdict
        assert verdict is not None
        return verdict.word

    def reasons(self, item: str, domain: str) -> tuple[str, ...]:
        verdict = self.of(item, domain).verdict
        assert verdict is not None
        return verdict.reasons

    def code(self, interview: Interview, item: str) -> int:
        return interview.codes[self.town.current_wave.questionnaire.position[item]]

    def languages_in_order(self, interview: Interview) -> list[str]:
        """The language of each closed answer, in the order asked."""
        spoken = interview.languages.split()
        return [spoken[place] for place in interview.language_of if place != NO_LANGUAGE]


@pytest.fixture(scope="module")
def wave(tmp_path_factory: pytest.TempPathFactory) -> Wave:
    town = load_town(Config.surveys_dir / "niort")
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('demonstration') / 'barometre.sqlite'}")
    upgrade(database)
    with database.write() as session:
        store_simulation(session, town)
        first = fetch_counts(session, "2027")
        store_simulation(session, town)
    with database.read() as session:
        counts = fetch_counts(session, "2027")
        again = recount(session, "2027")
        interviews = list(session.scalars(select(Interview)))
        assert set(session.scalars(select(Envelope.status))) == {"stored"}
    database.engine.dispose()
    assert first is not None
    assert counts is not None
    assert again is not None
    assert counts.same_as(again)
    assert counts.same_as(first), "a second run doubles nothing"
    return Wave(town, counts, find_results(town, counts), interviews)


def test_shares_are_met_to_the_nearest_person() -> None:
    assert split_exactly(82, [17, 42, 14, 7, 1, 1]) == [17, 42, 14, 7, 1, 1]
    assert split_exactly(10, [1, 1, 1]) == [4, 3, 3]
    assert split_exactly(0, [2, 1]) == [0, 0]


def test_the_same_plan_gives_the_same_bytes(wave: Wave) -> None:
    plan = read_plan(wave.town, Config.surveys_dir)
    assert simulate(wave.town, plan) == simulate(wave.town, plan)


def test_about_220_interviews_are_counted_and_no_weighting_problem_arises(wave: Wave) -> None:
    assert wave.findings.interviews == {"CB": 82, "TCG": 66, "PCSA": 74, ALL: 222}
    assert wave.findings.weighting_problem is None


def test_attachment_is_up(wave: Wave) -> None:
    assert wave.word("attachement", ALL) == UP


def test_food_shops_are_down(wave: Wave) -> None:
    assert wave.word("equip_commerces_alim", ALL) == DOWN


def test_no_change_is_shown_for_satisfaction(wave: Wave) -> None:
    assert wave.word("satisfaction", ALL) == NO_CHANGE_SHOWN
    assert wave.reasons("satisfaction", ALL) == ()
    estimate = wave.of("satisfaction", ALL).estimate
    assert estimate is not None
    assert round(100 * estimate.value) in range(72, 78)


def test_a_figure_that_2023_did_not_print_cannot_be_compared(wave: Wave) -> None:
    assert wave.word("securite", ALL) == NOT_COMPARABLE
    assert wave.reasons("securite", ALL) == ("no_figure",)


def test_a_figure_with_another_meaning_cannot_be_compared(wave: Wave) -> None:
    assert wave.reasons("sorties", "PCSA") == ("centre_ville_only",)
    assert wave.reasons("equip_animation", ALL) == ("two_items",)


def test_one_verdict_depends_on_the_rounding_of_2023(wave: Wave) -> None:
    assert wave.word("ambiance", "TCG") == NO_CHANGE_SHOWN
    assert wave.reasons("ambiance", "TCG") == ("rounding",)
    verdict = wave.of("ambiance", "TCG").verdict
    assert verdict is not None
    assert verdict.envelope is not None
    assert 0 < verdict.envelope.below < verdict.envelope.size


def test_one_verdict_depends_on_the_weighting(wave: Wave) -> None:
    assert wave.word("securite", "PCSA") == NO_CHANGE_SHOWN
    assert wave.reasons("securite", "PCSA") == ("weighting",)
    verdict, estimate = wave.of("securite", "PCSA").verdict, wave.of("securite", "PCSA").estimate
    assert verdict is not None
    assert estimate is not None
    assert verdict.p_adjusted is not None
    as_counted, weighted = verdict.p_adjusted
    assert as_counted < 0.05 < weighted
    assert estimate.value - estimate.favourable / estimate.base > 0.05


def test_one_change_is_no_longer_shown_once_comparisons_are_counted(wave: Wave) -> None:
    assert wave.word("securite", "CB") == NO_CHANGE_SHOWN
    assert wave.reasons("securite", "CB") == ("multiplicity",)


def test_one_verdict_differs_on_the_limits_of_2015(wave: Wave) -> None:
    assert wave.word("equip_commerces_autres", "CB") == UP
    assert wave.of("equip_commerces_autres", "CB").contour_word == NO_CHANGE_SHOWN


def test_a_quartier_with_few_opinions_is_masked_and_another_one_with_it(wave: Wave) -> None:
    shown = {domain: wave.of("image", domain).shown for domain in ("CB", "TCG", "PCSA", ALL)}
    assert {domain: found.state for domain, found in shown.items()} == {
        "CB": PLAIN,
        "TCG": MASKED,
        "PCSA": MASKED,
        ALL: PLAIN,
    }
    assert shown["TCG"].base is None
    assert wave.reasons("image", "TCG") == ("masked",)


def test_three_favourable_answers_are_a_band(wave: Wave) -> None:
    shown = wave.of("equip_sante", "TCG").shown
    assert (shown.state, shown.band, shown.blocks) == (BAND, ("below", 9), ())
    assert wave.of("equip_sante", ALL).shown.state == PLAIN
    assert wave.word("equip_sante", "TCG") == NOT_COMPARABLE


def test_a_small_base_is_shown_with_caution(wave: Wave) -> None:
    shown = wave.of("equip_sport", "PCSA").shown
    assert (shown.state, shown.base) == (CAUTION, 44)


def test_a_smaller_base_has_no_percentage(wave: Wave) -> None:
    shown = wave.of("equip_sport", "TCG").shown
    assert (shown.state, shown.base, shown.blocks) == (NO_PERCENTAGE, 24, ())


def test_an_option_of_a_few_people_is_merged_with_its_neighbour(wave: Wave) -> None:
    assert wave.of("satisfaction", "TCG").shown.blocks == ((4,), (3,), (2, 1))
    assert len(wave.of("satisfaction", "TCG").shares) == 3
    assert wave.of("sorties", "CB").shown.blocks == ((4,), (3,), (2,), (1,))


def test_people_without_opinion_are_told_to_the_nearest_ten(wave: Wave) -> None:
    assert wave.of("satisfaction", "CB").shown.silent == 0
    assert wave.of("equip_jeunes", ALL).shown.silent == 50


def test_a_question_of_one_council_is_not_asked_in_the_other_quartiers(wave: Wave) -> None:
    assert wave.of("conseil_cc1", "PCSA").shown.state == NOT_ASKED
    assert wave.of("conseil_cc2", "PCSA").shown.state == PLAIN
    for interview in wave.interviews:
        if interview.disposition == "complete":
            asked = wave.code(interview, "conseil_cc1") != NOT_APPLICABLE
            assert asked == (wave.code(interview, "quartier") in (1, 2))


def test_a_new_question_has_no_verdict(wave: Wave) -> None:
    assert wave.of("proprete", ALL).verdict is None


def test_quotas_are_not_met_exactly_and_weights_matter(wave: Wave) -> None:
    design = wave.town.current_wave.design
    assert design is not None
    assert wave.findings.interviews["PCSA"] != design.target["PCSA"]
    old = wave.counts.where(
        (wave.counts.axis("quartier") == 3) & (wave.counts.axis("age") >= 5) & (wave.counts.axis("age") <= 6)
    )
    target = sum(q.target for q in design.quotas if (q.quartier, q.age_class) == ("PCSA", "60plus"))
    assert old.total > 1.5 * target
    estimate = wave.of("satisfaction", "PCSA").estimate
    assert estimate is not None
    assert estimate.design_effect > 1.1


def test_some_break_offs_count_and_some_do_not(wave: Wave) -> None:
    broken = [found for found in wave.interviews if found.disposition in ("partial", "break_off")]
    assert len(broken) == 12
    assert Counter(found.counted for found in broken) == {True: 7, False: 5}


def test_encounters_that_end_before_the_first_question_leave_no_answer(wave: Wave) -> None:
    ended = [
        found for found in wave.interviews if found.disposition not in ("complete", "partial", "break_off")
    ]
    assert len(ended) == 25
    assert Counter(found.disposition for found in ended)["refusal"] == 15
    for encounter in ended:
        assert not encounter.counted
        assert not encounter.texts
        assert all(code in (0, NOT_APPLICABLE) for code in encounter.codes[1:])


def test_three_languages_are_spoken(wave: Wave) -> None:
    first = Counter(found.languages.split()[0] for found in wave.interviews)
    assert set(first) == {"fr", "ar", "en"}
    assert first["fr"] > first["ar"] > first["en"] > 4


def test_some_people_change_language_on_the_way(wave: Wave) -> None:
    changed = [found.languages for found in wave.interviews if " " in found.languages]
    assert sorted(changed) == ["ar fr", "ar fr", "ar fr", "en fr", "fr ar", "fr ar"]
    interview = next(found for found in wave.interviews if found.languages == "ar fr")
    spoken = wave.languages_in_order(interview)
    assert spoken == sorted(spoken), "Arabic first, then French to the end"


def test_some_do_not_know_and_some_refuse_an_answer(wave: Wave) -> None:
    given = Counter(code for found in wave.interviews for code in found.codes)
    assert given[DONT_KNOW] > 100
    assert given[REFUSED] > 5


def test_some_people_neither_say_woman_nor_man_and_one_hides_their_age(wave: Wave) -> None:
    counted = [found for found in wave.interviews if found.counted]
    assert Counter(wave.code(found, "sexe") for found in counted)[3] == 5
    assert Counter(wave.code(found, "age") for found in counted)[REFUSED] == 1


def test_only_enlarged_quartiers_have_people_in_an_added_sector(wave: Wave) -> None:
    enlarged = {quartier.code for quartier in wave.town.quartiers if quartier.enlarged}
    added = {wave.code(found, "quartier") for found in wave.interviews if wave.code(found, "secteur") == 2}
    assert added == enlarged


def test_open_answers_are_given_in_three_languages_without_a_figure_or_an_address(wave: Wave) -> None:
    said = [words for found in wave.interviews for words in found.texts.values()]
    assert {language for language, _ in said} == {"fr", "ar", "en"}
    for _language, text in said:
        assert not any(character.isdigit() or character == "@" for character in text)
    for found in wave.interviews:
        words = [text for _language, text in found.texts.values()]
        assert len(words) == len(set(words))


def test_the_plan_is_checked_by_name(wave: Wave, tmp_path: Path) -> None:
    plan = read_plan(wave.town, Config.surveys_dir)
    del plan["answers"]["satisfaction"]
    with pytest.raises(SimulationError, match=r"answers\.satisfaction"):
        simulate(wave.town, plan)
    with pytest.raises(SimulationError, match=r"simulation\.toml"):
        read_plan(wave.town, tmp_path)
