"""One question crossed with a group: who is in which row."""

from collections.abc import Mapping

from barometre.estimates.disclosure import MASKED, Thresholds
from barometre.questionnaire.definition import DONT_KNOW
from barometre.results.crossing import CrossRow, cross
from tests.data import make_counts, niort

#: code of the age → people, as many satisfied as not
OLD_ENOUGH = {3: 100, 5: 60}


def cross_ages(ages: Mapping[int, int]) -> list[CrossRow]:
    """Satisfaction by age; half of each group gave the best answer, half the worst."""
    asked = niort().current_wave.questionnaire
    groups = [
        (people // 2, {"quartier": 1, "secteur": 1, "age": age, "sexe": 1, "satisfaction": code})
        for age, people in ages.items()
        for code in (4, 1)
    ]
    return cross(asked, make_counts(asked, groups), "satisfaction", "age", Thresholds(), frozenset({3, 4}))


def test_everybody_stands_last() -> None:
    *groups, everybody = cross_ages({2: 40, **OLD_ENOUGH})
    assert everybody.base == sum(row.base or 0 for row in groups) == 200
    assert not any(row.group.unknown for row in groups)


def test_a_few_people_of_unknown_age_do_not_hide_the_smallest_group() -> None:
    *groups, everybody = cross_ages({2: 40, DONT_KNOW: 4, **OLD_ENOUGH})
    assert [row.base for row in groups if row.group.unknown] == [44]
    assert not any(row.shown.state == MASKED for row in groups)
    assert everybody.base == 204


def test_people_of_unknown_age_are_a_row_when_they_are_enough() -> None:
    *groups, everybody = cross_ages({2: 40, DONT_KNOW: 50, **OLD_ENOUGH})
    assert [(row.group.codes, row.base) for row in groups if row.group.unknown] == [((), 50)]
    assert everybody.base == 250


def test_a_small_group_is_masked_with_the_same_one_whatever_the_question() -> None:
    asked = niort().current_wave.questionnaire
    # One person of another sex, without opinion on the second question, where men are more than women.
    women, men, other = ({"quartier": 1, "secteur": 1, "age": 3, "sexe": code} for code in (1, 2, 3))
    groups = [
        *((27, women | {"satisfaction": code, "ambiance": code}) for code in (4, 1)),
        *((5, women | {"satisfaction": code, "ambiance": DONT_KNOW}) for code in (4, 1)),
        *((28, men | {"satisfaction": code, "ambiance": code}) for code in (4, 1)),
        (1, other | {"satisfaction": 4, "ambiance": DONT_KNOW}),
    ]
    counts = make_counts(asked, groups)
    for item in ("satisfaction", "ambiance"):
        rows = cross(asked, counts, item, "sexe", Thresholds(), frozenset({3, 4}))
        assert [row.shown.state == MASKED for row in rows] == [False, True, True, False]
