"""From counts to what each quartier answered to one item."""

from __future__ import annotations

from barometre.estimates.counts import Counts
from barometre.estimates.disclosure import Answers
from barometre.questionnaire.definition import ResponseScale
from barometre.questionnaire.town import Town


def gather_answers(town: Town, counts: Counts, item: str, scale: ResponseScale) -> list[Answers]:
    """What each quartier answered to one item, in the order of the town."""
    axis = counts.axis(counts.cell_items[0])
    found = []
    for quartier in town.quartiers:
        inside = counts.where(axis == quartier.code)
        options = {option.code: int(inside.given(item, (option.code,)).sum()) for option in scale.options}
        found.append(Answers(quartier.id, options, int(inside.silent(item).sum())))
    return found
