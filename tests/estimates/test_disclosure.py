"""What may be shown of an item: the rules, by hand and by the reference."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from barometre.estimates.disclosure import (
    ALL,
    BAND,
    CAUTION,
    MASKED,
    NO_PERCENTAGE,
    NOT_ASKED,
    PLAIN,
    Answers,
    Shown,
    mask_small_bases,
    protect,
    suppress,
)

REFERENCE = Path(__file__).parents[1] / "tabulate" / "reference" / "expected.json"
ORDER, FAVOURABLE = (4, 3, 2, 1), frozenset({4, 3})


def show(**quartiers: tuple[int, ...]) -> dict[str, Shown]:
    """What is shown of answers 4, 3, 2, 1 and, last, of people without opinion."""
    return protect(
        [
            Answers(name, dict(zip(ORDER, counts[:4], strict=True)), *counts[4:])
            for name, counts in quartiers.items()
        ],
        ORDER,
        FAVOURABLE,
    )


def states(shown: Mapping[str, Shown]) -> dict[str, str]:
    """State of each domain."""
    return {domain: found.state for domain, found in shown.items()}


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    """The reference set."""
    found: dict[str, Any] = json.loads(REFERENCE.read_text(encoding="utf-8"))
    return found


def test_small_bases_are_masked_as_in_the_reference(expected: dict[str, Any]) -> None:
    for case in expected["suppression"]:
        bases = case["base"]
        masked = mask_small_bases(bases, 11)
        for quartier, word in case["quartiers"].items():
            if word == "no_base":
                assert quartier not in masked
            else:
                # A total below 11 is itself masked, and every quartier of it with it.
                assert (quartier in masked) == (word != "published"), case
        halves = {
            quartier: (base // 4, base - base // 2 - base // 4, base // 4, base // 2 - base // 4)
            for quartier, base in bases.items()
        }
        found = states(show(**halves))
        words = {
            quartier: "no_base" if state == NOT_ASKED else "hidden" if state == MASKED else "published"
            for quartier, state in found.items()
        }
        hidden = {"primary": "hidden", "complementary": "hidden"}
        wanted = case["quartiers"] | {ALL: case["total"]}
        assert words == {quartier: hidden.get(word, word) for quartier, word in wanted.items()}, case


def test_the_words_of_suppression_are_those_of_the_reference(expected: dict[str, Any]) -> None:
    assert len(expected["suppression"]) == 8
    for case in expected["suppression"]:
        assert {"base": case["base"]} | suppress(case["base"]) == case


def test_a_total_without_anybody_is_not_published() -> None:
    assert suppress({"A": 0, "B": 0}) == {"quartiers": {"A": "no_base", "B": "no_base"}, "total": "primary"}


def test_another_threshold_suppresses_more() -> None:
    assert suppress({"A": 12, "B": 40, "C": 60}, 20) == {
        "quartiers": {"A": "primary", "B": "complementary", "C": "published"},
        "total": "published",
    }


@pytest.mark.parametrize(
    ("base", "state"),
    [(0, NOT_ASKED), (1, MASKED), (10, MASKED), (11, NO_PERCENTAGE), (29, NO_PERCENTAGE), (30, CAUTION),
     (49, CAUTION), (50, PLAIN)],
)  # fmt: skip
def test_the_base_decides_how_a_share_is_shown(base: int, state: str) -> None:
    counts = (base - base // 2, 0, base // 2, 0)
    assert show(A=counts)["A"].state == state


def test_a_masked_domain_tells_nothing() -> None:
    shown = show(A=(3, 3, 2, 1, 40), B=(20, 10, 20, 10), C=(30, 20, 20, 10))
    assert shown["A"] == Shown("A", MASKED)
    assert shown["B"] == Shown("B", MASKED)
    assert shown["C"].base == 80
    assert shown[ALL].base == 149


def test_the_worked_example_masks_two_quartiers_and_keeps_the_total() -> None:
    shown = show(CB=(20, 8, 6, 6), TCG=(3, 3, 1, 0), PCSA=(10, 10, 7, 6))
    assert states(shown) == {"CB": CAUTION, "TCG": MASKED, "PCSA": MASKED, ALL: PLAIN}


@pytest.mark.parametrize(
    ("counts", "band"),
    [((0, 0, 20, 20), ("below", 13)), ((0, 4, 20, 20), ("below", 12)), ((20, 20, 4, 0), ("above", 88))],
)
def test_a_side_of_0_to_4_people_is_a_band(counts: tuple[int, ...], band: tuple[str, int]) -> None:
    found = show(A=counts)["A"]
    assert (found.state, found.band, found.blocks) == (BAND, band, ())
    assert not found.exact


def test_a_side_of_5_people_is_shown() -> None:
    assert show(A=(5, 0, 20, 20))["A"].blocks == ((4,), (3,), (2,), (1,))


def test_a_band_everywhere_needs_no_mask() -> None:
    shown = show(A=(30, 10, 1, 0), B=(30, 9, 2, 0), C=(30, 10, 0, 0))
    assert set(states(shown).values()) == {BAND}


def test_one_band_hides_behind_the_smallest_other_share() -> None:
    shown = show(A=(50, 27, 2, 1), B=(20, 20, 15, 15), C=(20, 20, 20, 10))
    assert states(shown) == {"A": BAND, "B": MASKED, "C": PLAIN, ALL: PLAIN}


def test_two_bands_that_the_total_would_narrow_do_not_both_stay() -> None:
    # 97 favourable of 105: both bands would be known to be 4 exactly.
    shown = show(A=(20, 20, 2, 2), B=(40, 17, 4, 0))
    assert states(shown) == {"A": MASKED, "B": BAND, ALL: PLAIN}


def test_an_option_of_1_to_4_people_joins_its_neighbour_on_the_same_side() -> None:
    assert show(A=(3, 20, 20, 10))["A"].blocks == ((4, 3), (2,), (1,))
    assert show(A=(20, 20, 20, 2))["A"].blocks == ((4,), (3,), (2, 1))
    assert show(A=(20, 20, 20, 0))["A"].blocks == ((4,), (3,), (2,), (1,))


def test_every_quartier_has_the_same_cut_and_the_total_its_own() -> None:
    shown = show(A=(3, 20, 20, 10), B=(20, 20, 20, 10), C=(20, 20, 20, 1))
    assert {shown[name].blocks for name in "ABC"} == {((4, 3), (2, 1))}
    assert shown[ALL].blocks == ((4,), (3,), (2,), (1,))


def test_the_cut_suits_what_is_left_when_the_shown_ones_are_subtracted() -> None:
    # A and B are masked; three of them answered 1.
    shown = show(A=(2, 2, 2, 2), B=(5, 15, 10, 1), C=(20, 20, 20, 10))
    assert states(shown) == {"A": MASKED, "B": MASKED, "C": PLAIN, ALL: PLAIN}
    assert shown["C"].blocks == ((4,), (3,), (2, 1))


def test_people_without_opinion_are_told_to_the_nearest_ten() -> None:
    shown = show(A=(20, 20, 10, 10, 4), B=(20, 20, 10, 10, 23))
    assert (shown["A"].silent, shown["B"].silent, shown[ALL].silent) == (0, 20, 30)


def test_the_people_asked_do_not_follow_from_the_base_and_the_people_without_opinion() -> None:
    # 64 and 56 were asked, or any number of people that is told in the same words.
    for asked in range(56, 65):
        assert show(A=(20, 10, 10, 10, asked - 50), B=(9, 9, 9, 9))["A"].silent == 10


def test_a_quartier_where_everybody_is_silent_does_not_follow_from_the_total() -> None:
    shown = show(A=(0, 0, 0, 0, 3), B=(20, 20, 10, 10, 9))
    assert shown["A"] == Shown("A", NOT_ASKED)
    assert shown[ALL].silent == 10


def test_a_quartier_that_was_not_asked_hides_nobody() -> None:
    shown = show(A=(0, 0, 0, 0), B=(20, 20, 10, 10, 9))
    assert states(shown) == {"A": NOT_ASKED, "B": PLAIN, ALL: PLAIN}
    assert shown[ALL].silent == 10


def test_nobody_at_all_is_not_asked() -> None:
    assert set(states(show(A=(0, 0, 0, 0), B=(0, 0, 0, 0, 2))).values()) == {NOT_ASKED}


def test_the_cut_of_the_quartiers_never_crosses_that_of_the_total() -> None:
    # B alone would merge 3 with 4, the total merges it with 2: side by side they would tell the three people.
    order, headline = (4, 3, 2, 1), frozenset({4, 3, 2})
    shown = protect(
        [
            Answers("A", {4: 20, 3: 0, 2: 6, 1: 20}),
            Answers("B", {4: 5, 3: 3, 2: 6, 1: 20}),
        ],
        order,
        headline,
    )
    assert shown[ALL].blocks == ((4,), (3, 2), (1,))
    assert shown["A"].blocks == shown["B"].blocks == ((4, 3, 2), (1,))
