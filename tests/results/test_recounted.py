"""The first wave's own interviews: exact counts, what is protected, what the printed figures still say."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from barometre.estimates.change import NOT_COMPARABLE
from barometre.estimates.counts import Counts
from barometre.estimates.differences import miettinen_nurminen_p, newcombe
from barometre.estimates.disclosure import ALL, Thresholds
from barometre.questionnaire.town import PublishedFigure
from barometre.results.findings import Findings, find_results
from barometre.results.recounted import Microdata, Recounted, matches, recount_item
from tests.data import make_counts, niort
from tests.results.test_findings import CB, PCSA, STEADY, TCG, ask, count

#: quartier → code → people
Answers = Mapping[int, Mapping[int, int]]

#: as 71 % for all and 79 % at the Tour Chabot can have come about
SATISFACTION: Answers = {
    CB: {4: 10, 3: 20, 2: 10, 1: 6},
    TCG: {4: 9, 3: 18, 2: 7, 97: 1},
    PCSA: {3: 27, 2: 12},
}
#: few answers at the Clou Bouchet, where nothing was printed on health
HEALTH: Answers = {CB: {4: 6, 1: 1, 97: 39}, TCG: {4: 5, 1: 27, 97: 3}, PCSA: {4: 23, 1: 15}}


def answer_2023(item: str, answers: Answers) -> Counts:
    """Interviews of 2023, one item."""
    first = niort().first_wave
    assert first is not None
    return make_counts(
        first.questionnaire,
        [
            (people, {"quartier": quartier, "age": 3, item: code})
            for quartier, given in answers.items()
            for code, people in given.items()
        ],
    )


def recount(item: str, answers: Answers) -> dict[str, Recounted]:
    """The headline share of one item in 2023."""
    indicator = niort().indicator_of[item]
    return recount_item(niort(), answer_2023(item, answers), indicator, Thresholds())


def find(item: str, answers: Answers, now: Counts | None = None) -> Findings:
    """Findings of 2027 when one item of 2023 is told by its interviews."""
    counts = now or count(*(ask(q, {4: 30, 3: 40, 2: 20, 1: 10}, item) for q in (CB, TCG, PCSA)))
    return find_results(niort(), counts, Microdata(answer_2023(item, answers), frozenset({item})))


def figure(item: str, domain: str) -> PublishedFigure:
    """A printed figure."""
    first = niort().first_wave
    assert first is not None
    assert first.published is not None
    (found,) = first.published.find(item, domain)
    return found


def test_shares_are_exact_and_every_person_counts_once() -> None:
    found = recount("satisfaction", SATISFACTION)
    assert {domain: (share.people, share.base) for domain, share in found.items()} == {
        "CB": (30, 46),
        "TCG": (27, 34),
        "PCSA": (27, 39),
        ALL: (84, 119),
    }
    assert all(share.agrees and not share.hidden and not share.blocked for share in found.values())


def test_the_verdict_rests_on_one_pair_instead_of_an_envelope() -> None:
    printed = find_results(niort(), count(*STEADY))
    exact = find("satisfaction", SATISFACTION)
    before, after = (found.by_domain["satisfaction", "TCG"].verdict for found in (printed, exact))
    assert before is not None
    assert before.envelope is not None
    assert after is not None
    assert after.envelope is not None
    assert (before.envelope.size, after.envelope.size) == (3, 1)
    assert (after.envelope.low, after.envelope.high) == pytest.approx(newcombe(27 / 34, 34, 0.7, 100))
    assert after.envelope.p_high == pytest.approx(miettinen_nurminen_p(27 / 34, 34, 0.7, 100))
    assert before.envelope.low <= after.envelope.low
    assert after.envelope.high <= before.envelope.high


def test_a_domain_that_was_not_printed_can_be_compared_then() -> None:
    found = find("satisfaction", SATISFACTION)
    finding = found.by_domain["satisfaction", "PCSA"]
    assert finding.against is None
    assert finding.recounted is not None
    assert finding.verdict is not None
    assert finding.verdict.word != NOT_COMPARABLE
    # Two were compared as printed, four are now.
    assert found.comparisons == 4
    assert found.recounted == {"satisfaction"}


def test_other_items_stay_as_printed() -> None:
    now = count(*STEADY, *(ask(q, {4: 60, 1: 40}, "ambiance") for q in (CB, TCG, PCSA)))
    found = find("satisfaction", SATISFACTION, now)
    finding = found.by_domain["ambiance", "TCG"]
    assert finding.recounted is None
    assert finding.against is not None


def test_nothing_is_deduced_where_the_interviews_tell() -> None:
    answers = {CB: {4: 24, 1: 22}, TCG: {4: 27, 1: 8}, PCSA: {4: 23, 1: 16}}
    assert find("attachement", answers).by_domain["attachement", "PCSA"].deduced is None


def test_what_was_not_printed_is_masked_with_a_second_quartier() -> None:
    # The worked example of the design: 28 of 40, 6 of 7, 20 of 33; 2023 printed nothing on sport.
    found = recount("equip_sport", {CB: {4: 28, 1: 12}, TCG: {4: 6, 1: 1, 97: 28}, PCSA: {4: 20, 1: 13}})
    assert {domain: share.hidden for domain, share in found.items()} == {
        "CB": "",
        "TCG": "first_masked",
        "PCSA": "first_masked",
        ALL: "",
    }


def test_a_base_under_thirty_is_neither_shown_nor_compared() -> None:
    answers = {CB: {4: 28, 1: 12}, TCG: {4: 10, 1: 10}, PCSA: {4: 20, 1: 13}}
    finding = find("equip_sport", answers).by_domain["equip_sport", "TCG"]
    assert finding.recounted is not None
    assert finding.recounted.hidden == "first_small_base"
    assert finding.verdict is not None
    assert (finding.verdict.word, finding.verdict.reasons) == (NOT_COMPARABLE, ("first_small_base",))


def test_a_side_of_a_few_people_is_masked() -> None:
    found = recount("equip_sport", {CB: {4: 28, 1: 12}, TCG: {4: 33, 1: 2}, PCSA: {4: 20, 1: 13}})
    assert found["TCG"].hidden == "first_masked"


def test_a_figure_that_was_printed_needs_no_hiding() -> None:
    # 34 of 35 was told by the printed 97 %.
    found = recount("ambiance", {CB: {4: 34, 1: 12}, TCG: {4: 34, 1: 1}, PCSA: {4: 26, 1: 13}})
    assert {share.hidden for share in found.values()} == {""}
    assert len(found) == 4
    assert found["TCG"].agrees


def test_nothing_hides_behind_a_printed_figure() -> None:
    # The Clou Bouchet's 6 of 7 would need a second quartier to hide with: both were printed.
    found = recount("equip_sante", HEALTH)
    hidden = {domain: share.hidden for domain, share in found.items()}
    assert hidden == {"CB": "first_masked", ALL: "first_masked"}


def test_where_the_printed_figure_speaks_it_is_compared_as_before() -> None:
    finding = find("equip_sante", HEALTH).by_domain["equip_sante", "PCSA"]
    assert finding.recounted is None
    assert finding.against is not None
    assert finding.against.id == "EQUIP_SANTE-PCSA"


def test_three_interviews_are_not_told_because_a_figure_was_printed() -> None:
    found = recount("securite", {PCSA: {4: 3}})
    assert {domain: share.hidden for domain, share in found.items()} == {ALL: "first_masked"}
    assert find("securite", {PCSA: {4: 3}}).by_domain["securite", "PCSA"].against is not None


def test_a_part_of_a_printed_quartier_is_not_told_nor_what_it_follows_from() -> None:
    # 31 of the Clou Bouchet's 46 came in: the printed figures speak, and no total leaves them by subtraction.
    found = recount("ambiance", {CB: {4: 20, 1: 11}, TCG: {4: 34, 1: 1}, PCSA: {4: 26, 1: 13}})
    assert {domain: (share.base, share.hidden) for domain, share in found.items()} == {
        "TCG": (35, ""),
        "PCSA": (39, ""),
        ALL: (105, "first_masked"),
    }


def test_quartiers_do_not_add_up_to_a_part_of_a_printed_total() -> None:
    found = recount("satisfaction", {CB: {4: 20, 1: 14}, TCG: {4: 27, 1: 7}, PCSA: {4: 20, 1: 16}})
    assert {domain: share.hidden for domain, share in found.items()} == {
        "CB": "first_masked",
        "TCG": "",
        "PCSA": "first_masked",
    }


def test_a_small_side_that_the_printed_figure_denies_is_not_told() -> None:
    found = recount("ambiance", {CB: {4: 34, 1: 12}, TCG: {4: 32, 1: 3}, PCSA: {4: 26, 1: 13}})
    assert "TCG" not in found
    assert found[ALL].hidden == "first_masked"


def test_a_printed_figure_that_the_interviews_deny_is_told() -> None:
    found = recount("ambiance", {CB: {4: 34, 1: 12}, TCG: {4: 20, 1: 15}, PCSA: {4: 26, 1: 13}})
    assert (found["CB"].agrees, found["TCG"].agrees) == (True, False)


def test_the_whole_is_not_compared_while_a_quartier_is_missing() -> None:
    found = recount("ambiance", {CB: {4: 34, 1: 12}, TCG: {4: 30, 1: 5}})
    assert found[ALL].blocked == "quartier_absent"
    assert found["PCSA"].hidden == "first_not_asked"


@pytest.mark.parametrize(
    ("people", "base", "expected"),
    [
        (27, 34, True),
        (26, 33, True),
        # A base outside those supposed is no contradiction; one above the interviews is.
        (15, 19, True),
        (79, 100, False),
        (28, 34, False),
        (0, 0, False),
    ],
)
def test_a_count_goes_with_a_printed_percentage_on_its_own_base(
    people: int, base: int, expected: bool
) -> None:
    assert matches(figure("satisfaction", "TCG"), people, base) == expected
