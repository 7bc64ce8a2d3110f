"""Shares by age and sex: what a crossing shows, and nothing that the other pages would open."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from flask import Flask

from barometre.estimates.counts import Counts
from barometre.questionnaire.town import Town
from barometre.results.crossing import cross
from barometre.results.findings import find_results, thresholds
from barometre.results.groups import (
    GROUP_HIDDEN,
    QUARTIER_HIDDEN,
    TOO_CLOSE,
    Breakdown,
    break_down,
    list_breakdowns,
    list_weighted,
)
from tests.data import make_counts, niort
from tests.results.released import read, read_words, release
from tests.support import make_app

PATH = "/jeunes-aines-femmes"
#: codes of three ages, one in each class
YOUNG, MIDDLE, OLD = 2, 3, 5
FULL = {YOUNG: 20, MIDDLE: 20, OLD: 20}


def count(ages: Mapping[int, int], quartiers: tuple[int, ...] = (1, 2, 3), *, men: int = 1) -> Counts:
    """Interviews of each age in each quartier, half of them satisfied; each quartier in two sexes."""
    asked = niort().current_wave.questionnaire
    groups = [
        (people // 4, {"quartier": q, "secteur": 1, "age": age, "sexe": sex, "satisfaction": code})
        for q in quartiers
        for age, people in ages.items()
        for sex in (1, 1 + men)
        for code in (4, 1)
    ]
    return make_counts(asked, groups)


def break_satisfaction(counts: Counts, by: str, *earlier: Counts) -> Breakdown:
    """Satisfaction by age or sex."""
    town = niort()
    findings = find_results(town, counts)
    return break_down(town, findings, counts, town.indicator_of["satisfaction"], by, earlier)


def test_age_and_sex_make_the_groups_and_nothing_that_the_interviewer_notes() -> None:
    assert list_breakdowns(niort()) == ["age", "sexe"]
    assert list_weighted(niort()) & {"age", "sexe"} == {"age"}


def test_groups_are_those_of_the_analysis_without_the_row_of_everybody() -> None:
    town, counts = niort(), count(FULL)
    design = town.current_wave.design
    assert design is not None
    for by in ("age", "sexe"):
        rows = cross(
            town.current_wave.questionnaire,
            counts,
            "satisfaction",
            by,
            thresholds(design),
            town.indicator_of["satisfaction"].codes,
        )
        found = break_satisfaction(counts, by)
        asked = [row for row in rows[:-1] if row.base]
        assert [(one.group, one.state, one.base) for one in found.shares] == [
            (row.group, row.shown.state, row.base) for row in asked
        ]
        assert [one.share for one in found.shares] == [0.5] * len(asked)


def test_nothing_is_shown_where_a_quartier_is_hidden() -> None:
    # Ten interviews in the third quartier: it is masked, and another one with it.
    town = niort()
    asked = town.current_wave.questionnaire
    few = [
        (10, {"quartier": 3, "secteur": 1, "age": MIDDLE, "sexe": 1, "satisfaction": 4}),
        *(
            (40, {"quartier": q, "secteur": 1, "age": age, "sexe": sex, "satisfaction": code})
            for q in (1, 2)
            for age in FULL
            for sex in (1, 2)
            for code in (4, 1)
        ),
    ]
    for by in ("age", "sexe"):
        found = break_satisfaction(make_counts(asked, few), by)
        assert (found.withheld, found.shares) == (QUARTIER_HIDDEN, ())


def test_ages_are_shown_together_or_not_at_all() -> None:
    found = break_satisfaction(count({YOUNG: 8, MIDDLE: 40, OLD: 40}), "age")
    assert (found.withheld, found.shares) == (GROUP_HIDDEN, ())
    # Sex enters no weighting: what may be shown of it stays.
    assert [one.share for one in break_satisfaction(count({YOUNG: 8, MIDDLE: 40, OLD: 40}), "sexe").shares]


def test_a_small_group_is_masked_with_another_one() -> None:
    town = niort()
    asked = town.current_wave.questionnaire
    person = {"quartier": 1, "secteur": 1, "age": MIDDLE, "satisfaction": 4}
    others = [
        (people, {"quartier": q, "secteur": 1, "age": age, "sexe": sex, "satisfaction": code})
        for q in (1, 2, 3)
        for age in FULL
        for sex, people in ((1, 10), (2, 8))
        for code in (4, 1)
    ]
    found = break_satisfaction(make_counts(asked, [*others, (3, person | {"sexe": 3})]), "sexe")
    assert [one.state for one in found.shares] == ["plain", "masked", "masked"]
    assert [one.base is None for one in found.shares] == [False, True, True]


@pytest.mark.parametrize(
    ("more", "shown"),
    [({}, True), ({YOUNG: 4, MIDDLE: 20, OLD: 20}, True), ({YOUNG: 0, MIDDLE: 20, OLD: 20}, False)],
    ids=["the same release", "enough of each", "nobody young"],
)
def test_a_later_release_shows_a_breakdown_only_where_every_group_grew(
    more: dict[int, int], shown: bool
) -> None:
    before = count(FULL)
    now = count({age: people + more.get(age, 0) for age, people in FULL.items()})
    assert break_satisfaction(before, "age").shares
    found = break_satisfaction(now, "age", before)
    assert bool(found.shares) == shown
    assert found.withheld == ("" if shown else TOO_CLOSE)


def test_one_more_elder_is_not_told_by_two_releases() -> None:
    town, before = niort(), count(FULL)
    asked = town.current_wave.questionnaire
    groups = [
        (number, {"quartier": q, "secteur": 1, "age": age, "sexe": sex, "satisfaction": code})
        for q in (1, 2, 3)
        for age, people in FULL.items()
        for sex in (1, 2)
        for code in (4, 1)
        for number in (people // 4 + (6 if age == MIDDLE else 0),)
    ]
    elder = {"quartier": 1, "secteur": 1, "age": OLD, "sexe": 1, "satisfaction": 4}
    now = make_counts(asked, [*groups, (1, elder)])
    assert break_satisfaction(now, "age", before).withheld == TOO_CLOSE
    # By sex, each group grew by enough.
    assert break_satisfaction(now, "sexe", before).shares


@pytest.fixture
def app(sqlite_url: str) -> Flask:
    """Niort, released."""
    return release(make_app(sqlite_url), 180)


def test_the_page_shows_each_share_with_its_base_and_no_interval(app: Flask) -> None:
    html = read(app, PATH)
    town: Town = app.extensions["town"]
    for indicator in town.indicators:
        assert html.count(f'<section class="block" id="{indicator.item}">') == 1
    rows = re.findall(r"<tr>(.*?)</tr>", html, re.S)
    shares = [read_words(row) for row in rows if "share-bar" in row]
    assert len(shares) > 40
    for words in shares:
        assert re.search(r"\d+ % \d+$", words), words
    assert "récision" not in read_words(html.split("<main")[1]).replace("pas une mesure précise", "")


def test_headline_figures_come_first(app: Flask) -> None:
    town: Town = app.extensions["town"]
    order = re.findall(r'<section class="block" id="([a-z0-9_]+)">', read(app, PATH))
    headlines = [indicator.item for indicator in town.indicators if indicator.headline]
    assert order[: len(headlines)] == headlines


def test_the_second_release_knows_the_first_one(app: Flask) -> None:
    # Middle-aged people only: two releases together would tell of them alone.
    release(app, 90, 180, age=MIDDLE)
    words = read_words(read(app, PATH))
    assert "trop peu de personnes de plus que dans la publication d’avant" in words


def test_the_page_waits_for_a_release(sqlite_url: str) -> None:
    assert "ne sont pas encore publiés" in read_words(read(make_app(sqlite_url), PATH))
