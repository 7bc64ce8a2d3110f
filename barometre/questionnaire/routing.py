"""Which items are on the route, given the answers so far; `route.js` mirrors it on the tablet."""

from __future__ import annotations

from collections.abc import Mapping

from barometre.questionnaire.definition import Item, Questionnaire


def on_route(item: Item, codes: Mapping[str, int], reached: set[str]) -> bool:
    """Whether `item` is asked: its condition's item was asked and answered with one of the codes."""
    return item.when is None or (item.when.item in reached and codes.get(item.when.item) in item.when.codes)


def find_route(questionnaire: Questionnaire, codes: Mapping[str, int]) -> list[str]:
    """Ids of the items on the route, in the order asked.

    `codes` holds the closed answers given so far; a condition on an item that is itself off the route
    is not met.
    """
    reached: set[str] = set()
    for item in questionnaire.items:
        if on_route(item, codes, reached):
            reached.add(item.id)
    return [item.id for item in questionnaire.items if item.id in reached]
