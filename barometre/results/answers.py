"""From counts to what each quartier answered to one item."""

from __future__ import annotations

from barometre.estimates.counts import DONT_KNOW, REFUSED, Counts, width
from barometre.estimates.disclosure import Answers
from barometre.questionnaire.definition import ResponseScale
from barometre.questionnaire.town import Town


def gather_answers(town: Town, counts: Counts, item: str, scale: ResponseScale) -> list[Answers]:
    """What each quartier answered to one item, in the order of the town."""
    place = counts.position[item]
    found = []
    for quartier in town.quartiers:
        people = counts.by_quartier.get(quartier.code)
        own = [0] * width(counts.highest_code) if people is None else people[place].tolist()
        options = {option.code: own[counts.slots[option.code]] for option in scale.options}
        silent = sum(own[counts.slots[code]] for code in (DONT_KNOW, REFUSED))
        found.append(Answers(quartier.id, options, silent))
    return found
