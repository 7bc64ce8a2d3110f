"""The counts that can lie behind a figure that the first wave printed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from barometre.estimates.published import counts_within, feasible_counts, summed_counts
from barometre.questionnaire.town import PublishedFigure


@lru_cache(maxsize=512)
def list_feasible(figure: PublishedFigure) -> tuple[tuple[int, int], ...]:
    """Every count that can lie behind a published figure, whichever way it was rounded."""
    if figure.kind != "rounded":
        return counts_within(figure.lower, figure.upper, figure.base_min, figure.base_max)
    printed = (round(figure.value), figure.base_min, figure.base_max)
    once = feasible_counts(*printed)
    if not figure.may_be_sum:
        return once
    return tuple(sorted({*once, *summed_counts(*printed)}, key=lambda pair: (pair[1], pair[0])))


def span_bases(pairs: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    """Fewest and most answers among some counts; None when there is no count."""
    bases = [m for _, m in pairs]
    return (min(bases), max(bases)) if bases else None
