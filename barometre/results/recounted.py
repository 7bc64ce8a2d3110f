"""The first wave's own interviews, where they have turned up and somebody decided to use them.

What they tell is exact and never weighted. Figures that were printed are out already; whatever was not is
protected like any other, so that no small number of people follows from what is shown beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from barometre.estimates.counts import Counts
from barometre.estimates.disclosure import (
    ALL,
    CAUTION,
    MASKED,
    NO_PERCENTAGE,
    NOT_ASKED,
    PLAIN,
    SMALL,
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
    states = _protect(answers, indicator, item.scale, printed, thresholds)
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


def is_out(figure: PublishedFigure, found: Answers, thresholds: Thresholds) -> bool:
    """Whether a printed figure gave the count of its answers away, as far as its base can be that count's.

    A part of the interviews was not printed; nor was a small side that the figure denies.
    """
    people, base = found.count(figure.codes), found.base
    if not max(thresholds.percentage, figure.base_min) <= base <= figure.base_max:
        return False
    return min(people, base - people) >= SMALL or matches(figure, people, base)


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
    printed: Mapping[str, tuple[PublishedFigure, ...]],
    thresholds: Thresholds,
) -> dict[str, str]:
    """State of every domain; what was printed is out, so it neither needs hiding nor can hide anything.

    It is out only where the interviews are those that were printed: a part of them is as secret as any.
    """
    order = sides_together([option.code for option in scale.options], indicator.codes)

    def show(quartiers: list[Answers]) -> dict[str, str]:
        shown = protect(quartiers, order, indicator.codes, thresholds)
        return {domain: found.state for domain, found in shown.items()}

    alone = {found.domain: show([found])[ALL] for found in answers} | {ALL: show(answers)[ALL]}
    told = {found.domain: found for found in (*answers, add_answers(answers)) if found.base}
    out = {
        domain
        for domain, found in told.items()
        if any(is_out(figure, found, thresholds) for figure in printed[domain])
    }
    kept = {domain for domain in told if printed[domain] and domain not in out}
    if kept:
        return _protect_kept(alone, out, kept)
    sensitive = [
        domain
        for domain, state in alone.items()
        if domain != ALL and domain not in out and state not in (PLAIN, CAUTION, NOT_ASKED)
    ]
    if not sensitive:
        return alone | dict.fromkeys(out, PLAIN)
    states = show(answers)
    if any(states[domain] not in (PLAIN, CAUTION, NOT_ASKED) for domain in out - {ALL}):
        # It would hide behind a figure that everybody has: only what was printed is told.
        return {domain: state if state == NOT_ASKED else MASKED for domain, state in states.items()}
    return states


def _protect_kept(alone: Mapping[str, str], out: set[str], kept: set[str]) -> dict[str, str]:
    """States where some printed figures, `kept`, go on speaking: the interviews must not tell them exactly.

    The total is never shown beside them, and what adds up to a kept total is not shown whole.
    """
    quartiers = {domain: state for domain, state in alone.items() if domain != ALL and state != NOT_ASKED}
    states = dict(alone)
    for domain, state in quartiers.items():
        if domain in kept or (domain not in out and kept == {ALL}):
            states[domain] = MASKED
        elif domain in out:
            states[domain] = PLAIN
        else:
            states[domain] = state
    if not any(states[domain] not in (PLAIN, CAUTION) for domain in quartiers):
        states |= dict.fromkeys(quartiers, MASKED)
    return states | {ALL: MASKED}
