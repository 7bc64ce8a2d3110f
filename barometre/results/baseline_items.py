"""The baseline item by item: what the first wave printed beside what its own interviews say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from barometre.estimates.counts import Counts
from barometre.estimates.disclosure import ALL, Answers, Thresholds, add_answers
from barometre.questionnaire.town import Indicator, PublishedFigure, PublishedWave, Town
from barometre.results.answers import gather_answers
from barometre.results.findings import thresholds
from barometre.results.recounted import Recounted, is_out, matches, recount_item


@dataclass(frozen=True)
class Check:
    """A printed figure beside the interviews of its domain."""

    figure: PublishedFigure
    #: people who gave its answers, and the expressed base; None where they may not be told
    people: int | None = None
    base: int | None = None
    #: whether the count can have been printed so; None where that cannot be told
    agrees: bool | None = None
    #: whether there are answers that may not be told
    hidden: bool = False


@dataclass(frozen=True)
class BaselineItem:
    """One item of the first wave, as it is decided on."""

    indicator: Indicator
    checks: tuple[Check, ...]
    #: domains where nothing was printed of the headline answers, and what may be shown there
    unprinted: tuple[tuple[str, Recounted | None], ...]
    #: whether some interview answered it
    answered: bool


def list_items(town: Town) -> tuple[str, ...]:
    """Items of the first wave that have a headline share."""
    first = town.first_wave
    return tuple(i.item for i in town.indicators if first and i.item in first.questionnaire.by_id)


def check_items(town: Town, counts: Counts | None) -> list[BaselineItem]:
    """Every item with its printed figures and, where there are interviews, what these say."""
    first = town.first_wave
    published = first.published if first else None
    if published is None:
        return []
    return [_check_item(town, published, town.indicator_of[item], counts) for item in list_items(town)]


def _check_item(
    town: Town, published: PublishedWave, indicator: Indicator, counts: Counts | None
) -> BaselineItem:
    item, design = indicator.item, town.current_wave.design
    assert design is not None
    figures = [figure for figure in published.figures if item in figure.items]
    domains = (ALL, *(quartier.id for quartier in town.quartiers))
    bare = [domain for domain in domains if not published.find(item, domain)]
    scale = town.waves[published.wave].questionnaire.by_id[item].scale
    if counts is None or item not in counts.position or scale is None or not counts.expressed(item).sum():
        return BaselineItem(
            indicator, tuple(Check(figure) for figure in figures), tuple((d, None) for d in bare), False
        )
    answers = gather_answers(town, counts, item, scale)
    recounted = recount_item(town, counts, indicator, thresholds(design))
    return BaselineItem(
        indicator,
        tuple(_check(figure, answers, recounted, thresholds(design)) for figure in figures),
        tuple((domain, recounted.get(domain)) for domain in bare),
        True,
    )


def _check(
    figure: PublishedFigure,
    answers: list[Answers],
    recounted: Mapping[str, Recounted],
    smallest: Thresholds,
) -> Check:
    parts = figure.domain.split("+")
    found = add_answers([a for a in answers if figure.domain == ALL or a.domain in parts])
    people, base = found.count(figure.codes), found.base
    # A figure printed for several items at once is none of each; of a few answers nothing is told.
    enough = base >= smallest.percentage and len(figure.items) == 1
    agrees = matches(figure, people, base) if enough else None
    told = recounted.get(figure.domain)
    # The count of several quartiers, taken from the whole, would tell that of another one.
    if told is None or told.hidden or not is_out(figure, found, smallest):
        return Check(figure, agrees=agrees, hidden=base > 0)
    return Check(figure, people, base, agrees)
