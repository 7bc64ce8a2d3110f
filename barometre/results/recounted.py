"""The first wave's own interviews, where they have turned up and somebody decided to use them.

What they tell is exact and never weighted. Figures that were printed are out already; whatever was not is
protected like any other, so that no small number of people follows from what is shown beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from barometre.estimates.counts import Counts
from barometre.estimates.disclosure import (
    ALL,
    CAUTION,
    MASKED,
    NO_PERCENTAGE,
    NOT_ASKED,
    PLAIN,
    Answers,
    Thresholds,
    add_answers,
    protect,
    sides_together,
)
from barometre.questionnaire.definition import ResponseScale
from barometre.questionnaire.town import Indicator, PublishedFigure, PublishedWave, Town
from barometre.results.answers import gather_answers
from barometre.results.feasible import list_feasible

#: why a share of the first wave may not be shown or compared, by the state it is in
HIDDEN = {NOT_ASKED: "first_not_asked", NO_PERCENTAGE: "first_small_base"}


@dataclass(frozen=True)
class Microdata:
    """Counts of the first wave's interviews, and the items whose printed figures they replace."""

    counts: Counts
    items: frozenset[str]


@dataclass(frozen=True)
class Recounted:
    """One share of the first wave, worked out again from its interviews."""

    #: codes it adds up
    codes: frozenset[int]
    #: unweighted people who gave one of them, and the expressed base
    people: int
    base: int
    #: "" or the id of the sentence that says why it may not be shown
    hidden: str
    #: "" or the id of the sentence that forbids to compare with it
    blocked: str
    #: whether every printed figure of the same answers can be its rounding
    agrees: bool = True

    @property
    def share(self) -> float:
        """0-1."""
        return self.people / self.base


def recount_item(
    town: Town, counts: Counts, indicator: Indicator, thresholds: Thresholds
) -> dict[str, Recounted]:
    """The headline share of one item in every domain; a domain that its printed figure has to speak for is
    left out.
    """
    first = town.first_wave
    item = first.questionnaire.by_id.get(indicator.item) if first else None
    if first is None or first.published is None or item is None or item.scale is None:
        return {}
    answers = gather_answers(town, counts, indicator.item, item.scale)
    printed = {
        domain: _find_printed(first.published, indicator, domain, item.scale.codes)
        for domain in (*(found.domain for found in answers), ALL)
    }
    states = _protect(
        answers, indicator, item.scale, {d for d, found in printed.items() if found}, thresholds
    )
    incomplete = any(not found.base for found in answers)
    recounted = {}
    for found in (*answers, add_answers(answers)):
        state = states[found.domain]
        hidden = "" if state in (PLAIN, CAUTION) else HIDDEN.get(state, "first_masked")
        if hidden and printed[found.domain]:
            continue
        blocked = hidden or ("first_small_base" if found.base < thresholds.percentage else "")
        if found.domain == ALL and incomplete:
            blocked = blocked or "quartier_absent"
        people = found.count(indicator.codes)
        agrees = all(
            matches(figure, found.count(figure.codes), found.base) for figure in printed[found.domain]
        )
        recounted[found.domain] = Recounted(indicator.codes, people, found.base, hidden, blocked, agrees)
    return recounted


def matches(figure: PublishedFigure, people: int, base: int) -> bool:
    """Whether a count can have been printed as a figure; its own base stands for the one supposed."""
    if not 0 < base <= figure.base_max:
        return False
    return (people, base) in list_feasible(replace(figure, base_min=base, base_max=base))


def _find_printed(
    published: PublishedWave, indicator: Indicator, domain: str, codes: frozenset[int]
) -> tuple[PublishedFigure, ...]:
    """Printed shares of the very answers of an indicator, or of all its others."""
    sides = (indicator.codes, codes - indicator.codes)
    return tuple(
        figure
        for figure in published.find(indicator.item, domain)
        if figure.codes in sides and figure.comparability != "no"
    )


def _protect(
    answers: list[Answers],
    indicator: Indicator,
    scale: ResponseScale,
    printed: set[str],
    thresholds: Thresholds,
) -> dict[str, str]:
    """State of every domain; what was printed is out, so it neither needs hiding nor can hide anything."""
    order = sides_together([option.code for option in scale.options], indicator.codes)

    def show(quartiers: list[Answers]) -> dict[str, str]:
        shown = protect(quartiers, order, indicator.codes, thresholds)
        return {domain: found.state for domain, found in shown.items()}

    alone = {found.domain: show([found])[ALL] for found in answers}
    sensitive = [
        domain
        for domain, state in alone.items()
        if domain not in printed and state not in (PLAIN, CAUTION, NOT_ASKED)
    ]
    if not sensitive:
        states = alone | {ALL: show(answers)[ALL]}
        return states | {domain: PLAIN for domain in printed if states[domain] != NOT_ASKED}
    states = show(answers)
    if any(states[domain] not in (PLAIN, CAUTION, NOT_ASKED) for domain in printed - {ALL}):
        # It would hide behind a figure that everybody has: only what was printed is told.
        return {domain: state if state == NOT_ASKED else MASKED for domain, state in states.items()}
    return states
