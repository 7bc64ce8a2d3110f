"""One question crossed with quartier, age or sex, for analysts: live counts, the same guards."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from barometre.estimates.counts import Counts
from barometre.estimates.disclosure import (
    ALL,
    Answers,
    Shown,
    Thresholds,
    mask_small_bases,
    protect,
    sides_together,
)
from barometre.questionnaire.definition import Questionnaire, ResponseScale


@dataclass(frozen=True)
class Group:
    """One group of a breakdown: a class (of age, of sex) or a single response option."""

    #: class id, None for a single option or for everybody
    class_id: str | None
    #: codes of the breakdown's item; empty for everybody, and for those whose group is unknown alone
    codes: tuple[int, ...]
    #: whether it takes those whose group is unknown
    unknown: bool = False


@dataclass(frozen=True)
class CrossRow:
    """What may be shown of one group."""

    group: Group
    #: people who gave an opinion, None when masked
    base: int | None
    #: people without opinion to the nearest ten, None when masked
    silent: int | None
    #: (codes answered together, unweighted share), in the order shown; empty without distribution
    parts: tuple[tuple[tuple[int, ...], float], ...]
    shown: Shown


def list_groups(scale: ResponseScale) -> list[Group]:
    """The groups that an item of the weighting cell makes: its classes, and each option without one."""
    groups: dict[str, Group] = {}
    for option in scale.options:
        class_id = option.class_id if option.class_id in scale.classes else None
        key = class_id or f"option {option.code}"
        codes = groups[key].codes if key in groups else ()
        groups[key] = Group(class_id, (*codes, option.code))
    return list(groups.values())


def list_order(questionnaire: Questionnaire, item: str, headline: frozenset[int]) -> list[int]:
    """Codes of an item as a crossing shows them, the headline ones side by side."""
    scale = questionnaire.by_id[item].scale
    assert scale is not None
    return sides_together([option.code for option in scale.options], headline)


def cross(
    questionnaire: Questionnaire,
    counts: Counts,
    item: str,
    by: str,
    thresholds: Thresholds,
    headline: frozenset[int] = frozenset(),
) -> list[CrossRow]:
    """Rows of `item` by `by` (an item of the weighting cell), everybody last.

    `headline` lists the codes of the item's public share. Groups below the smallest base are masked together
    with another one, so that nothing follows from the total by subtraction. People whose group is unknown are
    a row when they are enough; when they are few, they join the smallest group instead of hiding it. Both
    depend on the interviews of a group, so that a group hidden in one question does not show by another.
    """
    scale = questionnaire.by_id[by].scale
    assert scale is not None
    groups = list_groups(scale)
    order = list_order(questionnaire, item, headline)
    axis = counts.axis(by)
    nobody_knows = ~np.isin(axis, [code for group in groups for code in group.codes])

    @cache
    def find(group: Group) -> Counts:
        return counts.where(np.isin(axis, group.codes) | (nobody_knows & group.unknown))

    unknown = Group(None, (), unknown=True)
    met = [place for place, group in enumerate(groups) if find(group).total]
    if find(unknown).total >= thresholds.mask or (find(unknown).total and not met):
        groups = [*groups, unknown]
    elif find(unknown).total:
        smallest = min(met, key=lambda place: find(groups[place]).total)
        groups[smallest] = replace(groups[smallest], unknown=True)
    names = [f"{place:03d}" for place in range(len(groups))]
    answers = [_count(find(group), item, order, name) for name, group in zip(names, groups, strict=True)]
    sizes = {name: find(group).total for name, group in zip(names, groups, strict=True)}
    always = frozenset(mask_small_bases(sizes, thresholds.mask))
    # Without a headline, half of the options stand for it: the guards need two sides, whichever they are.
    side = headline or frozenset(order[: len(order) // 2])
    shown = protect(answers, order, side, thresholds, always)
    rows = [_row(group, found, shown[found.domain]) for group, found in zip(groups, answers, strict=True)]
    return [*rows, _row(Group(None, ()), _count(counts, item, order, ALL), shown[ALL])]


def _count(inside: Counts, item: str, order: list[int], domain: str) -> Answers:
    return Answers(
        domain,
        {code: int(inside.given(item, (code,)).sum()) for code in order},
        int(inside.silent(item).sum()),
    )


def _row(group: Group, answers: Answers, shown: Shown) -> CrossRow:
    parts = tuple((block, answers.count(frozenset(block)) / answers.base) for block in shown.blocks)
    return CrossRow(group, shown.base, shown.silent, parts, shown)
