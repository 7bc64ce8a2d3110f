"""What makes a question of one wave another question than before."""

from dataclasses import replace

import pytest

from barometre.questionnaire.comparability import (
    FILTER,
    IDENTICAL,
    MODIFIED,
    NEW,
    OPTIONS,
    REMOVED,
    SCALE,
    STEM,
    WORDING,
    Correspondence,
    match_items,
)
from barometre.questionnaire.definition import Condition, Item, Questionnaire
from tests.data import niort

WAVE = niort().current_wave.questionnaire
ITEM = WAVE.by_id["satisfaction"]
BATTERY = next(item for item in WAVE.items if item.battery)


def change(item: Item) -> Questionnaire:
    """The questionnaire with another form of one of its items."""
    sections = tuple(
        replace(section, items=tuple(item if own.id == item.id else own for own in section.items))
        for section in WAVE.sections
    )
    return replace(WAVE, sections=sections)


def match(first: Questionnaire | None, second: Questionnaire, item: str) -> Correspondence:
    (found,) = [found for found in match_items(first, second) if found.item == item]
    return found


def test_a_wave_is_identical_to_itself() -> None:
    found = match_items(WAVE, WAVE)
    assert [one.item for one in found] == [item.id for item in WAVE.items]
    assert {one.kind for one in found} == {IDENTICAL}


def test_another_wording_is_another_question() -> None:
    found = match(WAVE, change(replace(ITEM, text="Votre quartier vous plaît-il ?")), ITEM.id)
    assert (found.kind, found.differences) == (MODIFIED, (WORDING,))


@pytest.mark.parametrize("part", ["reworded", "moved", "dropped"])
def test_other_answers_are_another_question(part: str) -> None:
    scale = ITEM.scale
    assert scale is not None
    options = {
        "reworded": (replace(scale.options[0], label="Ravi"), *scale.options[1:]),
        "moved": scale.options[::-1],
        "dropped": scale.options[:-1],
    }[part]
    found = match(WAVE, change(replace(ITEM, scale=replace(scale, options=options))), ITEM.id)
    assert (found.kind, found.differences) == (MODIFIED, (OPTIONS,))


def test_a_scale_without_order_and_a_filter_are_told() -> None:
    scale = ITEM.scale
    assert scale is not None
    other = replace(ITEM, scale=replace(scale, type="nominal"), when=Condition("age", frozenset({3})))
    assert match(WAVE, change(other), ITEM.id).differences == (SCALE, FILTER)


def test_the_stem_of_a_battery_is_a_part_of_its_questions() -> None:
    name = BATTERY.battery or ""
    batteries = WAVE.batteries | {name: replace(WAVE.batteries[name], stem="Autrement dit")}
    assert match(WAVE, replace(WAVE, batteries=batteries), BATTERY.id).differences == (STEM,)


def test_an_item_of_one_wave_alone_is_new_or_removed() -> None:
    without = replace(
        WAVE,
        sections=tuple(
            replace(section, items=tuple(item for item in section.items if item.id != ITEM.id))
            for section in WAVE.sections
        ),
    )
    assert match(without, WAVE, ITEM.id).kind == NEW
    assert match_items(WAVE, without)[-1].item == ITEM.id
    assert match_items(WAVE, without)[-1].kind == REMOVED
    assert {found.kind for found in match_items(None, WAVE)} == {NEW}


def test_what_was_put_together_again_is_marked() -> None:
    assert match(WAVE, WAVE, ITEM.id).deduced  # its scale is not confirmed
    assert ITEM.scale is not None
    sure = replace(ITEM, confirmed=True, scale=replace(ITEM.scale, confirmed=True))
    assert not match(change(sure), WAVE, ITEM.id).deduced


def test_what_niort_asks_again_has_not_changed() -> None:
    first = niort().first_wave
    assert first is not None
    found = match_items(first.questionnaire, WAVE)
    assert {one.kind for one in found if one.first and one.second} == {IDENTICAL}
    assert [one.item for one in found if one.kind == NEW] == [
        i.id for i in WAVE.items if i.since == WAVE.wave
    ]
