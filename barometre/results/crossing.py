"""One question crossed with quartier, age or sex, for analysts: live counts, the same guards."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from barometre.estimates.counts import Counts
from barometre.estimates.disclosure import ALL, MASKED, Answers, Shown, Thresholds, protect
from barometre.questionnaire.definition import Questionnaire
from barometre.results.findings import sides_together


@dataclass(frozen=True)
class CrossRow:
    """One group of a breakdown."""

    #: code of the group in its item; None for everybody
    code: int | None
    #: people who gave an opinion, None when masked
    base: int | None
    #: people without opinion, None when masked
    silent: int | None
    #: unweighted share of each option, None where it may not be shown
    shares: tuple[float | None, ...]
    shown: Shown


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
    with another one, so that nothing follows from the total by subtraction.
    """
    scale, groups = questionnaire.by_id[item].scale, questionnaire.by_id[by].scale
    assert scale is not None
    assert groups is not None
    order = [option.code for option in scale.options]
    axis, known = counts.axis(by), [group.code for group in groups.options]
    answers = [_count(counts.where(axis == code), item, order, f"{code:03d}") for code in known]
    # Whoever did not say which group is theirs has no row, and must not follow from the total either.
    unknown = _count(counts.where(~np.isin(axis, known)), item, order, "unknown")
    everybody = _count(counts, item, order, ALL)
    # Without a headline, half of the options stand for it: the guards need two sides, whichever they are.
    side = headline or frozenset(order[: len(order) // 2])
    shown = protect([*answers, unknown], sides_together(order, side), side, thresholds)
    if by != questionnaire.cell[0]:
        # People without opinion are told by quartier alone: a second table would tell the small numbers.
        shown = {domain: replace(found, silent=None) for domain, found in shown.items()}
    rows = [_row(code, found, shown[found.domain], order) for code, found in zip(known, answers, strict=True)]
    return [*rows, _row(None, everybody, shown[ALL], order)]


def _count(inside: Counts, item: str, order: list[int], domain: str) -> Answers:
    return Answers(
        domain,
        {code: int(inside.given(item, (code,)).sum()) for code in order},
        int(inside.silent(item).sum()),
    )


def _row(code: int | None, answers: Answers, shown: Shown, order: list[int]) -> CrossRow:
    if shown.state == MASKED:
        return CrossRow(code, None, None, (None,) * len(order), shown)
    single = {block[0] for block in shown.blocks if len(block) == 1}
    shares = tuple(
        answers.options[option] / answers.base if option in single and answers.base else None
        for option in order
    )
    silent = shown.silent if shown.silent is not None and shown.silent >= 0 else None
    return CrossRow(code, answers.base, silent, shares, shown)
